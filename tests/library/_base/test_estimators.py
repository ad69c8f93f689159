"""The base of the shallow methods: what goes in, what is refused and in which words."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import NotFittedError

from tlbook._base.estimators import PairEstimator


class Center(PairEstimator):
    """The smallest method: the shift of the means."""

    def fit(self, Xs, Xt, ys=None):
        Xs, Xt = self._check_pair(Xs, Xt)
        self.shift_ = Xt.mean(axis=0) - Xs.mean(axis=0)
        return self

    def transform_source(self, X):
        return self._check_rows(X) + self.shift_


XS, XT = np.arange(8.0).reshape(4, 2), np.arange(6.0).reshape(3, 2)


def test_arrays_frames_and_tensors_are_the_same():
    want = Center().fit(XS, XT).transform_source(XS)
    frame = Center().fit(pd.DataFrame(XS, columns=["a", "b"]), pd.DataFrame(XT, columns=["a", "b"]))
    assert list(frame.feature_names_in_) == ["a", "b"]
    assert np.array_equal(frame.transform_source(XS), want)
    assert np.array_equal(Center().fit(torch.tensor(XS), XT.tolist()).transform_source(XS), want)


def test_floats_keep_their_width_and_integers_become_floats():
    assert Center().fit(XS.astype(np.float32), XT.astype(np.float32)).shift_.dtype == np.float32
    assert Center().fit(XS.astype(int), XT.astype(int)).shift_.dtype == np.float64


def test_a_second_fit_forgets_the_names_of_the_first():
    frame = pd.DataFrame(XS, columns=["a", "b"])
    model = Center().fit(frame, frame).fit(XS, XT)
    assert not hasattr(model, "feature_names_in_")


def test_not_fitted():
    with pytest.raises(NotFittedError, match=r"Center is not fitted.*fit\(Xs, Xt\)"):
        Center().transform_source(XS)


@pytest.mark.parametrize(
    ("Xs", "Xt", "words"),
    [
        (sparse.csr_matrix(XS), XT, "Xs: got a sparse matrix"),
        (XS, sparse.csr_matrix(XT), "Xt: got a sparse matrix"),
        (XS, XT[:, :1], r"Xt: got rows of shape \(1,\), want \(2,\)"),
        (XS[0], XT, "Xs: got shape"),
        (XS[:1], XT, "Xs: got 1 rows, want at least 2"),
        (XS[:0], XT, "Xs: got 0 rows"),
        (XS, np.where(XT == 3, np.nan, XT), "Xt: got 1 values that are NaN"),
        (XS[:, :0], XT[:, :0], "want at least one feature"),
        ([["a", "b"], ["c", "d"]], XT, "Xs: got values of type"),
        (pd.DataFrame(XS, columns=["a", "b"]), pd.DataFrame(XT, columns=["b", "a"]), "Xt: got col"),
    ],
)
def test_bad_pairs_are_named(Xs, Xt, words):
    with pytest.raises(ValueError, match=words):
        Center().fit(Xs, Xt)


def test_bad_new_rows_are_named():
    model = Center().fit(pd.DataFrame(XS, columns=["a", "b"]), pd.DataFrame(XT, columns=["a", "b"]))
    with pytest.raises(ValueError, match="X: got 3 features, want 2"):
        model.transform_source(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="X: got columns"):
        model.transform_source(pd.DataFrame(XS, columns=["b", "a"]))


@pytest.mark.parametrize(
    ("ys", "words"),
    [
        (None, "ys: got None, Center needs"),
        ([0, 1], "ys: got 2 labels, want 4"),
        ([1, 1, 1, 1], r"ys: got 1 class"),
    ],
)
def test_bad_source_labels_are_named(ys, words):
    with pytest.raises(ValueError, match=words):
        Center()._check_labeled_pair(XS, XT, ys)
