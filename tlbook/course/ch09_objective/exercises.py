"""Exercises of chapter 09: the formula, the best λ, a divergence, the bound's parts, harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import ttest_ind, ttest_rel

from tlbook.course.exercises.checkers import Probe, Wrong, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import subsets

# -- q1: the formula on lists of losses -----------------------------------------------------------

SOURCE_ROWS = np.array([0.5, 1.5, 1.0, 2.0, 0.0, 1.0])
TARGET_ROWS = np.array([3.0, 5.0])


def total(source, target, lam, omega):
    """Return L_S + λ L_T + Ω from the losses of single rows; no target rows, no L_T."""
    L_T = np.mean(target) if len(target) else 0.0
    return np.mean(source) + lam * L_T + omega


q1 = Exercise(
    "q1",
    "Write total(source, target, lam, omega): the objective from the losses of single "
    "rows. target may be empty.",
    total,
    mistakes={
        "You averaged over all rows together. L_S and L_T are two means, so that λ, and not the "
        "number of rows, says how much the target counts.": lambda s, t, lam, omega: (
            np.mean(np.concatenate([s, lam * t])) + omega
        ),
        "You added up the rows. With sums the larger domain wins whatever λ is: take the mean of "
        "each.": lambda s, t, lam, omega: np.sum(s) + lam * np.sum(t) + omega,
        "λ stands on Ω in your formula. λ weighs the target's loss; Ω has its own strength "
        "inside.": lambda s, t, lam, omega: total(s, t, 1, lam * omega),
        "λ weighs the target's loss only, not Ω.": lambda s, t, lam, omega: total(
            s, t, lam, lam * omega
        ),
        "That is (1 - λ) L_S + λ L_T + Ω. In this formula L_S has weight 1, and λ may be larger "
        "than 1.": lambda s, t, lam, omega: total((1 - lam) * s, t, lam, omega),
        "With no labeled target rows you return NaN. Then there is no L_T: the term is zero, and "
        "unsupervised adaptation has to find something else.": lambda s, t, lam, omega: (
            np.mean(s) + lam * np.mean(t) + omega
        ),
    },
    probes=[
        Probe("the objective", on(SOURCE_ROWS, TARGET_ROWS, 0.3, 0.2)),
        Probe("the objective without target labels", on(SOURCE_ROWS, np.array([]), 0.3, 0.2)),
    ],
    hints=(
        "Each of the two losses is a mean over the rows of its own domain.",
        "np.mean of nothing is NaN. What should a target loss without target labels contribute?",
        "np.mean(source) + lam * (np.mean(target) if len(target) else 0) + omega",
    ),
)

# -- q2: the best λ -------------------------------------------------------------------------------


def best_lam(gap, noise, n_source, n_target):
    """Return the expected squared error of the source's mean over that of the target's mean."""
    return (gap**2 + noise**2 / n_source) / (noise**2 / n_target)


q2 = Exercise(
    "q2",
    "Write best_lam(gap, noise, n_source, n_target): the λ with which "
    "(mean_S + λ mean_T) / (1 + λ) has the smallest expected squared distance to the target's "
    "true mean.",
    best_lam,
    mistakes={
        "That is n_T / n_S, which is best only if the two means agree. The gap is an error of the "
        "source too.": lambda g, s, n, m: m / n,
        "You left out the source's own noise, noise² / n_source.": lambda g, s, n, m: (
            m * g**2 / s**2
        ),
        "Upside down: a large gap must give the *target* more weight.": lambda g, s, n, m: (
            1 / best_lam(g, s, n, m)
        ),
        "That is the share α = λ / (1 + λ) of the target. λ is asked for.": lambda g, s, n, m: (
            best_lam(g, s, n, m) / (1 + best_lam(g, s, n, m))
        ),
        "Squared errors are compared: the gap has to be squared.": lambda g, s, n, m: (
            (g + s**2 / n) / (s**2 / m)
        ),
        "noise is a standard deviation. The variance of a mean is noise² / n.": lambda g, s, n, m: (
            (g**2 + s / n) / (s / m)
        ),
    },
    probes=[
        Probe("the best λ", on(0.4, 0.5, 50, 10)),
        Probe("the best λ without a gap", on(0.0, 0.5, 50, 10)),
    ],
    hints=(
        "Two estimates of one number with independent errors: weigh each by the inverse of its "
        "expected squared error.",
        "The target's mean is off by noise²/n_target. The source's by its own noise *and* the gap.",
        "λ is the source's expected squared error over the target's: "
        "(gap**2 + noise**2 / n_source) / (noise**2 / n_target).",
    ),
)

# -- q3: the divergence of two samples ------------------------------------------------------------


def divergence(xs, xt):
    """Return 2 · (largest − smallest difference of the two distribution functions)."""
    cuts = np.concatenate([[-np.inf], xs, xt])
    D = np.array([np.mean(xs <= c) - np.mean(xt <= c) for c in cuts])
    return 2 * (D.max() - D.min())


def _differences(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    cuts = np.concatenate([[-np.inf], xs, xt])
    return np.array([np.mean(xs <= c) - np.mean(xt <= c) for c in cuts])


def _samples() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    return rng.normal(0, 1, 40), rng.normal(0.2, 2.5, 30)


XS, XT = _samples()

q3 = Exercise(
    "q3",
    "Write divergence(xs, xt): the HΔH-divergence of two samples on the line, the "
    "hypotheses being thresholds.",
    divergence,
    mistakes={
        "You compared half-lines, x ≤ t. Two thresholds disagree on the *interval* between them, "
        "and an interval can differ more: both ends are free.": lambda xs, xt: (
            2 * np.abs(_differences(xs, xt)).max()
        ),
        "The factor 2 is missing: it goes from 0 to 2.": lambda xs, xt: divergence(xs, xt) / 2,
        "You compared means. The divergence looks for the interval with the largest difference in "
        "mass.": lambda xs, xt: abs(np.mean(xs) - np.mean(xt)),
        "The smallest difference is negative: subtract it.": lambda xs, xt: (
            2 * (_differences(xs, xt).max() + _differences(xs, xt).min())
        ),
    },
    probes=[
        Probe("the divergence", on(XS, XT), tolerance=1e-9),
        Probe("the divergence of a sample from itself", on(XS, XS), tolerance=1e-9),
        Probe("the divergence of samples far apart", on(XS, XS + 99), tolerance=1e-9),
    ],
    hints=(
        "h and h' disagree between their thresholds. Which share of each sample lies between a "
        "and b?",
        "With D(c) = share of xs up to c minus share of xt up to c, the interval from a to b has "
        "the difference D(b) - D(a). Which a and b make it largest?",
        "2 * (D.max() - D.min()), with D at every point of both samples, and D = 0 at -inf.",
    ),
)

# -- q4: which part of the bound moves ------------------------------------------------------------

REASONS: dict[str, dict[str, str]] = {
    "source labels exchanged": {
        "source error": "the classifier is trained again, on the new labels, and is as good there.",
        "divergence": "it compares inputs only, and these are as they were.",
        "joint error": "no classifier is now good in both domains.",
    },
    "target inputs move away": {
        "source error": "nothing in the source has changed.",
        "divergence": "there is now an interval with mass in one domain and none in the other.",
        "joint error": "the true boundary still makes no mistake in either domain: it stays 0.",
    },
    "better training on the source": {
        "source error": "this is what training on the source lowers.",
        "divergence": "it belongs to the domains and to the class H, not to one classifier.",
        "joint error": "it belongs to the domains and to the class H, not to one classifier.",
    },
    "twice as many target labels": dict.fromkeys(
        ("source error", "divergence", "joint error"),
        "labels let you *measure* more; the classifier, the domains and H are the same.",
    ),
}


q4 = subsets(
    "q4",
    "Which parts of the bound change?",
    {
        "source labels exchanged": {"joint error"},
        "target inputs move away": {"divergence"},
        "better training on the source": {"source error"},
        "twice as many target labels": set(),
    },
    REASONS,
    hints=(
        "Two of the three parts belong to the pair of domains and the class H, one to the "
        "classifier.",
        "The divergence never looks at labels. λ* looks at nothing else than labels.",
        "Owning labels changes what you know, not what is true.",
    ),
)

# -- q5: is it negative transfer? -----------------------------------------------------------------


def harm(with_source, alone):
    """Return the mean paired difference, and whether its 95 % interval lies below zero."""
    interval = ttest_rel(with_source, alone).confidence_interval(0.95)
    return np.mean(with_source - alone), interval.high < 0


# Seeds differ by ten points, the source costs one point in each of them.
ALONE = np.array([0.60, 0.72, 0.81, 0.66, 0.90, 0.77])
CLEAR = ALONE - np.array([0.010, 0.013, 0.009, 0.012, 0.008, 0.011])
# A mean loss that comes from two seeds.
UNCLEAR = ALONE + np.array([0.02, 0.03, 0.02, -0.09, 0.025, -0.07])
# Neither gain nor loss.
NOTHING = ALONE + np.array([0.01, -0.01, 0.008, -0.009, 0.012, -0.008])

TWO_THINGS = "Return two things: the mean difference and True or False."


def _effect(*inputs: np.ndarray) -> Callable[[Any], Any]:
    return lambda answer: _two(answer, *inputs)[0]


def _verdict(*inputs: np.ndarray) -> Callable[[Any], bool]:
    return lambda answer: bool(_two(answer, *inputs)[1])


def _two(answer: Any, *inputs: np.ndarray) -> tuple[Any, Any]:
    found = on(*inputs)(answer)
    if not isinstance(found, tuple) or len(found) != 2:
        raise Wrong(TWO_THINGS)
    return found


q5 = Exercise(
    "q5",
    "Write harm(with_source, alone): accuracies over seeds in, the mean difference and "
    "whether it is negative transfer (95 % paired interval below zero) out.",
    harm,
    mistakes={
        TWO_THINGS: lambda w, a: np.mean(w - a),
        "There the interval lies on both sides of zero. Not shown to help is not shown to "
        "hurt.": lambda w, a: (np.mean(w - a), not harm(a, w)[1]),
        "The effect is with minus without: negative where it hurts.": lambda w, a: (
            np.mean(a - w),
            harm(w, a)[1],
        ),
        "A loss of one point at *every* seed is negative transfer, although the seeds differ by "
        "much more. Compare seed by seed: the interval of the differences.": lambda w, a: (
            np.mean(w - a),
            ttest_ind(w, a).confidence_interval(0.95).high < 0,
        ),
        "With a loss at two seeds the mean is below zero and the interval is not: this may be "
        "chance.": lambda w, a: (np.mean(w - a), np.mean(w) < np.mean(a)),
        "There the source helps at every seed: that is no negative transfer.": lambda w, a: (
            np.mean(w - a),
            ttest_rel(w, a).pvalue < 0.05,
        ),
    },
    probes=[
        Probe("negative transfer", _verdict(NOTHING, ALONE)),
        Probe("the effect", _effect(CLEAR, ALONE), tolerance=1e-9),
        Probe("negative transfer", _verdict(CLEAR, ALONE)),
        Probe("the effect", _effect(UNCLEAR, ALONE), tolerance=1e-9),
        Probe("negative transfer", _verdict(UNCLEAR, ALONE)),
        Probe("negative transfer", _verdict(ALONE, CLEAR)),
    ],
    hints=(
        "The same seed has the same labels and the same test rows in both arms: what is compared?",
        "One difference per seed; then its mean and Student's interval of that mean.",
        "scipy.stats.ttest_rel(a, b).confidence_interval(0.95).high < 0, or "
        "tlbook.evaluation.paired_test(a, b).high < 0",
    ),
)
