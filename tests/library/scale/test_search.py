"""``search``: the table is the serial one, the choice needs no target label, histories prune."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from tlbook.scale import search
from tlbook.selection import Run
from tlbook.training.history import History

pytest.importorskip("optuna")


def train(seed, rate, kind, steps=None):
    """Stands for a training: good near rate 0.1, and "collapse" answers with one class."""
    if kind == "crash":
        raise RuntimeError("no step was made")
    rng = np.random.default_rng([seed, int(1000 * rate)])
    skill = 6 / (1 + abs(np.log10(rate / 0.1)) * 5)
    P = skill * np.eye(3)[np.arange(60) % 3] + rng.random((60, 3))
    if kind == "collapse":
        P[:, 0] += 100
    run = Run("a setting", seed, P / P.sum(1, keepdims=True))
    if steps is None:
        return run
    loss = np.exp(-np.arange(steps) * skill / 100)
    return run, History({"L_S": loss, "loss": 1e9 * loss})


SPACE = {"rate": (0.001, 1.0, "log"), "kind": ["good", "collapse", "crash"]}


@pytest.fixture
def pool():
    with ThreadPoolExecutor(3) as found:
        yield found


def test_everything_tried_and_the_chosen_one_are_one_table(pool, tmp_path):
    table = search(train, SPACE, trials=14, batch=4, seeds=(0, 1), on=pool, folder=tmp_path)
    assert list(table.columns) == (
        ["trial", "rate", "kind", "score", "state", "seconds", "error", "chosen"]
    )
    assert table.trial.tolist() == list(range(14))
    states = dict(zip(table.kind, table.state, strict=True))
    assert states["good"] == "done"
    assert states.get("collapse", "collapsed") == "collapsed"
    assert states.get("crash", "failed") == "failed"
    chosen = table[table.chosen].iloc[0]
    assert table.chosen.sum() == 1 and chosen.kind == "good"
    assert chosen.score == table.score[table.state == "done"].max()


def test_the_number_of_workers_changes_nothing_and_a_stopped_search_goes_on(tmp_path):
    tables = []
    for workers, folder in ((1, "a"), (3, "b"), (2, "b")):
        with ThreadPoolExecutor(workers) as pool:
            tables.append(
                search(train, SPACE, trials=9, batch=3, on=pool, seed=5, folder=tmp_path / folder)
            )
    for other in tables[1:]:
        # Tracebacks name places, seconds are measured.
        left, right = (t.drop(columns=["seconds", "error"]) for t in (tables[0], other))
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    good = tables[1].state == "done"
    assert (tables[1].seconds[good] == tables[2].seconds[good]).all()  # read, not run again


def test_histories_prune(pool):
    table = search(
        train,
        {"rate": (0.001, 1.0, "log"), "kind": ["good"]},
        criterion="entropy",
        trials=16,
        steps=(40, 80),
        on=pool,
    )
    pruned, done = table[table.state == "pruned"], table[table.state == "done"]
    assert len(pruned) and len(done) and (pruned.steps == 40).all() and (done.steps == 80).all()
    off = lambda rows: np.abs(np.log10(rows.rate / 0.1)).median()  # noqa: E731
    assert off(pruned) > off(done)  # those that learn slowly
    assert pruned.score.notna().all() and not pruned.chosen.any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"criterion": "target accuracy"}, "criterion: got"),
        ({"space": {"rate": 3}}, "space: got 3 for 'rate'"),
        ({"space": {"rate": (0, 1, "linear")}}, "space: got"),
        ({"steps": (9, 3)}, "steps: got"),
        ({"trials": 0}, "trials: got 0"),
    ],
)
def test_bad_input(pool, change, message):
    with pytest.raises(ValueError, match=message):
        search(**{"train": train, "space": SPACE, "on": pool} | change)


def test_where_every_setting_fails_the_reason_is_said(pool):
    with pytest.raises(RuntimeError, match="no setting could be scored.*no step was made"):
        search(train, {"rate": [0.1], "kind": ["crash"]}, trials=2, on=pool, seeds=(0, 1))
