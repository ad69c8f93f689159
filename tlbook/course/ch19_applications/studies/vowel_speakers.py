"""Vowels of men → women and children: physics against alignment (chapter 19).

Ten vowels of each speaker, or three of them: then a speaker's mean says which vowels were said, too.
"""

from __future__ import annotations

from typing import Any

from tlbook import data
from tlbook.course.ch19_applications.speech import GRID, METHODS
from tlbook.course.studies import Study, words
from tlbook.evaluation import measure


def trial(target: str, heard: int, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of every method at each of its settings."""
    task = data.load("vowels", seed=seed, target=target, heard=heard)
    rows = []
    for name, method in METHODS.items():
        for settings in GRID.get(name, [{}]):
            if settings.get("k", 0) > 2 and heard < 10:
                continue  # of each vowel fewer were said
            row = measure(method, task, seed, settings)
            rows.append({"method": name, "settings": words(settings)} | row)
    return rows


study = Study(
    trial,
    [
        {"target": target, "heard": heard, "seed": seed}
        for target in ("women", "children")
        for heard in (10, 3)
        for seed in range(8)
    ],
)
