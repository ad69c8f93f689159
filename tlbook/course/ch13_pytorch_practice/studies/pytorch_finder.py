"""The learning-rate range test behind the widget ``rate_finder``: a curve per augmentation."""

from __future__ import annotations

from tlbook.course.ch13_pytorch_practice.methods import BATCH, augmenter
from tlbook.course.ch13_pytorch_practice.studies.pytorch_augmentation import AUGMENTATIONS, BUDGETS
from tlbook.course.pretraining.networks import signnet
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs
from tlbook.finetuning import replace_head
from tlbook.training import find_rate

SEED = 0
LOW, HIGH, STEPS = 1e-5, 1.0, 80


def trial(kind: str, strength: int, budget: int) -> list[dict[str, float]]:
    """Return lr, loss and smoothed loss for each step of the test."""
    curve = find_rate(
        replace_head(signnet(), 10, seed=SEED),
        load_signs(seed=SEED).label(budget, seed=SEED),
        low=LOW,
        high=HIGH,
        steps=STEPS,
        batch_size=BATCH,
        augment=augmenter(kind, strength),
        seed=SEED,
        device="cpu",
    )
    return [
        {"lr": rate, "loss": loss, "smoothed": smoothed}
        for rate, loss, smoothed in zip(curve.rates, curve.losses, curve.smoothed, strict=True)
    ]


study = Study(
    trial,
    cases=[{**augmentation, "budget": k} for augmentation in AUGMENTATIONS for k in BUDGETS],
)
