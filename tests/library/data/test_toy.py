"""Toy tasks: the shift is the one that was asked for."""

import numpy as np
import pytest

import tlbook.data
from tlbook.data import toy


def load(**options):
    return tlbook.data.load("toy", **options)


@pytest.mark.parametrize("kind", list(toy.KINDS))
def test_sizes_and_seeds(kind):
    task = load(kind=kind, n=50, seed=1)
    width = 1 if kind == "regression" else 2
    assert task.source.X.shape == task.validation.X.shape == task.target.X.shape == (50, width)
    assert task.source.X.dtype == np.float32
    assert task.target.y is None
    assert not np.array_equal(task.source.X, task.validation.X)
    assert not np.array_equal(task.source.X, task.target.X)
    again, other = load(kind=kind, n=50, seed=1), load(kind=kind, n=50, seed=2)
    assert np.array_equal(task.source.X, again.source.X)
    assert np.array_equal(task.target.X, again.target.X)
    assert not np.array_equal(task.source.X, other.source.X)
    if kind != "regression":
        assert np.bincount(task.source.y).tolist() == [25, 25]
        assert task.classes == ("0", "1")


def test_gaussians_are_moved_turned_and_scaled():
    task = load(kind="gaussians", n=20_000, shift=(2, -1), angle=90, scale=2, gap=4)
    X, y = task.label(10_000)
    np.testing.assert_allclose(X[y == 1].mean(0), [2, -1 + 4], atol=0.1)
    np.testing.assert_allclose(X[y == 0].mean(0), [2, -1 - 4], atol=0.1)
    np.testing.assert_allclose(X[y == 0].std(0), [2, 2], atol=0.1)
    source = task.source
    np.testing.assert_allclose(source.X[source.y == 1].mean(0), [2, 0], atol=0.05)


def test_gaussians_reach_the_accuracy_that_the_formula_says():
    from scipy.stats import norm

    task = load(kind="gaussians", n=50_000, gap=3)
    accuracy = np.mean((task.source.X[:, 0] > 0) == task.source.y)
    assert accuracy == pytest.approx(norm.cdf(1.5), abs=0.005)


def test_moons_are_half_circles_and_turn():
    task = load(kind="moons", noise=0, angle=0)
    X, y = task.source.X, task.source.y
    centers = np.where(y[:, None] == 0, [-0.5, -0.25], [0.5, 0.25])
    np.testing.assert_allclose(np.linalg.norm(X - centers, axis=1), 1, atol=1e-5)
    assert (X[y == 0][:, 1] >= -0.25 - 1e-6).all()
    turned = load(kind="moons", noise=0, angle=180)
    np.testing.assert_allclose(turned.target.X, -task.target.X, atol=1e-6)


def test_regression_changes_the_inputs_and_not_the_curve():
    task = load(kind="regression", n=20_000, shift=2.0, noise=0.0)
    X, y = task.label(20_000)
    np.testing.assert_allclose(y, -X[:, 0] + X[:, 0] ** 3, atol=1e-5)
    np.testing.assert_allclose(
        task.source.y, -task.source.X[:, 0] + task.source.X[:, 0] ** 3, atol=1e-4
    )
    assert task.source.X.mean() == pytest.approx(0.5, abs=0.02)
    assert task.source.X.std() == pytest.approx(0.5, abs=0.02)
    assert X.mean() == pytest.approx(-0.5, abs=0.02)
    assert X.std() == pytest.approx(0.3, abs=0.02)
    assert task.kind == "regression"
    assert task.score(lambda Z: -Z[:, 0] + Z[:, 0] ** 3) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "spirals"}, "kind: got 'spirals', want one of 'gaussians', 'moons'"),
        ({"kind": "moons", "shift": 1}, "options of 'moons': got shift, want one of n, angle"),
        ({"n": 3}, "n: got 3, want at least 4"),
        ({"n": 0}, "n: got 0"),
        ({"shift": (1, 2, 3)}, "shift: got 3 numbers, want 2"),
        ({"shift": (1, np.nan)}, "shift: got 1 values that are NaN"),
        ({"scale": 0}, "scale: got 0"),
        ({"gap": -1}, "gap: got -1"),
        ({"angle": "a"}, "angle: got 'a'"),
        ({"angle": np.inf}, "angle: got inf"),
        ({"kind": "moons", "noise": -0.1}, "noise: got -0.1"),
        ({"kind": "regression", "shift": np.nan}, "shift: got nan"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        load(**options)
