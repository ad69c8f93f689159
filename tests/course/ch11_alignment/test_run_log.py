"""The file of runs: nothing whole is ever lost, whatever else is in the file."""

import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tlbook.course.ch11_alignment.widget._run_log import RunLog, compare, plain, words

RUN = {"status": "done", "task": "toy", "method": "DANN", "settings": {"weight": 1.0}, "seed": 100}


@pytest.fixture
def log(tmp_path):
    return RunLog(tmp_path / "runs" / "bench.jsonl")


def test_nothing_is_made_before_the_first_run(log):
    assert log.runs() == [] and not log.path.parent.exists()
    assert list(log.frame().columns)[:3] == ["id", "time", "status"] and len(log.frame()) == 0


def test_a_run_comes_back_as_it_went_in(log):
    kept = log.append(RUN | {"measures": {"validation": np.float32(0.5)}, "curve": np.arange(3)})
    (run,) = log.runs()
    assert run == kept
    assert run["curve"] == [0, 1, 2] and run["measures"] == {"validation": 0.5}
    assert len(run["id"]) == 8 and run["time"][:2] == "20"


def test_a_later_event_adds_to_its_run_and_looks_are_counted_per_task(log):
    first, second = log.append(RUN), log.append(RUN | {"seed": 101})
    log.append({"id": first["id"], "score": 0.75, "looks": 1})
    log.append({"id": first["id"], "score": 0.75, "looks": 2})
    assert [run.get("score") for run in log.runs()] == [0.75, None]
    assert log.looks(task="toy", seed=100) == 2
    assert log.looks(task="toy", seed=101) == 0 and log.looks(task="fonts") == 0
    assert log.runs()[1]["id"] == second["id"]


def test_the_table_has_what_was_set_and_what_came_out(log):
    a = log.append(RUN | {"measures": {"validation": 0.9}, "seconds": 2.5, "steps": 100})
    b = log.append(RUN | {"status": "cancelled", "settings": {"weight": 3.0, "kind": "rbf"}})
    log.append({"id": a["id"], "score": 0.5, "looks": 1})
    table = log.frame()
    assert table.settings.tolist() == ["weight=1", "weight=3, kind=rbf"]
    assert table.status.tolist() == ["done", "cancelled"]
    assert table.validation.tolist()[0] == 0.9 and np.isnan(table.validation[1])
    assert table["target accuracy"].tolist()[0] == 0.5 and table.looks.tolist() == [1, 0]
    assert log.frame([b["id"]]).id.tolist() == [b["id"]]
    with pytest.raises(ValueError, match="ids: got nope"):
        log.frame(["nope"])


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([1], "record: got list"),
        ({1: 2}, "record: got a key that is no text"),
        ({"x": object()}, "record: got a object"),
        ({"x": {1, 2}}, "record: got a set"),
        ({"status": "dnoe"}, "status: got 'dnoe'"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_no_trace(log, record, message):
    with pytest.raises(ValueError, match=message):
        log.append(record)
    assert not log.path.exists()


def test_nan_becomes_null_and_stays_readable_by_others(log):
    log.append(RUN | {"measures": {"a": float("nan"), "b": np.float64("inf")}})
    assert json.loads(log.path.read_text())["measures"] == {"a": None, "b": None}
    assert np.isnan(log.frame().a[0])


def test_a_line_that_was_cut_off_costs_only_itself(log):
    first = log.append(RUN)
    whole = log.path.read_bytes()
    for cut in range(1, len(whole)):
        log.path.write_bytes(whole + whole[:cut])
        last = log.append(RUN)
        runs, damaged = log.read()
        # Cut just before the newline, the doubled line is whole: the same run once more.
        assert [run["id"] for run in runs] == [first["id"], last["id"]], cut
        assert damaged == (0 if cut >= len(whole) - 1 else 1), cut


LINES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"{}", b"null", b"[1]", b'{"id": 3}', b'{"id": "x"}', b"[" * 3000, b"\xff\xfe"]
    ),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.lists(LINES, max_size=6))
def test_runs_survive_among_any_other_lines(tmp_path, junk):
    log = RunLog(tmp_path / "junk.jsonl")
    log.path.unlink(missing_ok=True)
    wanted = []
    for line in junk:
        with log.path.open("ab") as file:
            file.write(line)
        wanted.append(log.append(RUN)["id"])
    runs, _ = log.read()
    assert [run["id"] for run in runs if run.get("method") == "DANN"] == wanted
    assert len(compare(runs)) == len(runs)


def test_odd_values_in_a_file_by_other_hands_do_not_break_the_table(log):
    log.path.parent.mkdir()
    odd = {
        "id": "a",
        "status": "done",
        "settings": 3,
        "measures": [1],
        "score": "good",
        "looks": "x",
    }
    log.path.write_text(json.dumps(odd) + "\n")
    table = log.frame()
    assert table.settings[0] == "" and np.isnan(table["target accuracy"][0])
    assert log.looks(task="toy", seed=100) == 0 and "1 runs" in repr(log)


def _write_many(path: Path, who: int) -> None:
    for i in range(100):
        RunLog(path).append(RUN | {"who": who, "i": i, "pad": "x" * 3000})


@pytest.mark.slow
def test_several_notebooks_may_write_at_once(log):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(log.path, who)) for who in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    runs, damaged = log.read()
    assert damaged == 0 and len(runs) == 300
    for who in range(3):
        assert [run["i"] for run in runs if run["who"] == who] == list(range(100))


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(OSError):
        RunLog(tmp_path / "runs" / "bench.jsonl").append(RUN)


def test_words_and_plain():
    assert words({"weight": 0.30000000001, "rounds": 3}) == "weight=0.3, rounds=3"
    assert words(None) == ""
    assert plain((np.bool_(True), np.int64(2), "é")) == [True, 2, "é"]
