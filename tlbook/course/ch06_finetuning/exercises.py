"""Exercises of chapter 06: frozen or not, rates by layer, L2-SP, main effects, order of steps."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: is it frozen? ----------------------------------------------------------------------------


def really_frozen(model: Any, x: Any) -> bool:
    """Return whether a training step could change anything in the model."""
    import torch

    if any(p.requires_grad for p in model.parameters()):
        return False
    trial = copy.deepcopy(model).train()
    before = copy.deepcopy(trial.state_dict())
    with torch.no_grad():
        trial(x)
    return all(torch.equal(value, before[name]) for name, value in trial.state_dict().items())


def _by_gradients(model: Any, x: Any) -> bool:
    return not any(p.requires_grad for p in model.parameters())


def _by_weights(model: Any, x: Any) -> bool:
    import torch

    trial = copy.deepcopy(model).train()
    before = [p.clone() for p in trial.parameters()]
    trial(x)
    moved = any(not torch.equal(p, q) for p, q in zip(trial.parameters(), before, strict=True))
    return not moved and _by_gradients(model, x)


def _by_mode(model: Any, x: Any) -> bool:
    return _by_gradients(model, x) and not any(m.training for m in model.modules())


def _in_eval(model: Any, x: Any) -> bool:
    import torch

    trial = copy.deepcopy(model).eval()
    before = copy.deepcopy(trial.state_dict())
    trial(x)
    same = all(torch.equal(v, before[n]) for n, v in trial.state_dict().items())
    return same and _by_gradients(model, x)


def _by_statistics(model: Any, x: Any) -> bool:
    import torch

    trial = copy.deepcopy(model).train()
    before = copy.deepcopy(trial.state_dict())
    trial(x)
    return all(torch.equal(v, before[n]) for n, v in trial.state_dict().items())


def _on_the_original(model: Any, x: Any) -> bool:
    import torch

    if not _by_gradients(model, x):
        return False
    model.train()
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        model(x)
    return all(torch.equal(v, before[n]) for n, v in model.state_dict().items())


def _cases() -> list[tuple[str, Any, bool, str]]:
    """Return (what it is, model, whether it is frozen, what to say when the answer differs)."""
    import torch
    from torch import nn

    from tlbook.finetuning import freeze

    def fresh() -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))

    no_gradients = fresh().requires_grad_(False).train()
    plain = nn.Sequential(nn.Linear(4, 3), nn.ReLU()).requires_grad_(False).train()
    one_bias = freeze(fresh(), but=())
    list(one_bias.parameters())[-1].requires_grad_(True)
    return [
        (
            "no gradients, but BatchNorm in training mode",
            no_gradients,
            False,
            "Its weights get no gradient, and still it changes: BatchNorm moves its running mean "
            "and variance at every forward pass in training mode. They are buffers, not "
            "parameters: compare the whole state_dict.",
        ),
        (
            "no gradients, in eval mode for now",
            fresh().requires_grad_(False).eval(),
            False,
            "It is in eval mode now, but every training loop calls model.train(), and then "
            "BatchNorm moves. Test what happens after .train().",
        ),
        (
            "freeze() of tlbook",
            freeze(fresh(), but=()).train(),
            True,
            "This one is frozen: its BatchNorm stays in eval mode even after model.train(). Look "
            "at what changes in a forward pass, not at the flag .training.",
        ),
        (
            "a network without BatchNorm and without gradients",
            plain,
            True,
            "There is nothing in it that could move: no gradient and no running statistics. Being "
            "in training mode is no change by itself.",
        ),
        (
            "frozen but for one bias",
            one_bias,
            False,
            "One bias still requires a gradient, so the optimizer will move it. A forward pass "
            "alone does not show that.",
        ),
    ]


def _check_frozen(answer: Any) -> None:
    import torch

    x = torch.linspace(-1, 3, 32).reshape(8, 4)
    for what, model, right, message in _cases():
        before = copy.deepcopy(model.state_dict())
        given = answer(model, x)
        if not isinstance(given, (bool, np.bool_)):
            raise Wrong(f"Return True or False, not a {type(given).__name__}.")
        if bool(given) != right:
            raise Wrong(f"Tested on {what}, you say {bool(given)}. {message}")
        if any(not torch.equal(v, before[n]) for n, v in model.state_dict().items()):
            raise Wrong(
                "Your test changed the network that it tested: the forward pass moved its running "
                "statistics. Try it on a deepcopy."
            )


q1 = Exercise(
    "q1",
    "Write really_frozen(model, x): True if a training step on inputs x could change nothing in "
    "the model, False otherwise. The model itself must stay as it is.",
    _check_frozen,
    hints=(
        "Two things can move: parameters that require a gradient, and buffers of BatchNorm.",
        "Work on copy.deepcopy(model), call .train() on it, run it on x once.",
        "Compare every entry of state_dict() before and after with torch.equal.",
    ),
    solution="""
    def answer(model, x):
        if any(p.requires_grad for p in model.parameters()):
            return False
        trial = copy.deepcopy(model).train()
        before = copy.deepcopy(trial.state_dict())
        with torch.no_grad():
            trial(x)
        return all(torch.equal(v, before[name]) for name, v in trial.state_dict().items())
    """,
    reference=really_frozen,
    wrong_answers={
        "gradients only": (_by_gradients, "no gradients, but BatchNorm in training mode"),
        "a flag": (_by_mode, "in eval mode for now"),
        "not copied": (_on_the_original, "changed the network"),
        "buffers only": (_by_statistics, "frozen but for one bias"),
        "a word": (lambda model, x: "yes", "True or False"),
        "always no": (lambda model, x: False, "freeze() of tlbook"),
    },
    given=lambda: {"copy": copy, "torch": __import__("torch")},
)

# -- q2: a rate for every layer -------------------------------------------------------------------


def layer_rates(n_layers: int, lr: float, factor: float) -> list[float]:
    """Return the rates from the input to the head; each layer learns factor times slower."""
    return [lr / factor ** (n_layers - 1 - i) for i in range(n_layers)]


def _check_rates(answer: Any) -> None:
    for n, lr, factor in ((7, 1e-3, 2.6), (4, 0.08, 2.0)):
        right = np.array(layer_rates(n, lr, factor))
        array(
            np.asarray(answer(n, lr, factor), dtype=float),
            right,
            tolerance=1e-9,
            what="the list of rates",
            mistakes={
                "The list is turned round: the first entry is the layer at the input, which "
                "should move least.": right[::-1],
                "The head is divided too. It is new and has the most to learn: its rate is lr "
                "itself.": right / factor,
                "Near the input the rates grow. Divide by the factor, once for each layer below "
                "the head.": lr * factor ** np.arange(n - 1, -1, -1.0),
                "These are equal steps. Each layer should have the rate of the next one divided by "
                "the factor: a geometric series.": lr * np.arange(1, n + 1) / n,
                "That is one rate for all layers.": np.full(n, lr),
            },
        )


q2 = Exercise(
    "q2",
    "Write layer_rates(n_layers, lr, factor): the learning rates from the input to the head. The "
    "head has lr; each layer below learns factor times slower than the one above it.",
    _check_rates,
    hints=(
        "How many layers lie between layer i and the head?",
        "The last entry is lr, the one before it lr / factor, then lr / factor ** 2 ...",
    ),
    solution="""
    def answer(n_layers, lr, factor):
        return [lr / factor ** (n_layers - 1 - i) for i in range(n_layers)]
    """,
    reference=layer_rates,
    wrong_answers={
        "reversed": (lambda n, lr, f: [lr / f**i for i in range(n)], "turned round"),
        "head divided": (lambda n, lr, f: [lr / f ** (n - i) for i in range(n)], "head is divided"),
        "growing": (lambda n, lr, f: [lr * f ** (n - 1 - i) for i in range(n)], "rates grow"),
        "equal steps": (lambda n, lr, f: [lr * (i + 1) / n for i in range(n)], "equal steps"),
        "uniform": (lambda n, lr, f: [lr] * n, "one rate for all"),
    },
    given=dict,
)

# -- q3: L2-SP ------------------------------------------------------------------------------------


def l2sp_gradient(w: Any, w0: Any, alpha: float) -> np.ndarray:
    """Return what the penalty adds to the gradient of the shared weights."""
    return alpha * (np.asarray(w) - np.asarray(w0))


def _check_l2sp(answer: Any) -> None:
    rng = np.random.default_rng(0)
    w, w0, alpha = rng.normal(size=5), rng.normal(size=5), 0.3
    gap = w - w0
    array(
        answer(w, w0, alpha),
        l2sp_gradient(w, w0, alpha),
        tolerance=1e-9,
        what="the gradient",
        mistakes={
            "That pulls the weights to zero: ordinary weight decay. L2-SP pulls to where the "
            "pretraining ended, w0.": alpha * w,
            "The sign is turned round: a step against this gradient would push the weights away "
            "from w0.": -alpha * gap,
            "The factor 1/2 of the penalty cancels the 2 of the derivative.": 2 * alpha * gap,
            "That is half the gradient: the derivative of the square brings a 2.": alpha * gap / 2,
            "That is the penalty itself, a number for the whole network. Differentiate it by each "
            "weight.": np.asarray(alpha / 2 * gap @ gap),
            "That is the distance to w0 without α.": gap,
        },
    )


q3 = Exercise(
    "q3",
    "L2-SP adds α/2 · ‖w − w0‖² to the loss. Write l2sp_gradient(w, w0, alpha): what it adds to "
    "the gradient of each weight.",
    _check_l2sp,
    hints=(
        "Differentiate α/2 · (w − w0)² by w.",
        "At w = w0 the pull must be zero, and it must grow with the distance.",
    ),
    solution="""
    def answer(w, w0, alpha):
        return alpha * (w - w0)
    """,
    reference=l2sp_gradient,
    wrong_answers={
        "weight decay": (lambda w, w0, a: a * w, "ordinary weight decay"),
        "sign": (lambda w, w0, a: a * (w0 - w), "turned round"),
        "twice": (lambda w, w0, a: 2 * a * (w - w0), "cancels the 2"),
        "half": (lambda w, w0, a: a * (w - w0) / 2, "brings a 2"),
        "penalty": (lambda w, w0, a: a / 2 * np.sum((w - w0) ** 2), "Differentiate it"),
        "no alpha": (lambda w, w0, a: w - w0, "without α"),
    },
    given=lambda: {"np": np},
)

# -- q4: main effects -----------------------------------------------------------------------------


def main_effect(accuracy: np.ndarray, factor: int) -> float:
    """Return level 1 minus level 0 of a factor, averaged over the other factor and the seeds."""
    second, first = np.take(accuracy, 1, axis=factor), np.take(accuracy, 0, axis=factor)
    return float((second - first).mean())


def _check_effect(answer: Any) -> None:
    rng = np.random.default_rng(3)
    table = rng.random((2, 2, 8))
    for factor in (0, 1):
        second, first = np.take(table, 1, axis=factor), np.take(table, 0, axis=factor)
        gap = second - first
        number(
            answer(table, factor),
            main_effect(table, factor),
            tolerance=1e-9,
            what=f"the main effect of factor {factor}",
            mistakes={
                "That is the effect while the other factor is at level 0 only. A main effect "
                "averages over both levels of the other factor.": float(gap[0].mean()),
                "That is the effect while the other factor is at level 1 only. A main effect "
                "averages over both levels of the other factor.": float(gap[1].mean()),
                "That is the change when both factors change at once: you could not say which one "
                "did it.": float((table[1, 1] - table[0, 0]).mean()),
                "That is the interaction: by how much the effect of one factor depends on the "
                "other.": float((gap[1] - gap[0]).mean()),
                "You took the other factor's axis.": main_effect(table, 1 - factor),
                "The sign is turned round: level 1 minus level 0.": -main_effect(table, factor),
                "You looked at the first seed only.": float(gap[:, 0].mean()),
            },
        )


q4 = Exercise(
    "q4",
    "Accuracies of a 2×2 experiment have shape (2, 2, seeds): BatchNorm (train, frozen) × rates "
    "(uniform, layer-wise). Write main_effect(accuracy, factor): what going from level 0 to level "
    "1 of that factor brings, averaged over the other factor and the seeds.",
    _check_effect,
    hints=(
        "np.take(accuracy, 1, axis=factor) is everything at level 1 of the factor.",
        "Subtract the same at level 0 and average over all that is left.",
    ),
    solution="""
    def answer(accuracy, factor):
        return (np.take(accuracy, 1, axis=factor) - np.take(accuracy, 0, axis=factor)).mean()
    """,
    reference=main_effect,
    wrong_answers={
        "other at level 0": (
            lambda a, f: (np.take(a, 1, axis=f) - np.take(a, 0, axis=f))[0].mean(),
            "level 0 only",
        ),
        "other at level 1": (
            lambda a, f: (np.take(a, 1, axis=f) - np.take(a, 0, axis=f))[1].mean(),
            "level 1 only",
        ),
        "both at once": (lambda a, f: (a[1, 1] - a[0, 0]).mean(), "both factors change at once"),
        "interaction": (
            lambda a, f: (a[1, 1] - a[0, 1] - a[1, 0] + a[0, 0]).mean(),
            "That is the interaction",
        ),
        "wrong axis": (lambda a, f: main_effect(a, 1 - f), "other factor's axis"),
        "sign": (lambda a, f: -main_effect(a, f), "turned round"),
        "one seed": (
            lambda a, f: (np.take(a, 1, axis=f) - np.take(a, 0, axis=f))[:, 0].mean(),
            "first seed only",
        ),
    },
    given=lambda: {"np": np},
)

# -- q5: the order of the steps -------------------------------------------------------------------

ORDER = ("load weights", "replace head", "fit probe into head", "fine-tune", "score")


def _check_order(answer: Any) -> None:
    if not isinstance(answer, (list, tuple)):
        raise Wrong(f"Answer with a list of the five steps, not with a {type(answer).__name__}.")
    steps = [str(step).strip().lower() for step in answer]
    if sorted(steps) != sorted(ORDER):
        raise Wrong(f"Use each of these steps once: {', '.join(sorted(ORDER))}.")
    at = {step: steps.index(step) for step in ORDER}
    if at["replace head"] > at["fine-tune"]:
        raise Wrong(
            "The head is replaced after fine-tuning: what was trained is thrown away, and the new "
            "head is random. Its answers are no better than chance."
        )
    if at["load weights"] > at["replace head"]:
        raise Wrong(
            "The weights are loaded after the head was replaced: the file has a head for 71 "
            "letters, which does not fit the new one, so loading fails."
        )
    if at["fit probe into head"] < at["replace head"]:
        raise Wrong(
            "The probe is written into the head before the head is replaced: there are 71 outputs "
            "for ten digits, and the replacement would discard it."
        )
    if at["fit probe into head"] > at["fine-tune"]:
        raise Wrong(
            "The probe comes after fine-tuning: the random head has already sent its gradients "
            "through the features. The probe is there to prevent that."
        )
    if at["score"] < at["fine-tune"]:
        raise Wrong("You score a network that is trained afterwards: the number is not its own.")


q5 = Exercise(
    "q5",
    "Put the five steps of LP-FT in order: 'fine-tune', 'fit probe into head', 'load weights', "
    "'replace head', 'score'.",
    _check_order,
    hints=(
        "The file of weights belongs to the network with the old head.",
        "The head must exist before anything is written into it, and be good before gradients do.",
    ),
    solution="""
    answer = ["load weights", "replace head", "fit probe into head", "fine-tune", "score"]
    """,
    reference=list(ORDER),
    wrong_answers={
        "head last": (
            ["load weights", "fine-tune", "replace head", "fit probe into head", "score"],
            "replaced after fine-tuning",
        ),
        "weights late": (
            ["replace head", "load weights", "fit probe into head", "fine-tune", "score"],
            "loaded after the head",
        ),
        "probe early": (
            ["load weights", "fit probe into head", "replace head", "fine-tune", "score"],
            "before the head is replaced",
        ),
        "probe late": (
            ["load weights", "replace head", "fine-tune", "fit probe into head", "score"],
            "comes after fine-tuning",
        ),
        "score early": (
            ["load weights", "replace head", "fit probe into head", "score", "fine-tune"],
            "trained afterwards",
        ),
        "a sentence": ("replace the head first", "list of the five steps"),
        "a step twice": (["load weights"] * 5, "each of these steps once"),
    },
)
