"""Nine learners on 5-way episodes of new letters, and of two domains they were not trained for.

A seed is another split of the classes, other pictures, another training of each method (on 1-shot
episodes where it trains on episodes), and 600 other episodes, the same for all methods. ``half``
is the half-width of the 95 % interval over these episodes; ``gain`` the paired difference to the
nearest centroid on plain features, ``gain_half`` its half-width.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch17_few_and_zero_shot.episodes_cases import DOMAINS, domain, letters
from tlbook.course.ch17_few_and_zero_shot.episodes_methods import WAYS, learners
from tlbook.course.studies import Study, grid
from tlbook.evaluation import t_interval
from tlbook.fewshot import episodes

SHOTS = (1, 5)
REFERENCE = "plain features"


def trial(seed: int) -> list[dict[str, Any]]:
    """Return accuracy and gain of every method in each domain and with either number of shots."""
    methods = learners(letters(seed), seed)
    rows = []
    for shots in SHOTS:
        scores = {name: learner(shots) for name, learner in methods.items()}
        for place in DOMAINS:
            here = domain(place, seed)
            drawn = episodes(here.y, WAYS, shots, queries=15, n=600, seed=seed)
            found = {name: score(here.X, drawn) for name, score in scores.items()}
            for name, values in found.items():
                gains = t_interval(values - found[REFERENCE])
                all_ = t_interval(values)
                rows.append(
                    {
                        "domain": place,
                        "shots": shots,
                        "method": name,
                        "accuracy": round(all_.mean, 5),
                        "half": round((all_.high - all_.low) / 2, 5),
                        "gain": round(gains.mean, 5),
                        "gain_half": round((gains.high - gains.low) / 2, 5),
                    }
                )
    return rows


study = Study(trial, grid(seed=tuple(range(8))))
