"""Exercises of chapter 16: a leak, a figure, a missing term, CKA, choosing blindly, a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import entr

from tlbook.course.exercises.checkers import Probe
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

# -- q1: a probe that leaks -----------------------------------------------------------------------


def columns_probe(F, y):
    """Return the 5-fold accuracy of a probe on the ten best columns, chosen without the fold."""
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    probe = make_pipeline(SelectKBest(k=10), LogisticRegression(max_iter=1000))
    return cross_val_score(probe, F, y, cv=5).mean()


def _probe_of(*steps: Any, before: Any = None, folds: int = 5) -> Callable[[Any, Any], float]:
    """Return a probe with other steps; ``before`` sees all rows and their labels."""

    def score(F: Any, y: Any) -> float:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import cross_val_score
        from sklearn.pipeline import make_pipeline

        seen = F if before is None else before().fit_transform(F, y)
        probe = make_pipeline(*(step() for step in steps), LogisticRegression(max_iter=1000))
        if not folds:
            return float(probe.fit(seen, y).score(seen, y))
        return float(cross_val_score(probe, seen, y, cv=folds).mean())

    return score


def _ten() -> Any:
    from sklearn.feature_selection import SelectKBest

    return SelectKBest(k=10)


def _noise() -> tuple[np.ndarray, np.ndarray]:
    """Return 60 rows of 300 columns of noise, and three classes."""
    return np.random.default_rng(18).normal(size=(60, 300)), np.arange(60) % 3


q1 = Exercise(
    "q1",
    "Repair columns_probe(F, y): the mean accuracy in 5 folds of LogisticRegression(max_iter=1000) "
    "on the ten best columns (SelectKBest), so that noise scores about one third.",
    columns_probe,
    mistakes={
        "Noise reaches {value}: the columns are still chosen with the labels of the rows that are "
        "held out. Let make_pipeline choose them inside each fold.": _probe_of(before=_ten),
        "That is the accuracy on the rows that the probe was fitted on, {value}. Hold rows "
        "out.": _probe_of(_ten, folds=0),
        "The choice of columns is gone: all 300 are used. Put SelectKBest(k=10) into the "
        "pipeline.": _probe_of(),
        "The folds are not five.": _probe_of(_ten, folds=10),
    },
    probes=[
        Probe("the score of noise", lambda score: float(score(*_noise())), tolerance=1e-9),
    ],
    hints=(
        "fit_transform(F, y) sees every label, also those of the fold that is tested.",
        "make_pipeline(SelectKBest(k=10), LogisticRegression(max_iter=1000)) is one model. "
        "cross_val_score fits all of it anew in each fold.",
    ),
    because="On noise the leaking probe is far above chance, and the honest one is near it.",
)

# -- q2: a figure ---------------------------------------------------------------------------------

q2 = subset(
    "q2",
    "Which of these sentences does the figure support? Answer with a set of letters.",
    {"b", "c", "e"},
    {
        "a": "the two dots lie 0.02 apart and their intervals overlap nearly whole. The figure "
        "does not rank them.",
        "b": "the interval of the source's accuracy lies below zero, and the one of the nearest "
        "neighbor above 0.4.",
        "c": "the dashed line of the middle column stands at zero: one run does not rank another.",
        "d": "its interval leaves zero out at 300 steps only, and overlaps with all others. Of 18 "
        "intervals one does so by chance.",
        "e": "the dots of the lower right panel lie between 1 and 3 points.",
    },
    hints=(
        "A dot is the mean over eight seeds, a line its 95 % interval. The dashed line is what "
        "another run of the same experiment would reach as a score.",
        "To say that one score beats another the intervals must not overlap.",
    ),
)

# -- q3: the patient with more rows ---------------------------------------------------------------

q3 = Exercise(
    "q3",
    "In the cell above take 400 rows in place of 100. From how many columns of noise on is the "
    "score without the term wrong?",
    385,
    mistakes={
        "That is the answer for 100 rows. There are 400 now.": 85,
        "Nearly: 16 columns are useful, and they count as columns, too.": 400,
        "Nearly: 16 columns are useful. Subtract them, do not add them.": 416,
    },
    probes=[Probe("the number of columns", tolerance=12)],
    hints=(
        "The term is (D − k) log α, and k is the smaller of rows and columns.",
        "Print both scores for 376, 384, 392 and 400 columns of noise.",
    ),
    because="D − k is zero until there are more columns than rows: 16 + 384 = 400.",
)

# -- q4: CKA by hand ------------------------------------------------------------------------------


def cka(X, Y):
    """Return ‖Y'X‖² / (‖X'X‖ ‖Y'Y‖) with centered columns (Frobenius norms)."""
    X, Y = X - X.mean(0), Y - Y.mean(0)
    size = np.linalg.norm
    return size(Y.T @ X) ** 2 / (size(X.T @ X) * size(Y.T @ Y))


