"""SHOT, TENT, the other scanner and the missing classes: cases, methods, stored studies."""

import numpy as np
import pandas as pd
import pytest
import torch

from tlbook import data
from tlbook.course import studies
from tlbook.course.ch11_alignment.arms import arm, arms, gains_figure
from tlbook.course.ch11_alignment.cases import partial_task, scanner_task
from tlbook.course.ch11_alignment.source_free import GRID, METHODS, SCANNER_RATE, SETTINGS, start
from tlbook.course.ch11_alignment.studies import (
    adaptation_label_shift,
    adaptation_table,
    adaptation_tuning,
    alignment_partial,
    alignment_rounds,
    source_free_table,
)
from tlbook.course.results import stored
from tlbook.course.studies import words
from tlbook.domains import Task
from tlbook.evaluation.statistics import paired_test
from tlbook.training import predict

BRIEF = {"steps": 30, "device": "cpu"}
CHOSEN_AGAIN = range(8, 16)  # the tasks of the studies of chapter 16, see its tests


@pytest.fixture(scope="module")
def scanner():
    return scanner_task(3)


def pictures(task):
    seen = []
    task.score(lambda X: seen.append(X) or np.zeros(len(X), dtype=int))
    return seen[0]


# -- cases -----------------------------------------------------------------------------------------


def test_the_scanner_is_paler_and_shares_no_row_with_the_source(scanner):
    source, target = scanner.source.X, scanner.target.X
    assert (len(source), len(scanner.validation.X), len(target)) == (500, 100, 400)
    assert target.std() < 0.4 * source.std() and target.min() >= 0 and target.max() <= 1
    again = scanner_task(3)
    assert np.array_equal(again.target.X, target) and len(pictures(scanner)) == 797
    assert not np.array_equal(scanner_task(4).target.X, target)


def test_by_digit_are_the_same_pictures_sorted(scanner):
    ordered = scanner_task(3, by_digit=True)
    assert np.array_equal(ordered.source.X, scanner.source.X)
    mixed, mine = ({row.tobytes() for row in pictures(t)} for t in (scanner, ordered))
    assert mixed == mine
    truth = ordered.report(lambda X: np.zeros(len(X), dtype=int)).confusion.sum(axis=1)
    steps = np.repeat(np.arange(10), truth)
    assert ordered.score(lambda X: steps) == 1


def test_the_partial_target_has_half_of_the_digits():
    task = partial_task(3)
    whole = {row.tobytes() for row in data.load("fonts-to-handwriting", seed=3).target.X}
    assert 450 < len(task.target.X) < 550 and {row.tobytes() for row in task.target.X} <= whole
    seen = task.report(lambda X: np.full(len(X), 5)).confusion.sum(axis=1)
    assert len(seen) == 5 and seen.min() > 0.15 * seen.sum()  # 5-9, and no row of another digit
    assert len(task.classes) == 10 == len(np.unique(task.source.y))


# -- methods ---------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_methods_repeat_themselves_and_look_at_no_label(scanner, name):
    before, X = scanner.looks, scanner.target.X[:130]
    found = [METHODS[name](scanner, 7, **SETTINGS.get(name, {}), **BRIEF)(X) for _ in range(2)]
    assert found[0].shape == (130,) and np.array_equal(*found)
    assert scanner.looks == before


@pytest.mark.slow
def test_the_network_at_the_start_is_left_alone(scanner):
    first = start(scanner, 7, **BRIEF)
    assert start(scanner, 7, **BRIEF) is first
    before = {key: value.clone() for key, value in first.model.state_dict().items()}
    for name in ("batch statistics", "TENT", "SHOT"):
        METHODS[name](scanner, 7, **SETTINGS[name], **BRIEF)(scanner.target.X)
    assert all(torch.equal(v, before[k]) for k, v in first.model.state_dict().items())


