"""What fine-tuning changed, measured; and a head trained on cached features."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from tlbook import finetuning
from tlbook.models import create
from tlbook.training import fit, predict


def digits(n=60, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.4
    for c in range(3):
        X[y == c, :, 2 * c : 2 * c + 3] += 0.5
    return X, y


def network(seed=0):
    return create("digitnet", n_classes=3, seed=seed)


def test_the_same_network_has_not_moved():
    X, y = digits()
    one, other = network(), network()
    assert set(finetuning.weight_distance(one, other).values()) == {0.0}
    assert finetuning.feature_drift(one, other, X) == 0.0
    assert abs(finetuning.feature_drift(one, other, X, kind="cka")) < 1e-12
    assert set(finetuning.layer_drift(one, other, X)) == {"body.0", "body.3", "hidden"}
    assert max(finetuning.layer_drift(one, other, X).values()) == 0.0
    frame = finetuning.statistics_drift(one, other)
    assert (frame["mean shift"] == 0).all() and (frame["variance ratio"] == 1).all()
    assert finetuning.forgetting(one, other, X, y) == 0.0


def test_a_known_change_is_found_where_it_is():
    reference, model = network(), network()
    with torch.no_grad():
        model.hidden.weight.mul_(1.1)
        model.hidden.bias.mul_(1.1)
    moved = finetuning.weight_distance(model, reference)
    assert moved["hidden"] == pytest.approx(0.1, rel=1e-5)
    assert moved["body.0"] == moved["body.3"] == moved["head"] == 0.0
    X = digits()[0]
    assert finetuning.feature_drift(model, reference, X) == pytest.approx(0.1, rel=1e-5)
    assert abs(finetuning.feature_drift(model, reference, X, kind="cka")) < 1e-6
    by_layer = finetuning.layer_drift(model, reference, X)
    assert by_layer["hidden"] > 0 and by_layer["body.0"] == by_layer["body.3"] == 0.0
    other = finetuning.replace_head(model, 7)
    assert "head" not in finetuning.weight_distance(other, reference)


def test_statistics_drift_is_in_standard_deviations():
    reference, model = network(), network()
    reference.body[4].running_var.fill_(4.0)
    model.body[4].running_var.fill_(1.0)
    model.body[4].running_mean.add_(1.0)
    frame = finetuning.statistics_drift(model, reference)
    assert frame.loc["body.4", "mean shift"] == pytest.approx(0.5, rel=1e-4)
    assert frame.loc["body.4", "variance ratio"] == pytest.approx(4.0, rel=1e-4)
    assert frame.loc["body.1", "variance ratio"] == 1.0


def test_frozen_statistics_do_not_drift_and_free_ones_do():
    reference = network()
    for held in (True, False):
        model = copy.deepcopy(reference)
        if held:
            finetuning.freeze(model, but=(), statistics_only=True)
        fit(model, digits(), steps=5)
        assert (finetuning.statistics_drift(model, reference)["mean shift"] == 0).all() == held


def test_cka_ignores_rotation_scale_and_shift_but_not_content():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(200, 5))
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert finetuning.linear_cka(Z, 3 * Z @ turn + 7) == pytest.approx(1.0)
    assert finetuning.linear_cka(Z, rng.normal(size=(200, 5))) < 0.2
    # The same from Gram matrices, the other way to write it.
    W = rng.normal(size=(200, 3)) + Z[:, :3]
    center = np.eye(200) - 1 / 200
    K, L = (center @ M @ M.T @ center for M in (Z, W))
    expected = np.sum(K * L) / np.sqrt(np.sum(K * K) * np.sum(L * L))
    assert finetuning.linear_cka(Z, W) == pytest.approx(expected)


def test_forgetting_is_what_the_old_head_loses():
    X, y = digits()
    old = network()
    fit(old, (X, y), steps=60, lr=1e-2)
    broken = finetuning.replace_head(old, 3, seed=1)
    with torch.no_grad():
        broken.hidden.weight.zero_()
        broken.hidden.bias.zero_()
    right = np.mean(predict(old, X) == y)
    assert right > 0.95
    assert finetuning.forgetting(broken, old, X, y) == pytest.approx(right - 1 / 3)


def test_a_head_on_cached_features_makes_the_same_steps_as_on_the_frozen_network():
    X, y = digits()
    slow = finetuning.freeze(network())
    quick = finetuning.freeze(network())
    options = {"steps": 30, "lr": 1e-2, "batch_size": 16, "seed": 3}
    fit(slow, (X, y), **options)
    Z = finetuning.cached_features(quick, X)
    fit(finetuning.head_on_features(quick), (Z, y), **options)
    assert not torch.equal(quick.head.weight, network().head.weight)
    assert torch.allclose(slow.head.weight, quick.head.weight, atol=1e-5)
    assert np.array_equal(predict(slow, X), predict(quick, X))


def test_mistakes_are_named():
    X, y = digits()
    model = network()
    with pytest.raises(ValueError, match="kind"):
        finetuning.feature_drift(model, model, X, kind="cosine")
    with pytest.raises(ValueError, match="not the reference's"):
        finetuning.weight_distance(create("signnet", n_classes=3), model)
    with pytest.raises(ValueError, match="not the reference's"):
        finetuning.statistics_drift(create("signnet", n_classes=3), model)
    plain = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="0 BatchNorm"):
        finetuning.statistics_drift(plain, plain)
    with pytest.raises(ValueError, match="want 60"):
        finetuning.forgetting(model, model, X, y[:3])
    with pytest.raises(ValueError, match="NaN"):
        finetuning.feature_drift(model, model, np.full_like(X, np.nan))
    with pytest.raises(ValueError, match="all the same"):
        finetuning.linear_cka(np.ones((5, 2)), np.ones((5, 2)))
    with pytest.raises(ValueError, match="got 4 rows, want 5"):
        finetuning.linear_cka(np.ones((5, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="without head"):
        finetuning.head_on_features(nn.ReLU())
    with pytest.raises(ValueError, match="head"):
        finetuning.FeatureHead(3)
    with pytest.raises(ValueError, match="want features"):
        fit(finetuning.head_on_features(model), (X, y), steps=1)
