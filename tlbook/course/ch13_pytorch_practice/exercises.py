"""Exercises of chapter 13: the order of the loop, one step, evaluation, resuming, the rate."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import number, subset
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: the order ---------------------------------------------------------------------------------

ORDER = ["forward", "loss", "zero_grad", "backward", "step"]


def _check_order(answer: Any) -> None:
    if not isinstance(answer, (list, tuple)) or sorted(map(str, answer)) != sorted(ORDER):
        raise Wrong(f"Give a list with each of these once: {', '.join(sorted(ORDER))}.")
    at = {name: list(answer).index(name) for name in ORDER}
    if at["loss"] < at["forward"]:
        raise Wrong("The loss compares logits with labels: the forward pass has to make them.")
    if at["backward"] < at["loss"]:
        raise Wrong("backward starts from the loss: there is none yet.")
    if at["backward"] < at["zero_grad"] < at["step"]:
        raise Wrong(
            "You throw the gradient away between computing and using it: the weights stay where "
            "they are."
        )
    if at["step"] < at["backward"]:
        raise Wrong(
            "The step uses the gradient of the batch before, and the first step has none at all."
        )


q1 = Exercise(
    name="q1",
    question="Put the five parts of a training step into a right order.",
    check=_check_order,
    hints=(
        "Who needs whose result? The loss needs logits, backward needs a loss, step needs "
        "gradients.",
        "backward adds to what is there. So zero_grad may stand anywhere except between backward "
        "and step.",
    ),
    solution="""
    answer = ["forward", "loss", "zero_grad", "backward", "step"]
    """,
    reference=ORDER,
    wrong_answers={
        "zeroed too late": (["forward", "loss", "backward", "zero_grad", "step"], "You throw"),
        "step first": (["forward", "loss", "zero_grad", "step", "backward"], "batch before"),
        "loss first": (["loss", "forward", "zero_grad", "backward", "step"], "has to make them"),
        "backward first": (["backward", "forward", "loss", "zero_grad", "step"], "none yet"),
        "one missing": (["forward", "loss", "backward", "step"], "each of these once"),
    },
)

# -- q2: one step ----------------------------------------------------------------------------------


def train_step(model: Any, optimizer: Any, x: Any, y: Any) -> float:
    """Make one right training step and return the loss as a number."""
    from torch.nn.functional import cross_entropy

    model.train()
    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _never_zeroed(model: Any, optimizer: Any, x: Any, y: Any) -> float:
    from torch.nn.functional import cross_entropy

    model.train()
    loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def _no_mode(model: Any, optimizer: Any, x: Any, y: Any) -> float:
    from torch.nn.functional import cross_entropy

    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _keeps_the_graph(model: Any, optimizer: Any, x: Any, y: Any) -> Any:
    from torch.nn.functional import cross_entropy

    model.train()
    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def _softmax_first(model: Any, optimizer: Any, x: Any, y: Any) -> float:
    from torch.nn.functional import cross_entropy

    model.train()
    loss = cross_entropy(model(x).softmax(dim=1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _without_step(model: Any, optimizer: Any, x: Any, y: Any) -> float:
    from torch.nn.functional import cross_entropy

    model.train()
    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def _small_network() -> Any:
    """Return a network with BatchNorm, and rows to train it on."""
    import torch
    from torch import nn

    from tlbook.models import seeded

    rng = np.random.default_rng(13)
    x = torch.from_numpy((3 * rng.normal(size=(12, 4)) + 1).astype(np.float32))
    y = torch.arange(12) % 3
    layers = seeded(lambda: nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3)), 0)
    return layers, x, y


def _after(step: Any, steps: int = 2) -> tuple[Any, list[Any]]:
    """Return the state after some steps, the first from eval mode (and its results)."""
    import torch

    model, x, y = _small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.eval()
    said = []
    for i in range(steps):
        said.append(step(model, optimizer, x[6 * i : 6 * i + 6], y[6 * i : 6 * i + 6]))
    return {k: v.detach().clone() for k, v in model.state_dict().items()}, said


def _same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    import torch

    return all(torch.allclose(a[k].double(), b[k].double(), atol=1e-6) for k in a)


def _check_step(answer: Any) -> None:
    mine, said = _after(answer)
    right, told = _after(train_step)
    start = _small_network()[0].state_dict()
    weights = {k: v for k, v in mine.items() if k.endswith(("weight", "bias"))}
    if _same(weights, {k: start[k] for k in weights}):
        raise Wrong("No weight has moved: is optimizer.step() there, after backward?")
    moved = mine["1.num_batches_tracked"] - start["1.num_batches_tracked"]
    if not int(moved):
        raise Wrong(
            "The network came in eval mode and was trained in it: BatchNorm used old averages and "
            "did not renew them. Call model.train() first."
        )
    if not _same(mine, right):
        if _same(mine, _after(_never_zeroed)[0]):
            raise Wrong(
                "The second step went astray: backward *adds* to the gradients of the first. "
                "Where is zero_grad?"
            )
        if _same(mine, _after(_softmax_first)[0]):
            raise Wrong("cross_entropy takes logits: it does the softmax itself.")
        raise Wrong("After two steps the weights are not those of two plain steps.")
    if hasattr(said[-1], "grad_fn"):
        raise Wrong(
            "You return a tensor. It holds on to the graph of its step; in a list of losses that "
            "fills the memory. Return loss.item()."
        )
    number(said[-1], told[-1], tolerance=1e-5, what="the loss")


q2 = Exercise(
    name="q2",
    question="Write train_step(model, optimizer, x, y): one cross-entropy step in the right mode; "
    "return the loss as a number.",
    check=_check_step,
    hints=(
        "Six lines: mode, loss, zero, backward, step, return.",
        "torch.nn.functional.cross_entropy takes logits and labels.",
        "loss.item() is a number; loss is a tensor with its whole history.",
    ),
    solution="""
    def answer(model, optimizer, x, y):
        model.train()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()
    """,
    reference=train_step,
    wrong_answers={
        "never zeroed": (_never_zeroed, "Where is zero_grad?"),
        "mode left as it is": (_no_mode, "Call model.train() first"),
        "graph kept": (_keeps_the_graph, "holds on to the graph"),
        "softmax twice": (_softmax_first, "softmax itself"),
        "no step": (_without_step, "No weight has moved"),
    },
    given=lambda: {"torch": __import__("torch")},
)

# -- q3: evaluation --------------------------------------------------------------------------------


def evaluate(model: Any, x: Any, y: Any) -> float:
    """Return the accuracy in eval mode, and leave the mode as it was."""
    import torch

    was_training = model.training
    model.eval()
    with torch.inference_mode():
        accuracy = float((model(x).argmax(dim=1) == y).float().mean())
    model.train(was_training)
    return accuracy


def _in_training_mode(model: Any, x: Any, y: Any) -> float:
    import torch

    with torch.inference_mode():
        return float((model(x).argmax(dim=1) == y).float().mean())


def _stays_in_eval(model: Any, x: Any, y: Any) -> float:
    import torch

    model.eval()
    with torch.inference_mode():
        return float((model(x).argmax(dim=1) == y).float().mean())


def _percent(model: Any, x: Any, y: Any) -> float:
    return 100 * evaluate(model, x, y)


def _with_graph(model: Any, x: Any, y: Any) -> float:
    was_training = model.training
    model.eval()
    accuracy = float((model(x).argmax(dim=1) == y).float().mean())
    model.train(was_training)
    return accuracy


class _Watched:
    """Whether a forward pass was made with gradients switched on."""

    def __init__(self, model: Any) -> None:
        self.graph = False
        model.register_forward_hook(self._look)

    def _look(self, module: Any, inputs: Any, out: Any) -> None:
        self.graph |= bool(out.requires_grad)


def _check_evaluate(answer: Any) -> None:
    model, x, y = _small_network()
    for parameter in (model[1].running_mean, model[1].running_var):
        parameter.fill_(2.5)  # averages that are not those of this batch
    model.train()
    before = copy.deepcopy(model.state_dict())
    right = evaluate(copy.deepcopy(model), x, y)
    watch = _Watched(model)
    value = answer(model, x, y)
    if not _same(before, model.state_dict()):
        raise Wrong(
            "Looking has changed the network: in training mode BatchNorm renews its averages, and "
            "the answer for a picture depends on its neighbors. Call model.eval() first."
        )
    number(value, right, what="the accuracy")
    if not model.training:
        raise Wrong(
            "The network came in training mode and leaves in eval mode: the next epoch would be "
            "trained with frozen statistics. Put the mode back."
        )
    if watch.graph:
        raise Wrong(
            "The answer is right, but the forward pass built a graph for a backward pass that "
            "never comes. Use torch.inference_mode()."
        )


q3 = Exercise(
    name="q3",
    question="Write evaluate(model, x, y): the accuracy as a fraction. The network must be "
    "afterwards what it was before.",
    check=_check_evaluate,
    hints=(
        "Three things besides the comparison: the mode, the gradients, the mode again.",
        "model.training says in which mode it came; model.train(was) puts it back.",
        "with torch.inference_mode(): ...",
    ),
    solution="""
    def answer(model, x, y):
        was_training = model.training
        model.eval()
        with torch.inference_mode():
            accuracy = (model(x).argmax(dim=1) == y).float().mean().item()
        model.train(was_training)
        return accuracy
    """,
    reference=evaluate,
    wrong_answers={
        "in training mode": (_in_training_mode, "Looking has changed the network"),
        "stays in eval": (_stays_in_eval, "Put the mode back"),
        "percent": (_percent, "in percent"),
        "builds a graph": (_with_graph, "built a graph"),
    },
    given=lambda: {"torch": __import__("torch")},
)

# -- q4: what a checkpoint needs -------------------------------------------------------------------

STATE = {
    "weights",
    "BatchNorm's running averages",
    "optimizer's moments",
    "number of steps made",
    "states of the random generators",
}
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


def _check_state(answer: Any) -> None:
    subset(answer, STATE, WHY)


q4 = Exercise(
    name="q4",
    question="What must a checkpoint hold so that the resumed run ends bit for bit like the "
    "undisturbed one?",
    check=_check_state,
    hints=(
        "Ask of each: if it were lost, would the next step be another one?",
        "AdamW remembers two numbers per weight.",
        "Five of the eight belong.",
    ),
    solution="""
    answer = {
        "weights",
        "BatchNorm's running averages",
        "optimizer's moments",
        "number of steps made",
        "states of the random generators",
    }
    """,
    reference=STATE,
    wrong_answers={
        "weights only": ({"weights"}, "Look again at batchnorm"),
        "no moments": (STATE - {"optimizer's moments"}, "averages at zero"),
        "no randomness": (STATE - {"states of the random generators"}, "dropout mask"),
        "no step": (STATE - {"number of steps made"}, "which rows come next"),
        "gradients too": (STATE | {"gradients"}, "gradients does not belong"),
        "pictures too": (STATE | {"training pictures"}, "training pictures does not belong"),
        "activations too": (STATE | {"activations"}, "activations does not belong"),
    },
)

# -- q5: a rate from a range test ------------------------------------------------------------------


def _smooth(losses: np.ndarray, beta: float) -> np.ndarray:
    means, total, weight = [], 0.0, 0.0
    for loss in losses:
        total, weight = beta * total + loss, beta * weight + 1
        means.append(total / weight)
    return np.array(means)


def suggest(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    """Return a tenth of the rate at which the smoothed loss is lowest."""
    return float(rates[int(np.argmin(_smooth(losses, beta)))]) / 10


def _from_zero(losses: np.ndarray, beta: float) -> np.ndarray:
    means, mean = [], 0.0
    for loss in losses:
        mean = beta * mean + (1 - beta) * loss
        means.append(mean)
    return np.array(means)


def _raw(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    return float(rates[int(np.argmin(losses))]) / 10


def _the_lowest(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    return 10 * suggest(rates, losses, beta)


def _zero_start(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    return float(rates[int(np.argmin(_from_zero(losses, beta)))]) / 10


def _the_last(rates: np.ndarray, losses: np.ndarray, beta: float) -> float:
    return float(rates[-1]) / 10


def _check_suggest(answer: Any) -> None:
    rates = np.geomspace(1e-5, 1.0, 60)
    progress = np.linspace(0, 1, 60)
    losses = 2.5 - 2 * progress + 60 * np.clip(progress - 0.75, 0, None) ** 2
    losses[20] = 0.01  # one lucky batch
    given = rates, losses, 0.8
    right = suggest(*given)
    number(
        answer(*given),
        right,
        tolerance=1e-3 * right,
        what="the rate",
        mistakes={
            "You took the single lowest loss: one lucky batch decides. Smooth first.": _raw(*given),
            "That is the rate with the lowest loss. There the training is about to break: take a "
            "tenth of it.": _the_lowest(*given),
            "Your running mean starts at zero, so the first steps look like the best. Divide by "
            "the sum of the weights.": _zero_start(*given),
            "That is a tenth of the last rate, where the loss had blown up.": _the_last(*given),
        },
    )


q5 = Exercise(
    name="q5",
    question="Write suggest(rates, losses, beta): smooth the losses of a range test with factor "
    "beta, and return a tenth of the rate at which the smoothed loss is lowest.",
    check=_check_suggest,
    hints=(
        "Weighted mean of the past: the loss s steps ago has the weight beta ** s.",
        "Keep two sums: of beta-weighted losses, and of the weights themselves.",
        "total = beta * total + loss; weight = beta * weight + 1; total / weight",
    ),
    solution="""
    def answer(rates, losses, beta):
        total, weight, smoothed = 0.0, 0.0, []
        for loss in losses:
            total, weight = beta * total + loss, beta * weight + 1
            smoothed.append(total / weight)
        return rates[np.argmin(smoothed)] / 10
    """,
    reference=suggest,
    wrong_answers={
        "not smoothed": (_raw, "one lucky batch"),
        "the lowest itself": (_the_lowest, "about to break"),
        "a mean from zero": (_zero_start, "starts at zero"),
        "the last rate": (_the_last, "had blown up"),
    },
    given=lambda: {"np": np},
)
