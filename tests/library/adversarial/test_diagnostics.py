"""Diagnostics against known answers, and the patient's symptoms one by one."""

import math

import numpy as np
import pytest
import torch
from sklearn.utils import check_random_state
from torch import nn

from tlbook import adversarial as A
from tlbook.course.ch10_adversarial.broken import CURES, Patient
from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Objective
from tlbook.training import History, fit


class Plane(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 4)
        self.head = nn.Linear(4, 2)

    def features(self, x):
        return torch.tanh(self.body(x))

    def forward(self, x):
        return self.head(self.features(x))


# -- verdicts -------------------------------------------------------------------------------------


def test_a_diagnosis_of_known_logits():
    sure = A.diagnosis([5.0, 5.0, -5.0, 5.0], [-5.0, 5.0])
    assert sure.accuracy == pytest.approx((3 / 4 + 1 / 2) / 2)
    p = 1 / (1 + math.exp(-5))
    loss = -(0.75 * math.log(p) + 0.25 * math.log(1 - p)) / 2 - math.log(p * (1 - p)) / 4
    assert sure.loss == pytest.approx(loss)
    nothing = A.diagnosis(np.zeros(5), np.zeros(50))
    assert nothing.accuracy == 0.5 and nothing.loss == pytest.approx(math.log(2))
    assert nothing.calibration < 1e-12 and nothing.share.sum() == pytest.approx(1)
    assert "accuracy 0.50" in repr(nothing)
    huge = A.diagnosis([1000.0], torch.tensor([-1000.0]))
    assert huge.accuracy == 1 and huge.loss == 0


def test_calibration_tells_honest_from_boastful():
    rng = np.random.default_rng(0)
    s, t = rng.normal(0.5, 1, 20_000), rng.normal(-0.5, 1, 20_000)
    honest = A.diagnosis(s, t)  # the log ratio of the two densities is x itself
    boastful = A.diagnosis(4 * s, 4 * t)
    assert honest.calibration < 0.02 < 0.15 < boastful.calibration
    assert honest.accuracy == boastful.accuracy and honest.loss < boastful.loss


def test_bad_logits_are_refused():
    for bad in ([], [[1.0]], [np.nan]):
        with pytest.raises(ValueError, match="source_logits"):
            A.diagnosis(bad, [1.0])
    with pytest.raises(ValueError, match="bins"):
        A.diagnosis([1.0], [1.0], bins=0)
    with pytest.raises(ValueError, match="term"):
        A.diagnosis_of(nn.Linear(1, 1), Plane(), np.zeros((2, 2)), np.zeros((2, 2)))


def blobs(shift, n=400, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(2 * n, 2)).astype(np.float32), np.arange(n) % 2
    moved = X[n:] + np.float32(shift)
    return Task.from_arrays(
        source=(X[:n], y), target_train=(moved, y), target_test=(moved[::-1], y[::-1])
    )


def test_the_discriminator_of_a_run_is_diagnosed_on_rows_it_has_not_seen():
    model = seeded(Plane, 0).requires_grad_(False)
    term = A.DANN(n_features=4, hidden=32)
    fit(model, blobs(1.5), term, steps=200, lr=1e-2, progress=False)
    rng = np.random.default_rng(9)
    X = rng.normal(size=(500, 2)).astype(np.float32)
    term.train()
    apart = A.diagnosis_of(term, model, X, rng.normal(size=(300, 2)).astype(np.float32) + 1.5)
    # Two unit Gaussians 1.5 · √2 apart: the best accuracy is Φ(1.06) = 0.856.
    assert apart.accuracy == pytest.approx(0.856, abs=0.04) and apart.calibration < 0.1
    same = A.diagnosis_of(term, model, X, rng.normal(size=(500, 2)).astype(np.float32))
    assert abs(same.accuracy - 0.5) < 0.06
    assert term.training


def test_a_fresh_discriminator_sees_what_is_there_and_nothing_else():
    model = seeded(Plane, 1)
    rng = np.random.default_rng(2)
    X, Y = (rng.normal(size=(400, 2)).astype(np.float32) for _ in range(2))
    assert A.fresh_accuracy(model, X, Y) == pytest.approx(0.5, abs=0.06)
    assert A.fresh_accuracy(model, X, Y + np.float32(1.5)) > 0.75
    assert A.features_of(model, X).shape == (400, 4)


