"""Words carried from one space to another by a few pairs, and where that stops (chapter 19)."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch19b_applications_language.words import MAPS, PAIRS, translation
from tlbook.course.studies import Study, grid

ANCHORS = (5, 10, 20, 50, 100, 200)


def trial(pair: str, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of every map from every number of anchors."""
    return [
        {"map": kind, "anchors": n} | translation(pair, kind, n, seed)
        for kind in MAPS
        for n in (ANCHORS if kind != "none" else ANCHORS[:1])
    ]


study = Study(trial, grid(pair=PAIRS, seed=tuple(range(8))))
