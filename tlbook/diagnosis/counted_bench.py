"""What a budget of seconds left out of the rehearsals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook.diagnosis.bench import Rehearsals


class CountedBench:
    """A bench that remembers how often each assumption was rehearsed."""

    def __init__(self, bench: Callable[..., Rehearsals]) -> None:
        self.bench = bench
        self.times: dict[str, int] = {}

    def __call__(self, *args: Any, **options: Any) -> Rehearsals:
        tried = self.bench(*args, **options)
        self.times = {
            name: min(len(each) for each in here.values()) for name, here in tried.values.items()
        }
        return tried

    @property
    def fewest(self) -> int | None:
        """Rehearsals under the assumption that got fewest; None without assumptions."""
        return min(self.times.values(), default=None)

    def said(self, rehearsals: int, seconds: float) -> str:
        """Return a sentence about what the budget left out; empty where it left out nothing."""
        cut = [f"{name}: {n}" for name, n in self.times.items() if n < rehearsals]
        if not cut:
            return ""
        return (
            f"The budget of {seconds:g} seconds was used up before all {rehearsals} rehearsals "
            f"under each assumption ({', '.join(cut)}). More seconds give narrower intervals."
        )