@pytest.mark.slow
def test_shot_never_sees_the_source(scanner):
    blank = Task.from_arrays(
        source=(scanner.source.X, scanner.source.y),
        validation=(scanner.validation.X, scanner.validation.y),
        target_train=(scanner.target.X, np.arange(400) % 10),  # its labels do not matter
        target_test=(scanner.target.X[::-1], np.arange(400) % 10),
    )
    one, other = (METHODS["SHOT"](t, 7, **SETTINGS["SHOT"], **BRIEF) for t in (scanner, blank))
    assert torch.equal(one.model.hidden.weight, other.model.hidden.weight)
    head = start(scanner, 7, **BRIEF).model.head.weight
    assert torch.equal(
        METHODS["SHOT"](scanner, 7, **SETTINGS["SHOT"], **BRIEF).model.head.weight, head
    )


def test_batch_statistics_are_the_training_mode_without_a_step(scanner):
    stream = METHODS["batch statistics"](scanner, 7, **BRIEF)
    X = torch.from_numpy(scanner.target.X[:64])
    with torch.no_grad():
        wanted = stream.model.train()(X).argmax(1)
    stream.model.eval()
    assert stream(scanner.target.X[:64]).tolist() == wanted.tolist()
    assert (predict(stream.model, X.numpy()) != wanted.numpy()).any()


# -- stored studies --------------------------------------------------------------------------------

STORED = (
    "source_free_tuning",
    "scanner_tuning",
    "source_free_table",
    "alignment_partial",
    "alignment_rounds",
)


@pytest.mark.parametrize("name", STORED)
def test_the_stored_rows_are_the_cases_in_order(name):
    cases = pd.DataFrame(studies.get(name).listed())
    rows = stored.load(name)[list(cases)].drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(rows, cases, check_dtype=False)


def test_each_of_the_new_tasks_is_used_by_one_study():
    used = [
        {*adaptation_table.SEEDS, *adaptation_label_shift.SEEDS},
        set(CHOSEN_AGAIN),
        set(adaptation_tuning.TASK_SEEDS),
        set(alignment_rounds.SEEDS),
        set(source_free_table.SEEDS),
        set(alignment_partial.SEEDS),
    ]
    assert sum(map(len, used)) == len(set.union(*used)) and all(len(u) in (2, 8) for u in used)


def test_settings_are_the_ones_that_agreement_chose():
    chosen = adaptation_tuning.best(stored.load("source_free_tuning"))
    assert chosen == {name: words(SETTINGS[name]) for name in GRID}
    scanner = adaptation_tuning.best(stored.load("scanner_tuning"))
    assert scanner == {"TENT": words({"lr": SCANNER_RATE})}


def test_arms_are_paired_gains_of_the_stored_rows():
    frame = stored.load("source_free_table")
    rows = frame[(frame.task == "pen") & (frame.method == "SHOT")].sort_values("seed")
    shot = arm("source_free_table", "SHOT", task="pen")
    assert shot == pytest.approx(rows.accuracy.to_numpy()) and len(shot) == 8
    found = paired_test(100 * shot, 100 * arm("source_free_table", "source only", task="pen"))
    table = arms("source_free_table", task="pen")
    assert table.loc["SHOT", "gain over source only"].startswith(f"{found.effect:+.1f} [")
    assert table.loc["source only", "gain over source only"] == ""
    assert table.loc["SHOT", "accuracy (%)"] == round(100 * shot.mean(), 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: arm("source_free_table", "osmosis"), "method: got 'osmosis'"),
        (lambda: arm("source_free_table", "SHOT", task="moon"), "task: got 'moon'"),
        (lambda: arm("source_free_table", "SHOT", shape=1), "where: got 'shape'"),
        (lambda: arm("source_free_table", "SHOT", "speed"), "column: got 'speed'"),
    ],
)
def test_what_is_not_there_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_figure_has_a_row_per_method_in_the_order_of_the_means():
    ax = gains_figure("a finding").axes[0]
    names = [label.get_text() for label in ax.get_yticklabels()]
    accuracy = stored.load("adaptation_table").groupby("method").accuracy.mean()
    wanted = accuracy.drop("source only").sort_values()
    assert names == list(wanted.index)
