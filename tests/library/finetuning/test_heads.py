"""Heads, freezing that really freezes, cached features, probes."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from tlbook import finetuning, training
from tlbook.models import DigitNet, create, seeded


def digits(n=60, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.4
    for c in range(3):
        X[y == c, :, 2 * c : 2 * c + 3] += 0.5
    return X, y


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def test_replace_head_copies_the_body_and_leaves_the_original_alone():
    old = create("digitnet", n_classes=10, seed=1)
    before = state(old)
    new = finetuning.replace_head(old, 3, seed=5)
    assert new.head.out_features == 3 and old.head.out_features == 10
    training.fit(new, digits(), steps=3)
    assert all(torch.equal(v, before[k]) for k, v in old.state_dict().items())
    again = finetuning.replace_head(old, 3, seed=5)
    other = finetuning.replace_head(old, 3, seed=6)
    assert torch.equal(again.head.weight, finetuning.replace_head(old, 3, seed=5).head.weight)
    assert not torch.equal(again.head.weight, other.head.weight)


def test_a_frozen_network_does_not_move_at_all_even_in_train_mode():
    model = finetuning.freeze(create("digitnet", n_classes=3))
    before = state(model)
    training.fit(model, digits(), steps=20, lr=1e-2)
    model.train()
    model(torch.rand(16, 1, 8, 8) * 5)
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"head.weight", "head.bias"}


def test_switching_gradients_off_alone_is_not_freezing():
    model = create("digitnet", n_classes=3)
    for parameter in model.body.parameters():
        parameter.requires_grad_(False)
    before = model.body[1].running_mean.clone()
    model.train()
    model(torch.rand(16, 1, 8, 8))
    assert not torch.equal(model.body[1].running_mean, before)


def test_statistics_only_keeps_batchnorm_still_and_lets_all_weights_learn():
    model = finetuning.freeze(create("digitnet", n_classes=3), but=(), statistics_only=True)
    before = state(model)
    training.fit(model, digits(), steps=5)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == ("running" in name or "num_b" in name), name


def test_unfreeze_undoes_freeze_in_part_and_in_whole():
    model = finetuning.freeze(create("digitnet", n_classes=3))
    finetuning.unfreeze(model, only=("hidden",))
    free = {n for n, p in model.named_parameters() if p.requires_grad}
    assert free == {"hidden.weight", "hidden.bias", "head.weight", "head.bias"}
    finetuning.unfreeze(model)
    assert all(p.requires_grad for p in model.parameters())
    before = model.body[1].running_mean.clone()
    model.train()
    model(torch.rand(16, 1, 8, 8))
    assert not torch.equal(model.body[1].running_mean, before)


def test_a_frozen_model_copies_and_pickles_as_frozen():
    model = finetuning.freeze(create("digitnet", n_classes=3))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        before = twin.body[1].running_mean.clone()
        twin.train()
        twin(torch.rand(16, 1, 8, 8))
        assert torch.equal(twin.body[1].running_mean, before)


def test_cached_features_are_what_the_network_sees_in_eval_mode():
    X, _ = digits()
    model = create("digitnet", n_classes=3).train()
    Z = finetuning.cached_features(model, X, batch_size=7)
    assert model.training and Z.dtype == np.float32
    with torch.no_grad():
        expected = model.eval().features(torch.from_numpy(X)).numpy()
    assert np.allclose(Z, expected, atol=1e-6)


def test_a_probe_folded_into_the_head_gives_the_same_labels():
    X, y = digits()
    model = finetuning.replace_head(create("digitnet", n_classes=10), 3)
    probe = finetuning.linear_probe(partial(finetuning.cached_features, model), X, y, C=0.1)
    probe.into(model.head)
    assert np.array_equal(training.predict(model, X), probe(X))


def test_the_probe_is_scikit_learn_on_standardized_features():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    Z = rng.normal(size=(80, 5)) * [1, 10, 0.1, 3, 2] + 4
    for classes in (2, 4):
        y = rng.integers(classes, size=80)
        probe = finetuning.linear_probe(lambda rows: rows, Z, y, C=0.3)
        peer = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000)).fit(Z, y)
        fresh = rng.normal(size=(200, 5)) * 5
        assert np.array_equal(probe(fresh), peer.predict(fresh))


def test_constant_features_do_not_break_the_probe():
    Z = np.c_[np.ones(20), np.arange(20) % 2]
    probe = finetuning.linear_probe(lambda rows: rows, Z, np.arange(20) % 2, C=10.0)
    assert (probe(Z) == np.arange(20) % 2).all()


def test_mistakes_are_named():
    X, y = digits()
    with pytest.raises(ValueError, match="head is NoneType"):
        finetuning.replace_head(nn.ReLU(), 3)
    with pytest.raises(ValueError, match="n_classes"):
        finetuning.replace_head(DigitNet(3), 0)
    with pytest.raises(ValueError, match="'tail'"):
        finetuning.freeze(DigitNet(3), but=("tail",))
    with pytest.raises(ValueError, match="1 class"):
        finetuning.linear_probe(lambda r: r.reshape(len(r), -1), X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="2-dimensional"):
        finetuning.linear_probe(lambda r: r, X, y)
    probe = finetuning.linear_probe(lambda r: r.reshape(len(r), -1), X, y + 5)
    with pytest.raises(ValueError, match="want 0 … 2"):
        probe.into(seeded(lambda: nn.Linear(64, 3), 0))
    with pytest.raises(ValueError, match="shape"):
        probe.into(seeded(lambda: nn.Linear(64, 4), 0))
