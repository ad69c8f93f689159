"""The pieces of the ResNet listing, each run as published and as repaired."""

from __future__ import annotations

import copy
import warnings
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

SEED = 100
LINES = (
    "for epoch in range(num_epochs):",
    "    for pictures, answers in dataloader:",
    "        loss = criterion(net(pictures), answers)",
    "        loss.backward()",
    "        optimizer.step()",
)
"""The published loop, in other words; ``net`` is the network with its new head."""


def warnings_of(**argument: Any) -> list[str]:
    """Build the network with this argument and return what torchvision says about it."""
    import torch
    from torchvision.models import ResNet50_Weights, resnet50

    if "weights" in argument:
        argument["weights"] = ResNet50_Weights[argument["weights"]]
    with torch.device("meta"):  # shapes without numbers: nobody has to draw 25 million weights
        start = resnet50(weights=None).state_dict()  # in place of the download
    with (
        torch.device("meta"),
        mock.patch("torchvision.models._api.load_state_dict_from_url", return_value=start),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        resnet50(**argument)
    return [str(one.message) for one in said]


def undefined(given: dict[str, Any]) -> list[str]:
    """Run the listing again and again, defining each name that is missed; return these names."""
    missed: list[str] = []
    for _ in range(10):
        stand_ins: dict[str, Any] = {name: mock.MagicMock() for name in missed}
        fitting: dict[str, Any] = {
            "num_epochs": 1,
            "dataloader": [(mock.MagicMock(), mock.MagicMock())],
        }
        stand_ins |= {name: value for name, value in fitting.items() if name in missed}
        try:
            exec("head = (net, num_classes)\n" + "\n".join(LINES), {**given, **stand_ins})
        except NameError as error:
            missed.append(str(error.name))
        else:
            break
    return missed


def complete() -> dict[str, Any]:
    """Return what the listing lacks: classes, epochs, data, loss and optimizer."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    net = torch.nn.Linear(4, 2)
    rows = TensorDataset(torch.randn(8, 4), torch.arange(8) % 2)
    return {
        "net": net,
        "num_classes": 2,
        "num_epochs": 1,
        "dataloader": DataLoader(rows, batch_size=4, shuffle=True),
        "criterion": torch.nn.CrossEntropyLoss(),
        "optimizer": torch.optim.AdamW(net.parameters(), lr=1e-3),
    }


@cache
def _resnet50() -> Any:
    """Return a ResNet-50 with random weights and a new head of ten classes."""
    import torch
    from torchvision.models import resnet50

    net = resnet50(weights=None)
    net.fc = torch.nn.Linear(net.fc.in_features, 10)
    return net


def free_outside_the_head(frozen: bool) -> int:
    """Count the weights below the head that the loop would train."""
    net = copy.deepcopy(_resnet50())
    net.requires_grad_(not frozen)
    return sum(p.numel() for n, p in net.named_parameters() if p.requires_grad and n[:3] != "fc.")


def moved_statistics(switched: bool) -> int:
    """Count the statistics that one forward pass moves in a network without free weights."""
    import torch

    net = copy.deepcopy(_resnet50()).requires_grad_(False)
    before = {name: value.clone() for name, value in net.named_buffers()}
    net.train(not switched)
    with torch.no_grad():
        net(torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(SEED)))
    after = dict(net.named_buffers())
    return sum("running" in n and not torch.equal(after[n], old) for n, old in before.items())


def on_the_device(moved: bool) -> int:
    """Count the weights that lie on the device, for which PyTorch's "meta" stands in here."""
    net = copy.deepcopy(_resnet50())
    if moved:
        net.to("meta")
    return sum(p.numel() for p in net.parameters() if p.device.type == "meta")


def left_behind(saved: bool) -> int:
    """Count the bytes that are on the disk when the script has ended."""
    import tempfile
    from pathlib import Path

    import torch

    with tempfile.TemporaryDirectory() as folder:
        if saved:
            torch.save(_resnet50().state_dict(), f"{folder}/net.pt")
        return sum(file.stat().st_size for file in Path(folder).iterdir())


@cache
def _task() -> Any:
    from tlbook import data

    return data.load("signs", seed=SEED, n_source=500)


def _network() -> Any:
    from tlbook.models import create

    return create("signnet", weights="embedded", n_classes=10, seed=SEED)


def stale_gradient(zeroed: bool) -> float:
    """Return how far the gradient of step 8 is from that of its own batch, relative to it."""
    import torch
    from torch.nn.functional import cross_entropy

    from tlbook.course.ch13_pytorch_practice.published import train_as_published

    X, y = _task().label(5, seed=SEED)
    model = _network()
    train_as_published(model, X, y, steps=7, lr=1e-3, zeroed=zeroed, seed=SEED)
    weights = list(model.parameters())
    loss = cross_entropy(model(torch.from_numpy(X)), torch.from_numpy(y))
    true = torch.autograd.grad(loss, weights, retain_graph=True)
    if zeroed:
        model.zero_grad()
    loss.backward()
    off = sum(float((p.grad - g).square().sum()) for p, g in zip(weights, true, strict=True))
    return (off / sum(float(g.square().sum()) for g in true)) ** 0.5


def changed_answers(mode: str) -> float:
    """Return the share of pictures whose class depends on which others lie in their batch."""
    from tlbook.course.ch13_pytorch_practice.published import answers

    model, X = _network(), _task().target.X[:200]
    return float(np.mean(answers(model, X, mode, 40) != answers(model, X, mode, 25)))


def letters_right(normalized: bool) -> float:
    """Return the accuracy of the pretrained network on the letters that it knows."""
    from tlbook.course.ch13_pytorch_practice.published import answers, unnormalized
    from tlbook.models import create

    letters = _task().source
    X, y = letters.X, letters.y
    network = create("signnet", weights="embedded")
    return float(np.mean(answers(network, X if normalized else unnormalized(X)) == y))


def optimism(validated: bool) -> float:
    """Return how far the accuracy that one would report is above that on new pictures."""
    from tlbook.course.ch13_pytorch_practice.published import answers, train_as_published
    from tlbook.finetuning import cached_features, head_on_features

    X, y = _task().label(20, seed=SEED)
    held = np.arange(len(y)) < 100  # the rows of ``label`` come shuffled
    model = _network()
    rows = ~held if validated else slice(None)
    head = head_on_features(model)
    Z = cached_features(model, X[rows])
    train_as_published(head, Z, y[rows], steps=300, lr=1e-2, zeroed=True, seed=SEED)
    asked = held if validated else slice(None)
    said = float(np.mean(answers(model, X[asked]) == y[asked]))
    return said - _task().score(lambda new: answers(model, new))


def two_runs_differ(seeded: bool) -> float:
    """Return the largest difference between the new heads of two runs."""
    import torch

    from tlbook.models import seeded as start

    def head() -> torch.nn.Linear:
        return torch.nn.Linear(128, 10)

    heads = [start(head, SEED) if seeded else head() for _ in range(2)]
    first, second = (net.get_parameter("weight").detach() for net in heads)
    return float((first - second).abs().max())
