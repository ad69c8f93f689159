"""A network on spectrograms, men → children: which augmentation carries it over (chapter 19).

Pitch and length of the vocal tract are changed one by one and together, so that the cause is known.
"""

from __future__ import annotations

import time
from typing import Any

from tlbook import data
from tlbook.course.ch19b_applications_language.recognizer import METHODS
from tlbook.course.studies import Study, grid
from tlbook.evaluation import measure


def trial(method: str, seed: int) -> dict[str, Any]:
    """Return the accuracy on children, and seconds of the processor."""
    task = data.load("vowels", seed=seed, target="children")
    return measure(METHODS[method], task, seed, clock=time.process_time)


study = Study(trial, grid(seed=tuple(range(8)), method=tuple(METHODS)))
