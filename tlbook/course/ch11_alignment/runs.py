"""Trained networks of the adaptation studies, and what may be known of them without a label.

``adaptation_tuning`` trains each network and writes down the criteria; ``adaptation_criteria`` asks
later how accurate the same networks were. The weights wait in the cache in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import selection
from tlbook.alignment import probabilities
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.results.fingerprint import fingerprint
from tlbook.course.studies import words
from tlbook.data.cache import cached
from tlbook.evaluation.compare import measure
from tlbook.models import create
from tlbook.training import predictor
from tlbook.training.predict import in_blocks

ROWS = 1000
"""Source rows of the classifier that weighs the validation part."""

Settings = Mapping[str, Any]


def scored(method: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return the accuracy of a method, trained afresh, on the task with this seed."""
    given = {**settings, "device": "cpu"}
    return {"accuracy": measure(METHODS[method], task(seed), 1000 * seed, given)["accuracy"]}


def network(
    method: str, settings: Settings, task_seed: int, seed: int, *, fresh: bool = False
) -> nn.Module:
    """Return a trained network, from the cache unless ``fresh``."""
    if fresh:
        state = trained_weights(method, settings, task_seed, seed)
    else:
        state = kept_weights(method, dict(settings), task_seed, seed, code=_code())
    model = create("digitnet")
    model.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
    return model.eval()


def trained_weights(
    method: str, settings: Settings, task_seed: int, seed: int
) -> dict[str, np.ndarray]:
    """Train, and return the weights by name."""
    model = METHODS[method](task(task_seed), seed, device="cpu", **settings).model
    return {key: value.numpy() for key, value in model.state_dict().items()}


@cached
def kept_weights(
    method: str, settings: Settings, task_seed: int, seed: int, *, code: str
) -> dict[str, np.ndarray]:
    """Return them from the cache; ``code`` keeps old weights from being used."""
    return trained_weights(method, settings, task_seed, seed)


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a hash of the code that trains: a change in it makes the kept networks void."""
    found = fingerprint(trained_weights.__module__, trained_weights.__name__)
    return hashlib.sha256(repr(found).encode()).hexdigest()


def label_free(
    method: str, settings: Settings, task_seed: int, seed: int, *, fresh: bool = False
) -> selection.Run:
    """Return what may be known of a network without a target label and without more training."""
    here, model = task(task_seed), network(method, settings, task_seed, seed, fresh=fresh)
    source, target, validation = (
        in_blocks(model.features, model, X, 512)  # type: ignore[arg-type]
        for X in (here.source.X[:ROWS], here.target.X, here.validation.X)
    )
    return selection.Run(
        words(settings),
        seed,
        probabilities(model, here.target.X),
        source=probabilities(model, here.validation.X),
        y=here.validation.y,
        weights=selection.validation_weights(source, target, validation),
    )


def reverse_risk(
    method: str, settings: Settings, task_seed: int, seed: int, *, fresh: bool = False
) -> float:
    """Return the reverse risk: train the method from the pseudo-labeled target to the source."""
    here, model = task(task_seed), network(method, settings, task_seed, seed, fresh=fresh)
    pseudo_labels = predictor(model)(here.target.X)
    return selection.reverse_risk(
        here,
        pseudo_labels,
        lambda reverse: METHODS[method](reverse, seed, device="cpu", **settings),
    )
