"""Two clinics: what each method undoes, and which bias fools which."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch19b_applications_language import clinics
from tlbook.course.ch19b_applications_language.clinics import BIASES, METHODS
from tlbook.course.ch19b_applications_language.studies import cytology_clinics as study


def means(bias, names, key="accuracy", seeds=range(1000, 1006)):
    found = {name: [] for name in names}
    for seed in seeds:
        task = data.load("cytology", seed=seed, **BIASES[bias])
        for name in names:
            found[name].append(study.measures(*study.tested(task, METHODS[name](task, seed)))[key])
    return {name: np.mean(values) for name, values in found.items()}


def test_true_weights_undo_the_selection():
    task = data.load("cytology", seed=1000, **BIASES["selection"])
    w = clinics.true_weights(task, 0)
    radius = task.source.X[:, 0]
    assert w.mean() == pytest.approx(1)
    assert np.corrcoef(w, radius)[0, 1] < 0  # large nuclei are too many: they count less
    plain = data.load("cytology", seed=1000, **BIASES["none"])
    assert clinics.true_weights(plain, 0) == pytest.approx(1)
    assert clinics.effective_share(task, 0, true=True) < 0.6


@pytest.mark.slow
def test_scale_and_prior_finds_what_the_mean_cannot_tell():
    names = ("source only", "per-clinic standardization", "scale and prior")
    both = means("prevalence and scale", names)
    assert both["scale and prior"] > max(both["source only"], 0.85)
    assert both["scale and prior"] > both["per-clinic standardization"] + 0.05
    prevalence = means("prevalence", names)
    assert prevalence["per-clinic standardization"] < prevalence["source only"] - 0.05


def test_prior_correction_takes_a_ruler_for_a_prevalence():
    scale = means("scale", ("source only", "prior correction"))
    assert scale["prior correction"] < scale["source only"]


@pytest.mark.slow
def test_no_bias_no_loss():
    found = means("none", [name for name in METHODS if "Bayes" not in name and "10" not in name])
    assert max(found.values()) - min(found.values()) < 0.05


def test_measures_by_hand():
    p, y = np.array([0.9, 0.8, 0.2, 0.1] * 4), np.array([1, 0, 0, 0] * 4)
    row = study.measures(p, y)
    assert row["accuracy"] == 0.75 and row["area"] == 1.0
    assert row["benefit_0.3"] == pytest.approx(100 * (1 - 3 / 7) / 4)
    assert row["all_0.3"] == pytest.approx(100 * (1 - 3 * 3 / 7) / 4)
