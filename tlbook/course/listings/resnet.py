"""D1 §5, transfer with a pretrained ResNet in PyTorch: a loop of six lines that lacks six others.

The loop itself, with each mistake as an argument, is in ``published.py`` of chapter 13; what
each costs over eight seeds is the stored study ``pytorch_listing``.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

from tlbook.course.listings.fault import Fault, Listing

SEED = 100
LINES = (
    "for epoch in range(num_epochs):",
    "    for pictures, answers in dataloader:",
    "        loss = criterion(net(pictures), answers)",
    "        loss.backward()",
    "        optimizer.step()",
)
"""The published loop, in other words; ``net`` is the network with its new head."""


def _warnings_of(**argument: Any) -> list[str]:
    """Build the network with this argument and return what torchvision says about it."""
    from torchvision.models import ResNet18_Weights, resnet18

    start = resnet18(weights=None).state_dict()  # in place of the download
    if "weights" in argument:
        argument["weights"] = ResNet18_Weights[argument["weights"]]
    with (
        mock.patch("torchvision.models._api.load_state_dict_from_url", return_value=start),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        resnet18(**argument)
    return [str(one.message) for one in said]


def _undefined(given: dict[str, Any]) -> list[str]:
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


def _complete() -> dict[str, Any]:
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


def _free_outside_the_head(frozen: bool) -> int:
    """Count the weights below the head that the loop would train."""
    import torch
    from torchvision.models import resnet18

    from tlbook.finetuning import freeze
    from tlbook.models import wrap

    net = resnet18(weights=None)
    net.fc = torch.nn.Linear(net.fc.in_features, 10)
    model = wrap(net, "fc")
    if frozen:
        freeze(model)
    own = {id(p) for p in model.head.parameters()}  # type: ignore[union-attr]
    return sum(p.numel() for p in model.parameters() if p.requires_grad and id(p) not in own)


@cache
def _task() -> Any:
    from tlbook import data

    return data.load("signs", seed=SEED, n_source=500)


def _network() -> Any:
    from tlbook.models import create

    return create("signnet", weights="embedded", n_classes=10, seed=SEED)


def _stale_gradient(zeroed: bool) -> float:
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


def _changed_answers(mode: str) -> float:
    """Return the share of pictures whose class depends on which others lie in their batch."""
    from tlbook.course.ch13_pytorch_practice.published import answers

    model, X = _network(), _task().target.X[:200]
    return float(np.mean(answers(model, X, mode, 40) != answers(model, X, mode, 25)))


def _letters_right(normalized: bool) -> float:
    """Return the accuracy of the pretrained network on the letters that it knows."""
    from tlbook.course.ch13_pytorch_practice.published import answers, unnormalized
    from tlbook.models import create

    letters = _task().source
    X, y = letters.X, letters.y
    network = create("signnet", weights="embedded")
    return float(np.mean(answers(network, X if normalized else unnormalized(X)) == y))


def _optimism(validated: bool) -> float:
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


def _two_runs_differ(seeded: bool) -> float:
    """Return the largest difference between the new heads of two runs."""
    import torch

    from tlbook.models import seeded as start

    def head() -> torch.nn.Linear:
        return torch.nn.Linear(128, 10)

    heads = [start(head, SEED) if seeded else head() for _ in range(2)]
    first, second = (net.get_parameter("weight").detach() for net in heads)
    return float((first - second).abs().max())


LISTING = Listing(
    name="resnet",
    document="D1 §5",
    chapter="13",
    promise="Adapts a pretrained ResNet-50 to a new task, as an example of feature-based transfer.",
    faults=(
        Fault(
            "a deprecated argument",
            wrong="asks for the weights with pretrained=True",
            symptom="two warnings today, an error when the argument is removed; nobody sees which "
            "weights it means",
            repair="weights=ResNet50_Weights.DEFAULT, or the version you mean",
            broken=lambda: _warnings_of(pretrained=True),
            repaired=lambda: _warnings_of(weights="IMAGENET1K_V1"),
            healthy=lambda said: not said,
            show=lambda said: f"{len(said)} warnings" + (f": {said[0][:48]} …" if said else ""),
        ),
        Fault(
            "five names that nobody defines",
            wrong="uses num_classes, num_epochs, dataloader, criterion and optimizer, and makes "
            "none of them",
            symptom="NameError, five times in a row",
            repair="define them: the data, the loss, and an optimizer made after the new head",
            broken=lambda: _undefined({"net": mock.MagicMock()}),
            repaired=lambda: _undefined(_complete()),
            healthy=lambda missed: not missed,
            show=lambda missed: "not defined: " + ", ".join(missed) if missed else "runs",
        ),
        Fault(
            "nothing frozen",
            wrong="is announced as feature-based, and hands every weight to the optimizer",
            symptom="a full fine-tuning: other cost, other result, and features that move",
            repair="freeze the body if features are what you want, or call it fine-tuning",
            broken=lambda: _free_outside_the_head(frozen=False),
            repaired=lambda: _free_outside_the_head(frozen=True),
            healthy=lambda free: free == 0,
            show=lambda free: f"{free:,} weights below the head are trained",
        ),
        Fault(
            "nothing seeded",
            wrong="draws the new head and the order of the rows from no seed",
            symptom="two runs give two results, and no difference can be explained",
            repair="a seed for the head, the draws and the augmentation",
            broken=lambda: _two_runs_differ(seeded=False),
            repaired=lambda: _two_runs_differ(seeded=True),
            healthy=lambda gap: gap == 0,
            show=lambda gap: f"heads of two runs differ by up to {gap:.2g}",
        ),
        Fault(
            "pixels not normalized",
            wrong="says nothing of the mean and the scale that the network was trained with",
            symptom="features of pictures that the network has never seen the like of",
            repair="weights.transforms(), in training and at the test alike",
            broken=lambda: _letters_right(normalized=False),
            repaired=lambda: _letters_right(normalized=True),
            healthy=lambda right: right > 0.9,
            show=lambda right: f"{100 * right:.0f} % right on the letters that it was trained for",
        ),
        Fault(
            "gradients never zeroed",
            wrong="calls backward and step, and never zero_grad",
            symptom="each step follows the sum of all gradients so far; the loss falls, then rises",
            repair="optimizer.zero_grad() before backward",
            broken=lambda: _stale_gradient(zeroed=False),
            repaired=lambda: _stale_gradient(zeroed=True),
            healthy=lambda off: off < 1e-6,
            show=lambda off: f"the gradient is off by {100 * off:.0f} % of its length",
        ),
        Fault(
            "no switch to evaluation",
            wrong="never calls eval(), nor train() after it",
            symptom="BatchNorm goes on using the batch: the answer for a picture depends on others",
            repair="model.eval() and torch.inference_mode() to predict, model.train() to go on",
            broken=lambda: _changed_answers("train: mixed batches"),
            repaired=lambda: _changed_answers("eval"),
            healthy=lambda share: share == 0,
            show=lambda share: f"{100 * share:.0f} % of the answers change with the batch size",
        ),
        Fault(
            "no validation",
            wrong="ends with the last step and looks at no picture that it was not trained on",
            symptom="all one could report is the accuracy on the training rows",
            repair="keep labeled rows back and look at them",
            broken=lambda: _optimism(validated=False),
            repaired=lambda: _optimism(validated=True),
            healthy=lambda gap: abs(gap) < 0.1,
            show=lambda gap: f"reports {100 * gap:+.0f} points against new pictures",
        ),
    ),
)