def _layers() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 3)) + 2
    return X, X @ rng.normal(size=(3, 5)) + rng.normal(size=(40, 5))


q4 = Exercise(
    "q4",
    "Write cka(X, Y) for X of shape (n, d) and Y of shape (n, e): 1 for a rotation of the same "
    "features, whatever their mean and scale.",
    cka,
    mistakes={
        "The columns are not centered: the mean of the features counts as likeness.": lambda X, Y: (
            np.linalg.norm(Y.T @ X) ** 2 / (np.linalg.norm(X.T @ X) * np.linalg.norm(Y.T @ Y))
        ),
        "The norm above is not squared.": lambda X, Y: np.sqrt(
            cka(X, Y)
            / np.linalg.norm((X - X.mean(0)).T @ (X - X.mean(0)))
            / np.linalg.norm((Y - Y.mean(0)).T @ (Y - Y.mean(0)))
        ),
        "That has the unit of the features: divide by the two norms below.": lambda X, Y: (
            np.linalg.norm((Y - Y.mean(0)).T @ (X - X.mean(0))) ** 2
        ),
        "Below stand the norms of X'X and Y'Y, not their squares.": lambda X, Y: (
            np.linalg.norm((Y - Y.mean(0)).T @ (X - X.mean(0))) ** 2
            / np.linalg.norm((X - X.mean(0)).T @ (X - X.mean(0))) ** 2
            / np.linalg.norm((Y - Y.mean(0)).T @ (Y - Y.mean(0))) ** 2
        ),
    },
    probes=[Probe("the likeness", lambda answer: float(answer(*_layers())), tolerance=1e-9)],
    hints=(
        "Center first: X - X.mean(0).",
        "np.linalg.norm of a matrix is the Frobenius norm; Y.T @ X has shape (e, d).",
    ),
)

# -- q5: choosing by agreement --------------------------------------------------------------------


def effective(row, n_classes):
    """Return exp(entropy) of the class shares: how many classes the answers use."""
    return np.exp(entr(np.bincount(row, minlength=n_classes) / len(row)).sum())


def agreement(rows):
    """Return how often two seeds give the same answer, averaged over the pairs of seeds."""
    pairs = [(a, b) for a in range(len(rows)) for b in range(a)]
    return np.mean([np.mean(rows[a] == rows[b]) for a, b in pairs])


def most_agreed(answers, n_classes):
    """Return the setting whose seeds agree most, of those that use half of the classes or more."""
    honest = {
        name: agreement(rows)
        for name, rows in answers.items()
        if min(effective(row, n_classes) for row in rows) >= n_classes / 2
    }
    return max(honest, key=lambda name: honest[name])


def _most_agreed_of(keep: Callable[[Any, int], bool]) -> Callable[..., str]:
    """Return the choice by agreement among the settings that another guard keeps."""

    def choose(answers: Mapping[str, Any], k: int) -> str:
        kept = {name: agreement(rows) for name, rows in answers.items() if keep(rows, k)}
        return max(kept, key=lambda name: kept[name])

    return choose


