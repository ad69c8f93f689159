"""The divergence of the adaptation bound, for thresholds on the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tlbook._base.checks import check_array
from tlbook.course.ch09_objective.bounds.line import Line


class Divergence(NamedTuple):
    """d_HΔH and the interval on which two hypotheses disagree that shows it."""

    value: float
    low: float
    high: float


def h_delta_h(source: Line, target: Line) -> Divergence:
    r"""Return the HΔH-divergence of two domains for the class of all thresholds.

    .. math:: d_{H\Delta H}(S, T) = 2 \sup_{h, h' \in H} \bigl|P_S(h \ne h') - P_T(h \ne h')\bigr|

    Two thresholds disagree on an interval (or, with opposite sides, outside of one, which gives
    the same difference). With :math:`D = F_S - F_T` the supremum over intervals is
    :math:`\max D - \min D`, :math:`D` being 0 at both ends of the line.

    Returns
    -------
    Divergence
        ``value`` in [0, 2], and the ends of a maximizing interval.

    References
    ----------
    Ben-David, Blitzer, Crammer, Kulesza, Pereira & Vaughan (2010), A theory of learning from
    different domains, definition 3.
    """

    def gap(x: Any) -> np.ndarray:
        return source.mass_below(x) - target.mass_below(x)

    grid = np.union1d(source.grid(), target.grid())
    top, bottom = refined_max(gap, grid), refined_max(lambda x: -gap(x), grid)
    # At ±inf the difference is 0, so neither extreme can be on the wrong side of it.
    high = (top[0], top[1]) if top[1] > 0 else (np.inf, 0.0)
    low = (bottom[0], bottom[1]) if bottom[1] > 0 else (-np.inf, 0.0)
    ends = sorted((high[0], low[0]))
    return Divergence(float(2 * (high[1] + low[1])), float(ends[0]), float(ends[1]))


def empirical_h_delta_h(xs: Any, xt: Any) -> float:
    r"""Return the HΔH-divergence of two samples on the line for thresholds.

    It is ``h_delta_h`` with the empirical distribution functions. It is biased upwards: two
    samples of one distribution differ on some interval.

    Parameters
    ----------
    xs, xt : arrays of shape (n,) and (m,)
        No labels are needed.

    Returns
    -------
    float
        In [0, 2].

    Raises
    ------
    ValueError
        If a sample is empty, not one-dimensional or not finite.
    """
    xs, xt = check_array(xs, "xs", ndim=1), check_array(xt, "xt", ndim=1)
    places = np.concatenate([xs, xt])
    below_s = np.searchsorted(np.sort(xs), places, side="right") / len(xs)
    below_t = np.searchsorted(np.sort(xt), places, side="right") / len(xt)
    gap = below_s - below_t
    return float(2 * (max(gap.max(), 0.0) - min(gap.min(), 0.0)))


def refined_max(
    function: Callable[[Any], np.ndarray], grid: np.ndarray, rounds: int = 4
) -> tuple[float, float]:
    """Return place and value of the largest value: on a grid, then on finer ones around it."""
    places = grid
    for _ in range(rounds):
        values = function(places)
        best = int(np.argmax(values))
        low, high = places[max(best - 1, 0)], places[min(best + 1, len(places) - 1)]
        place, value = float(places[best]), float(values[best])
        places = np.append(np.linspace(low, high, 101), place)
        places.sort()
    return place, value
