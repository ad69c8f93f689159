"""Two hard changes of the development half: almost moved inputs, and a selection of a tail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlbook.course.ch20_clinic_and_faq.animals import Rows, thinned


def nearly_moved(X: np.ndarray, rng: np.random.Generator) -> Callable[[Rows], Rows]:
    """Return another zero and unit of every feature, and a little more: one of four kinds.

    Noise of the sensor, a bent scale, an offset of its own for each class, or a turn.
    """
    d, spread, middle = X.shape[1], X.std(axis=0), X.mean(axis=0)
    gain, zero = np.exp(0.4 * rng.normal(size=d)), rng.normal(size=d) * 1.2 * spread
    kind = str(rng.choice(["noise", "bent", "by class", "turned"]))
    own = 0.35 * spread * rng.normal(size=(20, d))
    power = rng.uniform(0.7, 0.8)
    turn = np.linalg.qr(np.eye(d) + 0.25 * rng.normal(size=(d, d)) / np.sqrt(d))[0]
    turn *= np.sign(np.diag(turn))

    def change(rows: Rows) -> Rows:
        unit, y = (rows[0] - middle) / np.where(spread > 0, spread, 1), rows[1]
        if kind == "noise":
            unit = unit + 0.4 * rng.normal(size=unit.shape)
        elif kind == "bent":
            unit = np.sign(unit) * np.abs(unit) ** power + 0.2 * unit**2
        elif kind == "turned":
            unit = unit @ turn
        moved = (unit * spread + middle) * gain + zero
        return (moved + own[y] if kind == "by class" else moved), y

    return change


def strongly_selected(
    X: np.ndarray, plain: Callable[[int], Rows], rng: np.random.Generator
) -> Callable[[int], Rows]:
    """Return what draws rows of one tail: along a direction or a feature, by a soft or hard edge.

    About one source row in ten lies there, so hardly any weight is left for the others.
    """
    d = X.shape[1]
    direction = rng.normal(size=d) if rng.random() < 0.5 else np.eye(d)[rng.integers(d)]
    along = X @ direction
    edge, scale = np.quantile(along, rng.uniform(0.85, 0.93)), along.std()
    soft = rng.uniform(0.1, 0.4) * scale

    def keep(rows: np.ndarray) -> np.ndarray:
        return np.exp(np.minimum((rows @ direction - edge) / soft, 0))

    return lambda size: thinned(plain, keep, size, rng)
