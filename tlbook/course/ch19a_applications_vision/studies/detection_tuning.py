"""The search for the settings of the detectors: 100 scenes, two seeds."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch19a_applications_vision.detection import N_TEST, ap50, detector, scenes
from tlbook.course.ch19a_applications_vision.detection_settings import DEVELOPMENT, STEPS, TRIED
from tlbook.course.studies import Study

N = 100


def trial(seed: int, arm: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the AP50 of one setting on scenes of a development seed."""
    detect = detector(scenes(N, seed), seed, arm=arm, steps=STEPS[N], **settings)
    return {"ap50": ap50(detect, scenes(N_TEST, seed, "test"))}


study = Study(
    trial,
    [
        {"seed": seed, "arm": arm, "settings": settings}
        for seed in DEVELOPMENT
        for arm, tried in TRIED.items()
        for settings in tried
    ],
)
