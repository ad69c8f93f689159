"""AdaBN, mean teacher, self-training and the reweighted MMD: moments, averages, choices, stages."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.alignment import (
    MMD,
    MeanTeacher,
    adabn,
    class_mix,
    confident_rows,
    probabilities,
    reweighted_mmd,
    self_train,
)
from tlbook.augmentation import photometric
from tlbook.domains import Task
from tlbook.instances.label_shift import bbse_prior, em_prior
from tlbook.models import create
from tlbook.objective import Batch, Objective
from tlbook.training import fit, predict, predictor


def digits(n=90, seed=0, shift=0, mix=None):
    """Three classes of stripes; ``shift`` moves them down, ``mix`` are their shares."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3 if mix is None else rng.choice(3, size=n, p=mix)
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.5
    for c in range(3):
        X[y == c, :, 2 * c + shift : 2 * c + 2 + shift] += 0.5
    return X, y


def stripes_task(shift=1, mix=None):
    return Task.from_arrays(
        source=digits(150),
        target_train=digits(150, 1, shift, mix),
        target_test=digits(150, 2, shift, mix),
    )


def trained(task, steps=40, seed=0, **options):
    model = create("digitnet", n_classes=3, seed=seed)
    fit(model, task, steps=steps, progress=False, **options)
    return model


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def same(model, before):
    return all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


# -- AdaBN -----------------------------------------------------------------------------------------


def test_adabn_has_the_exact_moments_of_all_rows_whatever_the_blocks():
    task = stripes_task()
    model = trained(task, steps=10)
    before, X = state(model), task.target.X
    adapted = adabn(model, X, batch_size=7)
    assert same(model, before) and not adapted.training
    first, second = adapted.body[0], adapted.body[3]
    with torch.no_grad():
        a = first(torch.tensor(X))
        bn = adapted.body[1]
        assert torch.allclose(bn.running_mean, a.mean(dim=(0, 2, 3)), atol=1e-6)
        assert torch.allclose(bn.running_var, a.var(dim=(0, 2, 3)), rtol=1e-5)
        b = second(torch.relu(bn(a)))  # what the second sees: the first with its new moments
        bn = adapted.body[4]
        assert torch.allclose(bn.running_mean, b.mean(dim=(0, 2, 3)), atol=1e-5)
        assert torch.allclose(bn.running_var, b.var(dim=(0, 2, 3)), rtol=1e-5)
    other = adabn(model, torch.tensor(X), batch_size=1000)
    assert all(
        torch.allclose(v, other.state_dict()[k], rtol=1e-5) for k, v in adapted.state_dict().items()
    )
    weights = dict(model.named_parameters())
    assert all(torch.equal(p, weights[k]) for k, p in adapted.named_parameters())


def test_adabn_changes_nothing_where_the_moments_are_known_already():
    X = digits()[0]
    once = adabn(create("digitnet", n_classes=3), X)
    again = adabn(once, X)
    for k, v in once.state_dict().items():
        assert torch.allclose(v, again.state_dict()[k], rtol=1e-6, atol=1e-7), k


@pytest.mark.slow
def test_adabn_cures_a_change_of_contrast():
    X, y = digits(300)
    dim = (X * 0.1).astype(np.float32)
    model = trained((X, y), steps=80)
    before, after = (np.mean(predict(m, dim) == y) for m in (model, adabn(model, dim)))
    assert after > 0.95 and after > before + 0.2, (before, after)


def test_adabn_in_one_dimension_and_without_batchnorm():
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    adapted = adabn(net, X, batch_size=8)
    z = net[0](torch.tensor(X))
    assert torch.allclose(adapted[1].running_var, z.var(dim=0), rtol=1e-5)
    for wrong in (
        nn.Linear(4, 2),
        nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2, track_running_stats=False)),
    ):
        with pytest.raises(ValueError, match="BatchNorm"):
            adabn(wrong, X)
    for bad in (X[:0], X[:1], np.full_like(X, np.nan), torch.tensor(X[:1])):
        with pytest.raises(ValueError, match="X:"):
            adabn(net, bad)
    with pytest.raises(ValueError, match="batch_size"):
        adabn(net, X, batch_size=0)


