"""Exercises of chapter 13: the order of the loop, one step, evaluation, resuming, the rate."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import order, subset

# -- q1: the order ---------------------------------------------------------------------------------

q1 = order(
    "q1",
    "Put the five parts of a training step into a right order.",
    ("forward", "loss", "zero_grad", "backward", "step"),
    {
        "The loss compares logits with labels: the forward pass has to make them.": (
            "loss",
            "forward",
        ),
        "backward starts from the loss: there is none yet.": ("backward", "loss"),
        "You throw the gradient away between computing and using it: the weights stay where they "
        "are.": ("backward", "zero_grad", "step"),
        "The step uses the gradient of the batch before, and the first step has none at all.": (
            "step",
            "backward",
        ),
    },
    hints=(
        "Who needs whose result? The loss needs logits, backward needs a loss, step needs "
        "gradients.",
        "backward adds to what is there. So zero_grad may stand anywhere except between backward "
        "and step.",
    ),
)

# -- q2: one step ----------------------------------------------------------------------------------


def train_step(model, optimizer, x, y):
    """Make one right training step and return the loss as a number."""
    model.train()
    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _never_zeroed(model: Any, optimizer: Any, x: Any, y: Any) -> Any:
    model.train()
    loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def _a_step(
    model: Any, optimizer: Any, x: Any, y: Any, loss_of: Callable[..., Any] = cross_entropy
) -> Any:
    """Make a step in the mode that the network is in, and return the loss with its graph."""
    loss = loss_of(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def _without_step(model: Any, optimizer: Any, x: Any, y: Any) -> Any:
    loss = cross_entropy(model.train()(x), y)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def _small_network() -> Any:
    """Return a network with BatchNorm, and rows to train it on."""
    from torch import nn

    from tlbook.models import seeded

    rng = np.random.default_rng(13)
    x = torch.from_numpy((3 * rng.normal(size=(12, 4)) + 1).astype(np.float32))
    y = torch.arange(12) % 3
    layers = seeded(lambda: nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3)), 0)
    return layers, x, y


@lru_cache(maxsize=32)  # every probe looks at the same run
def _two_steps(step: Any) -> tuple[Any, Any]:
    """Return the network after two steps, the first from eval mode, and the second's result."""
    model, x, y = _small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.eval()
    step(model, optimizer, x[:6], y[:6])
    return model, step(model, optimizer, x[6:], y[6:])


def _flat(model: Any) -> torch.Tensor:
    """Return the whole state of a network, buffers included, in one vector."""
    return torch.cat([v.detach().double().ravel() for v in model.state_dict().values()])


def _weights(model: Any) -> torch.Tensor:
    return torch.cat([p.detach().ravel() for p in model.parameters()])


def _has_moved(step: Any) -> bool:
    return not torch.equal(_weights(_two_steps(step)[0]), _weights(_small_network()[0]))


q2 = Exercise(
    "q2",
    "Write train_step(model, optimizer, x, y): one cross-entropy step in the right mode; "
    "return the loss as a number.",
    train_step,
    mistakes={
        "No weight has moved: is optimizer.step() there, after backward?": _without_step,
        "The network came in eval mode and was trained in it: BatchNorm used old averages and did "
        "not renew them. Call model.train() first.": lambda model, optimizer, x, y: _a_step(
            model, optimizer, x, y
        ).item(),
        "The second step went astray: backward *adds* to the gradients of the first. Where is "
        "zero_grad?": _never_zeroed,
        "cross_entropy takes logits: it does the softmax itself.": lambda model, optimizer, x, y: (
            _a_step(
                model.train(), optimizer, x, y, lambda z, y: cross_entropy(z.softmax(dim=1), y)
            ).item()
        ),
        "You return a tensor. It holds on to the graph of its step; in a list of losses that "
        "fills the memory. Return loss.item().": lambda model, optimizer, x, y: _a_step(
            model.train(), optimizer, x, y
        ),
    },
    probes=[
        Probe("moved weights", _has_moved),
        Probe("renewed averages", lambda s: bool(_two_steps(s)[0][1].num_batches_tracked)),
        Probe(
            "the network after two steps",
            lambda step: _flat(_two_steps(step)[0]),
            otherwise="After two steps the weights are not those of two plain steps.",
        ),
        Probe("a tensor", lambda step: isinstance(_two_steps(step)[1], torch.Tensor)),
        Probe("the loss", lambda step: _two_steps(step)[1], tolerance=1e-5),
    ],
    hints=(
        "Six lines: mode, loss, zero, backward, step, return.",
        "torch.nn.functional.cross_entropy takes logits and labels.",
        "loss.item() is a number; loss is a tensor with its whole history.",
    ),
)

# -- q3: evaluation --------------------------------------------------------------------------------


def evaluate(model, x, y):
    """Return the accuracy in eval mode, and leave the mode as it was."""
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        accuracy = (model(x).argmax(dim=1) == y).float().mean().item()
    model.train(was_training)
    return accuracy


def _accuracy(model: Any, x: Any, y: Any) -> float:
    return float((model(x).argmax(dim=1) == y).float().mean())


def _with_graph(model: Any, x: Any, y: Any) -> float:
    accuracy = _accuracy(model.eval(), x, y)
    model.train()
    return accuracy


