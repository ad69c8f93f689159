"""Twelve sources, what each score says of them, and what they are worth afterwards.

The target has ten labels of each digit. The worth of a source is measured by a linear probe on its
frozen features and by fine-tuning all weights for 50 and for 300 steps. The rate of the
fine-tuning is chosen for each source by two halves of the labeled rows; the accuracy on these is
stored, since it is a score as well. Beside the sources stand a network without any, and the pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from tlbook.course.ch16_choosing import networks
from tlbook.course.ch16_choosing.cases import SOURCES, Rows, source, target
from tlbook.course.ch16_choosing.scores import feature_scores, input_distances
from tlbook.course.studies import Study, grid
from tlbook.sources import nearest_neighbor_score, probe_score

SEEDS = tuple(range(8))
BUDGETS: dict[str, int] = {"short": 50, "long": 300}
RATES = (3e-3, 1e-2, 3e-2)
LABELS = (2, 5, 10, 20, 50)
"""Labels of each digit for the probe; the scores and the fine-tuning have ten."""


def trial(seed: int) -> list[dict[str, Any]]:
    """Return a row for each source, for a network that was not trained, and for the pixels."""
    here = target(seed)
    nets = {name: networks.trained(source(name, seed), seed) for name in SOURCES}
    nets["no source"] = networks.fresh(10, seed).eval()
    tuned = fine_tunings(list(nets.values()), here, seed)
    rows = []
    for i, (name, net) in enumerate(nets.items()):
        row = {"source": name, **probes(net[:-1], seed), **tuned[i]}
        if name in SOURCES:
            own = source(name, seed)
            row |= feature_scores(net, own, here) | input_distances(own, here)
            if own.classes == 10:
                row["own head"] = networks.accuracy(net, here.X_held_out, here.y_held_out)
        rows.append(row)
    pixels = {"5-fold probe": probe_score(here.X, here.y)}
    pixels["nearest neighbor"] = nearest_neighbor_score(here.X, here.y)
    return [*rows, {"source": "pixels", **probes(nn.Identity(), seed), **pixels}]


def probes(body: nn.Module, seed: int) -> dict[str, float]:
    """Return the test accuracy of a linear probe for each number of labels."""
    parts = [target(seed, k) for k in LABELS]
    F_test, y_test = networks.outputs(body, parts[0].X_held_out), parts[0].y_held_out
    return {
        f"probe {k}": networks.probed(networks.outputs(body, part.X), part.y, F_test, y_test)
        for k, part in zip(LABELS, parts, strict=True)
    }


def fine_tunings(nets: list[nn.Sequential], here: Rows, seed: int) -> list[dict[str, float]]:
    """Return for each network and budget the test accuracy and the one on the other half."""
    half = np.arange(len(here.y)) % 2  # the rows are sorted by class: five of each
    keep = np.tile(np.stack([np.ones(len(half)), half, 1 - half]), (len(nets), 1))
    starts = [networks.with_new_head(net, 10, seed) for net in nets for _ in range(3)]
    found: list[dict[str, float]] = [{} for _ in nets]
    for budget, steps in BUDGETS.items():
        tried = []
        for rate in RATES:
            answer = networks.fine_tuned(starts, here.X, here.y, keep, steps, rate)
            right = (answer(here.X) == here.y).reshape(len(nets), 3, -1)
            test = (answer(here.X_held_out)[::3] == here.y_held_out).mean(axis=1)
            halves = np.where(half == 0, right[:, 1], right[:, 2]).mean(axis=1)
            tried.append((halves, test))
        held_out, test = (np.array(part) for part in zip(*tried, strict=True))
        best = held_out.argmax(axis=0)  # of equal ones the smallest rate
        for i, row in enumerate(found):
            row[budget] = float(test[best[i], i])
            row[f"{budget} halves"] = float(held_out[best[i], i])
            row[f"{budget} rate"] = RATES[best[i]]
    return found


study = Study(trial, grid(seed=SEEDS))