# -- mean teacher ----------------------------------------------------------------------------------


def test_the_teacher_is_the_exponential_average_in_closed_form():
    model = create("digitnet", n_classes=3)
    term, decay = MeanTeacher(decay=0.6), 0.6
    path = []
    for step in range(6):
        with torch.no_grad():
            for p in model.parameters():
                p.add_(0.1 * (step + 1))
        path.append(model.head.weight.detach().clone())
        term.update(model, step)
    # decay 0, 1/2, 0.6, …: the first two are averaged, then 0.6 to the power of the age.
    want = (path[0] + path[1]) / 2 * decay**4
    for age, value in enumerate(reversed(path[2:])):
        want = want + (1 - decay) * decay**age * value
    assert torch.allclose(term.average()["head.weight"], want, rtol=1e-5)
    assert torch.equal(term.teacher_of(model).head.weight, term.average()["head.weight"])


def test_decay_zero_is_the_student_and_decay_one_the_mean_of_all_steps():
    for decay in (0.0, 1.0):
        model, term, path = create("digitnet", n_classes=3), MeanTeacher(decay=decay), []
        for step in range(5):
            with torch.no_grad():
                model.head.bias.add_(step)
            path.append(model.head.bias.detach().clone())
            term.update(model, step)
        want = path[-1] if decay == 0 else torch.stack(path).mean(dim=0)
        assert torch.allclose(term.average()["head.bias"], want, atol=1e-6)


def test_forward_is_the_formula_and_only_the_student_gets_a_gradient():
    model = create("digitnet", n_classes=3).train()
    x = torch.tensor(digits(12)[0])
    term = MeanTeacher(noise=0.0)
    with torch.no_grad():
        model.head.weight.mul_(8)
    term.update(model, 0)
    with torch.no_grad():
        model.head.weight.mul_(0.5)
    copied, teacher = copy.deepcopy(model), copy.deepcopy(model)
    with torch.no_grad():
        teacher.head.weight.mul_(1.5)  # step 1: the mean of the two
        q, p = (F.softmax(m.train()(x), dim=1) for m in (teacher, copied))
        term.confidence = q.max(dim=1).values.median().item()
        sure = q.max(dim=1).values >= term.confidence
        want = (((p - q) ** 2).sum(dim=1) * sure).mean()
    value = term(Batch(model, target_x=x, step=1))
    assert 0 < sure.sum() < 12 and torch.allclose(value, want, rtol=1e-3)
    value.backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    assert not list(term.parameters()) and not any(v.requires_grad for v in term.average().values())
    assert copied.body[1].running_mean.isfinite().all()


def test_the_students_statistics_are_not_the_teachers():
    model = create("digitnet", n_classes=3).train()
    term = MeanTeacher(noise=0.0)
    term.update(model, 0)
    dark = torch.zeros(8, 1, 8, 8)
    before = model.body[1].running_mean.clone()
    term(Batch(model, target_x=dark + 5, step=1))
    mine, its = model.body[1].running_mean, term.average()["body.1.running_mean"]
    assert not torch.equal(mine, before) and torch.allclose(mine, its)  # each moved once
    model(dark)
    assert not torch.allclose(model.body[1].running_mean, its)


def test_the_disturbance_depends_on_the_step_and_the_seed_alone():
    model, x = create("digitnet", n_classes=3), torch.tensor(digits(12)[0])

    def value(step, **options):
        term = MeanTeacher(**options)
        term.update(model, 0)
        return term(Batch(model, target_x=x, step=step)).item()

    assert value(3) == value(3) and value(3) != value(4) and value(3) != value(3, seed=1)
    assert value(3, noise=0.0) < value(3)
    assert value(3, augment=photometric()) != value(3)
    assert value(3, confidence=1.0) == 0


