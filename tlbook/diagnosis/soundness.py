"""Are the data sound? What to look at before any test: sizes, classes, copies, dead columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tlbook._base.checks import check_array, check_labels, check_same_features

LEAST_CLASS = 5
LEAST_ROWS = 20
MOST_COLUMNS = 10_000
SHARED = 0.05
"""Share of the rows inside the other domain's range below which a column is called apart."""
REPEATED = 0.05
"""Share of repeated rows in a domain from which on they deserve a look."""
EXPECTED_PAIRS = 10
"""Equal pairs that chance would give a column, and that a row number has not."""


@dataclass(frozen=True)
class Soundness:
    """Counts, and a sentence for everything that deserves a look.

    Attributes
    ----------
    n_source, n_target, n_features : int
    classes : dict
        Source rows of each class.
    copies_across : int
        Target rows that stand in the source, too, value for value.
    copies_source, copies_target : int
        Rows that repeat an earlier row of their domain.
    disputed : int
        Source rows whose inputs stand there with another label, too.
    constant : tuple of str
        Columns that never change, in both domains or in one.
    numbering : tuple of str
        Columns with another whole number in every row, where chance would repeat some.
    problems : tuple of str
    """

    n_source: int
    n_target: int
    n_features: int
    classes: dict[str, int]
    copies_across: int
    copies_source: int
    copies_target: int
    disputed: int
    constant: tuple[str, ...]
    numbering: tuple[str, ...]
    problems: tuple[str, ...]


def check_rows(
    X: np.ndarray,
    name: str,
    columns: Sequence[str] | None = None,
    least: int = LEAST_ROWS,
) -> np.ndarray:
    """Return rows as float64, or say in one line what is wrong and in which column.

    Raises
    ------
    ValueError
        For too few rows, no or too many columns, and values that are no finite numbers.
    """
    rows = check_array(X, name, ndim=2, allow_nan=True)
    if len(rows) < least:
        raise ValueError(f"{name}: got {len(rows)} rows, want at least {least}")
    if not 1 <= rows.shape[1] <= MOST_COLUMNS:
        raise ValueError(
            f"{name}: got {rows.shape[1]:,} columns, want 1 to {MOST_COLUMNS:,}; "
            "project them first (sklearn.decomposition.PCA or TruncatedSVD)"
        )
    rows = rows.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        sound = np.isfinite(rows) & (np.abs(rows) < 1e100)
    if not sound.all():
        bad = (~sound).sum(axis=0)
        first = int(np.flatnonzero(bad)[0])
        named = columns[first] if columns is not None else f"number {first}"
        more = int((bad > 0).sum()) - 1
        raise ValueError(
            f"{name}: got {int(bad[first])} values that are NaN, infinite or beyond 1e100 in "
            f"column {named}" + (f" and some in {more} more" if more else "") + ", want finite "
            "numbers; fill or drop them by one rule for both domains"
        )
    return rows


