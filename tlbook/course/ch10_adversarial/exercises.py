"""Exercises of chapter 10: a spiral, λ and the optimizer, who gets what, repair, read, choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: the radius of the spiral -----------------------------------------------------------------


def radius(lr, steps):
    """Return the distance from (0, 0) after simultaneous steps of the bilinear game."""
    return (1 + lr**2) ** (steps / 2)


q1 = Exercise(
    "q1",
    "Two players start at (1, 0) and play f(x, y) = xy with simultaneous steps of length η. Write "
    "radius(lr, steps): their distance from (0, 0) afterwards.",
    radius,
    mistakes={
        "That is the square of the radius: x² + y² grows by 1 + η² per step.": lambda lr, n: (
            (1 + lr**2) ** n
        ),
        "The step is at a right angle to the radius, so it does not add its whole length: use "
        "Pythagoras.": lambda lr, n: (1 + lr) ** n,
        "That is where one step leads. The factor is the same at every step: raise it to the "
        "number of steps.": lambda lr, n: (1 + lr**2) ** 0.5,
        "A circle: that is what infinitely small steps would do. Each finite step leaves the "
        "circle along a tangent.": lambda lr, n: 1.0,
        "Inwards? Each player steps along the tangent, and a tangent lies outside the "
        "circle.": lambda lr, n: (1 + lr**2) ** (-n / 2),
    },
    probes=[
        Probe(f"the radius after {steps} steps of {lr}", on(lr, steps), tolerance=1e-9)
        for lr, steps in ((0.3, 20), (0.1, 50))
    ],
    hints=(
        "One step: x' = x − ηy and y' = y + ηx. Work out x'² + y'².",
        "The mixed terms cancel: x'² + y'² = (1 + η²)(x² + y²).",
    ),
)

# -- q2: who gets which gradient ------------------------------------------------------------------


def two_players(label, domain, critic, weight):
    """Return the gradients that DANN gives the features and the discriminator."""
    return label - weight * domain, critic


BOTH = (
    "λ stands on the reversed gradient only. On the discriminator's gradient too, a small λ would "
    "slow the discriminator down under SGD, and change nothing under Adam."
)
PAIR = "Return two gradients: that of the features, then that of the discriminator."


def _part(which: int) -> Any:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=4), rng.normal(size=4), rng.normal(size=3), 0.3

    def run(answer: Any) -> Any:
        pair = on(*inputs)(answer)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise Wrong(PAIR)
        return pair[which]

    return run


q2 = Exercise(
    "q2",
    "Given three gradients: of L_S by the features' weights (label), of L_D by the same weights "
    "(domain), and of L_D by the discriminator's weights (critic). Write two_players(label, "
    "domain, critic, weight): what DANN lets the optimizer see, for features and discriminator.",
    two_players,
    mistakes={
        PAIR: lambda a, b, c, w: a - w * b,
        BOTH: lambda a, b, c, w: (a - w * b, w * c),
        "The discriminator is not reversed: it wants to get better.": lambda a, b, c, w: (
            a - w * b,
            -c,
        ),
        "The discriminator is reversed and slowed down; it should simply descend its "
        "loss.": lambda a, b, c, w: (a - w * b, -w * c),
        "With a plus the features help the discriminator: the domains get easier to tell "
        "apart.": lambda a, b, c, w: (a + w * b, c),
        "The label loss is missing: nothing ties the features to the classes.": lambda a, b, c, w: (
            -w * b,
            c,
        ),
        "λ is missing.": lambda a, b, c, w: (a - b, c),
        "The label loss is reversed as well: the network would unlearn its "
        "task.": lambda a, b, c, w: (-a - w * b, c),
        "λ belongs on the domain's part, not on both.": lambda a, b, c, w: (w * (a - b), c),
    },
    probes=[
        Probe("the discriminator's gradient", _part(1)),
        Probe("the features' gradient", _part(0)),
    ],
    hints=(
        "The discriminator makes L_D small, whatever λ is.",
        "The features make L_S small and L_D large.",
        "Between them stands gradient reversal: it multiplies by −λ on the way back.",
    ),
)

# -- q3: change the experiment: λ on the whole loss -----------------------------------------------

q3 = Exercise(
    "q3",
    "In the cell above, SGD with rate 1 and λ = 1 ends at some loss. Which rate ends at the same "
    "loss with λ = 0.1 on the whole loss? Change the cell and try.",
    10.0,
    mistakes={
        "That rate ends at a larger loss: the step is λ times the rate, and λ is now ten times "
        "smaller.": 1.0,
        "The wrong way round: a smaller λ makes the step smaller, so the rate has to grow.": 0.1,
        "Ten times too much: λ · rate is what a step of SGD depends on.": 100.0,
    },
    probes=[Probe("the rate", tolerance=0.5)],
    hints=(
        "A step of SGD is rate · gradient, and λ on the loss multiplies the gradient.",
        "The product λ · rate was 1 · 1. Keep the product.",
    ),
    because="SGD sees only the product of λ and the rate: 0.1 · 10 is the same run as 1 · 1.",
)

# -- q4: repair the discriminator's loss ---------------------------------------------------------


def domain_loss(source, target):
    """Return the discriminator's cross-entropy; either domain counts one half."""
    # log(1 + e^x) without overflow: np.logaddexp(0, x)
    return (np.logaddexp(0, -source).mean() + np.logaddexp(0, target).mean()) / 2


