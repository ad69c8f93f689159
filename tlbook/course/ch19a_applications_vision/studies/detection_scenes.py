"""Frozen, fine-tuned and random backbones under the same detector: 20 and 100 scenes.

All arms make equally many steps. ``seconds`` are those of the processor for the training, the
cached maps of the frozen backbone included. ``detection_many`` has 500 scenes.
"""

from __future__ import annotations

from time import process_time
from typing import Any

from tlbook.course.ch19a_applications_vision.detection import ARMS, N_TEST, ap50, detector, scenes
from tlbook.course.ch19a_applications_vision.detection_settings import CHOSEN, STEPS
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
NUMBERS = (20, 100)


def trial(n: int, arm: str, seed: int) -> dict[str, Any]:
    """Return the AP50 of an arm on 150 test scenes, and its seconds."""
    train = scenes(n, seed)
    start = process_time()
    detect = detector(train, seed, arm=arm, steps=STEPS[n], **CHOSEN[arm])
    seconds = process_time() - start
    return {"ap50": ap50(detect, scenes(N_TEST, seed, "test")), "seconds": seconds}


study = Study(trial, grid(n=NUMBERS, arm=ARMS, seed=SEEDS))
