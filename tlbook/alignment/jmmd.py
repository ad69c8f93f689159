"""Joint MMD: align features together with what the network predicts from them (JAN)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from tlbook._base.named import named
from tlbook.alignment.kernels import LADDER, joint_mmd2
from tlbook.alignment.mmd import (
    both,
    check_bandwidths,
    check_class_weights,
    check_layers,
    row_weights,
)
from tlbook.objective import Batch, Term, Weight


class JMMD(Term):
    r"""Squared MMD of the joint distribution of features and class probabilities.

    .. math:: k\bigl((z, p), (z', p')\bigr) = k_1(z, z')\, k_2(p, p')

    Two rows are near only where both their features and their predicted classes are. MMD on
    features alone may match the threes of one domain with the eights of the other; here that costs
    something, as long as the predictions are right.

    Parameters
    ----------
    weight : float or function
        λ.
    layers : sequence of {"features", "logits", "probabilities"}
        Whose joint distribution is compared.
    bandwidths : sequence of float
        Factors of the median distance of the first layer's kernel; the others have one Gaussian
        with their own median distance.
    class_weights : array of shape (classes,), optional
        As in :class:`tlbook.alignment.MMD`.
    unbiased : bool
        Leave out the pairs of a row with itself.

    Raises
    ------
    ValueError
        If an argument does not fit or a draw has fewer than 2 rows.

    Notes
    -----
    All pairs of a draw are compared; the paper takes an estimate in linear time.

    References
    ----------
    Long et al. (2017), Deep transfer learning with joint adaptation networks.
    """

    needs = ("source", "target")
    class_weights: Tensor | None

    @named
    def __init__(
        self,
        weight: Weight = 1.0,
        *,
        layers: Sequence[str] = ("features", "probabilities"),
        bandwidths: Sequence[float] = LADDER,
        class_weights: Any = None,
        unbiased: bool = True,
    ) -> None:
        super().__init__(weight)
        self.layers = check_layers(layers)
        self.bandwidths = check_bandwidths(bandwidths)
        self.unbiased = unbiased
        weights = None if class_weights is None else check_class_weights(class_weights)
        self.register_buffer("class_weights", weights)

    def forward(self, batch: Batch) -> Tensor:
        """Return the value; about zero, and half of the time below, where the joints agree."""
        pairs = [both(batch, layer) for layer in self.layers]
        ladders = [self.bandwidths] + [(1.0,)] * (len(pairs) - 1)
        return joint_mmd2(pairs, row_weights(batch, self.class_weights), ladders, self.unbiased)
