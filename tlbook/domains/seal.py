"""Where a task keeps its target labels: in closures, which no attribute shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook._base.checks import check_inputs, check_labels

Pair = tuple[Any, Any]


class Seal:
    """Keeps the target's labels in closures: no attribute, ``repr`` or ``vars`` shows them."""

    __slots__ = ("test", "train")

    def __init__(self, train: Callable[[], Pair], test: Callable[[], Pair]) -> None:
        self.train = train
        self.test = test

    def __repr__(self) -> str:
        return "<sealed target labels>"

    def __reduce__(self) -> Any:
        raise TypeError("sealed target labels cannot be pickled; pickle the Task")


def read_once(pair: Pair | Callable[[], Pair], name: str) -> Callable[[], Pair]:
    """Return a function that makes, checks and remembers ``(X, y)``."""
    memory: list[Pair] = []

    def get() -> Pair:
        if not memory:
            X, y = pair() if callable(pair) else pair
            rows = check_inputs(X, f"X of {name}")
            memory.append((rows, check_labels(y, len(rows), f"y of {name}")))
        return memory[0]

    if not callable(pair):
        get()
    return get
