"""Exercises of chapter 09: the formula, the best λ, a divergence, the bound's parts, harm."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import number, subsets
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: the formula on lists of losses -----------------------------------------------------------


def total(source: np.ndarray, target: np.ndarray, lam: float, omega: float) -> float:
    """Return L_S + λ L_T + Ω from the losses of single rows; no target rows, no L_T."""
    L_T = float(np.mean(target)) if len(target) else 0.0
    return float(np.mean(source)) + lam * L_T + omega


SOURCE_ROWS = np.array([0.5, 1.5, 1.0, 2.0, 0.0, 1.0])
TARGET_ROWS = np.array([3.0, 5.0])


def _mean_or_zero(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _pooled(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    return float(np.mean(np.concatenate([s, lam * t])) + omega)


def _summed(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    return float(np.sum(s) + lam * np.sum(t) + omega)


def _weighs_omega(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    return float(np.mean(s) + _mean_or_zero(t) + lam * omega)


def _weighs_both(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    return float(np.mean(s) + lam * (_mean_or_zero(t) + omega))


def _shares(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    return float((1 - lam) * np.mean(s) + lam * _mean_or_zero(t) + omega)


def _careless(s: np.ndarray, t: np.ndarray, lam: float, omega: float) -> float:
    L_T = np.mean(t) if len(t) else np.nan  # what np.mean gives for no rows
    return float(np.mean(s) + lam * L_T + omega)


def _check_total(answer: Any) -> None:
    given = SOURCE_ROWS, TARGET_ROWS, 0.3, 0.2
    number(
        answer(*given),
        total(*given),
        what="the objective",
        mistakes={
            "You averaged over all rows together. L_S and L_T are two means, so that λ, and not "
            "the number of rows, says how much the target counts.": _pooled(*given),
            "You added up the rows. With sums the larger domain wins whatever λ is: take the mean "
            "of each.": _summed(*given),
            "λ stands on Ω in your formula. λ weighs the target's loss; Ω has its own strength "
            "inside.": _weighs_omega(*given),
            "λ weighs the target's loss only, not Ω.": _weighs_both(*given),
            "That is (1 - λ) L_S + λ L_T + Ω. In this formula L_S has weight 1, and λ may be "
            "larger than 1.": _shares(*given),
        },
    )
    empty = SOURCE_ROWS, np.array([]), 0.3, 0.2
    if np.isnan(float(answer(*empty))):
        raise Wrong(
            "With no labeled target rows you return NaN. Then there is no L_T: the term is zero, "
            "and unsupervised adaptation has to find something else."
        )
    number(answer(*empty), total(*empty), what="the objective without target labels")


q1 = Exercise(
    name="q1",
    question="Write total(source, target, lam, omega): the objective from the losses of single "
    "rows. target may be empty.",
    check=_check_total,
    hints=(
        "Each of the two losses is a mean over the rows of its own domain.",
        "np.mean of nothing is NaN. What should a target loss without target labels contribute?",
        "np.mean(source) + lam * (np.mean(target) if len(target) else 0) + omega",
    ),
    solution="""
    def answer(source, target, lam, omega):
        L_T = np.mean(target) if len(target) else 0.0
        return np.mean(source) + lam * L_T + omega
    """,
    reference=total,
    wrong_answers={
        "one mean over all rows": (_pooled, "all rows together"),
        "sums": (_summed, "added up the rows"),
        "λ on Ω": (_weighs_omega, "λ stands on Ω"),
        "λ on both": (_weighs_both, "not Ω"),
        "shares": (_shares, "L_S has weight 1"),
        "NaN without labels": (_careless, "there is no L_T"),
    },
    given=lambda: {"np": np},
)

# -- q2: the best λ -------------------------------------------------------------------------------


def best_lam(gap: float, noise: float, n_source: int, n_target: int) -> float:
    """Return n_T (gap²/noise² + 1/n_S): the variances' ratio of the two candidate means."""
    return (gap**2 + noise**2 / n_source) / (noise**2 / n_target)


