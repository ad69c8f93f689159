"""LoRA: starts at the original, learns only the correction, merges into plain weights."""

import copy
import pickle

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from tlbook import finetuning
from tlbook.models import create, wrap
from tlbook.training import fit, predict


def signs(n=24, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, 3, 24, 24), dtype=np.float32), np.arange(n) % 3


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


@pytest.fixture(scope="module")
def network():
    model = create("signnet", n_classes=3, seed=1)
    model(torch.rand(32, 3, 24, 24, generator=torch.Generator().manual_seed(0)))
    return model.eval()


@pytest.fixture(scope="module")
def trained(network):
    adapted = finetuning.lora(network, rank=2, alpha=6.0, seed=3)
    before = state(adapted)
    fit(adapted, signs(), steps=8, lr=2e-2)
    return adapted, before


def test_it_starts_as_exactly_the_original_function(network):
    X = torch.from_numpy(signs()[0])
    adapted = finetuning.lora(network, rank=3).eval()
    with torch.no_grad():
        assert torch.equal(adapted(X), network(X))
    assert type(adapted) is type(network) and not hasattr(network.body[0], "lora_A")


@pytest.mark.slow
def test_only_corrections_and_head_change(trained):
    adapted, before = trained
    moved = {n for n, v in adapted.state_dict().items() if not torch.equal(v, before[n])}
    free = {n for n, p in adapted.named_parameters() if p.requires_grad}
    assert moved == free
    assert all(".lora_" in n or n.startswith("head.") for n in free)
    assert sum(".lora_B" in n for n in free) == 6
    adapted.train()
    adapted(torch.rand(16, 3, 24, 24) * 5)  # nor do BatchNorm's statistics, in train mode
    assert all(torch.equal(v, before[n]) for n, v in adapted.state_dict().items() if "running" in n)
    adapted.eval()


def test_merged_is_the_same_function_in_the_original_shape(network, trained):
    adapted, _ = trained
    merged = finetuning.lora_merge(adapted)
    X = signs(40, seed=5)[0]
    apart = finetuning.cached_features(adapted, X)
    assert np.abs(finetuning.cached_features(merged, X) - apart).max() < 1e-5
    assert np.abs(finetuning.cached_features(network, X) - apart).max() > 1e-3
    assert np.array_equal(predict(merged, X), predict(adapted, X))
    assert list(merged.state_dict()) == list(network.state_dict())
    assert all(p.requires_grad for p in merged.parameters())
    assert hasattr(adapted.body[0], "lora_A")  # the adapted network stays as it is


def test_the_merged_weight_is_the_formula(network, trained):
    adapted, _ = trained
    merged = finetuning.lora_merge(adapted)
    for i in (0, 6, 15):
        layer = adapted.body[i]
        A, B = layer.lora_A["default"].weight, layer.lora_B["default"].weight
        low_rank = torch.einsum("or,rikl->oikl", B[:, :, 0, 0], A)
        expected = network.body[i].weight + 6.0 / 2 * low_rank
        assert torch.allclose(merged.body[i].weight, expected, atol=1e-6)
        flat = (merged.body[i].weight - network.body[i].weight).flatten(1).detach()
        assert torch.linalg.matrix_rank(flat, atol=1e-4) <= 2


@pytest.mark.parametrize(("rank", "factor"), [(1, 4.0), (4, 1.0), (16, 0.25)])
def test_alpha_is_divided_by_the_rank(network, rank, factor):
    adapted = finetuning.lora(network, rank)
    assert adapted.body[0].scaling["default"] == factor
    assert not adapted.body[0].lora_B["default"].weight.any()


def test_chosen_layers_seed_and_count():
    model = create("digitnet", n_classes=3)
    adapted = finetuning.lora(model, rank=2, layers=("hidden",), seed=1)
    free = {n for n, p in adapted.named_parameters() if p.requires_grad}
    assert {n.split(".")[0] for n in free} == {"hidden", "head"}
    # A is (2, 512), B is (64, 2), and the head
    assert finetuning.trainable_parameters(adapted) == 2 * 512 + 64 * 2 + 64 * 3 + 3
    again, other = (finetuning.lora(model, rank=2, layers="hidden", seed=s) for s in (1, 2))
    first = adapted.hidden.lora_A["default"].weight
    assert torch.equal(first, again.hidden.lora_A["default"].weight)
    assert not torch.equal(first, other.hidden.lora_A["default"].weight)


def test_copies_pickles_groups_and_wrapped_networks(trained):
    adapted, _ = trained
    X = signs(10, seed=2)[0]
    for twin in (copy.deepcopy(adapted), pickle.loads(pickle.dumps(adapted))):
        assert np.array_equal(predict(twin, X), predict(adapted, X))
    groups = finetuning.parameter_groups(adapted, 1e-3)
    ids = sorted(id(p) for g in groups for p in g["params"])
    assert ids == sorted(id(p) for p in adapted.parameters() if p.requires_grad)
    resnet = wrap(torchvision.models.resnet18(num_classes=3)).eval()
    wide = finetuning.lora(resnet, rank=1)
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(wide.eval()(x), resnet(x))
    assert finetuning.trainable_fraction(wide) < 0.02


def test_mistakes_are_named(network):
    with pytest.raises(ValueError, match="rank"):
        finetuning.lora(network, rank=0)
    with pytest.raises(ValueError, match="alpha"):
        finetuning.lora(network, alpha=-1.0)
    with pytest.raises(ValueError, match=r"'body\.1'"):
        finetuning.lora(network, layers=["body.1"])
    with pytest.raises(ValueError, match="'head'"):
        finetuning.lora(network, layers=["head"])
    with pytest.raises(ValueError, match="got none"):
        finetuning.lora(network, layers=[])
    with pytest.raises(ValueError, match="adapters"):
        finetuning.lora(finetuning.lora(network))
    with pytest.raises(ValueError, match="without adapters"):
        finetuning.lora_merge(network)
    with pytest.raises(ValueError, match="without head"):
        finetuning.lora(nn.Linear(2, 2))
