"""Each simulator changes its factor and no other; dial 0 changes nothing; dials are monotone."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from tlbook import domains
from tlbook.domains import Domain, ToyWorld, concept_shift, covariate_shift, label_shift

SOURCE = ToyWorld()
ALONE = {
    "covariate": ToyWorld(covariate=0.7),
    "label": ToyWorld(label=0.7),
    "concept": ToyWorld(concept=0.7),
}
TOGETHER = ToyWorld(0.6, 0.8, 0.5)
POINTS = np.random.default_rng(0).uniform(-3.5, 3.5, size=(400, 2))
DIALS = np.linspace(0, 1, 6)


# -- the toy world: exact, by formula and by quadrature ---------------------------------------


def _factors(world):
    """p(x), P(y=1|x), P(y=1), p(x|y=1), p(x|y=0) at the test points."""
    return {
        "P(X)": world.density(POINTS),
        "P(Y|X)": world.posterior(POINTS),
        "P(Y)": np.array([world.prior]),
        "P(X|Y)": np.concatenate([world.class_density(POINTS, y) for y in (0, 1)]),
    }


@pytest.mark.parametrize(
    ("dial", "moves", "stays"),
    [
        ("covariate", "P(X)", ("P(Y|X)",)),
        ("label", "P(Y)", ("P(X|Y)",)),
        ("concept", "P(Y|X)", ("P(X)",)),
    ],
)
def test_a_dial_changes_its_factor_only(dial, moves, stays):
    source, target = _factors(SOURCE), _factors(ALONE[dial])
    for factor in stays:
        np.testing.assert_allclose(target[factor], source[factor], rtol=1e-9)
    assert np.abs(target[moves] - source[moves]).max() > 0.05


def test_symmetries_that_the_chapter_uses():
    # full covariate shift mirrors the world; turning about the center of a round cloud keeps P(Y)
    mirrored = ToyWorld(covariate=1)
    flip = np.array([-1.0, 1.0])
    np.testing.assert_allclose(mirrored.density(POINTS * flip), SOURCE.density(POINTS))
    assert mirrored.prior == pytest.approx(SOURCE.prior, abs=1e-6)
    assert mirrored.bayes_error == pytest.approx(SOURCE.bayes_error, abs=2e-3)
    assert ToyWorld(concept=1).prior == pytest.approx(SOURCE.prior, abs=1e-6)
    assert ToyWorld(concept=1).bayes_error == pytest.approx(SOURCE.bayes_error, abs=2e-3)


@pytest.mark.parametrize("world", [SOURCE, *ALONE.values(), TOGETHER])
def test_densities_integrate_to_one_and_obey_bayes(world):
    nodes, weights = np.polynomial.legendre.leggauss(120)
    grid = 7 * np.stack(np.meshgrid(nodes, nodes), -1).reshape(-1, 2)
    total = 49 * np.outer(weights, weights).ravel() @ world.density(grid)
    assert total == pytest.approx(1, abs=1e-6)
    positive = world.prior * world.class_density(POINTS, 1)
    negative = (1 - world.prior) * world.class_density(POINTS, 0)
    np.testing.assert_allclose(positive + negative, world.density(POINTS), rtol=1e-9)
    np.testing.assert_allclose(
        positive / (positive + negative), world.posterior(POINTS), rtol=1e-7, atol=1e-9
    )


def test_label_dial_moves_the_log_odds_by_a_constant():
    gap = ALONE["label"].log_odds(POINTS) - SOURCE.log_odds(POINTS)
    np.testing.assert_allclose(gap, 0.7 * np.log(9))
    odds = [w.prior / (1 - w.prior) for w in (SOURCE, ALONE["label"])]
    assert odds[1] / odds[0] == pytest.approx(9**0.7)


@pytest.mark.parametrize("world", [SOURCE, *ALONE.values(), TOGETHER])
def test_samples_follow_the_densities(world):
    drawn = world.sample(40_000, seed=1)
    n = len(drawn)
    assert n == 40_000
    assert drawn.y.mean() == pytest.approx(world.prior, abs=4 * 0.5 / np.sqrt(n))
    # calibrated: y − P(y=1|x) is uncorrelated with anything in x
    residual = drawn.y - world.posterior(drawn.X)
    for f in (np.ones(n), *drawn.X.T, drawn.X[:, 0] ** 2, np.sin(3 * drawn.X[:, 1])):
        z = residual * f
        assert abs(z.mean()) < 4.5 * z.std() / np.sqrt(n)
    # P(X): a chi-square test over 36 boxes against integrals of the density
    edges = np.linspace(-4, 4, 7)
    counts = np.histogram2d(*drawn.X.T, bins=(edges, edges))[0].ravel()
    fine = np.linspace(-4, 4, 6 * 40 + 1)
    middle = (fine[1:] + fine[:-1]) / 2
    grid = np.stack(np.meshgrid(middle, middle, indexing="ij"), -1).reshape(-1, 2)
    mass = world.density(grid).reshape(6, 40, 6, 40).sum(axis=(1, 3)).ravel()
    expected = n * mass * (fine[1] - fine[0]) ** 2
    used = expected > 8
    chi2 = ((counts - expected)[used] ** 2 / expected[used]).sum()
    assert stats.chi2.sf(chi2, used.sum()) > 1e-3


@pytest.mark.parametrize("world", [SOURCE, TOGETHER])
def test_error_by_quadrature_agrees_with_a_large_sample(world):
    drawn = world.sample(200_000, seed=2)

    def rule(X):
        return (X[:, 1] > 0.3 * X[:, 0]).astype(int)

    for predict in (rule, world.bayes):
        error = np.mean(predict(drawn.X) != drawn.y)
        assert world.error(predict) == pytest.approx(error, abs=0.004)
    assert world.bayes_error <= world.error(rule)


def test_no_rule_beats_bayes():
    for seed in range(20):
        w = np.random.default_rng(seed).normal(size=3)
        error = TOGETHER.error(lambda X, w=w: (X @ w[:2] + w[2] > 0).astype(int))
        assert error >= TOGETHER.bayes_error


@pytest.mark.parametrize("dial", ["covariate", "label", "concept"])
def test_distance_from_the_source_grows_with_the_dial(dial):
    source = _factors(SOURCE)
    factor = {"covariate": "P(X)", "label": "P(Y)", "concept": "P(Y|X)"}[dial]
    gaps = [np.abs(_factors(ToyWorld(**{dial: d}))[factor] - source[factor]).sum() for d in DIALS]
    assert gaps[0] == 0
    assert (np.diff(gaps) > 0).all()


def test_a_two_sample_test_sees_nothing_at_dial_0_and_under_concept_shift():
    from tlbook.distances import mmd_test

    def p_value(world):
        one, two = SOURCE.sample(500, seed=3), world.sample(500, seed=4)
        return mmd_test(one.X, two.X, permutations=200, seed=0).p_value

    assert p_value(ToyWorld()) > 0.05
    assert p_value(ToyWorld(concept=1)) > 0.05
    assert p_value(ToyWorld(covariate=0.5)) < 0.01
    assert p_value(ToyWorld(label=1)) < 0.01


def test_same_seed_same_sample():
    one, two, other = (TOGETHER.sample(50, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(one.X, two.X)
    np.testing.assert_array_equal(one.y, two.y)
    assert not np.array_equal(one.X, other.X)


# -- resampling a labeled sample ---------------------------------------------------------------


def _discrete(n=60_000, seed=0):
    """x in {0..5}, y in {0, 1, 2}: every factor can be counted."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 6, n)
    p = np.array([[6 - v, 1 + v, 2.0] for v in range(6)])
    p /= p.sum(1, keepdims=True)
    y = (rng.random(n)[:, None] > p[x].cumsum(1)).sum(1)
    return Domain("counts", x[:, None].astype(float), y, classes=("a", "b", "c"))


