"""The course's own shifts as tasks for the report: each is what it is said to be."""

import numpy as np
import pytest

from tlbook.course.ch20_clinic_and_faq import course_tasks, tables
from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.ch20_clinic_and_faq.course_tasks import CLINICS, OTHERS, RIGHT, task
from tlbook.diagnosis.findings import KINDS

NUMBERS = [name for name in RIGHT if not name.startswith("texts")]


def test_every_task_has_a_right_name_or_says_that_it_is_not_known():
    assert set(RIGHT) == {*CLINICS, *OTHERS}
    names = {name for pair in RIGHT.values() for each in pair for name in each.split(" / ")}
    assert names <= {course_tasks.UNKNOWN, *KINDS}
    assert ("no shift", "concept shift") == RIGHT["handwriting, other code"] == NAMES["concept"]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_task_has_rows_of_numbers_repeats_and_keeps_its_labels(name):
    one, two = task(name, 1000), task(name, 1000)
    assert np.array_equal(one.source.X, two.source.X)
    assert one.source.X.shape[1:] == one.target.X.shape[1:] and one.source.X.ndim == 2
    assert np.isfinite(one.source.X).all() and np.isfinite(one.target.X).all()
    assert one.target.y is None
    assert 0 <= one.score(lambda X: np.full(len(X), one.source.y[0])) < 1


def test_no_picture_is_in_source_and_target():
    one = task("handwriting, other code", 1000)
    seen = {row.tobytes() for row in one.source.X}
    assert not any(row.tobytes() in seen for row in one.target.X)


def test_the_other_code_reads_nothing():
    from sklearn.linear_model import LogisticRegression

    one = task("handwriting, other code", 1000)
    model = LogisticRegression(max_iter=2000).fit(one.source.X, one.source.y)
    assert one.score(model.predict) < 0.05


def test_the_other_mix_is_another_one():
    one = task("handwriting, other digit mix", 1000)
    rare = one.score(lambda X: np.zeros(len(X), dtype=int))
    assert rare < 0.05  # a tenth of 1/10, and a little


def test_the_stored_runs_are_whole_and_the_table_adds_up():
    runs = tables.course_runs()
    assert len(runs) == 8 * len(RIGHT) and set(runs.name) == set(RIGHT)
    assert (runs.labeled == np.where(runs.seed % 2, 60, 0)).all()
    table = tables.course()
    assert table.advised.sum() == (runs.advice != "none").sum()
    assert table.lost.sum() == runs.harmful.sum()
    assert (runs.regret >= 0).all() and (runs.gain[runs.advice == "none"] == 0).all()
    assert table.loc["vowels, men → women", "named right"] == "not known"


def test_a_rule_is_judged_by_what_its_remedies_truly_gained():
    assert tables.by_rule(lambda expected: "none") == [0.0] * 80
    frame = tables.zoo()
    stored = frame[(frame.advice != "none") & (frame.labeled == 0)].iloc[0]
    expected, true = tables.expectations(stored.expected)
    assert true[stored.advice] == pytest.approx(stored.gain, abs=0.06)
    assert expected[stored.advice].sure >= 1
    with pytest.raises(ValueError, match="rule: got 'prayer', want one of none, "):
        tables.by_rule(lambda expected: "prayer")