def _sigmoid(x: Any) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _by_clipping(source: Any, target: Any) -> float:
    p, q = (np.clip(_sigmoid(v), 1e-7, 1 - 1e-7) for v in (source, target))
    return float(-(np.log(p).mean() + np.log(1 - q).mean()) / 2)


def _logits() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(1, 2, 7), rng.normal(-1, 2, 5)


WILD = np.array([-800.0, 800.0])
NOT_FINITE = (
    "For logits of ±800 your loss is {value}. The sigmoid rounds to 0 or 1 and the logarithm of 0 "
    "is infinite. Write −log σ(d) as log(1 + e^(−d)): np.logaddexp(0, -d)."
)


def _far(answer: Any) -> str:
    """Return "finite", or what the loss of wild logits is instead."""
    value = float(np.asarray(answer(WILD.copy(), WILD.copy())))
    return "finite" if np.isfinite(value) else str(value)


q4 = Exercise(
    "q4",
    "Repair domain_loss(source, target): the discriminator's cross-entropy from two arrays of "
    "logits (above 0 means source), each domain counting one half, finite for every logit.",
    domain_loss,
    mistakes={
        "The loss of ordinary logits is NaN: a logit may be negative, and its logarithm does not "
        "exist. Between the logit and the logarithm belongs a sigmoid.": lambda s, t: (
            -(np.log(s).mean() + np.log(1 - t).mean()) / 2
        ),
        "That is the sum of the two domains' means, twice the loss. Each counts one half, so that "
        "a discriminator that knows nothing has log 2.": lambda s, t: 2 * domain_loss(s, t),
        "You took one mean over all rows: the domain with more rows counts more. Take the mean of "
        "each domain first.": lambda s, t: np.concatenate(
            [np.logaddexp(0, -s), np.logaddexp(0, t)]
        ).mean(),
        "The domains are exchanged: a logit above 0 means source.": lambda s, t: domain_loss(t, s),
        "That has the sign of a reward. A cross-entropy is never negative.": lambda s, t: (
            -domain_loss(s, t)
        ),
        NOT_FINITE: lambda s, t: -(np.log(_sigmoid(s)).mean() + np.log(1 - _sigmoid(t)).mean()) / 2,
        "Clipping probabilities gives a finite number but the wrong one (and no slope where a "
        "slope is needed most): at logits of ±800 the loss is 400.": _by_clipping,
    },
    probes=[
        Probe("the loss", on(*_logits())),
        Probe("the loss at logits of ±800", _far, otherwise=NOT_FINITE),
        Probe("the loss at logits of ±800", on(WILD, WILD)),
    ],
    hints=(
        "For a source row it is −log σ(d), for a target row −log(1 − σ(d)).",
        "−log σ(d) = log(1 + e^(−d)), and −log(1 − σ(d)) = log(1 + e^d).",
        "np.logaddexp(0, x) is log(1 + e^x) without overflow.",
    ),
)

