"""The code of chapter 08 as it stands in the notebook: what the exercises' numbers are."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from tlbook import data, distances
from tlbook.course.ch08_distances import exercises as ex

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "08_distances.ipynb"
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef)


@pytest.fixture(scope="module")
def chapter():
    """The chapter's functions, without what its cells compute and show."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            tree.body = [node for node in tree.body if isinstance(node, KEPT)]
            exec(compile(tree, "08_distances.ipynb", "exec"), names)
    return names


def test_the_rulers_by_hand_are_those_of_the_library(chapter):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(80, 5)), rng.normal(0.5, 1.5, size=(80, 5))
    assert chapter["mmd2"](A, B, 2.0) == pytest.approx(distances.mmd2(A, B, 2.0))
    assert chapter["coral"](A, B) == pytest.approx(distances.coral_distance(A, B))
    library = distances.wasserstein_distance(A, B, p=2)
    assert chapter["sliced"](A, B) == pytest.approx(library)
    library = distances.proxy_a_distance(A, B)
    assert chapter["a_distance"](A, B) == pytest.approx(library, abs=0.2)  # other folds


@pytest.mark.slow
def test_the_drift_alarm_is_a_test(chapter):
    rng = np.random.default_rng(0)
    same = [chapter["drift"](*rng.normal(size=(2, 30, 3)), 99, seed=i) for i in range(200)]
    assert np.mean(np.array(same) <= 0.1) == pytest.approx(0.1, abs=0.06)
    assert chapter["drift"](rng.normal(size=(60, 3)), rng.normal(1, 1, (20, 3))) == 0.001


@pytest.mark.slow
def test_the_sixth_source(chapter):
    """Two of the chapter's seeds come within the band that the answer has."""
    found = {"upside down": [], "mirrored": []}
    for s in range(2):
        task = data.load("fonts-to-handwriting", seed=s, n_source=2500)
        X, y = task.source.X, task.source.y
        target = task.target.X[:500].reshape(-1, 64).astype(float)
        for name, turned in (("upside down", X[..., ::-1, ::-1]), ("mirrored", X[..., ::-1])):
            found[name].append(chapter["measured"]((turned, y), task, target, 3.0))
    for name, wanted in (("upside down", ex.UPSIDE_DOWN), ("mirrored", ex.MIRRORED)):
        mean = np.mean(found[name], 0)
        assert mean[[1, 4]] == pytest.approx(wanted, abs=0.06)


def test_numbers_near_the_answer_are_accepted():
    apart, accuracy = ex.UPSIDE_DOWN
    assert ex.q3.judge((apart + 0.05, accuracy + 0.02)).status == "correct"
    assert ex.q3.judge(np.array([apart, accuracy])).status == "correct"  # a slice of the table
    assert ex.q3.judge((apart, accuracy + 0.1)).status == "wrong"
    assert "mirrored" in ex.q3.judge((apart, ex.MIRRORED[1])).message
