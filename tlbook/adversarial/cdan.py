"""CDAN: the discriminator sees features together with what the classifier says."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.adversarial.dann import DANN, Inputs
from tlbook.objective import Batch, Weight, full_precision

LARGEST = 4096  # longer products are projected, as in the paper


class CDAN(DANN):
    r"""DANN on features and predictions together, so that class is aligned with class.

    .. math:: h(z, p) = z \otimes p, \qquad p = \mathrm{softmax}(\mathrm{head}(z))

    the discriminator sees :math:`d \times C` products instead of :math:`d` features. Where there
    would be more than 4,096 they are replaced by :math:`\frac{1}{\sqrt{D}} (R_z z) \odot (R_p p)`
    with fixed random matrices, which keeps inner products on average.

    Parameters
    ----------
    weight : float or function
        λ.
    n_features, n_classes : int
        Length of ``model.features(x)`` and number of logits.
    entropy : bool
        CDAN+E: weigh each row by :math:`1 + e^{-H(p)}`, so that uncertain predictions count less.
    random_width : int
        :math:`D`, rows of the random matrices.
    **options
        Those of :class:`DANN`.

    Notes
    -----
    No gradient flows through :math:`p`, neither in the product nor in the weights: the
    predictions are a condition, as in the authors' code (the paper's formula leaves it open). So
    the head learns from :math:`L_S` alone.

    Raises
    ------
    ValueError
        If an argument is out of range, or features or logits have another width.

    References
    ----------
    Long, Cao, Wang & Jordan (2018), Conditional adversarial domain adaptation.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.adversarial import CDAN
    >>> from tlbook.objective import Objective, Ramp
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net, term = models.create("digitnet"), CDAN(Ramp(1.0), n_features=64, n_classes=10)
    >>> term.width(64)  # what the discriminator sees of a row: 64 features times 10 classes
    640
    >>> history = fit(net, task, Objective(cross_entropy, term), steps=20)
    >>> list(history.columns)
    ['loss', 'L_S', 'CDAN', 'lr']
    """

    random_z: Tensor
    random_p: Tensor

    @named
    def __init__(
        self,
        weight: Weight = 1.0,
        *,
        n_features: int = 64,
        n_classes: int = 10,
        entropy: bool = True,
        random_width: int = 1024,
        seed: int = 0,
        **options: Any,
    ) -> None:
        self.n_classes = check_positive(n_classes, "n_classes", integer=True)
        self.random_width = check_positive(random_width, "random_width", integer=True)
        super().__init__(weight, n_features=n_features, seed=seed, **options)
        self.n_features, self.entropy = n_features, entropy
        self.projected = n_features * n_classes > LARGEST
        if self.projected:
            draw = torch.Generator().manual_seed(seed)
            for name, width in (("random_z", n_features), ("random_p", n_classes)):
                self.register_buffer(name, torch.randn(random_width, width, generator=draw))

    def width(self, n_features: int) -> int:
        """Return the length of the product, or of its projection."""
        product = n_features * self.n_classes
        return product if product <= LARGEST else self.random_width

    def inputs(self, batch: Batch) -> Inputs:
        """Return the conditioned features of source and target, and the weights of the rows."""
        source, source_weight = self._condition(batch.source_features, batch.source_logits)
        target, target_weight = self._condition(batch.target_features, batch.target_logits)
        return source, target, source_weight, target_weight

    def _condition(self, z: Tensor, logits: Tensor) -> tuple[Tensor, Tensor | None]:
        if z.shape[1:] != (self.n_features,) or logits.shape[1:] != (self.n_classes,):
            raise ValueError(
                f"features, logits: got rows of shape {tuple(z.shape[1:])} and "
                f"{tuple(logits.shape[1:])}, want n_features={self.n_features} and "
                f"n_classes={self.n_classes}"
            )
        # Half precision is too coarse for probabilities that are multiplied and weighed.
        wide = torch.promote_types(z.dtype, torch.float32)
        with full_precision(z.device):
            p = torch.softmax(logits.detach().to(wide), dim=1)
            return self.product(z.to(wide), p), entropy_weight(p) if self.entropy else None

    def product(self, z: Tensor, p: Tensor) -> Tensor:
        """Return z ⊗ p flattened, (n, d · C), or its random projection, (n, D)."""
        if self.projected:
            mixed = (z @ self.random_z.T.to(z.dtype)) * (p @ self.random_p.T.to(p.dtype))
            return mixed / self.random_width**0.5
        return (z.unsqueeze(2) * p.unsqueeze(1)).flatten(1)


@named
def entropy_weight(p: Tensor) -> Tensor:
    r"""Return the weights :math:`1 + e^{-H(p)}` of rows of probabilities, (n,), in (1, 2]."""
    return 1 + torch.exp(torch.special.entr(p).sum(dim=1).neg())
