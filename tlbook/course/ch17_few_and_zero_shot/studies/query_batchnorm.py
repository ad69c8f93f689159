"""The same network and the same 25 questions, with BatchNorm's own averages or the batch's.

A seed is another split of the classes, another training, and 600 other 5-way 1-shot episodes.
``half`` is the half-width of the 95 % interval over them; ``gain`` the paired difference to eval
mode on the same questions, ``gain_half`` its half-width.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch17_few_and_zero_shot.episodes_cases import DOMAINS, domain, letters
from tlbook.course.ch17_few_and_zero_shot.query_batchnorm import (
    CROWD,
    prototypes,
    ways_to_ask,
)
from tlbook.course.studies import Study, grid
from tlbook.evaluation import t_interval
from tlbook.fewshot import episodes


def trial(seed: int) -> list[dict[str, Any]]:
    """Return accuracy and gain of each way to ask, in each domain."""
    model = prototypes(letters(seed).base, seed)
    rows = []
    for place in DOMAINS:
        here = domain(place, seed)
        drawn = episodes(here.y, 5, 1, queries=CROWD, n=600, seed=seed)
        found = ways_to_ask(model, here.X, drawn)
        for way, values in found.items():
            beside = "eval mode, unbalanced" if "unbalanced" in way else "eval mode"
            all_, gains = t_interval(values), t_interval(values - found[beside])
            rows.append(
                {
                    "domain": place,
                    "way": way,
                    "accuracy": round(all_.mean, 5),
                    "half": round((all_.high - all_.low) / 2, 5),
                    "gain": round(gains.mean, 5),
                    "gain_half": round((gains.high - gains.low) / 2, 5),
                }
            )
    return rows


study = Study(trial, grid(seed=tuple(range(8))))
