"""Five ways to use a labeled source and a few target labels, graded on the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.domains import Task
from tlbook.instances import TrAdaBoost


def compare(task: Task, base: Any, k: int = 2, seed: int = 0) -> dict[str, float]:
    """Return the target accuracy of five fits that share a classifier and k labels per class.

    "Pooled" counts every row once; "half : half" gives both domains the same total weight.

    Parameters
    ----------
    task : Task
        Rows of any shape; they are flattened.
    base : scikit-learn classifier whose ``fit`` takes ``sample_weight``
    k : int
        Target labels per class.
    seed : int
        Which target rows are labeled.
    """

    def flat(rows: Any) -> np.ndarray:
        return np.asarray(rows).reshape(len(rows), -1)

    def score(model: Any) -> float:
        return task.score(lambda rows: model.predict(flat(rows)))

    few, b = task.label(k, seed)
    A, a, B = flat(task.source.X), task.source.y, flat(few)
    assert a is not None
    X, y = np.vstack([A, B]), np.r_[a, b]
    even = np.repeat([1 / len(A), 1 / len(B)], [len(A), len(B)])
    return {
        "source only": score(base.fit(A, a)),
        "target only": score(base.fit(B, b)),
        "pooled": score(base.fit(X, y)),
        "half : half": score(base.fit(X, y, sample_weight=even / even.mean())),
        "TrAdaBoost": score(TrAdaBoost(base).fit(A, B, a, b)),
    }
