"""Terms on the target's predictions alone: be sure, and be sure of different things."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tlbook.objective import Batch, Term, mean_of_rows


class Entropy(Term):
    r"""Mean entropy of the predictions on the target, in nats.

    .. math:: \frac1m \sum_j H\bigl(p(\cdot \mid x_j)\bigr), \qquad
        H(p) = -\sum_y p_y \log p_y

    It pushes the boundary out of dense regions of the target. Zero is also reached by calling
    everything the same class with certainty; :class:`InformationMaximization` rules that out.

    Parameters
    ----------
    weight : float or function
        Weight of the term.

    References
    ----------
    Grandvalet & Bengio (2005), Semi-supervised learning by entropy minimization.
    """

    needs = ("target",)

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean entropy, between 0 and log(classes)."""
        return conditional_entropy(log_softmax(batch.target_logits))


mean_of_rows(Entropy)


class InformationMaximization(Term):
    r"""Minus the mutual information between inputs and predictions on the target, in nats.

    .. math:: -I(x; y) = \frac1m \sum_j H\bigl(p(\cdot \mid x_j)\bigr) - H(\bar p), \qquad
        \bar p = \frac1m \sum_j p(\cdot \mid x_j)

    Each prediction should be sure and all classes should occur. The second part asks for *equal*
    shares: where the target's classes are not equally frequent it pulls the wrong way.

    Parameters
    ----------
    weight : float or function
        Weight of the term.

    See Also
    --------
    tlbook.selection.information_score : the same number without the minus, to compare networks.

    References
    ----------
    Krause, Perona & Gomes (2010), Discriminative clustering by regularized information
    maximization.
    Liang, Hu & Feng (2020), Do we really need to access the source data? (SHOT)

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.alignment import InformationMaximization
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> objective = Objective(cross_entropy, InformationMaximization(weight=0.1))
    >>> history = fit(models.create("digitnet"), task, objective, steps=30)
    >>> nats = -history.columns["InformationMaximization"]
    >>> bool(0 <= nats[0] < 0.1), bool(0.5 < nats[-1] < 2.31)  # at most log 10
    (True, True)
    """

    needs = ("target",)

    def forward(self, batch: Batch) -> Tensor:
        """Return the negative information, between −log(classes) and 0."""
        log_p = log_softmax(batch.target_logits)
        return conditional_entropy(log_p) - marginal_entropy(log_p)


def log_softmax(logits: Tensor) -> Tensor:
    """Return log-probabilities in at least single precision."""
    # From logits, not from probabilities: log(0) is -inf and its gradient NaN.
    return F.log_softmax(logits, dim=1, dtype=torch.promote_types(logits.dtype, torch.float32))


def conditional_entropy(log_p: Tensor) -> Tensor:
    """Return the mean entropy of the rows of log-probabilities (n, classes), a scalar."""
    return -(log_p.exp() * log_p).sum(dim=1).mean()


def marginal_entropy(log_p: Tensor) -> Tensor:
    """Return the entropy of the mean prediction, a scalar."""
    mean = log_p.exp().mean(dim=0)
    return torch.special.entr(mean.clamp_min(torch.finfo(mean.dtype).tiny)).sum()
