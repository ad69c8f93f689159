"""A stored result may be confirmed by a sample; a number that moved is found."""

import types

import pandas as pd
import pytest

from tlbook.course import studies
from tlbook.course.results import confirmation, stored
from tlbook.course.results.stored import StaleResult
from tlbook.course.studies import Study, grid
from tlbook.course.studies.jobs import map_jobs, sampled
from tlbook.workshop import study_runs


def trial(power, base):
    return {"value": base**power / 3, "cpu_seconds": 0.1, "note": None if power == 2 else "odd"}


def powers(trial):
    return Study(trial, grid(power=(1, 2), base=range(20)))


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of 40 small jobs whose code was edited after it had run."""
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "data" / "results")
    made = types.SimpleNamespace(trial=trial)
    monkeypatch.setattr(studies, "get", lambda name: powers(made.trial))
    code = {"code": {"trial": "before"}, "files": {}}
    monkeypatch.setattr(study_runs, "code_of", lambda name: code)
    study_runs.make_result("powers")
    made.code = {"code": {"trial": "after"}, "files": {}}
    monkeypatch.setattr(study_runs, "code_of", lambda name: made.code)
    return made


def test_equal_numbers_renew_the_fingerprints_and_leave_a_trace(study, capsys):
    with pytest.raises(StaleResult, match="trial changed"):
        stored.check("powers", study.code)
    before = stored.info("powers")
    # times may differ
    study.trial = lambda power, base: trial(power, base) | {"cpu_seconds": 9.9}
    study_runs.confirm_result("powers", 6, seed=3)
    stored.check("powers", study.code)
    after = stored.info("powers")
    assert after["confirmed"] == [after["confirmed"][0] | {"jobs": 6, "rows": 6, "seed": 3}]
    assert after["csv_sha256"] == before["csv_sha256"] and after["date"] == before["date"]
    assert "6 jobs run again, 6 rows agree" in capsys.readouterr().out


def test_one_moved_number_is_found_and_changes_nothing(study):
    study.trial = lambda power, base: trial(power, base) | {"value": base**power / 3.0001}
    record = stored.info("powers")
    with pytest.raises(confirmation.Unconfirmed, match=r"rows came out different.*Make it again"):
        study_runs.confirm_result("powers", 5, seed=0)
    assert stored.info("powers") == record


def test_the_sample_is_drawn_anew_unless_a_seed_is_given(study):
    drawn = []

    def spy(power, base):
        drawn.append((power, base))
        return trial(power, base)

    study.trial = spy
    for seed in (1, 1, 2):
        study_runs.confirm_result("powers", 5, seed=seed)
    assert drawn[:5] == drawn[5:10] != drawn[10:]
    assert len(set(drawn[:5])) == 5


def test_outside_of_a_sample_all_jobs_run():
    work = [(lambda i: {}, {"i": i}) for i in range(9)]
    everything = [[{"i": i}] for i in range(9)]
    assert map_jobs(work, 1) == everything
    with sampled(4, 0) as sample:
        assert len(map_jobs(work, 1)) == 4
    assert sample.run == 4
    assert map_jobs(work, 1) == everything


def test_rows_are_compared_as_they_are_written():
    old = pd.DataFrame({"a": [1, 2], "b": [0.1234567, None], "seconds": [1, 2]})
    assert confirmation.different_rows(old, old.iloc[[1]]) == []
    # six digits are written: a difference behind them cannot be seen, one before them is
    assert confirmation.different_rows(old, pd.DataFrame({"a": [1], "b": [0.12345674]})) == []
    assert confirmation.different_rows(old, pd.DataFrame({"a": [1], "b": [0.123458]}))
    with pytest.raises(ValueError, match="the columns"):
        confirmation.different_rows(old, pd.DataFrame({"c": [1]}))
    with pytest.raises(ValueError, match="empty"):
        confirmation.different_rows(old, old[:0])
