"""Exercises of chapter 11: CORAL, lost gradients, information, class weights, choosing blindly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: the CORAL loss ---------------------------------------------------------------------------


def coral_loss(Zs: Any, Zt: Any) -> float:
    """Return ‖Cs − Ct‖² / (4 d²) of the covariances of two sets of features."""
    Zs, Zt = np.asarray(Zs, dtype=float), np.asarray(Zt, dtype=float)
    gap = np.cov(Zs, rowvar=False) - np.cov(Zt, rowvar=False)
    return float((gap**2).sum() / (4 * Zs.shape[1] ** 2))


def _coral_by_n(Zs: Any, Zt: Any) -> float:
    gap = np.cov(Zs, rowvar=False, bias=True) - np.cov(Zt, rowvar=False, bias=True)
    return float((gap**2).sum() / (4 * np.shape(Zs)[1] ** 2))


def _coral_uncentered(Zs: Any, Zt: Any) -> float:
    gap = Zs.T @ Zs / (len(Zs) - 1) - Zt.T @ Zt / (len(Zt) - 1)
    return float((gap**2).sum() / (4 * np.shape(Zs)[1] ** 2))


def _coral_of_correlations(Zs: Any, Zt: Any) -> float:
    gap = np.corrcoef(Zs, rowvar=False) - np.corrcoef(Zt, rowvar=False)
    return float((gap**2).sum() / (4 * np.shape(Zs)[1] ** 2))


def _coral_of_rows(Zs: Any, Zt: Any) -> float:
    gap = np.cov(Zs[: len(Zt)]) - np.cov(Zt[: len(Zs)])
    return float((gap**2).sum() / (4 * np.shape(Zs)[1] ** 2))


def _check_coral(answer: Any) -> None:
    rng = np.random.default_rng(0)
    Zs, Zt = rng.normal(1, 1, (12, 3)), 2 * rng.normal(0, 1, (9, 3))
    right = coral_loss(Zs, Zt)
    number(
        answer(Zs, Zt),
        right,
        tolerance=1e-9,
        what="the loss",
        mistakes={
            "The covariances are divided by n. On a small draw that is too little: divide by "
            "n − 1.": _coral_by_n(Zs, Zt),
            "The features are not centered: this compares second moments, and a difference of the "
            "means slips in. Subtract each domain's own mean.": _coral_uncentered(Zs, Zt),
            "These are correlations: they do not see that one domain is spread twice as "
            "wide.": _coral_of_correlations(Zs, Zt),
            "These are covariances between rows. The matrix wanted is (features, features): "
            "rowvar=False.": _coral_of_rows(Zs, Zt),
            "The factor 1 / (4 d²) is missing: then the right weight depends on the width of the "
            "layer.": right * 4 * 9,
            "The Frobenius norm is not squared: its gradient does not fade as the two come "
            "together.": np.sqrt(right * 4 * 9) / (4 * 9),
        },
    )


q1 = Exercise(
    "q1",
    "Write coral_loss(Zs, Zt): features of shape (n, d) and (m, d); return the squared Frobenius "
    "norm of the difference of their covariances, divided by 4 d².",
    _check_coral,
    hints=(
        "np.cov wants to know that the variables are in the columns.",
        "The squared Frobenius norm is the sum of the squares of all entries.",
    ),
    solution="""
    def answer(Zs, Zt):
        gap = np.cov(Zs, rowvar=False) - np.cov(Zt, rowvar=False)
        return (gap**2).sum() / (4 * Zs.shape[1] ** 2)
    """,
    reference=coral_loss,
    wrong_answers={
        "by n": (_coral_by_n, "divide by n − 1"),
        "uncentered": (_coral_uncentered, "not centered"),
        "correlations": (_coral_of_correlations, "These are correlations"),
        "rows": (_coral_of_rows, "covariances between rows"),
        "no factor": (lambda Zs, Zt: 4 * Zs.shape[1] ** 2 * coral_loss(Zs, Zt), "1 / (4 d²)"),
        "not squared": (
            lambda Zs, Zt: np.sqrt(coral_loss(Zs, Zt) / (4 * Zs.shape[1] ** 2)),
            "not squared",
        ),
    },
    given=lambda: {"np": np},
)

# -- q2: the lost gradient ------------------------------------------------------------------------


def mean_gap(model: Any, xs: Any, xt: Any) -> Any:
    """Return ‖mean of source features − mean of target features‖², differentiable in both."""
    gap = model.features(xs).mean(0) - model.features(xt).mean(0)
    return gap.square().sum()


def _gap_half(model: Any, xs: Any, xt: Any) -> Any:
    return (model.features(xs).mean(0).detach() - model.features(xt).mean(0)).square().sum()


def _gap_other_half(model: Any, xs: Any, xt: Any) -> Any:
    return (model.features(xs).mean(0) - model.features(xt).mean(0).detach()).square().sum()


def _gap_no_grad(model: Any, xs: Any, xt: Any) -> Any:
    import torch

    with torch.no_grad():
        return mean_gap(model, xs, xt)


def _gap_rewrapped(model: Any, xs: Any, xt: Any) -> Any:
    import torch

    return torch.tensor(float(mean_gap(model, xs, xt).detach()), requires_grad=True)


def _gap_together(model: Any, xs: Any, xt: Any) -> Any:
    import torch

    z = model.features(torch.cat([xs, xt]))
    return (z[: len(xs)].mean(0) - z[len(xs) :].mean(0)).square().sum()


def _gap_logits(model: Any, xs: Any, xt: Any) -> Any:
    return (model(xs).mean(0) - model(xt).mean(0)).square().sum()


def _gap_eval(model: Any, xs: Any, xt: Any) -> Any:
    model.eval()
    return mean_gap(model, xs, xt)


def _network() -> Any:
    """Return a fresh small network with BatchNorm, features and head, in training mode."""
    import torch
    from torch import nn

    from tlbook.models import Split

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        body = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 4))
        return Split(body, nn.Linear(4, 2)).train()


def _with_gradient(term: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the term's value and its gradient on the first layer, on a fresh network."""
    import torch

    model = _network()
    generator = torch.Generator().manual_seed(1)
    xs = torch.randn(16, 3, generator=generator)
    xt = 1.5 * torch.randn(12, 3, generator=generator).square() + 1
    value = term(model, xs, xt)
    if not isinstance(value, torch.Tensor):
        raise Wrong(
            f"The value is a {type(value).__name__}, not a tensor: with it goes the way back to "
            "the weights. Leave out .item(), float() and .numpy()."
        )
    if value.numel() != 1:
        raise Wrong(f"The value has shape {tuple(value.shape)}, it should be one number: sum it.")
    if not model.training:
        raise Wrong(
            "You switched the network to eval mode, and it stays there: from the next step on its "
            "BatchNorm learns no statistics. Leave the mode to the training loop."
        )
    if value.requires_grad:
        value.sum().backward()
    return value.detach().reshape(()), body_gradient(model)


