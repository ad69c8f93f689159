"""Studies and chapters by ``--on``: the same table, the same files."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pandas as pd
import pytest

from tests.workshop.fake_chapters import claim_cell, write_notebook
from tlbook.course.studies import Study, grid
from tlbook.scale import Done, EngineLost, OtherCode
from tlbook.workshop import cli, elsewhere, study_runs
from tlbook.workshop.runner import RunOptions, make_jobs

pytest.importorskip("cloudpickle")


def measured(seed, settings):
    if settings["k"] == 0:
        return [{"part": part, "value": seed / 7} for part in ("a", "b")]
    return {"part": "a", "value": 1 / settings["k"]}


def another(seed):
    if seed == 9:
        raise ZeroDivisionError("nothing came")
    return {"value": seed}


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as found:
        yield found


def test_a_study_elsewhere_has_the_table_of_the_study_here(pool, monkeypatch, temporary_cache):
    study = Study(measured, grid(seed=(0, 1, 2), settings=({"k": 0}, {"k": 3})))
    study += Study(another, grid(seed=(5, 6)))
    monkeypatch.setattr(elsewhere.studies, "get", lambda name: study)
    pd.testing.assert_frame_equal(study.run(), elsewhere.run_study("x", pool), check_exact=True)
    assert not list((temporary_cache / "runs").iterdir())
    told = elsewhere.run_study("x", pool).attrs
    assert told["machine"].startswith("1 process on 1 machine; asked by ")  # a pool of threads
    assert 0 < told["seconds"] < 60
    bad = study + Study(another, grid(seed=(9,)))
    monkeypatch.setattr(elsewhere.studies, "get", lambda name: bad)
    with pytest.raises(RuntimeError, match="1 of 9 cases failed, the first of them x 8: seed=9"):
        elsewhere.run_study("x", pool)
    assert len(list((temporary_cache / "runs").rglob("rows/*/*.json"))) == 9  # they are kept


@pytest.mark.slow
def test_chapters_elsewhere_bring_their_files_home(pool, monkeypatch, tmp_path):
    good = write_notebook(tmp_path / "here", "01_passes", "print('seed', seed)", claim_cell())
    other = write_notebook(tmp_path / "here", "02_other", "print('here')")
    there = write_notebook(tmp_path / "there", "02_other", "print('there')")
    places = {"01_passes": good, "02_other": there}
    find = lambda stem: SimpleNamespace(path=places[stem])  # noqa: E731
    monkeypatch.setattr(elsewhere.chapters, "find", find)
    jobs = make_jobs([good, other], tmp_path / "out", RunOptions(seed=3))
    passed, refused = elsewhere.run_jobs_on(pool, jobs)
    assert passed.good and passed.marks["✓"] == 1
    assert passed.executed == tmp_path / "out" / "01_passes.ipynb"
    assert "seed 3" in passed.html.read_text(encoding="utf-8")
    assert refused.status == "failed" and "is another notebook on this machine" in refused.message


@pytest.mark.parametrize("kind", [EngineLost, OtherCode, elsewhere.CasesFailed])
def test_what_happens_elsewhere_is_told_without_a_traceback(kind, monkeypatch, capsys):
    def lost(name, on, folder):
        error = kind("dask://first:8786: no scheduler answers")
        error.add_note("3 of 8 rows are in /shared/run; the same call again makes the other 5")
        raise error

    monkeypatch.setattr(elsewhere, "run_study", lost)
    assert cli.main(["results", "target_estimates", "--on", "dask://first:8786"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "tlbook: dask://first:8786: no scheduler answers",
        "3 of 8 rows are in /shared/run; the same call again makes the other 5",
    ]


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    def broken(name, on, folder):
        raise RuntimeError("ours")

    monkeypatch.setattr(elsewhere, "run_study", broken)
    with pytest.raises(RuntimeError, match="ours"):
        cli.main(["results", "target_estimates", "--on", "local"])


def test_a_record_says_on_what_machines_a_study_was_made(monkeypatch):
    done = [
        Done("a", worker="tcp://10.0.0.1:40001 (first:12)", seconds=1.5),
        Done("b", worker="tcp://10.0.0.2:40001 (second:12)", seconds=2.0),
        Done("c", worker="tcp://10.0.0.2:40002 (second:13)", seconds=2.5),
    ]
    assert elsewhere._where(done) == "3 processes on 2 machines"
    frame, kept = pd.DataFrame({"value": [1.0]}), {}
    frame.attrs = {"machine": "3 processes on 2 machines", "seconds": 6.0}
    monkeypatch.setattr(elsewhere, "run_study", lambda name, on, folder: frame)
    save = lambda *given, **options: kept.update(given=given, options=options)  # noqa: E731
    monkeypatch.setattr(study_runs.stored, "save", save)
    study_runs.make_result("target_estimates", on="dask://first:8786")
    assert kept["options"]["machine"] == "3 processes on 2 machines" and kept["given"][-1] == 6.0
