"""Exercises of chapter 11: CORAL, lost gradients, information, class weights, choosing blindly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from scipy.special import entr
from torch import nn

from tlbook.course.exercises.checkers import Probe, Wrong, filled, on
from tlbook.course.exercises.core import Exercise

# -- q1: the CORAL loss ---------------------------------------------------------------------------


def coral_loss(Zs, Zt):
    """Return ‖Cs − Ct‖² / (4 d²) of the covariances of two sets of features."""
    gap = np.cov(Zs, rowvar=False) - np.cov(Zt, rowvar=False)
    return (gap**2).sum() / (4 * Zs.shape[1] ** 2)


def _coral(matrix: Callable[[np.ndarray], np.ndarray]) -> Callable[..., float]:
    """Return the loss with another matrix in place of the covariance."""
    return lambda Zs, Zt: ((matrix(Zs) - matrix(Zt)) ** 2).sum() / (4 * Zs.shape[1] ** 2)


def _two_domains() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(1, 1, (12, 3)), 2 * rng.normal(0, 1, (9, 3))


q1 = Exercise(
    "q1",
    "Write coral_loss(Zs, Zt): features of shape (n, d) and (m, d); return the squared Frobenius "
    "norm of the difference of their covariances, divided by 4 d².",
    coral_loss,
    mistakes={
        "The covariances are divided by n. On a small draw that is too little: divide by n − "
        "1.": _coral(lambda Z: np.cov(Z, rowvar=False, bias=True)),
        "The features are not centered: this compares second moments, and a difference of the "
        "means slips in. Subtract each domain's own mean.": _coral(
            lambda Z: Z.T @ Z / (len(Z) - 1)
        ),
        "These are correlations: they do not see that one domain is spread twice as wide.": _coral(
            lambda Z: np.corrcoef(Z, rowvar=False)
        ),
        "These are covariances between rows. The matrix wanted is (features, features): "
        "rowvar=False.": lambda Zs, Zt: _coral(np.cov)(Zs[: len(Zt)], Zt[: len(Zs)]),
        "The factor 1 / (4 d²) is missing: then the right weight depends on the width of the "
        "layer.": lambda Zs, Zt: 4 * Zs.shape[1] ** 2 * coral_loss(Zs, Zt),
        "The Frobenius norm is not squared: its gradient does not fade as the two come "
        "together.": lambda Zs, Zt: np.sqrt(coral_loss(Zs, Zt) / (4 * Zs.shape[1] ** 2)),
    },
    probes=[Probe("the loss", on(*_two_domains()), tolerance=1e-9)],
    hints=(
        "np.cov wants to know that the variables are in the columns.",
        "The squared Frobenius norm is the sum of the squares of all entries.",
    ),
)

# -- q2: the lost gradient ------------------------------------------------------------------------


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


q2 = Exercise(
    "q2",
    "Write mean_gap(model, xs, xt): the squared distance between the mean features of the two "
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

# -- q3: information maximization -----------------------------------------------------------------


def softmax(logits):
    """Return probabilities, row by row; the maximum goes first, so that exp does not overflow."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def information_loss(logits):
    """Return the mean entropy of the answers minus the entropy of the mean answer."""
    p = softmax(logits)
    return entr(p).sum(axis=1).mean() - entr(p.mean(axis=0)).sum()


def _each_and_mean(logits: Any) -> tuple[Any, Any]:
    """Return the entropies of the answers, and that of the mean answer."""
    p = softmax(logits)
    return entr(p).sum(axis=1), entr(p.mean(axis=0)).sum()


def _naive_information(logits: Any) -> Any:
    e = np.exp(logits)
    p = e / e.sum(axis=1, keepdims=True)
    q = p.mean(axis=0)
    return -(p * np.log(p)).sum(axis=1).mean() + (q * np.log(q)).sum()


