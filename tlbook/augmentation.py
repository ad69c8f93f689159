"""Random changes of training pictures that keep their class, on tensors, from a seeded generator.

An augmentation is a function ``augment(x, generator) -> x`` on a batch of shape
(n, channels, height, width) with values in [0, 1]. ``training.fit(..., augment=...)`` takes one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from tlbook._base.checks import check_positive

Augment = Callable[[Tensor, torch.Generator], Tensor]


def geometric(
    degrees: float = 10.0, shift: float = 0.08, scale: float = 0.1, shear: float = 0.1
) -> Augment:
    """Return an augmentation that turns, moves, zooms and shears each picture a little.

    Parameters
    ----------
    degrees : float
        Largest rotation, in degrees.
    shift : float
        Largest displacement, as a fraction of the picture's side.
    scale, shear : float
        Largest relative zoom and largest shear.

    Raises
    ------
    ValueError
        If a parameter is negative or not a number.

    Examples
    --------
    >>> import torch
    >>> from tlbook import augmentation, data
    >>> x = torch.from_numpy(data.load("handwriting").X[:4])
    >>> turn = augmentation.geometric(degrees=15)  # fit(net, task, augment=turn)
    >>> new = turn(x, torch.Generator().manual_seed(0))
    >>> new.shape == x.shape, torch.equal(new, x)
    (True, False)
    """
    for name, value in {
        "degrees": degrees,
        "shift": shift,
        "scale": scale,
        "shear": shear,
    }.items():
        check_positive(value, name, zero_ok=True)

    def augment(x: Tensor, generator: torch.Generator) -> Tensor:
        def draw(limit: float) -> Tensor:
            return limit * (2 * torch.rand(len(x), generator=generator, device=x.device) - 1)

        angle, zoom, slant = draw(torch.pi * degrees / 180), 1 + draw(scale), draw(shear)
        cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
        # affine_grid measures in half sides, so a shift of s sides is 2 s there.
        rows = torch.stack([cos, -sin + slant, draw(2 * shift), sin, cos, draw(2 * shift)], dim=1)
        grid = F.affine_grid(rows.view(-1, 2, 3), list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)

    return augment


def photometric(brightness: float = 0.15, contrast: float = 0.3, noise: float = 0.02) -> Augment:
    """Return an augmentation of brightness and contrast (per channel) with a little noise.

    Parameters
    ----------
    brightness : float
        Largest shift of a channel, in units of the full range.
    contrast : float
        Largest relative change of a channel's contrast.
    noise : float
        Standard deviation of the pixel noise.

    Raises
    ------
    ValueError
        If a parameter is negative or not a number.

    Examples
    --------
    >>> import torch
    >>> from tlbook import augmentation
    >>> x = torch.full((2, 3, 24, 24), 0.5)
    >>> new = augmentation.photometric(noise=0.0)(x, torch.Generator().manual_seed(0))
    >>> 0 <= new.min().item() < 0.5 < new.max().item() <= 1
    True
    """
    for name, value in {"brightness": brightness, "contrast": contrast, "noise": noise}.items():
        check_positive(value, name, zero_ok=True)

    def augment(x: Tensor, generator: torch.Generator) -> Tensor:
        size = (*x.shape[:2], 1, 1)
        gain = 1 + contrast * (2 * torch.rand(size, generator=generator, device=x.device) - 1)
        offset = brightness * (2 * torch.rand(size, generator=generator, device=x.device) - 1)
        grain = noise * torch.randn(x.shape, generator=generator, device=x.device)
        return ((x - 0.5) * gain + 0.5 + offset + grain).clamp(0, 1)

    return augment


def chain(*steps: Augment) -> Augment:
    """Return the augmentation that applies ``steps`` one after the other."""

    def augment(x: Tensor, generator: torch.Generator) -> Tensor:
        for step in steps:
            x = step(x, generator)
        return x

    return augment
