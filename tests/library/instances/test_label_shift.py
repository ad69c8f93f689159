"""Label shift: exact on exact inputs, consistent on samples, honest where the mix is unknowable."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tlbook.domains import ToyWorld
from tlbook.instances import LabelShift, bbse_prior, em_prior, reweight_posteriors

CONFUSION = np.array(
    [[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]
)  # P(answer | y), columns y


def discrete_world(seed=0, k=4, inputs=30):
    """Class densities over a finite set of inputs: every quantity is a finite sum."""
    return np.random.default_rng(seed).dirichlet(np.ones(inputs), size=k)  # P(x|y), rows y


def rows_of(counts):
    return np.repeat(np.arange(len(counts)), counts)


# -- posteriors ---------------------------------------------------------------------------------


def test_reweighting_is_bayes_rule_and_undoes_itself():
    densities = discrete_world()
    p, q = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])

    def posterior(prior):
        joint = densities.T * prior
        return joint / joint.sum(1, keepdims=True)

    found = reweight_posteriors(posterior(p), p, q)
    assert found == pytest.approx(posterior(q), abs=1e-12)
    assert reweight_posteriors(found, q, p) == pytest.approx(posterior(p), abs=1e-12)
    assert reweight_posteriors(posterior(p), p, p) == pytest.approx(posterior(p), abs=1e-12)


def test_reweighting_is_what_the_toy_world_says():
    before, after = ToyWorld(), ToyWorld(label=0.7)
    X = np.random.default_rng(0).normal(size=(50, 2))
    old, p, q = before.posterior(X), before.prior, after.prior
    found = reweight_posteriors(np.stack([1 - old, old], 1), [1 - p, p], [1 - q, q])
    assert found[:, 1] == pytest.approx(after.posterior(X), abs=2e-3)  # priors by quadrature


@pytest.mark.parametrize(
    ("posteriors", "p", "q", "words"),
    [
        ([[0.5, 0.6]], [0.5, 0.5], [0.5, 0.5], "posteriors: got rows that are not probabilities"),
        ([[1.5, -0.5]], [0.5, 0.5], [0.5, 0.5], "posteriors: got rows that are not"),
        ([0.5, 0.5], [0.5, 0.5], [0.5, 0.5], "posteriors: got shape"),
        ([[1.0]], [1.0], [1.0], "posteriors: got 1 column"),
        ([[0.5, 0.5]], [1.0, 0.0], [0.5, 0.5], "source_prior: got a share of 0"),
        ([[0.5, 0.5]], [0.5, 0.5], [0.5, 0.6], "target_prior: got .* want shares that sum to 1"),
        ([[0.5, 0.5]], [0.2, 0.3, 0.5], [0.5, 0.5], "source_prior: got 3 shares, want 2"),
        ([[1.0, 0.0]], [0.5, 0.5], [0.0, 1.0], "rules out every class"),
        ([[np.nan, 1.0]], [0.5, 0.5], [0.5, 0.5], "NaN"),
    ],
)
def test_bad_posteriors(posteriors, p, q, words):
    with pytest.raises(ValueError, match=words):
        reweight_posteriors(posteriors, p, q)


# -- EM --------------------------------------------------------------------------------------------


def test_em_one_round_by_hand():
    P, p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), np.array([0.5, 0.5])
    assert em_prior(P, p, max_iter=1).prior == pytest.approx(P.mean(0), abs=1e-12)
    q = P.mean(0)
    again = P * q / p
    want = (again / again.sum(1, keepdims=True)).mean(0)
    assert em_prior(P, p, max_iter=2).prior == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_em_finds_the_mix_that_made_the_rows(seed):
    densities = discrete_world(seed)
    p, q = np.full(4, 0.25), np.array([0.55, 0.25, 0.15, 0.05])
    counts = np.round(1e6 * q @ densities).astype(int)  # the target's inputs, without luck
    joint = densities.T * p
    found = em_prior(
        np.repeat(joint / joint.sum(1, keepdims=True), counts // 100, axis=0), p, tol=1e-10
    )
    assert found.prior == pytest.approx(q, abs=2e-3)
    assert found.class_weights == pytest.approx(found.prior / p)


def test_em_stops_at_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(0)
    P = rng.dirichlet([0.5, 0.5, 0.5], size=200)
    p = np.array([0.2, 0.5, 0.3])
    found = em_prior(P, p, tol=1e-8)

    def likelihood(q):
        return np.log((P / p) @ q).mean()

    best = likelihood(found.prior)
    for other in rng.dirichlet(np.ones(3), size=2000):
        assert likelihood(other) <= best + 1e-8
    assert found.iterations < 10_000
    assert np.isnan(found.condition)


# -- BBSE -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("soft", [False, True])
def test_bbse_is_exact_when_the_frequencies_are(soft):
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    joint = np.round(1000 * CONFUSION * p).astype(int)  # rows answers, columns truth
    y = np.concatenate([np.full(joint[i, j], j) for i in range(3) for j in range(3)])
    answers = np.concatenate([np.full(joint[i, j], i) for i in range(3) for j in range(3)])
    seen = rows_of(np.round(1000 * CONFUSION @ q).astype(int))
    if soft:
        answers, seen = np.eye(3)[answers] * 0.7 + 0.1, np.eye(3)[seen] * 0.7 + 0.1
    found = bbse_prior(y, answers, seen)
    assert found.prior == pytest.approx(q, abs=1e-9)
    assert found.source == pytest.approx(p, abs=1e-9)
    assert found.class_weights == pytest.approx(q / p, abs=1e-9)


def test_bbse_without_a_shift_finds_none():
    y = rows_of([50, 30, 20])
    answers = np.roll(y, 7)
    assert bbse_prior(y, answers, answers).prior == pytest.approx([0.5, 0.3, 0.2], abs=1e-9)


def test_bbse_stays_a_class_mix_when_the_system_has_no_such_solution():
    y, answers = rows_of([50, 50]), np.r_[rows_of([45, 5]), rows_of([20, 30])]
    found = bbse_prior(y, answers, np.zeros(40, dtype=int))  # more zeros than any mix gives
    assert found.prior == pytest.approx([1, 0], abs=1e-9)
    # Against a search over all mixes.
    confusion, mu = np.array([[0.9, 0.4], [0.1, 0.6]]), np.array([1.0, 0.0])
    grid = np.linspace(0, 1, 1001)
    misfit = [np.sum((confusion @ [1 - s, s] - mu) ** 2) for s in grid]
    assert found.prior[1] == pytest.approx(grid[int(np.argmin(misfit))], abs=1e-3)


def test_bbse_reports_a_classifier_that_tells_nothing():
    y = rows_of([50, 50])
    answers = np.tile([0, 1], 50)
    found = bbse_prior(y, answers, np.tile([0, 1], 30))
    assert found.condition > 1e6 and np.isfinite(found.prior).all()
    assert found.prior.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 1, 1], [0, 1], [0, 1]), "answers: got 2, want 3"),
        (([0, 1, 1], [0, 1, 2], [0, 1]), r"answers: got labels \[2\]"),
        (([0, 1, 1], [0, 1, 1], [5]), r"target_answers: got labels \[5\]"),
        (([0, 1], [[0.5, 0.5], [0.1, 0.9]], [[0.2, 0.3, 0.5]]), "target_answers: got 3 columns"),
    ],
)
def test_bad_answers(arguments, words):
    with pytest.raises(ValueError, match=words):
        bbse_prior(*arguments)


def test_bbse_wants_every_class():
    with pytest.raises(ValueError, match=r"y: got no row of class \[2\]"):
        bbse_prior([0, 1], [0, 1], [0, 1], classes=[0, 1, 2])


# -- the estimator ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["em", "bbse"])
@pytest.mark.parametrize("seed", range(3))
def test_the_toy_world(method, seed):
    """Chapter 02's world: the mix is found, and the corrected rule beats the plain one."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    source, world = ToyWorld().sample(1500, seed), ToyWorld(label=0.8)
    target = world.sample(1500, seed + 100)
    curved = make_pipeline(PolynomialFeatures(2), LogisticRegression(C=100, max_iter=1000))
    model = LabelShift(curved, method).fit(source.X, target.X, source.y)
    assert model.target_prior_[1] == pytest.approx(world.prior, abs=0.06)
    assert model.weights_.mean() == pytest.approx(1, abs=1e-9)
    assert set(np.round(model.weights_, 9)) == set(np.round(model.class_weights_, 9))
    plain = model.classifier_.predict
    assert world.error(model.predict) < world.error(plain) - 0.01


