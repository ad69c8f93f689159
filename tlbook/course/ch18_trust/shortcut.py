"""A planted shortcut: in the source a colored corner tells the class. Does it travel?

Ten letters, white on black, 16 × 16 pixels, with a colored corner. In the base "tells" the color is
that of the class; in the control "random" the color says nothing. Both see the same letters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from tlbook.course.ch18_trust.attribution import corner_mask, other_codes, with_corner
from tlbook.course.ch18_trust.backdoor import BLOCKS, SIDE, adapted, digits, labeled
from tlbook.data.glyphs import load_glyphs
from tlbook.data.random import generator
from tlbook.data.signs import HELD_OUT
from tlbook.models import SignNet, seeded
from tlbook.training import fit, predict
from tlbook.trust import edges, grad_cam, integrated_gradients, mass_inside

N_SOURCE, N_TEST = 3000, 500
TRAINING: dict[str, Any] = {
    "steps": 200,
    "batch_size": 64,
    "lr": 4e-3,
    "weight_decay": 1e-2,
    "schedule": "one-cycle",
    "device": "cpu",
    "progress": False,
}
BASES = ("tells", "random")
LABELS = 10  # of each digit
ARMS = ("head only", "all")


def source(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return training and test letters without a corner: pictures (n, 3, 16, 16) and labels."""
    drawn = load_glyphs(seed, n=N_SOURCE + N_TEST, size=SIDE, characters=HELD_OUT)
    X, y = np.repeat(drawn.X, 3, axis=1), drawn.y
    assert y is not None
    return (X[:N_SOURCE], y[:N_SOURCE]), (X[N_SOURCE:], y[N_SOURCE:])


def codes(y: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """Return the colors' numbers: those of the classes if ``kind`` is "tells", else any."""
    if kind == "tells":
        return y
    return generator("corners that say nothing", seed).integers(0, 10, len(y))


def shortcut_base(seed: int, kind: str) -> nn.Module:
    """Return a network for the ten letters, trained with corners of this kind."""
    X, y = source(seed)[0]
    model = seeded(lambda: SignNet(10, channels=BLOCKS), seed)
    fit(model, (with_corner(X, codes(y, kind, seed)), y), seed=seed, **TRAINING)
    return model.eval()


def corner_effect(model: nn.Module, X: Any, y: Any, seed: int) -> dict[str, float]:
    """Return the accuracy with the class's corner, without one and with the corner of another.

    ``changed`` is the share of answers that the corner of another class changes.
    """
    plain = predict(model, X)
    other = predict(model, with_corner(X, other_codes(y, seed)))
    return {
        "with_corner": float((predict(model, with_corner(X, y)) == y).mean()),
        "without": float((plain == y).mean()),
        "wrong_corner": float((other == y).mean()),
        "changed": float((other != plain).mean()),
    }


def corner_mass(model: nn.Module, X: Any, y: Any) -> dict[str, float]:
    """Return the share of each attribution's mass in the corner, on pictures that have it."""
    shown = with_corner(X, y)
    answers = predict(model, shown)
    mask = corner_mask(len(shown), SIDE)
    maps = {
        "integrated_gradients": integrated_gradients(model, shown, answers, 0.0, 16),
        "grad_cam": grad_cam(model, model.body[8], shown, answers),  # type: ignore[index, arg-type]
        "edges": edges(shown),
    }
    return {name: float(mass_inside(found, mask).mean()) for name, found in maps.items()}


def measured(seed: int, kind: str, n_maps: int = 50) -> list[dict[str, Any]]:
    """Return a row for the base on letters, and one for each child, trained without any corner."""
    model = shortcut_base(seed, kind)
    pool, test_digits = digits(seed)
    X, y = labeled(*pool, LABELS, seed)
    networks = {"base": model} | {arm: adapted(model, X, y, arm, seed) for arm in ARMS}
    rows = []
    for name, network in networks.items():
        X, y = source(seed)[1] if name == "base" else test_digits
        mass = corner_mass(network, X[:n_maps], y[:n_maps])
        rows.append({"network": name, **corner_effect(network, X, y, seed), **mass})
    return rows
