"""The domain discriminator and its loss: logits in, never the logarithm of a probability."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm as bounded

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.models import seeded
from tlbook.objective import full_precision


class Discriminator(nn.Module):
    r"""A network with one hidden layer that says "source" (logit above 0) or "target".

    .. math:: d(z) = w_2^\top \mathrm{dropout}(\mathrm{relu}(W_1 z + b_1)) + b_2

    Parameters
    ----------
    n_features : int
        Length of a feature vector z.
    hidden : int
        Units of the hidden layer.
    dropout : float
        Share of hidden units that are left out at random while it trains, in [0, 1).
    spectral_norm : bool
        Divide each weight matrix by its largest singular value: then :math:`d` changes at most as
        fast as its input, and its gradient cannot explode.
    seed : int
        Seed of the random start.

    Notes
    -----
    It computes in float32 also where the rest of the network is under bfloat16 autocast: it is
    small, and the game is decided by small differences of its outputs.

    Raises
    ------
    ValueError
        If a size is not a positive integer or ``dropout`` is outside [0, 1).

    References
    ----------
    Ganin et al. (2016), Domain-adversarial training of neural networks.
    Miyato et al. (2018), Spectral normalization for generative adversarial networks.
    """

    @named
    def __init__(
        self,
        n_features: int = 64,
        hidden: int = 256,
        dropout: float = 0.5,
        spectral_norm: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.n_features = check_positive(n_features, "n_features", integer=True)
        check_positive(hidden, "hidden", integer=True)
        check_positive(dropout, "dropout", zero_ok=True)
        if dropout >= 1:
            raise ValueError(f"dropout: got {dropout!r}, want a share in [0, 1)")
        check_positive(seed, "seed", zero_ok=True, integer=True)

        def layers() -> nn.Module:
            first, last = nn.Linear(n_features, hidden), nn.Linear(hidden, 1)
            if spectral_norm:
                bounded(first), bounded(last)
            return nn.Sequential(first, nn.ReLU(), nn.Dropout(dropout), last)

        self.layers = seeded(layers, seed)

    def forward(self, z: Tensor) -> Tensor:
        """Return one logit per row of features, (n,)."""
        if z.ndim != 2 or z.shape[1] != self.n_features:
            raise ValueError(
                f"features: got shape {tuple(z.shape)}, want (n, {self.n_features}): "
                "set n_features of the term to the width of model.features(x)"
            )
        weight = next(self.layers.parameters())
        with full_precision(z.device):
            return self.layers(z.to(weight.dtype)).squeeze(1)


@named
def domain_loss(
    source: Tensor,
    target: Tensor,
    source_weight: Tensor | None = None,
    target_weight: Tensor | None = None,
) -> Tensor:
    r"""Return the cross-entropy of the discriminator; either domain counts one half.

    .. math:: L_D = -\frac12 \mathbb E_S \log \sigma(d(z))
              - \frac12 \mathbb E_T \log \bigl(1 - \sigma(d(z))\bigr)

    It is :math:`\log 2 \approx 0.693` for a discriminator that always says one half.

    Parameters
    ----------
    source, target : tensors of shape (n,) and (m,)
        Logits, not probabilities: :math:`-\log\sigma(d)` is computed as softplus(−d), which is
        finite for every finite d.
    source_weight, target_weight : tensors of shape (n,) and (m,), optional
        Weights of the rows, made to sum to one within each domain.
    """
    return (
        _mean(F.softplus(-source), source_weight) + _mean(F.softplus(target), target_weight)
    ) / 2


def _mean(values: Tensor, weight: Tensor | None) -> Tensor:
    if weight is None:
        return values.mean()
    return (values * weight).sum() / weight.sum()
