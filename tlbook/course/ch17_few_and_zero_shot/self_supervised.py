"""Networks that learned from glyphs without labels (SimCLR, VICReg) and with them, as shipped."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import augmentation
from tlbook._base.checks import check_choice
from tlbook.course.ch17_few_and_zero_shot.episodes_cases import glyphs, groups
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import GlyphNet, glyph_net
from tlbook.fewshot import SimCLR, VICReg
from tlbook.objective import Objective
from tlbook.training import fit

NAME = "glyphnets"
NETWORKS = ("SimCLR", "VICReg", "supervised")
SPLIT = 0
"""The seed of the groups of letters: 41 characters are pretrained on, 20 are kept out."""
PICTURES = 10_000
STEPS = 300
BATCH = 128
LR = 3e-3


def views() -> augmentation.Augment:
    """Return the random change that makes a view: turned, moved, zoomed, slanted, other ink."""
    return augmentation.chain(
        augmentation.geometric(degrees=15, shift=0.1, scale=0.2, shear=0.2),
        augmentation.photometric(brightness=0.1, contrast=0.4, noise=0.05),
    )


def objective(name: str, seed: int) -> Objective | None:
    """Return what the network of a name minimizes; None is the cross-entropy of the labels."""
    check_choice(name, "name", NETWORKS)
    if name == "supervised":
        return None
    term = SimCLR if name == "SimCLR" else VICReg
    return Objective(None, term(views(), n_features=64, seed=seed))


def pretrained(name: str, seed: int = 0, steps: int = STEPS) -> tuple[GlyphNet, Any]:
    """Train one network on the 10,000 glyphs and return it with the history of its loss."""
    here = glyphs(groups(SPLIT)[0], PICTURES, seed, 16)
    model = glyph_net(seed, n_classes=len(np.unique(here.y)))  # type: ignore[arg-type]
    history = fit(
        model,
        (here.X, here.y),
        objective(name, seed),
        steps=steps,
        batch_size=BATCH,
        lr=LR,
        schedule="cosine",
        augment=views() if name == "supervised" else None,
        seed=seed,
        device="cpu",
        precision="float32",
    )
    return model, history


@cache
def shipped(name: str) -> GlyphNet:
    """Return a pretrained network in eval mode; copy it before you change it.

    Parameters
    ----------
    name : {"SimCLR", "VICReg", "supervised"}

    Raises
    ------
    ValueError
        If the name is unknown or the file is damaged.
    """
    from tlbook.data.weight_files.shipped import load_weights

    check_choice(name, "name", NETWORKS)
    kept = {
        key.removeprefix(f"{name}."): value
        for key, value in load_weights("glyphnets").items()
        if key.startswith(f"{name}.")
    }
    model = glyph_net(0, n_classes=len(kept["head.weight"]))
    model.load_state_dict(kept)
    return model.eval()


def features(model: nn.Module | None, X: np.ndarray) -> np.ndarray:
    """Return features (n, 64) of a network in eval mode, or the pixels themselves for None."""
    if model is None:
        return X.reshape(len(X), -1)
    model.eval()
    with torch.no_grad():
        return model.features(torch.from_numpy(X)).numpy()  # type: ignore[operator]
