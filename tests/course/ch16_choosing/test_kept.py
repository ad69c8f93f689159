"""The study of self-training with the MMD kept on: its rule, its fresh tasks, its stored rows."""

import numpy as np
import pandas as pd

from tlbook.course.ch11_alignment.studies import adaptation_table, adaptation_tuning
from tlbook.course.ch16_choosing.studies import adaptation_kept
from tlbook.course.results import stored


def test_the_weight_is_the_one_with_the_largest_agreement_that_has_not_collapsed():
    rows = pd.DataFrame(
        {
            "part": "choice",
            "weight": [1.0, 1.0, 3.0, 3.0, 10.0, 10.0],
            "agreement": [0.8, 0.8, 0.85, 0.86, 0.99, 0.99],
            "classes": [9, 9, 9, 9, 9, 2],
        }
    )
    assert adaptation_kept.best(rows) == 3.0
    assert adaptation_kept.best(rows[rows.weight < 3]) == 1.0


def test_its_final_tasks_were_used_for_nothing_else():
    used = {*adaptation_table.SEEDS, *adaptation_tuning.TASK_SEEDS}
    assert not used & set(adaptation_kept.TASKS) and tuple(range(8, 16)) == adaptation_kept.TASKS


def test_the_stored_rows_follow_the_rule():
    rows = stored.load("adaptation_kept")
    weight = adaptation_kept.best(rows)
    assert weight == adaptation_kept.WEIGHT
    final = rows[rows.part == "final"]
    assert set(final.task_seed) == set(adaptation_kept.TASKS)
    assert set(final[final.method == adaptation_kept.KEPT].weight) == {weight}
    assert final.groupby("method").size().eq(8).all() and final.accuracy.between(0, 1).all()
    cases = pd.DataFrame(adaptation_kept.finals())
    same = final[list(cases)].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, cases, check_dtype=False)
    choice = rows[rows.part == "choice"]
    cases = pd.DataFrame(adaptation_kept.choices)
    same = choice[list(cases)].drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(same, cases, check_dtype=False)
    assert choice.accuracy.isna().all() and np.isfinite(choice.agreement).all()
    assert len(choice) == len(adaptation_kept.WEIGHTS) * 2 * adaptation_tuning.RUNS
