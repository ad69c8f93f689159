"""Exercises of chapter 05: the CORAL matrix, centering, when to align, a plan's map, peeking."""

from __future__ import annotations

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import matching, subset

# -- q1: the matrix of CORAL ----------------------------------------------------------------------


def root(C, power):
    """Return C to a power: that of its eigenvalues, between the same eigenvectors."""
    values, vectors = np.linalg.eigh(C)
    return (vectors * values**power) @ vectors.T


def coral_matrix(Cs, Ct):
    """Return A = Cs^(-1/2) Ct^(1/2), which acts on rows from the right: whiten, then color."""
    return root(Cs, -0.5) @ root(Ct, 0.5)


def _entrywise(Cs: np.ndarray, Ct: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.sign(Cs) * np.sqrt(np.abs(Cs))) @ (np.sign(Ct) * np.sqrt(np.abs(Ct)))


def _covariances() -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [np.cov(rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3)), rowvar=False) for _ in "st"]


q1 = Exercise(
    "q1",
    "Write coral_matrix(Cs, Ct): two regular covariance matrices of shape (d, d); return A such "
    "that the centered source times A has the covariance Ct, with the symmetric roots.",
    coral_matrix,
    mistakes={
        "The two factors are in the wrong order. Rows are multiplied from the right, x A: the "
        "first factor acts first, and whitening the source comes first.": lambda Cs, Ct: (
            root(Ct, 0.5) @ root(Cs, -0.5)
        ),
        "Source and target are exchanged: this whitens the target and colors it like the "
        "source.": lambda Cs, Ct: coral_matrix(Ct, Cs),
        "That is Cs⁻¹ Ct, without the roots. A covariance changes as Aᵀ C A: the matrix acts "
        "twice, so each factor needs the square root.": lambda Cs, Ct: np.linalg.inv(Cs) @ Ct,
        "You took the square root of each entry. The root of a matrix is R with R R = C: take it "
        "of the eigenvalues.": _entrywise,
        "Only the coloring is there: the source has to be whitened first.": lambda Cs, Ct: root(
            Ct, 0.5
        ),
        "Only the whitening is there: now give it the target's covariance.": lambda Cs, Ct: root(
            Cs, -0.5
        ),
    },
    probes=[Probe("coral_matrix(Cs, Ct)", on(*_covariances()))],
    hints=(
        "The covariance of X A is Aᵀ Cs A. Which A makes it the identity? Which one then Ct?",
        "Whiten with Cs^(-1/2), then color with Ct^(1/2). Rows are multiplied from the right.",
        "values, vectors = np.linalg.eigh(C); C^p is (vectors * values**p) @ vectors.T.",
    ),
)

# -- q2: what centering leaves --------------------------------------------------------------------

LEFT = {
    "unit": "a feature measured in other units keeps its other variance after centering; CORAL "
    "removes that.",
    "turn": "a rotation about the mean leaves the mean where it is.",
    "class mix": "with other class shares the means differ *because* of the shares: centering "
    "both moves each class of the one onto a different place of the other. The difference stays, "
    "and a new one is made.",
    "meaning": "the inputs do not change at all when labels change their meaning, so nothing done "
    "to the inputs removes it.",
    "offset": "a constant added to every row moves the mean by that constant, and centering takes "
    "exactly this away.",
}

q2 = subset(
    "q2",
    "Each domain is centered on its own mean. Which differences between source and target can "
    "still be there: offset, unit, turn, class mix, meaning?",
    {"unit", "turn", "class mix", "meaning"},
    LEFT,
    hints=(
        "After centering both means are zero. So ask of each: can two domains with mean zero "
        "differ in that?",
        "Four of the five survive. The one that goes is the one that only moves the mean.",
    ),
)

# -- q3: which cure for which shift ---------------------------------------------------------------