def _check_best(answer: Any) -> None:
    given = 0.4, 0.5, 50, 10
    right = best_lam(*given)
    number(
        answer(*given),
        right,
        what="the best λ",
        mistakes={
            "That is n_T / n_S, which is best only if the two means agree. The gap is an error of "
            "the source too.": 10 / 50,
            "You left out the source's own noise, noise² / n_source.": 10 * 0.4**2 / 0.5**2,
            "Upside down: a large gap must give the *target* more weight.": 1 / right,
            "That is the share α = λ / (1 + λ) of the target. λ is asked for.": right / (1 + right),
            "Squared errors are compared: the gap has to be squared.": (0.4 + 0.5**2 / 50)
            / (0.5**2 / 10),
            "noise is a standard deviation. The variance of a mean is noise² / n.": (
                0.4**2 + 0.5 / 50
            )
            / (0.5 / 10),
        },
    )
    number(answer(0.0, 0.5, 50, 10), 0.2, what="the best λ without a gap")


q2 = Exercise(
    name="q2",
    question="Write best_lam(gap, noise, n_source, n_target): the λ with which "
    "(mean_S + λ mean_T) / (1 + λ) has the smallest expected squared distance to the target's "
    "true mean.",
    check=_check_best,
    hints=(
        "Two estimates of one number with independent errors: weigh each by the inverse of its "
        "expected squared error.",
        "The target's mean is off by noise²/n_target. The source's by its own noise *and* the gap.",
        "λ is the source's expected squared error over the target's: "
        "(gap**2 + noise**2 / n_source) / (noise**2 / n_target).",
    ),
    solution="""
    def answer(gap, noise, n_source, n_target):
        return (gap**2 + noise**2 / n_source) / (noise**2 / n_target)
    """,
    reference=best_lam,
    wrong_answers={
        "pooling": (lambda g, s, n, m: m / n, "best only if the two means agree"),
        "no source noise": (lambda g, s, n, m: m * g**2 / s**2, "source's own noise"),
        "upside down": (lambda g, s, n, m: 1 / best_lam(g, s, n, m), "Upside down"),
        "share": (
            lambda g, s, n, m: best_lam(g, s, n, m) / (1 + best_lam(g, s, n, m)),
            "That is the share",
        ),
        "gap not squared": (
            lambda g, s, n, m: (g + s**2 / n) / (s**2 / m),
            "the gap has to be squared",
        ),
        "SD as variance": (lambda g, s, n, m: (g**2 + s / n) / (s / m), "standard deviation"),
    },
    given=lambda: {"np": np},
)

# -- q3: the divergence of two samples ------------------------------------------------------------


