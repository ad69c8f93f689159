"""What a network in training mode answers, depending on the order in which the pictures are read.

The repaired run of ``pytorch_listing`` answers 600 pictures that it was not trained on: shuffled,
and class by class, as ``ImageFolder`` without ``shuffle`` reads a folder. The order by class uses
labels, so the pictures are bought from the training part and the sealed test part stays closed.
"""

from __future__ import annotations

import numpy as np

from tlbook.course.ch13_pytorch_practice.methods import Published
from tlbook.course.ch13_pytorch_practice.published import answers
from tlbook.course.ch13_pytorch_practice.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs

TRAINED, BOUGHT = 20, 80
SEEDS = tuple(range(8))


def trial(seed: int) -> list[dict[str, str | float]]:
    """Return the accuracy for each mode and order of the same pictures."""
    method, task = Published(), load_signs(seed=seed)
    method(task, seed, TRAINED, **SETTINGS["repaired"])
    known = {x.tobytes() for x in task.label(TRAINED, seed)[0]}
    X, y = task.label(BOUGHT, seed)  # a larger budget contains the smaller one
    fresh = np.array([x.tobytes() not in known for x in X])
    X, y = X[fresh], y[fresh]
    by_class = np.argsort(y, kind="stable")
    ways = {
        "evaluation mode": (X, y, "eval"),
        "training mode, shuffled": (X, y, "train: mixed batches"),
        "training mode, class by class": (X[by_class], y[by_class], "train: mixed batches"),
        "training mode, one at a time": (X, y, "train: one at a time"),
    }
    return [
        {"way": way, "accuracy": float(np.mean(answers(method.network, rows, mode) == labels))}
        for way, (rows, labels, mode) in ways.items()
    ]


study = Study(trial, [{"seed": seed} for seed in SEEDS])
