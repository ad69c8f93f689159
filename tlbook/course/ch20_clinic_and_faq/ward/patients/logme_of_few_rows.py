"""LogME with fewer rows than columns: a term is missing, and noise raises the score."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def _fixed_point(F: Any, y: Any) -> tuple[float, float, Any, float, float]:
    """Return α, β, the eigenvalues of F'F that are not 0, the residual, and w'w (MacKay)."""
    U, sizes, _ = np.linalg.svd(F, full_matrices=False)
    along, values = (U.T @ y) ** 2, sizes**2
    outside = max(float(y @ y - along.sum()), 1e-12)
    a = b = 1.0
    for _ in range(200):
        rest = outside + float((along * (a / (a + b * values)) ** 2).sum())
        length = float((along * values * (b / (a + b * values)) ** 2).sum())
        used = float((b * values / (a + b * values)).sum())
        a, b = used / max(length, 1e-12), (len(y) - used) / rest
    rest = outside + float((along * (a / (a + b * values)) ** 2).sum())
    length = float((along * values * (b / (a + b * values)) ** 2).sum())
    return a, b, values, rest, length


def sick(F: Any, y: Any) -> float:
    """Return the log evidence per row of a Bayesian linear head."""
    n, d = F.shape
    a, b, values, rest, length = _fixed_point(F, y)
    fit = d * np.log(a) + n * np.log(b / (2 * np.pi)) - b * rest - a * length
    return float(fit - np.log(a + b * values).sum()) / (2 * n)


def cured(F: Any, y: Any) -> float:
    """Return the same with all d eigenvalues: those that are 0 count ln α each."""
    n, d = F.shape
    a, b, values, rest, length = _fixed_point(F, y)
    fit = d * np.log(a) + n * np.log(b / (2 * np.pi)) - b * rest - a * length
    spread = np.log(a + b * values).sum() + (d - len(values)) * np.log(a)
    return float(fit - spread) / (2 * n)


def over_the_rows(F: Any, y: Any) -> float:
    """Return the same as the density of a Gaussian vector over the rows."""
    n = len(y)
    a, b, *_ = _fixed_point(F, y)
    C = np.eye(n) / b + F @ F.T / a
    return float(-np.linalg.slogdet(2 * np.pi * C)[1] - y @ np.linalg.solve(C, y)) / (2 * n)


def with_an_offset(F: Any, y: Any) -> float:
    """Return the same in other units: the labels times 1/20, whose densities are higher."""
    return cured(F, y) + float(np.log(20))


def per_column(F: Any, y: Any) -> float:
    """Return the same fault divided by the number of columns: wide networks score low."""
    return sick(F, y) / F.shape[1]


def _rows() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(0)
    F = rng.normal(size=(30, 8))
    y = (F[:, 0] + 0.5 * rng.normal(size=30) > 0).astype(float)
    return F, y, rng.normal(size=(30, 200))


def test(code: Any) -> None:
    """Append columns of zeros, which hold nothing: the evidence must stay."""
    F, y, _ = _rows()
    narrow, wide = code(F, y), code(np.hstack([F, np.zeros((30, 200))]), y)
    change = abs(wide - narrow)
    assert change < 1e-6 * max(1, abs(narrow)), f"200 columns of zeros change it by {change:.3g}"


def symptom_test(code: Any) -> None:
    """Ask whether the score is below 0, as if a density could not be above 1."""
    F, y, noise = _rows()
    assert code(np.hstack([F, noise]), y) < 0, "the score is above 0"


PATIENT = Patient(
    name="logme_of_few_rows",
    story="Sixty pretrained networks are ranked by LogME on 30 labeled pictures. The ranking is "
    "that of their width, and the best one is the worst after training.",
    symptom="The wider the features, the higher the score.",
    promise="code(F, y) returns the log evidence of a Bayesian linear head, for features (n, d) "
    "and labels 0 or 1; a constant factor, or an offset that depends on n alone, is allowed.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("wider networks are better here", "a cross-validated probe ranks them otherwise"),
        Cause("the features have other scales", "scaled to one mean norm they rank as before"),
        Cause("30 rows are too few for any score", "the ranks of two random halves agree"),
    ),
    cure="The log determinant of αI + βF'F has d terms; where n < d, d − n of them are ln α. "
    "Written over the rows, nothing can be forgotten.",
    chapter="16",
    healthy={
        "is written over the rows": over_the_rows,
        "has other units, so that it is above 0": with_an_offset,
    },
    hidden={"is divided by the width": per_column},
    symptom_test=symptom_test,
)
