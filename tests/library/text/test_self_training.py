"""Self-training for rows: equal to scikit-learn's in one round, and clear about bad input."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC

from tlbook.text.self_training import SelfTraining


def clouds(shift, n=60, seed=0, noise=0.7):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    centers = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    return centers[y] + shift + noise * rng.normal(size=(n, 2)), y


@pytest.mark.parametrize("keep", [0.1, 0.5, 1.0])
def test_one_round_is_that_of_scikit_learn(keep):
    (Xs, ys), (Xt, _) = clouds(0.0), clouds(0.8, seed=1)
    ours = SelfTraining(LogisticRegression(), keep, rounds=1).fit(Xs, Xt, ys)
    k = round(keep * len(Xt))
    theirs = SelfTrainingClassifier(LogisticRegression(), criterion="k_best", k_best=k, max_iter=1)
    theirs.fit(np.vstack([Xs, Xt]), np.concatenate([ys, np.full(len(Xt), -1)]))
    assert np.array_equal(ours.used_, theirs.labeled_iter_[len(Xs) :] == 1)
    new = clouds(0.8, seed=2)[0]
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-5)


def test_it_follows_clusters_that_have_moved():
    gains = []
    for seed in range(5):
        Xs, ys = clouds(0.0, seed=seed, noise=0.3)
        Xt, yt = clouds(0.9, n=600, seed=100 + seed, noise=0.3)
        plain = LogisticRegression().fit(Xs, ys).score(Xt, yt)
        model = SelfTraining(LogisticRegression(), keep=0.9, rounds=10).fit(Xs, Xt, ys)
        gains.append(model.score(Xt, yt) - plain)
    assert min(gains) > 0.02 and np.mean(gains) > 0.05, gains


def test_a_label_can_be_taken_back():
    (Xs, ys), (Xt, _) = clouds(0.0), clouds(1.2, seed=1)
    model = SelfTraining(LogisticRegression(), keep=0.9, rounds=10).fit(Xs, Xt, ys)
    assert model.changed_[0] == 0 and model.changed_.max() > 0
    first = LogisticRegression().fit(Xs, ys).predict(Xt)
    assert (first != model.answers_).any()


def test_balanced_takes_the_same_share_of_each_answer():
    (Xs, ys), (Xt, _) = clouds(0.0), clouds(0.5, n=120, seed=1)
    model = SelfTraining(LogisticRegression(), keep=0.5, rounds=1, balanced=True).fit(Xs, Xt, ys)
    answers = LogisticRegression().fit(Xs, ys).predict(Xt)
    for c in range(3):
        assert model.used_[answers == c].sum() == round(0.5 * (answers == c).sum())


def test_sparse_rows_give_what_dense_ones_give():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.poisson(1.0, (40, 12)).astype(float), rng.poisson(1.0, (30, 12)).astype(float)
    ys = np.arange(40) % 2
    dense = SelfTraining(MultinomialNB()).fit(Xs, Xt, ys)
    sparse = SelfTraining(MultinomialNB()).fit(csr_array(Xs), csr_array(Xt), ys)
    np.testing.assert_allclose(
        dense.predict_proba(Xt), sparse.predict_proba(csr_array(Xt)), rtol=1e-10
    )
    assert np.array_equal(dense.predict(Xt), sparse.predict(csr_array(Xt)))


X, Y = clouds(0.0, n=12)
NAN = np.where(np.arange(24).reshape(12, 2) == 3, np.nan, X)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SelfTraining(LogisticRegression(), keep=0).fit(X, X, Y), "keep: got 0"),
        (lambda: SelfTraining(LogisticRegression(), keep=1.5).fit(X, X, Y), "keep: got 1.5"),
        (lambda: SelfTraining(LogisticRegression(), rounds=0).fit(X, X, Y), "rounds: got 0"),
        (lambda: SelfTraining(LogisticRegression()).fit(X, X), "ys: got None"),
        (lambda: SelfTraining(LogisticRegression()).fit(X, X, Y[:5]), "ys: got 5 labels, want 12"),
        (lambda: SelfTraining(LogisticRegression()).fit(X, X, 0 * Y), r"ys: got 1 class\(es\)"),
        (lambda: SelfTraining(LogisticRegression()).fit(NAN, X, Y), "Xs: got 1 values that are"),
        (lambda: SelfTraining(LogisticRegression()).fit(X, X[:0], Y), "Xt: got 0 rows"),
        (lambda: SelfTraining(LogisticRegression()).fit(X, X[:, :1], Y), "Xt: got rows of shape"),
        (
            lambda: SelfTraining(LinearSVC()).fit(X, X, Y),
            "classifier: got LinearSVC, want one with",
        ),
        (
            lambda: SelfTraining(MultinomialNB()).fit(csr_array(NAN), csr_array(X), Y),
            r"Xs \(stored values\): got 1 values",
        ),
        (
            lambda: SelfTraining(LogisticRegression()).fit(X, X, Y).predict(X[:, :1]),
            "X: got 1 features, want 2 as in fit",
        ),
    ],
)
def test_bad_input_gets_a_clear_message(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_predicting_before_fitting_is_refused():
    with pytest.raises(NotFittedError, match="call fit"):
        SelfTraining(LogisticRegression()).predict(X)
