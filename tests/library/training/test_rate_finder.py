"""The range test: it finds the stability limit of a quadratic, and leaves no trace."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.library.training.training_cases import Judge, Net, blobs, make_task
from tlbook.models import seeded
from tlbook.objective import Objective, Term
from tlbook.training import Divergence, find_rate, fit

BETA = 0.9  # momentum of fit's SGD


class Linear(nn.Module):
    """One weight per input and no bias: with a squared error the loss is a quadratic."""

    def __init__(self, d):
        super().__init__()
        self.head = nn.Linear(d, 1, bias=False)
        nn.init.ones_(self.head.weight)

    def features(self, x):
        return x

    def forward(self, x):
        return self.head(x)


def squared(said, y):
    return 0.5 * said.square().sum(dim=1).mean() + 0 * y.sum()


def quadratic(*curvatures):
    """Return model, data and objective with ½ Σ c_i w_i² as the loss: rows are scaled axes."""
    d = len(curvatures)
    X = np.diag(np.sqrt(d * np.asarray(curvatures, dtype=float))).astype(np.float32)
    return Linear(d), (X, np.zeros(d, dtype=np.float32)), Objective(squared)


def nesterov_limit(curvature):
    """Return the largest stable rate: 2 (1 + β) / (1 + 2 β) / c, which is 2 / c for β = 0."""
    return 2 * (1 + BETA) / ((1 + 2 * BETA) * curvature)


def radius(rate, curvature):
    """Return the spectral radius of one step of SGD with Nesterov momentum on ½ c w²."""
    a = rate * curvature
    step = np.array([[1 - a - BETA * a, -rate * BETA**2], [curvature, BETA]])
    return np.abs(np.linalg.eigvals(step)).max()


def test_the_closed_form_is_where_the_iteration_stops_to_shrink():
    for curvature in (0.5, 8.0):
        limit = nesterov_limit(curvature)
        assert radius(0.99 * limit, curvature) < 1 < radius(1.01 * limit, curvature)


def sweep(*curvatures):
    """Return the limit of the steepest direction, and the test from a quarter to four times it."""
    model, data, objective = quadratic(*curvatures)
    limit = nesterov_limit(max(curvatures))
    return limit, find_rate(
        model,
        data,
        objective,
        low=limit / 4,
        high=4 * limit,
        steps=140,
        blow_up=1e30,  # without noise the loss swings through zero; fit itself ends the run
        smoothing=0.0,
        optimizer="sgd",
        batch_size=8,
        device="cpu",
    )


@pytest.mark.parametrize("curvature", [1.0, 25.0, 0.04])
def test_the_lowest_loss_is_at_the_stability_limit(curvature):
    limit, curve = sweep(curvature)
    assert curve.diverged
    assert curve.lowest == pytest.approx(limit, rel=0.2)
    assert curve.below(10) == pytest.approx(limit / 10, rel=0.2)


def test_with_several_curvatures_the_loss_lags_behind_the_limit():
    """The unstable direction starts to grow at its limit, but has to grow before one sees it."""
    limit, curve = sweep(4.0, 3.0, 1.0)
    assert limit < curve.lowest < 3 * limit
    assert curve.below(10) < limit


def test_training_below_the_limit_converges_and_above_it_does_not():
    limit = nesterov_limit(4.0)
    model, data, objective = quadratic(4.0)
    fit(model, data, objective, steps=60, lr=0.9 * limit, optimizer="sgd", device="cpu")
    assert float(model.head.weight.detach().abs()) < 1e-3
    model, data, objective = quadratic(4.0)
    with pytest.raises(Divergence):
        fit(model, data, objective, steps=200, lr=1.1 * limit, optimizer="sgd", device="cpu")


def test_rates_grow_by_one_factor_and_are_those_that_the_optimizer_used():
    model, data = seeded(Net, 0), blobs()
    curve = find_rate(model, data, low=1e-4, high=1e-2, steps=21, blow_up=1e6, device="cpu")
    assert len(curve.rates) == 21 and not curve.diverged
    assert np.diff(np.log(curve.rates)) == pytest.approx(np.log(100) / 20)
    assert (curve.rates[0], curve.rates[-1]) == pytest.approx((1e-4, 1e-2))
    used = fit(
        model, data, steps=21, lr=1e-2, schedule=lambda p: 0.01 ** (1 - p), device="cpu"
    ).columns
    assert curve.rates == pytest.approx(used["lr"])
    assert curve.losses == pytest.approx(used["loss"])


def test_smoothing_is_the_weighted_mean_of_the_past():
    curve = find_rate(seeded(Net, 0), blobs(), steps=15, smoothing=0.7, device="cpu")
    for t, smoothed in enumerate(curve.smoothed):
        weights = 0.7 ** np.arange(t, -1, -1)
        assert smoothed == pytest.approx(np.average(curve.losses[: t + 1], weights=weights))


def test_everything_is_as_it_was_before():
    model, judge, task = seeded(Net, 0), Judge(), make_task()
    objective = Objective(nn.functional.cross_entropy, judge)
    model.eval()
    judge.calls = 3
    kept = {k: v.clone() for k, v in [*model.state_dict().items(), *judge.net.state_dict().items()]}
    state = torch.get_rng_state()
    find_rate(model, task, objective, steps=12, device="cpu")
    for name, value in [*model.state_dict().items(), *judge.net.state_dict().items()]:
        assert torch.equal(value, kept[name]), name
    assert not model.training and judge.training and judge.calls == 3
    assert all(p.grad is None for p in [*model.parameters(), *judge.parameters()])
    assert torch.equal(torch.get_rng_state(), state)


def test_a_loss_that_becomes_nan_ends_the_test_and_not_the_program():
    class Cliff(Term):
        """Falls gently, and is infinite once the weight has left the interval."""

        needs = ("source",)

        def forward(self, batch):
            w = batch.model.head.weight.mean()
            return (w - 9).square() + (0.0 if float(w.detach()) < 5 else torch.inf)

    model, data, _ = quadratic(1.0)
    curve = find_rate(model, data, Cliff(), low=1e-3, high=10.0, steps=60, device="cpu")
    assert curve.diverged and np.isfinite(curve.losses).all()
    assert float(model.head.weight.detach()) == 1.0


def test_groups_keep_their_ratio_and_are_not_written_to():
    model, data = seeded(Net, 0), blobs()
    groups = [
        {"params": list(model.body.parameters()), "lr": 1e-4},
        {"params": list(model.head.parameters()), "lr": 1e-3},
    ]
    with_groups = find_rate(model, data, steps=15, parameters=groups, device="cpu")
    assert [g["lr"] for g in groups] == [1e-4, 1e-3]
    plain = find_rate(model, data, steps=15, device="cpu")
    assert with_groups.rates == pytest.approx(plain.rates)
    assert abs(with_groups.losses[-1] - plain.losses[-1]) > 1e-4


def test_the_steepest_point_lies_before_the_lowest():
    curve = find_rate(seeded(Net, 0), blobs(), low=1e-5, high=10.0, device="cpu")
    assert curve.rates[0] < curve.steepest < curve.lowest
    assert "lowest loss at" in repr(curve)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 0.0}, "low: got 0.0"),
        ({"low": float("nan")}, "low: got nan"),
        ({"high": 1e-6}, "high: got 1e-06, want more than low"),
        ({"steps": 5}, "steps: got 5, want at least 10"),
        ({"smoothing": 1.0}, "smoothing, blow_up: got 1"),
        ({"blow_up": 1.0}, "smoothing, blow_up: got 0.9, 1"),
        ({"lr": 0.1}, "lr: the test sets it itself"),
        ({"callback": print}, "callback: the test sets it itself"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        find_rate(seeded(Net, 0), blobs(), device="cpu", **options)


def test_a_start_that_is_too_high_is_named():
    model, data, objective = quadratic(1.0)
    with pytest.raises(ValueError, match="low: got 1000"):
        find_rate(
            model, data, objective, low=1000.0, high=1e4, optimizer="sgd", smoothing=0, device="cpu"
        )


def test_a_curve_that_never_falls_has_no_steepest_point():
    curve = find_rate(seeded(Net, 0), blobs(), steps=12, device="cpu")
    rising = type(curve)(curve.rates, np.arange(12.0), np.arange(12.0), False)
    with pytest.raises(ValueError, match="never fell"):
        _ = rising.steepest
