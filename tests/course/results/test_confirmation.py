"""A stored result may be confirmed by a sample; a number that moved is found."""

import types

import pandas as pd
import pytest

from tlbook.course import studies
from tlbook.course.results import confirmation, stored
from tlbook.course.results.stored import StaleResult
from tlbook.course.studies import _parallel
from tlbook.workshop import study_runs


def trial(power, base):
    return {
        "power": power,
        "base": base,
        "value": base**power / 3,
        "cpu_seconds": 0.1,
        "note": None if power == 2 else "odd",
    }


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of 40 small jobs whose code lies in a folder of its own."""
    monkeypatch.setattr(stored, "ROOT", tmp_path)
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "data" / "results")
    (tmp_path / "code.py").write_text("x = 1\n", encoding="utf-8")
    work = [(power, base) for power in (1, 2) for base in range(20)]
    made = types.SimpleNamespace(
        MODULES=("code.py",),
        COMMAND="tlbook results powers",
        trial=trial,
        run=lambda jobs=1: pd.DataFrame(_parallel.map_jobs(made.trial, work, jobs)),
    )
    monkeypatch.setattr(studies, "get", lambda name: made)
    study_runs.make_result("powers")
    (tmp_path / "code.py").write_text("y = 1\n", encoding="utf-8")
    return made


def test_equal_numbers_renew_the_fingerprints_and_leave_a_trace(study, capsys):
    with pytest.raises(StaleResult, match=r"code\.py changed"):
        stored.check("powers")
    before = stored.info("powers")
    # times may differ
    study.trial = lambda power, base: trial(power, base) | {"cpu_seconds": 9.9}
    study_runs.confirm_result("powers", 6, seed=3)
    stored.check("powers")
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
    assert _parallel.map_jobs(lambda i: i, [(i,) for i in range(9)], 1) == list(range(9))
    with _parallel.sampled(4, 0) as sample:
        assert len(_parallel.map_jobs(lambda i: i, [(i,) for i in range(9)], 1)) == 4
    assert sample.run == 4
    assert len(_parallel.map_jobs(lambda i: i, [(i,) for i in range(9)], 1)) == 9


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
