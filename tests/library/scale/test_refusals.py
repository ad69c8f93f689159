"""What a run elsewhere cannot use is refused before anything starts, by the argument's name."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.library.scale import jobs_for_tests as jobs
from tlbook.evaluation import compare
from tlbook.scale import Call, Shards, pack_parcel, search, spread, write_shard
from tlbook.selection import Run

pytest.importorskip("cloudpickle")


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as found:
        yield found


def told(function, *arguments, **options):
    """Return the message of the refusal, in one line."""
    with pytest.raises(ValueError) as found:
        function(*arguments, **options)
    return str(found.value).split(" (inside a call")[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers: got 0, want a finite integer above 0"),
        ({"workers": "two"}, "workers: got 'two', want a finite integer above 0"),
        ({"threads": 0}, "threads: got 0, want a finite integer above 0"),
        ({"folder": 3}, "folder: got 3, want the path of a folder"),
        ({"fodler": "x"}, "fodler: compare has no such option, want one of folder, "),
        ({"on": "slurm"}, "on: got 'slurm', want it on a machine of a cluster: no srun is here"),
        ({"on": "dask://127.0.0.1:99999"}, "on: got 'dask://127.0.0.1:99999', want one of local"),
        ({"on": "dask://:8786"}, "on: got 'dask://:8786', want one of local, dask://HOST:PORT"),
    ],
)
def test_options_of_compare(options, message, pool, monkeypatch):
    pytest.importorskip("submitit")
    monkeypatch.setenv("PATH", "")
    arguments = {"on": pool, **options}
    assert told(compare, {"nearest": jobs.nearest}, jobs.moons, [0], **arguments).startswith(
        message
    )


def test_a_file_in_the_place_of_a_folder(pool, tmp_path):
    file = tmp_path / "rows ü"
    file.write_text("")
    want = f"folder: got '{file}', want a folder that is there or can be made"
    call = Call("a", jobs.whose)
    assert told(spread, [call], pool, folder=file).startswith(want)
    assert told(pack_parcel, {}, file).startswith(want)
    assert told(write_shard, file, 0, np.zeros((1, 1))).startswith(want)
    assert file.read_text() == ""


def test_calls_that_are_none(pool):
    for calls, message in [
        ("abc", "calls: got str among them, want Call"),
        ([Call("a", 3)], "calls: got 3 in 'a', want a function"),
        ([Call(1, pow)], "calls: got Call(name=1"),
        ([Call("a", pow, [1, 2])], "calls: got Call(name='a'"),
    ]:
        assert told(spread, calls, pool).startswith(message)
    made = spread((Call(str(k), jobs.whose) for k in range(2)), pool)  # any that can be listed
    assert [each.error for each in made] == ["", ""]


def no_run(seed, a):
    return {"accuracy": a}


def test_spaces_seeds_and_steps_of_a_search(pool):
    pytest.importorskip("optuna")

    def train(seed, a):
        return Run("a", seed, np.eye(2))

    for change, message in [
        ({"space": {}}, "space: got {}, want a dictionary"),
        ({"space": ["a"]}, "space: got ['a'], want a dictionary"),
        ({"space": {"a": (3, 1)}}, "space: got (3, 1) for 'a', want numbers with low <= high"),
        ({"space": {"a": ("x", "y")}}, "space: got ('x', 'y') for 'a', want numbers"),
        ({"space": {"a": (0.0, 1.0, "log")}}, "space: got (0.0, 1.0, 'log') for 'a', want 0 < low"),
        ({"seeds": 3}, "seeds: got 3, want whole numbers in a list"),
        ({"seeds": (0,)}, "seeds: got [0], want two or more for 'agreement'"),
        ({"seeds": (0.5, 1)}, "seeds: got (0.5, 1), want whole numbers"),
        ({"steps": 100}, "steps: got 100, want whole numbers in a list"),
        ({"steps": (0, 5)}, "steps: got (0, 5), want rising numbers above 0"),
        ({"train": "train"}, "train: got 'train', want a function"),
        ({"workers": 0}, "workers: got 0, want a finite integer above 0"),
        ({"folder": ""}, "folder: got '', want the path of a folder"),
    ]:
        arguments = {"train": train, "space": {"a": [1, 2]}, "trials": 2, "on": pool, **change}
        assert told(search, **arguments).startswith(message), change
    with pytest.raises(RuntimeError, match=r"train: got dict from it, want tlbook\.selection\.Run"):
        search(no_run, {"a": [1, 2]}, trials=2, on=pool)


def test_a_shard_holds_what_single_precision_can(tmp_path):
    want = "Z: got 1e+39, want at most 3.4e+38, as float32 has"
    assert told(write_shard, tmp_path, 0, [[1.0, -1e39]]) == want
    assert not list(tmp_path.iterdir())


def test_damaged_files_are_named(pool, tmp_path):
    shards, run = tmp_path / "shards", tmp_path / "run"
    for number in range(2):
        path = write_shard(shards, number, np.ones((50, 4)))
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:300], b"no shard"):
        path.write_bytes(damaged)
        assert told(Shards, shards) == f"folder: {path} is not whole, want it written again"
    np.save(path, np.ones(3))
    assert told(Shards, shards) == f"folder: {path} has shape (3,), want (rows, features)"
    spread([Call("a", jobs.whose)], pool, folder=run)
    for damaged in ("", "[]", "{}", '{"run": 1, "code"'):
        (run / "run.json").write_text(damaged)
        message = told(spread, [Call("a", jobs.whose)], pool, folder=run)
        assert message == f"folder: {run / 'run.json'} is not whole, want another folder"
