"""Settings chosen without target labels: the stored studies, and what they tell."""

import numpy as np
import pandas as pd
import pytest

from tlbook.course import studies
from tlbook.course.ch11_alignment.arms import arm
from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.ch11_alignment.studies import adaptation_table, adaptation_tuning
from tlbook.course.ch16_choosing import choices as results
from tlbook.course.ch16_choosing.studies import adaptation_second_choice
from tlbook.course.results import stored
from tlbook.course.studies import words
from tlbook.selection import CRITERIA


@pytest.mark.parametrize(
    "name",
    [
        "adaptation_table",
        "adaptation_oracle",
        "adaptation_second_choice",
        "adaptation_label_shift",
        "adaptation_tuning",
        "adaptation_criteria",
        "adaptation_reverse",
        "adversarial_norms",
        "adversarial_patient",
    ],
)
def test_the_stored_rows_are_the_cases_in_order(name):
    cases = pd.DataFrame(studies.get(name).listed())
    if "settings" in cases:
        cases["settings"] = cases.settings.map(words)
    rows = stored.load(name)[list(cases)].drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(rows, cases, check_dtype=False)


def test_candidates_are_means_over_the_training_seeds():
    frame = results.candidates(guarded=False)
    tuning, scores = stored.load("adaptation_tuning"), stored.load("adaptation_criteria")
    assert (
        len(frame) == len(tuning) / 3
        and not frame.duplicated(["task_seed", "settings", "method"]).any()
    )
    row = frame[(frame.method == "JAN") & (frame.task_seed == 101)].iloc[0]
    where = f"method == 'JAN' and task_seed == 101 and settings == {row.settings!r}"
    assert row.accuracy == pytest.approx(scores.query(where).accuracy.mean())
    assert row.entropy == pytest.approx(tuning.query(where).entropy.mean())
    assert frame["reverse validation"].notna().all()


@pytest.mark.parametrize("family", ["all", *results.FAMILIES, "MK-MMD"])
def test_points_lost_by_brute_force(family):
    lost = results.points_lost(family, guarded=False)
    assert set(lost.index) == {*CRITERIA, "random"}
    assert (lost.to_numpy() >= 0).all()
    assert np.all(np.diff(lost["mean"]) >= 0)
    frame = results.candidates(guarded=False)
    if family != "all":
        frame = frame[frame.method.isin(results.FAMILIES.get(family, (family,)))]
    for seed in (100, 101):
        rows = frame[frame.task_seed == seed].sort_values("DEV")
        want = 100 * (rows.accuracy.max() - rows.accuracy.iloc[-1])
        assert lost.loc["DEV", seed] == pytest.approx(want)
    assert lost["mean"].to_numpy() == pytest.approx(lost[[100, 101]].mean(axis=1).to_numpy())


def test_the_gap_to_the_oracle_is_never_negative_and_names_the_frozen_settings():
    gap = results.oracle_gap()
    assert set(gap.index) == set(METHODS) - {"upper bound"}
    assert (gap.lost >= 0).all()
    assert all(gap.chosen[name] == words(SETTINGS[name]) for name in gap.index)


def test_within_methods_agrees_with_the_gap_to_the_oracle():
    lost, gap = results.within_methods(), results.oracle_gap()
    methods = [name for name in lost if name not in ("mean", "largest")]
    assert "source only" not in methods and "MK-MMD" in methods
    for name in methods:
        assert lost.loc["agreement", name] == pytest.approx(gap.lost[name], abs=0.051)
    assert (lost[methods].to_numpy() >= -1e-9).all()
    assert lost.largest.to_numpy() == pytest.approx(lost[methods].max(axis=1).to_numpy())


def test_the_oracle_stands_beside_the_table():
    table, oracle = results.oracle_table(), stored.load("adaptation_oracle")
    rows = oracle[oracle.method == "MK-MMD"]
    assert table.loc["MK-MMD", "oracle (%)"] == round(100 * rows.accuracy.mean(), 1)
    assert table.loc["MK-MMD", "oracle"] == rows.settings.iloc[0]
    mine = 100 * arm("adaptation_table", "MK-MMD").mean()
    assert table.loc["MK-MMD", "chosen (%)"] == round(mine, 1)
    gap = results.oracle_gap()
    assert set(table.index) == set(gap.index[gap.chosen != gap.best])
    assert all(table.oracle[name] == gap.best[name] for name in table.index)


def test_the_second_choice_is_tested_on_tasks_of_its_own():
    frame = stored.load("adaptation_second_choice")
    assert not set(frame.seed) & set(adaptation_table.SEEDS)
    assert not set(frame.seed) & set(adaptation_tuning.TASK_SEEDS)
    pairs = frame[["method", "settings", "judge"]].drop_duplicates()
    plan = adaptation_second_choice.plan()
    planned = {(each["method"], words(each["settings"]), each["judge"]) for each in plan}
    assert set(pairs.itertuples(index=False, name=None)) == planned and len(planned) == len(plan)
    table = results.second_choice()
    rows = frame[(frame.method == "JAN") & (frame.judge == "agreement")].accuracy.mean()
    base = frame[frame.method == "source only"].accuracy.mean()
    assert table.agreement["JAN"] == pytest.approx(100 * (rows - base), abs=0.051)
    assert "source only" not in table.index


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: results.points_lost("osmosis"), "family: got 'osmosis'"),
        (lambda: results.oracle_gap("accuracy"), "criterion: got 'accuracy'"),
    ],
)
def test_what_is_not_there_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
