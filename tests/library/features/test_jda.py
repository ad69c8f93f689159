"""JDA: its first solution is TCA, later ones bring the classes nearer."""

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from tlbook.features import JDA, TCA


def turned_classes(seed, n=150):
    """Three classes; the target is turned by 0.5 radians and moved a little."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    means = np.array([[-2, 0], [2, 0], [0, 3.0]])
    Xs = means[y] + 0.5 * rng.normal(size=(n, 2))
    Xt = means[y] @ turn.T + 0.5 * rng.normal(size=(n, 2)) + [0.5, -0.5]
    return Xs, y, Xt, y


def test_one_iteration_is_tca():
    Xs, ys, Xt, _ = turned_classes(0)
    jda, tca = JDA(2, iterations=1, mu=0.5).fit(Xs, Xt, ys), TCA(2, mu=0.5).fit(Xs, Xt)
    np.testing.assert_allclose(jda.coefficients_, tca.coefficients_, atol=1e-10)
    assert jda.changed_ == []


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_the_last_solution_is_exact_for_its_pseudo_labels(kernel):
    Xs, ys, Xt, _ = turned_classes(1, 60)
    model = JDA(2, kernel=kernel, gamma=0.1, mu=0.5, iterations=30).fit(Xs, Xt, ys)
    mu = 0.5 / model.scale_**2
    assert model.changed_[-1] == 0  # so the labels that made the solution are those it gives
    X = np.concatenate([Xs, Xt])
    X = X - X.mean(0)
    K = X @ X.T if kernel == "linear" else np.exp(-0.1 * ((X[:, None] - X[None]) ** 2).sum(-1))
    N = len(X)
    L = np.zeros((N, N))
    source, label = np.arange(N) < len(Xs), np.concatenate([ys, model.pseudo_labels_])
    for mine in (label >= 0, label == 0, label == 1, label == 2):
        e = mine * (source / (mine & source).sum() - ~source / (mine & ~source).sum())
        L += np.outer(e, e)
    S, M = K @ (np.eye(N) - 1 / N) @ K, np.eye(N) + mu * K @ L @ K
    W = model.coefficients_
    residual = np.linalg.norm(S @ W - M @ W * model.eigenvalues_, axis=0)
    assert (residual / np.linalg.norm(S @ W, axis=0)).max() < 1e-8
    best = eigh(S, M, subset_by_index=(N - 2, N - 1), eigvals_only=True)
    np.testing.assert_allclose(model.eigenvalues_, best[::-1], rtol=1e-8)


def class_gap(model, Xs, ys, Xt, yt):
    """Distance of the class means, domain by domain, in standard deviations; true labels."""
    Zs, Zt = model.fit_transform(Xs, Xt, ys)
    scale = np.concatenate([Zs, Zt]).std(0)
    return sum(
        np.linalg.norm((Zs[ys == c].mean(0) - Zt[yt == c].mean(0)) / scale) for c in np.unique(ys)
    )


def test_the_classes_come_nearer_than_under_tca():
    gaps = []
    for seed in range(100, 104):
        data = turned_classes(seed)
        gaps.append([class_gap(model, *data) for model in (TCA(2), JDA(2))])
    tca, jda = np.transpose(gaps)
    assert (jda < tca).all()
    assert jda.mean() < 0.75 * tca.mean()


def test_its_pseudo_labels_beat_those_of_the_first_solution():
    gain = []
    for seed in range(100, 104):
        Xs, ys, Xt, yt = turned_classes(seed)
        first, last = (
            (JDA(4, mu=10, iterations=k).fit(Xs, Xt, ys).pseudo_labels_ == yt).mean()
            for k in (1, 10)
        )
        gain.append(last - first)
    assert np.mean(gain) > 0.01 and min(gain) > 0


def test_any_classifier_and_any_labels():
    Xs, ys, Xt, _ = turned_classes(2)
    names = np.array(["a", "b", "c"])[ys]
    model = JDA(2, classifier=LogisticRegression()).fit(Xs, Xt, names)
    assert set(model.pseudo_labels_) <= set("abc")
    assert not hasattr(model.classifier, "coef_")  # the parameter stays unfitted
    assert len(model.changed_) < 10


def test_a_class_that_no_target_row_is_taken_for_is_left_out():
    Xs, ys, Xt, _ = turned_classes(3)
    only_zeros = DummyClassifier(strategy="constant", constant=0)
    with pytest.warns(ConvergenceWarning, match=r"taken for 2 of 3 classes \(1, 2\)"):
        model = JDA(2, classifier=only_zeros).fit(Xs, Xt, ys)
    assert np.isfinite(model.coefficients_).all()


@pytest.mark.filterwarnings("error")
def test_the_default_holds_on_standardized_rows_of_some_hundred_features():
    """With a weight in units of the features, to the fourth power, they never settled here."""
    rng = np.random.default_rng(0)
    y = np.arange(400) % 5
    means = 0.5 * rng.normal(size=(5, 100))
    Xs, Xt = (means[y] + rng.normal(size=(400, 100)) for _ in "st")
    Xt = Xt * 1.2 + 0.4 * rng.normal(size=100)
    found = JDA(kernel="linear").fit(Xs, Xt, y)
    assert np.mean(found.pseudo_labels_ == y) > 0.95 and found.changed_[-1] == 0
    lost = JDA(kernel="linear", mu=100.0**2).fit(Xs, Xt, y)  # what mu=1 meant there before
    assert np.mean(lost.pseudo_labels_ == y) < 0.95 and lost.changed_[-1] > 10
