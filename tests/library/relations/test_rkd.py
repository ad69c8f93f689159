"""Relational distillation: invariances, closed forms, gradients, and a student that learns."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.objective import Batch, Objective
from tlbook.relations import RKDAngle, RKDDistance, rkd_angle, rkd_distance
from tlbook.training import fit


def draw(n=6, d=4, seed=0, dtype=torch.float64):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def moved(z, seed=3):
    """Return z turned, scaled and shifted."""
    q, _ = torch.linalg.qr(draw(z.shape[1], z.shape[1], seed))
    return 2.7 * z @ q + draw(1, z.shape[1], seed + 1)


@pytest.mark.parametrize("loss", [rkd_distance, rkd_angle])
def test_zero_for_a_similar_figure_and_unchanged_by_similarities(loss):
    s, t = draw(), draw(d=3, seed=1)
    assert loss(moved(t), t).item() == pytest.approx(0, abs=1e-12)
    assert loss(s, t).item() > 0.01
    assert loss(moved(s), t).item() == pytest.approx(loss(s, t).item())
    assert loss(s, moved(t)).item() == pytest.approx(loss(s, t).item())


@pytest.mark.parametrize("loss", [rkd_distance, rkd_angle])
def test_a_stretch_of_one_axis_is_no_similarity(loss):
    t = draw()
    stretched = t * torch.tensor([4.0, 1.0, 1.0, 1.0], dtype=t.dtype)
    assert loss(stretched, t).item() > 0.01


def test_distance_by_hand():
    s, t = draw(4, 2), draw(4, 5, 1)
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    ds = np.array([float((s[i] - s[j]).norm()) for i, j in pairs])
    dt = np.array([float((t[i] - t[j]).norm()) for i, j in pairs])
    gap = np.abs(ds / ds.mean() - dt / dt.mean())
    want = np.mean(np.where(gap < 1, gap**2 / 2, gap - 0.5))
    assert rkd_distance(s, t).item() == pytest.approx(want)


def test_angle_by_hand():
    s, t = draw(4, 2), draw(4, 5, 1)

    def cosine(z, i, j, k):
        a, b = z[i] - z[j], z[k] - z[j]
        return float(a @ b / (a.norm() * b.norm()))

    triples = [(i, j, k) for i in range(4) for j in range(4) for k in range(4)]
    gaps = [abs(cosine(s, *x) - cosine(t, *x)) for x in triples if len(set(x)) == 3]
    want = np.mean([g * g / 2 if g < 1 else g - 0.5 for g in gaps])
    assert rkd_angle(s, t).item() == pytest.approx(want)


@pytest.mark.parametrize("loss", [rkd_distance, rkd_angle])
def test_gradients_agree_with_finite_differences(loss):
    s, t = draw(5, 3).requires_grad_(), draw(5, 2, 1)
    assert torch.autograd.gradcheck(lambda z: loss(z, t), (s,))


@pytest.mark.parametrize("loss", [rkd_distance, rkd_angle])
def test_equal_rows_give_finite_values_and_gradients(loss):
    s = draw(5, 3)
    s[1] = s[0]
    s.requires_grad_()
    value = loss(s, draw(5, 2, 1))
    value.backward()
    assert math.isfinite(value.item())
    assert torch.isfinite(s.grad).all()
    constant = torch.ones(4, 3, dtype=torch.float64, requires_grad=True)
    loss(constant, draw(4, 2)).backward()
    assert torch.isfinite(constant.grad).all()


class Net(nn.Module):
    def __init__(self, width, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.body = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, width))
        self.head = nn.Linear(width, 2)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


def test_terms_are_the_functions_and_leave_the_teacher_alone():
    student, teacher = Net(3), Net(8, 1)
    before = [p.clone() for p in teacher.parameters()]
    x = draw(12, 5, dtype=torch.float32)
    for term, loss in ((RKDDistance(teacher), rkd_distance), (RKDAngle(teacher), rkd_angle)):
        assert term.needs == ("target",)
        assert list(term.parameters()) == [] and not term.state_dict()
        want = loss(student.features(x), teacher.features(x)).item()
        value = term(Batch(student, target_x=x))
        assert value.item() == pytest.approx(want, rel=1e-5)
        value.backward()
    assert all(p.grad is None for p in teacher.parameters())
    assert all(p.grad is not None for p in student.body.parameters())
    objective = Objective(None, RKDDistance(teacher), RKDAngle(teacher, 2.0))
    history = fit(student, (x, np.zeros(12, int)), Objective(
        None, RKDDistance(teacher, on="source"), RKDAngle(teacher, 2.0, on="source")
    ), steps=150, lr=0.01, device="cpu")  # fmt: skip
    assert history.loss[-1] < 0.2 * history.loss[0]
    assert all(torch.equal(a, b) for a, b in zip(before, teacher.parameters(), strict=True))
    assert repr(objective) == "1 RKDDistance + 2 RKDAngle"


def test_student_of_other_size_learns_the_teachers_figure():
    """After training, the *order* of distances agrees on pictures that it was not trained on."""
    teacher, x = Net(8, 1), draw(300, 5, dtype=torch.float32)
    student = Net(4, 2)
    fit(student, (x[:200], np.zeros(200, int)), Objective(None, RKDDistance(teacher, on="source")),
        steps=200, lr=0.01, device="cpu")  # fmt: skip
    with torch.no_grad():
        new = x[200:]
        far = [F.pdist(net.features(new)).numpy() for net in (student, Net(4, 2), teacher)]
    taught, untaught = np.corrcoef(far[0], far[2])[0, 1], np.corrcoef(far[1], far[2])[0, 1]
    assert taught > 0.9
    assert taught > untaught + 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rkd_distance(draw(1), draw(1)), r"student: got shape \(1, 4\), want \(n, d\)"),
        (lambda: rkd_distance(draw(4), draw(5)), "teacher: got 5 rows, want 4"),
        (lambda: rkd_angle(draw(2), draw(2)), "n of at least 3"),
        (lambda: rkd_angle(draw(3)[None], draw(3)), r"student: got shape \(1, 3, 4\)"),
        (lambda: RKDDistance(nn.Linear(2, 2)), "teacher: got Linear"),
        (lambda: RKDAngle("net"), "teacher: got str"),
        (lambda: RKDAngle(Net(2), on="test"), "on: got 'test'"),
        (lambda: RKDDistance(Net(2), float("nan")), "weight: got nan"),
    ],
)
def test_bad_input_gets_a_clear_message(call, message):
    with pytest.raises(ValueError, match=message):
        call()
