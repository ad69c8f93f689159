"""Augmentation for a longer training: kind, strength and rate, chosen on ten other letters.

200 steps show each of 20 (200) pictures 160 (16) times. The run without augmentation chooses its
rate on the same letters, from the same rates.
"""

from __future__ import annotations

from tlbook.course.ch13_pytorch_practice.methods import BATCH, augmenter
from tlbook.course.pretraining.networks import signnet
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs_letters
from tlbook.domains import Task
from tlbook.finetuning import replace_head
from tlbook.training import fit, predictor

STEPS = 200
BUDGETS = (2, 20)
RATES = (1e-3, 3e-3)
AUGMENTATIONS = (("none", 0), ("geometric", 1), ("geometric", 2), ("photometric", 1))
SEEDS = (100, 101)


def accuracy(task: Task, seed: int, k: int, kind: str, strength: int, lr: float) -> float:
    """Fine-tune ``signnet`` for ``STEPS`` steps and return the accuracy on the test part."""
    model = replace_head(signnet(), len(task.classes), seed=seed)
    fit(
        model,
        task.label(k, seed),
        steps=STEPS,
        batch_size=BATCH,
        lr=lr,
        augment=augmenter(kind, strength),
        seed=seed,
        device="cpu",
        progress=False,
    )
    return task.score(predictor(model))


def trial(kind: str, strength: int, lr: float, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy on ten letters that nothing was trained on."""
    task = load_signs_letters(seed=seed)
    return {"accuracy": accuracy(task, seed, budget, kind, strength, lr)}


study = Study(
    trial,
    cases=[
        {"kind": kind, "strength": strength, "lr": lr, "budget": budget, "seed": seed}
        for seed in SEEDS
        for kind, strength in AUGMENTATIONS
        for lr in RATES
        for budget in BUDGETS
    ],
)
