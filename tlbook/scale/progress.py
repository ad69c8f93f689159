"""How a run over several machines goes: one bar, in a terminal or a notebook."""

from __future__ import annotations

from typing import Any


class Progress:
    """A bar over all workers: done, failed, and how many workers there are."""

    def __init__(self, total: int, wanted: bool, unit: str = "run") -> None:
        self.failed, self.bar = 0, None
        if wanted:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=total, unit=unit, leave=False, delay=1)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: Any) -> None:
        if self.bar is not None:
            self.bar.close()

    def one(self, failed: bool, workers: int) -> None:
        """Count one job."""
        self.failed += failed
        if self.bar is not None:
            words = f"{workers} worker{'s' * (workers != 1)}" if workers else "taken up"
            self.bar.set_postfix_str(f"{words}, {self.failed} failed", refresh=False)
            self.bar.update()
