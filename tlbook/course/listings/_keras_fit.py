"""The fault that the documents' Keras listings share: ``fit`` sees no row but those it learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook.course.listings.fault import Fault


def nothing_held_out(
    model: Callable[[], Any],
    rows: Callable[[], tuple[Any, Any, Any, Any]],
    *,
    name: str = "nothing held out",
    wrong: str = "calls fit without validation data and never evaluates",
) -> Fault:
    """Return the fault: which numbers does the history hold after one epoch?

    Parameters
    ----------
    model : callable
        Returns the listing's network, compiled.
    rows : callable
        Returns pictures and labels to train on, and pictures and labels to hold out; few of each.
    name, wrong : str
        What stands in the table.
    """

    def watched(validation: bool) -> list[str]:
        X, y, X_held, y_held = rows()
        held = {"validation_data": (X_held, y_held)} if validation else {}
        return sorted(model().fit(X, y, epochs=1, verbose=0, **held).history)

    return Fault(
        name,
        wrong=wrong,
        symptom="only the accuracy on the training rows is seen",
        repair="validation_data (or validation_split), and a test set that is used once",
        broken=lambda: watched(False),
        repaired=lambda: watched(True),
        healthy=lambda value: "val_accuracy" in value,
        show=lambda value: f"the history has {', '.join(value)}",
    )
