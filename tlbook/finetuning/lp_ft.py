"""LP-FT: linear probing, then fine-tuning from the probe."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.named import named
from tlbook.finetuning.frozen import cached_features, freeze, replace_head
from tlbook.finetuning.groups import parameter_groups
from tlbook.finetuning.probe import Probe, linear_probe
from tlbook.training import History, fit, predict
from tlbook.training.predict import in_blocks


@dataclass
class LPFT:
    """A network that was fine-tuned from its probe; call it with inputs to get labels.

    Attributes
    ----------
    model : nn.Module
        A copy, fine-tuned; if ``kept`` is "probe", the pretrained body with the probe as its head.
    probe : Probe
        Where its head started.
    history : History
        Record of the last fine-tuning.
    kept : {"fine-tuning", "probe"}
        What ``model`` is.
    held_back : dict from these two names to float, optional
        Accuracy of each on the rows that were held back, if there were any.
    """

    model: nn.Module
    probe: Probe
    history: History
    kept: str = "fine-tuning"
    held_back: dict[str, float] | None = None

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        return predict(self.model, X)


@named
def lp_ft(
    model: nn.Module,
    X: Any,
    y: Any,
    n_classes: int | None = None,
    *,
    C: float = 1.0,
    lr: float = 1e-4,
    decay: float = 1.0,
    steps: int = 100,
    keep_statistics: bool = True,
    held_back: float = 0.0,
    augment: Callable[..., Any] | None = None,
    seed: int = 0,
    **fit_options: Any,
) -> LPFT:
    r"""Fit a probe, write it into the head, then fine-tune all layers from there.

    A random head sends large and meaningless gradients into the body, which distort the features
    before the head has learned anything. A head that starts as the probe starts where the loss is
    already low, so the features move little if the rate is small enough. With a rate that is too
    large, or too few rows, the result can be worse than its own probe. ``held_back`` guards
    against this. Without it only a training loss that ends above the probe's gives a warning.

    Parameters
    ----------
    model : nn.Module
        Pretrained, with ``features`` and a linear ``head``. It stays as it is.
    X, y : arrays of n rows
        Labeled rows; labels 0 … classes − 1, each of them at least once.
    n_classes : int, optional
        Outputs of the new head; by default the largest label + 1.
    C : float
        Inverse regularization of the probe (see :func:`linear_probe`).
    lr, decay, steps
        Fine-tuning: the head's learning rate, its factor from layer to layer (see
        :func:`parameter_groups`; 1 for one rate), gradient steps.
    keep_statistics : bool
        Whether normalization layers keep the running statistics of the pretraining.
    held_back : float
        Share of the labeled rows, at least one of each class, on which the two are compared after
        both have learned from the others. The better one is kept, in a tie the probe, and learns
        from all rows. By default 0: no comparison, and the fine-tuned network is kept.
    augment : function, optional
        As in ``fit``; the probe sees the rows as they are.
    seed : int
        Seed of the fine-tuning.
    **fit_options
        Other options of ``fit``.

    Returns
    -------
    LPFT
        With ``model``, ``probe`` and ``history``; a function from inputs to labels.

    Raises
    ------
    ValueError
        If a class has no row, or only one where rows are held back, or arguments do not fit.

    Warns
    -----
    UserWarning
        If rows are not held back and the training loss ends above that of the probe.

    References
    ----------
    Kumar, Raghunathan, Jones, Ma & Liang (2022), Fine-tuning can distort pretrained features and
    underperform out-of-distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import lp_ft
    >>> X, y = data.load("handwriting").X, data.load("handwriting").y
    >>> net = models.create("digitnet")
    >>> tuned = lp_ft(net, X[:200], y[:200], lr=1e-3, steps=30, held_back=0.2)
    >>> probe, whole = (float(np.mean(f(X[200:700]) == y[200:700])) for f in (tuned.probe, tuned))
    >>> probe > 0.5, whole > 0.5
    (True, True)
    """
    labels = check_labels(y, len(X), min_classes=2)
    if n_classes is None:
        n_classes = int(labels.max()) + 1
    check_positive(n_classes, "n_classes", integer=True)
    if not np.array_equal(np.unique(labels), np.arange(n_classes)):
        raise ValueError(
            f"y: got labels {np.unique(labels)}, want each of 0 … {n_classes - 1} at least once"
        )
    if "parameters" in fit_options:
        raise ValueError("fit_options: got parameters, want decay for layer-wise learning rates")
    if not 0 <= held_back < 1:
        raise ValueError(f"held_back: got {held_back!r}, want a share in [0, 1)")
    rows = model, X, labels, n_classes
    options = {"steps": steps, "lr": lr, "augment": augment, "seed": seed, **fit_options}
    how: Callable[..., LPFT] = partial(
        _probe_then_tune, C=C, decay=decay, keep=keep_statistics, **options
    )
    if not held_back:
        found = how(*rows)
        _warn_if_worse(found, X, labels)
        return found
    train, test = _split(labels, held_back, seed)
    X = X if isinstance(X, torch.Tensor) else np.asarray(X)
    found = how(model, X[train], labels[train], n_classes)
    answers = {"fine-tuning": found(X[test]), "probe": found.probe(X[test])}
    scores = {name: float(np.mean(said == labels[test])) for name, said in answers.items()}
    if scores["fine-tuning"] > scores["probe"]:
        found = how(*rows)
    else:
        whole, probe = _probed(*rows, C=C, seed=seed)
        found = LPFT(whole.eval(), probe, found.history, "probe")
    found.held_back = scores
    return found


def _probed(
    model: nn.Module, X: Any, y: np.ndarray, n_classes: int, *, C: float, seed: int
) -> tuple[nn.Module, Probe]:
    whole = replace_head(model, n_classes, seed=seed)
    probe = linear_probe(partial(cached_features, model), X, y, C=C)
    probe.into(whole.head)  # type: ignore[arg-type]
    return whole, probe


def _probe_then_tune(
    model: nn.Module,
    X: Any,
    y: np.ndarray,
    n_classes: int,
    *,
    C: float,
    decay: float,
    keep: bool,
    lr: float,
    seed: int,
    **options: Any,
) -> LPFT:
    tuned, probe = _probed(model, X, y, n_classes, C=C, seed=seed)
    if keep:
        freeze(tuned, but=(), statistics_only=True)
    groups = None if decay == 1 else parameter_groups(tuned, lr, decay)
    history = fit(tuned, (X, y), parameters=groups, lr=lr, seed=seed, **options)
    return LPFT(tuned, probe, history)


def _split(y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row numbers to learn from and to hold back, some of each class in both."""
    rng, train, test = np.random.default_rng(seed), [], []
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        if len(rows) < 2:
            raise ValueError(f"held_back: got one row of class {label}, want at least two")
        n = min(max(1, round(share * len(rows))), len(rows) - 1)
        test.append(rows[:n])
        train.append(rows[n:])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(test))


def _warn_if_worse(found: LPFT, X: Any, y: np.ndarray) -> None:
    """Warn if the network fits the labeled rows worse than the probe that it started from."""
    probe, target = found.probe, torch.from_numpy(y)
    scores = np.asarray(probe.features(X)) @ probe.weight.T + probe.bias
    before = float(F.cross_entropy(torch.from_numpy(scores), target))
    logits = in_blocks(found.model, found.model, X, 512)
    after = float(F.cross_entropy(torch.from_numpy(logits), target))
    if after > before:
        warnings.warn(
            f"lp_ft: the training loss went from {before:.3g} with the probe to {after:.3g}. Try a "
            "smaller lr, or held_back=0.2, which keeps the better of the two.",
            stacklevel=3,
        )
