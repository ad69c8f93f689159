"""A U-Net on any backbone: down through its maps, up again beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.models import seeded
from tlbook.vision.maps import FeatureMaps


class UNet(nn.Module):
    """A class for each pixel, from the maps of a backbone.

    From the coarsest map upward: enlarge, put the backbone's map of that resolution beside it, and
    mix both by a 3×3 convolution. Fine maps say where an edge is, coarse ones what it belongs to.

    Parameters
    ----------
    backbone : nn.Module
        With ``features`` and maps, for example ``models.create("signnet", weights="embedded")``.
        It is not copied and learns with the rest (``tlbook.finetuning.freeze`` keeps it still).
    n_classes : int
        Outputs for each pixel.
    size : (height, width)
        Of the pictures.
    width : int
        Channels of the decoder.
    channels : int
        Of the pictures.
    seed : int
        Of the decoder's random start.

    Notes
    -----
    ``features(x)`` is the finest decoded map (n, width, height, width of x), ``head`` a 1×1
    convolution: ``fit``, ``predict`` (masks), ``adabn`` and ``tent`` take it as any network.

    References
    ----------
    Ronneberger, Fischer & Brox (2015), U-Net: convolutional networks for biomedical image
    segmentation.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.vision import UNet
    >>> net = UNet(models.create("signnet", weights="embedded"), n_classes=4, size=(48, 64))
    >>> net(torch.zeros(2, 3, 48, 64)).shape
    torch.Size([2, 4, 48, 64])
    """

    @named
    def __init__(
        self,
        backbone: nn.Module,
        n_classes: int,
        *,
        size: tuple[int, int],
        width: int = 32,
        channels: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for name, value in {"n_classes": n_classes, "width": width}.items():
            check_positive(value, name, integer=True)
        self.maps = FeatureMaps(backbone, size, channels)
        *finer, coarsest = self.maps.widths
        steps, n = [], coarsest
        for beside in reversed(finer):
            steps.append((n + beside, width))
            n = width
        last = n

        def build() -> nn.Module:
            up = nn.ModuleList(nn.Sequential(*_mix(a, b)) for a, b in steps)
            return nn.ModuleList([up, nn.Conv2d(last, n_classes, 1)])

        self.up, self.head = seeded(build, seed).children()

    def features(self, x: Tensor) -> Tensor:
        """Return the finest decoded map, enlarged to the size of the picture."""
        *finer, z = self.maps(x)
        assert isinstance(self.up, nn.ModuleList)
        for step, beside in zip(self.up, reversed(finer), strict=True):
            z = interpolate(z, size=beside.shape[2:], mode="nearest")
            z = step(torch.cat([z, beside], dim=1))
        if z.shape[2:] != x.shape[2:]:
            z = interpolate(z, size=x.shape[2:], mode="bilinear", align_corners=False)
        return z

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes, height, width)."""
        return self.head(self.features(x))


def _mix(c_in: int, c_out: int) -> list[nn.Module]:
    return [
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(inplace=True),
    ]
