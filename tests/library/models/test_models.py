"""The course's networks and the cut between features and head."""

import pytest
import torch
import torchvision
from torch import nn

from tlbook import models


@pytest.mark.parametrize(
    ("name", "shape", "d"), [("signnet", (3, 3, 24, 24), 128), ("digitnet", (3, 1, 8, 8), 64)]
)
def test_forward_is_head_of_features(name, shape, d):
    model = models.create(name, n_classes=7, seed=2).eval()
    x = torch.rand(shape)
    assert model.features(x).shape == (3, d)
    assert torch.equal(model(x), model.head(model.features(x))) and model(x).shape == (3, 7)


def test_every_parameter_receives_gradient():
    model = models.create("signnet", n_classes=7)
    model(torch.rand(8, 3, 24, 24)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_seed_decides_the_start_and_the_global_generator_is_untouched():
    before = torch.random.get_rng_state()
    a, b, c = (models.create("digitnet", seed=s) for s in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(a.hidden.weight, b.hidden.weight)
    assert not torch.equal(a.hidden.weight, c.hidden.weight)


def test_wrap_cuts_a_torchvision_network_without_changing_its_outputs():
    net = torchvision.models.resnet18(weights=None).eval()
    x = torch.rand(2, 3, 64, 64)
    expected = net(x)
    cut = models.wrap(net).eval()
    assert torch.allclose(cut(x), expected) and cut.features(x).shape == (2, 512)
    assert cut.head.out_features == 1000


def test_wrap_is_not_fooled_by_a_module_called_features():
    net = torchvision.models.mobilenet_v3_small(weights=None).eval()
    x = torch.rand(2, 3, 64, 64)
    expected = net(x)
    cut = models.wrap(net).eval()
    assert torch.allclose(cut(x), expected, atol=1e-6) and cut.features(x).ndim == 2


def test_wrap_leaves_our_own_networks_and_obeys_a_name():
    own = models.DigitNet()
    assert models.wrap(own) is own
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    assert models.wrap(net, head="2").features(torch.zeros(5, 4)).shape == (5, 3)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="no nn.Linear"):
        models.wrap(nn.Sequential(nn.ReLU()))
    with pytest.raises(ValueError, match="head: got 'x'"):
        models.wrap(nn.Sequential(nn.Linear(2, 2)), head="x")
    with pytest.raises(ValueError, match="resnet"):
        models.create("resnet")
    with pytest.raises(ValueError, match=r"want|wants \(n, 3"):
        models.SignNet(3)(torch.rand(2, 1, 24, 24))


@pytest.mark.slow
def test_signnet_ships_and_knows_its_letters():
    from tlbook import data
    from tlbook.evaluation import accuracy
    from tlbook.training import predict

    model = models.create("signnet", weights="embedded")
    validation = data.load("signs", seed=1, n_source=71).validation
    # Fresh drawings of the letters (another seed than the pretraining's).
    assert accuracy(validation.y, predict(model, validation.X)) > 0.8
