"""Learning curves: pairing, nesting, looks, processes; the summary against closed forms."""

import numpy as np
import pandas as pd
import pytest

from tlbook.domains import Task
from tlbook.evaluation import curve_summary, learning_curve

SEEDS, BUDGETS = (0, 1, 2), (1, 2, 4)


def _task():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 60)
    X = rng.normal(size=(120, 2)) + 3 * y[:, None]
    order = rng.permutation(120)
    X, y = X[order], y[order]
    return Task.from_arrays(
        source=(X[:40], y[:40]),
        target_train=(X[40:80], y[40:80]),
        target_test=(X[80:], y[80:]),
    )


def nearest(task, seed, k):
    X, y = task.label(k, seed)

    def predict(inputs):
        return y[((inputs[:, None] - X[None]) ** 2).sum(2).argmin(1)]

    return predict


def constant(task, seed, k):
    task.label(k, seed)
    return lambda inputs: np.full(len(inputs), seed % 2)


class Loadable:
    """A task that can go to another process."""

    def __init__(self):
        self._looks = []

    def label(self, k, seed):
        self._looks.append(f"label: {k} per class, seed {seed}")
        return np.arange(k), np.full(k, seed)

    def score(self, predict):
        self._looks.append("score: test part")
        return predict(None)

    @property
    def looks(self):
        return len(self._looks)

    @property
    def look_log(self):
        return tuple(self._looks)


def sum_of_inputs(task, seed, k):
    X, y = task.label(k, seed)
    return lambda inputs: float(X.sum() + 10 * y[0] + seed / 10)


def test_table_and_looks():
    task = _task()
    frame = learning_curve(task, {"nearest": nearest, "constant": constant}, BUDGETS, SEEDS)
    assert list(frame.columns) == ["method", "budget", "seed", "accuracy", "seconds"]
    assert len(frame) == 18 and frame["method"].iloc[0] == "nearest"  # order of the dict
    assert (frame["seconds"] >= 0).all()
    means = frame.groupby("method")["accuracy"].mean()
    assert means["nearest"] > 0.9 and 0.3 < means["constant"] < 0.7
    assert task.looks == 18 + 18  # one purchase and one score per row


def test_methods_see_the_same_nested_labels():
    seen: dict[tuple, list] = {}

    def spy(task, seed, k):
        X, y = task.label(k, seed)
        seen.setdefault((seed, len(y)), []).append({tuple(row) for row in X})
        return constant(task, seed, k)

    learning_curve(_task(), {"a": spy, "b": spy}, BUDGETS, SEEDS)
    for seed in SEEDS:
        small, middle, large = (seen[seed, 2 * b] for b in BUDGETS)
        assert small[0] == small[1] and small[0] < middle[0] < large[0]
    assert seen[0, 2] != seen[1, 2]


def test_processes_give_the_same_table_and_count_their_looks():
    one, two = Loadable(), Loadable()
    frame = learning_curve(one, {"m": sum_of_inputs}, BUDGETS, SEEDS)
    parallel = learning_curve(two, {"m": sum_of_inputs}, BUDGETS, SEEDS, jobs=2)
    pd.testing.assert_frame_equal(frame.drop(columns="seconds"), parallel.drop(columns="seconds"))
    assert sorted(one.look_log) == sorted(two.look_log)


def test_silent_when_nobody_watches(capfd, monkeypatch):
    monkeypatch.setenv("TLBOOK_QUIET", "1")
    learning_curve(Loadable(), {"m": sum_of_inputs}, BUDGETS, SEEDS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_bar_on_demand(capfd):
    import time

    def slow(task, seed, k):
        time.sleep(0.8)
        return sum_of_inputs(task, seed, k)

    learning_curve(Loadable(), {"m": slow}, [1, 2, 3, 4], [0], progress=True)
    assert "runs" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": {}}, "methods: got none"),
        ({"methods": {"a": 3}}, "methods: got int for 'a'"),
        ({"budgets": []}, r"budgets: got \[\]"),
        ({"budgets": [2, 2]}, "budgets: got .2, 2., want different"),
        ({"budgets": [0]}, "budgets: got 0"),
        ({"budgets": [1000]}, "k: got 1000, want at most"),
        ({"seeds": []}, "seeds: got"),
        ({"jobs": 0}, "jobs: got 0"),
        ({"jobs": 2}, "jobs: got 2, want 1: the task 'own data' was made from arrays"),
    ],
)
def test_bad_arguments(change, message):
    arguments = {"methods": {"m": constant}, "budgets": [1], "seeds": [0]} | change
    with pytest.raises(ValueError, match=message):
        learning_curve(_task(), **arguments)


