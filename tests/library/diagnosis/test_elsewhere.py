"""The rehearsals of ``diagnose`` in other processes are those of this one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tlbook.diagnosis.assumptions import Assumption
from tlbook.diagnosis.bench import rehearse
from tlbook.diagnosis.elsewhere import bench_on

pytestmark = pytest.mark.slow


def turned(X, y, rng):
    return X @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + rng.normal(0, 0.1, X.shape), y


def test_the_rehearsals_are_the_same_and_the_rows_are_removed(tmp_path):
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2
    X = rng.normal(size=(120, 2)) + 2 * y[:, None]
    assumptions = [Assumption("turned", "", turned, 1.0, 100)]
    here = rehearse(X, y, assumptions, LogisticRegression(), 3, seed=4)
    with ThreadPoolExecutor(2) as pool:
        bench = bench_on(pool, tmp_path / "shared")
        there = bench(X, y, assumptions, LogisticRegression(), 3, seed=4)
        short = bench(X, y, assumptions, LogisticRegression(), 3, deadline=0.0, seed=4)
    assert here.skipped == there.skipped
    assert here.values["turned"].keys() == there.values["turned"].keys()
    for name, accuracies in here.values["turned"].items():
        assert (accuracies == there.values["turned"][name]).all() and len(accuracies) == 3
        assert (accuracies[:2] == short.values["turned"][name]).all()
    assert not list((tmp_path / "shared").iterdir())