def test_a_fresh_discriminator_leaves_the_global_random_state_alone():
    X, Y = np.random.default_rng(0).normal(size=(2, 60, 2)).astype(np.float32)
    shared = check_random_state(None)
    before = shared.get_state()
    once, again = (A.fresh_accuracy(seeded(Plane, 0), X, Y, seed=3) for _ in range(2))
    assert once == again and np.array_equal(shared.get_state()[1], before[1])
    assert shared.get_state()[2] == before[2]


# -- gradient flow --------------------------------------------------------------------------------


def test_gradient_flow_names_who_gets_nothing():
    model, other = seeded(Plane, 0), seeded(Plane, 1)
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    loss = model.features(x).square().mean()
    flow = A.gradient_flow(loss, model=model, other=other)
    reached = flow[flow.reached]
    assert set(reached.module + "." + reached.parameter) == {"model.body.weight", "model.body.bias"}
    loss.backward()  # the graph is still there
    for name, p in model.body.named_parameters():
        row = flow[(flow.module == "model") & (flow.parameter == f"body.{name}")]
        assert row.gradient.item() == pytest.approx(p.grad.norm().item(), rel=1e-6)
    assert all(p.grad is None for p in other.parameters())
    model.body.bias.requires_grad_(False)
    frozen = A.gradient_flow(model.features(x).mean(), model=model)
    assert not frozen.set_index("parameter").reached["body.bias"]
    with pytest.raises(ValueError, match="scalar"):
        A.gradient_flow(model.features(x), model=model)
    with pytest.raises(ValueError, match="without a graph"):
        A.gradient_flow(torch.zeros(()), model=model)
    with pytest.raises(ValueError, match="modules"):
        A.gradient_flow(model(x).mean())


# -- collapse -------------------------------------------------------------------------------------


def test_collapse_is_seen():
    rng = np.random.default_rng(0)
    y = np.arange(3000) % 3
    healthy = A.collapse(rng.normal(size=(3000, 6)), y)
    assert healthy.rank == pytest.approx(6, abs=0.1) and healthy.largest == pytest.approx(1 / 3)
    assert healthy.dead == 0 and healthy.spread == pytest.approx(1, abs=0.02)
    line = A.collapse(np.outer(rng.normal(size=3000), np.ones(6)), y)
    assert line.rank == pytest.approx(1, abs=1e-6)
    constant = A.collapse(np.ones((50, 6)), np.zeros(50, int))
    assert (constant.rank, constant.spread, constant.dead, constant.largest) == (1, 0, 1, 1)
    half = rng.normal(size=(200, 6))
    half[:, :3] = 2.0
    assert A.collapse(torch.from_numpy(half), np.zeros(200)).dead == 0.5
    with pytest.raises(ValueError, match="features"):
        A.collapse(np.full((4, 2), np.nan), np.zeros(4))
    with pytest.raises(ValueError, match="answers"):
        A.collapse(np.zeros((4, 2)), np.zeros(3))


def test_domain_confusion_over_a_history():
    columns = {"L_S": np.array([2.0, 1.0]), "DANN": np.log(2) * np.array([1.0, 0.5])}
    frame = A.domain_confusion(History(columns={"loss": np.zeros(2), **columns}), window=1)
    assert np.allclose(frame.confusion, [1, 0.5]) and np.allclose(frame["label loss"], [2, 1])
    smooth = A.domain_confusion(History(columns=columns), window=2)
    assert np.allclose(smooth.confusion, [1, 0.75])
    assert list(A.domain_confusion(History(columns={"DANN": np.ones(2)}))) == ["confusion"]
    with pytest.raises(ValueError, match="CDAN"):
        A.domain_confusion(History(columns=columns), "CDAN")


# -- the patient ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    """Ten classes of bars on 8×8; in the target they are thicker and fainter."""
    rng = np.random.default_rng(0)
    y = np.arange(400) % 10

    def draw(thick, ink):
        X = 0.1 * rng.random((400, 1, 8, 8))
        for c in range(10):
            rows = y == c
            at = c % 5 + 1
            part = slice(at, at + thick)
            if c < 5:
                X[rows, :, part] += ink
            else:
                X[rows, :, :, part] += ink
        return X.astype(np.float32), y

    return Task.from_arrays(
        source=draw(1, 0.9), target_train=draw(2, 0.6), target_test=draw(2, 0.6)
    )


