"""The rendered road as a simulator, cloning and DAgger, and the widget that shows them."""

import numpy as np
import pytest

from tlbook.course.ch19a_applications_vision import driving, imitation
from tlbook.course.ch19a_applications_vision.driving import bends, drive
from tlbook.course.ch19a_applications_vision.imitation import (
    Lesson,
    clone,
    cloning,
    dagger,
    demonstration,
    error_on,
    measured,
)
from tlbook.course.ch19a_applications_vision.widget.road import EXPERIMENT, compute


def straight(X):
    return np.zeros(len(X))


def test_the_car_obeys_its_equations(monkeypatch):
    """On a straight road without bumps a constant angle drives a circle."""
    monkeypatch.setattr(driving, "BENDS", 0.0)
    monkeypatch.setattr(driving, "BUMPS", 0.0)
    angle = np.degrees(np.arctan(2.7 * 0.01))  # a radius of 100 m
    seen = drive(lambda X: np.full(len(X), angle), cars=2, length=15)
    assert seen.heading[:, 0] == pytest.approx(0.01 * np.arange(15))
    assert seen.offset[:, 0] == pytest.approx(np.cumsum(np.sin(seen.heading[:, 0])))
    assert np.array_equal(seen.offset[:, 0], seen.offset[:, 1])


def test_who_leaves_the_lane_is_put_back_and_counted():
    seen = drive(straight, cars=4, length=120, seed=3)
    assert (seen.meters < 120).all()
    assert np.abs(seen.offset).max() <= driving.OUT
    for car, m in enumerate(seen.meters.astype(int)):
        assert seen.offset[m, car] == 0 and seen.heading[m, car] == 0
        assert seen.offset[1:m, car].any()


@pytest.mark.slow
def test_the_driver_stays_and_also_comes_back():
    assert (drive(None, cars=4, length=150).meters == 150).all()
    shaken = drive(None, cars=4, length=150, push=2.0)
    calm = drive(None, cars=4, length=150)
    assert (shaken.meters == 150).all() and shaken.offset.std() > 1.5 * calm.offset.std()


def test_a_seed_is_a_road_and_a_world_is_its_look():
    first, again = (drive(None, cars=1, length=5, seed=1) for _ in range(2))
    assert np.array_equal(first.pictures, again.pictures)
    other = drive(None, cars=1, length=5, seed=1, world=1)
    assert np.array_equal(first.offset, other.offset)
    assert not np.array_equal(first.pictures, other.pictures)
    assert np.abs(bends(5, 300, np.random.default_rng(0))).max() <= driving.BENDS


def test_cloning_is_ridge_regression():
    from sklearn.linear_model import Ridge

    taught = demonstration(1000, 0)
    X = taught.pictures[:7].astype(np.float32) / 255
    policy = clone(taught, 0, hidden=20, penalty=5.0)
    gray = imitation._gray(taught.pictures.astype(np.float32) / 255)
    R = imitation.generator("random features", 0).normal(size=(gray.shape[1], 20))
    Z = imitation._features(R.astype(np.float32) / np.sqrt(gray.shape[1]))(gray)
    ridge = Ridge(alpha=5.0, fit_intercept=False).fit(Z.astype(float), taught.angles)
    assert policy(X) == pytest.approx(ridge.predict(Z[:7].astype(float)), abs=1e-3)


@pytest.mark.slow
def test_both_start_from_the_same_lesson_and_get_equally_many_pictures(monkeypatch):
    taught = []
    real = imitation.clone
    monkeypatch.setattr(imitation, "clone", lambda t, seed: taught.append(t) or real(t, seed))
    for arm in (cloning, dagger):
        list(arm(1000, rounds=3))
    sizes = [len(t.angles) for t in taught]
    assert sizes == 2 * [100, 200, 300]
    assert np.array_equal(taught[0].pictures, taught[3].pictures)
    # From the second round on DAgger has seen what its own policy saw.
    assert taught[5].angles.std() > taught[2].angles.std()


@pytest.mark.slow
def test_a_copy_errs_where_it_has_led_itself():
    shown = measured(None, 1000)
    *_, copy = cloning(1000, rounds=2)
    *_, corrected = dagger(1000, rounds=5)
    own = measured(copy, 1000)
    assert error_on(copy, own) > 2 * error_on(copy, shown)
    assert measured(corrected, 1000).meters.mean() > 1.5 * own.meters.mean()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drive(None, cars=0, length=5), "cars: got 0"),
        (lambda: drive(None, cars=1, length=2.5), "length: got 2.5"),
        (lambda: drive(None, cars=1, length=5, push=-1), "push: got -1"),
        (lambda: drive(None, cars=1, length=5, weather="snow"), "weather: got 'snow'"),
        (lambda: clone(Lesson(np.zeros((0, 3, 24, 32)), np.zeros(0)), 0), "angles: got 0 rows"),
        (lambda: clone(demonstration(0, 0), 0, penalty=0), "penalty: got 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_the_widget_shows_the_drives():
    start = EXPERIMENT.defaults()
    result = compute(**start)
    assert result.meters("driver") == 200 and result.meters("DAgger") > result.meters("cloning")
    first = compute(**(start | {"lessons": 1}))
    assert np.array_equal(first.paths["cloning"], first.paths["DAgger"])
    night = compute(**(start | {"weather": "night"}))
    assert night.meters("DAgger") < result.meters("DAgger")
