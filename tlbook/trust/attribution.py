"""Which part of the input speaks for a class: gradients, integrated gradients, Grad-CAM."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.trust._tensors import chosen, gradient, rows_of, unchanged


@named
def input_gradient(model: nn.Module, X: Any, y: Any) -> np.ndarray:
    r"""Return the gradient of the class's logit with respect to the input.

    .. math:: g(x) = \frac{\partial f_y(x)}{\partial x}

    It says what a *small change* would do, not what the answer rests on: where the network is
    saturated the gradient is nearly 0 though the input decides.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, k). Runs in eval mode and is left as it came.
    X : array of shape (n, ...)
    y : array of shape (n,)
        The classes asked about, 0 … k − 1; not necessarily the true ones.

    Returns
    -------
    array in the shape of X

    Raises
    ------
    ValueError
        If shapes or labels do not fit.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks, ICLR workshop 2014.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import input_gradient
    >>> model = torch.nn.Linear(3, 2)
    >>> found = input_gradient(model, torch.ones(1, 3), [1])
    >>> bool((found[0] == model.weight[1].detach().numpy()).all())
    True
    """
    x, labels = rows_of(model, X, y)
    with unchanged(model):
        return gradient(model, x, labels).cpu().numpy()


@named
def integrated_gradients(
    model: nn.Module, X: Any, y: Any, baseline: Any = 0.0, steps: int = 64
) -> np.ndarray:
    r"""Return integrated gradients, which add up to the difference that they explain.

    .. math:: \mathrm{IG}_i(x) = (x_i - b_i) \int_0^1
        \frac{\partial f_y(b + t (x - b))}{\partial x_i} dt, \qquad
        \sum_i \mathrm{IG}_i(x) = f_y(x) - f_y(b)

    The integral is taken by the Gauss–Legendre rule. The sum is exact in the limit; for a network
    with ReLU the error falls as the number of steps grows, and :func:`completeness_error` says how
    much is left. The answer depends on the baseline: a black picture cannot say that a dark stroke
    matters.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, k). Runs in eval mode and is left as it came.
    X : array of shape (n, ...)
    y : array of shape (n,)
        The classes asked about.
    baseline : float or array that broadcasts to X
        The input that stands for "nothing".
    steps : int
        Points of the rule; the cost is that many forward and backward passes.

    Returns
    -------
    array in the shape of X

    Raises
    ------
    ValueError
        If shapes or labels do not fit.

    References
    ----------
    Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, ICML 2017.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import integrated_gradients
    >>> model = torch.nn.Linear(2, 2, bias=False)
    >>> found = integrated_gradients(model, torch.tensor([[1.0, 2.0]]), [0])
    >>> bool(abs(found.sum() - model(torch.tensor([[1.0, 2.0]]))[0, 0].item()) < 1e-5)
    True
    """
    x, labels = rows_of(model, X, y)
    start = _baseline(baseline, x)
    check_positive(steps, "steps", integer=True)
    points, weights = np.polynomial.legendre.leggauss(steps)  # of [−1, 1]
    total = torch.zeros_like(x)
    with unchanged(model):
        for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
            total += float(weight) * gradient(model, start + float(point) * (x - start), labels)
    return ((x - start) * total).cpu().numpy()


@named
def completeness_error(
    model: nn.Module, X: Any, y: Any, attribution: Any, baseline: Any = 0.0
) -> np.ndarray:
    r"""Return how far an attribution is from adding up, for each row.

    .. math:: \sum_i a_i(x) - \left( f_y(x) - f_y(b) \right)

    Parameters
    ----------
    model, X, y, baseline
        As in :func:`integrated_gradients`.
    attribution : array in the shape of X

    Returns
    -------
    array of shape (n,)
        In logits.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    x, labels = rows_of(model, X, y)
    a = check_array(attribution, "attribution")
    if a.shape != tuple(x.shape):
        raise ValueError(f"attribution: got shape {a.shape}, want {tuple(x.shape)} as X")
    start = _baseline(baseline, x)
    with unchanged(model), torch.no_grad():
        wanted = chosen(model(x), labels) - chosen(model(start), labels)
    return a.reshape(len(a), -1).sum(axis=1) - wanted.cpu().numpy()


@named
def grad_cam(model: nn.Module, layer: nn.Module, X: Any, y: Any) -> np.ndarray:
    r"""Return Grad-CAM: where the maps of a layer speak for the class, in the size of the picture.

    .. math:: L = \operatorname{ReLU}\!\left( \sum_c \alpha_c A_c \right), \qquad
        \alpha_c = \frac{1}{hw} \sum_{uv} \frac{\partial f_y}{\partial A_{c,uv}}

    Enlarged from the layer's h × w by bilinear interpolation: a late layer of 4 × 4 cannot point
    finer than a quarter of the picture.

    Parameters
    ----------
    model : nn.Module
        Maps pictures (n, channels, H, W) to logits (n, k). Runs in eval mode, is left as it came.
    layer : nn.Module
        A part of the model whose output has the shape (n, c, h, w).
    X : array of shape (n, channels, H, W)
    y : array of shape (n,)
        The classes asked about.

    Returns
    -------
    array of shape (n, H, W), at least 0

    Raises
    ------
    ValueError
        If the layer's output is no map or was not used, or shapes do not fit.

    References
    ----------
    Selvaraju et al., Grad-CAM: visual explanations from deep networks via gradient-based
    localization, ICCV 2017.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import grad_cam
    >>> layer = torch.nn.Conv2d(1, 4, 3)
    >>> head = (torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 3))
    >>> model = torch.nn.Sequential(layer, *head)
    >>> grad_cam(model, layer, torch.rand(2, 1, 8, 8), [0, 1]).shape
    (2, 8, 8)
    """
    x, labels = rows_of(model, X, y)
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    try:
        with unchanged(model), torch.enable_grad():
            total = chosen(model(x.clone().requires_grad_(True)), labels).sum()
            if not seen:
                raise ValueError("layer: got one that the model does not use, want a part of it")
            maps = seen[-1]
            if maps.ndim != 4:
                raise ValueError(
                    f"layer: got an output of shape {tuple(maps.shape)}, want maps (n, c, h, w)"
                )
            (slopes,) = torch.autograd.grad(total, maps)
    finally:
        handle.remove()
    heat = (slopes.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1, keepdim=True).clamp(min=0)
    size = tuple(x.shape[2:])
    large = nn.functional.interpolate(heat, size=size, mode="bilinear", align_corners=False)
    return large[:, 0].detach().cpu().numpy()


def _baseline(baseline: Any, x: Tensor) -> Tensor:
    try:
        start = torch.as_tensor(baseline, dtype=x.dtype, device=x.device)
        return start.expand_as(x) if start.ndim <= x.ndim else start.reshape(x.shape)
    except (TypeError, RuntimeError) as error:
        shape = tuple(np.shape(baseline))
        raise ValueError(
            f"baseline: got shape {shape}, want a number or something like X, {tuple(x.shape)}"
        ) from error