WHY = {
    ("new scanner", "reweight"): "No scan of the new machine looks like one of the old: no weight "
    "on old scans gives any of them the new brightness.",
    ("new scanner", "follow"): "There is no way between the two machines along which data came in.",
    ("new scanner", "label"): "Labels would help, but nothing says that they are needed: the same "
    "patients, seen through another monotone scale.",
    ("rare disease", "align"): "Each disease looks as before; only the shares changed. Matching "
    "the clouds would carry cases of one disease to where the other one lies.",
    ("rare disease", "follow"): "Nothing moved step by step; the shares are another from one day "
    "to the next.",
    ("rare disease", "label"): "The new shares can be estimated without labels (chapters 04, 11).",
    ("aging sensor", "align"): "In the end the clouds lie so far apart that matching them may "
    "exchange the classes, as with the moons beyond 90°. The days in between say which is which.",
    ("aging sensor", "reweight"): "After a year no reading of the first day lies near one of the "
    "last: nothing to put weight on.",
    ("aging sensor", "label"): "Labels would do, but the unlabeled days in between do it for free.",
    ("new code", "align"): "The images are the same as before: every alignment finds them aligned "
    "already and changes nothing.",
    ("new code", "reweight"): "P(X) did not change, so all weights are 1.",
    ("new code", "follow"): "The images do not move: there is no way to follow.",
}

q3 = matching(
    "q3",
    "Which cure fits: align (features), reweight (examples or classes), follow (gradual "
    "self-training), or label (nothing without target labels)?",
    {
        "new scanner": "align",
        "rare disease": "reweight",
        "aging sensor": "follow",
        "new code": "label",
    },
    ("align", "reweight", "follow", "label"),
    WHY,
    hints=(
        "Ask first what changed: how an input looks, how often each class comes, or what the "
        "labels mean?",
        "Aligning needs the same class shares in both domains. Following needs data from the way.",
        "Each of the four cures is used once.",
    ),
)

# -- q4: from a plan to a map ---------------------------------------------------------------------


def barycentric(plan, Xt):
    """Return for each source row the average of its partners, weighted by the mass sent."""
    return plan @ Xt / plan.sum(axis=1, keepdims=True)


def _plan() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    plan, Xt = rng.dirichlet(np.ones(20)).reshape(4, 5), rng.normal(size=(5, 2))
    plan[0] /= 3
    return plan, Xt


q4 = Exercise(
    "q4",
    "Write barycentric(plan, Xt): a transport plan of shape (n, m) and target rows (m, d); return "
    "where each of the n source rows goes, the average of its partners weighted by the mass sent.",
    barycentric,
    mistakes={
        "Each row of the plan sums to the mass of that source row (about 1/n), not to 1: divide "
        "by the row's sum, or all images crowd at the origin.": lambda P, X: P @ X,
        "You multiplied by n. That is right only if every source row has the same mass 1/n; "
        "divide by the row's own sum.": lambda P, X: len(P) * P @ X,
        "You took the partner that gets the most mass. The mass is split: average over all "
        "partners.": lambda P, X: X[P.argmax(1)],
        "You divided by the sums of the columns: those are the masses of the target "
        "rows.": lambda P, X: P / P.sum(0) @ X,
    },
    probes=[Probe("barycentric(plan, Xt)", on(*_plan()))],
    hints=(
        "Row i of the plan says how much of source row i goes to each target row. What weights "
        "make an average?",
        "Weights of an average sum to 1: plan / plan.sum(axis=1, keepdims=True).",
    ),
)

# -- q5: who has seen what ------------------------------------------------------------------------

STEPS = {
    "scale": "the scaler's means and variances come from the source and the *unlabeled* target; "
    "no label is in them, and new rows are only transformed.",
    "components": "picking the number of components with the best *target test* accuracy chooses "
    "with the labels that are to judge. Choose on the source, or on a pseudo-task.",
    "C": "cross-validation inside the source uses labels that are yours.",
    "test rows": "fitted on the test rows too, the map is made for exactly the rows it is judged "
    "on; rows of tomorrow will not be in it. Fit on the target's training part.",
    "refit": "one label-free refit for every batch looks harmless, but then the answer for a row "
    "depends on which rows come with it, and a batch of one class is pulled over all classes. "
    "A fitted aligner maps a new row by itself.",
}

q5 = subset(
    "q5",
    "A colleague reports a gain. Which of these steps make the number unreliable: scale, "
    "components, C, test rows, refit?",
    {"components", "test rows", "refit"},
    STEPS,
    hints=(
        "Two questions: was a target *label* used to choose? Would the step work the same way for "
        "one new row tomorrow?",
        "Unlabeled target rows of the training part may be used freely: that is the setting.",
        "Three of the five are at fault.",
    ),
)
