"""MMD, JMMD, Deep CORAL, entropy terms: formulas, gradients, limits, and what they refuse."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.alignment import (
    JMMD,
    MMD,
    DeepCORAL,
    Entropy,
    InformationMaximization,
    joint_mmd2,
    kernels,
    weighted_mmd2,
)
from tlbook.distances import coral_distance, gaussian_kernel, median_bandwidth, mmd2
from tlbook.domains import Task
from tlbook.models import create
from tlbook.objective import Batch, Objective, Ramp
from tlbook.training import fit, predictor

ALIGNING = [MMD, JMMD, DeepCORAL]
ALL = [*ALIGNING, Entropy, InformationMaximization]


def draws(n=40, m=30, shift=0.0, d=6, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, generator=generator, dtype=dtype)
    return X, torch.randn(m, d, generator=generator, dtype=dtype) * (1 + shift) + shift


def small_net(dtype=torch.float64):
    """An untrained network whose features and predictions differ clearly between inputs."""
    model = create("digitnet", n_classes=3, seed=0).to(dtype).eval()
    with torch.no_grad():
        model.hidden.weight.mul_(10)
        model.head.weight.mul_(10)
    return model


def batch_of(model, n=24, m=20, seed=0, same=False):
    generator = torch.Generator().manual_seed(seed)
    dtype = next(model.parameters()).dtype
    xs = torch.rand(n, 1, 8, 8, generator=generator, dtype=dtype)
    xt = torch.rand(m, 1, 8, 8, generator=generator, dtype=dtype) ** 2
    y = torch.arange(n) % 3
    return Batch(model, source_x=xs, source_y=y, target_x=xs.clone() if same else xt)


def central_difference(value, free, way, step=1e-5):
    """Return the derivative of ``value()`` along ``way``."""

    def moved(size):
        with torch.no_grad():
            for p, d in zip(free, way, strict=True):
                p.add_(d, alpha=size)
            result = float(value())
            for p, d in zip(free, way, strict=True):
                p.sub_(d, alpha=size)
        return result

    return (moved(step) - moved(-step)) / (2 * step)


# -- the statistic ---------------------------------------------------------------------------------


@pytest.mark.parametrize("unbiased", [True, False])
def test_without_weights_it_is_the_mmd_of_chapter_08(unbiased):
    X, Y = draws(n=41, shift=0.5)
    sigma = median_bandwidth(X, Y)  # 71 points, 2,485 pairs: the middle one exists
    ladder = (0.25, 0.5, 1.0, 2.0, 4.0)
    known = mmd2(X, Y, bandwidth=[b * sigma for b in ladder], unbiased=unbiased) / 5
    assert torch.allclose(weighted_mmd2(X, Y, None, ladder, unbiased), known, rtol=1e-9)
    ones = torch.full((41,), 3.7, dtype=X.dtype)
    assert torch.allclose(weighted_mmd2(X, Y, ones, ladder, unbiased), known, rtol=1e-9)


def fixed_kernel(sigma, X, Y):
    """Bandwidths in units of the median that make the kernel exp(−d²/2σ²) whatever the draw."""
    Z = torch.cat([X, Y])
    return (sigma / float(torch.pdist(Z).kthvalue((len(Z) * (len(Z) - 1) // 2 + 1) // 2).values),)


def test_whole_weights_are_the_mmd_of_the_repeated_source():
    X, Y = draws(n=20, shift=0.3)
    times = torch.arange(20) % 4
    repeated = X.repeat_interleave(times, dim=0)
    kernel, again = fixed_kernel(1.5, X, Y), fixed_kernel(1.5, repeated, Y)
    weighted = weighted_mmd2(X, Y, times.double(), kernel, unbiased=False)
    assert torch.allclose(weighted, weighted_mmd2(repeated, Y, None, again, False), rtol=1e-8)


def test_the_unbiased_weighted_form_by_loops():
    X, Y = draws(n=7, m=5, shift=0.3)
    w = torch.arange(1.0, 8.0, dtype=torch.float64)
    k = gaussian_kernel(torch.cat([X, Y]), bandwidth=1.5).numpy()
    own = sum(w[i] * w[j] * k[i, j] for i in range(7) for j in range(7) if i != j)
    own /= sum(w[i] * w[j] for i in range(7) for j in range(7) if i != j)
    other = sum(k[7 + i, 7 + j] for i in range(5) for j in range(5) if i != j) / 20
    cross = sum(w[i] * k[i, 7 + j] for i in range(7) for j in range(5)) / (28 * 5)
    value = weighted_mmd2(X, Y, w, fixed_kernel(1.5, X, Y))
    assert float(value) == pytest.approx(float(own + other - 2 * cross), rel=1e-9)


def test_weights_undo_a_change_of_the_class_mix():
    # Source: both classes equally often; target: one row in ten is of class 0. P(x|y) is the same.
    rng = np.random.default_rng(0)
    plain, weighted, backwards = [], [], []
    for _ in range(200):
        ys, yt = rng.random(64) < 0.5, rng.random(64) < 0.9
        X, Y = (torch.tensor(rng.normal(size=(64, 3)) + 3 * y[:, None]) for y in (ys, yt))
        w = torch.tensor(np.where(ys, 1.8, 0.2))
        plain.append(float(weighted_mmd2(X, Y)))
        weighted.append(float(weighted_mmd2(X, Y, w)))
        backwards.append(float(weighted_mmd2(X, Y, 2 - w)))
    error = np.std(weighted) / np.sqrt(200)
    assert abs(np.mean(weighted)) < 4 * error + 0.002
    assert np.mean(plain) > 20 * error and np.mean(backwards) > np.mean(plain)


def test_it_is_unbiased_where_both_draws_have_one_distribution():
    values = [float(weighted_mmd2(*draws(12, 12, seed=s))) for s in range(400)]
    biased = [float(weighted_mmd2(*draws(12, 12, seed=s), unbiased=False)) for s in range(100)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 20
    assert min(values) < 0 < min(biased)


def test_the_joint_value_is_that_of_the_product_of_kernels():
    (X, Y), (P, Q) = draws(15, 12, shift=0.4), draws(15, 12, shift=0.2, d=3, seed=1)
    ladders = [fixed_kernel(1.3, X, Y), fixed_kernel(0.7, P, Q)]
    value = joint_mmd2([(X, Y), (P, Q)], None, ladders, unbiased=False)
    # A Gaussian kernel on (x/1.3, p/0.7) is the product of the two.
    both = [torch.cat([x / 1.3, p / 0.7], dim=1) for x, p in ((X, P), (Y, Q))]
    assert torch.allclose(value, mmd2(*both, bandwidth=1.0, unbiased=False), rtol=1e-8)


def test_the_joint_sees_what_both_marginals_miss():
    # Features and predictions have the same marginals, but go together differently.
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(2, 300, 1))
    one = torch.tensor(np.sign(z) + 0.1 * rng.normal(size=z.shape)), torch.tensor(np.sign(z))
    two = torch.tensor(np.sign(t) + 0.1 * rng.normal(size=t.shape)), torch.tensor(-np.sign(t))
    marginals = [float(weighted_mmd2(one[i], two[i])) for i in (0, 1)]
    assert float(joint_mmd2([(one[0], two[0]), (one[1], two[1])])) > 20 * max(map(abs, marginals))


def test_the_bandwidth_is_a_constant_for_the_gradient():
    X, Y = draws(shift=0.5)
    X.requires_grad_()
    weighted_mmd2(X, Y, None, (1.0,)).backward()
    sigma = median_bandwidth(X, Y)
    U = X.detach().clone().requires_grad_()
    mmd2(U, Y, bandwidth=sigma).backward()
    assert torch.allclose(X.grad, U.grad, rtol=2e-2, atol=1e-9)  # 2,415 pairs: middle of two
    constant = torch.full((6, 4), 2.0, requires_grad=True)
    weighted_mmd2(constant, torch.full((5, 4), 2.0)).backward()
    assert torch.isfinite(constant.grad).all()


# -- the terms -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "term",
    [
        MMD(),
        MMD(layers=("features", "logits"), unbiased=False),
        MMD(class_weights=[0.2, 1.0, 1.8]),
        JMMD(),
        JMMD(class_weights=[0.2, 1.0, 1.8]),
        DeepCORAL(),
        Entropy(),
        InformationMaximization(),
    ],
    ids=lambda t: f"{t.name}-{len(getattr(t, 'layers', ()))}",
)
def test_gradients_agree_with_finite_differences(term, monkeypatch):
    model = Body().double()  # smooth: a kink of ReLU inside the step would be seen
    (X, Y), y = draws(24, 20, shift=0.5, d=2), torch.arange(24) % 2
    if getattr(term, "class_weights", None) is not None:
        term.class_weights = torch.tensor([0.3, 1.7])

    def value():
        return term(Batch(model, source_x=X, source_y=y, target_x=Y))

    # The bandwidth moves with the data but is no part of what is differentiated: hold it.
    monkeypatch.setattr(kernels, "median_square", lambda squared: squared.new_tensor(0.5))
    free = list(model.parameters())
    found = torch.autograd.grad(value(), free, allow_unused=True)
    steepest = [torch.zeros_like(p) if g is None else g for p, g in zip(free, found, strict=True)]
    length = float(sum(g.square().sum() for g in steepest)) ** 0.5
    numeric = central_difference(value, free, [g / length for g in steepest])
    assert length > 1e-4
    assert numeric == pytest.approx(length, rel=1e-6)


@pytest.mark.parametrize("kind", ALL)
def test_every_weight_of_the_body_gets_a_gradient(kind):
    model = small_net().train()
    kind()(batch_of(model)).backward()
    missed = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    head_only_for_labels = {"head.weight", "head.bias"} if kind in (MMD, DeepCORAL) else set()
    assert set(missed) == head_only_for_labels


@pytest.mark.parametrize("kind", ALIGNING)
def test_terms_are_least_where_the_draws_agree(kind):
    model = small_net()
    equal, different = (kind()(batch_of(model, 24, 24, same=s)).item() for s in (True, False))
    assert equal < different
    if kind is DeepCORAL:
        assert equal == 0


def test_terms_are_the_formulas_on_the_layers():
    model = small_net()
    batch = batch_of(model)
    z, p = ((batch.source_features, batch.target_features), (None, None))
    p = tuple(F.softmax(x, dim=1) for x in (batch.source_logits, batch.target_logits))
    assert torch.equal(MMD()(batch), weighted_mmd2(*z))
    both = weighted_mmd2(*z) + weighted_mmd2(*p)
    assert torch.allclose(MMD(layers=("features", "probabilities"))(batch), both)
    ladder = (0.25, 0.5, 1.0, 2.0, 4.0)
    assert torch.equal(JMMD()(batch), joint_mmd2([z, p], None, [ladder, (1.0,)]))
    assert torch.allclose(DeepCORAL()(batch), coral_distance(*z), rtol=1e-12)
    w = torch.tensor([0.5, 1.0, 1.5])
    weighted = weighted_mmd2(*z, w[batch.source_y])
    assert torch.equal(MMD(class_weights=w)(batch), weighted)
    assert not torch.allclose(weighted, MMD()(batch))
    assert torch.allclose(MMD(class_weights=[2.0, 2.0, 2.0])(batch), MMD()(batch), rtol=1e-9)


class Fixed(nn.Module):
    """Gives its inputs as logits."""

    def __init__(self):
        super().__init__()
        self.head = nn.Identity()

    def features(self, x):
        return x


def entropy_of(kind, logits):
    return float(kind()(Batch(Fixed(), target_x=torch.as_tensor(logits, dtype=torch.float64))))


def test_entropy_and_information_at_their_extremes():
    unsure, sure = torch.zeros(8, 4), 200.0 * torch.eye(4).repeat(2, 1)
    one_class = 200.0 * torch.eye(4)[:1].repeat(8, 1)
    log4 = pytest.approx(np.log(4), abs=1e-12)
    assert entropy_of(Entropy, unsure) == log4
    assert entropy_of(Entropy, sure) == pytest.approx(0, abs=1e-12)
    assert entropy_of(Entropy, one_class) == pytest.approx(0, abs=1e-12)
    assert -entropy_of(InformationMaximization, sure) == log4
    for worthless in (unsure, one_class):
        assert entropy_of(InformationMaximization, worthless) == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(0)
    L = rng.normal(size=(30, 4))
    P = np.exp(L) / np.exp(L).sum(1, keepdims=True)
    mean = P.mean(0)
    information = (P * np.log(P / mean)).sum(1).mean()
    assert entropy_of(InformationMaximization, L) == pytest.approx(-information, rel=1e-10)


@pytest.mark.parametrize("kind", [Entropy, InformationMaximization])
def test_extreme_logits_leave_finite_gradients(kind):
    x = torch.tensor([[1e4, -1e4, 0.0], [1e4, 0.0, -1e4]], requires_grad=True)
    kind()(Batch(Fixed(), target_x=x)).backward()
    assert torch.isfinite(x.grad).all()


def shifted_points(n=200, seed=0):
    """Two classes; the first coordinate tells them apart best and is noise in the target."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    source, target = (rng.normal(size=(n, 2)) * 0.5 + 2 * y[:, None] * [2, 1] for _ in "ab")
    target[:, 0] = 4 * rng.random(n) - 2
    return source.astype(np.float32), target.astype(np.float32), y


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "weight"), [(MMD, 5.0), (JMMD, 1.0), (DeepCORAL, 30.0)])
def test_adapting_beats_source_only(kind, weight):
    source, target, y = shifted_points()
    accuracy, distance = [], []
    for w in (0.0, weight):
        model = Body()
        task = pair_task(source, y, target)
        history = fit(model, task, both(kind(w)), steps=120, lr=2e-2, progress=False)
        accuracy.append(task.score(predictor(model)))
        distance.append(history.columns[kind.__name__][-20:].mean())
    assert accuracy[1] > accuracy[0] + 0.2, accuracy
    assert distance[1] < 0.3 * distance[0], distance


