"""What was tried for the methods of chapter 14, and what won on tasks made of the source alone.

``GRID`` is what was tried for each method, ``SETTINGS`` what won in the stored study
``text_tuning``: no torch text, labeled or not, chose anything. Their ``FEW_LABEL`` namesakes do the
same for the methods with a few target labels, by ``text_few_tuning``.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.studies import grid


def _listed(**choices: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(grid(**choices))


_ALPHA = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_C = (1.0, 10.0, 100.0)  # for rows of mean square distance 1
_C_WORDS = (10.0, 100.0, 1000.0)  # for rows of length 1
_SELF = {"keep": (0.3, 0.6, 0.9), "balanced": (False, True)}
_RHO = (0.3, 0.6, 0.9, 0.99)
_CORAL = {"shrinkage": (0.1, 0.5, 0.9), "match_means": (False, True)}
_TCA = {"n_components": (20, 40), "mu": (1.0, 100.0)}

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "TF-IDF + NB": _listed(alpha=_ALPHA),
    "TF-IDF + NB + self-training": _listed(alpha=(0.01, 0.03, 0.1), **_SELF),
    "TF-IDF + NB + class mix": _listed(alpha=_ALPHA),
    "TF-IDF + LR": _listed(C=_C_WORDS),
    "TF-IDF + LR + self-training": _listed(C=(100.0, 1000.0), **_SELF),
    "TF-IDF + LR + class mix": _listed(C=_C_WORDS),
    "LSA + LR": _listed(C=_C),
    "LSA + LR + CORAL": _listed(C=(10.0, 100.0), **_CORAL),
    "LSA + LR + TCA": _listed(C=(10.0, 100.0), **_TCA),
    "MiniLM + LR": _listed(C=_C),
    "MiniLM + LR + self-training": _listed(C=(10.0, 100.0), **_SELF),
    "MiniLM + LR + class mix": _listed(C=_C),
    "MiniLM + LR + CORAL": _listed(C=(10.0, 100.0), **_CORAL),
    "MiniLM + Gaussians": _listed(rho=_RHO),
    "MiniLM + Gaussians + self-training": _listed(rho=_RHO[1:], **_SELF),
    "MiniLM + LR + TCA": _listed(C=(10.0, 100.0), **_TCA),
}

SETTINGS: dict[str, dict[str, Any]] = {
    "TF-IDF + NB": {"alpha": 0.01},
    "TF-IDF + NB + self-training": {"alpha": 0.03, "keep": 0.9, "balanced": False},
    "TF-IDF + NB + class mix": {"alpha": 0.03},
    "TF-IDF + LR": {"C": 1000.0},
    "TF-IDF + LR + self-training": {"C": 1000.0, "keep": 0.3, "balanced": False},
    "TF-IDF + LR + class mix": {"C": 1000.0},
    "LSA + LR": {"C": 100.0},
    "LSA + LR + CORAL": {"C": 100.0, "shrinkage": 0.5, "match_means": False},
    "LSA + LR + TCA": {"C": 10.0, "n_components": 20, "mu": 1.0},
    "MiniLM + LR": {"C": 100.0},
    "MiniLM + LR + self-training": {"C": 100.0, "keep": 0.6, "balanced": True},
    "MiniLM + LR + class mix": {"C": 100.0},
    "MiniLM + LR + CORAL": {"C": 100.0, "shrinkage": 0.9, "match_means": False},
    "MiniLM + Gaussians": {"rho": 0.9},
    "MiniLM + Gaussians + self-training": {"rho": 0.9, "keep": 0.9, "balanced": False},
    "MiniLM + LR + TCA": {"C": 100.0, "n_components": 40, "mu": 1.0},
}

# -- with a few target labels ----------------------------------------------------------------------

_WEIGHT = (1.0, 3.0, 10.0, 30.0)
_FEW_ALPHA = (0.01, 0.03, 0.1, 0.3)

FEW_LABEL_GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "TF-IDF + NB, source too": _listed(alpha=_FEW_ALPHA, weight=_WEIGHT),
    "TF-IDF + LR, source too": _listed(C=_C_WORDS, weight=_WEIGHT),
    "MiniLM + LR, source too": _listed(C=_C, weight=_WEIGHT),
    "TF-IDF + NB, target only": _listed(alpha=_FEW_ALPHA),
    "TF-IDF + LR, target only": _listed(C=_C_WORDS),
    "MiniLM + LR, target only": _listed(C=_C),
}

FEW_LABEL_SETTINGS: dict[str, dict[str, Any]] = {
    "TF-IDF + NB, source too": {"alpha": 0.03, "weight": 3.0},
    "TF-IDF + LR, source too": {"C": 1000.0, "weight": 10.0},
    "MiniLM + LR, source too": {"C": 100.0, "weight": 30.0},
    "TF-IDF + NB, target only": {"alpha": 0.3},
    "TF-IDF + LR, target only": {"C": 100.0},
    "MiniLM + LR, target only": {"C": 100.0},
}
