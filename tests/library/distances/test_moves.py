"""Wasserstein, CORAL and proxy A-distance against POT, SciPy and their definitions."""

import numpy as np
import ot
import pytest
import torch
from scipy import stats
from sklearn.ensemble import RandomForestClassifier

from tlbook.distances import (
    coral_distance,
    proxy_a_distance,
    standardize,
    wasserstein_distance,
)


def lines(n, m, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.exponential(size=m) * 2


@pytest.mark.parametrize(("n", "m"), [(50, 50), (31, 47), (1, 9), (64, 16)])
def test_line_against_scipy_and_pot(n, m):
    x, y = lines(n, m)
    assert wasserstein_distance(x, y) == pytest.approx(stats.wasserstein_distance(x, y), abs=1e-10)
    for p in (1, 2, 3):
        expected = ot.wasserstein_1d(x, y, p=p) ** (1 / p)
        assert wasserstein_distance(x, y, p) == pytest.approx(expected, abs=1e-10)
        tensors = wasserstein_distance(torch.tensor(x), torch.tensor(y), p)
        assert tensors.item() == pytest.approx(expected, abs=1e-10)


def test_weights_against_scipy_and_pot():
    x, y = lines(31, 47)
    rng = np.random.default_rng(1)
    wx, wy = rng.uniform(size=31), rng.uniform(size=47)
    wx[3] = 0
    expected = stats.wasserstein_distance(x, y, wx, wy)
    assert wasserstein_distance(x, y, 1, wx, wy) == pytest.approx(expected, abs=1e-10)
    squared = ot.wasserstein_1d(x, y, wx / wx.sum(), wy / wy.sum(), p=2)
    assert wasserstein_distance(x, y, 2, wx, wy) ** 2 == pytest.approx(squared, abs=1e-10)
    one_side = wasserstein_distance(x, y, 1, weights_x=wx)
    assert one_side == pytest.approx(stats.wasserstein_distance(x, y, wx), abs=1e-10)
    equal = wasserstein_distance(x, y, 1, np.ones(31), np.ones(47))
    assert equal == pytest.approx(wasserstein_distance(x, y), abs=1e-12)
    tensors = [torch.tensor(v) for v in (x, y, wx, wy)]
    assert wasserstein_distance(*tensors[:2], 1, *tensors[2:]).item() == pytest.approx(
        expected, abs=1e-10
    )


@pytest.mark.parametrize("p", [1, 2])
def test_sliced_against_pot_on_the_same_directions(p):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 5)), rng.normal(1, 2, size=(30, 5))
    directions = np.random.default_rng(7).standard_normal((5, 60))
    directions /= np.linalg.norm(directions, axis=0)
    expected = ot.sliced_wasserstein_distance(X, Y, projections=directions, p=p)
    ours = wasserstein_distance(X, Y, p, n_projections=60, seed=7)
    assert ours == pytest.approx(expected, abs=1e-10)
    weights = rng.uniform(size=40)
    expected = ot.sliced_wasserstein_distance(
        X, Y, a=weights / weights.sum(), projections=directions, p=p
    )
    ours = wasserstein_distance(X, Y, p, weights, n_projections=60, seed=7)
    assert ours == pytest.approx(expected, abs=1e-10)


def test_sliced_shift_has_its_closed_form():
    X = np.random.default_rng(0).normal(size=(300, 4))
    shift = np.array([3.0, 0.0, 0.0, 0.0])
    assert wasserstein_distance(X, X + shift, 2, n_projections=4000) == pytest.approx(1.5, rel=0.03)


@pytest.mark.parametrize("p", [1, 2])
def test_wasserstein_gradients(p):
    rng = np.random.default_rng(0)
    for n, m, d in ((6, 6, 1), (6, 4, 3)):
        X = torch.tensor(rng.normal(size=(n, d)), requires_grad=True)
        Y = torch.tensor(rng.normal(size=(m, d)), requires_grad=True)
        assert torch.autograd.gradcheck(
            lambda A, B: wasserstein_distance(A, B, p, n_projections=5), (X, Y)
        )
    weights = torch.tensor(rng.uniform(0.5, 1, size=6))
    X = torch.tensor(rng.normal(size=(6, 1)), requires_grad=True)
    Y = torch.tensor(rng.normal(size=(4, 1)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda A, B: wasserstein_distance(A, B, p, weights), (X, Y))


def test_wasserstein_of_equal_samples_has_a_finite_gradient():
    X = torch.randn(8, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    value = wasserstein_distance(X, X.detach().clone(), 2)
    value.backward()
    assert value.item() == 0
    assert torch.isfinite(X.grad).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [[1.0, 2.0]]), "Y: got rows of shape"),
        (([1.0], [1.0], 0.5), "p: got 0.5, want an order"),
        (([1.0], [1.0], 1, [1.0, 2.0]), "weights_x: got 2 weights, want 1"),
        (([1.0], [1.0], 1, None, [-1.0]), "weights_y: got negative"),
        (([1.0], [1.0], 1, [0.0]), "weights_x: got negative or all-zero"),
        (([1.0], [1.0], 1, torch.ones(1)), "weights_x: got Tensor"),
        (([1.0], [1.0], 1, None, None, 0), "n_projections: got 0"),
        (([], [1.0]), "X: got 0 rows"),
        (([np.inf], [1.0]), "X: got 1 values"),
    ],
)
def test_wasserstein_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        wasserstein_distance(*arguments)


