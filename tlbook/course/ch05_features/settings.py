"""What was tried for the methods of chapter 05, and what won without a label of any target.

``GRID`` and ``SVM_GRID`` are the settings tried, ``SETTINGS`` and ``SVM_SETTINGS`` those that won
in the stored study ``feature_tuning``: aligners on pseudo-tasks (``cases.PSEUDO``), the support
vector machines on ``signs-letters``.
"""

from __future__ import annotations

from typing import Any

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "no adaptation": ({},),
    "PCA": tuple({"n_components": k} for k in (10, 20, 40)),
    "TCA": tuple({"n_components": k, "mu": mu} for k in (20, 40) for mu in (1, 100)),
    "CORAL": tuple({"shrinkage": r} for r in (0.01, 0.1, 0.3, 0.6)),
    "subspace alignment": tuple({"n_components": k} for k in (10, 20, 40)),
    "optimal transport": ({}, {"reg": 0.03}, {"reg": 0.1}, {"reg": 0.1, "class_reg": 0.1}),
    "JDA": tuple({"n_components": k, "mu": mu} for k in (20, 40) for mu in (1, 100)),
}

SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "no adaptation": {},
        "PCA": {"n_components": 40},
        "TCA": {"n_components": 40, "mu": 100},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 20},
        "optimal transport": {"reg": 0.1, "class_reg": 0.1},
        "JDA": {"n_components": 20, "mu": 100},
    },
    "MiniLM": {
        "no adaptation": {},
        "PCA": {"n_components": 20},
        "TCA": {"n_components": 40, "mu": 1},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 10},
        "optimal transport": {"reg": 0.1},
        "JDA": {"n_components": 40, "mu": 1},
    },
    "TF-IDF": {
        "no adaptation": {},
        "PCA": {"n_components": 10},
        "TCA": {"n_components": 40, "mu": 1},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 40},
        "optimal transport": {"reg": 0.1},
        "JDA": {"n_components": 40, "mu": 1},
    },
}

SVM_STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)

SVM_GRID: tuple[dict[str, Any], ...] = tuple(
    {"kernel": kernel, "C": C} for kernel in ("linear", "rbf") for C in SVM_STRENGTHS
)

SVM_SETTINGS: dict[str, dict[str, Any]] = {
    "pixels": {"kernel": "rbf", "C": 100.0},
    "random features": {"kernel": "rbf", "C": 10.0},
    "deep features": {"kernel": "rbf", "C": 1.0},
}
