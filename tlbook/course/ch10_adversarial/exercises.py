"""Exercises of chapter 10: a loss without NaN, a spiral, two players, a diagnosis, conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: the discriminator's loss, from logits ----------------------------------------------------


def domain_loss(source: Any, target: Any) -> float:
    """Return the discriminator's cross-entropy; either domain counts one half."""
    source, target = np.asarray(source, dtype=float), np.asarray(target, dtype=float)
    return float(np.logaddexp(0, -source).mean() + np.logaddexp(0, target).mean()) / 2


def _sigmoid(x: Any) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x)))


def _by_probabilities(source: Any, target: Any) -> float:
    with np.errstate(all="ignore"):
        there, away = np.log(_sigmoid(source)), np.log(1 - _sigmoid(target))
        return float(-(there.mean() + away.mean()) / 2)


def _by_clipping(source: Any, target: Any) -> float:
    with np.errstate(all="ignore"):
        p, q = (np.clip(_sigmoid(v), 1e-7, 1 - 1e-7) for v in (source, target))
    return float(-(np.log(p).mean() + np.log(1 - q).mean()) / 2)


def _by_raw_scores(source: Any, target: Any) -> float:
    with np.errstate(all="ignore"):
        return float(-(np.log(source).mean() + np.log(1 - np.asarray(target)).mean()) / 2)


def _check_loss(answer: Any) -> None:
    rng = np.random.default_rng(0)
    s, t = rng.normal(1, 2, 7), rng.normal(-1, 2, 5)
    value = answer(s, t)
    right = domain_loss(s, t)
    if np.isnan(np.asarray(value, dtype=float)).any():
        raise Wrong(
            "The loss of ordinary logits is NaN: a logit may be negative, and its logarithm does "
            "not exist. Between the logit and the logarithm belongs a sigmoid."
        )
    pooled = np.concatenate([np.logaddexp(0, -s), np.logaddexp(0, t)])
    number(
        value,
        right,
        what="the loss",
        mistakes={
            "That is the sum of the two domains' means, twice the loss. Each counts one half, so "
            "that a discriminator that knows nothing has log 2.": 2 * right,
            "You took one mean over all rows: the domain with more rows counts more. Take the mean "
            "of each domain first.": float(pooled.mean()),
            "The domains are exchanged: a logit above 0 means source.": domain_loss(t, s),
            "That has the sign of a reward. A cross-entropy is never negative.": -right,
        },
    )
    wild = np.array([-800.0, 800.0])
    with np.errstate(all="ignore"):
        far = float(np.asarray(answer(wild, wild)))
    if not np.isfinite(far):
        raise Wrong(
            f"For logits of ±800 your loss is {far}. The sigmoid rounds to 0 or 1 and the "
            "logarithm of 0 is infinite. Write −log σ(d) as log(1 + e^(−d)): np.logaddexp(0, -d)."
        )
    number(
        far,
        400.0,
        tolerance=1e-6,
        what="the loss at logits of ±800",
        mistakes={
            "Clipping probabilities gives a finite number but the wrong one (and no slope where a "
            "slope is needed most): at logits of ±800 the loss is 400.": _by_clipping(wild, wild),
        },
    )


q1 = Exercise(
    "q1",
    "Write domain_loss(source, target): the discriminator's cross-entropy from two arrays of "
    "logits (above 0 means source), each domain counting one half, finite for every logit.",
    _check_loss,
    hints=(
        "For a source row it is −log σ(d), for a target row −log(1 − σ(d)).",
        "−log σ(d) = log(1 + e^(−d)), and −log(1 − σ(d)) = log(1 + e^d).",
        "np.logaddexp(0, x) is log(1 + e^x) without overflow.",
    ),
    solution="""
    def answer(source, target):
        return (np.logaddexp(0, -source).mean() + np.logaddexp(0, target).mean()) / 2
    """,
    reference=domain_loss,
    wrong_answers={
        "raw scores": (_by_raw_scores, "belongs a sigmoid"),
        "log of sigmoid": (_by_probabilities, "logits of ±800"),
        "clipped": (_by_clipping, "Clipping probabilities"),
        "not halved": (lambda s, t: 2 * domain_loss(s, t), "twice the loss"),
        "pooled": (
            lambda s, t: np.concatenate([np.logaddexp(0, -s), np.logaddexp(0, t)]).mean(),
            "one mean over all rows",
        ),
        "exchanged": (lambda s, t: domain_loss(t, s), "exchanged"),
        "sign": (lambda s, t: -domain_loss(s, t), "never negative"),
    },
    given=lambda: {"np": np},
)

