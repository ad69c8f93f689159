"""Attributions against another library, against what must add up, and against known masks."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Saliency
from torch import nn

from tlbook.trust import (
    completeness_error,
    edges,
    grad_cam,
    input_gradient,
    integrated_gradients,
    mass_inside,
    randomized,
)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 4),
    )  # fmt: skip


@pytest.fixture
def pictures():
    torch.manual_seed(1)
    return torch.rand(5, 2, 8, 8), np.array([0, 1, 2, 3, 0])


def test_gradient_and_integrated_gradients_equal_captum(network, pictures):
    X, y = pictures
    network.eval()
    target = torch.as_tensor(y)
    saliency = Saliency(network).attribute(X, target=target, abs=False)
    assert input_gradient(network, X, y) == pytest.approx(saliency.numpy(), abs=1e-6)
    known = IntegratedGradients(network).attribute(
        X, baselines=0.5, target=target, n_steps=64, method="gausslegendre"
    )
    found = integrated_gradients(network, X, y, baseline=0.5)
    assert found == pytest.approx(known.detach().numpy(), abs=1e-5)


def test_grad_cam_equals_captum_enlarged(network, pictures):
    X, y = pictures
    network.eval()
    cam = LayerGradCam(network, network[4])
    known = cam.attribute(X, target=torch.as_tensor(y), relu_attributions=True)
    large = LayerAttribution.interpolate(known, (8, 8), "bilinear")[:, 0]
    assert grad_cam(network, network[4], X, y) == pytest.approx(large.detach().numpy(), abs=1e-6)


def test_integrated_gradients_add_up_and_the_plain_gradient_does_not(network, pictures):
    X, y = pictures
    errors = [
        abs(completeness_error(network, X, y, integrated_gradients(network, X, y, steps=steps)))
        for steps in (4, 64, 512)
    ]
    assert errors[2].max() < 1e-3
    assert errors[2].max() < errors[0].max()
    plain = input_gradient(network, X, y) * X.numpy()
    assert abs(completeness_error(network, X, y, plain)).max() > 10 * errors[2].max()


def test_they_add_up_exactly_for_a_quadratic():
    class Quadratic(nn.Module):
        def forward(self, x):
            return torch.stack([(x**2).sum(dim=1), x.sum(dim=1)], dim=1)

    X = torch.tensor([[1.0, 2.0, -3.0]])
    found = integrated_gradients(Quadratic(), X, [0], steps=2)
    assert found == pytest.approx(X.numpy() ** 2, abs=1e-6)  # xᵢ² each, by hand


def test_the_model_comes_back_as_it_was(network, pictures):
    X, y = pictures
    network.train()
    network[0].weight.requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for call in (
        lambda: input_gradient(network, X, y),
        lambda: integrated_gradients(network, X, y, steps=3),
        lambda: grad_cam(network, network[4], X, y),
    ):
        call()
        assert network.training
        assert not network[0].weight.requires_grad
        assert network[4].weight.requires_grad
        assert not network[4]._forward_hooks
        assert network[4].weight.grad is None
        for name, value in network.state_dict().items():
            assert torch.equal(value, before[name])


def test_a_planted_pixel_is_found_and_a_random_head_loses_it():
    """The class is one bright pixel; a head drawn again points anywhere, the edges stay put."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 2, bias=False))
    with torch.no_grad():
        model[1].weight.zero_()
        model[1].weight[1, 14] = 3.0
    X = torch.rand(8, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    mask = np.zeros((8, 6, 6), dtype=bool)
    mask[:, 2, 2] = True
    true = mass_inside(integrated_gradients(model, X, np.ones(8, int)), mask)
    lost = mass_inside(integrated_gradients(randomized(model, ["1"]), X, np.ones(8, int)), mask)
    assert true == pytest.approx(np.ones(8))
    assert lost.mean() < 0.2
    assert mass_inside(edges(X), mask).mean() < 0.2


def test_randomizing_touches_the_named_layers_only(network):
    other = randomized(network, ["7", "4"], seed=3)
    same = randomized(network, ["7", "4"], seed=3)
    for index, kept in ((0, True), (4, False), (7, False)):
        assert torch.equal(other[index].weight, network[index].weight) == kept
        assert torch.equal(other[index].weight, same[index].weight)


def test_mass_inside_is_a_share_and_zero_for_nothing():
    mask = np.zeros((2, 3, 3), dtype=bool)
    mask[:, :2] = True
    a = np.zeros((2, 2, 3, 3))
    a[0, 0, 0, 0], a[0, 1, 2, 2] = -3.0, 1.0
    assert mass_inside(a, mask).tolist() == [0.75, 0.0]


def test_bad_input_is_named(network, pictures):
    X, y = pictures
    for call, message in (
        (lambda: input_gradient(network, X, y[1:]), r"^y: got 4 labels, want 5"),
        (lambda: input_gradient(network, X, y + 1), r"^y: got labels that are no output"),
        (lambda: input_gradient(network, X, y + 0.5), r"^y: got numbers with a fraction"),
        (lambda: integrated_gradients(network, X, y, steps=0), r"^steps: got 0"),
        (lambda: integrated_gradients(network, X, y, np.zeros((3, 3))), r"^baseline: got shape"),
        (lambda: grad_cam(network, network[7], X, y), r"^layer: got an output of shape \(5, 4\)"),
        (lambda: grad_cam(network, nn.Conv2d(1, 1, 1), X, y), r"^layer: got one that the model"),
        (lambda: randomized(network, ["head"]), r"^layers: got 'head'"),
        (lambda: randomized(network, ["2"]), r"^layers: got '2', which has no weights"),
        (lambda: completeness_error(network, X, y, X[1:].numpy()), r"^attribution: got shape"),
        (lambda: mass_inside(np.ones((1, 2, 2)), np.ones((1, 2, 2))), r"^mask: got float64"),
        (lambda: edges(np.ones((2, 2))), r"^X: got shape"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
