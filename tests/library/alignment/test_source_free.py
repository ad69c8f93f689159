"""SHOT and TENT: what is trained and what is not, by hand and on small tasks."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from tlbook.alignment import centroid_labels, normalization_parameters, shot, tent
from tlbook.models import create, wrap
from tlbook.training import fit, predict

QUIET = {"device": "cpu", "progress": False}


def digits(n=90, seed=0, shift=0):
    """Three classes of stripes; ``shift`` moves them down."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.5
    for c in range(3):
        X[y == c, :, 2 * c + shift : 2 * c + 2 + shift] += 0.5
    return X, y


@pytest.fixture(scope="module")
def trained():
    model = create("digitnet", n_classes=3)
    fit(model, digits(150), steps=40, **QUIET)
    return model


def state(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def changed(model, before):
    return {key for key, value in model.state_dict().items() if not torch.equal(value, before[key])}


# -- the labels of SHOT ----------------------------------------------------------------------------


def test_centroid_labels_by_hand():
    Z = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]])
    P = np.array([[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]])
    first = np.array([[0.8 * 2 + 0.5, 0.5 + 0.1 * 3], [0.2 * 2 + 0.5, 0.5 + 0.9 * 3]])
    first /= np.array([[1.4], [1.6]])
    unit = Z / np.linalg.norm(Z, axis=1, keepdims=True)
    cosine = unit @ (first / np.linalg.norm(first, axis=1, keepdims=True)).T
    assert cosine.argmax(axis=1).tolist() == [0, 0, 1]
    # The second pass has centers (1.5, 0.5) and (0, 3): the row (1, 1) stays with the first.
    assert centroid_labels(Z, P).tolist() == [0, 0, 1]


def test_a_class_without_rows_keeps_its_center_and_lengths_do_not_matter():
    Z = np.array([[1.0, 0.1], [1.0, -0.1], [0.1, 1.0]])
    P = np.array([[0.6, 0.0, 0.4], [0.6, 0.0, 0.4], [0.1, 0.0, 0.9]])
    got = centroid_labels(Z, P)
    assert got.tolist() == [0, 0, 2]  # nothing for the class of probability 0
    assert centroid_labels(Z * [[5], [0.01], [100]], P).tolist() == got.tolist()
    assert centroid_labels(np.zeros((2, 3)), np.eye(2)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("Z", "P", "words"),
    [
        (np.zeros(3), np.eye(3), "Z: "),
        (np.zeros((3, 2)), np.eye(2), "P: got 2 rows"),
        (np.zeros((2, 2)), -np.eye(2), "P: got values below 0"),
        (np.full((2, 2), np.nan), np.eye(2), "Z: "),
    ],
)
def test_centroid_labels_refuse(Z, P, words):
    with pytest.raises(ValueError, match=words):
        centroid_labels(Z, P)


# -- SHOT ------------------------------------------------------------------------------------------


def test_shot_trains_the_features_and_leaves_head_and_original_alone(trained):
    before, X = state(trained), digits(120, 1, 1)[0]
    adapted = shot(trained, X, rounds=2, steps=5, **QUIET)
    assert not changed(trained, before) and not adapted.model.training
    moved = changed(adapted.model, before)
    assert not {key for key in moved if key.startswith("head.")}
    assert {"hidden.weight", "body.0.weight", "body.1.weight", "body.1.running_mean"} <= moved
    assert all(p.grad is None and p.requires_grad for p in adapted.model.parameters())
    assert [r.counts.sum() for r in adapted.rounds] == [120, 120]
    assert list(adapted.rounds[0].history.columns) == [
        "loss",
        "InformationMaximization",
        "TargetLoss",
        "lr",
    ]


def test_the_first_step_of_shot_minimizes_what_the_formula_says(trained):
    X = digits(60, 1, 1)[0]
    whole = {"batch_size": 60, "rounds": 1, "steps": 1, "pseudo_weight": 0.5}
    found = shot(trained, X, **whole, **QUIET).rounds[0].history.columns
    model = copy.deepcopy(trained).eval()
    with torch.no_grad():
        Z, x = model.features(torch.tensor(X)), torch.tensor(X)
        labels = centroid_labels(Z.numpy(), model.head(Z).softmax(1).numpy())
        logits = model.train()(x)
    p = logits.softmax(1)
    each = -(p * p.log()).sum(1).mean()
    information = each + (p.mean(0) * p.mean(0).log()).sum()
    pseudo = nn.functional.cross_entropy(logits, torch.tensor(labels))
    assert found["loss"][0] == pytest.approx(float(information + 0.5 * pseudo), abs=1e-5)
    plain = shot(trained, X, diverse=False, **whole, **QUIET).rounds[0].history.columns
    assert plain["loss"][0] == pytest.approx(float(each + 0.5 * pseudo), abs=1e-5)


