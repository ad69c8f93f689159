"""``spread``: what travels, what is kept, failures, dead processes, other folders."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from tests.library.scale import jobs_for_tests as jobs
from tlbook.domains import Task
from tlbook.evaluation import compare
from tlbook.scale import Call, EngineLost, RunFolder, pack_parcel, spread
from tlbook.scale.rows import decode, encode
from tlbook.scale.versions import code_of, differences

pytest.importorskip("cloudpickle")


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as found:
        yield found


def by_name(function, count, **arguments):
    return [Call(f"job {k}", function, {"k": k, **arguments}) for k in range(count)]


def test_a_failing_job_is_tried_again_and_stops_no_other(pool, tmp_path):
    calls = by_name(jobs.raises_once, 5, folder=str(tmp_path / "marks"))
    (tmp_path / "marks").mkdir()
    done = spread(calls, pool, folder=tmp_path / "run")
    assert [each.value for each in done] == [0, 1, 2, None, 4]
    assert [each.attempts for each in done] == [1, 2, 1, 2, 1]
    assert "RuntimeError: this setting cannot work" in done[3].error
    assert done[1].looks == ("label: 1 per class, seed 0",)  # of the attempt that failed
    # Called again, it reads the good ones and tries the failed one alone.
    again = spread(calls, pool, folder=tmp_path / "run")
    assert [each.value for each in again] == [0, 1, 2, None, 4]
    assert [each.worker for each in again][:3] == [each.worker for each in done][:3]
    assert again[1].looks == done[1].looks and again[1].attempts == 2


def test_a_stopped_run_goes_on(pool, tmp_path):
    calls = by_name(jobs.slow, 6, folder=str(tmp_path))
    assert all(not done.error for done in spread(calls, pool, folder=tmp_path / "run"))
    files = sorted((tmp_path / "run" / "rows").rglob("*.json"))
    assert len(files) == 6
    files[0].unlink()
    files[1].write_text(files[1].read_text()[:20])  # not whole: as if it were not there
    done = spread(calls, pool, folder=tmp_path / "run")
    assert [each.value for each in done] == [jobs.expected(k) for k in range(6)]
    begun = [len((tmp_path / f"begun-{k}").read_text().split()) for k in range(6)]
    assert sorted(begun) == [1, 1, 1, 1, 2, 2]


def test_nothing_begins_after_the_deadline(pool, tmp_path):
    done = spread(by_name(jobs.slow, 4, folder=str(tmp_path)), pool, deadline=0.0)
    assert [(each.value, each.error) for each in done] == [(None, "")] * 4
    assert not list(tmp_path.glob("begun-*"))


def test_a_folder_belongs_to_one_run_and_one_code(pool, tmp_path):
    spread(by_name(jobs.slow, 2, folder=str(tmp_path)), pool, folder=tmp_path / "run")
    with pytest.raises(ValueError, match="holds another run"):
        spread(by_name(jobs.slow, 3, folder=str(tmp_path)), pool, folder=tmp_path / "run")
    marker = tmp_path / "run" / "run.json"
    record = json.loads(marker.read_text())
    marker.write_text(json.dumps({**record, "code": {**record["code"], "tlbook": "old"}}))
    with pytest.raises(ValueError, match="rows of other code: tlbook is .*, want old"):
        spread(by_name(jobs.slow, 2, folder=str(tmp_path)), pool, folder=tmp_path / "run")
    with pytest.raises(ValueError, match="has other files"):
        RunFolder(tmp_path, {"run": "a", "code": {}})


def test_arrays_do_not_travel(pool, tmp_path):
    rows = np.arange(6.0)
    for argument in (rows, {"in": [rows]}, pd.DataFrame({"a": rows})):
        with pytest.raises(ValueError, match=r"jobs: got a .* of shape .* in 'a', want parameters"):
            spread([Call("a", jobs.hour, {"k": argument})], pool)
    with pytest.raises(ValueError, match="got a ndarray of shape 6"):
        spread([Call("a", lambda: rows.sum())], pool)  # in a closure
    task = Task.from_arrays(
        source=(rows[:, None], rows > 2),
        target_train=(rows[:, None], rows > 2),
        target_test=(rows[::-1, None], rows[::-1] > 2),
    )
    with pytest.raises(ValueError, match="on: got it, want none: the task 'own data' was made"):
        compare({"nearest": jobs.nearest}, task, [0], on=pool)
    parcel = pack_parcel({"rows": rows}, tmp_path / "shared")
    done = spread([Call("a", total, {"parcel": parcel})], pool)
    assert done[0].value == 15.0
    (tmp_path / "shared" / f"{parcel.sha256[:16]}.parcel").write_bytes(b"other")
    other = type(parcel)(parcel.path, "0" * 64)
    assert "is not what was packed" in spread([Call("b", total, {"parcel": other})], pool)[0].error


def total(parcel):
    return float(parcel.open()["rows"].sum())


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": 0.1, "c": None, "d": True, "e": "ü", "f": [1, (2, "x")]},
        {"nan": float("inf"), "small": 5e-324, "minus": -0.0},
        {"f4": np.float32(0.1), "i8": np.int64(7), "bool": np.bool_(True), "f8": np.float64(0.1)},
    ],
)
def test_results_come_back_as_they_were(value):
    back = decode(encode(value))
    assert back == value
    assert [type(each) for each in back.values()] == [type(each) for each in value.values()]
    assert str(back) == str(value)


def test_a_result_that_is_an_array_is_a_failure_that_says_so(pool):
    done = spread([Call("a", np.arange, {"stop": 3})], pool)
    assert "result: got ndarray, want numbers" in done[0].error


def test_code_is_compared_package_by_package():
    here = code_of(["json", "tests", "__main__"])
    assert {"tlbook", "numpy", "torch", "tests"} <= set(here) and "json" not in here
    assert not differences(here, here)
    assert differences({"numpy": "1.0"}, here) == f"numpy is {np.__version__}, want 1.0"
    assert differences({"no_such": "1"}, code_of(["no_such"])) == "no_such is missing, want 1"


def of_a_notebook(helper):
    space = {"__name__": "__main__"}
    exec(f"def helper(k): return {helper}\ndef cell(k): return helper(k)", space)
    return space["cell"]


def test_functions_of_a_notebook_travel_with_their_code_and_count_as_it(pool, tmp_path):
    first, second = of_a_notebook("k + 1"), of_a_notebook("k + 2")
    done = spread([Call("a", first, {"k": 1})], pool, folder=tmp_path / "run")
    assert done[0].value == 2
    with pytest.raises(ValueError, match="helper of this session is .*, want"):
        spread([Call("a", second, {"k": 1})], pool, folder=tmp_path / "run")


def test_bad_input(pool):
    with pytest.raises(ValueError, match="calls: got 'a' twice"):
        spread([Call("a", jobs.whose), Call("a", jobs.whose)], pool)
    for on in ("here", "dask://nowhere", 3):
        with pytest.raises(ValueError, match="on: got"):
            spread([Call("a", jobs.whose)], on)
    with pytest.raises(EngineLost, match="dask://127.0.0.1:1: no scheduler answers"):
        spread([Call("a", jobs.whose)], "dask://127.0.0.1:1", patience=0.5)
    with pytest.raises(TypeError, match="got 'folder' without on="):
        compare({"nearest": jobs.nearest}, jobs.moons, [0], folder="x")


def test_a_failing_method_has_a_row_with_its_traceback(pool):
    table = compare({"nearest": jobs.nearest, "broken": broken}, jobs.moons, range(2), on=pool)
    assert table.accuracy.isna().tolist() == [False, False, True, True]
    assert (table.error[:2] == "").all() and table.error[2:].str.contains("ZeroDivision").all()
    assert table.looks.tolist() == [1, 1, 2, 2]  # both attempts of the broken one bought a label


def broken(task, seed):
    task.label(1, seed)
    return 1 / 0


@pytest.mark.slow
def test_processes_of_this_machine_and_one_that_is_killed(tmp_path):
    """A job that kills its process takes no other with it, and is named."""
    done = spread(by_name(jobs.ends_its_process, 5), "local", workers=2, folder=tmp_path / "run")
    assert [each.value for each in done] == [0, 1, None, 3, 4]
    assert "its process was lost" in done[2].error
    assert len(list((tmp_path / "run" / "rows").rglob("*.json"))) == 5
