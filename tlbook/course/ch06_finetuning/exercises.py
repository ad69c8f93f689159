"""Exercises of chapter 06: a repair, a changed run, a figure to read, frozen or not, a plan."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from tlbook.course.exercises.checkers import Probe, Wrong, number
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: repair this script: parameter groups ------------------------------------------------------


def groups(net, lr, slow):
    """Return groups for the optimizer: the head learns at lr, all the rest at slow."""
    head = list(net.head.parameters())
    own = {id(p) for p in head}
    rest = [p for p in net.parameters() if id(p) not in own]
    return [{"params": rest, "lr": slow}, {"params": head, "lr": lr}]


class _Network(nn.Module):
    """A body, a normalization of its own after it, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.neck, self.head = nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)


IN_NONE, IN_TWO = 0.0, -1.0  # in place of a rate


def _rates(answer: Any) -> list[float]:
    """Return the rate of each parameter in the network's order."""
    net = _Network()
    found: dict[int, list[float]] = {id(p): [] for p in net.parameters()}
    for group in answer(net, 0.01, 0.0001):
        params = group["params"]
        for p in [params] if isinstance(params, torch.Tensor) else params:
            found[id(p)].append(float(group["lr"]))
    return [lr[0] if len(lr) == 1 else IN_TWO if lr else IN_NONE for lr in found.values()]


q1 = Exercise(
    "q1",
    "Repair groups(net, lr, slow): the head learns at lr, everything else in the network at slow.",
    groups,
    mistakes={
        "The head is in two groups: net.parameters() contains it. PyTorch refuses that.": (
            lambda net, lr, slow: [
                {"params": net.parameters(), "lr": slow},
                {"params": net.head.parameters(), "lr": lr},
            ]
        ),
        "The two rates are exchanged: the head is new and needs the large one.": (
            lambda net, lr, slow: groups(net, slow, lr)
        ),
        "One part is in no group, so it never learns: a network can have more than a body and a "
        "head. Take everything that is not in the head.": lambda net, lr, slow: [
            {"params": net.body.parameters(), "lr": slow},
            {"params": net.head.parameters(), "lr": lr},
        ],
        "That is one rate for all parameters.": lambda net, lr, slow: [
            {"params": net.parameters(), "lr": lr}
        ],
        "The head is in no group, so it never learns.": lambda net, lr, slow: groups(net, lr, slow)[
            :1
        ],
    },
    probes=[Probe("the rates", _rates, tolerance=1e-12)],
    hints=(
        "Each parameter belongs to exactly one group. In which groups is the head now?",
        "own = {id(p) for p in net.head.parameters()} lets you tell the head's parameters apart.",
        "rest = [p for p in net.parameters() if id(p) not in own] is everything else.",
    ),
)

# -- q2: change the experiment: a faster body ------------------------------------------------------

FASTER = 21.0  # percent; the band covers what rounding on another machine may change
BAND = 5.0
WRONG_ACCURACIES: dict[str, float] = {
    "That is near the accuracy at 4e-5, as printed above. Change the body's rate.": 35.0,
    "That is what guessing reaches.": 10.0,
}


def _near_faster(answer: Any) -> None:
    """Raise :class:`Wrong` unless the answer is in the band around the measured accuracy."""
    value = float(answer) if isinstance(answer, (int, float)) else float("nan")
    if abs(value - FASTER) <= BAND:
        return
    if 0 < value < 1:
        raise Wrong("Answer in percent, as a number between 0 and 100.")
    for message, wrong in WRONG_ACCURACIES.items():
        if abs(value - wrong) <= 3:
            raise Wrong(message)
    number(answer, FASTER, what="the accuracy")


q2 = Exercise(
    "q2",
    "Repeat the run with parameter groups with a body's rate of 4e-4. What is its accuracy in "
    "percent? An answer within 5 points counts.",
    FASTER,
    mistakes=dict(WRONG_ACCURACIES),
    hints=(
        "Copy the cell and change one number: the 4e-5 of the body.",
        "Build the network anew with new_network(), or you go on training the old one.",
        "score(net) prints the accuracy; leave out the percent sign.",
    ),
    check=_near_faster,
)

# -- q3: read the figure of the searched recipes ---------------------------------------------------

WORST = "one rate for all layers loses more than 15 points"
SPLIT = "layer-wise rates beat the probe, and LP-FT does not clearly"
ALL = "all three recipes beat the probe"
BUDGETS = ("1", "5", "20")

q3 = matching(
    "q3",
    "Which panel of the figure (labels per class) does each sentence describe?",
    {WORST: "1", SPLIT: "5", ALL: "20"},
    BUDGETS,
    {
        (WORST, ""): "Look at the purple row: how far left of zero is it?",
        (SPLIT, "1"): "There the interval of layer-wise rates contains zero.",
        (SPLIT, "20"): "There LP-FT's whole interval lies right of zero.",
        (ALL, ""): "Beating means: the whole interval lies right of zero.",
    },
    hints=(
        "A row beats the probe if its whole interval lies right of zero.",
        "Take the panels one by one, and count the rows right of zero.",
    ),
)

# -- q4: is it frozen? ----------------------------------------------------------------------------


