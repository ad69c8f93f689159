"""DANN: features that a discriminator cannot tell apart, by gradient reversal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.adversarial.discriminator import Discriminator, domain_loss
from tlbook.adversarial.inner import InnerSteps
from tlbook.adversarial.reversal import reverse
from tlbook.objective import Batch, Term, Weight

Inputs = tuple[Tensor, Tensor, Tensor | None, Tensor | None]


class DANN(Term):
    r"""Domain-adversarial training: the loss of a discriminator on reversed features.

    .. math:: \min_\theta \max_\phi \; L_S(\theta) - \lambda L_D(\theta, \phi)

    with the discriminator's cross-entropy :math:`L_D`. As one minimization: the term's value is
    :math:`L_D` of :math:`d_\phi(R_\lambda(z))`. The discriminator gets the gradient of
    :math:`L_D`, the features :math:`-\lambda` times theirs. λ never slows the discriminator down.

    Parameters
    ----------
    weight : float or function
        λ; a ``Ramp`` lets the features first learn something.
    n_features : int
        Length of ``model.features(x)``.
    hidden, dropout, spectral_norm, seed
        Of the :class:`Discriminator`.
    discriminator_steps : int
        Steps of the discriminator for each step of the features. All but one are made on the
        same draw, on detached features, by an Adam of their own.
    lr_ratio : float
        Learning rate of the discriminator, in all its steps, over that of ``fit`` at this step.

    Notes
    -----
    The column in the history is :math:`L_D`: log 2 where the discriminator knows nothing, near 0
    where it tells the domains apart. A large value alone is no success: a discriminator that
    cannot learn shows it too. Compare with :func:`tlbook.adversarial.fresh_accuracy`.

    Raises
    ------
    ValueError
        If an argument is out of range, the features have another width, or a batch that is not
        made by ``fit`` brings no learning rate for the extra steps.

    References
    ----------
    Ganin et al. (2016), Domain-adversarial training of neural networks.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.adversarial import DANN
    >>> from tlbook.objective import Objective, Ramp
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net, term = models.create("digitnet"), DANN(Ramp(1.0), n_features=64)  # of net.features
    >>> history = fit(net, task, Objective(cross_entropy, term), steps=30, schedule="inverse")
    >>> bool(history.columns["DANN"].max() < 1)  # log 2 = 0.69: the discriminator knows nothing
    True
    """

    needs = ("source", "target")

    @named
    def __init__(
        self,
        weight: Weight = 1.0,
        *,
        n_features: int = 64,
        hidden: int = 256,
        dropout: float = 0.5,
        spectral_norm: bool = False,
        discriminator_steps: int = 1,
        lr_ratio: float = 1.0,
        seed: int = 0,
    ) -> None:
        if not callable(weight):
            check_positive(weight, "weight", zero_ok=True)
        super().__init__(weight)
        self.discriminator_steps = check_positive(
            discriminator_steps, "discriminator_steps", integer=True
        )
        self.lr_ratio = check_positive(lr_ratio, "lr_ratio")
        width = self.width(check_positive(n_features, "n_features", integer=True))
        self.discriminator = Discriminator(width, hidden, dropout, spectral_norm, seed)
        self._inner: InnerSteps | None = None

    def width(self, n_features: int) -> int:
        """Return how many numbers the discriminator sees per row."""
        return n_features

    def weight_at(self, progress: float) -> float:
        """Return 1: λ is inside, on the reversed gradient only."""
        return 1.0

    def reversal_at(self, progress: float) -> float:
        """Return λ at this progress in [0, 1]."""
        return super().weight_at(progress)

    def inputs(self, batch: Batch) -> Inputs:
        """Return what the discriminator sees of source and target, and weights of the rows."""
        return batch.source_features, batch.target_features, None, None

    def forward(self, batch: Batch) -> Tensor:
        """Return the discriminator's loss, a scalar."""
        source, target, *weights = self.inputs(batch)
        both, n = torch.cat([source, target]), len(source)

        def loss(z: Tensor) -> Tensor:
            logits = self.discriminator(z)
            return domain_loss(logits[:n], logits[n:], *weights)

        if self.discriminator_steps > 1 and self.training and torch.is_grad_enabled():
            still = both.detach()
            self._go_ahead(lambda: loss(still), batch.lr)
        return loss(reverse(both, self.reversal_at(batch.progress)))

    def _go_ahead(self, loss: Callable[[], Tensor], lr: float | None) -> None:
        """Make the discriminator's extra steps, at the rate that ``fit`` has at this step."""
        if lr is None:
            raise ValueError(
                "lr: got a batch without a learning rate, want Batch(…, lr=…): "
                "the extra steps of the discriminator follow it"
            )
        self._steps().run(loss, self.discriminator_steps - 1, lr * self.lr_ratio)

    def _steps(self) -> InnerSteps:
        if self._inner is None:
            self._inner = InnerSteps(self.discriminator)
        return self._inner

    def get_extra_state(self) -> dict[str, Tensor]:
        """Return the moments of the extra steps, for checkpoints."""
        return {} if self._inner is None else self._inner.state()

    def set_extra_state(self, state: Any) -> None:
        """Take over the moments of the extra steps."""
        self._inner = None
        if state:
            self._steps().load(state)
