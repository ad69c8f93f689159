"""Exercises of chapter 20: labels to buy, twins, a figure, a rule, a decision, and the ward's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq import tables
from tlbook.course.ch20_clinic_and_faq.ward_exercises import q6, q7
from tlbook.course.exercises.checkers import Probe, Wrong, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

__all__ = ["q1", "q2", "q3", "q4", "q5", "q6", "q7"]

# -- q1: labels to measure with -------------------------------------------------------------------


def to_measure(accuracy, points):
    """Return how many random labels give an accuracy to ± points (95 %)."""
    share, half = accuracy / 100, points / 100
    return int(np.ceil(share * (1 - share) * (1.96 / half) ** 2))


q1 = Exercise(
    "q1",
    "Write to_measure(accuracy, points): the smallest number of labeled rows, drawn at random, for "
    "which 1.96 standard errors are at most so many points. Both arguments are in percent.",
    to_measure,
    mistakes={
        "{value} is no whole number of rows. Round up.": lambda a, p: (
            a / 100 * (1 - a / 100) * (196 / p) ** 2
        ),
        "That rounds down: with {value} rows the interval is a little too wide.": lambda a, p: int(
            a / 100 * (1 - a / 100) * (196 / p) ** 2
        ),
        "That is one standard error: an interval of 95 % is 1.96 of them to each side.": (
            lambda a, p: int(np.ceil(a * (100 - a) / p**2))
        ),
        "The interval reaches so many points to each side. Yours has this width in all.": (
            lambda a, p: int(np.ceil(a * (100 - a) * (2 * 1.96 / p) ** 2))
        ),
        "That is the number for an accuracy of 50 %, the worst case. Use the accuracy.": (
            lambda a, p: int(np.ceil(2500 * (1.96 / p) ** 2))
        ),
        "Percent and fractions are mixed: share × (1 − share) wants fractions.": (
            lambda a, p: int(np.ceil(a / 100 * (1 - a / 100) * (1.96 / p) ** 2))
        ),
    },
    probes=[Probe("the number at 80 %, ± 5 points", on(80, 5)), Probe("at 95 %, ± 2", on(95, 2))],
    hints=(
        "A share p among n rows has the standard error √(p (1 − p) / n).",
        "Set 1.96 √(p (1 − p) / n) to the half width, solve for n, and round up.",
    ),
)

# -- q2: twins ------------------------------------------------------------------------------------


def with_mix(y, shares, rng):
    """Return row numbers with these class shares: no row twice, as many as there can be."""
    rows = [np.flatnonzero(y == c) for c in range(len(shares))]
    n = min(len(r) / q for r, q in zip(rows, shares, strict=True))
    kept = [rng.choice(r, int(n * q), replace=False) for r, q in zip(rows, shares, strict=True)]
    return np.concatenate(kept)


def _drawn(counts: tuple[int, ...], shares: tuple[float, ...], asked: Any) -> Any:
    """Return a probe's run: what ``asked`` says of the rows that an answer draws."""
    y = np.repeat(np.arange(len(counts)), counts)
    return lambda answer: asked(
        y, np.asarray(answer(y, np.array(shares), np.random.default_rng(0)))
    )


def _twice(y: np.ndarray, rows: np.ndarray) -> bool:
    return len(np.unique(rows)) < len(rows)


def _counts(y: np.ndarray, rows: np.ndarray) -> list[int]:
    return np.bincount(y[rows], minlength=y.max() + 1).tolist()


def _sizes(answer: Any) -> Any:
    """Return the same rows, of which class c has ``answer(rows, shares, y)[c]``."""

    def mix(y: Any, shares: Any, rng: Any) -> Any:
        rows = [np.flatnonzero(y == c) for c in range(len(shares))]
        return np.concatenate(
            [r[:size] for r, size in zip(rows, answer(rows, shares, y), strict=True)]
        )

    return mix


q2 = Exercise(
    "q2",
    "Repair with_mix(y, shares, rng): row numbers of which class c makes up shares[c], no row "
    "twice, and as many rows as that allows (each class rounded down).",
    with_mix,
    mistakes={
        "Some rows come twice. rng.choice draws with replacement unless it is told not to, and a "
        "test finds twins.": lambda y, shares, rng: np.concatenate(
            [rng.choice(np.flatnonzero(y == c), int(len(y) * q)) for c, q in enumerate(shares)]
        ),
        "The classes make up {value} rows. A class that ran out was cut, and the mix is no "
        "longer the one asked for.": _sizes(
            lambda rows, shares, y: [
                min(len(r), int(len(y) * q)) for r, q in zip(rows, shares, strict=True)
            ]
        ),
        "That is the mix of y itself, {value}. Change it to the shares.": _sizes(
            lambda rows, shares, y: [len(r) for r in rows]
        ),
        "The mix is right, and {value} is fewer rows than there could be. The class that runs out "
        "first decides.": _sizes(
            lambda rows, shares, y: [int(min(map(len, rows)) * q) for q in shares]
        ),
    },
    probes=[
        Probe("whether a row comes twice", _drawn((60, 40), (0.2, 0.8), _twice)),
        Probe("the rows of each class", _drawn((60, 40), (0.2, 0.8), _counts)),
        Probe("the rows of each of three", _drawn((50, 30, 20), (0.5, 0.25, 0.25), _counts)),
    ],
    hints=(
        "rng.choice(rows, size) may take a row again. Look for its argument replace.",
        "If n rows are drawn in all, class c needs n · shares[c] of them. The largest n is the "
        "smallest of len(rows of c) / shares[c].",
    ),
)

