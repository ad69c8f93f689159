"""Exercises of chapter 11: a lost gradient, a figure, a class mix, a method."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from tlbook.course.exercises.checkers import Probe, Wrong, filled
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

# -- q1: the lost gradient ------------------------------------------------------------------------


def mean_gap(model, xs, xt):
    """Return ‖mean of source features − mean of target features‖², differentiable in both."""
    gap = model.features(xs).mean(0) - model.features(xt).mean(0)
    return gap.square().sum()


def _gap_half(model: Any, xs: Any, xt: Any) -> Any:
    return (model.features(xs).mean(0).detach() - model.features(xt).mean(0)).square().sum()


def _gap_together(model: Any, xs: Any, xt: Any) -> Any:
    z = model.features(torch.cat([xs, xt]))
    return (z[: len(xs)].mean(0) - z[len(xs) :].mean(0)).square().sum()


def _gap_eval(model: Any, xs: Any, xt: Any) -> Any:
    return mean_gap(model.eval(), xs, xt)


def _network() -> Any:
    """Return a fresh small network with BatchNorm, features and head, in training mode."""
    from tlbook.models import Split

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        body = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 4))
        return Split(body, nn.Linear(4, 2)).train()


NOT_A_TENSOR = (
    "The value is a {value}, not a tensor: with it goes the way back to the weights. Leave out "
    ".item(), float() and .numpy()."
)
NOT_A_NUMBER = "The value has shape {value}, it should be one number: sum it."


@lru_cache(maxsize=32)  # every probe looks at the same run
def _trained(term: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the term's value on a fresh network, and the network after the way back."""
    model = _network()
    generator = torch.Generator().manual_seed(1)
    xs = torch.randn(16, 3, generator=generator)
    xt = 1.5 * torch.randn(12, 3, generator=generator).square() + 1
    value = term(model, xs, xt)
    if not isinstance(value, torch.Tensor):
        raise Wrong(filled(NOT_A_TENSOR, type(value).__name__))
    if value.numel() != 1:
        raise Wrong(filled(NOT_A_NUMBER, tuple(value.shape)))
    if value.requires_grad:
        value.sum().backward()
    return value.detach().reshape(()), model


def _gradient(term: Callable[..., Any]) -> Any:
    return next(_trained(term)[1].parameters()).grad


q1 = Exercise(
    "q1",
    "Repair mean_gap(model, xs, xt): the squared distance between the mean features of the two "
    "domains, as a term that can be trained on a network with BatchNorm.",
    mean_gap,
    mistakes={
        NOT_A_TENSOR: lambda m, xs, xt: float(mean_gap(m, xs, xt).detach()),
        NOT_A_NUMBER: lambda m, xs, xt: (m.features(xs).mean(0) - m.features(xt).mean(0)).square(),
        "You switched the network to eval mode, and it stays there: from the next step on its "
        "BatchNorm learns no statistics. Leave the mode to the training loop.": _gap_eval,
        "Both domains went through the network in one batch: BatchNorm then uses their common "
        "mean, and in eval mode nobody will. Make two passes.": _gap_together,
        "That compares logits. The features are what is aligned.": lambda m, xs, xt: (
            (m(xs).mean(0) - m(xt).mean(0)).square().sum()
        ),
        "The value is right and no gradient reaches the network: no_grad, or a new tensor made "
        "from the number, has cut the way back. Training would run and change "
        "nothing.": torch.no_grad()(mean_gap),
        "The value is right, but the source features are detached: only the other domain moves. "
        "Both are made by the same weights; let both have their gradient.": _gap_half,
        "The value is right, but the target features are detached: only the other domain moves. "
        "Both are made by the same weights; let both have their "
        "gradient.": lambda m, xs, xt: _gap_half(m, xt, xs),
    },
    probes=[
        Probe("training mode afterwards", lambda term: _trained(term)[1].training),
        Probe(
            "the value",
            lambda term: _trained(term)[0],
            tolerance=1e-5,
            otherwise=lambda value, want: (
                f"The value is {float(value):.4g}, it should be {float(want):.4g}."
            ),
        ),
        Probe("a gradient", lambda term: _gradient(term) is not None),
        Probe(
            "the gradient",
            _gradient,
            tolerance=1e-5,
            otherwise="The value is right, the gradient is not. Something on the way is detached.",
        ),
    ],
    hints=(
        "model.features(x) gives the features; average over the rows.",
        "The result has to stay a tensor that knows how it was made: no detach, no no_grad, no "
        "float.",
        "One pass for the source, another for the target: BatchNorm sees one domain at a time.",
    ),
)

