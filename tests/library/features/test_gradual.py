"""Gradual self-training: follows moons that turn; one jump does not."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC

from tlbook.data.toy import moons
from tlbook.features import gradual_self_training


def turned(X, degrees):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return X @ np.array([[cos, -sin], [sin, cos]]).T


def turning_moons(seed, angle, n_steps):
    """Labeled source, unlabeled samples on the way, labeled target at ``angle`` degrees."""
    rng = np.random.default_rng(seed)
    draw, _ = moons(angle=0, noise=0.1)
    X, y = draw(400, rng)
    steps = [turned(draw(400, rng)[0], a) for a in np.linspace(0, angle, n_steps + 1)[1:]]
    target, labels = draw(1000, rng)
    return X, y, steps, turned(target, angle), labels


@pytest.mark.parametrize(("angle", "n_steps", "direct_at_most"), [(60, 8, 0.4), (90, 12, 0.3)])
def test_follows_the_moons_where_one_jump_fails(angle, n_steps, direct_at_most):
    for seed in (100, 101, 102):
        X, y, steps, target, labels = turning_moons(seed, angle, n_steps)
        classifier = SVC()
        gradual = gradual_self_training(classifier, X, y, steps)
        direct = gradual_self_training(classifier, X, y, steps[-1:])
        assert gradual.score(target, labels) >= 0.95
        assert direct.score(target, labels) <= direct_at_most


def test_no_steps_is_the_source_classifier():
    X, y, _, target, _ = turning_moons(0, 30, 1)
    fitted = gradual_self_training(SVC(), X, y, [])
    np.testing.assert_array_equal(fitted.predict(target), SVC().fit(X, y).predict(target))


def test_one_step_by_hand_with_the_confident_rows_only():
    X, y, steps, _, _ = turning_moons(1, 20, 1)
    first = LogisticRegression().fit(X, y)
    score = np.abs(first.decision_function(steps[0]))
    sure = score >= np.sort(score)[200]  # the upper half of 400
    second = LogisticRegression().fit(steps[0][sure], first.predict(steps[0])[sure])
    ours = gradual_self_training(LogisticRegression(), X, y, iter(steps), keep=0.5)
    np.testing.assert_allclose(ours.coef_, second.coef_, atol=1e-10)


def test_the_classifier_is_not_fitted_in_place():
    X, y, steps, _, _ = turning_moons(2, 20, 2)
    classifier = KNeighborsClassifier(5)
    assert gradual_self_training(classifier, X, y, steps) is not classifier
    assert not hasattr(classifier, "classes_")


def test_three_classes_by_the_lead_over_the_runner_up():
    rng = np.random.default_rng(0)
    y = np.arange(300) % 3
    means = 3 * np.array([[0, 1], [-0.87, -0.5], [0.87, -0.5]])
    X = means[y] + 0.6 * rng.normal(size=(300, 2))
    steps = [means[y] + 0.6 * rng.normal(size=(300, 2)) + [k / 2, 0] for k in range(1, 9)]
    for classifier in (LinearSVC(), LogisticRegression(), KNeighborsClassifier(5)):
        assert (classifier.fit(X, y).predict(steps[-1]) == y).mean() < 0.7
        assert (
            gradual_self_training(classifier, X, y, steps).predict(steps[-1]) == y
        ).mean() > 0.95


def test_bad_inputs():
    X, y, steps, _, _ = turning_moons(3, 20, 1)
    with pytest.raises(ValueError, match="keep: got 0, want a fraction above 0"):
        gradual_self_training(SVC(), X, y, steps, keep=0)
    with pytest.raises(ValueError, match="keep: got 2"):
        gradual_self_training(SVC(), X, y, steps, keep=2)
    with pytest.raises(ValueError, match=r"steps\[1\]: got rows of shape \(1,\), want \(2,\)"):
        gradual_self_training(SVC(), X, y, [steps[0], steps[0][:, :1]])
    with pytest.raises(ValueError, match="y: got 1 class"):
        gradual_self_training(SVC(), X, 0 * y, steps)
    top = steps[0][steps[0][:, 1] > 0.9]  # of one moon only
    with pytest.raises(ValueError, match=r"steps\[0\]: all \d+ confident rows got the label 0"):
        gradual_self_training(SVC(), X, y, [top])
    with pytest.raises(ValueError, match="want one with predict_proba or decision_function"):
        gradual_self_training(Labels(), X, y, steps)


class Labels(SVC):
    """A classifier that only gives labels."""

    @property
    def decision_function(self):
        raise AttributeError