# -- q3: a figure ---------------------------------------------------------------------------------

q3 = subset(
    "q3",
    "Which of these sentences does the figure support? Answer with a set of letters.",
    {"a", "d"},
    {
        "a": "the two dots of moved inputs lie far apart, and the report's is the smaller one.",
        "b": "the two dots of covariate shift lie on each other: there the report never adapted.",
        "c": "the report's dot of no overlap is beyond 5 points, more than half of the other one.",
        "d": "under nearly moved inputs and under label shift with moved inputs the report's dot "
        "is beyond 5 points.",
        "e": "a regret near zero under concept shift says that no remedy would have gained much. "
        "It does not say how good the source model is there.",
    },
    hints=(
        "A dot at zero means that no remedy would have been better than what was done.",
        "Where the report adapts nowhere, both rules do the same, and their dots agree.",
    ),
)

# -- q4: a rule of one's own ----------------------------------------------------------------------


def rule(expected):
    """Return the remedy to take, or "none"."""
    sure = {name: each.gain for name, each in expected.items() if each.low > 0}
    return max(sure, key=lambda name: sure[name]) if sure else "none"


LEAST_GAIN = 1.3


def _check_rule(answer: Any) -> None:
    if not callable(answer):
        raise Wrong(
            f"Your rule is of type {type(answer).__name__}. Want a function rule(expected)."
        )
    try:
        gains = np.array(tables.by_rule(answer))
    except ValueError as error:
        raise Wrong(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    if not gains.any():
        raise Wrong(
            "Your rule never adapts. It does no harm and gains nothing. Adapt where the expected "
            "gain is large and certain."
        )
    harmed = int((gains < -tables.HARM).sum())
    if harmed:
        raise Wrong(
            f"Your rule loses more than a point on {harmed} of {len(gains)} tasks. None is "
            "allowed. Ask for more certainty."
        )
    if gains.mean() < LEAST_GAIN:
        raise Wrong(
            f"Your rule gains {gains.mean():.1f} points on average, and {LEAST_GAIN} are wanted. "
            "It leaves large gains where the interval is wide."
        )


def _largest(expected: Any, keep: Any) -> str:
    kept = [each for each in expected.values() if keep(each)]
    return max(kept, key=lambda each: each.gain).remedy if kept else "none"


q4 = Exercise(
    "q4",
    "expected maps each remedy to what the rehearsals say of it: gain, sure (mean minus standard "
    "error), low and high. Write rule(expected): a remedy or 'none'. None of the 80 final tasks "
    f"may lose more than a point, and the mean gain must reach {LEAST_GAIN}.",
    rule,
    mistakes={
        "Your rule never adapts. It does no harm and gains nothing. Adapt where the expected gain "
        "is large and certain.": lambda expected: "none",
        "Your rule loses more than a point on {value} of 80 tasks. None is allowed. Ask for more "
        "certainty.": lambda expected: _largest(expected, lambda each: each.sure >= 1),
        "Your rule gains {value} points on average, and 1.3 are wanted. It leaves large gains "
        "where the interval is wide.": lambda expected: _largest(
            expected, lambda each: each.low > 30
        ),
    },
    check=_check_rule,
    hints=(
        "tables.by_rule(rule, name) tries a rule on 'diagnosis_development' and on "
        "'diagnosis_zoo', the halves that have been seen. Decide there, and ask the check once.",
        "The mean says nothing about how far the rehearsals disagree. Which of the numbers does?",
    ),
)

# -- q5: a decision -------------------------------------------------------------------------------

q5 = choice(
    "q5",
    "What do you do next?",
    "label 30 random target rows",
    {
        "adapt as advised": "The rehearsals moved source rows with their class mix. A screening "
        "has fewer ill patients, and a moved mean looks the same. In state (c) of the widget "
        "scaling would lose 38 points.",
        "trust the 98 % of ATC": "ATC takes for granted that a sure answer is as often right as "
        "before. Under moved inputs it was 15 points off on average in the zoo.",
        "label the 20 rows of the list": "These rows are the unsure ones. They are good to train "
        "on. The accuracy on them says nothing about all rows.",
        "collect 10,000 more unlabeled rows": "More rows can refute moved inputs. In state (c) it "
        "fits no longer at 500 rows, but moved and turned inputs does, and the report still cannot "
        "tell. Whether the labels agree with what fits, only labels tell.",
    },
    hints=(
        "Which of the five brings something that the report does not have yet?",
        "Only labels of the target can refute an assumption that fits its inputs.",
    ),
)
