"""Cloning, DAgger and shaken demonstrations, round by round, with equally many labeled pictures.

Each round adds 100 labeled pictures of the same road. Policies are measured on four roads of 200 m
that no lesson has shown. Of each policy the table has the error on what the *driver* sees there
and on what the policy itself sees there: their difference is the shift that the policy makes.
After the last round the meters at night and in fog are added, a shift that the world makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time
from typing import Any

from tlbook.course.ch19a_applications_vision.driving import Policy
from tlbook.course.ch19a_applications_vision.imitation import (
    LENGTH,
    PUSH,
    ROUNDS,
    TEST_LENGTH,
    cloning,
    dagger,
    error_on,
    measured,
)
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
ARMS: dict[str, Callable[[int], Iterator[Policy]]] = {
    "cloning": cloning,
    "DAgger": dagger,
    "shaken cloning": partial(cloning, push=PUSH),
}


def trial(arm: str, seed: int) -> list[dict[str, Any]]:
    """Return meters, errors and the spread in the lane after each round."""
    shown = measured(None, seed)
    rows = []
    start = process_time()
    for number, policy in enumerate(ARMS[arm](seed), start=1):
        seconds = process_time() - start
        own = measured(policy, seed)
        rows.append(
            {
                "pictures": number * LENGTH,
                "meters": own.meters.mean(),
                "whole": float((own.meters == TEST_LENGTH).mean()),
                "error_driver": error_on(policy, shown),
                "error_own": error_on(policy, own),
                "spread": own.offset.std(),
                "spread_driver": shown.offset.std(),
                "seconds": seconds,
            }
        )
        if number == ROUNDS:  # the lessons were all by day
            for weather in ("night", "fog"):
                rows[-1][weather] = measured(policy, seed, weather=weather).meters.mean()
        start = process_time()
    return rows


study = Study(trial, grid(arm=tuple(ARMS), seed=SEEDS))