DOMAIN = _discrete()


def _joint(domain):
    table = np.zeros((6, 3))
    np.add.at(table, (domain.X[:, 0].astype(int), domain.y), 1)
    return table


def _same(a, b, axis):
    """p-value that two tables of counts have the same conditional distribution along ``axis``."""
    if axis == 0:
        a, b = a.T, b.T
    chi2 = df = 0.0
    for row_a, row_b in zip(a, b, strict=True):
        if row_a.sum() and row_b.sum():
            test = stats.chi2_contingency(np.stack([row_a, row_b]))
            chi2, df = chi2 + test.statistic, df + test.dof
    return stats.chi2.sf(chi2, df)


def test_covariate_shift_keeps_y_given_x_and_moves_x():
    # the shifted rows come from another sample, so that the two tables are independent
    before, after = _joint(DOMAIN), _joint(covariate_shift(_discrete(seed=1), 0.3))
    assert _same(before, after, axis=1) > 0.01
    # Q(x) ∝ a(x) P(x), with the rank of x known: large x first
    counts = before.sum(1)
    ranks = (np.cumsum(counts[::-1])[::-1] - counts / 2) / counts.sum()
    want = np.exp(-6 * 0.3 * ranks) * counts
    np.testing.assert_allclose(after.sum(1) / after.sum(), want / want.sum(), atol=0.01)


def test_label_shift_keeps_x_given_y_and_moves_y():
    before, after = _joint(DOMAIN), _joint(label_shift(_discrete(seed=1), 0.8, rare=[0]))
    assert _same(before, after, axis=0) > 0.01
    want = before.sum(0) * [0.2, 1, 1]
    np.testing.assert_allclose(after.sum(0) / after.sum(), want / want.sum(), atol=0.01)
    assert _same(before, after, axis=1) < 1e-6  # P(Y|X) does move


def test_concept_shift_keeps_x_and_moves_y_given_x():
    shifted = concept_shift(DOMAIN, 0.25)
    np.testing.assert_array_equal(shifted.X, DOMAIN.X)
    before = _joint(DOMAIN) / _joint(DOMAIN).sum(1, keepdims=True)
    after = _joint(shifted) / _joint(shifted).sum(1, keepdims=True)
    np.testing.assert_allclose(after, 0.75 * before + 0.25 * np.roll(before, 1, axis=1), atol=0.015)


