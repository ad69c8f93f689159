"""Deep features: the network's own, shared by clones, never changed."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tlbook import models
from tlbook.features import DeepFeatures
from tlbook.finetuning import cached_features


@pytest.fixture(scope="module")
def net():
    return models.create("digitnet", seed=0)


@pytest.fixture(scope="module")
def digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X[:300].reshape(-1, 1, 8, 8) / 16).astype(np.float32), y[:300]


def test_equals_cached_features_and_leaves_the_network_alone(net, digits):
    X, y = digits
    net.train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    Z = DeepFeatures(net).fit(X, y).transform(X)
    np.testing.assert_array_equal(Z, cached_features(net, X))
    assert Z.shape == (300, 64) and Z.dtype == np.float32
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_the_recipe_features_then_svm(net, digits):
    X, y = digits
    recipe = make_pipeline(DeepFeatures(net), StandardScaler(), SVC())
    assert cross_val_score(recipe, X, y, cv=3).mean() > 0.8
    fitted = recipe.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_a_clone_shares_the_network(net):
    twin = clone(make_pipeline(DeepFeatures(net, batch_size=7), SVC()))
    assert twin[0].model is net and twin[0].batch_size == 7
    assert set(DeepFeatures(net).get_params()) == {"model", "batch_size"}
    assert twin.set_params(deepfeatures__batch_size=9)[0].batch_size == 9


def test_a_module_without_features_is_refused(digits):
    with pytest.raises(ValueError, match="model: got Linear without features"):
        DeepFeatures(torch.nn.Linear(2, 2)).fit(digits[0])
    with pytest.raises(ValueError, match="batch_size: got 0"):
        DeepFeatures(models.create("digitnet"), batch_size=0).transform(digits[0])