@lru_cache(maxsize=32)  # every probe looks at the same run
def _looked_at(answer: Any) -> tuple[Any, dict[str, bool]]:
    """Return what is answered of a network in training mode, and what that did to it."""
    model, x, y = _small_network()
    for average in (model[1].running_mean, model[1].running_var):
        average.fill_(2.5)  # averages that are not those of this batch
    model.train()
    before, graphs = copy.deepcopy(model), []
    model.register_forward_hook(lambda module, inputs, out: graphs.append(out.requires_grad))
    value = answer(model, x, y)
    kept = bool(torch.allclose(_flat(model), _flat(before), atol=1e-6))
    return value, {"kept": kept, "mode": model.training, "graph": any(graphs)}


q3 = Exercise(
    "q3",
    "Write evaluate(model, x, y): the accuracy as a fraction. The network must be "
    "afterwards what it was before.",
    evaluate,
    mistakes={
        "Looking has changed the network: in training mode BatchNorm renews its averages, and the "
        "answer for a picture depends on its neighbors. Call model.eval() first.": (
            torch.inference_mode()(_accuracy)
        ),
        "The network came in training mode and leaves in eval mode: the next epoch would be "
        "trained with frozen statistics. Put the mode back.": lambda model, x, y: (
            torch.inference_mode()(_accuracy)(model.eval(), x, y)
        ),
        "The answer is right, but the forward pass built a graph for a backward pass that never "
        "comes. Use torch.inference_mode().": _with_graph,
    },
    probes=[
        Probe("the network afterwards", lambda answer: _looked_at(answer)[1]["kept"]),
        Probe("the accuracy", lambda answer: _looked_at(answer)[0]),
        Probe("the mode afterwards", lambda answer: _looked_at(answer)[1]["mode"]),
        Probe("a graph", lambda answer: _looked_at(answer)[1]["graph"]),
    ],
    hints=(
        "Three things besides the comparison: the mode, the gradients, the mode again.",
        "model.training says in which mode it came; model.train(was) puts it back.",
        "with torch.inference_mode(): ...",
    ),
)

# -- q4: what a checkpoint needs -------------------------------------------------------------------

WHY = {
    "weights": "they are what was learned.",
    "BatchNorm's running averages": "they are no parameters, but prediction uses them.",
    "optimizer's moments": "without them AdamW starts its averages at zero: the next steps differ.",
    "number of steps made": "it says which rows come next and where the schedule stands.",
    "states of the random generators": "the next dropout mask and augmentation come from them.",
    "gradients": "they are set to zero before the next backward pass.",
    "training pictures": "they are on the disk already; a checkpoint keeps at most their hash.",
    "activations": "the next forward pass makes its own.",
}

q4 = subset(
    "q4",
    "What must a checkpoint hold so that the resumed run ends bit for bit like the "
    "undisturbed one?",
    {
        "weights",
        "BatchNorm's running averages",
        "optimizer's moments",
        "number of steps made",
        "states of the random generators",
    },
    WHY,
    hints=(
        "Ask of each: if it were lost, would the next step be another one?",
        "AdamW remembers two numbers per weight.",
        "Five of the eight belong.",
    ),
)

# -- q5: a rate from a range test ------------------------------------------------------------------


def suggest(rates, losses, beta):
    """Return a tenth of the rate at which the smoothed loss is lowest."""
    total, weight, smoothed = 0.0, 0.0, []
    for loss in losses:
        total, weight = beta * total + loss, beta * weight + 1
        smoothed.append(total / weight)
    return rates[np.argmin(smoothed)] / 10


def _zero_start(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    means, mean = [], 0.0
    for loss in losses:
        mean = beta * mean + (1 - beta) * loss
        means.append(mean)
    return float(rates[np.argmin(means)]) / 10


def _range_test() -> tuple[np.ndarray, np.ndarray, float]:
    progress = np.linspace(0, 1, 60)
    losses = 2.5 - 2 * progress + 60 * np.clip(progress - 0.75, 0, None) ** 2
    losses[20] = 0.01  # one lucky batch
    return np.geomspace(1e-5, 1.0, 60), losses, 0.8


q5 = Exercise(
    "q5",
    "Write suggest(rates, losses, beta): smooth the losses of a range test with factor "
    "beta, and return a tenth of the rate at which the smoothed loss is lowest.",
    suggest,
    mistakes={
        "You took the single lowest loss: one lucky batch decides. Smooth "
        "first.": lambda rates, losses, beta: rates[np.argmin(losses)] / 10,
        "That is the rate with the lowest loss. There the training is about to break: take a "
        "tenth of it.": lambda rates, losses, beta: 10 * suggest(rates, losses, beta),
        "Your running mean starts at zero, so the first steps look like the best. Divide by the "
        "sum of the weights.": _zero_start,
        "That is a tenth of the last rate, where the loss had blown "
        "up.": lambda rates, losses, beta: rates[-1] / 10,
    },
    probes=[Probe("the rate", on(*_range_test()), tolerance=1e-3 * suggest(*_range_test()))],
    hints=(
        "Weighted mean of the past: the loss s steps ago has the weight beta ** s.",
        "Keep two sums: of beta-weighted losses, and of the weights themselves.",
        "total = beta * total + loss; weight = beta * weight + 1; total / weight",
    ),
)