# -- q2: the radius of the spiral -----------------------------------------------------------------


def radius(lr: float, steps: int) -> float:
    """Return the distance from (0, 0) after simultaneous steps of the bilinear game."""
    return float((1 + lr**2) ** (steps / 2))


def _check_radius(answer: Any) -> None:
    for lr, steps in ((0.3, 20), (0.1, 50)):
        number(
            answer(lr, steps),
            radius(lr, steps),
            tolerance=1e-9,
            what=f"the radius after {steps} steps of {lr}",
            mistakes={
                "That is the square of the radius: x² + y² grows by 1 + η² per step.": radius(
                    lr, steps
                )
                ** 2,
                "The step is at a right angle to the radius, so it does not add its whole length: "
                "use Pythagoras.": (1 + lr) ** steps,
                "That is where one step leads. The factor is the same at every step: raise it to "
                "the number of steps.": radius(lr, 1),
                "A circle: that is what infinitely small steps would do. Each finite step leaves "
                "the circle along a tangent.": 1.0,
                "Inwards? Each player steps along the tangent, and a tangent lies outside the "
                "circle.": 1 / radius(lr, steps),
            },
        )


q2 = Exercise(
    "q2",
    "Two players start at (1, 0) and play f(x, y) = xy with simultaneous steps of length η. Write "
    "radius(lr, steps): their distance from (0, 0) afterwards.",
    _check_radius,
    hints=(
        "One step: x' = x − ηy and y' = y + ηx. Work out x'² + y'².",
        "The mixed terms cancel: x'² + y'² = (1 + η²)(x² + y²).",
    ),
    solution="""
    def answer(lr, steps):
        return (1 + lr**2) ** (steps / 2)
    """,
    reference=radius,
    wrong_answers={
        "square": (lambda lr, n: (1 + lr**2) ** n, "the square of the radius"),
        "lengths add": (lambda lr, n: (1 + lr) ** n, "Pythagoras"),
        "one step": (lambda lr, n: (1 + lr**2) ** 0.5, "where one step leads"),
        "circle": (lambda lr, n: 1.0, "infinitely small steps"),
        "inwards": (lambda lr, n: (1 + lr**2) ** (-n / 2), "outside the circle"),
    },
)

# -- q3: who gets which gradient ------------------------------------------------------------------


def two_players(label: Any, domain: Any, critic: Any, weight: float) -> tuple[Any, Any]:
    """Return the gradients that DANN gives the features and the discriminator."""
    return np.asarray(label) - weight * np.asarray(domain), np.asarray(critic)


def _check_players(answer: Any) -> None:
    rng = np.random.default_rng(1)
    label, domain, critic = rng.normal(size=4), rng.normal(size=4), rng.normal(size=3)
    weight = 0.3
    pair = answer(label, domain, critic, weight)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise Wrong("Return two gradients: that of the features, then that of the discriminator.")
    features, own = (np.asarray(part, dtype=float) for part in pair)
    array(
        own,
        critic,
        what="the discriminator's gradient",
        mistakes={
            "λ stands on the reversed gradient only. On the discriminator too, a small λ would "
            "also make its detective slow.": weight * critic,
            "The discriminator is not reversed: it wants to get better.": -critic,
            "The discriminator is reversed and slowed down; it should simply descend its "
            "loss.": -weight * critic,
        },
    )
    array(
        features,
        label - weight * domain,
        what="the features' gradient",
        mistakes={
            "With a plus the features help the discriminator: the domains get easier to tell "
            "apart.": label + weight * domain,
            "The label loss is missing: nothing ties the features to the classes.": -weight
            * domain,
            "λ is missing.": label - domain,
            "The label loss is reversed as well: the network would unlearn its task.": -label
            - weight * domain,
            "λ belongs on the domain's part, not on both.": weight * (label - domain),
        },
    )


