"""Two clinics: nobody in both, each bias as announced, bad input."""

import numpy as np
import pytest

from tlbook import data
from tlbook.data.applied.cytology import FEATURES, measurements

PLAIN = {"selection": 0.0, "prevalence": None, "scale": 1.0}


def rows_of(task):
    kept = []
    task.score(lambda X: kept.append(X) or np.zeros(len(X), int))
    return [task.source.X, task.validation.X, task.target.X, kept[0]]


@pytest.mark.parametrize("options", [PLAIN, {"prevalence": 0.1, "scale": 1.0}])
def test_no_patient_is_in_two_parts(options):
    parts = rows_of(data.load("cytology", **options))
    everyone = np.concatenate(parts)
    assert [len(p) for p in parts[:2]] == [96, 24]
    assert len(np.unique(everyone, axis=0)) == len(everyone)
    known = {tuple(row) for row in measurements()[0]}
    assert all(tuple(row) in known for row in everyone)


def test_each_bias_is_what_it_says():
    radius = FEATURES.index("mean radius")
    large, small, plain = (
        np.mean([data.load("cytology", s, **PLAIN | {"selection": z}).source.X[:, radius].mean()
                 for s in range(3)])
        for z in (1.5, -1.5, 0.0)
    )  # fmt: skip
    assert large > plain + 0.1 and small < plain - 0.1
    seen = []
    task = data.load("cytology", prevalence=0.2)
    report = task.report(lambda X: seen.append(len(X)) or np.ones(len(X), int))
    assert report.accuracy == pytest.approx(0.2, abs=0.02)
    scaled = data.load("cytology", **PLAIN | {"scale": 1.3})
    gap = scaled.target.X - data.load("cytology", **PLAIN).target.X
    assert gap[:, radius] == pytest.approx(np.log(1.3))
    assert np.delete(gap, radius, axis=1) == pytest.approx(0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"scale": 0.0}, "scale: got 0.0"),
        ({"selection": np.inf}, "selection: got inf"),
        ({"prevalence": 0.0}, "prevalence: got 0.0, want a number between 0 and 1"),
        ({"prevalence": 1.5}, "prevalence: got 1.5"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("cytology", **options)