def test_the_teacher_travels_in_the_state_dict():
    task = stripes_task()
    term = MeanTeacher(0.5)
    model = create("digitnet", n_classes=3)
    fit(model, task, Objective(F.cross_entropy, term), steps=5, progress=False)
    fresh = MeanTeacher(0.5)
    fresh.load_state_dict(copy.deepcopy(term.state_dict()))
    assert set(fresh.average()) == set(model.state_dict())
    for name, value in term.average().items():
        assert torch.equal(fresh.average()[name], value)
    whole = Objective(F.cross_entropy, MeanTeacher(0.5))
    whole.load_state_dict(Objective(F.cross_entropy, term).state_dict())
    batch = Batch(model.train(), target_x=torch.tensor(task.target.X[:16]), step=5)
    again = Batch(copy.deepcopy(model), target_x=batch.target_x, step=5)
    assert term(batch).item() == fresh(again).item()


@pytest.mark.slow
def test_the_teacher_adapts_at_least_as_well_as_source_only():
    task = stripes_task()
    term, model = MeanTeacher(10.0, noise=0.2), create("digitnet", n_classes=3)
    history = fit(model, task, Objective(F.cross_entropy, term), steps=60, progress=False)
    assert np.isfinite(history.columns["MeanTeacher"]).all()
    X, y = digits(150)
    assert np.mean(predict(term.teacher_of(model), X) == y) > 0.95


def test_mistakes_of_the_mean_teacher_are_named():
    for name, bad in {"decay": 1.5, "confidence": -0.1, "noise": -1.0, "seed": 0.5}.items():
        with pytest.raises(ValueError, match=name):
            MeanTeacher(**{name: bad})
    with pytest.raises(ValueError, match="no teacher yet"):
        MeanTeacher().teacher_of(create("digitnet", n_classes=3))
    term = MeanTeacher()
    term.update(create("digitnet", n_classes=3), 0)
    with pytest.raises(ValueError, match="another network"):
        term.teacher_of(create("signnet", n_classes=3))
    with pytest.raises(ValueError, match="target_x"):
        MeanTeacher()(Batch(create("digitnet", n_classes=3)))


# -- self-training ---------------------------------------------------------------------------------


def test_the_share_is_taken_within_each_predicted_class():
    rng = np.random.default_rng(0)
    P = rng.dirichlet([0.3, 0.3, 0.3], size=200)
    P[:100, 0] += 3  # class 0 is easy: sure of it everywhere
    P /= P.sum(axis=1, keepdims=True)
    answers, sure = P.argmax(axis=1), P.max(axis=1)
    rows = confident_rows(P, 0.3)
    for c in range(3):
        group = np.flatnonzero(answers == c)
        taken = rows[answers[rows] == c]
        assert len(taken) == np.ceil(0.3 * len(group))
        assert sure[taken].min() >= sure[np.setdiff1d(group, taken)].max()
    greedy = confident_rows(P, 0.3, balanced=False)
    assert len(greedy) == 60 and sure[greedy].min() >= np.sort(sure)[-60]
    assert np.mean(answers[greedy] == 0) != np.mean(answers[rows] == 0)
    assert len(confident_rows(P, 1.0)) == 200 and len(confident_rows(P, 0.0)) == 0
    assert (sure[confident_rows(P, 1.0, min_confidence=0.8)] >= 0.8).all()
    for bad in (P[0], np.full((3, 2), np.nan)):
        with pytest.raises(ValueError, match="P"):
            confident_rows(bad, 0.5)
    with pytest.raises(ValueError, match="share"):
        confident_rows(P, 1.5)


@pytest.mark.slow
def test_self_training_beats_source_only_and_leaves_the_model():
    task = stripes_task()
    model = trained(task, steps=40)
    before = state(model)
    taught = self_train(model, task, rounds=3, steps=30, progress=False)
    assert same(model, before) and task.looks == 0
    source_only = task.score(predictor(model))
    assert task.score(taught) > source_only + 0.1, source_only
    assert [r.fraction for r in taught.rounds] == pytest.approx([0.3, 0.6, 0.9])
    for r in taught.rounds:
        assert r.counts.sum() > 0 and r.history.steps == 30
        assert "TargetLoss" in r.history.columns
    again = self_train(model, task, rounds=3, steps=30, progress=False)
    assert same(again.model, taught.model.state_dict())
    assert same(trained(task, steps=40), before)


