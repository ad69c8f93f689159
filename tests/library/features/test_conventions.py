"""What every aligner promises: scikit-learn's conventions, clear refusals, one row like a batch."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tlbook.features import CORAL, JDA, PCA, TCA, OptimalTransport, SubspaceAlignment

ALIGNERS = {
    "PCA": PCA(2),
    "PCA of the source": PCA(2, on="source"),
    "CORAL": CORAL(),
    "CORAL, Ledoit-Wolf": CORAL("auto"),
    "CORAL, own mean": CORAL(match_means=False),
    "SubspaceAlignment": SubspaceAlignment(2),
    "TCA": TCA(2, gamma=0.1),
    "TCA, linear": TCA(2, kernel="linear"),
    "JDA": JDA(2, gamma=0.1),
    "JDA, linear": JDA(2, kernel="linear"),
    "OptimalTransport": OptimalTransport(),
    "Sinkhorn": OptimalTransport(0.1, norm="median"),
    "Sinkhorn, classes": OptimalTransport(0.1, class_reg=0.01, norm="max"),
}
WITH_LABELS = ("JDA", "JDA, linear", "Sinkhorn, classes")

each = pytest.mark.parametrize("model", [clone(m) for m in ALIGNERS.values()], ids=ALIGNERS)


def domains(n=60, m=45, d=5, seed=0):
    """Two classes; the target is stretched and moved."""
    rng = np.random.default_rng(seed)
    ys = np.arange(n) % 2
    Xs, Xt = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    Xs[:, 0] += 4 * ys
    Xt[:, 0] += 4 * (np.arange(m) % 2)
    return Xs, Xt * np.linspace(0.7, 1.5, d) + 1, ys


@each
def test_one_row_is_mapped_like_the_batch(model):
    Xs, Xt, ys = domains()
    Zs, Zt = model.fit_transform(Xs, Xt, ys)
    new = np.random.default_rng(1).normal(size=(7, 5))
    for transform, X, Z in (
        (model.transform_source, Xs, Zs),
        (model.transform_target, Xt, Zt),
        (model.transform_source, new, model.transform_source(new)),
    ):
        one_by_one = np.concatenate([transform(x[None]) for x in X])
        np.testing.assert_allclose(one_by_one, Z, atol=1e-10)


@each
def test_the_order_of_the_rows_does_not_matter(model):
    Xs, Xt, ys = domains()
    rng = np.random.default_rng(2)
    order_s, order_t = rng.permutation(60), rng.permutation(45)
    Zs, Zt = model.fit_transform(Xs, Xt, ys)
    As, At = clone(model).fit_transform(Xs[order_s], Xt[order_t], ys[order_s])
    np.testing.assert_allclose(As, Zs[order_s], atol=1e-7)
    np.testing.assert_allclose(At, Zt[order_t], atol=1e-7)


@each
def test_clone_parameters_and_pickle(model):
    Xs, Xt, ys = domains()
    Z = model.fit(Xs, Xt, ys).transform_source(Xs)
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    assert not [name for name in vars(twin) if name.endswith("_")]
    np.testing.assert_array_equal(twin.fit(Xs, Xt, ys).transform_source(Xs), Z)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform_source(Xs), Z)
    name, value = next(iter(model.get_params().items()))
    assert type(model)().set_params(**{name: value}).get_params()[name] == value


@each
def test_frames_and_single_precision(model):
    Xs, Xt, ys = domains()
    Z = model.fit(Xs, Xt, ys).transform_source(Xs)
    names = list("abcde")
    frame = clone(model).fit(pd.DataFrame(Xs, columns=names), pd.DataFrame(Xt, columns=names), ys)
    again = frame.transform_source(pd.DataFrame(Xs, columns=names))
    np.testing.assert_allclose(again, Z, atol=1e-9 * np.abs(Z).max())
    with pytest.raises(ValueError, match="X: got columns"):
        frame.transform_target(pd.DataFrame(Xt, columns=names[::-1]))
    single = clone(model).fit(Xs.astype("float32"), Xt.astype("float32"), ys)
    for transform in (single.transform_source, single.transform_target):
        assert transform(Xs.astype("float32")).dtype == np.float32
        assert transform(Xs).dtype == np.float64
    np.testing.assert_allclose(single.transform_source(Xs), Z, atol=2e-3 * np.abs(Z).max())


@each
def test_fit_leaves_its_inputs_alone(model):
    Xs, Xt, ys = domains()
    before = Xs.copy(), Xt.copy()
    model.fit_transform(Xs, Xt, ys)
    np.testing.assert_array_equal(Xs, before[0])
    np.testing.assert_array_equal(Xt, before[1])


@each
def test_refuses_what_it_cannot_use(model):
    Xs, Xt, ys = domains()
    for transform in (clone(model).transform_source, clone(model).transform_target):
        with pytest.raises(NotFittedError, match=r"call fit\(Xs, Xt\)"):
            transform(Xs)
    with pytest.raises(ValueError, match="Xs: got a sparse matrix"):
        model.fit(sparse.csr_matrix(Xs), Xt, ys)
    with pytest.raises(ValueError, match="Xt: got rows of shape"):
        model.fit(Xs, Xt[:, :3], ys)
    with pytest.raises(ValueError, match="Xt: got 1 values that are NaN"):
        model.fit(Xs, np.where(np.arange(225).reshape(45, 5) == 7, np.nan, Xt), ys)
    with pytest.raises(ValueError, match="Xt: got 0 rows"):
        model.fit(Xs, Xt[:0], ys)
    with pytest.raises(ValueError, match="got 4 features, want 5"):
        model.fit(Xs, Xt, ys).transform_source(Xs[:, :4])


@each
def test_more_features_than_rows_and_a_constant_feature(model):
    Xs, Xt, ys = domains(12, 9, 30)
    Xs[:, 4] = Xt[:, 4] = 2.0
    Zs, Zt = model.fit_transform(Xs, Xt, ys)
    assert np.isfinite(Zs).all() and np.isfinite(Zt).all()
    assert Zs.shape == (12, Zt.shape[1])


@each
def test_identical_samples_need_no_alignment(model):
    Xs, _, ys = domains()
    Zs, Zt = model.fit_transform(Xs, Xs, ys)
    scale = np.abs(Zt).max()
    if isinstance(model, OptimalTransport) and model.reg:
        # Entropy moves every row toward the middle; the mean stays.
        np.testing.assert_allclose(Zs.mean(0), Zt.mean(0), atol=1e-6 * scale)
    else:
        np.testing.assert_allclose(Zs, Zt, atol=1e-8 * scale)


@pytest.mark.parametrize("name", ["PCA", "SubspaceAlignment", "TCA", "TCA, linear", "JDA"])
def test_too_many_components(name):
    Xs, Xt, ys = domains(6, 5, 4)
    for wrong in (0, 1.5, 11, True):
        with pytest.raises(ValueError, match="n_components: got"):
            clone(ALIGNERS[name]).set_params(n_components=wrong).fit(Xs, Xt, ys)


@pytest.mark.parametrize("name", WITH_LABELS)
def test_methods_that_need_source_labels_say_so(name):
    Xs, Xt, ys = domains()
    bad = ((None, "ys: got None"), (ys[:5], "ys: got 5 labels"), (0 * ys, "ys: got 1"))
    for wrong, words in bad:
        with pytest.raises(ValueError, match=words):
            clone(ALIGNERS[name]).fit(Xs, Xt, wrong)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (PCA(2, on="target"), "on: got 'target'"),
        (CORAL(1.5), "shrinkage: got 1.5"),
        (CORAL("oas"), "shrinkage: got 'oas'"),
        (TCA(kernel="poly"), "kernel: got 'poly'"),
        (TCA(gamma="auto"), "gamma: got 'auto'"),
        (TCA(gamma=0), "gamma: got 0"),
        (TCA(mu=-1), "mu: got -1"),
        (JDA(iterations=0), "iterations: got 0"),
        (OptimalTransport(reg=0), "reg: got 0"),
        (OptimalTransport(norm="log"), "norm: got 'log'"),
        (OptimalTransport(class_reg=1), "reg: got None, class_reg needs"),
        (OptimalTransport(class_reg=-1), "class_reg: got -1"),
        (OptimalTransport(class_penalty="l2"), "class_penalty: got 'l2'"),
        (OptimalTransport(max_iter=0), "max_iter: got 0"),
    ],
)
def test_bad_parameters_are_named_in_fit(model, words):
    with pytest.raises(ValueError, match=words):
        model.fit(*domains())
