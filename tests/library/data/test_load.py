"""The front door: names, options, the table, and what importing costs."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tlbook.data
from tests.cases import for_each
from tlbook.data.catalogue import ENTRIES, loader
from tlbook.domains.task import Domain, Task

YOURS = ("image-folder", "csv-texts", "csv-numbers")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path))


def test_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="name: got 'mnist', want one of 'signs', 'signs-letters'"):
        tlbook.data.load("mnist")


def test_option_of_a_data_set_without_options():
    with pytest.raises(ValueError, match="options of 'handwriting': got size, want none"):
        tlbook.data.load("handwriting", size=3)


@for_each("seed", [-1, 1.0, "0", None, True])
@for_each("name", list(ENTRIES))
def test_bad_seed_is_named(name, seed):
    with pytest.raises(ValueError, match="seed: got"):
        tlbook.data.load(name, seed=seed)


def test_table_lists_everything_that_loads():
    table = tlbook.data.available()
    assert list(table.columns) == ["name", "kind", "size", "source", "licence"]
    assert list(table.name) == list(ENTRIES)
    assert (table.map(len) > 0).all(axis=None)
    for name, kind in zip(table.name, table.kind, strict=True):
        assert callable(loader(name))
        if name in YOURS or not tlbook.data.have(name):
            continue  # tests/library/data/online puts files there
        loaded = tlbook.data.load(name)
        assert isinstance(loaded, Task if kind == "task" else Domain)


def test_photographs_and_digits_are_attributed():
    table = tlbook.data.available().set_index("name")
    for name in ("signs", "signs-letters"):
        assert "danielbuechele" in table.source[name] and "vultilion" in table.source[name]
        assert "CC BY 2.0" in table.licence[name]
    for name in ("signs", "fonts-to-handwriting", "handwriting"):
        assert "UCI" in table.source[name] and "CC BY 4.0" in table.licence[name]


def test_a_task_travels_as_its_recipe():
    task = tlbook.data.load("fonts-to-handwriting", seed=3, n_source=60)
    data = pickle.dumps(task)
    assert len(data) < 1000
    again = pickle.loads(data)
    assert (again.name, again.seed, again.options) == (task.name, 3, {"n_source": 60})
    assert np.array_equal(again.source.X, task.source.X)
    assert np.array_equal(again.target.X, task.target.X)


def test_loaders_leave_the_global_random_states_alone():
    import random

    import torch

    np.random.seed(1)  # noqa: NPY002 (the state that must not change)
    before = np.random.get_state()[1].copy(), random.getstate(), torch.random.get_rng_state()  # noqa: NPY002
    tlbook.data.load("fonts-to-handwriting", n_source=60).source.X  # noqa: B018
    tlbook.data.load("toy", kind="moons").target.X  # noqa: B018
    tlbook.data.load("glyphs", n=5).X  # noqa: B018
    assert np.array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
    assert before[1] == random.getstate()
    assert torch.equal(before[2], torch.random.get_rng_state())


def test_importing_and_listing_loads_no_heavy_library():
    script = (
        "import sys, tlbook.data\n"
        "tlbook.data.load('toy')\n"
        "print([m for m in ('torch', 'matplotlib', 'pandas', 'sklearn') if m in sys.modules])\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
