"""Detection by heat maps: one map per class whose peaks are the centers of objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from tlbook._base.checks import check_choice, check_positive, check_size
from tlbook._base.named import named
from tlbook.domains.scenes import Boxes
from tlbook.models import seeded
from tlbook.vision.maps import FeatureMaps

BOX = 4
"""Channels beside the classes: width and height of the box, place of the center in its cell."""


class HeatMap(nn.Module):
    """A detector: a backbone's map of one stride, and a small head on it.

    Parameters
    ----------
    backbone : nn.Module
        With maps. It is not copied; ``finetuning.freeze(net, but=["head"])`` keeps it still.
    n_classes : int
        Kinds of objects.
    size : (height, width)
        Of the pictures.
    stride : int, optional
        Pixels per cell of the heat map; by default the backbone's coarsest.
    width : int
        Channels of the hidden layer of the head.
    channels : int
        Of the pictures.
    seed : int
        Of the head's random start.

    Notes
    -----
    ``features(x)`` is the map (n, d, h, w), ``head`` gives (n, n_classes + 4, h, w): logits of the
    heat maps, then for each cell width and height of a box in cells and the place of its center in
    the cell. The heat starts at a probability of 0.1 everywhere.

    References
    ----------
    Zhou, Wang & Krähenbühl (2019), Objects as points.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.vision import HeatMap
    >>> net = HeatMap(models.create("signnet", weights="embedded"), 10, size=(48, 64))
    >>> net.stride, net(torch.zeros(2, 3, 48, 64)).shape
    (4, torch.Size([2, 14, 12, 16]))
    """

    @named
    def __init__(
        self,
        backbone: nn.Module,
        n_classes: int,
        *,
        size: tuple[int, int],
        stride: int | None = None,
        width: int = 64,
        channels: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for name, value in {"n_classes": n_classes, "width": width}.items():
            check_positive(value, name, integer=True)
        self.maps = FeatureMaps(backbone, size, channels)
        self.stride = self.maps.strides[-1] if stride is None else stride
        check_choice(self.stride, "stride", self.maps.strides)
        self.level = self.maps.strides.index(self.stride)
        wide = self.maps.widths[self.level]

        def build() -> nn.Module:
            last = nn.Conv2d(width, n_classes + BOX, 1)
            nn.init.constant_(last.bias[:n_classes], float(np.log(0.1 / 0.9)))  # type: ignore[index]
            return nn.Sequential(nn.Conv2d(wide, width, 3, padding=1), nn.ReLU(), last)

        self.head = seeded(build, seed)

    def features(self, x: Tensor) -> Tensor:
        """Return the backbone's map of this stride, (n, d, h, w)."""
        return self.maps(x)[self.level]

    def forward(self, x: Tensor) -> Tensor:
        """Return heat, size and place, (n, n_classes + 4, h, w)."""
        return self.head(self.features(x))


class MapHead(nn.Module):
    """The head of a network whose inputs are maps already; made by :func:`map_head`."""

    @named
    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def features(self, z: Tensor) -> Tensor:
        """Return ``z``."""
        return z

    def forward(self, z: Tensor) -> Tensor:
        """Return ``head(z)``."""
        return self.head(z)


@named
def map_head(model: nn.Module) -> MapHead:
    """Return the model's head alone, to train on the cached maps of a frozen backbone.

    The head is shared, not copied. ``fit(map_head(net), numbered(cached_features(net, X)), …)`` is
    ``fit`` of the frozen network without running the backbone in every step.

    Raises
    ------
    ValueError
        If the model has no head.

    See Also
    --------
    tlbook.finetuning.cached_features : gives the maps.
    """
    head = getattr(model, "head", None)
    if not isinstance(head, nn.Module):
        raise ValueError(f"model: got a {type(model).__name__} without head")
    return MapHead(head)


