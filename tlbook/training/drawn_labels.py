"""Labels of data that are read in draws: each draw is looked at before the loss sees it.

The labels of arrays are looked at once, before the first step. Those of a ``Dataset`` or a
``DataLoader`` are seen only as they are read, and torch's cross-entropy leaves the label −100 out
without a word.

The course's guard of stored results skips the call of :func:`watch`: it refuses or changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from torch import Tensor, nn

from tlbook.objective import Objective
from tlbook.training.datasets import DatasetPart, LoaderPart
from tlbook.training.draws import Drawn
from tlbook.training.refusals import check_classes


def watch(parts: Mapping[str, Drawn], objective: Objective, model: nn.Module) -> None:
    """Let the parts that are read in draws refuse labels that are no classes of the head.

    Raises
    ------
    ValueError
        By the part's ``at``, as :func:`~tlbook.training.refusals.check_classes` does for arrays.
    """
    for name, part in parts.items():
        if isinstance(part, DatasetPart | LoaderPart):
            part.at = _Looked(part, name, objective, model)  # type: ignore[method-assign]


class _Looked:
    """Reads a draw of a part and looks at its labels."""

    def __init__(self, part: Any, name: str, objective: Objective, model: nn.Module) -> None:
        self.read, self.name = part.at, name
        self.objective, self.model = objective, model

    def __call__(self, step: int) -> tuple[Tensor, Tensor | None]:
        x, y = self.read(step)
        check_classes({self.name: SimpleNamespace(y=y)}, self.objective, self.model)
        return x, y
