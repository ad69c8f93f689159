"""LP-FT: linear probing, then fine-tuning from the probe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_labels, check_positive
from tlbook.finetuning.frozen import Probe, cached_features, freeze, linear_probe, replace_head
from tlbook.finetuning.groups import parameter_groups
from tlbook.training import History, fit, predict


@dataclass
class LPFT:
    """A network that was fine-tuned from its probe; call it with inputs to get labels.

    Attributes
    ----------
    model : nn.Module
        The fine-tuned network, a copy.
    probe : Probe
        Where its head started.
    history : History
        Record of the fine-tuning.
    """

    model: nn.Module
    probe: Probe
    history: History

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        return predict(self.model, X)


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
    augment: Callable[..., Any] | None = None,
    seed: int = 0,
    **fit_options: Any,
) -> LPFT:
    r"""Fit a probe, write it into the head, then fine-tune all layers from there.

    A random head sends large and meaningless gradients into the body, which distort the features
    before the head has learnt anything. A head that starts as the probe starts where the loss is
    already low, so the features move little.

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
        If a class has no row, or arguments do not fit.

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
    >>> tuned = lp_ft(models.create("digitnet"), X[:200], y[:200], lr=1e-3, steps=30)
    >>> probe, whole = (float(np.mean(f(X[200:700]) == y[200:700])) for f in (tuned.probe, tuned))
    >>> probe > 0.5, whole > 0.5  # compare the two: fine-tuning can lose, too
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
    tuned = replace_head(model, n_classes, seed=seed)
    probe = linear_probe(partial(cached_features, model), X, labels, C=C)
    probe.into(tuned.head)  # type: ignore[arg-type]
    if keep_statistics:
        freeze(tuned, but=(), statistics_only=True)
    groups = None if decay == 1 else parameter_groups(tuned, lr, decay)
    options = {"steps": steps, "lr": lr, "augment": augment, "seed": seed, **fit_options}
    history = fit(tuned, (X, labels), parameters=groups, **options)
    return LPFT(tuned, probe, history)
