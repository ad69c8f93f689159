"""The exact objective: optimality, gradients, limits, Monte Carlo, and agreement with networks."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.course.ch09_objective.bounds import best_weight
from tlbook.course.ch09_objective.exact import Fixed, SquaredLoss, expected_risk, minimize
from tlbook.course.ch09_objective.waves import DIMENSION, basis, wave, waves
from tlbook.finetuning import L2SP
from tlbook.models import wrap
from tlbook.objective import Batch, Objective, TargetLoss


def rows(seed=0, n=40, d=5, outputs=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(n, outputs))


def value(L_S, L_T, theta, weight, omega, near):
    return L_S(theta) + weight * L_T(theta) + omega * float(((theta - near) ** 2).sum())


def test_the_loss_is_the_mean_over_the_rows():
    A, y = rows()
    theta = np.random.default_rng(1).normal(size=(5, 2))
    assert SquaredLoss.from_rows(A, y)(theta) == pytest.approx(
        ((A @ theta - y) ** 2).sum() / len(A)
    )
    assert SquaredLoss.from_rows(A, y[:, 0])(theta[:, 0]) == pytest.approx(
        np.mean((A @ theta[:, 0] - y[:, 0]) ** 2)
    )


@pytest.mark.parametrize("weight", [0.0, 0.3, 10.0])
@pytest.mark.parametrize("omega", [0.0, 0.5])
def test_the_minimizer_beats_every_neighbor_and_has_no_gradient(weight, omega):
    L_S, L_T = SquaredLoss.from_rows(*rows(0)), SquaredLoss.from_rows(*rows(1, n=7))
    near = np.random.default_rng(2).normal(size=(5, 2))
    theta = minimize(L_S, L_T, weight, omega, near)
    best = value(L_S, L_T, theta, weight, omega, near)
    rng = np.random.default_rng(3)
    for _ in range(10):
        way = rng.normal(size=theta.shape)
        up, down = (value(L_S, L_T, theta + s * way, weight, omega, near) for s in (1e-4, -1e-4))
        assert min(up, down) > best
        assert abs(up - down) / 2e-4 < 1e-6


def test_the_limits_of_weight_and_omega():
    L_S, L_T = SquaredLoss.from_rows(*rows(0)), SquaredLoss.from_rows(*rows(1))
    A, y = rows(1)
    alone = np.linalg.lstsq(A, y, rcond=None)[0]
    assert minimize(None, L_T) == pytest.approx(alone)
    assert minimize(L_S, L_T, 1e9) == pytest.approx(alone, abs=1e-6)
    assert minimize(L_S, L_T, 0.0) == pytest.approx(minimize(L_S))
    assert np.abs(minimize(L_S, L_T, 1.0, 1e9)).max() < 1e-6
    near = np.full((5, 2), 3.0)
    assert minimize(L_S, L_T, 1.0, 1e9, near) == pytest.approx(near, abs=1e-5)


def test_the_share_of_the_rows_as_weight_is_pooling():
    (A, y), (B, z) = rows(0, n=40), rows(1, n=8)
    pooled = minimize(SquaredLoss.from_rows(np.vstack([A, B]), np.vstack([y, z])))
    assert minimize(
        SquaredLoss.from_rows(A, y), SquaredLoss.from_rows(B, z), 8 / 40
    ) == pytest.approx(pooled)


def test_the_source_loss_is_l2sp_in_its_own_metric():
    L_S = SquaredLoss.from_rows(*rows(0))
    start = minimize(L_S)
    theta = np.random.default_rng(5).normal(size=start.shape)
    pull = float(np.sum((theta - start) * (L_S.gram @ (theta - start))))
    assert L_S(theta) - L_S(start) == pytest.approx(pull)


def linear(theta):
    net = wrap(nn.Sequential(nn.Identity(), nn.Linear(*theta.shape, bias=False)).double())
    with torch.no_grad():
        net.head.weight.copy_(torch.from_numpy(theta.T))
    return net


def test_a_network_agrees_value_and_gradient():
    (A, y), (B, z) = rows(0), rows(1, n=7)
    L_S, L_T = SquaredLoss.from_rows(A, y), SquaredLoss.from_rows(B, z)
    theta = minimize(L_S, L_T, 0.7)
    net = linear(theta)

    def squared(outputs, wanted):
        return F.mse_loss(outputs, wanted) * wanted.shape[1]  # a sum over outputs

    batch = Batch(net, *map(torch.from_numpy, (A, y)), None, *map(torch.from_numpy, (B, z)))
    total, parts = Objective(squared, TargetLoss(0.7, squared))(batch)
    total.backward()
    assert total.item() == pytest.approx(L_S(theta) + 0.7 * L_T(theta))
    assert parts["TargetLoss"].item() == pytest.approx(L_T(theta))
    assert float(net.head.weight.grad.abs().max()) < 1e-12


def test_omega_near_the_start_agrees_with_the_term():
    class Body(nn.Module):
        def __init__(self, theta):
            super().__init__()
            self.body = nn.Linear(*theta.shape, bias=False).double()
            with torch.no_grad():
                self.body.weight.copy_(torch.from_numpy(theta.T))
            self.head = nn.Identity()

        def features(self, x):
            return self.body(x)

    start, theta = np.ones((5, 2)), np.random.default_rng(0).normal(size=(5, 2))
    omega = L2SP(2 * 0.3, Body(start))(Batch(Body(theta))).item()
    assert omega == pytest.approx(0.3 * ((theta - start) ** 2).sum())


# -- expected errors ------------------------------------------------------------------------------


@pytest.mark.parametrize("pull", ["zero", "source"])
def test_expected_errors_against_simulation(pull):
    w = waves(40, 60, 10, seed=3)
    omega, near_source = (0.05, 0.0) if pull == "zero" else (0.0, 0.4)
    bias, variance = expected_risk(w.source, w.target, w.target_truth, 0.5, 2.0, omega, near_source)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(3000):
        L_S, L_T = w.source.with_noise(0.5, rng), w.target.with_noise(0.5, rng)
        near = None if pull == "zero" else minimize(L_S)
        found.append(minimize(L_S, L_T, 2.0, omega + near_source, near))
    found = np.array(found)
    assert ((found.mean(0) - w.target_truth) ** 2).sum() == pytest.approx(bias, rel=0.05)
    assert found.var(0).sum() == pytest.approx(variance, rel=0.05)


def test_without_shift_and_omega_there_is_no_bias():
    w = waves(0, 60, 10)
    bias, variance = expected_risk(w.source, w.target, w.target_truth, 0.5, 2.0)
    assert bias == pytest.approx(0, abs=1e-20)
    assert variance > 0
    bias, _ = expected_risk(w.source, None, wave(180), 0.0)
    assert bias == pytest.approx(4 * (wave(0) ** 2).sum())


@pytest.mark.parametrize("phase", [0, 15, 60, 180])
@pytest.mark.parametrize("n_target", [12, 40])
def test_the_formula_finds_the_best_weight(phase, n_target):
    weights = np.logspace(-3, 3, 61)
    gap = float(np.linalg.norm(wave(phase) - wave(0)))
    predicted = best_weight(gap, 0.5, 200, n_target, DIMENSION)
    ratios = []
    for seed in range(8):
        w = waves(phase, 200, n_target, seed)
        risks = [sum(expected_risk(w.source, w.target, w.target_truth, 0.5, x)) for x in weights]
        here = sum(expected_risk(w.source, w.target, w.target_truth, 0.5, predicted))
        ratios.append(here / min(risks))
    assert np.mean(ratios) < 1.25  # nearly nothing is lost by trusting the formula


# -- waves ----------------------------------------------------------------------------------------


def test_the_basis_is_orthonormal_and_the_wave_is_close():
    x = np.linspace(-1, 1, 200_001)
    assert basis(x).T @ basis(x) / len(x) == pytest.approx(np.eye(DIMENSION), abs=1e-3)
    for phase in (0, 50, 180):
        want = np.sin(np.pi * x + np.deg2rad(phase))
        assert np.abs(basis(x) @ wave(phase) - want).max() < 0.06
    assert wave(180) == pytest.approx(-wave(0))


def test_more_target_rows_contain_the_fewer():
    few, many = waves(30, 20, 5, seed=1), waves(30, 20, 9, seed=1)
    assert (many.target_x[:5] == few.target_x).all()
    assert (many.source_x == few.source_x).all()
    assert many.target.truth == pytest.approx(basis(many.target_x) @ wave(30))


L = SquaredLoss.from_rows(*rows())


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: SquaredLoss.from_rows([[np.nan]], [0.0]), "A"),
        (lambda: SquaredLoss.from_rows(np.zeros((0, 2)), []), "A"),
        (lambda: SquaredLoss.from_rows([[1.0]], [0.0, 1.0]), "y"),
        (lambda: minimize(None, None), "no loss"),
        (lambda: minimize(None, L, 0.0), "no loss"),
        (lambda: minimize(L, L, -1.0), "weight"),
        (lambda: minimize(L, L, 1.0, np.nan), "omega"),
        (lambda: minimize(SquaredLoss.from_rows(np.ones((3, 2)), np.ones(3))), "not unique"),
        (lambda: expected_risk(None, None, [0.0], 1.0), "no rows"),
        (lambda: expected_risk(Fixed(np.ones((3, 2)), np.ones(3)), None, [0.0, 0.0], 1.0), "uniq"),
        (lambda: expected_risk(None, waves(0).target, wave(0), -1.0), "noise"),
        (lambda: expected_risk(None, waves(0).target, wave(0), 1.0, 1.0, -1.0), "omega"),
        (lambda: expected_risk(None, waves(0).target, wave(0), 1.0, near_source=1.0), "source"),
        (lambda: waves(np.nan), "phase"),
        (lambda: waves(0, 0), "n_source"),
        (lambda: waves(0, 5, 2.5), "n_target"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