def body_gradient(model: Any) -> Any:
    """Return the gradient of the first layer, or None where none arrived."""
    return next(model.parameters()).grad


def _check_gap(answer: Any) -> None:
    import torch

    value, gradient = _with_gradient(answer)
    for term, message in (
        (
            _gap_together,
            "Both domains went through the network in one batch: BatchNorm then uses their common "
            "mean, and in eval mode nobody will. Make two passes.",
        ),
        (_gap_logits, "That compares logits. The features are what is aligned."),
    ):
        if torch.allclose(value, _with_gradient(term)[0], rtol=1e-4, atol=1e-7):
            raise Wrong(message)
    right, want = _with_gradient(mean_gap)
    if not torch.allclose(value, right, rtol=1e-4, atol=1e-7):
        raise Wrong(f"The value is {float(value):.4g}, it should be {float(right):.4g}.")
    if gradient is None:
        raise Wrong(
            "The value is right and no gradient reaches the network: no_grad, or a new tensor made "
            "from the number, has cut the way back. Training would run and change nothing."
        )
    for term, name in ((_gap_half, "source"), (_gap_other_half, "target")):
        if torch.allclose(gradient, _with_gradient(term)[1], rtol=1e-4, atol=1e-7):
            raise Wrong(
                f"The value is right, but the {name} features are detached: only the other domain "
                "moves. Both are made by the same weights; let both have their gradient."
            )
    if not torch.allclose(gradient, want, rtol=1e-4, atol=1e-6):
        raise Wrong("The value is right, the gradient is not. Something on the way is detached.")