class Body(nn.Module):
    """Two layers for points."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.body, self.head = nn.Linear(2, 8), nn.Linear(8, 2)

    def features(self, x):
        return torch.tanh(self.body(x) / 2)

    def forward(self, x):
        return self.head(self.features(x))


def both(term):
    return Objective(F.cross_entropy, term)


def pair_task(X, y, target):
    target = target.astype(np.float32)
    part = (target, y)
    return Task.from_arrays(
        source=(X, y), target_train=part, target_test=(part[0][::-1], part[1][::-1])
    )


@pytest.mark.parametrize("kind", ALL)
def test_bfloat16_autocast_is_finite_and_near_single_precision(kind):
    model = create("digitnet", n_classes=3, seed=0).eval()
    exact = kind()(batch_of(model))
    with torch.autocast("cpu", torch.bfloat16):
        lower = kind()(batch_of(model))
    assert lower.dtype == torch.float32
    lower.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
    assert abs(lower.item() - exact.item()) < 0.05 * abs(exact.item()) + 0.01


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("kind", ALL)
def test_mixed_precision_on_cuda(kind):
    X = np.random.default_rng(0).random((256, 1, 8, 8)).astype(np.float32)
    y = np.arange(256) % 3
    columns = {}
    for precision in ("float32", "bf16"):
        model = create("digitnet", n_classes=3, seed=0)
        task = pair_task(X, y, X**2)
        options = {"steps": 20, "device": "cuda", "precision": precision}
        columns[precision] = fit(model, task, both(kind(0.3)), **options).columns[kind.__name__]
    assert np.isfinite(columns["bf16"]).all()
    assert np.allclose(columns["bf16"], columns["float32"], rtol=0.1, atol=0.03)


def test_state_dict_carries_the_class_weights():
    term, other = MMD(class_weights=[0.5, 1.0, 1.5]), MMD(class_weights=[1.0, 1.0, 1.0])
    assert not list(term.parameters()) and not MMD().state_dict() and not JMMD().state_dict()
    other.load_state_dict(term.state_dict())
    assert torch.equal(other.class_weights, torch.tensor([0.5, 1.0, 1.5]))
    given = torch.tensor([0.5, 1.0, 1.5])
    mine = MMD(class_weights=given)
    given.zero_()
    assert mine.class_weights.sum() == 3


def test_weights_of_zero_in_a_whole_draw_stay_finite():
    model = small_net()
    batch = batch_of(model)
    batch.source_y = torch.zeros(24, dtype=torch.int64)
    value = MMD(class_weights=[0.0, 1.0, 1.0])(batch)
    value.backward()
    assert torch.isfinite(value)
    assert all(torch.isfinite(p.grad).all() for p in model.body.parameters())


def test_ramps_reach_the_history_as_values_not_as_products():
    rng = np.random.default_rng(0)
    X = rng.random((80, 1, 8, 8)).astype(np.float32)
    task = pair_task(X, np.arange(80) % 3, X**2)
    history = fit(create("digitnet", n_classes=3), task, both(MMD(Ramp(3.0))), steps=3)
    frame = history.frame
    assert frame["loss"][0] == pytest.approx(frame["L_S"][0])  # the ramp starts at 0
    end = frame["L_S"][2] + Ramp(3.0)(1.0) * frame["MMD"][2]
    assert frame["loss"][2] == pytest.approx(end, rel=1e-5)


def test_mistakes_are_named():
    model = small_net()
    for kind in (MMD, JMMD):
        with pytest.raises(ValueError, match="layers"):
            kind(layers="features")
        with pytest.raises(ValueError, match="layers"):
            kind(layers=("pixels",))
        for bad in ([], [0.0], [-1.0], [np.nan], "median"):
            with pytest.raises(ValueError, match="bandwidths"):
                kind(bandwidths=bad)
        for bad in ([[1.0]], [-1.0, 1, 1], [0.0, 0, 0], [np.nan, 1, 1]):
            with pytest.raises(ValueError, match="class_weights"):
                kind(class_weights=bad)
        with pytest.raises(ValueError, match=r"class_weights: got 2 weights, want 3"):
            kind(class_weights=[1.0, 1.0])(batch_of(model))
    for kind in ALIGNING:
        with pytest.raises(ValueError, match=r"got 1 and 20 rows"):
            kind()(batch_of(model, n=1))
    for kind in ALL:
        with pytest.raises(ValueError, match="weight"):
            kind(np.nan)
        with pytest.raises(ValueError, match="lacks target"):
            fit(create("digitnet", n_classes=3), (np.zeros((9, 1, 8, 8)), np.arange(9) % 3), kind())
