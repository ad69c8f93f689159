"""The faults that the documents' Keras listings share: names out of nowhere, nothing held out."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from tlbook.course.listings.fault import Fault


def undefined(source: str) -> list[str]:
    """Return the names that a program uses and nobody defines, in order of appearance."""
    names = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)} | set(dir(builtins))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            made |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in names if node.id not in made))


def undefined_names(published: str, given: str, *, wrong: str, repair: str) -> Fault:
    """Return the fault: which names would stop a fresh process?

    Parameters
    ----------
    published : str
        The listing's lines.
    given : str
        The lines that define what it lacks.
    wrong, repair : str
        What stands in the table.
    """
    return Fault(
        "names that nobody defines",
        wrong=wrong,
        symptom="NameError",
        repair=repair,
        broken=lambda: undefined(published),
        repaired=lambda: undefined(given + published),
        healthy=lambda missed: not missed,
        show=lambda missed: f"not defined: {', '.join(missed)}" if missed else "all names defined",
    )


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