@pytest.mark.slow
def test_shot_needs_nothing_of_the_source_and_repairs_a_shift(trained):
    (X, _), (test, truth) = digits(300, 1, 1), digits(300, 2, 1)
    before = np.mean(predict(trained, test) == truth)
    adapted = shot(trained, X, rounds=3, steps=40, **QUIET)
    assert np.mean(adapted(test) == truth) > max(0.9, before + 0.05), before
    again = shot(trained, X, rounds=3, steps=40, **QUIET)
    assert not changed(again.model, state(adapted.model))  # the same seed, the same weights


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rounds": 0}, "rounds: "),
        ({"pseudo_weight": -1.0}, "pseudo_weight: "),
        ({"labeled": None}, "fit_options: got labeled"),
        ({"parameters": []}, "fit_options: got parameters"),
    ],
)
def test_shot_refuses(trained, options, words):
    with pytest.raises(ValueError, match=words):
        shot(trained, digits(20)[0], **options)


def test_shot_says_when_there_is_nothing_to_train():
    net = wrap(nn.Sequential(nn.Flatten(), nn.Linear(64, 3)))
    with pytest.raises(ValueError, match="model: got no parameter"):
        shot(net, digits(20)[0], steps=1, rounds=1, **QUIET)


# -- TENT ------------------------------------------------------------------------------------------


def test_tent_trains_scale_and_shift_alone(trained):
    before = state(trained)
    found = tent(trained, digits(90, 1)[0], lr=1e-2, batch_size=30, **QUIET)
    assert not changed(trained, before) and not found.model.training
    affine = {"body.1.weight", "body.1.bias", "body.4.weight", "body.4.bias"}
    moved = changed(found.model, before)
    assert {key for key in moved if "running" not in key and "num_b" not in key} == affine
    assert all(p.grad is None and p.requires_grad for p in found.model.parameters())
    assert list(found.history.columns) == ["loss", "Entropy", "lr"] and found.history.steps == 3


def test_the_answers_are_given_before_the_step_and_with_the_batchs_statistics(trained):
    X = digits(60, 1, 1)[0]
    found = tent(trained, X, lr=0.05, batch_size=30, **QUIET)
    model = copy.deepcopy(trained).train().requires_grad_(False)
    affine = [p.requires_grad_(True) for p in normalization_parameters(model)]
    optimizer = torch.optim.Adam(affine, lr=0.05)
    answers, entropies = [], []
    for x in torch.tensor(X).split(30):
        logits = model(x)
        p = logits.softmax(1)
        loss = -(p * logits.log_softmax(1)).sum(1).mean()
        answers.append(logits.argmax(1))
        entropies.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert found.answers.tolist() == torch.cat(answers).tolist()
    assert found.history.columns["Entropy"] == pytest.approx(entropies, abs=1e-5)
    for ours, plain in zip(normalization_parameters(found.model), affine, strict=True):
        assert torch.allclose(ours, plain, atol=1e-5)


def test_tent_answers_every_row_once_whatever_is_left_over(trained):
    X = digits(61, 1)[0]
    for size in (30, 60, 61, 200):
        found = tent(trained, X, batch_size=size, **QUIET)
        assert found.answers.shape == (61,) and found.answers.dtype == np.int64
    assert tent(trained, torch.tensor(X), batch_size=30, **QUIET).answers.shape == (61,)


def test_tent_repairs_a_change_of_contrast_and_dropout_is_off(trained):
    X, y = digits(300, 2)
    dim = 0.1 * X
    before = np.mean(predict(trained, dim) == y)
    after = np.mean(tent(trained, dim, batch_size=100, **QUIET).answers == y)
    assert after > 0.9 and after > before + 0.2, (before, after)
    noisy = wrap(nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(0.9), nn.Linear(64, 3)))
    runs = [tent(noisy, X, seed=seed, **QUIET).answers.tolist() for seed in (0, 1)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("X", "options", "words"),
    [
        (digits(20)[0], {"batch_size": 0}, "batch_size: "),
        (digits(20)[0], {"lr": -1.0}, "lr: "),
        (digits(20)[0][:1], {}, "X: "),
        (np.full((4, 1, 8, 8), np.nan, np.float32), {}, "X: "),
    ],
)
def test_tent_refuses(trained, X, options, words):
    with pytest.raises(ValueError, match=words):
        tent(trained, X, **options)


def test_tent_says_when_there_is_no_batchnorm():
    net = wrap(nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 3)))
    with pytest.raises(ValueError, match="BatchNorm"):
        tent(net, digits(20)[0])
    with pytest.raises(ValueError, match="BatchNorm"):
        normalization_parameters(nn.BatchNorm1d(3, affine=False))