# -- q2: a figure -------------------------------------------------------------------------------

q2 = subset(
    "q2",
    "Which of these sentences does the figure support? Answer with a set of letters.",
    {"b", "d"},
    {
        "a": "CDAN's mean is larger than MMD's by a tenth of a point, and the dots of both are "
        "spread over ten points. The figure does not rank them.",
        "b": "the dots of DANN are spread wider than those of JAN, from below 0 to 18.",
        "c": "the interval of mean teacher contains zero, so the figure leaves its sign open.",
        "d": "the mean of entropy alone is near zero while its dots lie on both sides of zero.",
        "e": "these eight tasks have the same contrast in both domains. What AdaBN gains "
        "elsewhere is not in the figure.",
    },
    hints=(
        "A dot is one task, the thick line is the interval of the mean.",
        "A sentence about a ranking needs intervals that do not overlap, or a paired difference.",
    ),
)

# -- q3: the experiment with the class mix, changed -----------------------------------------------

q3 = Exercise(
    "q3",
    "In the cell above keep every second row of 0-4 in place of every tenth. How large is the "
    "MMD² of print and cut print then, divided by the value above?",
    0.17,
    mistakes={
        "That is the other way round: the new value divided by the old one is below 1.": 6.0,
        "So the value would fall as the difference of the shares does. MMD² is a square: a "
        "difference that is 0.4 times as large counts 0.4 × 0.4.": 0.41,
        "That is the same value again. Did you change 10 to 2 and compute cut anew?": 1.0,
        "That is near zero, as with equal mixes. Is the weight w still in the call? The plain "
        "MMD² is asked for.": 0.0,
    },
    probes=[Probe("the ratio", tolerance=0.08)],
    hints=(
        "np.arange(len(two)) % 10 == 0 keeps a tenth.",
        "cut2 = two[(y[two] > 4) | (np.arange(len(two)) % 2 == 0)]",
    ),
    because="MMD² goes with the square of the shares' differences: (0.033 / 0.082)² = 0.17.",
)

# -- q4: choose a method and defend it ------------------------------------------------------------

q4 = choice(
    "q4",
    "A clinic gets a network from another hospital, without the pictures that it was trained on. "
    "The clinic has 1,000 unlabeled pictures from its own, paler scanner, with the same diseases "
    "in about equal numbers. The first answer is due tomorrow. Which method?",
    "SHOT",
    {
        "MMD": "MMD compares the target with the source in each step, and the source's pictures "
        "are not there.",
        "weighted MMD": "The weighted MMD needs the pictures and the labels of the source, and "
        "the class mix is no problem here.",
        "TENT": "TENT works and asks for nothing more than the test pictures. But there is a day, "
        "and there are 1,000 pictures to learn from: in the table above, for another scanner, "
        "another method makes more of them.",
        "batch statistics": "They are a good first step, and another method makes more of 1,000 "
        "pictures: see the table above, for another scanner.",
        "entropy": "Entropy alone, with all weights free, can call everything one class. What "
        "prevents it in the methods of this section?",
    },
    hints=(
        "Cross out what needs the source's pictures.",
        "Of what is left, look at the column of the scanner.",
    ),
)