q3 = Exercise(
    "q3",
    "Given three gradients: of L_S by the features' weights (label), of L_D by the same weights "
    "(domain), and of L_D by the discriminator's weights (critic). Write two_players(label, "
    "domain, critic, weight): what DANN lets the optimizer see, for features and discriminator.",
    _check_players,
    hints=(
        "The discriminator makes L_D small, whatever λ is.",
        "The features make L_S small and L_D large.",
        "Between them stands gradient reversal: it multiplies by −λ on the way back.",
    ),
    solution="""
    def answer(label, domain, critic, weight):
        return label - weight * domain, critic
    """,
    reference=two_players,
    wrong_answers={
        "plus": (lambda a, b, c, w: (a + w * b, c), "help the discriminator"),
        "slow detective": (lambda a, b, c, w: (a - w * b, w * c), "detective slow"),
        "reversed critic": (lambda a, b, c, w: (a - w * b, -c), "is not reversed"),
        "both wrong": (lambda a, b, c, w: (a - w * b, -w * c), "reversed and slowed"),
        "no labels": (lambda a, b, c, w: (-w * b, c), "ties the features"),
        "no weight": (lambda a, b, c, w: (a - b, c), "λ is missing"),
        "all reversed": (lambda a, b, c, w: (-a - w * b, c), "unlearn"),
        "weight on both": (lambda a, b, c, w: (w * (a - b), c), "not on both"),
        "one gradient": (lambda a, b, c, w: a - w * b, "two gradients"),
    },
    given=lambda: {"np": np},
)

# -- q4: diagnosis --------------------------------------------------------------------------------

CAUSES = ("raw scores", "no gradient", "asleep", "too weak", "collapse", "too strong")
SYMPTOMS: dict[str, tuple[str, str]] = {
    "NaN in the first step": (
        "raw scores",
        "a NaN that is there before anything was learned comes from the loss itself: the "
        "logarithm of a number that may be negative.",
    ),
    "weights equal before and after": (
        "no gradient",
        "a network in the optimizer whose weights are the same to the last bit received nothing.",
    ),
    "L_D climbs to 50 times log 2": (
        "asleep",
        "a discriminator that is worse than guessing does not correct itself: the features run "
        "along a direction in which it is wrong, and it stands still.",
    ),
    "L_D is log 2, a fresh judge says 95 %": (
        "too weak",
        "the features can be told apart, only this discriminator does not do it: its loss says "
        "something about the discriminator and nothing about the features.",
    ),
    "L_D is log 2, a fresh judge says 52 %, all answers are the same class": (
        "collapse",
        "features that are all alike cannot be told apart, and cannot be classified either.",
    ),
    "L_D falls to 0 and stays there": (
        "too strong",
        "the discriminator is always right and always sure: the features have lost the game.",
    ),
}


def _check_diagnosis(answer: Any) -> None:
    if not isinstance(answer, Mapping):
        raise Wrong("Answer with a dictionary: a cause for each symptom.")
    missing = [symptom for symptom in SYMPTOMS if symptom not in answer]
    if missing:
        raise Wrong(f"There is no cause yet for: {missing[0]}.")
    for symptom, (right, reason) in SYMPTOMS.items():
        given = str(answer[symptom]).strip().lower()
        if given not in CAUSES:
            raise Wrong(f"{given!r} is none of the causes {', '.join(map(repr, CAUSES))}.")
        if given != right:
            raise Wrong(f'"{symptom}" is not "{given}": {reason}')


def _swapped(symptom: str, cause: str) -> dict[str, str]:
    return {name: right for name, (right, _) in SYMPTOMS.items()} | {symptom: cause}


