"""Deep CORAL: make the covariance matrices of both domains' features alike."""

from __future__ import annotations

import torch
from torch import Tensor

from tlbook.objective import Batch, Term, full_precision


class DeepCORAL(Term):
    r"""Squared distance between the covariance matrices of source and target features.

    .. math:: \frac{1}{4 d^2} \lVert C_S - C_T \rVert_F^2

    It equals ``distances.coral_distance``. Because of the factor :math:`1 / 4d^2` (1 / 16384 for 64
    features) the value is small and useful weights are large: 10 to 100, not 1. It sees second
    moments only; a shift of the mean is invisible. A network can lower it by making all features
    small, since its unit is the fourth power of theirs: the source loss has to hold against that.

    Parameters
    ----------
    weight : float or function
        λ.

    Raises
    ------
    ValueError
        If a draw has fewer than 2 rows.

    References
    ----------
    Sun & Saenko (2016), Deep CORAL: correlation alignment for deep domain adaptation.
    """

    needs = ("source", "target")

    def forward(self, batch: Batch) -> Tensor:
        """Return the squared distance, at least 0."""
        X, Y = batch.source_features, batch.target_features
        if len(X) < 2 or len(Y) < 2:
            raise ValueError(f"draws: got {len(X)} and {len(Y)} rows, want at least 2 each")
        with full_precision(X.device):
            # Unchecked, unlike coral_distance: a NaN has to reach fit, which names step and term.
            gap = covariance(X) - covariance(Y)
            return gap.square().sum() / (4 * X.shape[1] ** 2)


def covariance(Z: Tensor) -> Tensor:
    """Return the sample covariance (divisor n − 1), (d, d), in at least single precision."""
    Z = Z.to(torch.promote_types(Z.dtype, torch.float32))
    Z = Z - Z.mean(dim=0)
    return Z.T @ Z / (len(Z) - 1)