def really_frozen(model, x):
    """Return whether a training step could change nothing in the model."""
    if any(p.requires_grad for p in model.parameters()):
        return False
    # BatchNorm moves buffers without a gradient: try a forward pass on a copy in training mode.
    trial = copy.deepcopy(model).train()
    before = copy.deepcopy(trial.state_dict())
    with torch.no_grad():
        trial(x)
    return all(torch.equal(v, before[name]) for name, v in trial.state_dict().items())


def _by_gradients(model: Any, x: Any) -> bool:
    return not any(p.requires_grad for p in model.parameters())


def _by_mode(model: Any, x: Any) -> bool:
    return _by_gradients(model, x) and not any(m.training for m in model.modules())


def _by_statistics(model: Any, x: Any) -> bool:
    return really_frozen(copy.deepcopy(model).requires_grad_(False), x)


def _on_the_original(model: Any, x: Any) -> bool:
    if not _by_gradients(model, x):
        return False
    before = copy.deepcopy(model.train().state_dict())
    model(x)
    return all(torch.equal(v, before[name]) for name, v in model.state_dict().items())


def _network() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))


def _frozen() -> Any:
    from tlbook.finetuning import freeze

    return freeze(_network(), but=())


def _but_one_bias() -> Any:
    model = _frozen()
    list(model.parameters())[-1].requires_grad_(True)
    return model


# What is tested, and what is said where the answer differs.
MODELS: tuple[tuple[Callable[[], Any], str], ...] = (
    (
        lambda: _network().requires_grad_(False).train(),
        "Tested on no gradients, but BatchNorm in training mode, you say True. "
        "Its weights get no gradient, and still it changes: BatchNorm moves its running mean and "
        "variance at every forward pass in training mode. They are buffers, not parameters: "
        "compare the whole state_dict.",
    ),
    (
        lambda: _network().requires_grad_(False).eval(),
        "Tested on no gradients, in eval mode for now, you say True. "
        "It is in eval mode now, but every training loop calls model.train(), and then BatchNorm "
        "moves. Test what happens after .train().",
    ),
    (
        lambda: _frozen().train(),
        "Tested on freeze() of tlbook, you say False. "
        "This one is frozen: its BatchNorm stays in eval mode even after model.train(). Look at "
        "what changes in a forward pass, not at the flag .training.",
    ),
    (
        _but_one_bias,
        "Tested on frozen but for one bias, you say True. "
        "One bias still requires a gradient, so the optimizer will move it. A forward pass alone "
        "does not show that.",
    ),
)
ONLY_WEIGHTS, EVAL_FOR_NOW, LIBRARY, ONE_BIAS = (said for _, said in MODELS)


def _inputs() -> Any:
    return torch.linspace(-1, 3, 32).reshape(8, 4)


def _verdict(make: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda answer: answer(make(), _inputs())


def _keeps_the_model(answer: Any) -> bool:
    """Return whether the networks are afterwards what they were before."""
    kept = True
    for make, _ in MODELS:
        model = make()
        before = copy.deepcopy(model.state_dict())
        answer(model, _inputs())
        kept &= all(torch.equal(v, before[name]) for name, v in model.state_dict().items())
    return kept


q4 = Exercise(
    "q4",
    "Write really_frozen(model, x): True if a training step on inputs x could change nothing in "
    "the model, False otherwise. The model itself must stay as it is.",
    really_frozen,
    mistakes={
        ONLY_WEIGHTS: _by_gradients,
        EVAL_FOR_NOW: _by_mode,
        LIBRARY: lambda model, x: False,
        ONE_BIAS: _by_statistics,
        "Your test changed the network that it tested: the forward pass moved its running "
        "statistics. Try it on a deepcopy.": _on_the_original,
    },
    probes=[
        *(Probe("the verdict", _verdict(make)) for make, _ in MODELS),
        Probe("the network afterwards", _keeps_the_model),
    ],
    hints=(
        "Two things can move: parameters that require a gradient, and buffers of BatchNorm.",
        "Work on copy.deepcopy(model), call .train() on it, run it on x once.",
        "Compare every entry of state_dict() before and after with torch.equal.",
    ),
)

# -- q5: choose and defend: a plan -----------------------------------------------------------------

q5 = choice(
    "q5",
    "You have a pretrained network with BatchNorm and ten labels per class, and new pictures may "
    "come from another camera. What do you do first?",
    "probe first, then layer-wise rates or LP-FT, compared on rows that were held back",
    {
        "full fine-tuning at one rate of 1e-3, it has the most freedom": (
            "At ten labels per class this recipe was 4 points behind the probe, and at five 18. "
            "Freedom needs labels."
        ),
        "requires_grad=False everywhere, then train a head in training mode": (
            "That network is not frozen. Its running statistics move with every batch."
        ),
        "train with the old head, replace the head at the end": (
            "The new head is random, and so are its answers."
        ),
        "search the rate on the test pictures of the new camera": (
            "Then the test pictures chose the rate and can no longer judge it."
        ),
    },
    hints=(
        "Which plan starts with the rival that is cheapest and hardest to break?",
        "Which rows may choose between two recipes?",
    ),
    because="a cheap start, two recipes that keep the features near, a choice without test labels",
)