q4 = Exercise(
    "q4",
    "Six runs, six symptoms. Give each its cause: 'raw scores' (logarithm of something that is no "
    "probability), 'no gradient', 'asleep' (the discriminator stands still), 'too weak' (it cannot "
    "learn what others can), 'collapse', 'too strong' (the discriminator).",
    _check_diagnosis,
    hints=(
        "Two symptoms have the same L_D. What does the fresh judge say in each?",
        "Guessing costs log 2. Who pays much more has a wrong opinion and does not change it.",
    ),
    solution="""
    answer = {
        "NaN in the first step": "raw scores",
        "weights equal before and after": "no gradient",
        "L_D climbs to 50 times log 2": "asleep",
        "L_D is log 2, a fresh judge says 95 %": "too weak",
        "L_D is log 2, a fresh judge says 52 %, all answers are the same class": "collapse",
        "L_D falls to 0 and stays there": "too strong",
    }
    """,
    reference={name: right for name, (right, _) in SYMPTOMS.items()},
    wrong_answers={
        "log 2 is success": (
            _swapped("L_D is log 2, a fresh judge says 95 %", "collapse"),
            "can be told apart",
        ),
        "fooled by confusion": (
            _swapped(
                "L_D is log 2, a fresh judge says 52 %, all answers are the same class", "too weak"
            ),
            "cannot be classified either",
        ),
        "zero is asleep": (_swapped("L_D falls to 0 and stays there", "asleep"), "always sure"),
        "NaN by collapse": (_swapped("NaN in the first step", "too strong"), "the loss itself"),
        "wrong and proud": (
            _swapped("L_D climbs to 50 times log 2", "too weak"),
            "does not correct itself",
        ),
        "equal weights": (
            _swapped("weights equal before and after", "asleep"),
            "to the last bit",
        ),
        "unknown cause": (
            _swapped("L_D falls to 0 and stays there", "bad luck"),
            "none of the causes",
        ),
        "a list": (["raw scores"], "dictionary"),
        "one left out": ({"NaN in the first step": "raw scores"}, "no cause yet"),
    },
)

# -- q5: conditioning on the prediction -----------------------------------------------------------


def conditioned(z: Any, p: Any) -> np.ndarray:
    """Return the product of every feature with every probability, (n, d · classes)."""
    z, p = np.asarray(z), np.asarray(p)
    return (z[:, :, None] * p[:, None, :]).reshape(len(z), -1)


def _check_conditioned(answer: Any) -> None:
    rng = np.random.default_rng(2)
    z, p = rng.normal(size=(5, 4)), rng.dirichlet(np.ones(3), size=5)
    array(
        answer(z, p),
        conditioned(z, p),
        tolerance=1e-9,
        what="the conditioned features",
        mistakes={
            "Side by side is not a product: a discriminator with one linear layer could still "
            "not ask about a feature *within* a class.": np.hstack([z, p]),
            "The order is turned round. It does not matter for the method, but here all products "
            "with the first feature come first.": (p[:, :, None] * z[:, None, :]).reshape(5, -1),
            "You kept the matrix of each row. Flatten it: (n, d · classes).": z[:, :, None]
            * p[:, None, :],
            "You replaced the probabilities by the winning class. The softmax keeps what the "
            "network is unsure about.": conditioned(z, np.eye(3)[p.argmax(1)]),
            "That is the product over all rows: one matrix for the whole draw.": (z.T @ p),
        },
    )


q5 = Exercise(
    "q5",
    "Write conditioned(z, p): what CDAN's discriminator sees. z has shape (n, d), p holds the "
    "predicted probabilities (n, classes); the result has shape (n, d · classes), all products "
    "with the first feature first.",
    _check_conditioned,
    hints=(
        "z[:, :, None] has shape (n, d, 1). What shape does p need?",
        "Multiply, then reshape(len(z), -1).",
    ),
    solution="""
    def answer(z, p):
        return (z[:, :, None] * p[:, None, :]).reshape(len(z), -1)
    """,
    reference=conditioned,
    wrong_answers={
        "side by side": (lambda z, p: np.hstack([z, p]), "Side by side"),
        "order": (lambda z, p: (p[:, :, None] * z[:, None]).reshape(len(z), -1), "turned round"),
        "not flat": (lambda z, p: z[:, :, None] * p[:, None], "Flatten"),
        "hard": (lambda z, p: conditioned(z, np.eye(p.shape[1])[p.argmax(1)]), "winning class"),
        "over rows": (lambda z, p: z.T @ p, "over all rows"),
    },
    given=lambda: {"np": np},
)
