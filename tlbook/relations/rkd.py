"""Relational knowledge distillation: the student copies how pictures lie to each other."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice
from tlbook._base.named import named
from tlbook.objective import Batch, Term, Weight


def _embeddings(z: Tensor, name: str, rows: int) -> Tensor:
    if z.ndim != 2 or len(z) < rows:
        raise ValueError(
            f"{name}: got shape {tuple(z.shape)}, want (n, d) with n of at least {rows}"
        )
    return z.to(torch.promote_types(z.dtype, torch.float32))


def _pair(student: Tensor, teacher: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    s, t = _embeddings(student, "student", rows), _embeddings(teacher, "teacher", rows)
    if len(s) != len(t):
        raise ValueError(f"teacher: got {len(t)} rows, want {len(s)} like the student's")
    return s, t


def normalized_distances(z: Tensor) -> Tensor:
    r"""Return :math:`\lVert z_i - z_j \rVert / \mu` for i < j, :math:`\mu` their mean, (pairs,).

    Pairs at distance 0 have gradient 0, as the loss is not differentiable there.
    """
    i, j = torch.triu_indices(len(z), len(z), offset=1, device=z.device)
    squared = (z[i] - z[j]).square().sum(dim=1)
    distance = torch.where(squared > 0, squared, 1.0).sqrt() * (squared > 0)
    return distance / distance.mean().clamp_min(1e-12)


@named
def rkd_distance(student: Tensor, teacher: Tensor) -> Tensor:
    r"""Return the mean Huber loss between normalized pairwise distances.

    .. math:: L_D = \frac{1}{|P|} \sum_{i<j} \ell_1\!\left(\tfrac{\lVert s_i - s_j \rVert}{\mu_s},
              \tfrac{\lVert t_i - t_j \rVert}{\mu_t}\right)

    with the mean distances :math:`\mu_s, \mu_t` of the draw and Huber's :math:`\ell_1` (quadratic
    below 1). Turning, moving or scaling either embedding changes nothing, and the two may have
    different dimensions.

    Parameters
    ----------
    student, teacher : tensors of shape (n, d_s) and (n, d_t), n >= 2

    Raises
    ------
    ValueError
        If there are fewer than two rows or the numbers of rows differ.

    References
    ----------
    Park, Kim, Lu & Cho (2019), Relational knowledge distillation, eq. 5–7.
    """
    s, t = _pair(student, teacher, 2)
    return F.smooth_l1_loss(normalized_distances(s), normalized_distances(t))


def angles(z: Tensor) -> Tensor:
    r"""Return :math:`\cos \angle z_i z_j z_k` with the vertex j, shape (n, n, n) as [j, i, k].

    An edge of length 0 has no direction; its cosines are 0.
    """
    edges = z[None, :, :] - z[:, None, :]  # [j, i]: from j to i
    squared = edges.square().sum(dim=2, keepdim=True)
    length = torch.where(squared > 0, squared, 1.0).sqrt()
    unit = edges / length
    return unit @ unit.transpose(1, 2)


@named
def rkd_angle(student: Tensor, teacher: Tensor) -> Tensor:
    r"""Return the mean Huber loss between the cosines of all angles of three pictures.

    .. math:: L_A = \frac{1}{|T|} \sum_{i \ne j \ne k} \ell_1\bigl(\cos \angle s_i s_j s_k,
              \cos \angle t_i t_j t_k\bigr)

    over the triples of different rows. Similarity transforms of either embedding change nothing.

    Parameters
    ----------
    student, teacher : tensors of shape (n, d_s) and (n, d_t), n >= 3
        Takes memory for n³ numbers: draws of 64, not of 1,000.

    Raises
    ------
    ValueError
        If there are fewer than three rows or the numbers of rows differ.

    References
    ----------
    Park, Kim, Lu & Cho (2019), Relational knowledge distillation, eq. 8–10.
    """
    s, t = _pair(student, teacher, 3)
    n = len(s)
    # Triples with i = j, k = j (cosine 0) or i = k (cosine 1) agree by construction and only
    # dilute the mean; n (n − 1) (n − 2) remain.
    total = F.smooth_l1_loss(angles(s), angles(t), reduction="none")
    same = torch.eye(n, dtype=torch.bool, device=s.device)
    keep = ~(same[:, :, None] | same[:, None, :] | same[None, :, :])
    return total[keep].mean()


class _Relational(Term):
    """A term that compares the student's features with a frozen teacher's on one draw."""

    @named
    def __init__(self, teacher: nn.Module, weight: Weight = 1.0, *, on: str = "target") -> None:
        super().__init__(weight)
        if not isinstance(teacher, nn.Module) or not callable(getattr(teacher, "features", None)):
            raise ValueError(
                f"teacher: got {type(teacher).__name__}, want an nn.Module with features(x)"
            )
        self.on = check_choice(on, "on", ("source", "target", "labeled"))
        self.needs = (on,)
        frozen = copy.deepcopy(teacher).eval().requires_grad_(False)
        # In a tuple, so that it is no submodule: parameters(), train() and state_dict() miss it.
        self._teacher = (frozen,)

    @property
    def teacher(self) -> nn.Module:
        """The frozen copy of the teacher."""
        return self._teacher[0]

    def _both(self, batch: Batch) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            wanted = self.teacher.features(getattr(batch, f"{self.on}_x"))  # type: ignore[operator]
        return getattr(batch, f"{self.on}_features"), wanted

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> _Relational:
        # .to(device) reaches submodules only, and the teacher is none.
        self.teacher._apply(fn)
        return super()._apply(fn, recurse)


class RKDDistance(_Relational):
    """:func:`rkd_distance` between the features of the model and of a frozen teacher.

    Parameters
    ----------
    teacher : nn.Module
        With ``features(x)``. It is copied, stays in eval mode and gets no gradient.
    weight : float or function
        Weight of the term.
    on : {"target", "source", "labeled"}
        On which draw; no labels are needed.

    Raises
    ------
    ValueError
        If the teacher has no ``features``.

    References
    ----------
    Park, Kim, Lu & Cho (2019), Relational knowledge distillation.
    """

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the pairs of the draw, a scalar."""
        return rkd_distance(*self._both(batch))


class RKDAngle(_Relational):
    """:func:`rkd_angle` between the features of the model and of a frozen teacher.

    Parameters and errors as in :class:`RKDDistance`; the paper weights it twice as much.
    """

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the triples of the draw, a scalar."""
        return rkd_angle(*self._both(batch))
