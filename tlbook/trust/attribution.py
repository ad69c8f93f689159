"""Which part of the input speaks for a class: gradients, integrated gradients, Grad-CAM."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_positive
from tlbook.trust._tensors import chosen, gradient, rows_of, unchanged


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


def randomized(model: nn.Module, layers: Sequence[str], seed: int = 0) -> nn.Module:
    """Return a copy of the model whose named layers have fresh random weights (a sanity check).

    An attribution that looks the same for the copy does not depend on what these layers have
    learned. Go from the last layer to the first, one more at a time, and compare.

    Parameters
    ----------
    model : nn.Module
    layers : sequence of str
        Names as in ``model.named_modules()``; each and everything in it is drawn again.
    seed : int

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If a name is unknown or has nothing that could be drawn again.

    References
    ----------
    Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, Sanity checks for saliency maps, NeurIPS
    2018.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import randomized
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    >>> other = randomized(model, ["2"])
    >>> [bool((other[i].weight == model[i].weight).all()) for i in (0, 2)]
    [True, False]
    """
    other = copy.deepcopy(model)
    parts = dict(other.named_modules())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name in layers:
            if name not in parts:
                raise ValueError(f"layers: got {name!r}, want names of model.named_modules()")
            drawn = [part for part in parts[name].modules() if hasattr(part, "reset_parameters")]
            if not drawn:
                raise ValueError(f"layers: got {name!r}, which has no weights, want one that has")
            for part in drawn:
                part.reset_parameters()
    return other


def edges(X: Any) -> np.ndarray:
    """Return the strength of edges in pictures: a control that knows no model and no class.

    The length of the gradient of the brightness (mean over channels), by central differences. An
    attribution that points to an object no better than its edges do has explained nothing.

    Parameters
    ----------
    X : array of shape (n, channels, H, W)

    Returns
    -------
    array of shape (n, H, W), at least 0

    Raises
    ------
    ValueError
        If X has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import edges
    >>> picture = np.zeros((1, 1, 4, 6))
    >>> picture[..., 3:] = 1  # dark on the left, bright on the right
    >>> edges(picture)[0, 0].tolist()
    [0.0, 0.0, 0.5, 0.5, 0.0, 0.0]
    """
    pictures = check_array(X, "X", ndim=4).astype(np.float64).mean(axis=1)
    down, right = np.gradient(pictures, axis=(1, 2))
    return np.hypot(down, right)


def mass_inside(attribution: Any, mask: Any) -> np.ndarray:
    r"""Return the share of an attribution's mass that lies on the object, for each row.

    .. math:: \frac{\sum_{uv \in \text{mask}} |a_{uv}|}{\sum_{uv} |a_{uv}|}

    Compare with the share of the picture that the mask covers, which is what an even attribution
    reaches, and with :func:`edges`.

    Parameters
    ----------
    attribution : array of shape (n, H, W) or (n, channels, H, W)
        Absolute values are added up over channels.
    mask : bool array of shape (n, H, W)
        Where the object is.

    Returns
    -------
    array of shape (n,)
        Between 0 and 1; 0 where the attribution is 0 everywhere.

    Raises
    ------
    ValueError
        If shapes do not fit or the mask is not bool.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import mass_inside
    >>> mask = np.zeros((1, 4, 4), dtype=bool)
    >>> mask[0, 0] = True  # the upper row is a quarter of the picture
    >>> mass_inside(np.ones((1, 4, 4)), mask).tolist()
    [0.25]
    """
    a = abs(check_array(attribution, "attribution", ndim=(3, 4)).astype(np.float64))
    if a.ndim == 4:
        a = a.sum(axis=1)
    M = np.asarray(mask)
    if M.dtype != bool or M.shape != a.shape:
        raise ValueError(f"mask: got {M.dtype} of shape {M.shape}, want bool of shape {a.shape}")
    total = a.sum(axis=(1, 2))
    return (a * M).sum(axis=(1, 2)) / np.where(total > 0, total, 1)


def _baseline(baseline: Any, x: Tensor) -> Tensor:
    try:
        start = torch.as_tensor(baseline, dtype=x.dtype, device=x.device)
        return start.expand_as(x) if start.ndim <= x.ndim else start.reshape(x.shape)
    except (TypeError, RuntimeError) as error:
        shape = tuple(np.shape(baseline))
        raise ValueError(
            f"baseline: got shape {shape}, want a number or something like X, {tuple(x.shape)}"
        ) from error
