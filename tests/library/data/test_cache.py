"""The cache: keys, damaged files, an interrupted write, two processes at once."""

import hashlib
import os
import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from tlbook.data import cache, online_dir
from tlbook.data.cache import cache_dir, cached

CALLS: list[tuple] = []


@cached
def squares(n: int, offset: int = 0) -> tuple[np.ndarray, np.ndarray]:
    CALLS.append((n, offset))
    return np.arange(n, dtype=np.uint8) ** 2 + np.uint8(offset), np.arange(n)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path / "cache"))
    CALLS.clear()
    return tmp_path / "cache"


def test_folder_follows_the_environment_and_else_the_platform(folder, monkeypatch):
    assert cache_dir() == folder
    monkeypatch.setenv("TLBOOK_CACHE", "~/somewhere")
    assert cache_dir() == Path.home() / "somewhere"
    monkeypatch.delenv("TLBOOK_CACHE")
    assert cache_dir().is_absolute()
    assert "tlbook" in cache_dir().parts


@pytest.mark.parametrize("variable", ["TLBOOK_CACHE", "TLBOOK_DATA"])
def test_the_home_of_an_unknown_user_is_named(monkeypatch, variable):
    monkeypatch.setenv(variable, "~no-such-user/cache")
    with pytest.raises(ValueError, match=f"{variable}: got '~no-such-user/cache'"):
        {"TLBOOK_CACHE": cache_dir, "TLBOOK_DATA": online_dir}[variable]()


def test_second_call_reads_the_file(folder):
    first, again = squares(10), squares(10)
    assert CALLS == [(10, 0)]
    assert np.array_equal(first[0], again[0])
    assert again[0].dtype == np.uint8
    assert len(list(folder.iterdir())) == 1


def test_key_holds_arguments_code_and_versions(monkeypatch):
    squares(10)
    squares(11)
    squares(10, offset=1)
    monkeypatch.setattr(cache, "rendering_version", lambda: "another version")
    squares(10)
    assert CALLS == [(10, 0), (11, 0), (10, 1), (10, 0)]


def test_key_holds_the_source_of_the_function(folder):
    def make(value):
        scope = {"cached": cached, "np": np, "__name__": "somewhere"}
        exec(f"@cached\ndef answer():\n    return np.full(3, {value})", scope)
        return scope["answer"]

    assert make(1)().tolist() == [1, 1, 1]
    assert make(2)().tolist() == [2, 2, 2]


def test_rendering_version_depends_on_the_libraries(monkeypatch):
    here = cache.rendering_version()
    monkeypatch.setattr(cache, "version", lambda name: "99")
    assert cache.rendering_version.__wrapped__() != here


@pytest.mark.parametrize("keep", [0, 5, 32, 100, -1])
def test_truncated_file_is_made_again(folder, keep):
    first = squares(50)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:keep])
    again = squares(50)
    assert len(CALLS) == 2
    assert np.array_equal(first[0], again[0])
    assert path.read_bytes() == whole


def test_flipped_bit_is_noticed(folder):
    squares(50)
    (path,) = folder.iterdir()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert np.array_equal(squares(50)[0], np.arange(50, dtype=np.uint8) ** 2)
    assert len(CALLS) == 2


class Planted:
    """Says so if somebody unpickles it."""

    def __reduce__(self):
        return os.mkdir, (os.environ["TLBOOK_CACHE"] + "-code-was-run",)


def planted_entries() -> dict[str, bytes]:
    """Return what somebody who can compute a digest may leave in the cache folder."""
    import io
    import json

    import joblib

    buffers = {name: io.BytesIO() for name in ("joblib", "npz", "npy", "structure")}
    joblib.dump(Planted(), buffers["joblib"])
    objects = np.array([Planted(), None], dtype=object)
    structure = np.array(json.dumps(["array", "a0"]))
    np.savez(buffers["npz"], structure=structure, a0=objects)
    np.save(buffers["npy"], objects, allow_pickle=True)
    np.savez(buffers["structure"], structure=np.array("[" * 100_000), a0=np.arange(3))
    found = {name: buffer.getvalue() for name, buffer in buffers.items()}
    return found | {"pickle": pickle.dumps(Planted()), "noise": b"PK\x03\x04 and so on"}