q2 = Exercise(
    "q2",
    "Write mean_gap(model, xs, xt): the squared distance between the mean features of the two "
    "domains, as a term that can be trained on a network with BatchNorm.",
    _check_gap,
    hints=(
        "model.features(x) gives the features; average over the rows.",
        "The result has to stay a tensor that knows how it was made: no detach, no no_grad, no "
        "float.",
        "One pass for the source, another for the target: BatchNorm sees one domain at a time.",
    ),
    solution="""
    def answer(model, xs, xt):
        gap = model.features(xs).mean(0) - model.features(xt).mean(0)
        return gap.square().sum()
    """,
    reference=mean_gap,
    wrong_answers={
        "source detached": (_gap_half, "the source features are detached"),
        "target detached": (_gap_other_half, "the target features are detached"),
        "no_grad": (_gap_no_grad, "no gradient reaches the network"),
        "a number": (
            lambda m, xs, xt: float(mean_gap(m, xs, xt).detach()),
            "is a float, not a tensor",
        ),
        "one batch": (_gap_together, "Make two passes"),
        "logits": (_gap_logits, "That compares logits"),
        "not summed": (
            lambda m, xs, xt: (m.features(xs).mean(0) - m.features(xt).mean(0)).square(),
            "it should be one number",
        ),
        "not squared": (
            lambda m, xs, xt: (m.features(xs).mean(0) - m.features(xt).mean(0)).sum(),
            "The value is",
        ),
        "eval mode": (_gap_eval, "switched the network to eval mode"),
    },
    given=dict,
)

# -- q3: information maximization -----------------------------------------------------------------


def _softmax(logits: Any) -> np.ndarray:
    z = np.asarray(logits, dtype=float)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _entropy(p: np.ndarray) -> np.ndarray:
    return -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=-1)


def information_loss(logits: Any) -> float:
    """Return the mean entropy of the answers minus the entropy of the mean answer."""
    p = _softmax(logits)
    return float(_entropy(p).mean() - _entropy(p.mean(axis=0)))


def _mean_of_logits(logits: Any) -> float:
    mean = _softmax(np.asarray(logits).mean(axis=0, keepdims=True))[0]
    return float(_entropy(_softmax(logits)).mean() - _entropy(mean))


def _naive_information(logits: Any) -> float:
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        p = e / e.sum(axis=1, keepdims=True)
        q = p.mean(axis=0)
        return float(-(p * np.log(p)).sum(axis=1).mean() + (q * np.log(q)).sum())


def _check_information(answer: Any) -> None:
    rng = np.random.default_rng(2)
    logits = 2 * rng.normal(size=(6, 3)) + [1.0, 0.0, 0.0]
    p = _softmax(logits)
    each, mean = float(_entropy(p).mean()), float(_entropy(p.mean(axis=0)))
    right = information_loss(logits)
    number(
        answer(logits),
        right,
        tolerance=1e-9,
        what="the loss",
        mistakes={
            "That is the entropy of the answers alone. Its minimum is reached by calling every "
            'picture a "1": subtract the entropy of the mean answer.': each,
            "The sign is turned round: minimized, this would make the network unsure of each row "
            "and give every row the same answer.": -right,
            "Both entropies are added: the second one, minimized, pushes all rows into one "
            "class.": each + mean,
            "You averaged the logits before the softmax. The mean answer is the mean of the "
            "probabilities.": _mean_of_logits(logits),
            "The entropies are summed over the rows: then the weight depends on the size of the "
            "draw. Take their mean.": len(p) * each - mean,
            "That is in bits; this course uses the natural logarithm.": right / np.log(2),
        },
    )
    extreme = np.array([[900.0, 0.0, 0.0], [0.0, 900.0, 0.0], [0.0, 0.0, 900.0]])
    value = answer(extreme)
    if not np.isfinite(float(value)):
        raise Wrong(
            "Right for small logits, but logits of 900 give NaN or infinity: subtract each row's "
            "maximum before exp, and take 0 · log 0 as 0."
        )
    number(value, -np.log(3), tolerance=1e-6, what="the loss of three sure and different answers")


