"""Trained networks of the adaptation studies, and what may be known of them without a label.

``adaptation_tuning`` trains each network and writes down the criteria; ``adaptation_criteria`` asks
later how accurate the same networks were. The weights wait in the cache in between.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import data, selection
from tlbook.alignment import probabilities
from tlbook.course.ch11_alignment.grid import GRID, words
from tlbook.course.ch11_alignment.methods import adapt
from tlbook.course.results import stored
from tlbook.data.cache import cached
from tlbook.domains import Task
from tlbook.models import untrained
from tlbook.training import predictor
from tlbook.training.predict import in_blocks

NAME = "fonts-to-handwriting"
CODE = (
    "tlbook/models",
    "tlbook/adversarial/adda.py",
    "tlbook/adversarial/cdan.py",
    "tlbook/adversarial/dann.py",
    "tlbook/adversarial/discriminator.py",
    "tlbook/adversarial/inner.py",
    "tlbook/adversarial/reversal.py",
    "tlbook/alignment",
    "tlbook/course/ch11_alignment/methods.py",
)
"""A change in these makes the kept networks void; ``adaptation_criteria`` checks the rest."""
ROWS = 1000
"""Source rows of the classifier that weighs the validation part."""


@lru_cache(maxsize=2)
def task(seed: int) -> Task:
    """Return fonts → handwriting with this seed."""
    return data.load(NAME, seed=seed)


def settings_of(name: str, text: str) -> dict[str, Any]:
    """Return the settings of a method's grid that are written like this."""
    return {words(settings): settings for settings in GRID[name]}[text]


def network(name: str, text: str, task_seed: int, seed: int, fresh: bool = False) -> nn.Module:
    """Return a trained network, from the cache unless ``fresh``."""
    make = kept_weights.__wrapped__ if fresh else kept_weights  # type: ignore[attr-defined]
    state = make(name, text, task_seed, seed, code=_code())
    model = untrained("digitnet")
    model.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
    return model.eval()


@cached
def kept_weights(
    name: str, text: str, task_seed: int, seed: int, *, code: str
) -> dict[str, np.ndarray]:
    """Train, and return the weights by name; ``code`` keeps old weights from being used."""
    found = adapt(name, task(task_seed), seed, device="cpu", **settings_of(name, text))
    return {key: value.numpy() for key, value in found.model.state_dict().items()}


@lru_cache(maxsize=1)
def _code() -> str:
    return hashlib.sha256(repr(stored.fingerprints(CODE)).encode()).hexdigest()


def evidence(name: str, text: str, task_seed: int, seed: int, fresh: bool = False) -> selection.Run:
    """Return what may be known of a network without a target label and without more training."""
    model, here = network(name, text, task_seed, seed, fresh), task(task_seed)
    source, target, held = (
        in_blocks(model.features, model, X, 512)  # type: ignore[arg-type]
        for X in (here.source.X[:ROWS], here.target.X, here.validation.X)
    )
    return selection.Run(
        text,
        seed,
        probabilities(model, here.target.X),
        source=probabilities(model, here.validation.X),
        y=here.validation.y,
        weights=selection.validation_weights(source, target, held),
    )


def way_back(name: str, text: str, task_seed: int, seed: int, fresh: bool = False) -> float:
    """Return the reverse risk: train the method from the pseudo-labeled target to the source."""
    here, settings = task(task_seed), settings_of(name, text)
    answers = predictor(network(name, text, task_seed, seed, fresh))(here.target.X)
    return selection.reverse_risk(
        here,
        answers,
        lambda back: predictor(adapt(name, back, seed, device="cpu", **settings).model),
    )
