"""Adversarial examples: small changes of the input that change the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.trust._tensors import rows_of, unchanged

Loss = Callable[[Tensor], Tensor]


@named
def fgsm(model: nn.Module, X: Any, y: Any, epsilon: float, low: float = 0, high: float = 1) -> Any:
    r"""Return inputs moved one step along the sign of the loss's gradient (FGSM).

    .. math:: x' = \operatorname{clip}\left( x + \varepsilon\,
        \operatorname{sign} \nabla_x L(f(x), y) \right)

    For a linear model it is the strongest change within ε in each coordinate; for a network it is a
    lower bound of what is possible.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, k). Runs in eval mode and is left as it came.
    X : array of shape (n, ...)
    y : array of shape (n,)
        True classes; the loss of these is raised.
    epsilon : float
        Largest change of a coordinate, in the units of X; 0 changes nothing.
    low, high : float
        Range of valid inputs.

    Returns
    -------
    array in the shape of X, float32

    Raises
    ------
    ValueError
        If shapes, labels or numbers do not fit.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples, ICLR 2015.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import fgsm
    >>> X = torch.full((2, 3), 0.5)
    >>> moved = fgsm(torch.nn.Linear(3, 2), X, [0, 1], 0.1)
    >>> round(float(abs(moved - X.numpy()).max()), 3)
    0.1
    """
    x, labels = rows_of(model, X, y)
    _check(epsilon, 1, "inf")
    loss = _cross_entropy(model, labels)
    with unchanged(model):
        return _climb(loss, x, epsilon, epsilon, 1, "inf", (low, high), x).cpu().numpy()


@named
def pgd(
    model: nn.Module,
    X: Any,
    y: Any,
    epsilon: float,
    steps: int = 20,
    norm: str = "inf",
    low: float = 0,
    high: float = 1,
    seed: int | None = 0,
) -> Any:
    r"""Return inputs moved uphill in several steps, each put back into the ball (PGD).

    .. math:: x_{t+1} = \Pi_{\|x' - x\| \le \varepsilon} \left( x_t + \eta\, d_t \right), \qquad
        d_t = \operatorname{sign} \nabla L \ \text{ or } \ \nabla L / \|\nabla L\|_2

    with η = 2.5 ε / steps. A model that resists FGSM and not this has hidden its gradient, no more.

    Parameters
    ----------
    model, X, y, epsilon, low, high
        As in :func:`fgsm`; ε bounds the norm of the change of a row.
    steps : int
    norm : {"inf", "2"}
    seed : int or None
        Of the random start within the ball; ``None`` starts at X.

    Returns
    -------
    array in the shape of X, float32

    Raises
    ------
    ValueError
        If shapes, labels, names or numbers do not fit.

    References
    ----------
    Madry, Makelov, Schmidt, Tsipras and Vladu, Towards deep learning models resistant to
    adversarial attacks, ICLR 2018.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import pgd
    >>> X = torch.full((2, 3), 0.5)
    >>> moved = pgd(torch.nn.Linear(3, 2), X, [0, 1], 0.1, norm="2")
    >>> bool((((moved - X.numpy()) ** 2).sum(axis=1) <= 0.1**2 + 1e-6).all())
    True
    """
    x, labels = rows_of(model, X, y)
    _check(epsilon, steps, norm)
    loss = _cross_entropy(model, labels)
    with unchanged(model):
        start = x if seed is None else _inside(x, epsilon, norm, (low, high), seed)
        rate = 2.5 * epsilon / steps
        return _climb(loss, x, epsilon, rate, steps, norm, (low, high), start).cpu().numpy()


@named
def feature_attack(
    features: nn.Module,
    X: Any,
    epsilon: float,
    steps: int = 20,
    low: float = 0,
    high: float = 1,
    seed: int = 0,
) -> Any:
    r"""Return inputs whose features are driven as far as possible from where they were.

    .. math:: \max_{\|x' - x\|_\infty \le \varepsilon} \| \phi(x') - \phi(x) \|_2^2

    It needs the *public base* only: no label, no head, no sight of the model that was fine-tuned
    from it. Whoever keeps a public base frozen inherits what is known of it.

    Parameters
    ----------
    features : nn.Module
        φ, maps (n, ...) to (n, d). Runs in eval mode and is left as it came.
    X : array of shape (n, ...)
    epsilon, steps, low, high, seed
        As in :func:`pgd`, in the maximum norm.

    Returns
    -------
    array in the shape of X, float32

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import feature_attack
    >>> X = torch.full((2, 3), 0.5)
    >>> feature_attack(torch.nn.Linear(3, 8), X, 0.1).shape
    (2, 3)
    """
    x, _ = rows_of(features, X, np.zeros(len(X), dtype=np.int64))
    _check(epsilon, steps, "inf")
    with unchanged(features):
        with torch.no_grad():
            home = features(x).flatten(1)

        def loss(point: Tensor) -> Tensor:
            return ((features(point).flatten(1) - home) ** 2).sum()

        # At x itself the distance is 0 and has no slope: a random start is needed.
        start = _inside(x, epsilon, "inf", (low, high), seed)
        rate = 2.5 * epsilon / steps
        return _climb(loss, x, epsilon, rate, steps, "inf", (low, high), start).cpu().numpy()


@named
def fooled(model: nn.Module, X: Any, moved: Any, y: Any) -> float:
    """Return the share of the rows that were right and are wrong after the change.

    Counted over the rows that the model had right: a bad model would else look easily attacked.

    Parameters
    ----------
    model : nn.Module
    X, moved : arrays of shape (n, ...)
        Inputs before and after.
    y : array of shape (n,)
        True classes.

    Returns
    -------
    float in [0, 1]
        NaN if no row was right.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import fooled
    >>> model = torch.nn.Identity()  # the largest input is the answer
    >>> fooled(model, torch.eye(2), torch.tensor([[0.0, 1.0], [0.0, 1.0]]), [0, 1])
    0.5
    """
    from tlbook.training.predict import predict

    x, labels = rows_of(model, X, y)
    after, _ = rows_of(model, moved, y)
    if after.shape != x.shape:
        raise ValueError(f"moved: got shape {tuple(after.shape)}, want {tuple(x.shape)} as X")
    truth = labels.cpu().numpy()
    right = predict(model, x) == truth
    return float((predict(model, after)[right] != truth[right]).mean()) if right.any() else np.nan


def _cross_entropy(model: nn.Module, labels: Tensor) -> Loss:
    """Return the sum over rows of the loss; rows do not touch each other in eval mode."""
    return lambda point: nn.functional.cross_entropy(model(point), labels, reduction="sum")


def _climb(
    loss: Loss,
    x: Tensor,
    epsilon: float,
    rate: float,
    steps: int,
    norm: str,
    limits: tuple[float, float],
    start: Tensor,
) -> Tensor:
    point = start
    for _ in range(steps):
        point = point.detach().clone().requires_grad_(True)
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(loss(point), point)
        direction = slope.sign() if norm == "inf" else slope / _lengths(slope).clamp(min=1e-12)
        point = _put_back(point.detach() + rate * direction, x, epsilon, norm, limits)
    return point.detach()


def _put_back(
    point: Tensor, x: Tensor, epsilon: float, norm: str, limits: tuple[float, float]
) -> Tensor:
    """Return the point within ε of x and within the limits (both hold: x is within them)."""
    change = point - x
    if norm == "inf":
        change = change.clamp(-epsilon, epsilon)
    else:
        change = change * (epsilon / _lengths(change).clamp(min=1e-12)).clamp(max=1)
    return (x + change).clamp(*limits)


def _inside(x: Tensor, epsilon: float, norm: str, limits: tuple[float, float], seed: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    noise = (2 * torch.rand(x.shape, generator=draw) - 1).to(x)
    if norm == "2":
        noise = noise / _lengths(noise).clamp(min=1e-12)
    return _put_back(x + epsilon * noise, x, epsilon, norm, limits)


def _lengths(values: Tensor) -> Tensor:
    """Return the Euclidean norm of each row, in a shape that broadcasts."""
    return values.flatten(1).norm(dim=1).reshape(-1, *[1] * (values.ndim - 1))


def _check(epsilon: float, steps: int, norm: str) -> None:
    check_positive(epsilon, "epsilon", zero_ok=True)
    check_positive(steps, "steps", integer=True)
    check_choice(norm, "norm", ("inf", "2"))