@pytest.mark.parametrize("shift", [covariate_shift, label_shift])
def test_selection_invents_no_row_and_grows_with_the_dial(shift):
    X = np.arange(300.0)[:, None]
    domain = Domain("rows", X, np.arange(300) % 3)
    rows = [set(shift(domain, dial, seed=5).X[:, 0].astype(int)) for dial in DIALS]
    assert rows[0] == set(range(300))
    for larger, smaller in pairwise(rows):
        assert smaller < larger
    shifted = shift(domain, 0.5, seed=5)
    np.testing.assert_array_equal(shifted.y, shifted.X[:, 0] % 3)
    np.testing.assert_array_equal(shifted.X, shift(domain, 0.5, seed=5).X)
    assert len(shift(domain, 0.5, n=20, seed=5)) == 20


def test_relabeling_grows_with_the_dial():
    domain = Domain("rows", np.zeros((400, 1)), np.arange(400) % 4)
    changed = [concept_shift(domain, dial).y != domain.y for dial in DIALS]
    assert not changed[0].any() and changed[-1].all()
    for smaller, larger in pairwise(changed):
        assert (larger >= smaller).all() and larger.sum() > smaller.sum()


def test_mapping_and_string_labels():
    domain = Domain("pets", np.zeros((6, 1)), np.array(["cat", "dog", "cow"] * 2))
    swapped = concept_shift(domain, 1.0, {"cat": "dog", "dog": "cat"})
    assert swapped.y.tolist() == ["dog", "cat", "cow"] * 2
    assert set(label_shift(domain, 1.0, rare=["cow"]).y) == {"cat", "dog"}


def test_equal_inputs_are_treated_equally():
    # ties in by(x): if selection looked at the row number, P(Y|X) would move with the order
    domain = Domain("ties", np.zeros((4000, 1)), np.repeat([0, 1], 2000))
    assert covariate_shift(domain, 1.0).y.mean() == pytest.approx(0.5, abs=0.08)


def test_by_and_images():
    images = np.random.default_rng(0).random((500, 1, 4, 4)).astype("float32")
    domain = Domain("images", images, np.arange(500) % 10)
    ink = images.mean(axis=(1, 2, 3))
    default = covariate_shift(domain, 0.5)
    assert default.X.shape[1:] == (1, 4, 4) and default.X.dtype == np.float32
    assert default.X.mean() > ink.mean() + 0.02
    thin = covariate_shift(domain, 0.5, by=lambda X: -X.mean(axis=(1, 2, 3)))
    assert thin.X.mean() < ink.mean() - 0.02


def test_package_shows_them():
    assert domains.covariate_shift is covariate_shift and domains.ToyWorld is ToyWorld


# -- what is refused ----------------------------------------------------------------------------

UNLABELLED = Domain("target", np.zeros((5, 1)))
ONE_CLASS = Domain("one", np.zeros((5, 1)), np.zeros(5, int))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ToyWorld(covariate=1.5), "covariate: got 1.5, want a number in .0, 1."),
        (lambda: ToyWorld(label=float("nan")), "label: got nan"),
        (lambda: ToyWorld(concept="a"), "concept: got 'a'"),
        (lambda: SOURCE.sample(0), "n: got 0"),
        (lambda: SOURCE.posterior([[1.0, 2.0, 3.0]]), "X: got 3 features, want 2"),
        (lambda: SOURCE.posterior([[1.0, np.nan]]), "X: got 1 values that are NaN"),
        (lambda: SOURCE.class_density(POINTS, 2), "y: got 2"),
        (lambda: SOURCE.error(lambda X: X[:, 0]), "predict: returned shape"),
        (lambda: SOURCE.error(lambda X: np.zeros(3)), "predict: returned shape"),
        (lambda: covariate_shift(UNLABELLED, 0.5), "domain: 'target' has no labels"),
        (lambda: covariate_shift(np.zeros((3, 1)), 0.5), "domain: got ndarray"),
        (lambda: covariate_shift(DOMAIN, 2), "dial: got 2"),
        (lambda: covariate_shift(DOMAIN, 0.5, by=lambda X: X), "by.X.: got shape"),
        (lambda: covariate_shift(DOMAIN, 0.5, by=lambda X: X[:3, 0]), "by.X.: got 3 values"),
        (lambda: covariate_shift(DOMAIN, 1.0, n=59_000), "n: got 59000, want at most"),
        (lambda: covariate_shift(DOMAIN, 1.0, n=0), "n: got 0"),
        (lambda: label_shift(ONE_CLASS, 0.5), "got 1 class"),
        (lambda: label_shift(DOMAIN, 0.5, rare=[7]), "rare: got .7., want some, not all"),
        (lambda: label_shift(DOMAIN, 0.5, rare=[0, 1, 2]), "want some, not all"),
        (lambda: label_shift(DOMAIN, 0.5, rare=[]), "want some, not all"),
        (lambda: concept_shift(ONE_CLASS, 0.5), "got 1 class"),
        (lambda: concept_shift(DOMAIN, 0.5, {0: 9}), "mapping: got .9., want labels from"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