q3 = Exercise(
    "q3",
    "Write information_loss(logits) in NumPy, logits of shape (n, classes): the mean entropy of "
    "the answers minus the entropy of the mean answer, in nats. It has to survive logits of 900.",
    information_loss,
    mistakes={
        "That is the entropy of the answers alone. Its minimum is reached by calling every picture "
        'a "1": subtract the entropy of the mean answer.': lambda z: _each_and_mean(z)[0].mean(),
        "The sign is turned round: minimized, this would make the network unsure of each row and "
        "give every row the same answer.": lambda z: -information_loss(z),
        "Both entropies are added: the second one, minimized, pushes all rows into one "
        "class.": lambda z: _each_and_mean(z)[0].mean() + _each_and_mean(z)[1],
        "You averaged the logits before the softmax. The mean answer is the mean of the "
        "probabilities.": lambda z: (
            _each_and_mean(z)[0].mean() - entr(softmax(z.mean(axis=0, keepdims=True))).sum()
        ),
        "The entropies are summed over the rows: then the weight depends on the size of the draw. "
        "Take their mean.": lambda z: _each_and_mean(z)[0].sum() - _each_and_mean(z)[1],
        "That is in bits; this course uses the natural logarithm.": lambda z: (
            information_loss(z) / np.log(2)
        ),
        "Right for small logits, but logits of 900 give NaN or infinity: subtract each row's "
        "maximum before exp, and take 0 · log 0 as 0.": _naive_information,
    },
    probes=[
        Probe(
            "the loss",
            on(2 * np.random.default_rng(2).normal(size=(6, 3)) + [1.0, 0.0, 0.0]),
            tolerance=1e-9,
        ),
        Probe("finite", lambda answer: bool(np.isfinite(float(answer(900 * np.eye(3)))))),
        Probe("the loss of three sure and different answers", on(900 * np.eye(3))),
    ],
    hints=(
        "Probabilities first: softmax of each row, its maximum subtracted before exp.",
        "entropy(p).mean() − entropy(p.mean(axis=0)).",
        "Where p is 0, p · log p counts as 0: np.where, or scipy.special.entr.",
    ),
)

# -- q4: MMD with class weights -------------------------------------------------------------------

LABELS = np.array([0, 0, 0, 1, 1, 2, 0, 2, 2, 1])


def row_weights(ys, source_mix, target_mix):
    """Return weights of the source rows, sum 1, so that their class mix is about the target's."""
    w = (target_mix / source_mix)[ys]
    return w / w.sum()


q4 = Exercise(
    "q4",
    "BBSE has estimated the target's class mix. Write row_weights(ys, source_mix, target_mix), "
    "labels 0, 1, …: the weights of the source rows in the MMD, with the sum 1.",
    row_weights,
    mistakes={
        "These are the weights of the classes. Each source row needs that of its own label: index "
        "them with ys.": lambda ys, p, q: q / p,
        "That is P(y) / Q(y): what is rare in the target would gain weight.": lambda ys, p, q: (
            row_weights(ys, q, p)
        ),
        "Every row has the target's share of its class, but the source's own share is still in "
        "the sum over rows. Divide by it.": lambda ys, p, q: q[ys] / q[ys].sum(),
        "They do not sum to 1, so the weighted mean of the features has another length than the "
        "target's: MMD would see a difference where there is "
        "none.": lambda ys, p, q: (q / p)[ys],
        "They have the mean 1. For a weighted mean Σ w φ(x) they have to sum to "
        "1.": lambda ys, p, q: len(ys) * row_weights(ys, p, q),
        "Equal weights: that is the plain MMD.": lambda ys, p, q: np.full(len(ys), 1 / len(ys)),
    },
    probes=[
        Probe(
            "the weights",
            on(LABELS, np.array([0.3, 0.3, 0.4]), np.array([0.6, 0.3, 0.1])),
            tolerance=1e-9,
        )
    ],
    hints=(
        "A class twice as frequent in the target as in the source counts double.",
        "(target_mix / source_mix)[ys], then divide by the sum.",
    ),
)

# -- q5: choosing by agreement --------------------------------------------------------------------