q3 = Exercise(
    "q3",
    "Write information_loss(logits) in NumPy, logits of shape (n, classes): the mean entropy of "
    "the answers minus the entropy of the mean answer, in nats. It has to survive logits of 900.",
    _check_information,
    hints=(
        "Probabilities first: softmax of each row, its maximum subtracted before exp.",
        "entropy(p).mean() − entropy(p.mean(axis=0)).",
        "Where p is 0, p · log p counts as 0: np.where, or scipy.special.entr.",
    ),
    solution="""
    def answer(logits):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return entr(p).sum(axis=1).mean() - entr(p.mean(axis=0)).sum()
    """,
    reference=information_loss,
    wrong_answers={
        "entropy only": (lambda z: _entropy(_softmax(z)).mean(), "entropy of the answers alone"),
        "sign": (lambda z: -information_loss(z), "turned round"),
        "added": (
            lambda z: _entropy(_softmax(z)).mean() + _entropy(_softmax(z).mean(axis=0)),
            "Both entropies are added",
        ),
        "mean of logits": (_mean_of_logits, "averaged the logits"),
        "sum": (
            lambda z: _entropy(_softmax(z)).sum() - _entropy(_softmax(z).mean(axis=0)),
            "summed over the rows",
        ),
        "bits": (lambda z: information_loss(z) / np.log(2), "in bits"),
        "overflow": (_naive_information, "logits of 900"),
    },
    given=lambda: {"np": np, "entr": __import__("scipy.special", fromlist=["entr"]).entr},
)

# -- q4: MMD with class weights -------------------------------------------------------------------


def row_weights(ys: Any, source_mix: Any, target_mix: Any) -> np.ndarray:
    """Return weights of the source rows, sum 1, so that their class mix is about the target's."""
    w = (np.asarray(target_mix) / np.asarray(source_mix))[np.asarray(ys)]
    return w / w.sum()


def _per_class(ys: Any, p: Any, q: Any) -> np.ndarray:
    return np.asarray(q) / np.asarray(p)


def _check_weights(answer: Any) -> None:
    ys = np.array([0, 0, 0, 1, 1, 2, 0, 2, 2, 1])
    p, q = np.array([0.3, 0.3, 0.4]), np.array([0.6, 0.3, 0.1])
    w = (q / p)[ys]
    right = row_weights(ys, p, q)
    array(
        answer(ys, p, q),
        right,
        tolerance=1e-9,
        what="the weights",
        mistakes={
            "These are the weights of the classes. Each source row needs that of its own label: "
            "index them with ys.": q / p,
            "That is P(y) / Q(y): what is rare in the target would gain weight.": (p / q)[ys]
            / (p / q)[ys].sum(),
            "Every row has the target's share of its class, but the source's own share is still "
            "in the sum over rows. Divide by it.": q[ys] / q[ys].sum(),
            "They do not sum to 1, so the weighted mean of the features has another length than "
            "the target's: MMD would see a difference where there is none.": w,
            "They have the mean 1. For a weighted mean Σ w φ(x) they have to sum to 1.": w
            / w.mean(),
            "Equal weights: that is the plain MMD.": np.full(len(ys), 1 / len(ys)),
        },
    )


q4 = Exercise(
    "q4",
    "BBSE has estimated the target's class mix. Write row_weights(ys, source_mix, target_mix), "
    "labels 0, 1, …: the weights of the source rows in the MMD, with the sum 1.",
    _check_weights,
    hints=(
        "A class twice as frequent in the target as in the source counts double.",
        "(target_mix / source_mix)[ys], then divide by the sum.",
    ),
    solution="""
    def answer(ys, source_mix, target_mix):
        w = (target_mix / source_mix)[ys]
        return w / w.sum()
    """,
    reference=row_weights,
    wrong_answers={
        "per class": (_per_class, "weights of the classes"),
        "upside down": (lambda ys, p, q: row_weights(ys, q, p), "P(y) / Q(y)"),
        "target share": (lambda ys, p, q: q[ys] / q[ys].sum(), "Divide by it"),
        "not normalized": (lambda ys, p, q: (q / p)[ys], "do not sum to 1"),
        "mean one": (lambda ys, p, q: len(ys) * row_weights(ys, p, q), "have the mean 1"),
        "equal": (lambda ys, p, q: np.full(len(ys), 1 / len(ys)), "plain MMD"),
    },
    given=dict,
)

# -- q5: choosing by agreement --------------------------------------------------------------------


