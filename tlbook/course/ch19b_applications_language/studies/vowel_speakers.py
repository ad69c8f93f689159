"""Vowels of men → women, children, everyone: physics against alignment (chapter 19).

Each speaker says ten vowels, or three of its own: then a speaker's mean says which vowels were
said, too. "Three alike": all of the target says the same three, so its mean says so as well.
"""

from __future__ import annotations

from typing import Any

from tlbook import data
from tlbook.course.ch19b_applications_language.speech import GRID, METHODS
from tlbook.course.studies import Study, words
from tlbook.evaluation import measure

SAID: dict[str, dict[str, Any]] = {
    "ten": {},
    "three": {"heard": 3},
    "three alike": {"heard": 3, "alike": True},
}
CASES = (
    ("women", "ten"),
    ("children", "ten"),
    ("everyone", "ten"),
    ("children", "three"),
    ("everyone", "three"),
    ("children", "three alike"),
)


def trial(target: str, said: str, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of every method at each of its settings."""
    task = data.load("vowels", seed=seed, target=target, **SAID[said])
    rows = []
    for name, method in METHODS.items():
        for settings in GRID.get(name, [{}]):
            if settings.get("k", 0) > 5 and said != "ten":
                continue  # of each vowel fewer were said
            row = measure(method, task, seed, settings)
            rows.append({"method": name, "settings": words(settings)} | row)
    return rows


study = Study(
    trial, [{"target": t, "said": said, "seed": seed} for t, said in CASES for seed in range(8)]
)
