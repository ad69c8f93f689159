"""Labeled domains on the line whose errors under a threshold are known, not estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_positive, check_probability

GRID = 2001


@dataclass(frozen=True)
class Piece:
    """A part of a domain: rows of one label.

    Attributes
    ----------
    label : {0, 1}
    weight : float
        Share of the domain.
    shape : frozen distribution of scipy.stats
        Where the rows lie; anything with ``cdf``, ``ppf`` and ``rvs``.
    """

    label: int
    weight: float
    shape: Any


@dataclass(frozen=True)
class Line:
    """A domain on the line: P(X, Y) as a mixture of pieces, each with one label.

    Parameters
    ----------
    pieces : sequence of Piece
        Their weights sum to 1.

    Raises
    ------
    ValueError
        If there is no piece, a label is not 0 or 1, or the weights do not sum to 1.
    """

    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(self.pieces))
        if not self.pieces:
            raise ValueError("pieces: got none, want at least one")
        for piece in self.pieces:
            check_choice(piece.label, "label", (0, 1))
            check_probability(piece.weight, "weight")
        total = sum(piece.weight for piece in self.pieces)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"pieces: got weights that sum to {total:g}, want 1")

    def mass_below(self, x: Any, label: int | None = None) -> np.ndarray:
        """Return P(X ≤ x), or P(X ≤ x, Y = label), for each x."""
        x = np.asarray(x, dtype=float)
        out = np.zeros(x.shape)
        for piece in self.pieces:
            if label is None or piece.label == label:
                out = out + piece.weight * piece.shape.cdf(x)
        return out

    def share(self, label: int) -> float:
        """Return P(Y = label)."""
        return float(sum(p.weight for p in self.pieces if p.label == label))

    def error(self, threshold: Any, side: int = 1) -> np.ndarray:
        r"""Return the error of thresholds, exactly.

        .. math:: \varepsilon(h) = P(X \le t, Y = 1) + P(X > t, Y = 0)

        for ``side = 1``, which calls everything above t a 1; ``side = -1`` calls it a 0.

        Parameters
        ----------
        threshold : float or array
            t, may be infinite.
        side : {1, -1}
        """
        check_choice(side, "side", (1, -1))
        missed = self.mass_below(threshold, 1)
        alarm = self.share(0) - self.mass_below(threshold, 0)
        return missed + alarm if side == 1 else 1 - (missed + alarm)

    def grid(self, n: int = GRID) -> np.ndarray:
        """Return n places that cover the domain, and the ends of all pieces, ascending."""
        ends = [piece.shape.ppf([1e-9, 1 - 1e-9]) for piece in self.pieces]
        ends += [np.asarray(piece.shape.support()) for piece in self.pieces]
        kinks = np.concatenate(ends)
        kinks = kinks[np.isfinite(kinks)]
        return np.unique(np.concatenate([kinks, np.linspace(kinks.min(), kinks.max(), n)]))

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return n rows (x of shape (n,), labels of shape (n,)) in random order."""
        check_positive(n, "n", integer=True)
        which = rng.choice(len(self.pieces), size=n, p=[p.weight for p in self.pieces])
        x = np.empty(n)
        for i, piece in enumerate(self.pieces):
            rows = which == i
            x[rows] = piece.shape.rvs(size=int(rows.sum()), random_state=rng)
        return x, np.array([piece.label for piece in self.pieces])[which]

    def flipped(self) -> Line:
        """Return the domain with its two labels exchanged: P(X) stays, P(Y given X) turns round."""
        return Line(tuple(Piece(1 - p.label, p.weight, p.shape) for p in self.pieces))


def two_bells(mean: float = 0.0, gap: float = 3.0, sd: float = 1.0, share: float = 0.5) -> Line:
    """Return two normal classes, label 0 around mean − gap/2 and label 1 around mean + gap/2.

    Parameters
    ----------
    mean, gap, sd : float
        Middle, distance of the class means, standard deviation of each class.
    share : float
        P(Y = 1), strictly between 0 and 1.

    Raises
    ------
    ValueError
        If a number is not finite or out of range.
    """
    from scipy.stats import norm

    middle = float(check_array(mean, "mean", ndim=0, min_rows=0))
    check_positive(gap, "gap", zero_ok=True)
    check_positive(sd, "sd")
    if not 0 < check_probability(share, "share") < 1:
        raise ValueError(f"share: got {share!r}, want a number between 0 and 1")
    low, high = norm(middle - gap / 2, sd), norm(middle + gap / 2, sd)
    return Line((Piece(0, 1 - share, low), Piece(1, share, high)))


def block(low: float, high: float, boundary: float) -> Line:
    """Return a uniform domain on [low, high] without noise: label 1 above ``boundary``.

    Raises
    ------
    ValueError
        If ``low`` is not below ``high``, or a number is not finite.
    """
    from scipy.stats import uniform

    ends = check_array([low, high, boundary], "low, high, boundary", ndim=1)
    if not low < high:
        raise ValueError(f"low: got {low!r}, want less than high, which is {high!r}")
    cut = float(np.clip(boundary, low, high))
    length = float(ends[1] - ends[0])
    parts = []
    for label, a, b in ((0, low, cut), (1, cut, high)):
        if b > a:
            parts.append(Piece(label, (b - a) / length, uniform(a, b - a)))
    return Line(tuple(parts))
