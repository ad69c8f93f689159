"""Subspace alignment and PCA: against skada, scikit-learn and the definition."""

import numpy as np

from tlbook.features import PCA, SubspaceAlignment


def samples(n=80, m=60, d=7, seed=0):
    rng = np.random.default_rng(seed)
    spread = np.linspace(3, 0.3, d)
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return rng.normal(size=(n, d)) * spread + 1, (rng.normal(size=(m, d)) * spread) @ turn - 2


def test_agrees_with_skada():
    from skada import SubspaceAlignmentAdapter

    Xs, Xt = samples()
    domain = np.r_[np.ones(80), -np.ones(60)]
    theirs = SubspaceAlignmentAdapter(3, random_state=0).fit_transform(
        np.concatenate([Xs, Xt]), sample_domain=domain
    )
    Zs, Zt = SubspaceAlignment(3).fit_transform(Xs, Xt)
    np.testing.assert_allclose(np.abs(Zs), np.abs(theirs[:80]), atol=1e-8)
    np.testing.assert_allclose(np.abs(Zt), np.abs(theirs[80:]), atol=1e-8)
    np.testing.assert_allclose(Zs @ Zt.T, theirs[:80] @ theirs[80:].T, atol=1e-8)


def test_the_alignment_is_the_best_one():
    """M minimizes |B_s M − B_t| over all matrices: a least-squares problem."""
    model = SubspaceAlignment(3).fit(*samples())
    Bs, Bt = model.components_source_.T, model.components_target_.T
    np.testing.assert_allclose(model.alignment_, np.linalg.lstsq(Bs, Bt, rcond=None)[0], atol=1e-12)


def test_a_shift_of_the_mean_disappears_and_a_small_turn_is_undone():
    Xs, _ = samples()
    Zs, Zt = SubspaceAlignment(3).fit_transform(Xs, Xs + 5)
    np.testing.assert_allclose(Zs, Zt, atol=1e-9)
    turn = np.eye(7)
    turn[:2, :2] = [[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]]
    Zs, Zt = SubspaceAlignment(1).fit_transform(Xs, Xs @ turn.T)
    # One component: the source's coordinate, shortened by the cosine between the two axes.
    model = SubspaceAlignment(1).fit(Xs, Xs @ turn.T)
    np.testing.assert_allclose(Zs, Zt * model.alignment_[0, 0], atol=1e-9)
    assert 0.85 < model.alignment_[0, 0] < 1


def test_pca_of_the_source_sees_no_target():
    Xs, Xt = samples()
    one, other = PCA(2, on="source").fit(Xs, Xt), PCA(2, on="source").fit(Xs, Xt * 9)
    np.testing.assert_array_equal(one.components_, other.components_)
    both = PCA(2).fit(Xs, Xt)
    assert np.abs(both.components_ - one.components_).max() > 0.1
    np.testing.assert_allclose(both.mean_, np.concatenate([Xs, Xt]).mean(0), atol=1e-12)


def test_a_share_of_the_variance_keeps_the_fewest_components_that_hold_it():
    Xs, Xt = samples()
    model = SubspaceAlignment(0.8).fit(Xs, Xt)
    kept = []
    for rows, P in ((Xs, model.components_source_), (Xt, model.components_target_)):
        values = np.linalg.eigvalsh(np.cov(rows.T))[::-1]
        held = np.cumsum(values) / values.sum()
        assert held[len(P) - 1] > 0.8 >= held[len(P) - 2]
        kept.append(len(P))
    assert model.alignment_.shape == tuple(kept)
    assert model.transform_source(Xs).shape[1] == model.transform_target(Xt).shape[1] == kept[1]
    assert len(PCA().fit(Xs, Xt).components_) > 2


def test_wide_rows_have_the_components_of_their_svd():
    rng = np.random.default_rng(1)
    for n, d in ((60, 80), (60, 200)):
        X = rng.normal(size=(n, d)) * np.linspace(5, 0.1, d)
        P = PCA(4, on="source").fit(X, X).components_
        V = np.linalg.svd(X - X.mean(0), full_matrices=False)[2][:4]
        np.testing.assert_allclose(np.abs(P @ V.T), np.eye(4), atol=1e-7)


def test_pca_is_that_of_the_covariance():
    Xs, Xt = samples()
    model = PCA(3).fit(Xs, Xt)
    values, vectors = np.linalg.eigh(np.cov(np.concatenate([Xs, Xt]).T))
    np.testing.assert_allclose(model.explained_variance_, values[::-1][:3], rtol=1e-9)
    np.testing.assert_allclose(
        np.abs(model.components_ @ vectors[:, ::-1][:, :3]), np.eye(3), atol=1e-9
    )
    np.testing.assert_allclose(model.transform_source(Xs), model.transform_target(Xs))