def test_nothing_confident_enough_is_source_training():
    task = stripes_task()
    model = trained(task, steps=5)
    taught = self_train(model, task, rounds=1, steps=5, min_confidence=1.0, progress=False)
    assert taught.rounds[0].counts.tolist() == [0, 0, 0]
    plain = copy.deepcopy(model)
    fit(plain, task, steps=5, progress=False)
    assert same(taught.model, plain.state_dict())


def test_a_term_goes_on_during_self_training():
    task = stripes_task()
    model, term = trained(task, steps=10), MMD(1.0)
    taught = self_train(model, task, rounds=2, steps=5, terms=[term], progress=False)
    assert all("MMD" in r.history.columns for r in taught.rounds)


def test_mistakes_of_self_training_are_named():
    task, model = stripes_task(), create("digitnet", n_classes=3)
    bad = {"rounds": 0, "first": 0.0, "last": 1.2, "min_confidence": 2.0}
    for name, value in bad.items():
        with pytest.raises(ValueError, match=name):
            self_train(model, task, steps=1, **{name: value})
    with pytest.raises(ValueError, match="task"):
        self_train(model, digits())
    with pytest.raises(ValueError, match="labeled"):
        self_train(model, task, labeled=digits())


# -- class mix and reweighting ---------------------------------------------------------------------


def test_the_class_mix_is_that_of_the_estimators_and_sees_the_shift():
    mix = [0.7, 0.2, 0.1]
    task = stripes_task(shift=0, mix=mix)
    model = trained(task, steps=60)
    held, target = (probabilities(model, X) for X in (task.validation.X, task.target.X))
    y = task.validation.y
    bbse = class_mix(model, task)
    want = bbse_prior(y, held.argmax(1), target.argmax(1), np.arange(3))
    assert np.array_equal(bbse.prior, want.prior)
    em = class_mix(model, task, "em")
    assert np.array_equal(em.prior, em_prior(target, np.bincount(y) / len(y)).prior)
    for found in (bbse, em):
        assert np.abs(found.prior - mix).max() < 0.1 and task.looks == 0


@pytest.mark.slow
def test_reweighted_mmd_trains_with_the_estimate_of_the_stage_before():
    task, start = stripes_task(mix=[0.7, 0.2, 0.1]), create("digitnet", n_classes=3)
    before = state(start)
    options = {"steps": 15, "seed": 3, "progress": False}
    found = reweighted_mmd(start, task, weight=2.0, estimates=2, **options)
    assert same(start, before) and len(found.histories) == 3 and len(found.estimates) == 2
    assert "MMD" not in found.histories[0].columns and "MMD" in found.histories[1].columns
    by_hand = copy.deepcopy(start)
    term = MMD(2.0, class_weights=found.estimates[-1].class_weights)
    fit(by_hand, task, Objective(F.cross_entropy, term), **options)
    assert same(found.model, by_hand.state_dict())
    first = trained(task, steps=15, seed=0)
    assert found.estimates[0].prior.sum() == pytest.approx(1) and first is not None


@pytest.mark.slow
def test_weighting_the_source_beats_the_plain_mmd_under_label_shift():
    # The stripes are one row lower; seven of ten target rows are of class 0.
    task, start = stripes_task(mix=[0.8, 0.1, 0.1]), create("digitnet", n_classes=3, seed=1)
    plain = copy.deepcopy(start)
    options = {"steps": 60, "progress": False}
    fit(plain, task, Objective(F.cross_entropy, MMD(5.0)), **options)
    true = MMD(5.0, class_weights=np.array([0.8, 0.1, 0.1]) * 3)
    weighted = copy.deepcopy(start)
    fit(weighted, task, Objective(F.cross_entropy, true), **options)
    accuracies = [task.score(predictor(m)) for m in (plain, weighted)]
    assert accuracies[1] > accuracies[0] + 0.1, accuracies


def test_mistakes_of_reweighting_are_named():
    task, start = stripes_task(), create("digitnet", n_classes=3)
    with pytest.raises(ValueError, match="method"):
        reweighted_mmd(start, task, method="guess")
    with pytest.raises(ValueError, match="method"):
        class_mix(start, task, "guess")
    with pytest.raises(ValueError, match="estimates"):
        reweighted_mmd(start, task, estimates=0)
    with pytest.raises(ValueError, match="task"):
        class_mix(start, digits())
