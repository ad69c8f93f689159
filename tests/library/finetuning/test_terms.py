"""L2-SP and distillation: values by hand, gradients by finite differences, limits."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook import finetuning
from tlbook.finetuning import L2SP, Distillation
from tlbook.models import create, seeded
from tlbook.objective import Batch, Objective
from tlbook.training import fit, predict


def digits(n=60, seed=0, shift=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.4
    for c in range(3):
        X[y == c, :, 2 * c : 2 * c + 3, shift:] += 0.5
    return X, y


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def same(model, before):
    return all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def batch_of(model, n=12):
    X, y = digits(n)
    dtype = next(model.parameters()).dtype
    return Batch(model, source_x=torch.tensor(X, dtype=dtype), source_y=torch.tensor(y))


def check_gradient(term, model, seed=0):
    """Compare the gradient along a random direction with central differences, in float64."""
    free = [p for p in [*model.parameters(), *term.parameters()] if p.requires_grad]
    generator = torch.Generator().manual_seed(seed)
    way = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in free]

    def value(step):
        with torch.no_grad():
            for p, d in zip(free, way, strict=True):
                p.add_(d, alpha=step)
            result = float(term(batch_of(model)))
            for p, d in zip(free, way, strict=True):
                p.sub_(d, alpha=step)
        return result

    gradients = torch.autograd.grad(term(batch_of(model)), free, allow_unused=True)
    slope = sum(float((g * d).sum()) for g, d in zip(gradients, way, strict=True) if g is not None)
    numeric = (value(1e-6) - value(-1e-6)) / 2e-6
    assert abs(slope) > 1e-3
    assert abs(slope - numeric) < 1e-6 * max(1, abs(slope))


def moved_digitnet(seed=1):
    """A double-precision network away from its reference, with a head of its own."""
    reference = create("digitnet", n_classes=5, seed=0).double().eval()
    model = finetuning.replace_head(reference, 3, seed=seed).double().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(seed)))
    return model, reference


def test_l2sp_is_the_formula_and_its_gradient_is_right():
    model, reference = moved_digitnet()
    term = L2SP(0.3, reference, head_weight=0.2)
    old = dict(reference.named_parameters())
    near = sum(((p - old[n]) ** 2).sum() for n, p in model.named_parameters() if "head" not in n)
    new = sum((p**2).sum() for p in model.head.parameters())
    expected = 0.5 * 0.3 * near + 0.5 * 0.2 * new
    assert torch.allclose(term(batch_of(model)), expected, rtol=1e-12)
    check_gradient(term, model)
    assert L2SP(2.0, model)(batch_of(model)).item() == 0.0
    ramp = L2SP(lambda progress: progress, reference)
    assert ramp(Batch(model, progress=0.0)).item() == 0.0
    assert torch.allclose(ramp(Batch(model, progress=1.0)), 0.5 * near)


def test_l2sp_counts_both_weights_once():
    model, reference = moved_digitnet()
    term = L2SP(0.3, reference, head_weight=0.2)
    total, parts = Objective(None, term)(batch_of(model))
    assert torch.equal(total, parts["L2SP"]) and torch.equal(total, term(batch_of(model)))
    assert not list(term.parameters()) and not term.state_dict()
    assert repr(Objective(F.cross_entropy, term)) == "L_S + 0.3 L2SP"


class Linear(nn.Module):
    """A linear regression as a model: all of it is shared, the head has no parameters."""

    def __init__(self, w):
        super().__init__()
        self.w, self.head = nn.Parameter(torch.tensor(w, dtype=torch.float32)), nn.Identity()

    def features(self, x):
        return x @ self.w


def test_l2sp_reaches_the_closed_form_of_ridge_around_the_start():
    rng = np.random.default_rng(0)
    X, w0 = rng.normal(size=(50, 4)), rng.normal(size=4)
    y = X @ rng.normal(size=4) + 0.1 * rng.normal(size=50)
    for alpha in (0.5, 5.0):
        best = np.linalg.solve(X.T @ X / 50 + alpha * np.eye(4), X.T @ y / 50 + alpha * w0)
        model = Linear(w0)
        objective = Objective(lambda f, t: 0.5 * F.mse_loss(f, t), L2SP(alpha, Linear(w0)))
        options = {"steps": 200, "batch_size": 50, "lr": 0.02, "optimizer": "sgd"}
        fit(model, (X, y), objective, **options)
        assert np.allclose(model.w.detach(), best, atol=1e-4), alpha


@pytest.mark.slow
def test_a_large_weight_keeps_the_weights_and_head_weight_shrinks_the_head():
    reference = create("digitnet", n_classes=3)
    moved, heads = {}, {}
    for alpha in (0.0, 1.0, 100.0):
        model = copy.deepcopy(reference)
        options = {"steps": 30, "lr": 3e-3, "optimizer": "sgd"}
        term = L2SP(alpha, reference, head_weight=alpha)
        fit(model, digits(), Objective(F.cross_entropy, term), **options)
        moved[alpha] = sum(finetuning.weight_distance(model, reference)[n] for n in ("hidden",))
        heads[alpha] = model.head.weight.norm().item()
    assert moved[100.0] < 0.05 * moved[0.0] and moved[1.0] < moved[0.0]
    assert heads[100.0] < 0.5 * heads[0.0]


def test_l2sp_leaves_frozen_layers_out_and_names_strangers():
    model, reference = moved_digitnet()
    finetuning.freeze(model, but=("head", "hidden"))
    shared, new = L2SP(1.0, reference).split(model)
    assert set(shared) == {"hidden.weight", "hidden.bias"}
    assert set(new) == {"head.weight", "head.bias"}
    with pytest.raises(ValueError, match=r"lacks body\.0\.weight"):
        L2SP(1.0, create("signnet"))(batch_of(model))
    adapted = finetuning.lora(reference, layers=["hidden"])
    with pytest.raises(ValueError, match=r"lacks hidden\.weight"):
        L2SP(1.0, reference)(batch_of(adapted))
    for wrong in (-1.0, np.nan):
        with pytest.raises(ValueError, match="weight"):
            L2SP(wrong, reference)
    with pytest.raises(ValueError, match="head_weight"):
        L2SP(1.0, reference, head_weight=-1.0)
    with pytest.raises(ValueError, match="reference"):
        L2SP(1.0, reference.state_dict())


def test_distillation_is_the_formula_and_its_gradient_is_right():
    student = create("digitnet", n_classes=3, seed=1).double().eval()
    teacher = create("digitnet", n_classes=3, seed=2).double().eval()
    term = Distillation(teacher, temperature=3.0)
    with torch.no_grad():
        x = batch_of(student).source_x
        t, s = (F.softmax(m(x) / 3.0, dim=1).numpy() for m in (teacher, student))
    expected = 9.0 * np.mean(np.sum(t * np.log(t / s), axis=1))
    assert term(batch_of(student)).item() == pytest.approx(expected, rel=1e-10)
    with torch.no_grad():
        student.head.weight.mul_(20)
    check_gradient(term, student)
    own = Distillation(teacher, head=copy.deepcopy(student.head))
    assert len(list(own.parameters())) == 2
    check_gradient(own, student)


def test_distillation_is_zero_for_the_teacher_itself_and_positive_else():
    teacher = create("digitnet", n_classes=3, seed=2).eval()
    term = Distillation(teacher, temperature=2.0)
    assert abs(term(batch_of(teacher)).item()) < 1e-7
    assert term(batch_of(create("digitnet", n_classes=3, seed=1).eval())).item() > 1e-5


def test_at_high_temperature_it_matches_centered_logits():
    generator = torch.Generator().manual_seed(0)
    t, s = torch.randn(2, 7, 4, generator=generator, dtype=torch.float64)
    gap = (t - t.mean(1, keepdim=True)) - (s - s.mean(1, keepdim=True))
    limit = 0.5 * gap.square().mean(1).mean()
    assert torch.allclose(finetuning.soft_divergence(t, s, 1e4), limit, rtol=1e-3)


def test_the_teacher_never_moves_and_is_nobodys_parameter():
    teacher = create("digitnet", n_classes=3, seed=2).train()
    before = state(teacher)
    term = Distillation(teacher)
    assert not list(term.parameters()) and not term.state_dict()
    student = create("digitnet", n_classes=3, seed=1)
    fit(student, digits(), Objective(F.cross_entropy, term), steps=10, lr=1e-2)
    term.train()
    term(batch_of(student))
    assert same(term.teacher, before) and same(teacher, before) and teacher.training
    assert all(p.grad is None and not p.requires_grad for p in term.teacher.parameters())
    assert next(term.double().teacher.parameters()).dtype == torch.float64
    assert next(teacher.parameters()).dtype == torch.float32


@pytest.mark.slow
def test_a_student_learns_its_teacher_without_a_label():
    X, y = digits(120)
    teacher = create("digitnet", n_classes=3, seed=2)
    fit(teacher, (X, y), steps=60, lr=1e-2)
    student = create("digitnet", n_classes=3, seed=1)
    fresh = digits(90, seed=9)[0]
    fit(student, (X, np.zeros(len(X), int)), Distillation(teacher, temperature=4.0), steps=60)
    assert np.mean(predict(student, fresh) == predict(teacher, fresh)) > 0.9


@pytest.mark.slow
def test_learning_without_forgetting_forgets_less():
    X, y = digits(120)
    old = create("digitnet", n_classes=3, seed=0)
    fit(old, (X, y), steps=60, lr=1e-2)
    new = digits(120, seed=5, shift=4)
    lost = {}
    for weight in (0.0, 5.0):
        model = finetuning.replace_head(old, 3, seed=1)
        keep = Distillation(old, weight, head=copy.deepcopy(old.head))
        fit(model, (new[0], (new[1] + 1) % 3), Objective(F.cross_entropy, keep), steps=40, lr=3e-3)
        lost[weight] = finetuning.feature_drift(model, old, X)
    assert lost[5.0] < 0.8 * lost[0.0]


def test_mistakes_of_distillation_are_named():
    teacher = create("digitnet", n_classes=5)
    with pytest.raises(ValueError, match=r"want \(12, 5\)"):
        Distillation(teacher)(batch_of(create("digitnet", n_classes=3)))
    with pytest.raises(ValueError, match="teacher"):
        Distillation(lambda x: x)
    with pytest.raises(ValueError, match="temperature"):
        Distillation(teacher, temperature=0.0)
    with pytest.raises(ValueError, match="on"):
        Distillation(teacher, on="test")
    with pytest.raises(ValueError, match="lacks target"):
        fit(
            seeded(lambda: create("digitnet", n_classes=5), 0),
            digits(),
            Distillation(teacher, on="target"),
        )
