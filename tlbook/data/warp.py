"""Bends many pictures at once: rotation, shear, aspect, an elastic field, stroke thickness.

One call to ``grid_sample`` moves a whole batch; there is no loop over pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

BATCH = 1024  # pictures per block: keeps the memory at some tens of megabytes


@dataclass(frozen=True)
class Warp:
    """How strongly glyphs are bent; each amount is drawn uniformly from [−amount, amount].

    Attributes
    ----------
    rotation : float
        Degrees.
    shear : float
        Horizontal shift per unit of height (a slant).
    log_aspect : float
        Logarithm of width over height, at constant area.
    elastic : float
        Standard deviation of a smooth random displacement, in pixels of a 64-pixel raster.
    threshold : (float, float)
        Range of the level at which the blurred glyph is cut: a low level gives thick strokes.
    """

    rotation: float = 10.0
    shear: float = 0.2
    log_aspect: float = 0.2
    elastic: float = 1.5
    threshold: tuple[float, float] = (0.3, 0.7)


def affine_matrices(n: int, warp: Warp, rng: np.random.Generator) -> np.ndarray:
    """Return n random matrices of shape (n, 2, 2) from output to input coordinates."""
    angle = np.deg2rad(rng.uniform(-warp.rotation, warp.rotation, n))
    shear = rng.uniform(-warp.shear, warp.shear, n)
    half = rng.uniform(-warp.log_aspect, warp.log_aspect, n) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    slant = np.zeros((n, 2, 2))
    slant[:, 0, 0] = np.exp(half)
    slant[:, 1, 1] = np.exp(-half)
    slant[:, 0, 1] = shear
    return (turn @ slant).astype(np.float32)


def elastic_fields(n: int, side: int, sd: float, rng: np.random.Generator) -> torch.Tensor:
    """Return n smooth random displacement fields of shape (n, side, side, 2).

    Noise on a 4 × 4 lattice, enlarged bicubically. ``sd`` is in coordinates in which the picture
    spans [−1, 1].
    """
    import torch
    from torch.nn.functional import interpolate

    lattice = torch.from_numpy(rng.normal(0, sd, (n, 2, 4, 4)).astype(np.float32))
    field = interpolate(lattice, size=(side, side), mode="bicubic", align_corners=True)
    return field.permute(0, 2, 3, 1)


def bend(
    pictures: torch.Tensor, rows: np.ndarray, side: int, warp: Warp, rng: np.random.Generator
) -> torch.Tensor:
    """Return ``pictures[rows]``, each bent by its own random warp, at ``side`` × ``side`` pixels.

    Parameters
    ----------
    pictures : tensor of shape (m, h, w)
        The rasters to draw from.
    rows : array of shape (n,)
        Which raster each output shows.
    side : int
        Side of the output in pixels.
    warp : Warp
        Amounts.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    tensor of shape (n, side, side)
    """
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    n = len(rows)
    theta = torch.zeros(n, 2, 3, dtype=torch.float32, device="cpu")
    theta[:, :, :2] = torch.from_numpy(affine_matrices(n, warp, rng))
    grid = affine_grid(theta, [n, 1, side, side], align_corners=False)
    if warp.elastic:
        grid = grid + elastic_fields(n, side, warp.elastic * 2 / 64, rng)
    chosen = pictures[torch.from_numpy(rows)].unsqueeze(1)
    return grid_sample(chosen, grid, mode="bilinear", align_corners=False).squeeze(1)


def cut(blurred: torch.Tensor, level: np.ndarray, softness: float = 0.15) -> torch.Tensor:
    """Return strokes in [0, 1]: 1 above ``level`` · maximum, 0 below, a short ramp between."""
    import torch

    peak = blurred.amax(dim=(-2, -1), keepdim=True).clamp_min(1e-6)
    middle = torch.from_numpy(level.astype(np.float32)).view(-1, 1, 1)
    return ((blurred / peak - middle) / (2 * softness) + 0.5).clamp_(0, 1)
