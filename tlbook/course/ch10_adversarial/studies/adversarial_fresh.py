"""Chapter 10: is a confused discriminator a sign of aligned features? Eight seeds of each network.

For each network: how confused its own discriminator is at the end (its loss over log 2), how often
a fresh domain classifier is right about the same features, and how often the answers are right.
Tasks, seeds and settings of the first four are those of ``adaptation_table``. The last two are
games that went wrong: one whose discriminator hardly learns, and the patient without labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn
from torch.nn.functional import cross_entropy

from tlbook.adversarial import DANN, domain_confusion, fresh_accuracy
from tlbook.course.ch10_adversarial.broken import CURES, Patient
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.models import create
from tlbook.objective import Objective, Ramp
from tlbook.training import fit, predictor

SEEDS = tuple(range(8))
TRAINED = ("source only", "DANN", "CDAN", "MK-MMD")
WINDOW = 25


def trained(method: str, seed: int) -> tuple[nn.Module, float]:
    """Return a network and how confused its discriminator is at the end (NaN: it has none)."""
    here, start = task(seed), 1000 * seed
    if method == "no labels":
        ill = Patient(CURES[:3], seed=seed).run(here, epochs=10, batch_size=32)
        rows = ill.record[ill.record.moved == "critic"]
        # The patient's loss is the sum of the two domains' halves.
        return ill.model, float(rows.loss.tail(WINDOW).mean() / 2 / np.log(2))
    if method == "asleep":
        model = create("digitnet", seed=start)
        game = Objective(cross_entropy, DANN(Ramp(1.0), lr_ratio=1e-4, seed=start))
        options: dict[str, Any] = {
            "optimizer": "adam",
            "batch_size": 64,
            "device": "cpu",
            "progress": False,
        }
        history = fit(model, here, game, steps=500, seed=start, **options)
        return model, float(domain_confusion(history).confusion.iloc[-1])
    run = METHODS[method](here, start, device="cpu", **SETTINGS[method])
    if method not in ("DANN", "CDAN"):
        return run.model, float("nan")
    return run.model, float(domain_confusion(run.history, method).confusion.iloc[-1])


def trial(method: str, seed: int) -> dict[str, Any]:
    """Return what its discriminator, a fresh one, and the labels say of a network."""
    here = task(seed)
    model, confusion = trained(method, seed)
    answer = predictor(model)
    return {
        "confusion": confusion,
        "fresh": fresh_accuracy(model, here.validation.X, here.target.X, seed=seed),
        "source": float(np.mean(answer(here.validation.X) == here.validation.y)),
        "target": here.score(answer),
    }


study = Study(
    trial,
    [
        {"method": method, "seed": seed}
        for seed in SEEDS
        for method in (*TRAINED, "asleep", "no labels")
    ],
)
