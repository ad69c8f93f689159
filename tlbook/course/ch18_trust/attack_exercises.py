"""Exercises of chapter 18 on attribution, attacks and the backdoor: q1 to q4."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn import functional as F

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: write it: integrated gradients -----------------------------------------------------------


def integrated(f, x, b, steps):
    """Return (x − b) times the mean gradient of f at the midpoints between b and x."""
    total = torch.zeros_like(x)
    for i in range(steps):
        t = (i + 0.5) / steps
        point = (b + t * (x - b)).requires_grad_(True)
        total += torch.autograd.grad(f(point), point)[0]
    return (x - b) * total / steps


def _at(f, x, b, times):
    """Return the mean gradient of f at these parts of the way."""
    slopes = []
    for t in times:
        point = (b + t * (x - b)).requires_grad_(True)
        slopes.append(torch.autograd.grad(f(point), point)[0])
    return torch.stack(slopes).mean(0)


def _midpoints(steps):
    return [(i + 0.5) / steps for i in range(steps)]


def _wave(x):
    return (x[0] ** 2 * x[1] + torch.sin(3 * x[2])).sum()


X0, B0 = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([0.2, 0.1, -0.4])

q1 = Exercise(
    "q1",
    "Write integrated(f, x, b, steps): integrated gradients of the number f(x), from the baseline "
    "b to x, with the gradient at the midpoints t = (i + 0.5) / steps.",
    integrated,
    mistakes={
        "That is the mean gradient. The factor (x − b) is missing, so nothing adds up.": (
            lambda f, x, b, steps: _at(f, x, b, _midpoints(steps))
        ),
        "You multiplied by x. The way begins at b: multiply by x − b.": lambda f, x, b, steps: (
            x * _at(f, x, b, _midpoints(steps))
        ),
        "That is the gradient at x alone, times x − b. Take the mean over the way from b to x.": (
            lambda f, x, b, steps: (x - b) * _at(f, x, b, [1.0])
        ),
        "Your points lie between 0 and x. They belong between b and x.": lambda f, x, b, steps: (
            (x - b) * _at(f, x, 0 * b, _midpoints(steps))
        ),
        "Your points begin at b: t = i / steps. The midpoints are (i + 0.5) / steps.": (
            lambda f, x, b, steps: (x - b) * _at(f, x, b, [i / steps for i in range(steps)])
        ),
        "That is the sum over the points. Divide by the number of steps.": lambda f, x, b, steps: (
            (x - b) * _at(f, x, b, _midpoints(steps)) * steps
        ),
    },
    probes=[
        Probe("the attribution", on(_wave, X0, B0, 5), tolerance=1e-5),
        Probe("the attribution with another baseline", on(_wave, X0, 0 * B0, 7), tolerance=1e-5),
    ],
    hints=(
        "Which points lie on the way from b to x, and what is f's gradient there?",
        "point = (b + t * (x - b)).requires_grad_(True); torch.autograd.grad(f(point), point)[0]",
        "Add the gradients up, divide by steps, multiply by (x - b).",
    ),
)

# -- q2: read the figure: the cascade of random weights -------------------------------------------

EDGE, GRADIENT, CAM = "edges", "input gradient", "grad-cam"
BLIND = "it stays the same whatever the network has learned"
HEAD = "drawing the head again is enough to change most of it"
PARTLY = "with all weights random a third of its order is still there"

q2 = matching(
    "q2",
    "Which curve of the figure does each sentence describe?",
    {BLIND: EDGE, HEAD: CAM, PARTLY: GRADIENT},
    (EDGE, GRADIENT, CAM),
    {
        (BLIND, ""): "Look for the curve that is flat at 1.",
        (HEAD, EDGE): "This curve does not know that there is a head.",
        (HEAD, ""): "Compare the curves after one layer: which one is below 0.3 there?",
        (PARTLY, EDGE): "This curve keeps all of its order, not a third.",
        (PARTLY, ""): "Compare the right ends: which curve ends near 0.33?",
    },
    hints=(
        "The horizontal axis counts layers from the head on. 7 means that all weights are random.",
        "Each curve is the answer to one sentence.",
    ),
)

# -- q3: repair this script: the share of fooled pictures -----------------------------------------


def fooled_share(net, x, y, epsilon):
    """Return the share of the rows that were right and are wrong after one FGSM step."""
    net.eval()
    x = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(F.cross_entropy(net(x), y), x)
    moved = (x + epsilon * slope.sign()).clamp(0, 1).detach()
    with torch.no_grad():
        right = net(x).argmax(1) == y
        wrong = net(moved).argmax(1) != y
    return (wrong & right).sum().item() / right.sum().item()


def _share(net, x, y, epsilon, *, mode=False, sign=1.0, clip=True, among_right=True):
    net.train(mode)
    x = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(F.cross_entropy(net(x), y), x)
    moved = x + sign * epsilon * slope.sign()
    moved = (moved.clamp(0, 1) if clip else moved).detach()
    with torch.no_grad():
        right = net(x).argmax(1) == y if among_right else torch.ones(len(y), dtype=torch.bool)
        wrong = net(moved).argmax(1) != y
    return (wrong & right).sum().item() / right.sum().item()


def _victim() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Return a network with BatchNorm, pictures in [0, 1], and labels (two thirds are its own)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        body = (nn.Linear(12, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
        net = nn.Sequential(*body)
        net[1].load_state_dict(
            net[1].state_dict()
            | {"running_mean": 0.3 * torch.randn(16), "running_var": 0.1 + 0.3 * torch.rand(16)}
        )
        x = (torch.rand(60, 12) * 1.6 - 0.3).clamp(0, 1)
        net.eval()
        with torch.no_grad():
            y = net(x).argmax(1)
        y[:20] = (y[:20] + 1) % 3
    return net, x, y


VICTIM = _victim()


def _asked(answer):
    net, x, y = VICTIM
    return [answer(copy.deepcopy(net), x, y, epsilon) for epsilon in (0.05, 0.15, 0.4)]


q3 = Exercise(
    "q3",
    "Repair fooled_share(net, x, y, epsilon): the share of the rows that the network had right and "
    "that one FGSM step makes wrong. Pictures lie in [0, 1].",
    fooled_share,
    mistakes={
        "These are the lines as they were: downhill, unclipped, in training mode, and counted over "
        "all rows.": lambda net, x, y, epsilon: _share(
            net, x, y, epsilon, mode=True, sign=-1.0, clip=False, among_right=False
        ),
        "You count over all rows. A row that was wrong before has not been fooled.": (
            lambda net, x, y, epsilon: _share(net, x, y, epsilon, among_right=False)
        ),
        "The network is in training mode: BatchNorm takes its statistics from the batch, and one "
        "row changes the answer to another.": lambda net, x, y, epsilon: _share(
            net, x, y, epsilon, mode=True
        ),
        "You step downhill: the loss should rise.": lambda net, x, y, epsilon: _share(
            net, x, y, epsilon, sign=-1.0
        ),
        "The changed pictures leave [0, 1]. No camera takes such a picture: clip.": (
            lambda net, x, y, epsilon: _share(net, x, y, epsilon, clip=False)
        ),
    },
    probes=[Probe("the share of fooled rows", _asked, tolerance=1e-6)],
    hints=(
        "There are four mistakes: the network's mode, a sign, the range, and which rows count.",
        "net.eval() comes first. right = net(x).argmax(1) == y says which rows count.",
        "moved = (x + epsilon * slope.sign()).clamp(0, 1); count wrong & right, divide by right.",
    ),
)

# -- q4: choose and defend: a public base ---------------------------------------------------------

q4 = choice(
    "q4",
    "You download a base that somebody else trained, and you have 50 clean labels of each class. "
    "You do not know of any mark. Which step left least of the backdoor in our runs, at the same "
    "accuracy as fine-tuning at a small rate?",
    "fine-tune all layers at a rate ten times as large",
    {
        "train the head alone, so that nothing of the base can change": (
            "Then nothing of the backdoor changes either: the frozen base kept most of it."
        ),
        "re-estimate BatchNorm's statistics on clean target pictures, then train the head": (
            "These runs cannot tell that from the head alone, and it kept most of the effect."
        ),
        "keep the base if its accuracy on clean pictures is that of a clean base": (
            "Without the mark the backdoor is silent: the two bases have the same accuracy."
        ),
        "move a square over all places and keep the base if no place stands out": (
            "In our runs the largest shift was never at the place of the mark, so the scan would "
            "keep a poisoned base."
        ),
    },
    hints=(
        "The mark is not in your data. Which of the steps changes what the base has learned?",
        "Compare the rows of the table: which one has the smallest difference to the clean base?",
    ),
    because="in eight runs it left 2 to 3 % at the same accuracy; another backdoor may differ",
)