def _frame(curves, budgets=(1, 2, 4, 8), spread=0.0):
    rng = np.random.default_rng(0)
    rows = [
        (name, b, seed, a + spread * rng.normal())
        for name, values in curves.items()
        for seed in range(6)
        for b, a in zip(budgets, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["method", "budget", "seed", "accuracy"])


def test_summary_of_straight_curves():
    frame = _frame({"scratch": [0.1, 0.2, 0.3, 0.4], "probe": [0.35, 0.40, 0.45, 0.50]})
    table = curve_summary(frame, "scratch")
    probe, scratch = table.loc["probe"], table.loc["scratch"]
    assert probe["head_start"] == pytest.approx(0.25)
    assert probe["slope"] == pytest.approx(0.05) and scratch["slope"] == pytest.approx(0.1)
    assert probe["asymptote"] == pytest.approx(0.1)
    assert scratch["labels"] == pytest.approx(8)
    assert probe["labels"] == pytest.approx(2)  # 0.40, what scratch has at 8
    assert probe["labels_saved"] == pytest.approx(6)
    assert scratch["head_start"] == scratch["labels_saved"] == 0


def test_labels_between_budgets_never_and_from_the_start():
    frame = _frame({"a": [0.1, 0.2, 0.3, 0.4]})
    assert curve_summary(frame, reach=0.25).loc["a", "labels"] == pytest.approx(2 * 2**0.5)
    assert curve_summary(frame, reach=0.05).loc["a", "labels"] == 1
    never = curve_summary(frame, reach=0.9).loc["a"]
    assert never["labels"] == never["labels_low"] == np.inf and never["labels_saved"] == -np.inf


def test_summary_intervals_contain_the_truth_and_shrink_with_the_noise():
    curves = {"a": [0.1, 0.2, 0.3, 0.4], "b": [0.3, 0.4, 0.5, 0.6]}
    noisy, quiet = (curve_summary(_frame(curves, spread=s), "a").loc["b"] for s in (0.02, 0.002))
    for key, truth in (("head_start", 0.2), ("slope", 0.1), ("asymptote", 0.2), ("labels", 2)):
        assert noisy[f"{key}_low"] <= truth <= noisy[f"{key}_high"]
        wide = noisy[f"{key}_high"] - noisy[f"{key}_low"]
        assert quiet[f"{key}_high"] - quiet[f"{key}_low"] < wide


@pytest.mark.slow
def test_coverage_of_the_head_start():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(150):
        rows = [
            (m, b, s, base + 0.1 * i + rng.normal(0, 0.03))
            for m, base in (("a", 0.2), ("b", 0.4))
            for i, b in enumerate((1, 2))
            for s in range(5)
        ]
        frame = pd.DataFrame(rows, columns=["method", "budget", "seed", "accuracy"])
        row = curve_summary(frame, "a").loc["b"]
        hits += row["head_start_low"] < 0.2 < row["head_start_high"]
    assert 0.89 < hits / 150 < 0.995


@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (_frame({"a": [1, 2, 3, 4]}).drop(columns="seed"), {}, "no column .'seed'."),
        (_frame({"a": [1, 2, 3, 4]}).iloc[1:], {}, "'a' has missing or double rows"),
        (_frame({"a": [1, 2, 3, np.nan]}), {}, "are NaN"),
        (_frame({"a": [1]}, budgets=(1,)), {}, r"got 1 budget\(s\)"),
        (_frame({"a": [1, 2, 3, 4]}), {"baseline": "b"}, "baseline: got 'b', want one of a"),
    ],
)
def test_summary_bad_input(frame, arguments, message):
    with pytest.raises(ValueError, match=message):
        curve_summary(frame, **arguments)
