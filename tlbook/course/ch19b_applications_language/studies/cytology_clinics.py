"""Two clinics: what each bias costs and what repairs it, in five measures (chapter 19).

Accuracy at a threshold of one half, the area under the ROC curve (which no threshold moves), the
calibration error, and the net benefit at thresholds of 0.1 and 0.3 per 100 patients, of which
treating all is the alternative. 32 seeds: a test part has about 60 to 160 patients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from tlbook import data
from tlbook.course.ch19b_applications_language.clinics import BIASES, METHODS, effective_share
from tlbook.course.studies import Study
from tlbook.domains import Task
from tlbook.trust import calibration_error, net_benefit

THRESHOLDS = (0.1, 0.3)
SEEDS = tuple(range(32))


def trial(bias: str, seed: int) -> list[dict[str, Any]]:
    """Return the measures of every method under one bias."""
    task = data.load("cytology", seed=seed, **BIASES[bias])
    shares = {"estimated": effective_share(task, seed), "true": effective_share(task, seed, True)}
    rows = []
    for name, method in METHODS.items():
        if "true" in name and bias != "selection":
            continue  # all weights are 1
        p, y = tested(task, method(task, seed))
        share = shares["true" if "true" in name else "estimated"]
        rows.append({"method": name} | measures(p, y) | {"ess": share if "eights" in name else 1.0})
    return rows


def tested(task: Task, probability: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and truth of the test part, from one report (one look)."""
    seen: list[np.ndarray] = []

    def predict(X: np.ndarray) -> np.ndarray:
        seen.append(probability(X))
        return (seen[-1] >= 0.5).astype(int)

    report = task.report(predict)
    truth = (seen[-1] >= 0.5).astype(int)
    truth[report.wrong] = report.truth
    return seen[-1], truth


def measures(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return accuracy, area, calibration error and net benefits of probabilities."""
    both = np.column_stack([1 - p, p])
    calibration = calibration_error(both, y, bins=8, repeats=20)
    row = {
        "accuracy": float(np.mean((p >= 0.5) == y)),
        "area": float(roc_auc_score(y, p)),
        "calibration": calibration.error.mean,
        "by_chance": calibration.by_chance,
    }
    for t in THRESHOLDS:
        row[f"benefit_{t}"] = 100 * float(net_benefit(p, y, t))
        row[f"all_{t}"] = 100 * float(net_benefit(np.ones(len(y)), y, t))
    return row


study = Study(trial, [{"bias": bias, "seed": seed} for bias in BIASES for seed in SEEDS])
