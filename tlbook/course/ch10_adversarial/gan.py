"""A generative adversarial network in the plane: real points against a generator's points."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_positive

NOISE = 4
"""Numbers of noise that a point is made of."""


def ring_centers(modes: int = 8, radius: float = 2.0) -> np.ndarray:
    """Return the centers of a ring of clouds, (modes, 2)."""
    angle = 2 * np.pi * np.arange(check_positive(modes, "modes", integer=True)) / modes
    return check_positive(radius, "radius") * np.column_stack([np.cos(angle), np.sin(angle)])


def ring(
    n: int = 2000, modes: int = 8, radius: float = 2.0, sd: float = 0.2, seed: int = 0
) -> np.ndarray:
    """Return n points of a ring of Gaussian clouds with standard deviation ``sd``, (n, 2)."""
    check_positive(n, "n", integer=True)
    rng = np.random.default_rng(seed)
    centers = ring_centers(modes, radius)[rng.integers(modes, size=n)]
    return (centers + check_positive(sd, "sd") * rng.normal(size=(n, 2))).astype(np.float32)


def perceptron(n_in: int, n_out: int, hidden: int = 64) -> nn.Sequential:
    """Return a network with two hidden layers of ReLUs."""
    for name, value in {"n_in": n_in, "n_out": n_out, "hidden": hidden}.items():
        check_positive(value, name, integer=True)
    return nn.Sequential(
        nn.Linear(n_in, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, n_out),
    )


def play(
    points: np.ndarray, lr_ratio: float = 3.0, *, at: Collection[int], seed: int = 0
) -> dict[int, np.ndarray]:
    r"""Return what a generator makes after some numbers of steps, {step: points of shape (n, 2)}.

    The discriminator descends its cross-entropy, the generator the non-saturating loss
    :math:`-\mathbb E \log \sigma(d(G(z)))`, one step each on a draw of 128 rows, by Adam with
    :math:`\beta_1 = 0.5`. It is the loop of the notebook.

    Parameters
    ----------
    points : array of shape (n, 2)
        The real ones.
    lr_ratio : float
        Learning rate of the discriminator over that of the generator, which is 1e-3.
    at : numbers of steps
        When to draw as many points as there are real ones. The last one ends the game.
    seed : int
        Of the two networks and of all draws.

    Raises
    ------
    ValueError
        If the points have another shape or hold NaN, or a number is not positive.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets.
    """
    real_points = torch.from_numpy(check_array(points, "points", ndim=2).astype(np.float32))
    n = len(real_points)
    torch.manual_seed(check_positive(seed, "seed", zero_ok=True, integer=True))
    G, D = perceptron(NOISE, 2), perceptron(2, 1)
    rates = {G: 1e-3, D: 1e-3 * check_positive(lr_ratio, "lr_ratio")}
    g_moves, d_moves = (
        torch.optim.Adam(player.parameters(), lr=lr, betas=(0.5, 0.999))
        for player, lr in rates.items()
    )
    made = {}
    for step in range(1, max(at) + 1):
        real = real_points[torch.randint(n, (128,))]
        fake = G(torch.randn(128, NOISE))
        d_loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        d_moves.zero_grad()
        d_loss.backward()
        d_moves.step()
        g_loss = F.softplus(-D(fake)).mean()
        g_moves.zero_grad()
        g_loss.backward()
        g_moves.step()
        if step in at:
            with torch.no_grad():
                made[step] = G(torch.randn(n, NOISE)).numpy()
    return made


def modes_covered(
    points: np.ndarray, centers: np.ndarray, sd: float, share: float = 0.25
) -> tuple[int, float]:
    """Return how many clouds the points cover, and the share of points inside any cloud.

    A point is inside a cloud within two standard deviations of its center: 86 % of the real ones
    are, and 51 % of the points of a plain circle through the centers of :func:`ring`. A cloud is
    covered if it has at least ``share`` of the points that it would get in a fair mix.

    Raises
    ------
    ValueError
        If arrays have the wrong shape or hold NaN.
    """
    points = check_array(points, "points", ndim=2)
    centers = check_array(centers, "centers", ndim=2)
    gaps = np.linalg.norm(points[:, None] - centers[None], axis=2)
    near = gaps.argmin(axis=1)[gaps.min(axis=1) < 2 * check_positive(sd, "sd")]
    counts = np.bincount(near, minlength=len(centers))
    wanted = check_positive(share, "share") * len(points) / len(centers)
    return int((counts >= wanted).sum()), len(near) / len(points)
