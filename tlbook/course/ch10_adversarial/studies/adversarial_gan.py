"""Chapter 10: does a faster discriminator help the generator? Eight clouds, eight seeds."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch10_adversarial.gan import modes_covered, play, ring, ring_centers
from tlbook.course.studies import Study, grid

SD = 0.2
STEPS = (500, 1000, 2000)


def trial(lr_ratio: float, seed: int) -> list[dict[str, Any]]:
    """Return how many clouds the generator covers, and the share of points inside a cloud."""
    made = play(ring(sd=SD, seed=seed), lr_ratio, at=STEPS, seed=seed)
    found = {step: modes_covered(points, ring_centers(), SD) for step, points in made.items()}
    return [
        {"step": s, "clouds": clouds, "inside": inside} for s, (clouds, inside) in found.items()
    ]


study = Study(trial, grid(lr_ratio=(1.0, 3.0), seed=tuple(range(8))))
