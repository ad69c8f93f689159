"""Deep CORAL: make the covariance matrices of both domains' features alike."""

from __future__ import annotations

import torch
from torch import Tensor

from tlbook.objective import Batch, Term, full_precision


class DeepCORAL(Term):
    r"""Squared distance between the covariance matrices of source and target features.

    .. math:: \frac{1}{4 d^2} \lVert C_S - C_T \rVert_F^2

    It equals ``distances.coral_distance``. Its unit is the fourth power of the features' unit, so
    no weight is right for all networks: features of size 5 instead of 1 make the value 625 times
    larger, whatever the factor :math:`1 / 4d^2` (1 / 16384 for 64 features) makes of it. Watch the
    column and try weights from 0.1 to 100. It sees second moments only; a shift of the mean is
    invisible. A network can lower it by making all features small: the source loss has to hold
    against that.

    Parameters
    ----------
    weight : float or function
        λ.

    Raises
    ------
    ValueError
        If a draw has fewer than 2 rows.

    See Also
    --------
    tlbook.features.CORAL : the linear map on fixed features, without training.

    References
    ----------
    Sun & Saenko (2016), Deep CORAL: correlation alignment for deep domain adaptation.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.alignment import DeepCORAL
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit
    >>> task, last = data.load("fonts-to-handwriting", n_source=200), []
    >>> for weight in (0.0, 10.0):  # 0 only watches
    ...     objective = Objective(cross_entropy, DeepCORAL(weight))
    ...     history = fit(models.create("digitnet"), task, objective, steps=30)
    ...     last.append(history.columns["DeepCORAL"][-10:].mean())
    >>> bool(last[1] < last[0])
    True
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