# -- q5: read the figure -------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Look at the figure of the six networks. Which sentence does it support? (a) A network whose "
    "domains are easier to tell apart reads the target worse. (b) CDAN leaves the domains nearly "
    "as easy to tell apart as source only does, and reads more of the target. (c) A game that "
    "confuses its own discriminator also confuses a fresh classifier. (d) MK-MMD reads the target "
    "better than CDAN because it hides the domain better.",
    "b",
    {
        "a": "Compare source only with CDAN: they lie at nearly the same height and far apart from "
        "left to right.",
        "c": "The figure does not show the game's own discriminator at all; the table does, and it "
        "says the opposite for CDAN.",
        "d": "MK-MMD does lie lower. Its accuracy and that of CDAN overlap, so the figure gives "
        "nothing that would need a because.",
    },
    hints=(
        "The height says how well a fresh classifier tells the domains apart. 50 % is guessing.",
        "Cover the other points and look at gray and orange only.",
    ),
)

# -- q6: diagnosis --------------------------------------------------------------------------------

# What is right, and why, whatever else was answered.
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
    "L_D is log 2, a fresh classifier says 95 %": (
        "too weak",
        "the features can be told apart, only this discriminator does not do it: its loss says "
        "something about the discriminator and nothing about the features.",
    ),
    "L_D is log 2, a fresh classifier says 52 %, all answers are the same class": (
        "collapse",
        "features that are all alike cannot be told apart, and cannot be classified either.",
    ),
    "L_D falls to 0 and stays there": (
        "too strong",
        "the discriminator is always right and always sure: the features have lost the game.",
    ),
}

q6 = matching(
    "q6",
    "Six runs, six symptoms. Give each its cause: 'raw scores' (logarithm of something that is no "
    "probability), 'no gradient', 'asleep' (the discriminator stands still), 'too weak' (it cannot "
    "learn what others can), 'collapse', 'too strong' (the discriminator).",
    {symptom: cause for symptom, (cause, _) in SYMPTOMS.items()},
    ("raw scores", "no gradient", "asleep", "too weak", "collapse", "too strong"),
    {(symptom, ""): reason for symptom, (_, reason) in SYMPTOMS.items()},
    hints=(
        "Two symptoms have the same L_D. What does the fresh domain classifier say in each?",
        "Guessing costs log 2. Who pays much more has a wrong opinion and does not change it.",
    ),
    says='"{key}" is not "{option}": {reason}',
)

# -- q7: choose and defend -----------------------------------------------------------------------

q7 = choice(
    "q7",
    "Your own run of DANN shows L_D / log 2 = 1.0 from the first epoch to the last, and no target "
    "label exists. What do you do first? (a) Stop: the domains are aligned. (b) Raise λ until the "
    "discriminator's loss moves. (c) Train a fresh domain classifier on the frozen features and "
    "look at the answers. (d) Label 50 target rows and keep the λ that scores best on them.",
    "c",
    {
        "a": "A discriminator that cannot learn, and features that have collapsed, show the same "
        "number. The chapter had an example of each.",
        "b": "Nothing is known yet about the features. If the discriminator does not learn, a "
        "larger λ pushes the features along a meaningless direction.",
        "d": "Labels are a good thing to buy, but then train on them as well (chapter 09), and "
        "first find out why the loss never moved: that needs no label.",
    },
    hints=(
        "Name two causes of a constant log 2. Which measurement tells them apart?",
        "One of the options needs neither labels nor another training.",
    ),
    because="It tells a discriminator that does not learn from features that collapsed.",
)
