"""A GAN in the plane, the bilinear game, ADDA."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.adversarial import InvertedLabels, adda, domain_loss
from tlbook.course.ch10_adversarial.bilinear import growth_factor, play_bilinear
from tlbook.course.ch10_adversarial.gan import modes_covered, play, ring, ring_centers
from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Batch
from tlbook.training import fit, predictor


class Plane(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 8), nn.Tanh())
        self.head = nn.Linear(8, 2)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


# -- the bilinear game ----------------------------------------------------------------------------


@pytest.mark.parametrize("lr", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("method", ["simultaneous", "extragradient"])
def test_the_spiral_has_the_radius_of_the_closed_form(method, lr):
    path = play_bilinear(method, steps=60, lr=lr, start=(0.6, -0.8))
    radius = np.linalg.norm(path, axis=1)
    assert np.allclose(radius, growth_factor(method, lr) ** np.arange(61), rtol=1e-9)
    assert (growth_factor(method, lr) > 1) == (method == "simultaneous") or lr == 1.0


def test_alternating_steps_stay_on_an_ellipse():
    for lr in (0.1, 0.5, 1.5):
        x, y = play_bilinear("alternating", steps=500, lr=lr).T
        kept = x**2 + y**2 - lr * x * y
        assert np.allclose(kept, kept[0], rtol=1e-9)
        assert growth_factor("alternating", lr) == 1.0
    with pytest.raises(ValueError, match="at most 2"):
        growth_factor("alternating", 2.5)


def test_a_step_follows_the_gradients_of_the_game():
    x, y = (torch.tensor(v, requires_grad=True) for v in (0.7, -0.4))
    down, up = torch.autograd.grad(x * y - 0.25 * y**2, [x, y])
    path = play_bilinear("simultaneous", 1, 0.1, (0.7, -0.4), damping=0.5)
    assert np.allclose(path[1], [0.7 - 0.1 * down.item(), -0.4 + 0.1 * up.item()], atol=1e-7)


def test_damping_one_player_turns_the_spiral_inwards():
    out, inn = (play_bilinear("simultaneous", 400, 0.1, damping=g) for g in (0.0, 0.5))
    assert np.linalg.norm(out[-1]) > 5 and np.linalg.norm(inn[-1]) < 1e-3
    # The determinant of the step is 1 − ηγ + η²: damping helps as soon as γ > η.
    weak = play_bilinear("simultaneous", 400, 0.1, damping=0.05)
    assert np.linalg.norm(weak[-1]) > 1


def test_mistakes_of_the_bilinear_game_are_named():
    for options, word in (
        ({"method": "newton"}, "method"),
        ({"steps": 0}, "steps"),
        ({"lr": -0.1}, "lr"),
        ({"damping": -1.0}, "damping"),
        ({"start": (1.0, np.nan)}, "start"),
        ({"start": (1.0,)}, "start"),
    ):
        with pytest.raises(ValueError, match=word):
            play_bilinear(**options)


# -- the GAN --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_gan_learns_a_cloud():
    rng = np.random.default_rng(0)
    X = (np.array([1.5, -1.0]) + 0.3 * rng.normal(size=(500, 2))).astype(np.float32)
    made = play(X, at=(1, 500))
    gaps = {step: np.linalg.norm(points.mean(0) - [1.5, -1.0]) for step, points in made.items()}
    assert list(made) == [1, 500] and made[1].shape == (500, 2)
    assert gaps[500] < 0.3 * gaps[1] and made[500].std(0).max() < 0.9


def test_the_same_seed_plays_the_same_game():
    once, again, other = (play(ring(50), at=(3,), seed=seed)[3] for seed in (0, 0, 1))
    assert np.array_equal(once, again) and not np.allclose(once, other)


def test_modes_are_counted():
    centers = ring_centers(8)
    assert np.allclose(np.linalg.norm(centers, axis=1), 2)
    clouds, inside = modes_covered(ring(20_000), centers, 0.2)
    assert clouds == 8 and inside == pytest.approx(1 - np.exp(-2), abs=0.01)
    # A generator that has learned the ring and not the clouds does not count as one that has both.
    angle = np.linspace(0, 2 * np.pi, 5000)
    assert modes_covered(2 * np.c_[np.cos(angle), np.sin(angle)], centers, 0.2)[1] < 0.52
    assert modes_covered(np.repeat(centers[:3], 10, axis=0), centers, 0.1) == (3, 1.0)
    assert modes_covered(np.zeros((10, 2)), centers, 0.1) == (0, 0.0)
    lonely = np.vstack([np.repeat(centers[:1], 99, axis=0), centers[1:2]])
    assert modes_covered(lonely, centers, 0.1)[0] == 1


def test_mistakes_of_the_gan_are_named():
    for bad in (np.zeros(4), np.full((3, 2), np.nan)):
        with pytest.raises(ValueError, match="points"):
            modes_covered(bad, ring_centers(), 0.1)
        with pytest.raises(ValueError, match="points"):
            play(bad, at=(1,))
    with pytest.raises(ValueError, match="modes"):
        ring(10, modes=0)
    with pytest.raises(ValueError, match="lr_ratio"):
        play(ring(10), 0.0, at=(1,))


# -- ADDA -----------------------------------------------------------------------------------------


def moved_blobs(seed=0, n=400, shift=(0.9, 0.6)):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2

    def draw(by):
        X = rng.normal(0, 0.3, size=(n, 2)) + np.column_stack([2.0 * y - 1, 0 * y])
        return (X + np.array(by)).astype(np.float32), y

    return Task.from_arrays(
        source=draw((0, 0)), target_train=draw(shift), target_test=draw(shift), seed=seed
    )


def test_inverted_labels_move_each_player_along_its_own_loss():
    source = seeded(Plane, 0)
    model = copy.deepcopy(source)
    term = InvertedLabels(source, n_features=8, hidden=8, dropout=0.0)
    xs, xt = torch.randn(2, 10, 2, generator=torch.Generator().manual_seed(0))
    value = term(Batch(model, source_x=xs, target_x=xt))
    value.backward()
    with torch.no_grad():
        zs, zt = source.features(xs), source.features(xt)
    loss = domain_loss(term.discriminator(zs), term.discriminator(zt))
    assert torch.allclose(value, loss)
    own = torch.autograd.grad(loss, list(term.parameters()))
    for p, w in zip(term.parameters(), own, strict=True):
        assert torch.allclose(p.grad, w, atol=1e-7)
    fooled = -F.logsigmoid(term.discriminator(model.features(xt))).mean()
    for p, w in zip(
        model.body.parameters(),
        torch.autograd.grad(fooled, list(model.body.parameters())),
        strict=True,
    ):
        assert torch.allclose(p.grad, w, atol=1e-7)
    assert all(p.grad is None for p in model.head.parameters())


@pytest.mark.slow
def test_adda_adapts_the_copy_and_leaves_the_source_network_and_the_head():
    gains = []
    for seed in range(3):
        task, model = moved_blobs(seed), seeded(Plane, seed)
        fit(model, task, steps=150, lr=5e-3, seed=seed, progress=False)
        before = copy.deepcopy(model.state_dict())
        adapted, history = adda(
            model, task, steps=200, lr=2e-3, seed=seed, progress=False,
            n_features=8, hidden=32, dropout=0.0,
        )  # fmt: skip
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
        assert torch.equal(adapted.head.weight, model.head.weight)
        assert all(p.requires_grad for p in adapted.parameters())
        assert "ADDA" in history.columns and history.steps == 200
        gains.append(task.score(predictor(adapted)) - task.score(predictor(model)))
    assert np.mean(gains) > 0.1, gains


def test_mistakes_of_adda_are_named():
    with pytest.raises(ValueError, match="source_model"):
        InvertedLabels(lambda x: x)
    with pytest.raises(ValueError, match="lr_ratio"):
        InvertedLabels(seeded(Plane, 0), lr_ratio=0)
    with pytest.raises(ValueError, match="n_features of the term"):
        adda(seeded(Plane, 0), moved_blobs(n=60), steps=1, progress=False)