@pytest.mark.parametrize("method", ["em", "bbse"])
def test_no_shift_no_weights(method):
    source, target = ToyWorld().sample(1500, 0), ToyWorld().sample(1500, 1)
    model = LabelShift(method=method).fit(source.X, target.X, source.y)
    assert model.weights_ == pytest.approx(np.ones(1500), abs=0.15)


def test_labels_of_any_kind_and_single_precision():
    source, target = ToyWorld().sample(300, 0), ToyWorld(label=1).sample(300, 1)
    words = np.array(["no", "yes"])[source.y]
    model = LabelShift().fit(source.X.astype(np.float32), target.X.astype(np.float32), words)
    assert list(model.classes_) == ["no", "yes"]
    assert set(model.predict(target.X[:20])) <= {"no", "yes"}
    assert model.predict_proba(target.X).sum(1) == pytest.approx(np.ones(300))
    assert 0 <= model.score(target.X, words) <= 1


@pytest.mark.parametrize(
    ("params", "ys", "words"),
    [
        ({"method": "mle"}, [0, 1] * 10, "method: got 'mle'"),
        ({"folds": 1}, [0, 1] * 10, "folds: got 1"),
        ({}, None, "ys: got None, LabelShift needs"),
        ({}, [0] * 20, r"ys: got 1 class"),
        ({}, [0] * 19 + [1], "ys: got 1 row of class"),
    ],
)
def test_bad_fits(params, ys, words):
    X = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(ValueError, match=words):
        LabelShift(**params).fit(X, X, ys)
