"""``compare``: pairing by seed, settings as dictionaries, fresh tasks, looks, processes, errors."""

import numpy as np
import pandas as pd
import pytest

from tlbook import data
from tlbook.domains import Task
from tlbook.evaluation import compare, measure


def task(seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(90) % 3
    X = rng.normal(size=(90, 2)) + 2.5 * np.eye(3)[y][:, :2]
    parts = [(X[i : i + 30], y[i : i + 30]) for i in (0, 30, 60)]
    return Task.from_arrays(source=parts[0], target_train=parts[1], target_test=parts[2])


def nearest(task, seed, k=None):
    X, y = (task.source.X, task.source.y) if k is None else task.label(k, seed)
    return lambda rows: y[((rows[:, None] - X[None]) ** 2).sum(2).argmin(1)]


class Constant:
    """A method may be an object."""

    def __call__(self, task, seed, label=0):
        return lambda rows: np.full(len(rows), label)


def moons(seed):
    return data.load("toy", kind="moons", seed=seed, n=60)


def test_a_row_for_every_method_task_setting_and_seed_in_this_order():
    frame = compare(
        {"nearest": nearest, "constant": Constant()},
        {"a": task(0), "b": task},
        seeds=(4, 2),
        settings={"nearest": [{"k": 1}, {"k": 5}], "constant": {"label": 1}},
    )
    keys = frame[["method", "task", "k", "seed"]].to_records(index=False).tolist()
    assert keys[:6] == [
        ("nearest", "a", 1.0, 4),
        ("nearest", "a", 1.0, 2),
        ("nearest", "a", 5.0, 4),
        ("nearest", "a", 5.0, 2),
        ("nearest", "b", 1.0, 4),
        ("nearest", "b", 1.0, 2),
    ]
    assert len(frame) == 12 and "label" not in frame  # one setting does not vary
    assert frame[frame.method == "constant"].k.isna().all()


def test_accuracies_are_those_of_the_loop_by_hand_and_looks_are_counted():
    frame = compare({"few": nearest}, task, seeds=range(3), settings={"few": {"k": 2}})
    for row in frame.itertuples():
        fresh = task(row.seed)
        X, y = fresh.label(2, row.seed)
        by_hand = fresh.score(lambda rows, X=X, y=y: y[((rows[:, None] - X) ** 2).sum(2).argmin(1)])
        assert row.accuracy == by_hand
        assert row.looks == 2  # a purchase and a score
    assert frame.accuracy.nunique() > 1


def test_one_task_collects_all_looks():
    one = task()
    frame = compare({"source": nearest, "constant": Constant()}, one, seeds=range(4))
    assert one.looks == frame.looks.sum() == 8


def test_measure_keeps_the_answers_and_scores_them_once():
    one = task()
    row = measure(nearest, one, 0, {"k": 5}, answers=True)
    assert one.looks == row["looks"] == 2
    assert row["accuracy"] == one.report(lambda rows: row["answers"]).accuracy < 1


@pytest.mark.slow
def test_processes_give_the_same_table_and_count_their_looks():
    one, two = moons(3), moons(3)
    methods, settings = {"nearest": nearest}, {"nearest": [{"k": 1}, {"k": 4}]}
    alone = compare(methods, {"one": one, "fresh": moons}, (0, 1), settings=settings)
    both = compare(methods, {"one": two, "fresh": moons}, (0, 1), settings=settings, jobs=2)
    pd.testing.assert_frame_equal(alone.drop(columns="seconds"), both.drop(columns="seconds"))
    assert sorted(one.look_log) == sorted(two.look_log) and two.looks == 8


def test_a_failing_method_is_named():
    def broken(task, seed):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no") as caught:
        compare({"good": nearest, "broken": broken}, task, seeds=[7])
    assert caught.value.__notes__ == ["in method 'broken' on task 'task' with seed 7"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": {}}, "methods: got none"),
        ({"methods": [nearest]}, "methods: got none, want a dict"),
        ({"methods": {"a": 3}}, "methods: got int for 'a', want a function"),
        ({"tasks": {}}, "tasks: got none"),
        ({"tasks": {"a": 3}}, "tasks: got int for 'a'"),
        ({"tasks": 3}, "tasks: got int for 'task'"),
        ({"seeds": []}, r"seeds: got \[\]"),
        ({"seeds": [1, 1]}, "want different whole numbers"),
        ({"seeds": [0.5]}, "seeds: got 0.5"),
        ({"settings": {"b": {}}}, "settings: got 'b', want names of methods"),
        ({"jobs": 0}, "jobs: got 0"),
        ({"jobs": 2}, "jobs: got 2, want 1: the task 'own data' was made from arrays"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(ValueError, match=message):
        compare(**{"methods": {"a": nearest}, "tasks": task(), "seeds": [0]} | change)
