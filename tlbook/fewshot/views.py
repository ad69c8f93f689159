"""Learning without labels from two views of each picture: SimCLR, VICReg, and collapse."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.batch import Batch
from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.augmentation import Augment
from tlbook.objective import Term, Weight, full_precision


class TwoViews(Term):
    """Base of the terms that compare two random views of each picture of the draw.

    Owns the projector, two linear layers that are thrown away after the training: what the loss
    asks to be invariant is asked of its output, and the features before it keep more.

    Parameters
    ----------
    augment : function(x, generator) -> x
    n_features : int
        Width of the model's features.
    projection : int
        Width of the projector's output.
    weight : float or function
    seed : int
        Of the projector and of the views.
    """

    needs = ("source",)

    def __init__(
        self,
        augment: Augment,
        n_features: int,
        projection: int = 64,
        weight: Weight = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(weight)
        for value, name in ((n_features, "n_features"), (projection, "projection")):
            check_positive(value, name, integer=True)
        self.augment = augment
        self.seed = seed
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.projector = nn.Sequential(
                nn.Linear(n_features, n_features), nn.ReLU(), nn.Linear(n_features, projection)
            )

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss of the two views' projections."""
        x = batch.source_x
        assert x is not None
        # A generator of the step's own: a resumed run draws the same views.
        draw = torch.Generator(x.device).manual_seed((self.seed << 32) + batch.step)
        features = batch.features_of or batch.model.features
        views = [self.projector(features(self.augment(x, draw))) for _ in range(2)]  # type: ignore[operator]
        with full_precision(x.device):
            return self.compare(views[0].float(), views[1].float())

    def compare(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the loss of two sets of projections, each of shape (n, projection)."""
        raise NotImplementedError


class SimCLR(TwoViews):
    r"""Find the other view of the same picture among all others of the draw (NT-Xent).

    .. math:: L = -\frac{1}{2n} \sum_i \log \frac{e^{\cos(z_i, z_{i'}) / T}}
        {\sum_{j \ne i} e^{\cos(z_i, z_j) / T}}

    The other pictures push apart, so a constant is no good answer; it needs many of them in a draw.

    Parameters
    ----------
    augment, n_features, projection, weight, seed
        As in :class:`TwoViews`.
    temperature : float
        T.

    References
    ----------
    Chen, Kornblith, Norouzi and Hinton, A simple framework for contrastive learning of visual
    representations, ICML 2020.

    Examples
    --------
    >>> from tlbook import augmentation
    >>> from tlbook.fewshot import SimCLR
    >>> from tlbook.objective import Objective
    >>> Objective(None, SimCLR(augmentation.geometric(), n_features=64))
    1 SimCLR
    """

    @named
    def __init__(
        self,
        augment: Augment,
        n_features: int,
        projection: int = 64,
        temperature: float = 0.5,
        weight: Weight = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(augment, n_features, projection, weight, seed)
        self.temperature = float(check_positive(temperature, "temperature"))

    def compare(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the mean of −log of the share that the true partner gets."""
        z = F.normalize(torch.cat([a, b]), dim=1)
        logits = z @ z.T / self.temperature
        logits.fill_diagonal_(-torch.inf)
        n = len(a)
        partner = torch.arange(2 * n, device=z.device).roll(n)
        return F.cross_entropy(logits, partner)


class VICReg(TwoViews):
    r"""Make two views equal while every coordinate varies and no two say the same.

    .. math:: L = \lambda\, \overline{\|z - z'\|^2}/d + \mu\, [v(Z) + v(Z')] + \nu\, [c(Z) + c(Z')],
        \qquad v = \frac1d \sum_j \max(0, 1 - \sigma_j), \quad
        c = \frac1d \sum_{j \ne k} \operatorname{Cov}_{jk}^2

    Without ``variance`` (μ = 0) the best answer is a constant: collapse onto a point, with no loss.
    Look at the standard deviation of the projections. Without ``covariance`` (ν = 0) few
    directions may be left: look at :func:`effective_rank`, which does not see the scale.

    Parameters
    ----------
    augment, n_features, projection, weight, seed
        As in :class:`TwoViews`.
    invariance, variance, covariance : float
        λ, μ, ν.

    References
    ----------
    Bardes, Ponce and LeCun, VICReg: variance-invariance-covariance regularization for
    self-supervised learning, ICLR 2022.

    Examples
    --------
    >>> from tlbook import augmentation
    >>> from tlbook.fewshot import VICReg
    >>> from tlbook.objective import Objective
    >>> Objective(None, VICReg(augmentation.geometric(), n_features=64, variance=0.0))  # collapses
    1 VICReg
    """

    @named
    def __init__(
        self,
        augment: Augment,
        n_features: int,
        projection: int = 64,
        invariance: float = 25.0,
        variance: float = 25.0,
        covariance: float = 1.0,
        weight: Weight = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(augment, n_features, projection, weight, seed)
        parts = {"invariance": invariance, "variance": variance, "covariance": covariance}
        for name, value in parts.items():
            check_positive(value, name, zero_ok=True)
        self.parts = parts

    def compare(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the weighted sum of the three parts."""
        total = self.parts["invariance"] * F.mse_loss(a, b)
        for z in (a, b):
            centered = z - z.mean(dim=0)
            spread = (centered.var(dim=0) + 1e-4).sqrt()
            covariance = centered.T @ centered / (len(z) - 1)
            crossed = (covariance**2).sum() - (covariance.diagonal() ** 2).sum()
            total = total + self.parts["variance"] * F.relu(1 - spread).mean()
            total = total + self.parts["covariance"] * crossed / z.shape[1]
        return total


@named
def effective_rank(features: Any) -> float:
    r"""Return how many directions the features use: the alarm for a collapse onto few of them.

    .. math:: e^{H(p)}, \qquad p_i = \sigma_i / \textstyle\sum_j \sigma_j

    with the singular values σ of the centered features. 1 for features on a line, d for a round
    cloud. The rank does not see the scale: features that shrink to a point keep it until they are
    equal to rounding (then it is 0). Print their standard deviation beside it.

    Parameters
    ----------
    features : array of shape (n, d)

    Returns
    -------
    float between 0 and min(n, d)

    Raises
    ------
    ValueError
        If the shape does not fit or values are not finite.

    References
    ----------
    Roy and Vetterli, The effective rank: a measure of effective dimensionality, EUSIPCO 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import effective_rank
    >>> cloud = np.random.default_rng(0).normal(size=(500, 4))
    >>> print(round(effective_rank(cloud), 1), round(effective_rank(cloud * [1, 0, 0, 0]), 1))
    4.0 1.0
    """
    Z = check_array(features, "features", ndim=2, min_rows=2).astype(np.float64)
    sizes = np.linalg.svd(Z - Z.mean(axis=0), compute_uv=False)
    if sizes[0] <= 1e-12 * max(1.0, float(abs(Z).max())):
        return 0.0
    p = sizes / sizes.sum()
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))
