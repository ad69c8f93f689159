"""Class-neutral naive Bayes: the formula, its limits, and what an unseen word says."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.naive_bayes import MultinomialNB

from tlbook.text.naive_bayes import NeutralNB

rng = np.random.default_rng(0)
y = np.repeat([0, 1, 2], [30, 8, 12])
Z = rng.poisson(0.4, size=(50, 9)).astype(float)
Z[:, 7:] = 0  # words that nobody has


def test_theta_is_the_formula():
    alpha, N = 0.3, np.stack([Z[y == c].sum(axis=0) for c in range(3)])
    mass = N.sum(axis=1)
    m = mass.mean()
    theta = (m * N / mass[:, None] + alpha) / (m + alpha * 9)
    assert np.allclose(NeutralNB(alpha).fit(Z, y).feature_log_prob_, np.log(theta))


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_an_unseen_word_says_nothing_here_and_votes_for_the_smallest_class_there(form):
    unseen = np.zeros((1, 9))
    unseen[0, 8] = 5.0
    mine, usual = NeutralNB(0.1).fit(form(Z), y), MultinomialNB(alpha=0.1).fit(form(Z), y)
    assert mine.predict_proba(form(unseen))[0] == pytest.approx(np.bincount(y) / 50)
    assert usual.predict(form(unseen)) == [1]
    even = NeutralNB(0.1, fit_prior=False).fit(form(Z), y)
    assert even.predict_proba(form(unseen))[0] == pytest.approx([1 / 3] * 3)


def test_with_equal_masses_it_is_the_one_of_scikit_learn():
    rows = np.tile(rng.permutation(np.arange(9.0)), (3, 1))
    rows = np.stack([np.roll(row, i) for i, row in enumerate(rows)])
    mine, usual = NeutralNB(0.5).fit(rows, [0, 1, 2]), MultinomialNB(alpha=0.5).fit(rows, [0, 1, 2])
    assert np.allclose(mine.predict_proba(Z), usual.predict_proba(Z))


def test_it_is_an_estimator_with_any_labels():
    names = np.array(["a", "b", "c"], dtype=object)[y]
    model = clone(NeutralNB(0.2, fit_prior=False)).fit(Z, names)
    assert model.get_params() == {"alpha": 0.2, "fit_prior": False}
    assert set(model.predict(Z)) <= {"a", "b", "c"}
    assert np.array_equal(
        model.predict(Z), names[[0, 30, 38]][NeutralNB(0.2, False).fit(Z, y).predict(Z)]
    )


@pytest.mark.parametrize(
    ("rows", "labels", "message"),
    [
        (Z, y[:3], "y: got 3 labels, want 50"),
        (Z, 0 * y, r"y: got 1 class\(es\)"),
        (0 * Z, y, "X: the rows of class number 0 have no entry"),
    ],
)
def test_bad_input_gets_a_clear_message(rows, labels, message):
    with pytest.raises(ValueError, match=message):
        NeutralNB().fit(rows, labels)
