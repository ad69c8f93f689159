"""Is 80 % still 80 %? A temperature learned on print, used on print and on handwriting.

And the class mix by EM where a model that is too sure meets label shift, before and after its
temperature.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch18_trust import bells, readers
from tlbook.course.studies import Study, grid
from tlbook.instances import em_prior, reweight_posteriors
from tlbook.trust import calibration_error, temperature

SEEDS = tuple(range(8))
ARMS = ("as it is", "temperature of the source", "temperature of the target")
SHARPNESS, ROWS = 3.0, 1000


def digits(case: str, domain: str, arm: str, seed: int) -> dict[str, Any]:
    """Return the calibration error of a reader of print, on print or on handwriting."""
    found = readers.reader(seed)
    here = found.source if domain == "print" else found.target
    logits, y, half = here.logits, here.y, len(here.y) // 2
    T = 1.0
    if arm == "temperature of the source":
        T = temperature(found.held_out.logits, found.held_out.y)
    elif arm == "temperature of the target":  # learned on one half of the bought rows
        T = temperature(logits[::2], y[::2])
    P, truth = readers.softened(logits[1::2], T), y[1::2]
    return _measured(P, truth, seed) | {"temperature": T, "rows": half}


def mixes(case: str, domain: str, arm: str, seed: int) -> dict[str, Any]:
    """Return calibration under label shift, and how far the mix by EM lies from the true one."""
    x, y = bells.draw(ROWS, bells.EVEN, [seed, 2])
    new_x, new_y = bells.draw(ROWS, bells.SHIFTED, [seed, 3])
    P, Q = (bells.posteriors(z, sharpness=SHARPNESS) for z in (x, new_x))
    T = temperature(np.log(P + 1e-300), y) if "temperature" in arm else 1.0
    Q = readers.softened(np.log(Q + 1e-300), T)
    mix = bells.EVEN
    if "EM" in arm:
        mix = em_prior(Q, bells.EVEN).prior
        Q = reweight_posteriors(Q, bells.EVEN, mix)
    off = float(np.abs(mix - bells.SHIFTED).sum() / 2)
    return _measured(Q, new_y, seed) | {"temperature": T, "rows": ROWS, "mix_off": off}


def _measured(P: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Any]:
    found = calibration_error(P, y, repeats=200, seed=seed)
    return {
        "accuracy": float((P.argmax(axis=1) == y).mean()),
        "confidence": float(P.max(axis=1).mean()),
        "error": found.error.mean,
        "low": found.error.low,
        "high": found.error.high,
        "by_chance": found.by_chance,
    }


study = Study(
    digits,
    [
        dict(c)
        for s in SEEDS
        for c in grid(case=("digits",), domain=("print", "handwriting"), arm=ARMS, seed=(s,))
    ],
) + Study(
    mixes,
    grid(
        case=("label shift",),
        domain=("bells",),
        arm=("as it is", "EM", "temperature", "temperature, then EM"),
        seed=SEEDS,
    ),
)
