"""CORAL: the covariances agree, the scale does not matter, skada agrees."""

import numpy as np
import pytest

from tlbook.features import CORAL


def samples(n=300, m=200, d=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 3, rng.normal(
        size=(m, d)
    ) @ rng.normal(size=(d, d)) - 1


def shrunk(X, rho):
    C = np.cov(X.T, bias=True)
    return (1 - rho) * C + rho * np.trace(C) / len(C) * np.eye(len(C))


@pytest.mark.parametrize("rho", [0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_the_shrunk_covariances_agree(rho, scale):
    Xs, Xt = (scale * X for X in samples())
    model = CORAL(rho).fit(Xs, Xt)
    np.testing.assert_allclose(
        model.covariance_source_, shrunk(Xs, rho), rtol=1e-10, atol=1e-12 * scale**2
    )
    mapped = model.matrix_.T @ shrunk(Xs, rho) @ model.matrix_
    target = shrunk(Xt, rho)
    assert np.abs(mapped - target).max() < 1e-6 * np.abs(target).max() * 1e-4


def test_without_shrinkage_the_mapped_sample_has_the_moments_of_the_target():
    Xs, Xt = samples()
    Zs, Zt = CORAL(0).fit_transform(Xs, Xt)
    np.testing.assert_allclose(
        np.cov(Zs.T, bias=True), np.cov(Xt.T, bias=True), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(Zs.mean(0), Xt.mean(0), atol=1e-10)
    np.testing.assert_array_equal(Zt, Xt)


def test_the_mean_can_stay():
    Xs, Xt = samples()
    moved, kept = (
        CORAL().fit_transform(Xs, Xt)[0],
        CORAL(match_means=False).fit_transform(Xs, Xt)[0],
    )
    np.testing.assert_allclose(kept.mean(0), Xs.mean(0), atol=1e-10)
    np.testing.assert_allclose(moved - kept, np.tile(Xt.mean(0) - Xs.mean(0), (300, 1)), atol=1e-10)


def test_the_unit_of_the_features_does_not_matter():
    Xs, Xt = samples()
    one, thousand = CORAL(0.1).fit(Xs, Xt), CORAL(0.1).fit(1000 * Xs, 1000 * Xt)
    np.testing.assert_allclose(one.matrix_, thousand.matrix_, atol=1e-10)


def test_full_shrinkage_only_matches_the_total_variance():
    Xs, Xt = samples()
    ratio = Xt.var(0).sum() / Xs.var(0).sum()
    np.testing.assert_allclose(CORAL(1).fit(Xs, Xt).matrix_, np.sqrt(ratio) * np.eye(6), atol=1e-12)


@pytest.mark.parametrize("reg", [None, 0.2])
def test_agrees_with_skada(reg):
    from skada import CORALAdapter

    Xs, Xt = samples()
    domain = np.r_[np.ones(300), -np.ones(200)]
    theirs = CORALAdapter(reg=reg).fit_transform(np.r_[Xs, Xt], sample_domain=domain)
    Zs, Zt = CORAL(reg or 0).fit_transform(Xs, Xt)
    # skada moves both domains to mean zero, we leave the target where it is.
    np.testing.assert_allclose(Zs - Xt.mean(0), theirs[:300], atol=1e-9)
    np.testing.assert_allclose(Zt - Xt.mean(0), theirs[300:], atol=1e-9)


def test_ledoit_wolf_is_scikit_learns():
    from sklearn.covariance import ledoit_wolf

    Xs, Xt = samples(20, 15)
    model = CORAL("auto").fit(Xs, Xt)
    covariance, rho = ledoit_wolf(Xs)
    assert model.shrinkage_[0] == pytest.approx(rho)
    assert model.shrinkage_[0] != model.shrinkage_[1]
    np.testing.assert_allclose(model.covariance_source_, covariance, rtol=1e-10)


def test_a_singular_source_needs_shrinkage_and_is_told_so():
    Xs, Xt = samples(5, 200)
    with pytest.raises(ValueError, match="shrinkage: got 0, but .* rank 4 of 6"):
        CORAL(0).fit(Xs, Xt)
    with pytest.raises(ValueError, match="rank 0 of 6"):
        CORAL(0.5).fit(np.ones((5, 6)), Xt)
    assert np.isfinite(CORAL(0.01).fit(Xs, Xt).matrix_).all()
    assert np.isfinite(CORAL(0).fit(Xt, Xs).matrix_).all()  # a singular target is no problem