@pytest.mark.parametrize("kind", ["joblib", "noise", "npy", "npz", "pickle", "structure"])
def test_planted_entry_with_the_right_digest_runs_nothing_and_is_made_again(folder, kind):
    first = squares(50)
    (path,) = folder.iterdir()
    whole, payload = path.read_bytes(), planted_entries()[kind]
    path.write_bytes(hashlib.sha256(payload).digest() + payload)
    again = squares(50)
    assert not Path(f"{folder}-code-was-run").exists()
    assert len(CALLS) == 2 and np.array_equal(first[1], again[1])
    assert path.read_bytes() == whole


def test_no_entry_is_a_pickle(folder):
    squares(5)
    (path,) = folder.iterdir()
    with np.load(BytesIO(path.read_bytes()[32:]), allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays)


@pytest.mark.parametrize(
    "result",
    [
        np.arange(6.0).reshape(2, 3),
        np.array([["a", "a longer one"], ["", "ends in zero\0"]], dtype=object),
        np.array(["\ud800", "中文 🙂"], dtype=object),
        np.array(["fixed", "width"]),
        {"b": np.zeros((0, 3), dtype=np.float32), "a": np.array(7)},
        (np.array([], dtype=object), (np.asfortranarray(np.eye(3)), np.array([True]))),
    ],
    ids=["numbers", "texts", "unicode", "fixed width", "dictionary", "nested"],
)
def test_results_come_back_as_they_were(tmp_path, result):
    def compare(one, other):
        assert type(one) is type(other)
        if isinstance(one, tuple):
            assert len(one) == len(other)
            for pair in zip(one, other, strict=True):
                compare(*pair)
        elif isinstance(one, dict):
            assert list(one) == list(other)
            for key in one:
                compare(one[key], other[key])
        else:
            assert one.dtype == other.dtype and one.shape == other.shape
            assert one.tolist() == other.tolist()

    cache.write_entry(tmp_path / "entry", result)
    compare(cache.read_entry(tmp_path / "entry"), result)


@pytest.mark.parametrize("result", [3, [np.arange(2)], np.array([object()]), {1: np.arange(2)}])
def test_what_is_no_array_is_not_kept(tmp_path, result):
    with pytest.raises(TypeError, match="result: got"):
        cache.write_entry(tmp_path / "entry", result)
    assert not list(tmp_path.iterdir())


def test_interrupted_write_leaves_no_file_that_is_read(folder, monkeypatch):
    def interrupt(source, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cache.os, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            squares(10)
    assert list(folder.iterdir()) == []
    squares(10)
    assert len(CALLS) == 2


def test_process_killed_while_writing_leaves_the_cache_usable(folder):
    script = (
        "import os, tlbook.data.cache as c\n"
        "c.os.replace = lambda *names: os._exit(9)\n"
        "from tests.library.data.test_cache import squares\n"
        "squares(10)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=_environment(), check=False)
    assert done.returncode == 9
    squares(10)
    squares(10)
    assert CALLS == [(10, 0)]


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path / "file" / "cache"))
    assert len(squares(10)[0]) == 10
    assert len(squares(10)[0]) == 10
    assert len(CALLS) == 2


@pytest.mark.slow
def test_two_processes_at_once_get_the_same_and_leave_whole_files(folder, tmp_path):
    # Each says that it is ready and waits for the other, so that they really overlap; every one
    # of the 20 results is made or read by both, and is large enough for a write to take a while.
    script = (
        "import hashlib, pathlib, sys, time\n"
        "from tests.library.data.test_cache import squares\n"
        "me, other = map(pathlib.Path, sys.argv[1:])\n"
        "me.touch()\n"
        "while not other.exists(): time.sleep(0.001)\n"
        "digest = hashlib.sha256()\n"
        "for n in range(20): digest.update(squares(300_000 + n)[1].tobytes())\n"
        "print(digest.hexdigest())\n"
    )
    flags = [str(tmp_path / name) for name in ("one", "two")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, *order],
            env=_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for order in (flags, flags[::-1])
    ]
    answers = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(answers[0]) == 64
    assert answers[0] == answers[1]
    assert len(list(folder.iterdir())) == 20
    for n in range(20):
        squares(300_000 + n)
    assert CALLS == []  # every file is whole and is read


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[3])
    return {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