def _differences(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    cuts = np.concatenate([[-np.inf], xs, xt])
    return np.array([np.mean(xs <= c) - np.mean(xt <= c) for c in cuts])


def divergence(xs: np.ndarray, xt: np.ndarray) -> float:
    """Return 2 · (largest − smallest difference of the two distribution functions)."""
    gap = _differences(xs, xt)
    return float(2 * (gap.max() - gap.min()))


def _half_lines(xs: np.ndarray, xt: np.ndarray) -> float:
    return float(2 * np.abs(_differences(xs, xt)).max())


def _without_two(xs: np.ndarray, xt: np.ndarray) -> float:
    return divergence(xs, xt) / 2


def _means(xs: np.ndarray, xt: np.ndarray) -> float:
    return float(abs(np.mean(xs) - np.mean(xt)))


def _sum_of_both(xs: np.ndarray, xt: np.ndarray) -> float:
    gap = _differences(xs, xt)
    return float(2 * (gap.max() + gap.min()))


def _check_divergence(answer: Any) -> None:
    rng = np.random.default_rng(9)
    xs, xt = rng.normal(0, 1, 40), rng.normal(0.2, 2.5, 30)
    number(
        answer(xs, xt),
        divergence(xs, xt),
        tolerance=1e-9,
        what="the divergence",
        mistakes={
            "You compared half-lines, x ≤ t. Two thresholds disagree on the *interval* between "
            "them, and an interval can differ more: both ends are free.": _half_lines(xs, xt),
            "The factor 2 is missing: it goes from 0 to 2.": _without_two(xs, xt),
            "You compared means. The divergence looks for the interval with the largest "
            "difference in mass.": _means(xs, xt),
            "The smallest difference is negative: subtract it.": _sum_of_both(xs, xt),
        },
    )
    number(answer(xs, xs), 0.0, tolerance=1e-9, what="the divergence of a sample from itself")
    number(answer(xs, xs + 99), 2.0, tolerance=1e-9, what="the divergence of samples far apart")


q3 = Exercise(
    name="q3",
    question="Write divergence(xs, xt): the HΔH-divergence of two samples on the line, the "
    "hypotheses being thresholds.",
    check=_check_divergence,
    hints=(
        "h and h' disagree between their thresholds. Which share of each sample lies between a "
        "and b?",
        "With D(c) = share of xs up to c minus share of xt up to c, the interval from a to b has "
        "the difference D(b) - D(a). Which a and b make it largest?",
        "2 * (D.max() - D.min()), with D at every point of both samples, and D = 0 at -inf.",
    ),
    solution="""
    def answer(xs, xt):
        cuts = np.concatenate([[-np.inf], xs, xt])
        D = np.array([np.mean(xs <= c) - np.mean(xt <= c) for c in cuts])
        return 2 * (D.max() - D.min())
    """,
    reference=divergence,
    wrong_answers={
        "half-lines": (_half_lines, "both ends are free"),
        "without factor 2": (_without_two, "factor 2 is missing"),
        "means": (_means, "You compared means"),
        "sum": (_sum_of_both, "subtract it"),
    },
    given=lambda: {"np": np},
)

# -- q4: which part of the bound moves ------------------------------------------------------------

MOVES: dict[str, set[str]] = {
    "source labels exchanged": {"joint error"},
    "target inputs move away": {"divergence"},
    "better training on the source": {"source error"},
    "twice as many target labels": set(),
}
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


def _check_moves(answer: Any) -> None:
    subsets(answer, MOVES, REASONS)


q4 = Exercise(
    name="q4",
    question="Which parts of the bound change?",
    check=_check_moves,
    hints=(
        "Two of the three parts belong to the pair of domains and the class H, one to the "
        "classifier.",
        "The divergence never looks at labels. λ* looks at nothing else than labels.",
        "Owning labels changes what you know, not what is true.",
    ),
    solution="""
    answer = {
        "source labels exchanged": {"joint error"},
        "target inputs move away": {"divergence"},
        "better training on the source": {"source error"},
        "twice as many target labels": set(),
    }
    """,
    reference=MOVES,
    wrong_answers={
        "divergence sees labels": (
            MOVES | {"source labels exchanged": {"joint error", "divergence"}},
            "it compares inputs only",
        ),
        "joint error sees inputs": (
            MOVES | {"target inputs move away": {"divergence", "joint error"}},
            "it stays 0",
        ),
        "training moves the domains": (
            MOVES | {"better training on the source": {"source error", "divergence"}},
            "not to one classifier",
        ),
        "labels change the truth": (
            MOVES | {"twice as many target labels": {"joint error"}},
            "labels let you *measure* more",
        ),
        "joint error forgotten": (
            MOVES | {"source labels exchanged": set()},
            "Look again at joint error",
        ),
        "a key missing": ({"source labels exchanged": {"joint error"}}, "The keys should be"),
    },
)

# -- q5: is it negative transfer? -----------------------------------------------------------------


def harm(with_source: np.ndarray, alone: np.ndarray) -> tuple[float, bool]:
    """Return the mean paired difference, and whether its 95 % interval lies below zero."""
    from scipy.stats import ttest_rel

    interval = ttest_rel(with_source, alone).confidence_interval(0.95)
    return float(np.mean(with_source - alone)), bool(interval.high < 0)


# Seeds differ by ten points, the source costs one point in each of them.
EVERY_SEED = np.array([0.60, 0.72, 0.81, 0.66, 0.90, 0.77])
CLEAR = EVERY_SEED - np.array([0.010, 0.013, 0.009, 0.012, 0.008, 0.011]), EVERY_SEED
# A mean loss that comes from two seeds.
UNCLEAR = EVERY_SEED + np.array([0.02, 0.03, 0.02, -0.09, 0.025, -0.07]), EVERY_SEED


def _mean_only(w: np.ndarray, a: np.ndarray) -> tuple[float, bool]:
    return float(np.mean(w - a)), bool(np.mean(w) < np.mean(a))


def _unpaired(w: np.ndarray, a: np.ndarray) -> tuple[float, bool]:
    from scipy.stats import ttest_ind

    return float(np.mean(w - a)), bool(ttest_ind(w, a).confidence_interval(0.95).high < 0)


def _turned(w: np.ndarray, a: np.ndarray) -> tuple[float, bool]:
    return float(np.mean(a - w)), harm(w, a)[1]


def _not_helpful(w: np.ndarray, a: np.ndarray) -> tuple[float, bool]:
    return float(np.mean(w - a)), not harm(a, w)[1]


def _check_harm(answer: Any) -> None:
    small = EVERY_SEED + np.array([0.01, -0.01, 0.008, -0.009, 0.012, -0.008]), EVERY_SEED
    found = answer(*small)
    if isinstance(found, tuple) and len(found) == 2 and bool(found[1]):
        raise Wrong(
            "There the interval lies on both sides of zero. Not shown to help is not shown to hurt."
        )
    for pair, name in ((CLEAR, "a small loss at every seed"), (UNCLEAR, "a loss at two seeds")):
        found = answer(*pair)
        if not isinstance(found, tuple) or len(found) != 2:
            raise Wrong("Return two things: the mean difference and True or False.")
        effect, negative = found
        right = harm(*pair)
        number(
            effect,
            right[0],
            tolerance=1e-9,
            what="the effect",
            mistakes={"The effect is with minus without: negative where it hurts.": -right[0]},
        )
        if bool(negative) != right[1]:
            raise Wrong(
                "A loss of one point at *every* seed is negative transfer, although the seeds "
                "differ by much more. Compare seed by seed: the interval of the differences."
                if pair is CLEAR
                else f"With {name} the mean is below zero and the interval is not: this may be "
                "chance."
            )
    if bool(answer(EVERY_SEED, CLEAR[0])[1]):
        raise Wrong("There the source helps at every seed: that is no negative transfer.")


q5 = Exercise(
    name="q5",
    question="Write harm(with_source, alone): accuracies over seeds in, the mean difference and "
    "whether it is negative transfer (95 % paired interval below zero) out.",
    check=_check_harm,
    hints=(
        "The same seed has the same labels and the same test rows in both arms: what is compared?",
        "One difference per seed; then its mean and Student's interval of that mean.",
        "scipy.stats.ttest_rel(a, b).confidence_interval(0.95).high < 0, or "
        "tlbook.evaluation.paired_test(a, b).high < 0",
    ),
    solution="""
    def answer(with_source, alone):
        from scipy.stats import ttest_rel

        interval = ttest_rel(with_source, alone).confidence_interval(0.95)
        return np.mean(with_source - alone), interval.high < 0
    """,
    reference=harm,
    wrong_answers={
        "mean only": (_mean_only, "this may be chance"),
        "unpaired": (_unpaired, "Compare seed by seed"),
        "turned round": (_turned, "with minus without"),
        "not helpful is harmful": (_not_helpful, "Not shown to help is not shown to hurt"),
        "one number": (lambda w, a: float(np.mean(w - a)), "Return two things"),
    },
    given=lambda: {"np": np},
)