def _candidates() -> dict[str, np.ndarray]:
    """Return the answers of three seeds of five settings to 200 rows of ten classes."""
    rng = np.random.default_rng(5)
    truth = np.arange(200) % 10

    def seeds(truth: np.ndarray, accuracy: float) -> np.ndarray:
        right = rng.random((3, len(truth))) < accuracy
        return np.where(right, truth, rng.permuted(np.tile(truth, (3, 1)), axis=1))

    merged = np.where(truth < 9, truth // 2 * 2, 9)  # a 1 is called 0, a 3 is called 2 …
    fewer = np.where(merged == 9, 0, merged)
    nines_as_sevens = np.where(truth == 9, 7, truth)
    return {
        "weight 0.1": seeds(truth, 0.6),
        "weight 1": seeds(truth, 0.8),
        "weight 3": seeds(nines_as_sevens, 0.93),
        "weight 10": np.array([merged, fewer, fewer]),
        "weight 100": np.full((3, 200), 1),
    }


def _found(value: Any, want: str) -> str:
    if not isinstance(value, str):
        return f"Return the name of a setting, not a {type(value).__name__}."
    return f"{value!r} is none of the settings."


q5 = Exercise(
    "q5",
    "answers maps each setting to an array (seeds, rows) of labels 0 … n_classes − 1. Write "
    "most_agreed(answers, n_classes): the setting with the largest mean agreement over pairs of "
    "seeds, among those all of whose seeds have exp(entropy of the class shares) ≥ n_classes / 2.",
    most_agreed,
    mistakes={
        "weight 100 agrees perfectly: it calls every row a 1. Agreement cannot see that. Rule out "
        "answers that use less than half of the classes, exp(H) < 5.": _most_agreed_of(
            lambda rows, k: True
        ),
        "In weight 10 the first seed uses enough classes, the others do not. Look at every seed, "
        "not at the first alone.": _most_agreed_of(lambda rows, k: effective(rows[0], k) >= k / 2),
        "weight 1 uses all ten classes, but its seeds agree less than those of weight 3. A "
        "setting may lack one class: half of the classes is what the guard asks "
        "for.": _most_agreed_of(lambda rows, k: all(len(set(row)) == k for row in rows)),
        "The seeds of weight 0.1 disagree most: where they guess, each guesses differently. Take "
        "the largest agreement.": lambda answers, k: min(
            answers, key=lambda name: agreement(answers[name])
        ),
    },
    probes=[
        Probe("the setting", lambda answer: answer(_candidates(), 10), otherwise=_found),
    ],
    hints=(
        "Two loops: first throw out the collapsed settings, then compare agreements.",
        "np.mean(a == b) for each pair of rows of the array, then the mean over the pairs.",
        "share = np.bincount(row, minlength=n_classes) / len(row); np.exp(entr(share).sum()).",
    ),
)


# -- q6: a decision -------------------------------------------------------------------------------

q6 = choice(
    "q6",
    "You have 100 labeled rows of ten classes and 40 networks. Which model do you hand over?",
    "raw inputs",
    {
        "A": "A is 4 points behind on the same folds, within two standard errors perhaps. But the "
        "raw inputs need no network, and nothing in these numbers says that A is worth its cost.",
        "C": "C has 4,000 features and 100 rows. Where columns are more than rows, the published "
        "code of LogME rises with every column, whatever is in it.",
        "D": "A distance compares inputs. It does not see what D has learned from its pictures: a "
        "source with shuffled labels is as near as one with the right ones.",
        "the most accurate on its own source": "The accuracy on the source says how easy the "
        "source is. Three classes that lie far apart are easy and teach little.",
    },
    hints=(
        "Which of the numbers were measured on the target's labels, and held out?",
        "Of what is equal, take what costs less.",
    ),
)
