"""What the exercises of chapter 02 ask is what its notebook computes."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from tlbook.course.ch02_domains_tasks_shift import exercises, pictures
from tlbook.course.ch02_domains_tasks_shift.widget import shift_simulator
from tlbook.domains import ToyWorld

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "02_domains_tasks_shift.ipynb"


def fit_both():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    source = next(source for source in sources if "def fit_both(" in source)
    names = {
        "np": np,
        "ToyWorld": ToyWorld,
        "LogisticRegression": LogisticRegression,
        "PolynomialFeatures": PolynomialFeatures,
        "make_pipeline": make_pipeline,
    }
    exec(source.split("\n\n\n")[0], names)  # the function alone
    return names["fit_both"]


def test_the_answer_of_exercise_2_is_what_the_notebook_computes():
    fit, world = fit_both(), ToyWorld(covariate=1)
    fitted = [fit(s, n=100) for s in range(20)]
    loss = {
        rule: np.array([world.error(f[rule].predict) - world.bayes_error for f in fitted])
        for rule in ("curved", "straight")
    }
    assert 100 * loss["curved"].mean() == pytest.approx(exercises.LOSS, abs=0.5)
    assert np.sum(loss["curved"] < loss["straight"]) == exercises.WINS


def test_the_band_of_exercise_2():
    assert exercises.q2.judge((11.9, 20)).status == "correct"
    assert "too low" in exercises.q2.judge((8.0, 20)).message
    assert "the mean loss and the number" in exercises.q2.judge(11.0).message


def test_the_still_pictures_have_a_panel_for_each_state():
    three, four = pictures.three_shifts(), shift_simulator.answers()
    assert [ax.get_title(loc="left").split(":")[0] for ax in three.axes[1:]] == [
        "covariate",
        "label",
        "concept",
    ]
    assert "error: ?" in four.axes[3].get_title(loc="left")
    assert len(four.axes) == 2 * len(shift_simulator.ANSWERS)
