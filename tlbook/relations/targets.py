"""Class relations as soft targets: a loss that any objective can take."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_probability
from tlbook._base.named import named
from tlbook.relations.matrices import check_class_numbers, check_stochastic


@named
def smoothed_targets(y: Any, relations: Any, epsilon: float) -> np.ndarray:
    r"""Return soft targets :math:`t_i = (1 - \varepsilon) e_{y_i} + \varepsilon R_{y_i}`.

    With :math:`R_{cd} = 1 / K` it is the usual label smoothing, which says that all mistakes are
    equally near. A learned :math:`R` says which are nearer.

    Parameters
    ----------
    y : array of shape (n,)
        Labels 0 … K − 1.
    relations : array of shape (K, K)
        Rows sum to 1.
    epsilon : float
        Share of the target that the relation gets, in [0, 1].

    Returns
    -------
    array of shape (n, K)
        Rows sum to 1.

    Raises
    ------
    ValueError
        If the matrix, the labels or ε do not fit.

    References
    ----------
    Szegedy et al. (2016), Rethinking the Inception architecture (uniform smoothing).
    Tzeng et al. (2015), Simultaneous deep transfer across domains and tasks (relations).
    """
    R = check_stochastic(relations, "relations", square=True)
    epsilon = check_probability(epsilon, "epsilon")
    y = check_class_numbers(y, None, len(R))
    return (1 - epsilon) * np.eye(len(R))[y] + epsilon * R[y]


class RelationalTargets(nn.Module):
    r"""Cross-entropy against a soft target for each label.

    .. math:: L = \frac{\sum_i w_{y_i} \; \bigl(-\sum_c T_{y_i c} \log p_c(x_i)\bigr)}
                       {\sum_i w_{y_i}}

    It is a loss ``loss(logits, y)``: the source loss of an :class:`~tlbook.objective.Objective`
    or the loss of a :class:`~tlbook.objective.TargetLoss`. Labels and logits need not belong to
    the same classes: with one row for each *source* letter over the *target's* digits, letters
    teach digits.

    Parameters
    ----------
    targets : array of shape (labels, classes)
        Row y is the soft target of label y; rows sum to 1.
    weights : array of shape (labels,), optional
        Weight of each label; 0 leaves a label out. By default all 1.

    Raises
    ------
    ValueError
        If the rows are no distributions, or the weights are negative or all 0.

    Examples
    --------
    >>> import torch
    >>> from tlbook.relations import RelationalTargets
    >>> loss = RelationalTargets.from_profiles([[0.9, 0.1, 0.0], [0.0, 0.5, 0.5]])
    >>> loss.targets.shape  # a soft target over two digits for each of three letters
    torch.Size([3, 2])
    >>> letters = torch.tensor([0, 1, 2])
    >>> logits = torch.tensor([[5.0, -5.0], [-5.0, 5.0], [-5.0, 5.0]])
    >>> bool(loss(logits, letters) < loss(-logits, letters))
    True
    """

    targets: Tensor
    weights: Tensor

    @named
    def __init__(self, targets: Any, weights: Any = None) -> None:
        super().__init__()
        T = check_stochastic(targets, "targets")
        w = np.ones(len(T)) if weights is None else check_array(weights, "weights", ndim=1)
        if w.shape != (len(T),) or w.min() < 0 or not w.any():
            raise ValueError(
                f"weights: got {len(w)} numbers from {w.min():g}, want {len(T)} of at least 0, "
                "not all 0"
            )
        self.register_buffer("targets", torch.as_tensor(T, dtype=torch.float32))
        self.register_buffer("weights", torch.as_tensor(w, dtype=torch.float32))

    @classmethod
    def smoothing(cls, relations: Any, epsilon: float) -> RelationalTargets:
        """Return the loss on :func:`smoothed_targets`, for labels of the same classes."""
        R = check_stochastic(relations, "relations", square=True)
        return cls(smoothed_targets(np.arange(len(R)), R, epsilon))

    @classmethod
    def from_profiles(cls, profiles: Any) -> RelationalTargets:
        r"""Return the loss by which known classes s teach the new classes c that resemble them.

        With the profiles :math:`S` (new × known), Bayes' rule with equally frequent new classes:
        :math:`T_{sc} = S_{cs} / \sum_d S_{ds}` and :math:`w_s \propto \sum_c S_{cs}`.
        """
        targets, weights = invert_profiles(profiles)
        return cls(targets, weights)

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """Return the weighted mean over the draw, a scalar (0 where no label has weight)."""
        if logits.ndim != 2 or logits.shape[1] != self.targets.shape[1]:
            raise ValueError(
                f"logits: got shape {tuple(logits.shape)}, want (n, {self.targets.shape[1]})"
            )
        if len(y) and (int(y.max()) >= len(self.targets) or int(y.min()) < 0):
            raise ValueError(f"y: got label {int(y.max())}, want 0 … {len(self.targets) - 1}")
        lower = torch.promote_types(logits.dtype, torch.float32)  # bfloat16 is too coarse for logs
        each = -(self.targets[y] * F.log_softmax(logits.to(lower), dim=1)).sum(dim=1)
        weight = self.weights[y]
        return (weight * each).sum() / weight.sum().clamp_min(1e-12)


def invert_profiles(profiles: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return soft targets (known, new) and weights (known,) that profiles (new, known) imply.

    A known class that no new class resembles gets weight 0 and a uniform row. The weights have
    the mean 1 over the known classes.
    """
    S = check_stochastic(profiles, "profiles")
    mass = S.sum(axis=0)
    targets = np.full(S.T.shape, 1 / len(S))
    seen = mass > 0
    targets[seen] = (S[:, seen] / mass[seen]).T
    return targets, mass * S.shape[1] / len(S)