def most_agreed(answers: Mapping[str, Any], n_classes: int) -> str:
    """Return the setting whose seeds agree most, of those that use half of the classes or more."""
    honest = {}
    for name, given in answers.items():
        given = np.asarray(given)
        if min(_effective(row, n_classes) for row in given) >= n_classes / 2:
            honest[name] = _agreement(given)
    return max(honest, key=honest.__getitem__)


def _effective(row: Any, n_classes: int) -> float:
    share = np.bincount(row, minlength=n_classes) / len(row)
    return float(np.exp(_entropy(share)))


def _agreement(given: Any) -> float:
    pairs = [(a, b) for a in range(len(given)) for b in range(a)]
    return float(np.mean([np.mean(given[a] == given[b]) for a, b in pairs]))


def _unguarded(answers: Mapping[str, Any], n_classes: int) -> str:
    return max(answers, key=lambda name: _agreement(np.asarray(answers[name])))


def _least_agreed(answers: Mapping[str, Any], n_classes: int) -> str:
    return min(answers, key=lambda name: _agreement(np.asarray(answers[name])))


def _most_varied(answers: Mapping[str, Any], n_classes: int) -> str:
    return max(answers, key=lambda name: _effective(np.asarray(answers[name])[0], n_classes))


def _first_seed_only(answers: Mapping[str, Any], n_classes: int) -> str:
    kept = {n: v for n, v in answers.items() if _effective(np.asarray(v)[0], n_classes) >= 5}
    return _unguarded(kept, n_classes)


def _all_classes_wanted(answers: Mapping[str, Any], n_classes: int) -> str:
    kept = {n: v for n, v in answers.items() if all(len(set(row)) == n_classes for row in v)}
    return _unguarded(kept, n_classes)


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


def _check_choice(answer: Any) -> None:
    found = answer(_candidates(), 10)
    if not isinstance(found, str):
        raise Wrong(f"Return the name of a setting, not a {type(found).__name__}.")
    reasons = {
        "weight 100": "weight 100 agrees perfectly: it calls every row a 1. Agreement cannot see "
        "that. Rule out answers that use less than half of the classes, exp(H) < 5.",
        "weight 10": "In weight 10 the first seed uses enough classes, the others do not. Look at "
        "every seed, not at the first alone.",
        "weight 1": "weight 1 uses all ten classes, but its seeds agree less than those of weight "
        "3. A setting may lack one class: half of the classes is what the guard asks for.",
        "weight 0.1": "The seeds of weight 0.1 disagree most: where they guess, each guesses "
        "differently. Take the largest agreement.",
    }
    if found != "weight 3":
        raise Wrong(reasons.get(found, f"{found!r} is none of the settings."))


q5 = Exercise(
    "q5",
    "answers maps each setting to an array (seeds, rows) of labels 0 … n_classes − 1. Write "
    "most_agreed(answers, n_classes): the setting with the largest mean agreement over pairs of "
    "seeds, among those all of whose seeds have exp(entropy of the class shares) ≥ n_classes / 2.",
    _check_choice,
    hints=(
        "Two loops: first throw out the collapsed settings, then compare agreements.",
        "np.mean(a == b) for each pair of rows of the array, then the mean over the pairs.",
        "share = np.bincount(row, minlength=n_classes) / len(row); np.exp(entr(share).sum()).",
    ),
    solution="""
    def effective(row, k):
        return np.exp(entr(np.bincount(row, minlength=k) / len(row)).sum())

    def agreement(rows):
        pairs = [(a, b) for a in range(len(rows)) for b in range(a)]
        return np.mean([np.mean(rows[a] == rows[b]) for a, b in pairs])

    def answer(answers, n_classes):
        honest = {
            name: agreement(rows)
            for name, rows in answers.items()
            if min(effective(row, n_classes) for row in rows) >= n_classes / 2
        }
        return max(honest, key=honest.get)
    """,
    reference=most_agreed,
    wrong_answers={
        "no guard": (_unguarded, "calls every row a 1"),
        "first seed": (_first_seed_only, "Look at every seed"),
        "least": (_least_agreed, "disagree most"),
        "every class": (_all_classes_wanted, "half of the classes is what"),
        "a number": (lambda answers, k: 2, "name of a setting"),
        "no such name": (lambda answers, k: "weight 7", "none of the settings"),
    },
    given=lambda: {"np": np, "entr": __import__("scipy.special", fromlist=["entr"]).entr},
)
