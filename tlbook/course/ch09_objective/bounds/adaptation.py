"""The adaptation bound, every part of it computed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tlbook.course.ch09_objective.bounds.divergence import h_delta_h, refined_max
from tlbook.course.ch09_objective.bounds.line import Line


class Best(NamedTuple):
    """The smallest error that a threshold reaches, and the threshold."""

    error: float
    threshold: float
    side: int


class Bound(NamedTuple):
    """The parts of the adaptation bound for one or many thresholds.

    ``source``, ``target`` and ``total`` have the shape of the thresholds; ``total`` is
    source + divergence + joint, where ``divergence`` is already halved.
    """

    source: np.ndarray
    divergence: float
    joint: float
    total: np.ndarray
    target: np.ndarray


def best_threshold(*domains: Line) -> Best:
    """Return the threshold with the smallest sum of errors over the domains, and that sum.

    Raises
    ------
    ValueError
        If there is no domain.
    """
    if not domains:
        raise ValueError("domains: got none, want at least one")
    grid = np.unique(np.concatenate([d.grid() for d in domains]))
    found = []
    for side in (1, -1):

        def gain(t: Any, side: int = side) -> np.ndarray:
            return -sum(d.error(t, side) for d in domains)  # type: ignore[return-value]

        place, value = refined_max(gain, grid)
        found.append(Best(-value, place, side))
    return min(found)


def joint_error(source: Line, target: Line) -> Best:
    r"""Return the joint error λ* and the threshold that has it.

    .. math:: \lambda^* = \min_{h \in H} \varepsilon_S(h) + \varepsilon_T(h)

    It says whether *any* hypothesis is good in both domains. It needs target labels: no one knows
    it in unsupervised adaptation. (Nothing to do with the weight λ of the objective.)
    """
    return best_threshold(source, target)


def adaptation_bound(source: Line, target: Line, threshold: Any, side: int = 1) -> Bound:
    r"""Return all parts of the bound for thresholds.

    .. math:: \varepsilon_T(h) \le \varepsilon_S(h) + \tfrac12 d_{H\Delta H}(S, T) + \lambda^*

    Parameters
    ----------
    source, target : Line
    threshold : float or array
        t of each hypothesis.
    side : {1, -1}
        Which side of t is called 1, see :meth:`Line.error`.

    References
    ----------
    Ben-David et al. (2010), theorem 2, with the distributions in place of samples.
    """
    errors = source.error(threshold, side)
    half, joint = h_delta_h(source, target).value / 2, joint_error(source, target).error
    total = errors + half + joint
    return Bound(errors, half, joint, total, target.error(threshold, side))
