"""Probes on the shipped networks, on random weights and on pixels: 1 to 20 labels per class.

The 20 new letters and the handwriting were in no pretraining. A seed draws other labeled and test
rows (and other random weights); each pretrained network is one single run. The probe's C is
chosen for each network and number of labels on ten letters that are in no test.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch17_few_and_zero_shot.probes import NAMES, curve
from tlbook.course.studies import Study, grid


def trial(network: str, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy for each place and number of labels."""
    return curve(network, seed)


study = Study(trial, grid(network=NAMES, seed=tuple(range(8))))