@named
def heat_targets(
    truth: Sequence[Boxes], n_classes: int, *, size: tuple[int, int], stride: int
) -> np.ndarray:
    r"""Return what a heat map should show, for :func:`heat_loss`.

    .. math:: Y_c(u, v) = \max_{\text{objects of } c}
        \exp\Bigl(-\frac{(u - u_0)^2}{2 \sigma_x^2} - \frac{(v - v_0)^2}{2 \sigma_y^2}\Bigr)

    with :math:`\sigma` a sixth of the box in cells, and exactly 1 where the center is.

    Parameters
    ----------
    truth : sequence of n Boxes
        In pixels.
    n_classes : int
        Kinds of objects.
    size : (height, width)
        Of the pictures.
    stride : int
        Pixels per cell.

    Returns
    -------
    array of shape (n, n_classes + 5, h, w), float32
        Heat, then width, height and place of the center, then 1 in the cells that hold a center.

    Raises
    ------
    ValueError
        If an argument is out of range or a center lies outside of its picture.
    """
    check_positive(n_classes, "n_classes", integer=True)
    check_positive(stride, "stride", integer=True)
    h, w = (-(-side // stride) for side in check_size(size))  # rounded up, as convolutions do
    for boxes in truth:
        if not isinstance(boxes, Boxes):
            raise ValueError(f"truth: got {type(boxes).__name__}, want a Boxes for each picture")
    target = np.zeros((len(truth), n_classes + BOX + 1, h, w), np.float32)
    v, u = np.mgrid[:h, :w]
    for map_, boxes in zip(target, truth, strict=True):
        for (left, top, right, bottom), label in zip(boxes.corners, boxes.labels, strict=True):
            if label >= n_classes:
                raise ValueError(f"truth: got the label {label}, want 0 … {n_classes - 1}")
            wide, high = (right - left) / stride, (bottom - top) / stride
            x, y = (left + right) / 2 / stride, (top + bottom) / 2 / stride
            column, row = int(x), int(y)
            if not (0 <= row < h and 0 <= column < w):
                raise ValueError(f"truth: got a box with its center outside of {size}")
            near = ((u - column) / (wide / 6)) ** 2 + ((v - row) / (high / 6)) ** 2
            map_[label] = np.maximum(map_[label], np.exp(-near / 2))
            map_[n_classes:, row, column] = wide, high, x - column, y - row, 1
    return target


@named
def heat_loss(outputs: Tensor, target: Tensor) -> Tensor:
    r"""Return the loss of heat maps and boxes: focal at the heat, absolute errors at the centers.

    .. math:: -\frac1N \sum \begin{cases} (1 - p)^2 \log p & Y = 1 \\
        (1 - Y)^4 \, p^2 \log(1 - p) & \text{else} \end{cases}
        \; + \; \frac1N \sum_{\text{centers}} 0.1 \lVert s - \hat s \rVert_1
        + \lVert o - \hat o \rVert_1

    with N the number of objects in the draw. Nearly all cells are empty; the factor p² keeps the
    many easy ones from deciding, and (1 − Y)⁴ forgives heat beside a center.

    Parameters
    ----------
    outputs : tensor of shape (n, n_classes + 4, h, w)
        Of :class:`HeatMap`.
    target : tensor of shape (n, n_classes + 5, h, w)
        Of :func:`heat_targets`.

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    n, channels, *cells = outputs.shape
    if target.shape != (n, channels + 1, *cells):
        want = (n, channels + 1, *cells)
        raise ValueError(f"target: got shape {tuple(target.shape)}, want {want}")
    classes = channels - BOX
    logits, Y, center = outputs[:, :classes], target[:, :classes], target[:, -1:]
    p = logits.sigmoid()
    hit = (Y == 1).float()
    focal = hit * (1 - p) ** 2 * logsigmoid(logits)
    focal = focal + (1 - hit) * (1 - Y) ** 4 * p**2 * logsigmoid(-logits)
    count = center.sum().clamp(min=1)
    gap = (outputs[:, classes:] - target[:, classes:-1]).abs() * center
    return (0.1 * gap[:, :2].sum() + gap[:, 2:].sum() - focal.sum()) / count
