"""How much of a fine-tuned network is its start plus a few directions in every layer?"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive

SMALL = 16
"""A matrix of so few rows, such as the head, is kept whole."""


def changes(tuned: nn.Module, start: nn.Module, rank: int) -> dict[str, Tensor]:
    r"""Return what training changed, every matrix cut to its best approximation of this rank.

    .. math:: W - W_0 \approx B A, \qquad B = U_r \sqrt{S_r}, \; A = \sqrt{S_r} V_r^\top

    of the singular value decomposition U S Vᵀ; by Eckart and Young no other matrix of rank r is
    nearer. Vectors (biases, LayerNorm) and small matrices (the head) are kept whole.

    Parameters
    ----------
    tuned, start : nn.Module
        After and before; the same parameter names and shapes.
    rank : int
        r.

    Returns
    -------
    dict of tensors
        ``name.B`` and ``name.A`` for a matrix, ``name`` for a vector, in float16. What did not
        change is left out.

    Raises
    ------
    ValueError
        If the two do not have the same parameters, or ``rank`` is no positive integer.

    References
    ----------
    Aghajanyan, Gupta & Zettlemoyer (2021), Intrinsic dimensionality explains the effectiveness of
    language model fine-tuning.
    """
    check_positive(rank, "rank", integer=True)
    before, after = dict(start.named_parameters()), dict(tuned.named_parameters())
    if {n: p.shape for n, p in before.items()} != {n: p.shape for n, p in after.items()}:
        raise ValueError("start: got other parameters than those of tuned, want the same network")
    found: dict[str, Tensor] = {}
    for name, parameter in after.items():
        delta = parameter.detach() - before[name].detach()
        if not delta.any():
            continue
        if delta.ndim != 2 or min(delta.shape) <= max(rank, SMALL):
            found[name] = delta.half()
            continue
        B, A = _factors(delta, rank)
        found[f"{name}.B"], found[f"{name}.A"] = B.half(), A.half()
    return found


def changed(start: nn.Module, found: dict[str, Tensor]) -> Any:
    """Return a copy of the start with the changes added.

    Raises
    ------
    ValueError
        If a change belongs to no parameter.
    """
    new = copy.deepcopy(start)
    parameters = dict(new.named_parameters())
    for name, value in found.items():
        stem = name.removesuffix(".A").removesuffix(".B")
        if stem not in parameters:
            raise ValueError(f"found: got {name!r}, want a parameter of the network")
        if name.endswith(".A"):
            continue
        delta = value.float() @ found[f"{stem}.A"].float() if name.endswith(".B") else value.float()
        with torch.no_grad():
            parameters[stem].add_(delta)
    return new


def _factors(delta: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return B and A by the eigenvectors of the smaller Gram matrix: word vectors are 30,522 rows.

    In float64, where squaring the singular values costs nothing that float16 could show.
    """
    tall = delta.shape[0] >= delta.shape[1]
    M = (delta if tall else delta.T).double()
    values, vectors = torch.linalg.eigh(M.T @ M)
    V = vectors[:, -rank:]
    root = values[-rank:].clamp(min=1e-30).pow(0.25)  # of the singular values
    left, right = (M @ V) / root, (V * root).T
    return (left, right) if tall else (right.T, left.T)