def test_coral_is_its_definition():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 3)), rng.normal(5, 2, size=(30, 3))
    gap = np.cov(X.T) - np.cov(Y.T)
    expected = np.linalg.norm(gap) ** 2 / (4 * 9)
    assert coral_distance(X, Y) == pytest.approx(expected, abs=1e-12)
    assert coral_distance(X, X + 100) == pytest.approx(0, abs=1e-12)
    single = np.float32(X + 1000), np.float32(Y + 1000)
    assert coral_distance(*single) == pytest.approx(expected, rel=1e-3)
    tensors = [torch.tensor(Z, requires_grad=True) for Z in (X, Y)]
    assert coral_distance(*tensors).item() == pytest.approx(expected, abs=1e-12)
    assert torch.autograd.gradcheck(coral_distance, tensors)
    with pytest.raises(ValueError, match="X: got 1 rows, want at least 2"):
        coral_distance(X[:1], Y)
    with pytest.raises(ValueError, match="Y: got rows of shape"):
        coral_distance(X, Y[:, :2])


@pytest.mark.slow
def test_proxy_a_distance_between_separable_and_equal():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    assert proxy_a_distance(X, X + 50) == 2
    equal = [
        proxy_a_distance(rng.normal(size=(200, 4)), rng.normal(size=(300, 4)), seed=seed)
        for seed in range(12)
    ]
    assert abs(np.mean(equal)) < 0.12
    assert min(equal) < 0 < max(equal)  # not clipped


def test_proxy_a_distance_does_not_reward_memorizing():
    rng = np.random.default_rng(0)
    forest = RandomForestClassifier(20, random_state=0)
    X, Y = rng.normal(size=(2, 150, 3))
    assert abs(proxy_a_distance(X, Y, forest)) < 0.4


def test_proxy_a_distance_depends_on_the_classifier():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(300, 2)), 4 * rng.normal(size=(300, 2))
    forest = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)
    assert proxy_a_distance(X, Y) < 0.4  # no line separates a disk from a wider disk
    assert proxy_a_distance(X, Y, forest) > 1.0


def test_proxy_a_distance_with_unequal_sizes_and_tensors():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(60, 2)), rng.normal(size=(600, 2))
    assert abs(proxy_a_distance(X, Y)) < 0.4  # "always Y" would be right in 10 of 11 cases
    expected = proxy_a_distance(X, Y, seed=3)
    tensors = torch.tensor(X, requires_grad=True), torch.tensor(Y)
    assert proxy_a_distance(*tensors, seed=3) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": 1}, "folds: got 1, want at least 2"),
        ({"X": np.zeros((3, 2))}, "X: got 3 rows, want at least 5"),
        ({"classifier": "svm"}, "classifier: got str"),
        ({"Y": np.zeros((9, 3))}, "Y: got rows of shape"),
    ],
)
def test_proxy_a_distance_errors(change, message):
    with pytest.raises(ValueError, match=message):
        proxy_a_distance(**({"X": np.zeros((9, 2)), "Y": np.ones((9, 2))} | change))


def test_standardize_pools_both_samples():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(5, 3, size=(40, 3)), rng.normal(2, 1, size=(20, 3))
    X[:, 2] = Y[:, 2] = 7.1  # constant
    A, B = standardize(X, Y)
    pooled = np.concatenate([A, B])
    assert pooled.mean(0) == pytest.approx(0, abs=1e-12)
    assert pooled.std(0) == pytest.approx([1, 1, 0], abs=1e-12)
    assert A[:, 0].mean() - B[:, 0].mean() > 0.5  # the difference stays
    assert standardize(X * 100, Y * 100)[0] == pytest.approx(A, abs=1e-9)
    tensors = standardize(torch.tensor(X), torch.tensor(Y))
    assert tensors[1].numpy() == pytest.approx(B, abs=1e-12)
    zeros = standardize(np.zeros((3, 1)), np.zeros((2, 1)))
    assert not np.isnan(zeros[0]).any()
    with pytest.raises(ValueError, match="Y: got rows of shape"):
        standardize(X, Y[:, :2])