def test_the_logarithm_of_raw_scores_is_nan_at_once(digits):
    ill = Patient().run(digits, epochs=1).record
    assert np.isnan(ill.loss).all() and (ill["critic accuracy"] == 0.5).all()
    cured = Patient(["logits"]).run(digits, epochs=2).record
    assert np.isfinite(cured.loss).all()


@pytest.mark.slow
def test_whole_epoch_turns_overshoot_and_turns_after_each_batch_do_not(digits):
    far = []
    for cures in (CURES[:1], CURES[:2]):
        runs = (Patient(cures, seed=s).run(digits, epochs=4, batch_size=16) for s in range(3))
        far.append([-p.record.gap.min() for p in runs])
    assert np.log10(far[0]).mean() > np.log10(far[1]).mean() + 0.5, far
    turns = Patient(CURES[:1]).run(digits, epochs=2, batch_size=160).record.moved
    assert list(turns) == ["critic", "critic", "extractors", "extractors"] * 2
    turns = Patient(CURES[:2]).run(digits, epochs=1, batch_size=160).record.moved
    assert list(turns) == ["critic", "extractors"] * 2


def test_one_extractor_never_moves_until_it_is_shared(digits):
    ill = Patient(CURES[:2])
    before = [p.clone() for p in ill.source.parameters()]
    ill.run(digits, epochs=2)
    assert all(torch.equal(a, b) for a, b in zip(before, ill.source.parameters(), strict=True))
    x = torch.from_numpy(digits.source.X[:20])
    loss = ill.extractor_loss(x, torch.from_numpy(digits.target.X[:20]), torch.zeros(20).long())
    flow = A.gradient_flow(loss, source=ill.source, target=ill.target)
    assert (
        set(flow[~flow.reached].module) == {"source"}
        and flow[flow.module == "target"].reached.all()
    )
    cured = Patient(CURES[:3])
    before = [p.clone() for p in cured.source.parameters()]
    cured.run(digits, epochs=1)
    assert all(
        not torch.equal(a, b) for a, b in zip(before, cured.source.parameters(), strict=True)
    )


@pytest.mark.slow
def test_without_a_label_loss_the_head_is_as_it_was_born(digits):
    ill = Patient(CURES[:3]).run(digits, epochs=1)
    assert torch.equal(ill.head.weight, Patient().head.weight)
    cured = Patient(CURES[:4])
    cured.run(digits, epochs=25)
    right = cured.model(torch.from_numpy(digits.source.X)).argmax(1).numpy() == digits.source.y
    assert right.mean() > 0.9


def test_the_missing_detach_changes_no_weight(digits):
    ends = []
    for cures in (CURES[:4], CURES):
        patient = Patient(cures).run(digits, epochs=2)
        modules = (patient.target, patient.critic, patient.head)
        ends.append(torch.cat([p.flatten() for m in modules for p in m.parameters()]))
    assert torch.equal(*ends)


def test_mistakes_with_the_patient_are_named(digits):
    with pytest.raises(ValueError, match="cures: got 'prayer'"):
        Patient(["prayer"])
    with pytest.raises(ValueError, match="weight"):
        Patient(weight=-1.0)
    with pytest.raises(ValueError, match="epochs"):
        Patient().run(digits, epochs=0)


def test_flow_of_a_whole_objective(digits):
    from tlbook.models import create
    from tlbook.objective import Batch

    model = create("digitnet", n_classes=10)
    term = A.CDAN()
    batch = Batch(
        model,
        source_x=torch.from_numpy(digits.source.X[:16]),
        source_y=torch.from_numpy(digits.source.y[:16]),
        target_x=torch.from_numpy(digits.target.X[:16]),
        progress=1.0,
    )
    loss, _ = Objective(nn.functional.cross_entropy, term)(batch)
    flow = A.gradient_flow(loss, model=model, term=term)
    assert flow.reached.all() and (flow.gradient > 0).all()
