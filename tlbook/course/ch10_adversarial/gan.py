"""A GAN in the plane, as a term: real points against a generator's points."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_choice, check_positive
from tlbook.adversarial.adda import held
from tlbook.adversarial.discriminator import domain_loss
from tlbook.adversarial.reversal import reverse
from tlbook.models import seeded
from tlbook.objective import Batch, Term


def ring_centers(modes: int = 8, radius: float = 2.0) -> np.ndarray:
    """Return the centers of a ring of clouds, (modes, 2)."""
    angle = 2 * np.pi * np.arange(check_positive(modes, "modes", integer=True)) / modes
    return check_positive(radius, "radius") * np.column_stack([np.cos(angle), np.sin(angle)])


def ring(
    n: int = 2000, modes: int = 8, radius: float = 2.0, sd: float = 0.1, seed: int = 0
) -> np.ndarray:
    """Return n points of a ring of Gaussian clouds with standard deviation ``sd``, (n, 2)."""
    check_positive(n, "n", integer=True)
    rng = np.random.default_rng(seed)
    centers = ring_centers(modes, radius)[rng.integers(modes, size=n)]
    return (centers + check_positive(sd, "sd") * rng.normal(size=(n, 2))).astype(np.float32)


def perceptron(n_in: int, n_out: int, hidden: int = 64, seed: int = 0) -> nn.Module:
    """Return a network with two hidden layers of ReLUs and a random start drawn from ``seed``."""
    for name, value in {"n_in": n_in, "n_out": n_out, "hidden": hidden}.items():
        check_positive(value, name, integer=True)
    return seeded(
        lambda: nn.Sequential(
            nn.Linear(n_in, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, n_out),
        ),
        seed,
    )


class Generator(nn.Module):
    """Makes points of the plane out of noise: (n, noise) to (n, 2)."""

    def __init__(self, noise: int = 4, hidden: int = 64, seed: int = 0) -> None:
        super().__init__()
        self.noise = check_positive(noise, "noise", integer=True)
        self.layers = perceptron(noise, 2, hidden, seed)

    def forward(self, noise: Tensor) -> Tensor:
        """Return a point for each row of noise."""
        return self.layers(noise)

    def draw(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n points, with gradient."""
        device = next(self.parameters()).device
        return self(torch.randn(n, self.noise, device=device, generator=generator))

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Return n points as an array, (n, 2)."""
        check_positive(n, "n", integer=True)
        device = next(self.parameters()).device
        draw = torch.Generator(device=device).manual_seed(seed)
        with torch.no_grad():
            return self.draw(n, draw).cpu().numpy()


class GAN(Term):
    r"""The game of a generator G (the model) and a discriminator D (the term's).

    .. math:: \min_G \max_D \; \mathbb E_{x} \log D(x) + \mathbb E_{z} \log(1 - D(G(z)))

    with :math:`D = \sigma(d)`. ``"minimax"`` plays exactly that; it is gradient reversal on the
    generated points. ``"non-saturating"`` lets G maximize :math:`\mathbb E \log D(G(z))` instead:
    the same fixed point, but a slope that does not vanish where D is sure.

    Parameters
    ----------
    loss : {"non-saturating", "minimax"}
        What the generator minimizes.
    hidden : int
        Units in each of the discriminator's two hidden layers.
    lr_ratio : float
        Learning rate of the discriminator over that of the generator. Where the generator is as
        fast, it runs from cloud to cloud instead of covering them.
    seed : int
        Seed of its random start.

    Notes
    -----
    ``fit(Generator(), (points, zeros), GAN())``: real points come as the source draw. The column
    in the history is the discriminator's loss, halved: log 2 at the fixed point.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets.
    """

    needs = ("source",)

    def __init__(
        self,
        loss: str = "non-saturating",
        *,
        hidden: int = 64,
        lr_ratio: float = 3.0,
        seed: int = 0,
    ) -> None:
        super().__init__(1.0)
        self.lr_ratio = check_positive(lr_ratio, "lr_ratio")
        self.loss = check_choice(loss, "loss", ("non-saturating", "minimax"))
        self.discriminator = perceptron(2, 1, hidden, seed + 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return the discriminator's loss, a scalar; its gradient also moves the generator."""
        real = batch.source_x
        assert real is not None
        fake = batch.model.draw(len(real))  # type: ignore[operator]
        if self.loss == "minimax":
            return domain_loss(self.logits(real), self.logits(reverse(fake)))
        loss = domain_loss(self.logits(real), self.logits(fake.detach()))
        fooled = F.softplus(-held(self.discriminator, fake)).mean()
        return loss + (fooled - fooled.detach())

    def logits(self, x: Tensor) -> Tensor:
        """Return a logit per point: above 0 for "real"."""
        return self.discriminator(x).squeeze(1)


def modes_covered(
    points: np.ndarray, centers: np.ndarray, sd: float, share: float = 0.25
) -> tuple[int, float]:
    """Return how many clouds the points cover, and the share of points inside any cloud.

    A point is inside a cloud within four standard deviations of its center. A cloud is covered
    if it has at least ``share`` of the points that it would get in a fair mix.

    Raises
    ------
    ValueError
        If arrays have the wrong shape or hold NaN.
    """
    points = check_array(points, "points", ndim=2)
    centers = check_array(centers, "centers", ndim=2)
    gaps = np.linalg.norm(points[:, None] - centers[None], axis=2)
    near = gaps.argmin(axis=1)[gaps.min(axis=1) < 4 * check_positive(sd, "sd")]
    counts = np.bincount(near, minlength=len(centers))
    wanted = check_positive(share, "share") * len(points) / len(centers)
    return int((counts >= wanted).sum()), len(near) / len(points)