def effective(row, n_classes):
    """Return exp(entropy) of the class shares: how many classes the answers use."""
    return np.exp(entr(np.bincount(row, minlength=n_classes) / len(row)).sum())


def agreement(rows):
    """Return how often two seeds give the same answer, averaged over the pairs of seeds."""
    pairs = [(a, b) for a in range(len(rows)) for b in range(a)]
    return np.mean([np.mean(rows[a] == rows[b]) for a, b in pairs])


def most_agreed(answers, n_classes):
    """Return the setting whose seeds agree most, of those that use half of the classes or more."""
    honest = {
        name: agreement(rows)
        for name, rows in answers.items()
        if min(effective(row, n_classes) for row in rows) >= n_classes / 2
    }
    return max(honest, key=lambda name: honest[name])


def _most_agreed_of(keep: Callable[[Any, int], bool]) -> Callable[..., str]:
    """Return the choice by agreement among the settings that another guard keeps."""

    def choose(answers: Mapping[str, Any], k: int) -> str:
        kept = {name: agreement(rows) for name, rows in answers.items() if keep(rows, k)}
        return max(kept, key=lambda name: kept[name])

    return choose


def _candidates() -> dict[str, np.ndarray]:
    """Return the answers of three seeds of five settings to 200 rows of ten classes."""
    rng = np.random.default_rng(5)
    truth = np.arange(200) % 10

    def seeds(truth: np.ndarray, accuracy: float) -> np.ndarray:
        right = rng.random((3, len(truth))) < accuracy
        return np.where(right, truth, rng.permuted(np.tile(truth, (3, 1)), axis=1))

    merged = np.where(truth < 9, truth // 2 * 2, 9)  # a 1 is called 0, a 3 is called 2 …
    fewer = np.where(merged == 9, 0, merged)
    nines_as_sevens = np.where(truth == 9, 7, truth)
    return {
        "weight 0.1": seeds(truth, 0.6),
        "weight 1": seeds(truth, 0.8),
        "weight 3": seeds(nines_as_sevens, 0.93),
        "weight 10": np.array([merged, fewer, fewer]),
        "weight 100": np.full((3, 200), 1),
    }


def _found(value: Any, want: str) -> str:
    if not isinstance(value, str):
        return f"Return the name of a setting, not a {type(value).__name__}."
    return f"{value!r} is none of the settings."


q5 = Exercise(
    "q5",
    "answers maps each setting to an array (seeds, rows) of labels 0 … n_classes − 1. Write "
    "most_agreed(answers, n_classes): the setting with the largest mean agreement over pairs of "
    "seeds, among those all of whose seeds have exp(entropy of the class shares) ≥ n_classes / 2.",
    most_agreed,
    mistakes={
        "weight 100 agrees perfectly: it calls every row a 1. Agreement cannot see that. Rule out "
        "answers that use less than half of the classes, exp(H) < 5.": _most_agreed_of(
            lambda rows, k: True
        ),
        "In weight 10 the first seed uses enough classes, the others do not. Look at every seed, "
        "not at the first alone.": _most_agreed_of(lambda rows, k: effective(rows[0], k) >= k / 2),
        "weight 1 uses all ten classes, but its seeds agree less than those of weight 3. A "
        "setting may lack one class: half of the classes is what the guard asks "
        "for.": _most_agreed_of(lambda rows, k: all(len(set(row)) == k for row in rows)),
        "The seeds of weight 0.1 disagree most: where they guess, each guesses differently. Take "
        "the largest agreement.": lambda answers, k: min(
            answers, key=lambda name: agreement(answers[name])
        ),
    },
    probes=[
        Probe("the setting", lambda answer: answer(_candidates(), 10), otherwise=_found),
    ],
    hints=(
        "Two loops: first throw out the collapsed settings, then compare agreements.",
        "np.mean(a == b) for each pair of rows of the array, then the mean over the pairs.",
        "share = np.bincount(row, minlength=n_classes) / len(row); np.exp(entr(share).sum()).",
    ),
)
