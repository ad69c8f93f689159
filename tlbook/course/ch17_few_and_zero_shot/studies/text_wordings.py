"""Ten wordings of six descriptions, on torch's texts and on the stand-in (chapter 17)."""

from __future__ import annotations

from tlbook.course.ch17_few_and_zero_shot.descriptions import WORDINGS
from tlbook.course.ch17_few_and_zero_shot.text_cases import judged, stand_in, torch_topics
from tlbook.course.ch17_few_and_zero_shot.text_methods import zero_shot
from tlbook.course.studies import Study, grid


def trial(wording: str, seed: int) -> dict[str, float]:
    """Return zero-shot accuracy with a wording, plain and centered, here and on the stand-in."""
    row = {}
    for centered in (False, True):
        task, other = torch_topics(seed), stand_in(seed)
        options = {"wording": wording, "centered": centered}
        found = judged(task, zero_shot(task, seed, **options))  # type: ignore[arg-type]
        name = "centered" if centered else "plain"
        row[name], row[f"{name}_balanced"] = found["accuracy"], found["balanced"]
        row[f"{name}_stand_in"] = other.score(zero_shot(other, seed, **options))  # type: ignore[arg-type]
    return row


study = Study(trial, grid(wording=tuple(WORDINGS), seed=tuple(range(8))))
