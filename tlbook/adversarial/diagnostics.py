"""What to look at when an adversarial method does not work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook._base.named import named
from tlbook.adversarial.domain_classifier import to_numpy
from tlbook.training import History

if TYPE_CHECKING:
    import pandas as pd


@named
def gradient_flow(loss: Tensor, **modules: nn.Module) -> pd.DataFrame:
    """Return which parameters receive a gradient from a loss, and how large.

    Parameters
    ----------
    loss : Tensor
        A scalar with its graph; it can still be used afterwards.
    **modules : nn.Module
        Under the names to be shown, e.g. ``model=model, term=term``.

    Returns
    -------
    DataFrame
        One row per parameter: ``module``, ``parameter``, ``gradient`` (its norm; 0 where none
        arrives), ``reached`` (whether the loss depends on it at all).

    Raises
    ------
    ValueError
        If the loss is no scalar with a graph, or no module is given.
    """
    import pandas as pd

    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise ValueError("loss: got no scalar tensor, want the loss of one batch")
    if not loss.requires_grad:
        raise ValueError("loss: got a tensor without a graph, so nothing can receive a gradient")
    if not modules:
        raise ValueError("modules: got none, want at least one, e.g. model=model")
    named = [(m, n, p) for m, module in modules.items() for n, p in module.named_parameters()]
    free = [p for _, _, p in named if p.requires_grad]
    found = torch.autograd.grad(loss, free, retain_graph=True, allow_unused=True)
    by_id = {id(p): g for p, g in zip(free, found, strict=True)}
    rows = []
    for module, name, parameter in named:
        g = by_id.get(id(parameter))
        norm = 0.0 if g is None else float(g.norm())
        rows.append((module, name, norm, g is not None))
    return pd.DataFrame(rows, columns=["module", "parameter", "gradient", "reached"])


@dataclass(frozen=True)
class Collapse:
    """Signs that features or answers have shrunk to less than they should be.

    Attributes
    ----------
    rank : float
        Effective number of feature dimensions: exp of the entropy of the covariance's spectrum.
    spread : float
        Root of the mean variance over the root mean square of a feature: 0 for constant features.
    dead : float
        Share of the features that never change.
    largest : float
        Share of the most frequent answer.
    """

    rank: float
    spread: float
    dead: float
    largest: float


@named
def collapse(features: Any, answers: Any) -> Collapse:
    """Return the signs of collapse in features (n, d) and predicted classes (n,).

    Raises
    ------
    ValueError
        If there are fewer than two rows, NaN, or the lengths differ.
    """
    Z = check_array(to_numpy(features), "features", ndim=2, min_rows=2).astype(float)
    answers = check_labels(to_numpy(answers), len(Z), "answers")
    variance = Z.var(axis=0)
    size = np.sqrt(np.mean(Z**2)) + 1e-300
    spectrum = np.clip(np.linalg.eigvalsh(np.cov(Z.T).reshape(Z.shape[1], -1)), 0, None)
    total = spectrum.sum()
    p = spectrum / total if total > 1e-12 * size**2 else np.ones(1)
    entropy = -np.sum(p[p > 0] * np.log(p[p > 0]))
    return Collapse(
        rank=float(np.exp(entropy)),
        spread=float(np.sqrt(variance.mean()) / size),
        dead=float(np.mean(variance <= 1e-12 * size**2)),
        largest=float(np.unique(answers, return_counts=True)[1].max() / len(answers)),
    )


@named
def domain_confusion(history: History, term: str = "DANN", window: int = 25) -> pd.DataFrame:
    r"""Return label loss and domain confusion over the steps, averaged over a sliding window.

    Confusion is :math:`L_D / \log 2`: 0 where the discriminator always knows, 1 where it knows
    nothing, above 1 where it is wrong.

    Parameters
    ----------
    history : History
        Of a run with the term.
    term : str
        Column of the discriminator's loss.
    window : int
        Steps to average over.

    Returns
    -------
    DataFrame
        ``label loss`` (where there is one) and ``confusion``, one row per step.

    Raises
    ------
    ValueError
        If the history has no such column.
    """
    check_positive(window, "window", integer=True)
    frame = history.frame
    if term not in frame:
        raise ValueError(f"term: got {term!r}, want a column of the history: {list(frame)}")
    smooth = frame.rolling(window, min_periods=1).mean()
    out = smooth[["L_S"]].rename(columns={"L_S": "label loss"}) if "L_S" in frame else smooth[[]]
    return out.assign(confusion=smooth[term] / np.log(2))
