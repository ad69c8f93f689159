"""AdaptedClassifier: the target is never sliced, source rows are scored as source rows."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from tlbook._base.estimators import PairEstimator
from tlbook.features import CORAL, TCA, AdaptedClassifier, source_accuracy, source_scorer


def moved(n=120, m=100, seed=0):
    """Two classes along the first axis; the target is moved by their whole distance."""
    rng = np.random.default_rng(seed)
    ys, yt = np.arange(n) % 2, np.arange(m) % 2
    Xs, Xt = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    Xs[:, 0] += 5 * ys
    Xt[:, 0] += 5 * yt + 5
    return Xs, ys, Xt, yt


class Recording(PairEstimator):
    """An aligner that moves the source and remembers what it saw."""

    def __init__(self, move=100.0):
        self.move = move

    def fit(self, Xs, Xt, ys=None):
        Xs, Xt = self._check_pair(Xs, Xt)
        self.seen_ = (len(Xs), len(Xt))
        return self

    def transform_source(self, X):
        return self._check_rows(X) + self.move

    def transform_target(self, X):
        return self._check_rows(X)


class Weights(PairEstimator):
    """Gives weights and maps nothing."""

    def __init__(self, heavy=None):
        self.heavy = heavy

    def fit(self, Xs, Xt, ys=None):
        Xs, Xt = self._check_pair(Xs, Xt)
        heavy = np.where(Xs[:, 0] > 2, 1.0, 0.1)
        self.weights_ = heavy if self.heavy is None else np.ones(self.heavy)
        return self


def test_it_adapts():
    Xs, ys, Xt, yt = moved()
    none = AdaptedClassifier(None, SVC(), Xt).fit(Xs, ys)
    model = AdaptedClassifier(CORAL(), SVC(), Xt).fit(Xs, ys)
    assert none.score(Xt, yt, rows="target") < 0.6
    assert model.score(Xt, yt, rows="target") > 0.95
    assert model.score(Xs, ys, rows="source") > 0.95
    assert list(model.classes_) == [0, 1] and model.n_features_in_ == 3
    np.testing.assert_array_equal(model.predict(Xs), model.predict(Xs, rows="target"))
    by_hand = CORAL().fit(Xs, Xt)
    classifier = SVC().fit(by_hand.transform_source(Xs), ys)
    np.testing.assert_array_equal(model.predict(Xt), classifier.predict(Xt))
    np.testing.assert_array_equal(
        model.decision_function(Xs, rows="source"),
        classifier.decision_function(by_hand.transform_source(Xs)),
    )


def test_cross_validation_splits_the_source_and_never_the_target():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(Recording(), KNeighborsClassifier(1), Xt)
    search = GridSearchCV(model, {"adapter__move": [0.0, 50.0]}, cv=4, scoring=source_accuracy)
    search.fit(Xs, ys)
    assert search.best_estimator_.adapter_.seen_ == (120, 100)
    seen = []

    def scoring(estimator, X, y):
        seen.append(estimator.adapter_.seen_)
        return source_accuracy(estimator, X, y)

    cross_val_score(model, Xs, ys, cv=4, scoring=scoring)
    assert seen == [(90, 100)] * 4


def test_held_out_source_rows_are_mapped_as_source_rows():
    """The trap: a plain scorer maps them as target rows, 100 units away from where they belong."""
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(Recording(100.0), KNeighborsClassifier(5), Xt)
    right = cross_val_score(model, Xs, ys, cv=4, scoring=source_accuracy)
    wrong = cross_val_score(model, Xs, ys, cv=4, scoring="accuracy")
    assert right.min() > 0.9
    assert wrong.max() < 0.6
    for name in ("balanced_accuracy", "roc_auc", "neg_log_loss"):
        scores = cross_val_score(model, Xs, ys, cv=4, scoring=source_scorer(name))
        assert scores.min() > (0.9 if name != "neg_log_loss" else -1.5)


def test_the_scorer_reaches_through_a_pipeline():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(Recording(100.0), KNeighborsClassifier(5), Xt)
    inside = make_pipeline(FunctionTransformer(), model)
    for scoring in (source_accuracy, source_scorer("roc_auc")):
        assert cross_val_score(inside, Xs, ys, cv=4, scoring=scoring).min() > 0.9
    again = pickle.loads(pickle.dumps(source_scorer("roc_auc")))
    assert again(model.fit(Xs, ys), Xs, ys) == source_scorer("roc_auc")(model, Xs, ys)


def test_the_default_scoring_of_a_search_is_refused_and_says_what_to_do():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(CORAL(), SVC(), Xt)
    search = GridSearchCV(model, {"adapter__shrinkage": [0.1, 0.5]}, cv=2, error_score="raise")
    with pytest.raises(ValueError, match="rows: got None.*source_accuracy"):
        search.fit(Xs, ys)
    with pytest.warns(UserWarning, match="source_accuracy"):
        scores = cross_val_score(model, Xs, ys, cv=2)
    assert np.isnan(scores).all()
    with pytest.raises(ValueError, match="rows: got 'both'"):
        model.fit(Xs, ys).predict(Xt, rows="both")
    with pytest.raises(ValueError, match="wrong_name"):
        source_scorer("wrong_name")


def test_a_search_over_adapters():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(None, LogisticRegression(), Xt)
    grid = {"adapter": [None, CORAL(), TCA(2)], "classifier__C": [0.1, 1.0]}
    search = GridSearchCV(model, grid, cv=3, scoring=source_accuracy).fit(Xs, ys)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.Xt is Xt


def test_clone_shares_the_target_and_nothing_else():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(CORAL(0.3), SVC(C=2), Xt, StandardScaler()).fit(Xs, ys)
    twin = clone(model)
    assert twin.Xt is Xt
    assert twin.adapter is not model.adapter and twin.adapter.shrinkage == 0.3
    assert twin.classifier is not model.classifier and twin.classifier.C == 2
    assert twin.preprocess is not model.preprocess
    assert not hasattr(twin, "classifier_") and hasattr(model, "classifier_")
    inside = clone(make_pipeline(StandardScaler(), model))
    assert inside[-1].Xt is Xt
    assert {"adapter__shrinkage", "classifier__C", "Xt", "preprocess__with_mean"} <= set(
        model.get_params()
    )
    assert model.set_params(adapter__shrinkage=0.7).adapter.shrinkage == 0.7


def test_pickle():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(TCA(2), SVC(), Xt).fit(Xs, ys)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(Xt), model.predict(Xt))
    np.testing.assert_array_equal(again.Xt, Xt)


def test_preprocessing_reaches_source_target_and_new_rows():
    Xs, ys, Xt, yt = moved()
    scale = np.array([1, 1000, 1])
    model = AdaptedClassifier(CORAL(), SVC(), Xt * scale, StandardScaler()).fit(Xs * scale, ys)
    scaler = StandardScaler().fit(Xs * scale)
    plain = AdaptedClassifier(CORAL(), SVC(), scaler.transform(Xt * scale))
    plain.fit(scaler.transform(Xs * scale), ys)
    np.testing.assert_array_equal(
        model.predict(Xt * scale), plain.predict(scaler.transform(Xt * scale))
    )
    np.testing.assert_array_equal(
        model.predict(Xs * scale, rows="source"),
        plain.predict(scaler.transform(Xs * scale), rows="source"),
    )
    assert model.score(Xt * scale, yt, "target") > 0.95


def test_each_domain_can_be_scaled_by_its_own_statistics():
    rng = np.random.default_rng(0)
    y = np.arange(100) % 2
    Xs = rng.normal(size=(100, 3)) + 4 * y[:, None]
    Xt = 50 * (rng.normal(size=(100, 3)) + 4 * y[:, None]) - 700
    right = {}
    for on in ("source", "each"):
        model = AdaptedClassifier(None, LogisticRegression(), Xt, StandardScaler(), on).fit(Xs, y)
        right[on] = model.score(Xt, y, "target")
        assert model.score(Xs, y, "source") > 0.95
    assert right["source"] == 0.5 and right["each"] > 0.95
    assert model.preprocess_target_.mean_ == pytest.approx(Xt.mean(0))
    assert model.predict(Xt[:1]) == model.predict(Xt)[:1]  # one row alone: nothing is refitted
    with pytest.raises(ValueError, match="Xt: got None, want target rows for preprocess_on"):
        model.set_params(Xt=None).fit(Xs, y)


@pytest.mark.parametrize(
    "classifier", [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())]
)
def test_weights_go_into_the_classifier(classifier):
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(Weights(), classifier, Xt).fit(Xs, ys)
    weights = model.adapter_.weights_
    name = "logisticregression__sample_weight" if hasattr(classifier, "steps") else "sample_weight"
    by_hand = clone(classifier).fit(Xs, ys, **{name: weights})
    np.testing.assert_array_equal(model.predict_proba(Xt), by_hand.predict_proba(Xt))
    unweighted = clone(classifier).fit(Xs, ys)
    assert np.abs(model.predict_proba(Xt) - unweighted.predict_proba(Xt)).max() > 0.01
    np.testing.assert_array_equal(model.predict(Xs, rows="source"), by_hand.predict(Xs))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["KMM", "DensityRatio"])
def test_takes_the_weights_of_the_instance_methods(name):
    """A straight line can follow y only on one side; the weights choose the target's side."""
    import tlbook.instances

    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(0, 2, size=(300, 1)), rng.normal(2, 0.7, size=(200, 1))
    ys, yt = np.abs(Xs[:, 0]) > 2, np.abs(Xt[:, 0]) > 2
    adapter = getattr(tlbook.instances, name)()
    weighted = AdaptedClassifier(adapter, LogisticRegression(), Xt).fit(Xs, ys)
    plain = AdaptedClassifier(None, LogisticRegression(), Xt).fit(Xs, ys)
    assert weighted.score(Xt, yt, "target") > plain.score(Xt, yt, "target") + 0.2
    search = GridSearchCV(weighted, {"classifier__C": [0.1, 1.0]}, scoring=source_accuracy)
    assert np.isfinite(search.fit(Xs, ys).best_score_)


