"""A progress bar for runs that take long enough to need one."""

from __future__ import annotations

import os
import time
from typing import Any


class Bar:
    """A progress bar that appears only after two seconds, and never in a captured run.

    Parameters
    ----------
    steps : int
        Steps in all.
    wanted : bool or None
        ``None``: unless the environment variable ``TLBOOK_QUIET`` is set.
    done : int
        Steps made before (by the run that is taken up again).
    """

    def __init__(self, steps: int, wanted: bool | None, done: int = 0) -> None:
        quiet = bool(os.environ.get("TLBOOK_QUIET"))
        self.steps, self.wanted = steps, wanted if wanted is not None else not quiet
        self.start, self.done = time.perf_counter(), done
        self.bar: Any = None

    def update(self) -> None:
        """Count one step."""
        self.done += 1
        if not self.wanted:
            return
        if self.bar is None:
            if time.perf_counter() - self.start < 2.0 or self.done == self.steps:
                return
            from tqdm.auto import tqdm

            self.bar = tqdm(total=self.steps, initial=self.done, leave=False, unit="step")
        self.bar.update(self.done - self.bar.n)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self.bar is not None:
            self.bar.close()
