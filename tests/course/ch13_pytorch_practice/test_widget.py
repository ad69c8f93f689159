"""The chapter's widget: what it shows is what the studies stored."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch13_pytorch_practice.studies import pytorch_augmentation, pytorch_finder
from tlbook.course.ch13_pytorch_practice.widget import rate_finder
from tlbook.course.results import stored

EXPERIMENT = widgets.get("rate_finder")


def result(**params):
    return rate_finder.compute(**EXPERIMENT.parameters(**params))


def test_controls_are_the_arms_of_the_study():
    assert rate_finder.STRENGTHS == pytorch_augmentation.STRENGTHS
    assert rate_finder.RATES == pytorch_augmentation.RATES
    assert rate_finder.BUDGETS == pytorch_augmentation.BUDGETS
    assert set(rate_finder.KINDS.values()) == set(pytorch_augmentation.KINDS) - {"none"}
    assert rate_finder.SEED == pytorch_finder.SEED


def test_accuracies_and_curve_are_the_stored_ones():
    shown = result(kind="light, color, noise", strength=2, budget=2)
    kept = stored.load("pytorch_augmentation").query(
        "kind == 'photometric' and strength == 2 and budget == 2 and lr == 0.03"
    )
    assert shown.accuracy[2] == pytest.approx(100 * kept.sort_values("seed").accuracy.to_numpy())
    curve = stored.load("pytorch_finder").query(
        "kind == 'photometric' and strength == 2 and budget == 2"
    )
    assert shown.losses == pytest.approx(curve.loss.to_numpy())
    assert shown.lowest == pytest.approx(curve.lr.loc[curve.smoothed.idxmin()])


def test_without_strength_pictures_stay_and_with_it_they_do_not():
    same, moved = result(strength=0), result(strength=2)
    for column in range(1, rate_finder.COLUMNS):
        assert np.array_equal(same.pictures[:, 0], same.pictures[:, column])
        assert np.abs(moved.pictures[:, 0] - moved.pictures[:, column]).max() > 0.05
    assert same.accuracy == pytest.approx(same.plain)


def test_the_story_of_the_chapter():
    """The rate decides, and in so few steps augmentation does not help."""
    middle = result(strength=0, budget=20).accuracy.mean(axis=1)
    assert middle[1] > middle[0] + 15 and middle[1] > middle[2] + 30
    for kind in rate_finder.KINDS:
        for strength in (1, 2):
            shown = result(kind=kind, strength=strength, budget=20)
            assert shown.accuracy[1].mean() < shown.plain[1].mean()


@pytest.mark.parametrize("given", [{"kind": "blur"}, {"lr": 0.5}, {"strength": 7}, {"budget": 3}])
def test_what_is_not_stored_is_named(given):
    with pytest.raises(ValueError, match="not stored"):
        rate_finder.compute(**given)
