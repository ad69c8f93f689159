"""Conformal sets without the test point's mass: a plain quantile, and too little coverage."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def sick(scores: Any, alpha: float) -> float:
    """Return the threshold below which a new score lies."""
    return float(np.quantile(scores, 1 - alpha))


def cured(scores: Any, alpha: float) -> float:
    """Return the order statistic that counts the new row too."""
    n = len(scores)
    rank = int(np.ceil((n + 1) * (1 - alpha) - 1e-9))
    return float(np.sort(scores)[rank - 1]) if rank <= n else float("inf")


def of_the_library(scores: Any, alpha: float) -> float:
    """Return the library's threshold."""
    from tlbook.trust import conformal_threshold

    return conformal_threshold(scores, alpha)


def with_an_infinite_score(scores: Any, alpha: float) -> float:
    """Return the quantile after the new row's score was added as infinite."""
    sorted_scores = np.append(np.sort(scores), np.inf)
    rank = int(np.ceil((len(scores) + 1) * (1 - alpha) - 1e-9))
    return float(sorted_scores[rank - 1])


def rounded_up(scores: Any, alpha: float) -> float:
    """Return the next higher score: no interpolation, and the new row is still forgotten."""
    return float(np.quantile(scores, 1 - alpha, method="higher"))


def coverage(code: Any, n: int, alpha: float, draws: int = 2000) -> float:
    """Return how often a new score is covered, over many calibration sets of n rows."""
    scores = np.random.default_rng(0).random((draws, n + 1))
    return float(np.mean([row[-1] <= code(row[:-1], alpha) for row in scores]))


def test(code: Any) -> None:
    """Count how often a new row is covered with few calibration rows, in many draws."""
    for n in (5, 19):
        share = coverage(code, n, 0.1)
        assert share > 0.9 - 0.02, f"{n} rows: 90 % was promised, {100 * share:.1f} % are covered"


def symptom_test(code: Any) -> None:
    """Ask that the threshold is one of the scores."""
    scores = np.random.default_rng(1).random(50)
    threshold = code(scores, 0.1)
    assert np.isclose(scores, threshold).any(), "the threshold is no score of the calibration set"


PATIENT = Patient(
    name="conformal_without_itself",
    story="A clinic promises that its sets hold the right answer for 90 % of its patients. Each "
    "ward calibrates on its own few dozen cases.",
    symptom="In the small wards the sets miss more often than promised, in large ones not.",
    promise="code(scores, alpha) returns the threshold that a new exchangeable score exceeds with "
    "probability at most alpha; scores of shape (n,).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the ward's patients have shifted", "rows drawn at random from one ward miss too"),
        Cause(
            "the calibration rows were trained on",
            "the model was trained on other rows than these",
        ),
        Cause("chance in a small ward", "over many redraws the mean coverage is below 90 % too"),
    ),
    cure="Take the ⌈(n + 1)(1 − α)⌉-th smallest score, and infinity where there is none: the new "
    "row counts as one of n + 1.",
    chapter="18",
    healthy={
        "is the library's": of_the_library,
        "appends an infinite score first": with_an_infinite_score,
    },
    hidden={"gives one of the scores": rounded_up},
    symptom_test=symptom_test,
)
