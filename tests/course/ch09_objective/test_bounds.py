"""The adaptation bound: closed forms, Monte Carlo, brute force, and what the theorem says."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from tlbook.course.ch09_objective import bounds
from tlbook.course.ch09_objective.bounds import (
    Line,
    Piece,
    adaptation_bound,
    best_threshold,
    best_weight,
    block,
    empirical_h_delta_h,
    h_delta_h,
    joint_error,
    mixed_errors,
    two_bells,
)


def random_pair(seed):
    rng = np.random.default_rng(seed)

    def one():
        bells = two_bells(
            rng.normal(), rng.uniform(0, 4), rng.uniform(0.4, 2), rng.uniform(0.1, 0.9)
        )
        domain = bells if rng.random() < 0.5 else block(*np.sort(rng.normal(size=2)), rng.normal())
        return domain.flipped() if rng.random() < 0.3 else domain

    return one(), one()


# -- domains on the line --------------------------------------------------------------------------


def test_errors_against_the_closed_form_of_two_bells():
    domain = two_bells(1.0, gap=3.0, sd=2.0, share=0.3)
    t = np.linspace(-5, 6, 7)
    by_hand = 0.3 * norm.cdf(t, 2.5, 2) + 0.7 * norm.sf(t, -0.5, 2)
    assert domain.error(t) == pytest.approx(by_hand)
    assert domain.error(t, -1) == pytest.approx(1 - by_hand)
    assert domain.flipped().error(t) == pytest.approx(1 - by_hand)


def test_errors_and_masses_against_monte_carlo():
    for seed in range(4):
        domain, _ = random_pair(seed)
        x, y = domain.sample(200_000, np.random.default_rng(seed))
        for t in np.quantile(x, [0.2, 0.5, 0.9]):
            assert domain.error(t) == pytest.approx(np.mean((x > t) != y), abs=0.006)
            assert domain.mass_below(t) == pytest.approx(np.mean(x <= t), abs=0.006)


def test_best_threshold_of_symmetric_bells_is_the_middle():
    best = best_threshold(two_bells(0.7, gap=3.0))
    assert best.error == pytest.approx(norm.sf(1.5), abs=1e-9)
    assert best.threshold == pytest.approx(0.7, abs=1e-3)
    assert best.side == 1
    assert best_threshold(two_bells(0.7).flipped()).side == -1


def test_best_threshold_against_an_optimizer_for_unequal_shares():
    domain = two_bells(gap=2.0, share=0.2)
    want = minimize_scalar(lambda t: float(domain.error(t)), bounds=(-2, 4), method="bounded")
    assert best_threshold(domain).error == pytest.approx(want.fun, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Line(()), "pieces"),
        (lambda: Line((Piece(2, 1.0, norm()),)), "label"),
        (lambda: Line((Piece(1, 0.6, norm()),)), "sum to 0.6"),
        (lambda: Line((Piece(1, -0.6, norm()),)), "weight"),
        (lambda: two_bells(np.nan), "mean"),
        (lambda: two_bells(sd=0), "sd"),
        (lambda: two_bells(share=1.0), "share"),
        (lambda: two_bells(gap=-1), "gap"),
        (lambda: block(1, 1, 0), "low"),
        (lambda: block(0, np.nan, 0), "low, high, boundary"),
        (lambda: two_bells().error(0, side=0), "side"),
        (lambda: two_bells().sample(0, np.random.default_rng(0)), "n"),
        (lambda: best_threshold(), "domains"),
    ],
)
def test_bad_domains_are_refused(make, word):
    with pytest.raises(ValueError, match=word):
        make()


# -- divergence -----------------------------------------------------------------------------------


def test_the_divergence_in_closed_form():
    assert h_delta_h(two_bells(), two_bells()).value == pytest.approx(0, abs=1e-9)
    assert h_delta_h(block(0, 1, 0.5), block(0.3, 1.3, 0.5)).value == pytest.approx(0.6)
    assert h_delta_h(block(0, 1, 0.5), block(5, 6, 0.5)).value == pytest.approx(2)
    # Two unit bells (gap 0): the interval is a half-line from the middle.
    want = 2 * (norm.cdf(0.5) - norm.cdf(-0.5))
    assert h_delta_h(two_bells(0, gap=0), two_bells(1, gap=0)).value == pytest.approx(
        want, abs=1e-7
    )
    # Wide against narrow: the interval between the two places where the densities cross.
    cross = np.sqrt(np.log(4) / (1 - 1 / 4))
    inside = 2 * (norm.cdf(cross) - norm.cdf(cross / 2)) * 2
    found = h_delta_h(two_bells(gap=0), two_bells(gap=0, sd=2))
    assert found.value == pytest.approx(inside, abs=1e-7)
    assert (found.low, found.high) == pytest.approx((-cross, cross), abs=1e-2)


@pytest.mark.parametrize("seed", range(6))
def test_the_divergence_against_brute_force_and_its_interval(seed):
    source, target = random_pair(seed)
    found = h_delta_h(source, target)
    places = np.concatenate([[-np.inf], np.union1d(source.grid(201), target.grid(201)), [np.inf]])
    gap = source.mass_below(places) - target.mass_below(places)
    brute = 2 * np.abs(gap[:, None] - gap[None, :]).max()
    assert brute - 1e-9 <= found.value <= brute + 0.03
    ends = np.array([found.low, found.high])
    shown = np.diff(source.mass_below(ends)) - np.diff(target.mass_below(ends))
    assert 2 * abs(shown[0]) == pytest.approx(found.value, abs=1e-6)
    assert h_delta_h(target, source).value == pytest.approx(found.value, abs=1e-9)
    assert h_delta_h(source.flipped(), target).value == pytest.approx(found.value, abs=1e-9)


def test_the_empirical_divergence_approaches_the_true_one_from_above():
    source, target = two_bells(), two_bells(0.8, sd=1.5)
    truth = h_delta_h(source, target).value

    def mean_of(a, b, n, runs):
        found = []
        for s in range(runs):
            rng = np.random.default_rng([n, s])
            found.append(empirical_h_delta_h(a.sample(n, rng)[0], b.sample(n, rng)[0]))
        return np.mean(found)

    assert mean_of(source, target, 20_000, 3) == pytest.approx(truth, abs=0.03)
    small = mean_of(source, target, 30, 100)
    assert small > truth + 0.05
    assert mean_of(source, source, 30, 100) > 0.3
    assert empirical_h_delta_h([0.0, 1.0], [0.0, 1.0]) == 0
    assert empirical_h_delta_h([0.0, 1.0], [3.0]) == 2


def test_the_empirical_divergence_against_brute_force():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=12).round(1), rng.normal(0.5, 2, size=9).round(1)
    ends = np.concatenate([[-9], np.unique(np.concatenate([xs, xt]))])
    best = 0.0
    for i, a in enumerate(ends):
        for b in ends[i:]:
            inside = [np.mean((x > a) & (x <= b)) for x in (xs, xt)]
            best = max(best, abs(inside[0] - inside[1]))
    assert empirical_h_delta_h(xs, xt) == pytest.approx(2 * best)


@pytest.mark.parametrize("bad", [[], [np.nan], [[1.0]]])
def test_bad_samples_are_refused(bad):
    with pytest.raises(ValueError, match="xs"):
        empirical_h_delta_h(bad, [1.0])


# -- the bound ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(16))
def test_the_bound_holds_for_every_threshold(seed):
    source, target = random_pair(seed)
    t = np.concatenate([[-np.inf, np.inf], np.linspace(-8, 8, 401)])
    for side in (1, -1):
        parts = adaptation_bound(source, target, t, side)
        assert (parts.target <= parts.total + 1e-6).all()
        assert parts.total == pytest.approx(parts.source + parts.divergence + parts.joint)


def test_the_bound_is_reached_where_the_witness_begins_at_the_truth():
    parts = adaptation_bound(block(0, 1, 0.5), block(0.3, 1.3, 0.5), np.array([0.5, 1.3]))
    assert parts.joint == pytest.approx(0, abs=1e-9)
    assert parts.target[1] == pytest.approx(parts.total[1], abs=1e-9)
    assert parts.target[0] == pytest.approx(0, abs=1e-9)
    assert parts.total[0] == pytest.approx(0.3, abs=1e-9)


def test_a_flipped_source_is_near_and_its_joint_error_says_so():
    source = two_bells(gap=3.0)
    parts = adaptation_bound(source, source.flipped(), 0.0)
    assert parts.divergence == pytest.approx(0, abs=1e-9)
    assert parts.joint == pytest.approx(1, abs=1e-6)
    assert parts.target == pytest.approx(norm.cdf(1.5))
    assert joint_error(source, source).error == pytest.approx(2 * norm.sf(1.5), abs=1e-9)


# -- the best weight -------------------------------------------------------------------------------


def test_the_best_weight_against_simulation():
    rng = np.random.default_rng(0)
    gap, noise, n_source, n_target = 0.4, 1.0, 100, 8
    means = rng.normal(0, noise / np.sqrt(n_source), 200_000)
    target = rng.normal(gap, noise / np.sqrt(n_target), 200_000)
    best = best_weight(gap, noise, n_source, n_target)

    def risk(weight):
        return np.mean(((means + weight * target) / (1 + weight) - gap) ** 2)

    assert risk(best) < min(risk(best / 1.5), risk(best * 1.5))
    exact = 1 / (1 / (noise**2 / n_target) + 1 / (gap**2 + noise**2 / n_source))
    assert risk(best) == pytest.approx(exact, rel=0.02)
    assert best_weight(0, 1.0, 100, 8) == pytest.approx(0.08)
    assert best_weight(2.0, 1.0, 100, 8, dimension=4) == pytest.approx(8 * (1 + 0.01))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: mixed_errors(two_bells(), two_bells(), 9, 9, [1.1], 0), "shares"),
        (lambda: mixed_errors(two_bells(), two_bells(), 9, 9, [0.5], 0, 0), "draws"),
        (lambda: best_weight(0.1, 1.0, 0, 10), "n_source"),
        (lambda: best_weight(0.1, 1.0, 10, 0), "n_target"),
        (lambda: best_weight(np.nan, 1.0, 10, 10), "gap"),
        (lambda: best_weight(-1.0, 1.0, 10, 10), "gap"),
        (lambda: best_weight(1.0, 0.0, 10, 10), "noise"),
        (lambda: best_weight(1.0, 1.0, 10, 10, dimension=0), "dimension"),
    ],
)
def test_bad_numbers_are_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()


# -- the mix of two errors ------------------------------------------------------------------------


@pytest.mark.slow
def test_the_mix_of_errors_against_brute_force():
    source, target = two_bells(0, gap=2), two_bells(0.5, gap=2)
    found = mixed_errors(source, target, 30, 7, [0.0, 0.4, 1.0], seed=3, draws=1)
    rng = np.random.default_rng([3, 7, 0])
    (xs, ys), (xt, yt) = source.sample(30, rng), target.sample(7, rng)
    fine = np.linspace(-6, 6, 40_001)
    for share, error in zip((0.0, 0.4, 1.0), found, strict=True):
        mixed = [
            share * np.mean((xt > t) != yt) + (1 - share) * np.mean((xs > t) != ys) for t in fine
        ]
        best = fine[np.array(mixed) <= min(mixed) + 1e-12]
        lowest, highest = np.sort(target.error(np.array([best.min(), best.max()])))
        middle = float(target.error(best.mean()))
        assert min(lowest, middle) - 1e-3 <= error <= highest + 1e-3
    assert np.array_equal(found, mixed_errors(source, target, 30, 7, [0.0, 0.4, 1.0], 3, 1))


def test_the_best_mix_lies_inside_for_a_small_shift():
    source, target = two_bells(0, gap=2), two_bells(0.5, gap=2)
    ends_and_middle = mixed_errors(source, target, 500, 20, [0.0, 0.5, 1.0], seed=0, draws=150)
    assert ends_and_middle[1] < min(ends_and_middle[0], ends_and_middle[2])


def test_everything_public_is_there():
    assert all(hasattr(bounds, name) for name in bounds.__all__)
