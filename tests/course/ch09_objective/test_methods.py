"""With and without the source on digits: the learner, its choices, and the stored studies."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from tlbook import data
from tlbook.course.ch09_objective import networks
from tlbook.course.ch09_objective.methods import METHODS, joint, regularized, source_accuracy
from tlbook.course.ch09_objective.networks import (
    REGULARIZERS,
    fine_tune,
    held_out,
    train_jointly,
)
from tlbook.course.ch09_objective.studies import (
    objective_fresh,
    objective_negative,
    objective_regularizers,
    objective_tradeoff,
)
from tlbook.course.ch09_objective.transfer import (
    ARMS,
    Setting,
    candidates,
    choose,
    features,
    loss,
    predict,
    recode,
    solve,
    source_loss,
)
from tlbook.course.ch09_objective.transfer import held_out as held_out_exact
from tlbook.course.results import stored
from tlbook.finetuning import L2SP
from tlbook.models import create
from tlbook.objective import Batch
from tlbook.training import predictor


@pytest.fixture(scope="module")
def task():
    return data.load("fonts-to-handwriting", seed=100, n_source=600)


@pytest.fixture(scope="module")
def labeled(task):
    return task.label(4, seed=100)


# -- the exact learner ----------------------------------------------------------------------------


def test_the_features_are_a_kernel(task):
    X = task.source.X[:40]
    A = features(X)[:, :-1]
    flat = X.reshape(len(X), -1).astype(float)
    kernel = np.exp(-0.05 * ((flat[:, None] - flat[None]) ** 2).sum(-1))
    assert np.abs(A @ A.T - kernel).mean() < 0.05
    assert (features(X)[:, -1] == 1).all()


def test_recoding_exchanges_pairs_and_is_its_own_inverse():
    y = np.arange(10)
    assert recode(y, 0).tolist() == y.tolist()
    assert recode(y, 2).tolist() == [9, 8, 2, 3, 4, 5, 6, 7, 1, 0]
    assert recode(y, 5).tolist() == (9 - y).tolist()
    assert recode(recode(y, 3), 3).tolist() == y.tolist()


def test_the_limits_of_the_setting(task, labeled):
    L_S, L_T = source_loss(task), loss(*labeled)
    alone = solve(L_S, L_T, Setting(np.inf, 1e-3))
    assert solve(L_S, L_T, Setting(1e7, 1e-3)) == pytest.approx(alone, abs=1e-3)
    assert np.mean(predict(alone, labeled[0]) == labeled[1]) > 0.95
    source = solve(L_S, L_T, Setting(0.0, 1e-3))
    assert np.mean(predict(source, task.validation.X) == task.validation.y) > 0.9


def test_a_fully_recoded_source_teaches_the_other_code(task, labeled):
    theta = solve(source_loss(task, 5), loss(*labeled), Setting(0.0, 1e-3))
    assert np.mean(predict(theta, task.validation.X) == 9 - task.validation.y) > 0.9


def test_held_out_rows_are_not_in_the_training(labeled):
    """Labels drawn at random cannot be guessed, unless the held-out rows were trained on."""
    X, y = labeled
    noise = np.random.default_rng(0).permutation(y)
    found = held_out_exact(loss(X, noise), X, noise, [Setting(np.inf, 1e-5)], 0)
    assert found[0][0] < 0.5
    assert found == held_out_exact(loss(X, noise), X, noise, [Setting(np.inf, 1e-5)], 0)


@pytest.mark.slow
def test_the_choice_is_the_best_of_its_candidates(task, labeled):
    L_S = source_loss(task)
    for arm in ARMS:
        setting, (held, square) = choose(arm, L_S, *labeled, 0)
        settings = candidates(arm, L_S.n, 40)
        found = held_out_exact(L_S, *labeled, settings, 0)
        assert setting in settings
        assert held == max(a for a, _ in found)
        assert square == min(s for a, s in found if a == held)
    assert {s.weight for s in candidates("all rows alike", 400, 40)} == {0.1}
    both = set(candidates("source or not by held-out rows", 400, 40))
    assert both == {
        *candidates("λ by held-out rows", 400, 40),
        *candidates("target alone", 400, 40),
    }


def test_a_method_is_the_minimum_at_its_choice(task, labeled):
    for arm in ARMS:
        setting, (held, _) = choose(arm, source_loss(task, 2), *labeled, 100)
        found = METHODS[arm](task, 100, k=4, pairs=2)
        assert (found.setting, found.held_out) == (setting, held)
        theta = solve(source_loss(task, 2), loss(*labeled), setting)
        X = task.validation.X
        assert np.array_equal(found(X), predict(theta, X))
        assert 0 < task.score(found) <= 1


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda X, y: features(X[..., :4]), "64"),
        (lambda X, y: features(np.full((1, 64), np.nan)), "X"),
        (lambda X, y: loss(X, y[:-1]), "y"),
        (lambda X, y: recode(y, 6), "pairs"),
        (lambda X, y: candidates("pooling", 10, 10), "arm"),
        (lambda X, y: held_out_exact(loss(X, y), X[:1], y[:1], [Setting(1, 1)], 0), "1 row"),
        (lambda X, y: held_out(None, X[:1], y[:1], 0), "1 row"),
        (lambda X, y: held_out(None, X, y, 0, folds=1), "folds"),
        (lambda X, y: train_jointly(None, X, y, -1.0, 0), "weight"),
        (lambda X, y: train_jointly(None, X, y, np.nan, 0), "weight"),
        (lambda X, y: fine_tune(None, X, y, "L1", 0.1, 0), "kind"),
        (lambda X, y: fine_tune(None, X, y, "dropout", 1.0, 0), "share"),
        (lambda X, y: fine_tune(None, X, y, "L2-SP", -1.0, 0), "strength"),
    ],
)
def test_bad_input_is_refused(call, word, labeled):
    with pytest.raises(ValueError, match=word):
        call(*labeled)


# -- networks -------------------------------------------------------------------------------------


def test_the_weight_moves_the_network_between_the_domains(task, labeled):
    models = {w: train_jointly(task, *labeled, w, 0, steps=15) for w in (0.0, 1.0, np.inf)}
    X, y = (torch.from_numpy(np.asarray(a)) for a in labeled)
    target = {w: F.cross_entropy(m(X), y).item() for w, m in models.items()}
    source = {w: source_accuracy(predictor(m), task) for w, m in models.items()}
    assert target[np.inf] < target[0.0] and target[1.0] < target[0.0]
    assert source[0.0] > source[np.inf] + 0.1 and source[1.0] > source[np.inf] + 0.1


def test_the_methods_buy_their_labels_and_train_on_them(task, labeled):
    looks = task.looks
    plain = joint(task, 100, k=4, weight=0.0, steps=5)
    assert task.looks == looks
    both = joint(task, 100, k=4, weight=2.0, steps=5)
    assert task.looks == looks + 1
    X = task.target.X
    assert np.array_equal(both(X), predictor(train_jointly(task, *labeled, 2.0, 100, steps=5))(X))
    start = train_jointly(task, None, None, 0.0, 100, steps=5)
    assert np.array_equal(plain(X), predictor(start)(X))
    assert not np.array_equal(plain(X), both(X))


@pytest.mark.slow
def test_a_regularized_network_starts_from_the_source(task, labeled):
    found = regularized(task, 100, k=4, omega="L2-SP", strength=0.1)
    start = train_jointly(task, None, None, 0.0, 100)
    want = predictor(fine_tune(start, *labeled, "L2-SP", 0.1, 100))
    assert np.array_equal(found(task.target.X), want(task.target.X))


@pytest.mark.slow
def test_each_regularizer_does_what_its_name_says(labeled, monkeypatch):
    monkeypatch.setattr(networks, "TUNE_STEPS", 30)
    start = create("digitnet", seed=0).eval()
    before = {k: v.clone() for k, v in start.state_dict().items()}
    moved = {}
    for kind, strength in (("none", 0), ("weight decay", 30), ("L2-SP", 10), ("dropout", 0.5)):
        model = fine_tune(start, *labeled, kind, strength, 0)
        norm = sum(p.square().sum().item() for p in model.parameters())
        distance = L2SP(2.0, start)(Batch(model)).item() if kind != "dropout" else np.nan
        moved[kind] = norm, distance
    again = fine_tune(start, *labeled, "dropout", 0.5, 0)  # the last one once more
    pairs = zip(model.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert all(torch.equal(v, before[k]) for k, v in start.state_dict().items())
    assert moved["weight decay"][0] < 0.5 * moved["none"][0]
    assert moved["L2-SP"][1] < 0.2 * moved["none"][1]
    assert set(moved) == set(REGULARIZERS)


# -- studies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "study",
    [objective_tradeoff, objective_regularizers, objective_negative, objective_fresh],
    ids=lambda s: s.__name__,
)
def test_the_stored_rows_are_the_cases_in_order(study):
    cases = pd.DataFrame(study.study.listed())
    name = study.__name__.split(".")[-1]
    pd.testing.assert_frame_equal(stored.load(name)[list(cases)], cases, check_dtype=False)


def test_the_stored_tables_are_complete():
    seeds = list(range(8))
    one = stored.load("objective_tradeoff")
    runs = len(objective_tradeoff.BUDGETS) * (len(objective_tradeoff.WEIGHTS) + 1) + 1
    assert len(one) == runs * 8 and sorted(one.seed.unique()) == seeds
    two = stored.load("objective_regularizers")
    each = sum(map(len, objective_regularizers.GRID.values()))
    assert len(two) == (each * len(objective_regularizers.BUDGETS) + 1) * 8
    three = stored.load("objective_negative")
    arms = (len(ARMS) - 1) * len(objective_negative.PAIRS) + 1
    assert len(three) == arms * len(objective_negative.BUDGETS) * 8
    fresh = stored.load("objective_fresh")
    assert len(fresh) == 24 * 3 * 3 and not set(fresh.seed) & set(three.seed)


@pytest.mark.slow
def test_a_row_of_the_negative_study_again():
    table = stored.load("objective_negative")
    cases = [c for c in objective_negative.study.listed() if (c["budget"], c["seed"]) == (2, 0)]
    for case in cases[:6]:
        row = objective_negative.trial(**case)
        same = table[(table.budget == 2) & (table.pairs == case["pairs"]) & (table.seed == 0)]
        kept = same[same.arm == case["arm"]].iloc[0]
        assert kept.accuracy == pytest.approx(row["accuracy"], abs=0.01)
