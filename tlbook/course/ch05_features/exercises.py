"""Exercises of chapter 05: a repair, a changed experiment, a figure, a protocol, a decision."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

# -- q1: repair this script: CORAL ----------------------------------------------------------------


def power(C, p):
    """Return C to a power: that of its eigenvalues, between the same eigenvectors."""
    values, vectors = np.linalg.eigh(C)
    return (vectors * values**p) @ vectors.T


def coral(Xs, Xt):
    """Return the source rows, whitened and then given covariance and mean of the target."""
    white = (Xs - Xs.mean(0)) @ power(np.cov(Xs.T), -0.5)
    return white @ power(np.cov(Xt.T), 0.5) + Xt.mean(0)


def _as_printed(Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
    white = (Xs - Xs.mean(0)) @ power(np.cov(Xs.T), -1)
    return white @ power(np.cov(Xt.T), 0.5) + Xs.mean(0)


def _source_mean(Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
    return coral(Xs, Xt) - Xt.mean(0) + Xs.mean(0)


def _no_root(Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
    white = (Xs - Xs.mean(0)) @ power(np.cov(Xs.T), -1)
    return white @ power(np.cov(Xt.T), 0.5) + Xt.mean(0)


def _plus_half(Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
    wider = (Xs - Xs.mean(0)) @ power(np.cov(Xs.T), 0.5)
    return wider @ power(np.cov(Xt.T), 0.5) + Xt.mean(0)


def _other_order(Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
    colored = (Xs - Xs.mean(0)) @ power(np.cov(Xt.T), 0.5)
    return colored @ power(np.cov(Xs.T), -0.5) + Xt.mean(0)


def _clouds() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return tuple(rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3)) + k for k in (1, 4))  # type: ignore[return-value]


q1 = Exercise(
    "q1",
    "Repair coral(Xs, Xt): it should return the source rows with the mean and the covariance of "
    "the target. Two things are wrong.",
    coral,
    mistakes={
        "That is the script as it was printed. Compare mean and covariance of what comes out with "
        "those of the target.": _as_printed,
        "The covariance is right now, the mean is that of the source.": _source_mean,
        "The mean is right now, the covariance is not. A covariance changes as Aᵀ C A: the matrix "
        "acts twice, so whitening needs the square root.": _no_root,
        "The power +1/2 makes a wide direction wider. Whitening divides by the spread: its "
        "power is −1/2.": _plus_half,
        "The two factors are in the wrong order. Rows are multiplied from the right: the first "
        "factor acts first, and whitening the source comes first.": _other_order,
        "Source and target are exchanged: this moves the target.": lambda Xs, Xt: coral(Xt, Xs),
    },
    probes=[Probe("coral(Xs, Xt)", on(*_clouds()))],
    hints=(
        "Print np.cov(white.T). What should it be?",
        "White rows have the identity as covariance. That takes the power −1/2, not −1.",
        "After coloring, the rows are still centered at zero. Whose mean do they need?",
    ),
)

# -- q2: change the experiment: where the mass lands ----------------------------------------------

AT_60, AT_80 = 0.32, 0.44
"""Shares of points on the wrong moon, means over the seeds 0 to 7 (a test computes them again)."""


def _check_share(answer: Any) -> None:
    if isinstance(answer, (int, float)):
        if abs(answer - AT_60) < 0.03:
            raise Wrong("That is the share at 60°. Run wrong_moon(80, s).")
        if abs(answer - (1 - AT_80)) < 0.03:
            raise Wrong("That is the share that lands on the right moon. Take the other part.")
    number(answer, AT_80, tolerance=0.04, what="the share on the wrong moon")


q2 = Exercise(
    "q2",
    "What share of the points does the cheapest plan carry to the wrong moon at 80°, on average "
    "over the seeds 0 to 7?",
    AT_80,
    mistakes={
        "That is the share at 60°. Run wrong_moon(80, s).": AT_60,
        "That is the share that lands on the right moon. Take the other part.": 1 - AT_80,
    },
    check=_check_share,
    hints=(
        "wrong_moon(angle, s) returns the share for one sample.",
        "np.mean([wrong_moon(80, s) for s in range(8)])",
    ),
    because="From eight samples of forty points; a hundredth more or less is within the band.",
)

# -- q3: read a figure ----------------------------------------------------------------------------

q3 = choice(
    "q3",
    "Subspace alignment is at 76 % where nothing has turned. Why?",
    "it keeps one direction of two, and one line does not hold both moons apart",
    {
        "it turned the source although nothing had moved": "At 0° both domains have the same "
        "component, up to the sample. Nothing is turned.",
        "its settings were chosen on target labels": "They are fixed before the run, and no target "
        "label is used.",
        "the eight seeds scatter too much to tell": "The others are at 99 % or 100 % with the same "
        "seeds. A gap of 24 points is not scatter.",
    },
    hints=(
        "How many numbers does it keep of each point?",
        "Project both moons onto one line. Do they overlap on it?",
    ),
)

# -- q4: who has seen what ------------------------------------------------------------------------

STEPS = {
    "scale": "the scaler's means and variances come from the source and the *unlabeled* target. No "
    "label is in them, and new rows are only transformed.",
    "components": "picking the number of components by the *target test* accuracy chooses "
    "with the labels that are to judge. Choose on the source, or on a pseudo-task.",
    "C": "cross-validation inside the source uses labels that are yours.",
    "test rows": "no label of them was used. This is the transductive protocol, which many papers "
    "follow. The report has to say so, because rows of tomorrow will not be in the fit.",
    "seed": "the best of five seeds is chosen by target test accuracy, like any other setting. "
    "Report the mean and the spread.",
}

q4 = subset(
    "q4",
    "A colleague reports a gain. Which of these steps use target labels to choose: scale, "
    "components, C, test rows, seed?",
    {"components", "seed"},
    STEPS,
    hints=(
        "For each step ask: would its result change if the target's test labels were shuffled?",
        "Two of the five are at fault.",
    ),
)

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "The estimated class shares of the target are 90 : 10, those of the source 50 : 50. What do "
    "you do first?",
    "draw the source again in the estimated shares, then align and compare",
    {
        "align with CORAL, because covariances have no classes in them": "A covariance depends on "
        "the class shares: it holds the distances between the classes, weighted by how often "
        "each occurs. In section 9 this cost ten points.",
        "align with optimal transport, because it moves single rows": "All mass has to go "
        "somewhere. Of 100 source points, 40 of the second class have no place left but the first "
        "class.",
        "take the aligner after which the domains are nearest": "Half a turn of the moons had a "
        "distance of zero and nearly every answer wrong. With other class shares the right map "
        "leaves a distance.",
    },
    hints=(
        "What do CORAL and optimal transport presume about the class shares?",
        "Section 9 repaired two of them by one step before the alignment.",
    ),
    because="The estimate itself can be wrong. So compare with no adaptation, on a pseudo-task.",
)