def test_weights_that_cannot_be_used_are_refused():
    Xs, ys, Xt, _ = moved()
    with pytest.raises(ValueError, match="KNeighborsClassifier, whose fit takes no sample_weight"):
        AdaptedClassifier(Weights(), KNeighborsClassifier(), Xt).fit(Xs, ys)
    with pytest.raises(ValueError, match="adapter: got 7 weights, want 120"):
        AdaptedClassifier(Weights(7), SVC(), Xt).fit(Xs, ys)

    class Nothing(PairEstimator):
        def fit(self, Xs, Xt, ys=None):
            return self

    with pytest.raises(ValueError, match="adapter: got Nothing, want one with transform_source"):
        AdaptedClassifier(Nothing(), SVC(), Xt).fit(Xs, ys)


def test_bad_inputs():
    Xs, ys, Xt, _ = moved()
    model = AdaptedClassifier(CORAL(), SVC(), Xt)
    with pytest.raises(NotFittedError, match=r"fit\(Xs, ys\)"):
        model.predict(Xt)
    with pytest.raises(ValueError, match="y: got 5 labels, want 120"):
        model.fit(Xs, ys[:5])
    with pytest.raises(ValueError, match="y: got 1 class"):
        model.fit(Xs, 0 * ys)
    with pytest.raises(ValueError, match="Xs: got a sparse matrix"):
        model.fit(sparse.csr_matrix(Xs), ys)
    with pytest.raises(ValueError, match="Xt: got rows of shape"):
        model.fit(Xs[:, :2], ys)
    with pytest.raises(ValueError, match="Xt: got None"):
        AdaptedClassifier(CORAL(), SVC(), None).fit(Xs, ys)
    with pytest.raises(ValueError, match="X: got 2 features, want 3"):
        model.fit(Xs, ys).predict(Xt[:, :2])
    assert not hasattr(model, "predict_proba")  # SVC gives none
    AdaptedClassifier(None, SVC(), None).fit(Xs, ys)  # the source alone needs no target


def test_frames_and_string_labels():
    Xs, ys, Xt, yt = moved()
    names = np.array(["no", "yes"])
    source, target = (pd.DataFrame(X, columns=list("abc")) for X in (Xs, Xt))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = AdaptedClassifier(CORAL(), SVC(), target).fit(source, pd.Series(names[ys]))
        assert model.score(target, names[yt], rows="target") > 0.95
