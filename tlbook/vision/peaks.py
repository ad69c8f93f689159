"""From heat maps to boxes: the peaks of each class, and the box around each."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from tlbook._base.checks import check_positive, check_probability
from tlbook._base.extras import needs
from tlbook._base.named import named
from tlbook.domains.scenes import Boxes
from tlbook.training.predict import in_blocks
from tlbook.vision.detector import BOX, HeatMap


@named
def find(
    model: nn.Module,
    X: Any,
    *,
    stride: int | None = None,
    most: int = 20,
    least: float = 0.05,
    overlap: float = 0.5,
    batch_size: int = 128,
) -> list[Boxes]:
    """Return the objects that a heat-map detector finds in each picture, surest first.

    A cell is a peak where its heat is the largest of its 3×3 neighborhood. Of boxes of one class
    that overlap by more than ``overlap`` the surest stays (non-maximum suppression, torchvision's).

    Parameters
    ----------
    model : nn.Module
        From inputs to (n, n_classes + 4, h, w): a :class:`HeatMap`, or :func:`map_head` of one.
    X : array of shape (n, ...)
        Its inputs.
    stride : int, optional
        Pixels per cell; by default that of the :class:`HeatMap`. :func:`map_head` has none.
    most : int
        Peaks of a picture at most.
    least : float
        Heat from which on a peak counts.
    overlap : float
        IoU above which two boxes of a class are one object; 1 keeps all.
    batch_size : int
        Pictures at a time.

    Returns
    -------
    list of n Boxes, with scores

    Raises
    ------
    ValueError
        If an argument is out of range, or the stride is not the model's.
    ImportError
        Without torchvision.
    """
    if isinstance(model, HeatMap):
        stride = model.stride if stride is None else stride
        if stride != model.stride:
            raise ValueError(f"stride: got {stride!r}, want {model.stride} as in the model")
    pixels = check_positive(stride, "stride", integer=True)
    for name, value in {"most": most, "batch_size": batch_size}.items():
        check_positive(value, name, integer=True)
    for name, share in {"least": least, "overlap": overlap}.items():
        check_probability(share, name)
    needs("torchvision", "vision")
    outputs = torch.from_numpy(in_blocks(lambda x: model(x).float(), model, X, batch_size))
    heat = outputs[:, :-BOX].sigmoid()
    heat = heat * (heat == max_pool2d(heat, 3, stride=1, padding=1))
    return [
        _peaks(h, box, pixels, most, least, overlap)
        for h, box in zip(heat, outputs[:, -BOX:], strict=True)
    ]


def _peaks(
    heat: Tensor, box: Tensor, stride: int, most: int, least: float, overlap: float
) -> Boxes:
    from torchvision.ops import batched_nms

    scores, cells = heat.flatten().topk(min(most, heat.numel()))
    cells, scores = cells[scores >= least], scores[scores >= least]
    label, row, column = np.unravel_index(cells.numpy(), heat.shape)
    wide, high, dx, dy = box[:, row, column]
    x, y = torch.as_tensor(column) + dx, torch.as_tensor(row) + dy
    wide, high = wide.clamp(min=0.1), high.clamp(min=0.1)
    corners = stride * torch.stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2], dim=1)
    kept = batched_nms(corners, scores, torch.as_tensor(label), overlap).numpy()
    return Boxes(corners.numpy()[kept], label[kept], scores.numpy()[kept])
