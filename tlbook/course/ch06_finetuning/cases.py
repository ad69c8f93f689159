"""The two tasks of chapter 06, and what is measured of a network besides its accuracy.

``signs`` has photographs behind both letters and digits. On "plain" digits, the same handwriting
without photographs, BatchNorm meets other statistics than in its training.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import nn

from tlbook.course.pretraining.networks import signnet
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.signs import load_signs
from tlbook.domains import Task
from tlbook.finetuning import forgetting, layer_drift

N_LETTERS = 500  # validation letters on which forgetting is measured
N_DRIFT = 100  # unlabeled target pictures on which drift is measured


@lru_cache(maxsize=4)
def plain_digits(seed: int) -> Task:
    """Return the handwritten digits as white ink on black, in the size and channels of a sign.

    The source of this task is never used; it is there because a task has one.
    """
    small, labels = handwriting_arrays()
    large = torch.nn.functional.interpolate(
        torch.from_numpy(small), size=(20, 20), mode="bilinear", align_corners=False
    )
    framed = torch.nn.functional.pad(large.clamp(0, 1), (2, 2, 2, 2))
    X = framed.repeat(1, 3, 1, 1).numpy()
    first, second = stratified_split(labels, TARGET_TRAIN, "plain digits", seed)
    letters = load_signs(seed=seed).validation
    return Task.from_arrays(
        source=(letters.X, letters.y),
        validation=(letters.X, letters.y),
        target_train=(X[first], labels[first]),
        target_test=(X[second], labels[second]),
        name="plain digits",
        seed=seed,
    )


TASKS: dict[str, Callable[[int], Task]] = {"signs": load_signs, "plain": plain_digits}


def forgotten(network: nn.Module, task: Task) -> float:
    """Return the points (a fraction) that the old head loses on letters in the new features."""
    letters, y = task.validation.X[:N_LETTERS], task.validation.y
    assert y is not None
    return forgetting(network, signnet(), letters, y[:N_LETTERS])


def drift(network: nn.Module, task: Task) -> dict[str, float]:
    """Return how far the output of each block has moved: ``drift_1`` (at the input) and so on."""
    moved = layer_drift(network, signnet(), task.target.X[:N_DRIFT])
    return {f"drift_{i}": value for i, value in enumerate(moved.values(), start=1)}
