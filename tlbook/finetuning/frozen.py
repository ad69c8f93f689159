"""Reuse of a trained network: replace its head, freeze what stays, cache what no longer changes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook._base.named import named
from tlbook.models import seeded
from tlbook.training.predict import in_blocks

NORMS = (nn.modules.batchnorm._BatchNorm,)


@named
def replace_head(model: nn.Module, n_classes: int, seed: int = 0) -> nn.Module:
    """Return a copy of ``model`` with a new linear head for another label space.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and a linear ``head``. It stays as it is.
    n_classes : int
        Outputs of the new head.
    seed : int
        Seed of the head's random start.

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If the model has no linear head or ``n_classes`` is not a positive integer.

    Examples
    --------
    >>> from tlbook import models
    >>> from tlbook.finetuning import replace_head
    >>> letters = models.create("signnet", weights="embedded")
    >>> digits = replace_head(letters, n_classes=10)
    >>> letters.head.out_features, digits.head.out_features
    (71, 10)
    """
    check_positive(n_classes, "n_classes", integer=True)
    old = getattr(model, "head", None)
    if not isinstance(old, nn.Linear):
        raise ValueError(
            f"model: its head is {type(old).__name__}, want nn.Linear (see models.wrap)"
        )
    new = copy.deepcopy(model)
    head = seeded(lambda: nn.Linear(old.in_features, n_classes, bias=old.bias is not None), seed)
    new.head = head.to(old.weight.device)
    return new


def _stay_in_eval(module: nn.Module, _: Any) -> None:
    module.training = False


@named
def freeze(
    model: nn.Module, but: Iterable[str] = ("head",), *, statistics_only: bool = False
) -> nn.Module:
    """Freeze a network in place: no gradients, and BatchNorm and dropout stay in eval mode.

    Switching gradients off is not enough. In training mode BatchNorm normalizes with the statistics
    of the batch and moves its running averages at every forward pass, so a network that is only
    ``requires_grad_(False)`` still changes. Frozen layers here compute in eval mode even when
    ``model.train()`` is called afterwards: they switch back (``training``, too) at the next pass.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    but : iterable of str
        Names of submodules that stay trainable; by default the head.
    statistics_only : bool
        Freeze only the statistics of normalization layers; all parameters keep learning.

    Returns
    -------
    nn.Module
        ``model``.

    Raises
    ------
    ValueError
        If ``but`` names a submodule that does not exist.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.finetuning import freeze
    >>> net = freeze(models.create("signnet", weights="embedded")).train()
    >>> [name for name, weight in net.named_parameters() if weight.requires_grad]
    ['head.weight', 'head.bias']
    >>> before = net.body[1].running_mean.clone()
    >>> _ = net(torch.ones(8, 3, 24, 24))
    >>> torch.equal(net.body[1].running_mean, before)  # BatchNorm keeps still, too
    True
    """
    kept = _named(model, but)
    free = {id(m) for k in kept for m in k.modules()}
    for module in model.modules():
        if id(module) in free or (statistics_only and not isinstance(module, NORMS)):
            continue
        if module is not model:
            _hold(module)
        if not statistics_only:
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(False)
    return model


@named
def unfreeze(model: nn.Module, only: Iterable[str] = ("",)) -> nn.Module:
    """Undo :func:`freeze` in place, for the whole network or the submodules named in ``only``.

    Raises
    ------
    ValueError
        If ``only`` names a submodule that does not exist.
    """
    for part in _named(model, only):
        for module in part.modules():
            _release(module)
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(True)
    return model


@named
def cached_features(model: nn.Module, X: Any, *, batch_size: int = 512) -> np.ndarray:
    """Run the network's ``features`` once over all rows, in eval mode.

    With a frozen body the features of a picture never change: computing them once replaces a pass
    through the body in every epoch.

    Parameters
    ----------
    model : nn.Module
        With ``features``.
    X : array or tensor of shape (n, ...)
        Inputs.
    batch_size : int
        Rows at a time.

    Returns
    -------
    array of shape (n, d), float32

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import models
    >>> from tlbook.finetuning import cached_features
    >>> pictures = np.random.default_rng(0).random((5, 3, 24, 24), dtype=np.float32)
    >>> cached_features(models.create("signnet", weights="embedded"), pictures).shape
    (5, 128)
    """
    check_positive(batch_size, "batch_size", integer=True)
    features: Callable[..., torch.Tensor] = model.features  # type: ignore[assignment]
    return in_blocks(lambda x: features(x).float(), model, X, batch_size)


class Probe:
    """A linear classifier on frozen features; call it with inputs to get labels.

    Attributes
    ----------
    weight, bias : arrays of shape (classes, d) and (classes,)
        The classifier in terms of the raw features: ``logits = z @ weight.T + bias``.
    classes : array of shape (classes,)
        Label of each row.
    """

    @named
    def __init__(
        self,
        features: Callable[[Any], Any],
        weight: np.ndarray,
        bias: np.ndarray,
        classes: np.ndarray,
    ) -> None:
        self.features, self.weight, self.bias, self.classes = features, weight, bias, classes

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        logits = np.asarray(self.features(X)) @ self.weight.T + self.bias
        return self.classes[logits.argmax(axis=1)]

    def into(self, head: nn.Linear) -> None:
        """Write the classifier into a network's head: probe first, then fine-tune (LP-FT).

        Raises
        ------
        ValueError
            If the head has another shape, or the labels are not 0 … classes − 1.
        """
        if tuple(head.weight.shape) != self.weight.shape or head.bias is None:
            raise ValueError(
                f"head: got weights of shape {tuple(head.weight.shape)}, want {self.weight.shape} "
                "and a bias"
            )
        if not np.array_equal(self.classes, np.arange(len(self.classes))):
            raise ValueError(f"head: got labels {self.classes}, want 0 … {len(self.classes) - 1}")
        with torch.no_grad():
            head.weight.copy_(torch.as_tensor(self.weight))
            head.bias.copy_(torch.as_tensor(self.bias))


@named
def linear_probe(features: Callable[[Any], Any], X: Any, y: Any, *, C: float = 1.0) -> Probe:
    r"""Fit a linear classifier on features that do not change.

    .. math:: \min_{W, b} \; C \sum_i \ell(W \tilde z_i + b, y_i) + \tfrac12 \lVert W \rVert^2

    with the logistic loss and features standardized on the labeled rows,
    :math:`\tilde z = (z - \bar z) / s`.

    Parameters
    ----------
    features : function
        From inputs (n, ...) to features (n, d), e.g. ``partial(cached_features, model)``.
    X, y : arrays of n rows
        Labeled rows.
    C : float
        Inverse strength of the L2 regularization.

    Returns
    -------
    Probe
        A function from inputs to labels, as ``task.score`` takes it.

    Raises
    ------
    ValueError
        If there is only one class, or arguments do not fit.

    See Also
    --------
    tlbook.features.DeepFeatures : the frozen network as a step of a scikit-learn pipeline.

    References
    ----------
    Alain & Bengio (2016), Understanding intermediate layers using linear classifier probes.

    Examples
    --------
    >>> from functools import partial
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import cached_features, linear_probe
    >>> digits = data.load("handwriting")
    >>> X = np.tile(digits.X[:400], (1, 3, 1, 1)).repeat(3, axis=2).repeat(3, axis=3)  # 24 × 24 RGB
    >>> net = models.create("signnet", weights="embedded")  # has never seen a digit
    >>> letters = partial(cached_features, net)
    >>> probe = linear_probe(letters, X[:200], digits.y[:200])
    >>> float(np.mean(probe(X[200:]) == digits.y[200:400])) > 0.5  # guessing gives 0.1
    True
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    check_positive(C, "C")
    y = check_labels(y, len(X), min_classes=2)
    Z = check_array(features(X), "features(X)", ndim=2)
    scaler = StandardScaler().fit(Z)
    fitted = LogisticRegression(C=C, max_iter=2000).fit(scaler.transform(Z), y)
    weight, bias = fitted.coef_, fitted.intercept_
    if len(weight) == 1:  # two classes: scikit-learn keeps only the difference of the logits
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    weight = weight / scaler.scale_
    return Probe(features, weight, bias - weight @ scaler.mean_, fitted.classes_)


def _named(model: nn.Module, names: Iterable[str]) -> list[nn.Module]:
    modules = dict(model.named_modules())
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in modules:
            known = ", ".join(n for n in modules if n and n.count(".") == 0)
            raise ValueError(f"but/only: got {name!r}, want submodules such as {known}")
    return [modules[name] for name in names]


def _hold(module: nn.Module) -> None:
    # A hook, not a flag: a reader's own loop calls model.train(), which would undo a flag.
    _release(module)
    module.register_forward_pre_hook(_stay_in_eval)
    module.training = False


def _release(module: nn.Module) -> None:
    hooks = module._forward_pre_hooks
    for key in [k for k, hook in hooks.items() if hook is _stay_in_eval]:
        del hooks[key]
