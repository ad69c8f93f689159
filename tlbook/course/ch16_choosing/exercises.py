"""Exercises of chapter 16: a leak, a figure, CKA, two blind choices, a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import entr

from tlbook.course.ch16_choosing import material
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


q1 = Exercise(
    "q1",
    "Repair columns_probe(F, y): the mean accuracy in 5 folds of LogisticRegression(max_iter=1000) "
    "on the ten best columns (SelectKBest), so that noise scores about one third.",
    columns_probe,
    mistakes={
        "Noise reaches {value}: the columns are still chosen with the labels of the rows that are "
        "held out. Let make_pipeline choose them inside each fold.": material.probe_of(
            before=material.ten
        ),
        "That is the accuracy on the rows that the probe was fitted on, {value}. Hold rows "
        "out.": material.probe_of(material.ten, folds=0),
        "The choice of columns is gone: all 300 are used. Put SelectKBest(k=10) into the "
        "pipeline.": material.probe_of(),
        "The folds are not five.": material.probe_of(material.ten, folds=10),
    },
    probes=[
        Probe("the score of noise", lambda score: float(score(*material.noise())), tolerance=1e-9),
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
        "a": "the two dots lie 0.03 apart and their intervals overlap nearly whole. The figure "
        "does not rank them.",
        "b": "the interval of the source's accuracy lies below zero, and the one of the nearest "
        "neighbor above 0.4.",
        "c": "the dashed line of the middle column stands at zero: one run does not rank another.",
        "d": "its interval leaves zero out at 300 steps only, and overlaps with all others. Of 20 "
        "intervals one does so by chance.",
        "e": "the dots of the lower right panel lie between 1 and 3 points.",
    },
    hints=(
        "A dot is the mean over eight seeds, a line its 95 % interval. The dashed line is what "
        "another run of the same experiment would reach as a score.",
        "Where two intervals overlap, the figure leaves open which score is better.",
    ),
)

# -- q3: CKA by hand ------------------------------------------------------------------------------


def cka(X, Y):
    """Return ‖Y'X‖² / (‖X'X‖ ‖Y'Y‖) with centered columns (Frobenius norms)."""
    X, Y = X - X.mean(0), Y - Y.mean(0)
    size = np.linalg.norm
    return size(Y.T @ X) ** 2 / (size(X.T @ X) * size(Y.T @ Y))


q3 = Exercise(
    "q3",
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
    probes=[
        Probe("the likeness", lambda answer: float(answer(*material.layers())), tolerance=1e-9)
    ],
    hints=(
        "Center first: X - X.mean(0).",
        "np.linalg.norm of a matrix is the Frobenius norm; Y.T @ X has shape (e, d).",
    ),
)

# -- q4: choosing by agreement --------------------------------------------------------------------


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


def _found(value: Any, want: str) -> str:
    if not isinstance(value, str):
        return f"Return the name of a setting, not a {type(value).__name__}."
    return f"{value!r} is none of the settings."


q4 = Exercise(
    "q4",
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
        Probe("the setting", lambda answer: answer(material.candidates(), 10), otherwise=_found),
    ],
    hints=(
        "Two loops: first throw out the collapsed settings, then compare agreements.",
        "np.mean(a == b) for each pair of rows of the array, then the mean over the pairs.",
        "share = np.bincount(row, minlength=n_classes) / len(row); np.exp(entr(share).sum()).",
    ),
)

# -- q5: how accurate, with a model that is too sure ----------------------------------------------


def estimate(sure, right, sure_there):
    """Return the accuracy there: how often a source row of each confidence was right."""
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(out_of_bounds="clip").fit(sure, right)
    return curve.predict(sure_there).mean()


def _at(spread: float) -> Callable[[Any], float]:
    """Return a probe's run: the estimate for a target of this spread."""
    return lambda answer: answer(*material.too_sure(2), material.too_sure(spread)[0])


def _no_estimate(value: Any, want: float) -> str:
    if not isinstance(value, (int, float, np.number)) or isinstance(value, bool):
        return f"Return one number, the estimated accuracy, not a {type(value).__name__}."
    if value > 1:
        return f"The estimate is {value:.3g}. Return a fraction between 0 and 1."
    side = "high" if value > want else "low"
    return f"Your estimate is {value:.3f}. This is more than 2 points too {side}."


def _atc(sure: Any, right: Any, sure_there: Any) -> float:
    return float((sure_there > np.sort(sure)[(~right).sum() - 1]).mean())


q5 = Exercise(
    "q5",
    "The model of the cell above is too sure: it reports 1 / (1 + exp(−5x)). Write "
    "estimate(sure, right, sure_there): the accuracy on target rows without labels, to 2 points.",
    estimate,
    mistakes={
        "That is the mean confidence, {value}. This model is too sure, so correct it first: how "
        "often was a source row of this confidence right?": lambda s, r, t: t.mean(),
        "That is ATC, {value}. It calls every row below its threshold wrong, and here more than "
        "half of them are right.": _atc,
        "That is DoC or close to it, {value}. It takes off the same amount from every confidence. "
        "A model that is too sure is so by more at some confidences than at "
        "others.": lambda s, r, t: r.mean() - s.mean() + t.mean(),
        "That is the accuracy on the source, {value}. Use the confidences of the "
        "target.": lambda s, r, t: r.mean(),
    },
    probes=[
        Probe("the spread 0.5", _at(0.5), tolerance=0.02, otherwise=_no_estimate),
        Probe("the spread 0.7", _at(0.7), tolerance=0.02, otherwise=_no_estimate),
    ],
    hints=(
        "The source has labels. Draw there how often a row of each confidence is right.",
        "Ten bins of the confidence, or IsotonicRegression(out_of_bounds='clip'), learn this curve "
        "on the source. Read it off for each target row, and take the mean.",
    ),
    because="Only x moved, so a confidence means the same on both sides. Where the meaning moves, "
    "too, this rule fails with the others.",
)

# -- q6: a decision -------------------------------------------------------------------------------

q6 = choice(
    "q6",
    "You have 100 labeled rows of ten classes and 40 networks. Which model do you hand over?",
    "raw inputs",
    {
        "A": "A is 4 points behind on the same folds, within two standard errors perhaps. But the "
        "raw inputs need no network, and nothing in these numbers says that A is worth its cost.",
        "C": "C has 4,000 features and 100 rows. Where columns were more than rows, the published "
        "formula of LogME rose with columns of pure noise (section 5).",
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