def check_source_labels(y: np.ndarray, n: int, name: str = "source") -> np.ndarray:
    """Return labels of which every class has enough rows.

    Raises
    ------
    ValueError
        For one class alone, for rare classes, and where every row has a class of its own.
    """
    labels = check_labels(y, n, f"y of {name}", min_classes=2)
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) > max(2, n // LEAST_CLASS):
        raise ValueError(
            f"y of {name}: got {len(classes):,} different labels in {n:,} rows, want classes "
            f"(at least {LEAST_CLASS} rows of each); for numbers to predict, cut them into bins"
        )
    if counts.min() < LEAST_CLASS:
        rare = classes[counts.argmin()]
        raise ValueError(
            f"y of {name}: got {counts.min()} row(s) of class {str(rare)!r}, want at least "
            f"{LEAST_CLASS} of every class; leave it out or join it with another"
        )
    return labels


def soundness(
    X: np.ndarray, y: np.ndarray, Xt: np.ndarray, columns: Sequence[str], contents: tuple | None
) -> Soundness:
    """Count what can be wrong with two samples that passed the checks.

    Parameters
    ----------
    X, y, Xt : arrays
        Checked; y of all source rows, and X and Xt of those that were turned into numbers.
    columns : sequence of str
        Names of the features.
    contents : pair of arrays of str, optional
        What to compare for copies instead of the numbers: hashes of texts or pictures.
    """
    check_same_features(X, Xt, ("source", "target"))
    own, other = contents if contents is not None else (_rows(X), _rows(Xt))
    across = int(np.isin(other, own).sum())
    repeats = len(own) - len(np.unique(own)), len(other) - len(np.unique(other))
    disputed = _disputed(own, y)
    still, still_there = np.ptp(X, axis=0) == 0, np.ptp(Xt, axis=0) == 0
    constant = tuple(columns[int(j)] for j in np.flatnonzero(still | still_there))
    if (still & still_there & (X[0] == Xt[0])).all():
        raise ValueError("source: got columns that never change, the same in the target, want some")
    classes = {str(c): int((y == c).sum()) for c in np.unique(y)}
    numbering = () if contents is not None else _numbering(X, Xt, columns)
    problems = [
        f"column {name} has another whole number in every row, like a row number or a date: if it "
        "is one, leave it out and run the report again, for the answer may be about it alone"
        for name in numbering[:5]
    ]
    if contents is None:
        asked = ~(still | still_there) & ~np.isin(columns, numbering)
        problems += _apart(X, Xt, columns, np.flatnonzero(asked))
    if across:
        chance = ", unless rows of few possible values meet by chance" if sum(repeats) else ""
        problems.append(
            f"{across} target rows stand in the source, too{chance}: no estimate on copies is "
            "honest"
        )
    if disputed:
        problems.append(f"{disputed} source rows have a twin with another label")
    for j in np.flatnonzero(still != still_there)[:5]:
        where = "source" if still[j] else "target"
        problems.append(f"column {columns[j]} is constant in the {where} and not in the other")
    if (still & still_there).any():
        problems.append(f"{int((still & still_there).sum())} columns are constant in both domains")
    if min(len(own), len(other)) < 100:
        problems.append("fewer than 100 rows in a domain: weak shifts will not be seen")
    if max(classes.values()) > 10 * min(classes.values()):
        problems.append("the largest class is over ten times the smallest; accuracy hides that")
    if repeats[0] > REPEATED * len(own) or repeats[1] > REPEATED * len(other):
        problems.append(
            f"{repeats[0]} source and {repeats[1]} target rows repeat an earlier row; the tests "
            "take rows as independent"
        )
    return Soundness(
        len(own),
        len(other),
        X.shape[1],
        classes,
        across,
        *repeats,
        disputed,
        constant,
        numbering,
        tuple(problems),
    )


def _numbering(X: np.ndarray, Xt: np.ndarray, columns: Sequence[str]) -> tuple[str, ...]:
    r"""Return columns of whole numbers of which none repeats, although chance would repeat some.

    Of n whole numbers drawn at random from r possible ones some n(n − 1) / 2r pairs are equal. A
    column is named where this is 10 or more in both domains, and no pair is.
    """
    return tuple(
        columns[j] for j in range(X.shape[1]) if all(_never_repeats(each[:, j]) for each in (X, Xt))
    )


def _apart(X: np.ndarray, Xt: np.ndarray, columns: Sequence[str], asked: np.ndarray) -> list[str]:
    """Return a sentence about columns of which the two domains hardly share a value."""
    shared = np.minimum(_inside(X, Xt), _inside(Xt, X))
    apart = [int(j) for j in asked if shared[j] < SHARED]
    if not apart:
        return []
    j = min(apart, key=lambda j: shared[j])
    (low, high), (low_t, high_t) = (np.quantile(each[:, j], [0.05, 0.95]) for each in (X, Xt))
    names = ", ".join(columns[j] for j in apart[:5])
    more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
    return [
        f"source and target hardly share a value in {names}{more} (nine tenths of {columns[j]}: "
        f"{low:.4g} to {high:.4g} in the source, {low_t:.4g} to {high_t:.4g} in the target): if "
        "units or codes differ, convert them and run the report again"
    ]


def _inside(X: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return, for each column, the share of rows inside the range of another sample."""
    low, high = of.min(axis=0), of.max(axis=0)
    return ((low <= X) & (high >= X)).mean(axis=0)


def _never_repeats(values: np.ndarray) -> bool:
    n, reach = len(values), float(np.ptp(values)) + 1
    if n * (n - 1) / 2 < EXPECTED_PAIRS * reach or not (values == np.round(values)).all():
        return False
    return len(np.unique(values)) == n


def _disputed(contents: np.ndarray, y: np.ndarray) -> int:
    labels: dict[str, set] = {}
    for content, label in zip(contents.tolist(), y.tolist(), strict=True):
        labels.setdefault(content, set()).add(label)
    return sum(len(labels[content]) > 1 for content in contents.tolist())


def _rows(X: np.ndarray) -> np.ndarray:
    """Return one hash for each row."""
    import hashlib

    plain = np.ascontiguousarray(X + 0.0)  # −0 and 0 are one number
    return np.array([hashlib.blake2b(row.tobytes(), digest_size=12).hexdigest() for row in plain])
