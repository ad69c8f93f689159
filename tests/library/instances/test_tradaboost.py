"""TrAdaBoost: two rounds by hand, the vote of the second half, the update rules, adaptation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from tlbook.instances import TrAdaBoost


class Scripted(DecisionTreeClassifier):
    """Answers what it was told to, round by round: the arithmetic can be done by hand."""

    script = ()
    seen: list = []  # noqa: RUF012

    def fit(self, X, y, sample_weight=None):
        type(self).seen.append(np.array(sample_weight))
        self.answers_ = type(self).script[len(type(self).seen) - 1]
        return self

    def predict(self, X):
        return np.array([self.answers_[int(x)] for x in X[:, 0]])


def scripted(*rounds):
    return type("Script", (Scripted,), {"script": rounds, "seen": []})()


def test_two_rounds_by_hand():
    # Four source rows (0 to 3), four target rows (4 to 7), all of class 1 but rows 1 and 5.
    Xs, Xt = np.arange(4.0)[:, None], np.arange(4.0, 8)[:, None]
    ys, yt = np.array([1, 0, 1, 1]), np.array([1, 0, 1, 1])
    # Round 1 errs on source row 0 and target row 4; round 2 on source 0 and 2 and target 5.
    first = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    second = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    model = TrAdaBoost(scripted(first, second), n_rounds=2).fit(Xs, Xt, ys, yt)

    beta = 1 / (1 + np.sqrt(2 * np.log(4) / 2))
    w = np.ones(8)
    e1 = 1 / 4  # one of four target rows of equal weight
    b1 = e1 / (1 - e1)  # 1/3
    w[0] *= beta
    w[4] /= b1  # three times its weight
    e2 = 1 / (3 + 1 + 1 + 1)  # row 5 has weight 1 of 6
    b2 = e2 / (1 - e2)  # 1/5
    at_second = w / w.mean()
    w[[0, 2]] *= beta
    w[5] /= b2
    w /= w.mean()

    assert model.errors_ == pytest.approx([e1, e2], abs=1e-12)
    assert model.betas_ == pytest.approx([1 / 3, 1 / 5], abs=1e-12)
    assert model.estimator.seen[0] == pytest.approx(np.ones(8), abs=1e-12)
    assert model.estimator.seen[1] == pytest.approx(at_second, abs=1e-12)
    assert model.weights_ == pytest.approx(w[:4], abs=1e-12)
    assert model.target_weights_ == pytest.approx(w[4:], abs=1e-12)
    assert model.source_share_ == pytest.approx(
        [0.5, at_second[:4].sum() / 8, w[:4].sum() / 8], abs=1e-12
    )
    # N = 2: rounds 1 and 2 vote with log 3 and log 5.
    rows = np.arange(8.0)[:, None]
    votes = np.log(3) * np.eye(2)[first] + np.log(5) * np.eye(2)[second]
    assert model.votes(rows) == pytest.approx(votes, abs=1e-12)
    assert list(model.predict(rows)) == list(second)


@pytest.mark.parametrize(("N", "first"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (10, 5)])
def test_rounds_from_half_of_n_on_vote(N, first):
    """⌈N/2⌉ counts from 1, as in the paper."""
    Xs, Xt = np.arange(4.0)[:, None], np.arange(4.0, 8)[:, None]
    truth = np.array([1, 0, 1, 0, 1, 0, 1, 0])
    one_wrong = truth.copy()
    one_wrong[4] = 0
    flipped = 1 - one_wrong
    early = [flipped] * (first - 1)  # worse than a coin: these rounds must not count
    late = [one_wrong] * (N - first + 1)
    model = TrAdaBoost(scripted(*early, *late), n_rounds=N).fit(Xs, Xt, truth[:4], truth[4:])
    assert list(model.predict(np.arange(8.0)[:, None])) == list(one_wrong)
    votes = model.votes(np.array([[1.0]]))[0]
    assert votes[0] == pytest.approx(-np.log(model.betas_[first - 1 :]).sum())
    assert votes[1] == 0


def test_the_papers_product_rule_is_the_vote():
    """h = 1 where Π β_t^(−h_t) ≥ Π β_t^(−1/2): on every row the same answer."""
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(100, 2)), rng.normal(0.3, 1, size=(20, 2))
    ys, yt = (Xs[:, 0] > 0).astype(int), (Xt[:, 1] > 0.2).astype(int)
    model = TrAdaBoost(n_rounds=9).fit(Xs, Xt, ys, yt)
    X = rng.normal(size=(300, 2))
    late = [m.predict(X) for m in model.estimators_[4:]]
    left = sum(-h * np.log(b) for h, b in zip(late, model.betas_[4:], strict=True))
    right = -0.5 * np.log(model.betas_[4:]).sum()
    assert np.array_equal(model.predict(X), (left >= right - 1e-12).astype(int))


def test_source_weights_only_fall_and_wrong_ones_fall_most():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(200, 2)), rng.normal(size=(30, 2))
    ys = (Xs[:, 0] > 0).astype(int)
    flipped = rng.random(200) < 0.3
    ys[flipped] = 1 - ys[flipped]
    model = TrAdaBoost(n_rounds=15).fit(Xs, Xt, ys, (Xt[:, 0] > 0).astype(int))
    assert np.median(model.weights_[flipped]) < 0.1 * np.median(model.weights_[~flipped])
    together = np.concatenate([model.weights_, model.target_weights_])
    assert together.mean() == pytest.approx(1, abs=1e-9)
    assert model.source_share_[0] == pytest.approx(200 / 230)
    assert len(model.source_share_) == 16 and model.source_share_[-1] < model.source_share_[0]


@pytest.mark.slow
def test_it_beats_source_only_target_only_and_both_together():
    """More than half of the source agrees with the target, the rest says the opposite."""
    border = np.random.default_rng(99).normal(size=5)
    rows = []
    for seed in range(10):
        rng = np.random.default_rng(seed)

        def draw(n, direction, rng=rng):
            X = rng.normal(size=(n, 5))
            return X, (X @ direction > 0).astype(int)

        good, bad = draw(150, border), draw(120, -border)
        (Xt, yt), test = draw(12, border), draw(2000, border)
        Xs, ys = np.concatenate([good[0], bad[0]]), np.concatenate([good[1], bad[1]])
        both = np.concatenate([Xs, Xt]), np.concatenate([ys, yt])
        base = LogisticRegression()
        boosted = TrAdaBoost(base, n_rounds=50).fit(Xs, Xt, ys, yt).score(*test)
        rows.append(
            [boosted, *(base.fit(*part).score(*test) for part in ((Xs, ys), (Xt, yt), both))]
        )
    boosted, source, target, together = np.mean(rows, axis=0)
    assert boosted > source + 0.08
    assert boosted > target + 0.02
    assert boosted > together + 0.05


def test_three_classes_words_and_repeatable():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(150, 2)), rng.normal(size=(30, 2))

    def label(X):
        return np.array(["a", "b", "c"])[(X[:, 0] > -0.4).astype(int) + (X[:, 0] > 0.4)]

    one = TrAdaBoost(n_rounds=5).fit(Xs, Xt, label(Xs), label(Xt))
    assert list(one.classes_) == ["a", "b", "c"]
    assert one.score(Xs, label(Xs)) > 0.95
    two = TrAdaBoost(n_rounds=5).fit(Xs, Xt, label(Xs), label(Xt))
    assert np.array_equal(one.weights_, two.weights_)


def test_a_perfect_round_and_a_useless_round_stay_finite():
    Xs, Xt = np.arange(4.0)[:, None], np.arange(4.0, 8)[:, None]
    truth = np.array([1, 0, 1, 0, 1, 0, 1, 0])
    model = TrAdaBoost(scripted(truth, 1 - truth), n_rounds=2).fit(Xs, Xt, truth[:4], truth[4:])
    assert model.errors_ == pytest.approx(
        [1 / 8, 0.5], abs=1e-6
    )  # half a row; no better than a coin
    assert np.isfinite(model.weights_).all() and np.isfinite(model.target_weights_).all()
    assert list(model.predict(np.arange(8.0)[:, None])) == list(truth)


@pytest.mark.parametrize(
    ("params", "ys", "yt", "words"),
    [
        ({}, None, [0, 1], "ys: got None, TrAdaBoost needs labels of both domains"),
        ({}, [0, 1, 0, 1], None, "yt: got None, TrAdaBoost needs labels of both domains"),
        ({}, [0, 0, 0, 0], [0, 0], "ys and yt: got 1 class"),
        ({}, [0, 1], [0, 1], "ys: got 2 labels, want 4"),
        ({"n_rounds": 0}, [0, 1, 0, 1], [0, 1], "n_rounds: got 0"),
        ({"estimator": KNeighborsClassifier()}, [0, 1, 0, 1], [0, 1], "estimator: got KNeighbors"),
    ],
)
def test_bad_fits(params, ys, yt, words):
    Xs, Xt = np.arange(8.0).reshape(4, 2), np.arange(4.0).reshape(2, 2)
    with pytest.raises(ValueError, match=words):
        TrAdaBoost(**params).fit(Xs, Xt, ys, yt)
