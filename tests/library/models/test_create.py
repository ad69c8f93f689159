"""``create``: one door, the same network for the same seed, pretrained where it is asked for."""

import sys

import pytest
import torch
from torch import nn

from tlbook import models
from tlbook.finetuning import replace_head

SHAPES = {"signnet": (3, 24), "digitnet": (1, 8), "lenet": (1, 28), "resnet18": (3, 32)}
SIZES = {"signnet": 128, "digitnet": 64, "lenet": 100, "resnet18": 512}


def pictures(name, n=3):
    channels, side = SHAPES[name]
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", SHAPES)
def test_the_cut_the_seed_and_the_global_generator(name):
    options = {"quiet": True} if name == "resnet18" else {}
    x = pictures(name)
    before = torch.random.get_rng_state()
    first, again, other = (
        models.create(name, n_classes=4, seed=seed, **options).eval() for seed in (1, 1, 2)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    assert first.features(x).shape == (3, SIZES[name]) and first(x).shape == (3, 4)
    assert torch.equal(first(x), first.head(first.features(x)))
    assert torch.equal(first(x), again(x)) and not torch.equal(first(x), other(x))


def test_embedded_weights_keep_their_head_or_get_a_new_one():
    letters = models.create("signnet", weights="embedded")
    digits = models.create("signnet", weights="embedded", n_classes=10, seed=5)
    x = pictures("signnet")
    assert letters.head.out_features == 71 and not letters.training
    assert torch.equal(letters.features(x), digits.features(x))
    assert torch.equal(digits(x), replace_head(letters, 10, seed=5).eval()(x))


def test_loading_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    models.create("signnet", weights="embedded")
    assert torch.equal(before, torch.random.get_rng_state())


def test_lenet_takes_28_and_32_pixels_gray_and_color():
    for channels, size in ((1, 28), (3, 32)):
        net = models.create("lenet", n_classes=7, channels=channels, size=size)
        assert net(torch.rand(2, channels, size, size)).shape == (2, 7)


@pytest.mark.slow
def test_an_encoder_of_texts_comes_by_the_same_door():
    net = models.create("minilm", weights="embedded", n_classes=3, seed=1, mode="frozen")
    assert net.head.out_features == 3
    trained = [name for name, p in net.named_parameters() if p.requires_grad]
    assert trained and all(name.startswith("head") for name in trained)


def test_every_name_has_a_builder():
    assert models.names() == list(sys.modules["tlbook.models.create"].BUILDERS)
    for name in models.names():
        with pytest.raises(ValueError, match="weights: got 'no such'"):
            models.create(name, weights="no such")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "alexnet"}, "name: got 'alexnet', want one of 'signnet'"),
        ({"name": "digitnet", "weights": "embedded"}, "weights: got 'embedded'"),
        ({"name": "signnet", "n_classes": 0}, "n_classes: got 0"),
        ({"name": "signnet", "seed": -1}, "seed: got -1"),
        ({"name": "lenet", "size": 30}, "size: got 30, want a multiple of 4"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        models.create(**arguments)


# -- wrap -----------------------------------------------------------------------------------------


class EndsInConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 4)
        self.last = nn.Conv2d(3, 5, 1)

    def forward(self, x):
        return self.last(x).mean((2, 3))


def test_wrap_refuses_a_head_that_is_a_convolution_and_says_the_cure():
    with pytest.raises(ValueError, match=r"module: got 'last', a Conv2d.*AdaptiveAvgPool2d"):
        models.wrap(EndsInConvolution())
    with pytest.raises(ValueError, match="head: got 'last', a Conv2d"):
        models.wrap(EndsInConvolution(), head="last")


def test_wrap_refuses_auxiliary_heads_and_takes_the_network_without():
    import torchvision

    build = torchvision.models.googlenet
    with pytest.raises(ValueError, match=r"auxiliary heads \(aux1, aux2\).*aux_logits=False"):
        models.wrap(build(weights=None, aux_logits=True, init_weights=False))
    net = models.wrap(build(weights=None, aux_logits=False, init_weights=False)).eval()
    assert net.features(torch.rand(1, 3, 64, 64)).shape == (1, 1024)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "vgg11"])
def test_wrap_cuts_or_refuses_what_torchvision_has(name):
    import torchvision

    network = getattr(torchvision.models, name)(weights=None).eval()
    if name == "squeezenet1_1":
        with pytest.raises(ValueError, match="a Conv2d, want an nn.Linear"):
            models.wrap(network)
        return
    x = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        before = network(x)
        cut = models.wrap(network).eval()
        assert torch.allclose(cut(x), before) and torch.equal(cut.head(cut.features(x)), cut(x))


def test_wrap_refuses_what_learns_nothing():
    with pytest.raises(ValueError, match="nor any layer that learns"):
        models.wrap(nn.ReLU())
