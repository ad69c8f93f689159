"""Exercises of chapter 05: the CORAL matrix, centering, when to align, a plan's map, peeking."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, subset
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: the matrix of CORAL ----------------------------------------------------------------------


def _root(C: np.ndarray, power: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(C)
    return (vectors * values**power) @ vectors.T


def coral_matrix(Cs: Any, Ct: Any) -> np.ndarray:
    """Return A = Cs^(-1/2) Ct^(1/2), which acts on rows from the right."""
    return _root(np.asarray(Cs), -0.5) @ _root(np.asarray(Ct), 0.5)


def _check_coral(answer: Any) -> None:
    rng = np.random.default_rng(5)
    Cs, Ct = (
        np.cov(rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3)), rowvar=False) for _ in "st"
    )
    array(
        answer(Cs.copy(), Ct.copy()),
        coral_matrix(Cs, Ct),
        what="coral_matrix(Cs, Ct)",
        mistakes={
            "The two factors are in the wrong order. Rows are multiplied from the right, x A: the "
            "first factor acts first, and whitening the source comes first.": (
                coral_matrix(Cs, Ct).T
            ),
            "Source and target are exchanged: this whitens the target and colors it like the "
            "source.": coral_matrix(Ct, Cs),
            "That is Cs⁻¹ Ct, without the roots. A covariance changes as Aᵀ C A: the matrix acts "
            "twice, so each factor needs the square root.": np.linalg.inv(Cs) @ Ct,
            "You took the square root of each entry. The root of a matrix is R with R R = C: take "
            "it of the eigenvalues.": _entrywise(Cs, Ct),
            "Only the coloring is there: the source has to be whitened first.": _root(Ct, 0.5),
            "Only the whitening is there: now give it the target's covariance.": _root(Cs, -0.5),
        },
    )


def _entrywise(Cs: np.ndarray, Ct: np.ndarray) -> np.ndarray:
    root = np.sign(Ct) * np.sqrt(np.abs(Ct))
    return np.linalg.inv(np.sign(Cs) * np.sqrt(np.abs(Cs))) @ root


q1 = Exercise(
    "q1",
    "Write coral_matrix(Cs, Ct): two regular covariance matrices of shape (d, d); return A such "
    "that the centered source times A has the covariance Ct, with the symmetric roots.",
    _check_coral,
    hints=(
        "The covariance of X A is Aᵀ Cs A. Which A makes it the identity? Which one then Ct?",
        "Whiten with Cs^(-1/2), then color with Ct^(1/2). Rows are multiplied from the right.",
        "values, vectors = np.linalg.eigh(C); C^p is (vectors * values**p) @ vectors.T.",
    ),
    solution="""
    import numpy as np

    def answer(Cs, Ct):
        def root(C, power):
            values, vectors = np.linalg.eigh(C)
            return (vectors * values**power) @ vectors.T

        return root(Cs, -0.5) @ root(Ct, 0.5)
    """,
    reference=coral_matrix,
    wrong_answers={
        "wrong order": (lambda s, t: _root(t, 0.5) @ _root(s, -0.5), "wrong order"),
        "exchanged": (lambda s, t: coral_matrix(t, s), "exchanged"),
        "no roots": (lambda s, t: np.linalg.inv(s) @ t, "without the roots"),
        "entrywise": (_entrywise, "each entry"),
        "only color": (lambda s, t: _root(t, 0.5), "Only the coloring"),
        "only white": (lambda s, t: _root(s, -0.5), "Only the whitening"),
    },
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

q2 = Exercise(
    "q2",
    "Each domain is centered on its own mean. Which differences between source and target can "
    "still be there: offset, unit, turn, class mix, meaning?",
    lambda answer: subset(answer, ("unit", "turn", "class mix", "meaning"), LEFT),
    hints=(
        "After centering both means are zero. So ask of each: can two domains with mean zero "
        "differ in that?",
        "Four of the five survive. The one that goes is the one that only moves the mean.",
    ),
    solution="""
    answer = {"unit", "turn", "class mix", "meaning"}
    """,
    reference={"unit", "turn", "class mix", "meaning"},
    wrong_answers={
        "all five": (set(LEFT), "exactly this away"),
        "mix forgotten": ({"unit", "turn", "meaning"}, "a new one is made"),
        "meaning forgotten": ({"unit", "turn", "class mix"}, "change their meaning"),
        "turn forgotten": ({"unit", "class mix", "meaning"}, "about the mean"),
        "unit forgotten": ({"turn", "class mix", "meaning"}, "CORAL removes that"),
        "a word": ("unit", "Answer with a set"),
    },
)

# -- q3: which cure for which shift ---------------------------------------------------------------

CURES = ("align", "reweight", "follow", "label")
RIGHT = {
    "new scanner": "align",
    "rare disease": "reweight",
    "aging sensor": "follow",
    "new code": "label",
}
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


def _check_cures(answer: Any) -> None:
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, RIGHT))}.")
    for story, right in RIGHT.items():
        given = str(answer[story]).strip().lower()
        if given not in CURES:
            raise Wrong(f"{answer[story]!r} is none of the options {', '.join(CURES)}.")
        if given != right:
            raise Wrong(f"{story}: not {given}. {WHY[story, given]}")


q3 = Exercise(
    "q3",
    "Which cure fits: align (features), reweight (examples or classes), follow (gradual "
    "self-training), or label (nothing without target labels)?",
    _check_cures,
    hints=(
        "Ask first what changed: how an input looks, how often each class comes, or what the "
        "labels mean?",
        "Aligning needs the same class shares in both domains. Following needs data from the way.",
        "Each of the four cures is used once.",
    ),
    solution="""
    answer = {
        "new scanner": "align",
        "rare disease": "reweight",
        "aging sensor": "follow",
        "new code": "label",
    }
    """,
    reference=RIGHT,
    wrong_answers={
        "align the shares": (RIGHT | {"rare disease": "align"}, "only the shares changed"),
        "align the drift": (RIGHT | {"aging sensor": "align"}, "exchange the classes"),
        "align a new code": (RIGHT | {"new code": "align"}, "finds them aligned"),
        "reweight the scanner": (RIGHT | {"new scanner": "reweight"}, "no weight"),
        "a key is missing": ({"new code": "label"}, "has these keys"),
        "another word": (RIGHT | {"new code": "pray"}, "none of the options"),
    },
)

# -- q4: from a plan to a map ---------------------------------------------------------------------


def barycentric(plan: Any, Xt: Any) -> np.ndarray:
    """Return for each source row the average of its partners, weighted by the mass sent."""
    plan = np.asarray(plan, dtype=float)
    return plan @ np.asarray(Xt) / plan.sum(axis=1, keepdims=True)


def _check_barycentric(answer: Any) -> None:
    rng = np.random.default_rng(4)
    plan, Xt = rng.dirichlet(np.ones(20)).reshape(4, 5), rng.normal(size=(5, 2))
    plan[0] /= 3
    array(
        answer(plan.copy(), Xt.copy()),
        barycentric(plan, Xt),
        what="barycentric(plan, Xt)",
        mistakes={
            "Each row of the plan sums to the mass of that source row (about 1/n), not to 1: "
            "divide by the row's sum, or all images crowd at the origin.": plan @ Xt,
            "You multiplied by n. That is right only if every source row has the same mass 1/n; "
            "divide by the row's own sum.": len(plan) * plan @ Xt,
            "You took the partner that gets the most mass. The mass is split: average over all "
            "partners.": Xt[plan.argmax(1)],
            "You divided by the sums of the columns: those are the masses of the target rows.": (
                plan / plan.sum(0) @ Xt
            ),
        },
    )


q4 = Exercise(
    "q4",
    "Write barycentric(plan, Xt): a transport plan of shape (n, m) and target rows (m, d); return "
    "where each of the n source rows goes, the average of its partners weighted by the mass sent.",
    _check_barycentric,
    hints=(
        "Row i of the plan says how much of source row i goes to each target row. What weights "
        "make an average?",
        "Weights of an average sum to 1: plan / plan.sum(axis=1, keepdims=True).",
    ),
    solution="""
    def answer(plan, Xt):
        return plan @ Xt / plan.sum(axis=1, keepdims=True)
    """,
    reference=barycentric,
    wrong_answers={
        "not divided": (lambda P, X: P @ X, "crowd at the origin"),
        "times n": (lambda P, X: len(P) * P @ X, "same mass"),
        "one partner": (lambda P, X: X[P.argmax(1)], "most mass"),
        "columns": (lambda P, X: P / P.sum(0) @ X, "sums of the columns"),
        "one row": (lambda P, X: barycentric(P, X)[:1], "has shape"),
    },
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

q5 = Exercise(
    "q5",
    "A colleague reports a gain. Which of these steps make the number unreliable: scale, "
    "components, C, test rows, refit?",
    lambda answer: subset(answer, ("components", "test rows", "refit"), STEPS),
    hints=(
        "Two questions: was a target *label* used to choose? Would the step work the same way for "
        "one new row tomorrow?",
        "Unlabeled target rows of the training part may be used freely: that is the setting.",
        "Three of the five are at fault.",
    ),
    solution="""
    answer = {"components", "test rows", "refit"}
    """,
    reference={"components", "test rows", "refit"},
    wrong_answers={
        "scale accused": ({"components", "test rows", "refit", "scale"}, "no label is in them"),
        "C accused": ({"components", "test rows", "refit", "C"}, "labels that are yours"),
        "only labels": ({"components"}, "depends on which rows"),
        "test rows forgotten": ({"components", "refit"}, "rows of tomorrow"),
        "components forgotten": ({"test rows", "refit"}, "labels that are to judge"),
        "a word": ("components", "Answer with a set"),
    },
)
