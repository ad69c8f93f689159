"""Few-shot training as terms of the objective: prototypes, equal-class pairs, a cosine head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Sampler, TensorDataset

from tlbook._base.batch import Batch
from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.fewshot.episodes import episodes
from tlbook.objective import Term, Weight
from tlbook.training.draws import to_labels, to_tensor


class Prototypes(Term):
    r"""The prototypical loss: answer one half of the draw by the class means of the other.

    .. math:: L = -\frac{1}{|Q|} \sum_{(x, y) \in Q} \log
        \frac{e^{-\|\phi(x) - \mu_y\|^2}}{\sum_c e^{-\|\phi(x) - \mu_c\|^2}}, \qquad
        \mu_c = \frac{1}{|S_c|} \sum_{x \in S_c} \phi(x)

    Of each class the first ``shots`` rows of the draw are the support S, the others the queries Q;
    classes with fewer rows are left out. With :func:`episode_loader` every draw is an episode. The
    network's head is not used.

    Parameters
    ----------
    weight : float or function
    shots : int

    References
    ----------
    Snell, Swersky and Zemel, Prototypical networks for few-shot learning, NeurIPS 2017.

    Examples
    --------
    >>> from tlbook.fewshot import Prototypes
    >>> from tlbook.objective import Objective
    >>> Objective(None, Prototypes(shots=1))
    1 Prototypes
    """

    needs = ("source",)

    @named
    def __init__(self, weight: Weight = 1.0, shots: int = 1) -> None:
        super().__init__(weight)
        self.shots = int(check_positive(shots, "shots", integer=True))

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean loss over the queries."""
        z, y = batch.source_features, batch.source_y
        assert y is not None
        rank = _rank_in_class(y)
        size = torch.bincount(y, minlength=int(y.max()) + 1)
        kept = size[y] > self.shots
        classes = torch.unique(y[kept])
        if len(classes) < 2:
            return z.sum() * 0  # nothing to tell apart in this draw
        support, query = kept & (rank < self.shots), kept & (rank >= self.shots)
        member = (y[support][None, :] == classes[:, None]).to(z.dtype)
        means = member @ z[support] / self.shots
        distance = torch.cdist(z[query], means, compute_mode="donot_use_mm_for_euclid_dist") ** 2
        return F.cross_entropy(-distance, torch.searchsorted(classes, y[query]))


class SameClass(Term):
    r"""Pull rows of one class together and push others apart (SetFit's contrastive stage).

    .. math:: L = \frac{1}{|P|} \sum_{(i, j) \in P} \left( \cos(\phi(x_i), \phi(x_j))
        - [y_i = y_j] \right)^2

    over all pairs of the draw, equal and unequal pairs with half of the weight each: eight labeled
    texts are 28 pairs, which is why so few labels can train an encoder. Fit the head afterwards, on
    the new features.

    Parameters
    ----------
    weight : float or function

    References
    ----------
    Tunstall, Reimers, Jo et al., Efficient few-shot learning without prompts, 2022.

    Examples
    --------
    >>> from tlbook.fewshot import SameClass
    >>> from tlbook.objective import Objective
    >>> Objective(None, SameClass())
    1 SameClass
    """

    needs = ("source",)

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean squared error of the cosines."""
        y = batch.source_y
        assert y is not None
        z = F.normalize(batch.source_features, dim=1)
        upper = torch.triu(torch.ones_like(z @ z.T, dtype=torch.bool), diagonal=1)
        cosine = (z @ z.T)[upper]
        equal = (y[:, None] == y[None, :])[upper]
        parts = [((cosine - 1) ** 2)[equal], (cosine**2)[~equal]]
        there = [part.mean() for part in parts if len(part)]
        return torch.stack(there).mean() if there else z.sum() * 0


class CosineHead(nn.Module):
    r"""A head by cosine similarity: Baseline++.

    .. math:: \ell_c(x) = s\, \frac{w_c^\top \phi(x)}{\|w_c\|\, \|\phi(x)\|}

    Trained by cross-entropy like any head. Since lengths do not count, it keeps the features of one
    class close in angle, which is what a nearest centroid of new classes needs.

    Parameters
    ----------
    n_features, n_classes : int
    scale : float
        s; without it the softmax could never be sure.
    seed : int
        Of the weights' start.

    References
    ----------
    Chen, Liu, Kira, Wang and Huang, A closer look at few-shot classification, ICLR 2019.

    Examples
    --------
    >>> import torch
    >>> from tlbook.fewshot import CosineHead
    >>> head, z = CosineHead(4, 3), torch.randn(2, 4)
    >>> torch.allclose(head(z), head(10 * z), atol=1e-5)
    True
    """

    @named
    def __init__(self, n_features: int, n_classes: int, scale: float = 10.0, seed: int = 0) -> None:
        super().__init__()
        for value, name in ((n_features, "n_features"), (n_classes, "n_classes")):
            check_positive(value, name, integer=True)
        self.scale = float(check_positive(scale, "scale"))
        draw = torch.Generator().manual_seed(seed)
        start = torch.randn(n_classes, n_features, generator=draw) / n_features**0.5
        self.weight = nn.Parameter(start)

    def forward(self, z: Tensor) -> Tensor:
        """Return logits, shape (n, classes)."""
        return self.scale * F.normalize(z, dim=1) @ F.normalize(self.weight, dim=1).T


@named
def episode_loader(
    X: Any, y: Any, ways: int = 5, shots: int = 1, queries: int = 5, n: int = 500, seed: int = 0
) -> DataLoader[Any]:
    """Return a loader whose draws are episodes: what ``fit`` takes to train :class:`Prototypes`.

    Parameters
    ----------
    X, y : arrays of shape (rows, ...) and (rows,)
        Rows of the classes to train on; labels are whole numbers from 0.
    ways, shots, queries : int
        Each draw has ways · (shots + queries) rows.
    n : int
        Episodes until the same ones come again.
    seed : int

    Returns
    -------
    DataLoader

    Raises
    ------
    ValueError
        If arrays do not fit or there are too few classes or rows.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import episode_loader
    >>> loader = episode_loader(np.zeros((80, 3)), np.arange(80) % 8, n=4)
    >>> [len(labels) for _, labels in loader]
    [30, 30, 30, 30]
    """
    x = to_tensor(X, torch.device("cpu"))
    labels = to_labels(y, len(x), torch.device("cpu"))
    drawn = episodes(labels.numpy(), ways, shots, queries, n, seed)
    rows = [np.concatenate([e.support, e.query]).tolist() for e in drawn]
    return DataLoader(TensorDataset(x, labels), batch_sampler=_Fixed(rows))


class _Fixed(Sampler[list[int]]):
    """Draws that were made before, in their order."""

    def __init__(self, rows: list[list[int]]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def _rank_in_class(y: Tensor) -> Tensor:
    """Return for each row how many earlier rows have its class."""
    same = (y[:, None] == y[None, :]).long()
    return torch.tril(same, diagonal=-1).sum(dim=1)
