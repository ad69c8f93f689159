"""Exercises of chapter 06: frozen or not, rates by layer, L2-SP, main effects, order of steps."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import order

# -- q1: is it frozen? ----------------------------------------------------------------------------


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


def _by_flags(model: Any, x: Any) -> bool:
    trial = copy.deepcopy(model).train()
    trial(x)  # what freeze() holds goes back to eval mode here
    return _by_gradients(model, x) and any(not m.training for m in trial.modules())


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
        lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU()).requires_grad_(False).train(),
        "Tested on a network without BatchNorm and without gradients, you say False. "
        "There is nothing in it that could move: no gradient and no running statistics. Being in "
        "training mode is no change by itself.",
    ),
    (
        _but_one_bias,
        "Tested on frozen but for one bias, you say True. "
        "One bias still requires a gradient, so the optimizer will move it. A forward pass alone "
        "does not show that.",
    ),
)
ONLY_WEIGHTS, EVAL_FOR_NOW, LIBRARY, NO_BATCHNORM, ONE_BIAS = (said for _, said in MODELS)


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


q1 = Exercise(
    "q1",
    "Write really_frozen(model, x): True if a training step on inputs x could change nothing in "
    "the model, False otherwise. The model itself must stay as it is.",
    really_frozen,
    mistakes={
        ONLY_WEIGHTS: _by_gradients,
        EVAL_FOR_NOW: _by_mode,
        LIBRARY: lambda model, x: False,
        NO_BATCHNORM: _by_flags,
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

# -- q2: a rate for every layer -------------------------------------------------------------------


def layer_rates(n_layers, lr, factor):
    """Return the rates from the input to the head; each layer learns factor times slower."""
    return [lr / factor ** (n_layers - 1 - i) for i in range(n_layers)]


q2 = Exercise(
    "q2",
    "Write layer_rates(n_layers, lr, factor): the learning rates from the input to the head. The "
    "head has lr; each layer below learns factor times slower than the one above it.",
    layer_rates,
    mistakes={
        "The list is turned round: the first entry is the layer at the input, which should move "
        "least.": lambda n, lr, f: [lr / f**i for i in range(n)],
        "The head is divided too. It is new and has the most to learn: its rate is lr "
        "itself.": lambda n, lr, f: [lr / f ** (n - i) for i in range(n)],
        "Near the input the rates grow. Divide by the factor, once for each layer below the "
        "head.": lambda n, lr, f: [lr * f ** (n - 1 - i) for i in range(n)],
        "These are equal steps. Each layer should have the rate of the next one divided by the "
        "factor: a geometric series.": lambda n, lr, f: [lr * (i + 1) / n for i in range(n)],
        "That is one rate for all layers.": lambda n, lr, f: [lr] * n,
    },
    probes=[
        Probe("the list of rates", on(7, 1e-3, 2.6), tolerance=1e-9),
        Probe("the list of rates", on(4, 0.08, 2.0), tolerance=1e-9),
    ],
    hints=(
        "How many layers lie between layer i and the head?",
        "The last entry is lr, the one before it lr / factor, then lr / factor ** 2 ...",
    ),
)

# -- q3: L2-SP ------------------------------------------------------------------------------------


def l2sp_gradient(w, w0, alpha):
    """Return what the penalty adds to the gradient of the shared weights."""
    return alpha * (w - w0)


q3 = Exercise(
    "q3",
    "L2-SP adds α/2 · ‖w − w0‖² to the loss. Write l2sp_gradient(w, w0, alpha): what it adds to "
    "the gradient of each weight.",
    l2sp_gradient,
    mistakes={
        "That pulls the weights to zero: ordinary weight decay. L2-SP pulls to where the "
        "pretraining ended, w0.": lambda w, w0, a: a * w,
        "The sign is turned round: a step against this gradient would push the weights away from "
        "w0.": lambda w, w0, a: a * (w0 - w),
        "The factor 1/2 of the penalty cancels the 2 of the derivative.": lambda w, w0, a: (
            2 * a * (w - w0)
        ),
        "That is half the gradient: the derivative of the square brings a 2.": lambda w, w0, a: (
            a * (w - w0) / 2
        ),
        "That is the penalty itself, a number for the whole network. Differentiate it by each "
        "weight.": lambda w, w0, a: a / 2 * np.sum((w - w0) ** 2),
        "That is the distance to w0 without α.": lambda w, w0, a: w - w0,
    },
    probes=[
        Probe(
            "the gradient", on(*np.random.default_rng(0).normal(size=(2, 5)), 0.3), tolerance=1e-9
        )
    ],
    hints=(
        "Differentiate α/2 · (w − w0)² by w.",
        "At w = w0 the pull must be zero, and it must grow with the distance.",
    ),
)

# -- q4: main effects -----------------------------------------------------------------------------


def effect_of(accuracy, factor):
    """Return level 1 minus level 0 of a factor, averaged over the other factor and the seeds."""
    return (np.take(accuracy, 1, axis=factor) - np.take(accuracy, 0, axis=factor)).mean()


def _gaps(accuracy: np.ndarray, factor: int) -> np.ndarray:
    """Return level 1 minus level 0, of shape (levels of the other factor, seeds)."""
    return np.take(accuracy, 1, axis=factor) - np.take(accuracy, 0, axis=factor)


q4 = Exercise(
    "q4",
    "Accuracies of a 2×2 experiment have shape (2, 2, seeds): BatchNorm (train, frozen) × rates "
    "(uniform, layer-wise). Write effect_of(accuracy, factor): what going from level 0 to level "
    "1 of that factor brings, averaged over the other factor and the seeds.",
    effect_of,
    mistakes={
        "That is the effect while the other factor is at level 0 only. A main effect averages "
        "over both levels of the other factor.": lambda a, f: _gaps(a, f)[0].mean(),
        "That is the effect while the other factor is at level 1 only. A main effect averages "
        "over both levels of the other factor.": lambda a, f: _gaps(a, f)[1].mean(),
        "That is the change when both factors change at once: you could not say which one did "
        "it.": lambda a, f: (a[1, 1] - a[0, 0]).mean(),
        "That is the interaction: by how much the effect of one factor depends on the "
        "other.": lambda a, f: (a[1, 1] - a[0, 1] - a[1, 0] + a[0, 0]).mean(),
        "You took the other factor's axis.": lambda a, f: effect_of(a, 1 - f),
        "The sign is turned round: level 1 minus level 0.": lambda a, f: -effect_of(a, f),
        "You looked at the first seed only.": lambda a, f: _gaps(a, f)[:, 0].mean(),
    },
    probes=[
        Probe(
            f"the main effect of factor {factor}",
            on(np.random.default_rng(3).random((2, 2, 8)), factor),
            tolerance=1e-9,
        )
        for factor in (0, 1)
    ],
    hints=(
        "np.take(accuracy, 1, axis=factor) is everything at level 1 of the factor.",
        "Subtract the same at level 0 and average over all that is left.",
    ),
)

# -- q5: the order of the steps -------------------------------------------------------------------

q5 = order(
    "q5",
    "Put the five steps of LP-FT in order: 'fine-tune', 'fit probe into head', 'load weights', "
    "'replace head', 'score'.",
    ("load weights", "replace head", "fit probe into head", "fine-tune", "score"),
    {
        "The head is replaced after fine-tuning: what was trained is thrown away, and the new "
        "head is random. Its answers are no better than chance.": ("fine-tune", "replace head"),
        "The weights are loaded after the head was replaced: the file has a head for 71 letters, "
        "which does not fit the new one, so loading fails.": ("replace head", "load weights"),
        "The probe is written into the head before the head is replaced: there are 71 outputs for "
        "ten digits, and the replacement would discard it.": (
            "fit probe into head",
            "replace head",
        ),
        "The probe comes after fine-tuning: the random head has already sent its gradients "
        "through the features. The probe is there to prevent that.": (
            "fine-tune",
            "fit probe into head",
        ),
        "You score a network that is trained afterwards: the number is not its own.": (
            "score",
            "fine-tune",
        ),
    },
    hints=(
        "The file of weights belongs to the network with the old head.",
        "The head must exist before anything is written into it, and be good before gradients do.",
    ),
)
