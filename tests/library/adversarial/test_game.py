"""Reversal, discriminator, DANN, CDAN: gradients, weights, states, and who learns what."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.adversarial import CDAN, DANN, Discriminator, domain_loss, entropy_weight, reverse
from tlbook.adversarial.discriminator import bounded
from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Batch, Objective, Ramp
from tlbook.training import fit, predictor

CE = F.cross_entropy


class Plane(nn.Module):
    """A small network on points: 2 → 16 → 8 features → classes."""

    def __init__(self, n_classes=2):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 8), nn.Tanh())
        self.head = nn.Linear(8, n_classes)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


def plane(seed=0, n_classes=2):
    return seeded(lambda: Plane(n_classes), seed)


def batch_of(model, seed=0, n=12, progress=1.0, shift=1.0):
    draw = torch.Generator().manual_seed(seed)
    dtype = next(model.parameters()).dtype
    xs, xt = torch.randn(2, n, 2, generator=draw, dtype=dtype)
    ys = torch.arange(n) % 2
    draw_of = {"source_x": xs, "source_y": ys, "target_x": xt[1:] + shift}
    return Batch(model, **draw_of, progress=progress, lr=1e-3)


def small(kind, weight=1.0, **options):
    sizes = {"n_classes": 2} if kind is CDAN else {}
    return kind(weight, n_features=8, hidden=8, **sizes, **options)


# -- reversal -------------------------------------------------------------------------------------


def test_reversal_changes_nothing_forward_and_turns_the_slope_back():
    def f(x):
        return (torch.sin(x) * x**2).sum()

    x = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.equal(reverse(x, 0.7), x)
    (got,) = torch.autograd.grad(f(reverse(x, 0.7)), x)
    eps = 1e-6
    for i in range(3):
        up, down = x.detach().clone(), x.detach().clone()
        up[i] += eps
        down[i] -= eps
        slope = (f(up) - f(down)) / (2 * eps)
        assert got[i].item() == pytest.approx(-0.7 * slope.item(), rel=1e-7)
    (none,) = torch.autograd.grad(f(reverse(x, 0.0)), x)
    assert not none.any()


def test_reversal_of_bad_input_is_refused():
    with pytest.raises(ValueError, match="x: got ndarray"):
        reverse(np.zeros(3))
    for weight in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="weight"):
            reverse(torch.zeros(2), weight)


# -- the loss -------------------------------------------------------------------------------------


def test_domain_loss_is_the_formula_and_finite_where_logarithms_are_not():
    draw = torch.Generator().manual_seed(0)
    s, t = torch.randn(5, generator=draw).double(), torch.randn(3, generator=draw).double()
    by_hand = -0.5 * torch.sigmoid(s).log().mean() - 0.5 * (1 - torch.sigmoid(t)).log().mean()
    assert torch.allclose(domain_loss(s, t), by_hand, rtol=1e-12)
    assert domain_loss(torch.zeros(4), torch.zeros(9)).item() == pytest.approx(math.log(2))
    huge = torch.tensor([500.0], requires_grad=True)
    loss = domain_loss(-huge, huge)
    loss.backward()
    assert loss.item() == pytest.approx(500) and torch.isfinite(huge.grad).all()
    w = torch.tensor([1.0, 0, 0, 0, 3.0]).double()
    weighted = -(w / 4 * F.logsigmoid(s)).sum() / 2 + F.softplus(t).mean() / 2
    assert torch.allclose(domain_loss(s, t, w), weighted, rtol=1e-12)


def test_spectral_norm_bounds_every_layer():
    network = Discriminator(6, 16, dropout=0.0, spectral_norm=True)
    z = torch.randn(64, 6, generator=torch.Generator().manual_seed(0))
    for _ in range(60):  # the power iteration gets better with each pass
        network(z)
    for layer in network.eval().layers:
        if isinstance(layer, nn.Linear):
            assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=0.02)
    gap = (network(z[:32]) - network(z[32:])).abs() / (z[:32] - z[32:]).norm(dim=1)
    assert gap.max() <= 1.02
    assert bounded is torch.nn.utils.parametrizations.spectral_norm


@pytest.mark.slow
def test_the_discriminator_learns_when_the_features_stand_still():
    model = plane().requires_grad_(False)
    term = small(DANN, dropout=0.0)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2)).astype(np.float32)
    far = Task.from_arrays(
        source=(X, np.arange(400) % 2),
        target_train=(X + np.float32(1.5), np.arange(400) % 2),
        target_test=(X[::-1] + np.float32(1.5), np.arange(400) % 2),
    )
    history = fit(model, far, term, steps=300, lr=1e-2, progress=False)
    assert history.columns["DANN"][:5].mean() == pytest.approx(math.log(2), abs=0.1)
    # The best possible cross-entropy of two unit Gaussians 1.5 · √2 apart is about 0.34.
    assert history.columns["DANN"][-50:].mean() < 0.45


def test_at_p_equal_q_it_stays_at_chance():
    model = plane().requires_grad_(False)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(4000, 2)).astype(np.float32)
    y = np.arange(2000) % 2
    same = Task.from_arrays(
        source=(X[:2000], y), target_train=(X[2000:], y), target_test=(X[:1999:-1], y)
    )
    history = fit(model, same, small(DANN, dropout=0.0), steps=150, progress=False)
    assert history.columns["DANN"][-50:].mean() == pytest.approx(math.log(2), abs=0.01)


# -- DANN and CDAN --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_the_discriminator_gets_its_slope_and_the_features_the_opposite_one(kind):
    model, strength = plane().double().eval(), 0.3
    term = small(kind, strength, dropout=0.0).double()
    both = [(p, 1.0) for p in term.parameters()] + [(p, -strength) for p in model.body.parameters()]
    gradients = torch.autograd.grad(term(batch_of(model)), [p for p, _ in both])
    draw = torch.Generator().manual_seed(3)

    def value():
        with torch.no_grad():
            return float(term(batch_of(model)))

    frozen_p = batch_of(model).source_logits  # CDAN holds the predictions fixed: so do we
    assert frozen_p.requires_grad
    for (p, sign), gradient in zip(both, gradients, strict=True):
        if kind is CDAN and sign < 0:
            continue  # moving the body moves the predictions too; see the next test
        way = torch.randn(p.shape, generator=draw, dtype=p.dtype)
        with torch.no_grad():
            p.add_(way, alpha=1e-6)
            up = value()
            p.sub_(way, alpha=2e-6)
            down = value()
            p.add_(way, alpha=1e-6)
        slope = (up - down) / 2e-6
        assert float((gradient * way).sum()) == pytest.approx(sign * slope, rel=1e-5, abs=1e-10)


def test_cdan_sends_no_gradient_through_the_predictions():
    model = plane().double()
    term = small(CDAN, 0.5, dropout=0.0).double().eval()
    batch = batch_of(model)
    zs, zt = (z.detach().requires_grad_() for z in (batch.source_features, batch.target_features))
    p = [torch.softmax(model.head(z), 1).detach() for z in (zs, zt)]
    pairs = zip((zs, zt), p, strict=True)
    logits = [term.discriminator((z[:, :, None] * q[:, None]).flatten(1)) for z, q in pairs]
    weights = [1 + torch.exp((q * q.log()).sum(1)) for q in p]
    by_hand = domain_loss(*logits, *weights)
    assert torch.allclose(term(batch), by_hand, rtol=1e-12)
    assert torch.allclose(entropy_weight(p[0]), weights[0])
    wanted = torch.autograd.grad(by_hand, [zs, zt])
    got = torch.autograd.grad(term(batch), [batch.source_features, batch.target_features])
    for g, w in zip(got, wanted, strict=True):
        assert torch.allclose(g, -0.5 * w, rtol=1e-10)
    model.zero_grad()
    term(batch_of(model)).backward()
    assert all(p.grad is None for p in model.head.parameters())


@pytest.mark.parametrize("kind", [DANN, CDAN])
@pytest.mark.parametrize("spectral", [False, True])
def test_every_parameter_receives_gradient(kind, spectral):
    model = plane()
    term = small(kind, Ramp(1.0), spectral_norm=spectral)
    objective = Objective(CE, term)
    loss, parts = objective(batch_of(model))
    loss.backward()
    for name, p in [*model.named_parameters(), *term.named_parameters()]:
        assert p.grad is not None and p.grad.abs().max() > 0, name
    assert torch.allclose(loss, parts["L_S"] + parts[kind.__name__])


def test_lambda_scales_the_reversed_gradient_only():
    grads = {}
    for strength in (0.0, 0.5, 1.0):
        model, term = plane(), small(DANN, strength, dropout=0.0)
        total, _ = Objective(None, term)(batch_of(model))
        total.backward()
        grads[strength] = (
            [p.grad for p in term.parameters()],
            [p.grad for p in model.body.parameters()],
        )
    for a, b in zip(grads[0.0][0], grads[1.0][0], strict=True):
        assert torch.equal(a, b)
    for a, b in zip(grads[0.5][1], grads[1.0][1], strict=True):
        assert torch.allclose(2 * a, b)
    assert all(not g.any() for g in grads[0.0][1])


def test_the_weight_is_a_schedule_of_the_progress():
    term = small(DANN, Ramp(2.0))
    assert term.weight_at(0.3) == 1.0
    assert term.reversal_at(0.0) == 0.0 and term.reversal_at(1.0) == pytest.approx(2.0, rel=1e-3)


def test_extra_steps_train_the_discriminator_and_leave_the_model_alone():
    model = plane()
    one, three = (small(DANN, 0.0, dropout=0.0, discriminator_steps=k) for k in (1, 3))
    before = copy.deepcopy(model.state_dict())
    first = one(batch_of(model)).item()
    assert three(batch_of(model)).item() < first  # two steps ahead of the other
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert all(p.grad is None for p in [*model.parameters(), *three.parameters()])
    still = copy.deepcopy(three.state_dict())
    three.eval()
    three(batch_of(model))
    with torch.no_grad():
        three.train()(batch_of(model))
    for key in still:
        if key != "_extra_state":
            assert torch.equal(still[key], three.state_dict()[key]), key


@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_a_copy_by_state_dict_goes_on_as_if_nothing_happened(kind, tmp_path):
    def step(term, model, seed):
        torch.manual_seed(seed)  # dropout
        term(batch_of(model, seed)).backward()
        with torch.no_grad():
            for p in term.parameters():
                p -= 0.1 * p.grad
                p.grad = None

    model = plane()
    first = small(kind, 0.5, discriminator_steps=3, spectral_norm=True)
    for seed in range(4):
        step(first, model, seed)
    torch.save(first.state_dict(), tmp_path / "term.pt")
    second = small(kind, 0.5, discriminator_steps=3, spectral_norm=True, seed=9)
    second.load_state_dict(torch.load(tmp_path / "term.pt", weights_only=True))
    third = copy.deepcopy(first)
    for seed in range(4, 8):
        for term in (first, second, third):
            step(term, model, seed)
    for other in (second, third):
        for a, b in zip(first.parameters(), other.parameters(), strict=True):
            assert torch.equal(a, b)
    fresh = small(kind, 0.5, discriminator_steps=3, spectral_norm=True)
    state = first.state_dict()
    state["_extra_state"] = {}
    fresh.load_state_dict(state)
    step(first, model, 8)
    step(fresh, model, 8)
    pairs = zip(first.parameters(), fresh.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_random_projection_keeps_inner_products_on_average():
    term = CDAN(n_features=500, n_classes=10, random_width=20_000, entropy=False)
    assert term.projected and term.discriminator.n_features == 20_000
    draw = torch.Generator().manual_seed(0)
    z = torch.randn(2, 500, generator=draw) / 500**0.5 + torch.randn(500, generator=draw) / 30
    p = torch.softmax(torch.randn(2, 10, generator=draw), 1)
    h = term.product(z, p)
    exact = (z @ z.T) * (p @ p.T)
    assert torch.allclose(h @ h.T, exact, atol=0.15 * exact.max().item())
    assert not CDAN(n_features=64, n_classes=10).projected
    term.double()(
        Batch(
            _Given(500, 10).double(),
            source_x=torch.randn(4, 500, dtype=torch.float64),
            target_x=torch.randn(4, 500, dtype=torch.float64),
        )
    ).backward()


class _Given(nn.Module):
    def __init__(self, d, classes):
        super().__init__()
        self.head = nn.Linear(d, classes)

    def features(self, x):
        return x


@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_half_precision_gives_a_finite_loss_and_moves_everything(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)).astype(np.float32), np.arange(200) % 2
    task = Task.from_arrays(
        source=(X, y), target_train=(X + 1, y), target_test=(X[::-1] + 1, y[::-1])
    )
    model = plane()
    term = small(kind, 1.0, spectral_norm=True, discriminator_steps=2)
    before = [p.detach().clone() for p in [*model.parameters(), *term.parameters()]]
    history = fit(
        model, task, Objective(CE, term), steps=20, precision="bf16", device="cpu", progress=False
    )
    assert np.isfinite(history.loss).all() and history.precision == "bf16"
    after = [*model.parameters(), *term.parameters()]
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    with torch.autocast("cpu", torch.bfloat16):
        z = model.features(torch.randn(4, 2))
        assert z.dtype == torch.bfloat16
        assert small(DANN).discriminator(z).dtype == torch.float32


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_mixed_precision_on_a_gpu(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 2)).astype(np.float32), np.arange(300) % 2
    task = Task.from_arrays(
        source=(X, y), target_train=(X + 1, y), target_test=(X[::-1] + 1, y[::-1])
    )
    term = small(kind, 1.0, spectral_norm=True, discriminator_steps=2)
    history = fit(
        plane(), task, Objective(CE, term), steps=30, precision="bf16", device="cuda",
        progress=False,
    )  # fmt: skip
    assert np.isfinite(history.loss).all() and history.device == "cuda"


# -- does it adapt --------------------------------------------------------------------------------


def shifted_blobs(seed, n=600):
    """Two classes along the first axis; the target is moved along a direction that mixes them."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2

    def draw(shift):
        X = rng.normal(0, 0.35, size=(n, 2)) + np.column_stack([2.0 * y - 1, 0 * y])
        return (X + np.array(shift)).astype(np.float32), y

    return Task.from_arrays(
        source=draw((0, 0)), target_train=draw((1.2, 0.8)), target_test=draw((1.2, 0.8)), seed=seed
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_adaptation_beats_source_only_by_a_margin(kind):
    gains = []
    for seed in range(3):
        scores = []
        for terms in ((), (small(kind, Ramp(1.0), seed=seed, discriminator_steps=2),)):
            task, model = shifted_blobs(seed), plane(seed)
            fit(model, task, Objective(CE, *terms), steps=250, lr=3e-3, seed=seed, progress=False)
            scores.append(task.score(predictor(model)))
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 0.15, gains


def test_the_run_is_a_function_of_its_seed():
    ends = []
    for _ in range(2):
        model = plane()
        term = small(CDAN, Ramp(1.0), discriminator_steps=2)
        fit(model, shifted_blobs(0, 120), Objective(CE, term), steps=15, progress=False)
        ends.append(torch.cat([p.flatten() for p in [*model.parameters(), *term.parameters()]]))
    assert torch.equal(*ends)


# -- bad input ------------------------------------------------------------------------------------


def test_mistakes_are_named():
    for options, word in (
        ({"weight": -1.0}, "weight"),
        ({"weight": float("nan")}, "weight"),
        ({"n_features": 0}, "n_features"),
        ({"hidden": 2.5}, "hidden"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"discriminator_steps": 0}, "discriminator_steps"),
        ({"lr_ratio": 0.0}, "lr_ratio"),
        ({"seed": -1}, "seed"),
    ):
        for kind in (DANN, CDAN):
            with pytest.raises(ValueError, match=word):
                kind(**options)
    with pytest.raises(ValueError, match="n_classes"):
        CDAN(n_classes=0)
    with pytest.raises(ValueError, match="n_features of the term"):
        DANN()(batch_of(plane()))
    with pytest.raises(ValueError, match="n_classes=3"):
        CDAN(n_features=8, n_classes=3)(batch_of(plane()))
    with pytest.raises(ValueError, match="lacks target"):
        fit(plane(), (np.zeros((4, 2)), np.arange(4) % 2), small(DANN))
