"""Optimal transport: POT's plans, the map of new rows, convergence said aloud."""

import numpy as np
import ot
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from tlbook.features import AdaptedClassifier, OptimalTransport, transport


def samples(n=40, m=30, d=3, seed=0):
    rng = np.random.default_rng(seed)
    ys = np.arange(n) % 2
    return rng.normal(size=(n, d)) + 2 * ys[:, None], rng.normal(size=(m, d)) * 1.3 + 1, ys


def pot_transport(model):
    """POT's estimator for the same problem."""
    if model.reg is None:
        return ot.da.EMDTransport(norm=model.norm)
    if not model.class_reg:
        return ot.da.SinkhornTransport(
            reg_e=model.reg, norm=model.norm, max_iter=10_000, out_of_sample_map="ferradans"
        )
    kinds = {"lpl1": ot.da.SinkhornLpl1Transport, "l1l2": ot.da.SinkhornL1l2Transport}
    return kinds[model.class_penalty](
        reg_e=model.reg, reg_cl=model.class_reg, norm=model.norm, max_inner_iter=10_000
    )


MODELS = {
    "exact": OptimalTransport(),
    "exact, normalized": OptimalTransport(norm="max"),
    "Sinkhorn": OptimalTransport(1.0),
    "Sinkhorn, normalized": OptimalTransport(0.05, norm="median"),
    "lpl1": OptimalTransport(0.1, class_reg=0.02, norm="median"),
    "l1l2": OptimalTransport(0.1, class_reg=0.1, class_penalty="l1l2", norm="median"),
}


@pytest.mark.parametrize("name", MODELS)
def test_plan_and_map_agree_with_pot(name):
    Xs, Xt, ys = samples()
    model = MODELS[name]
    Zs = model.fit_transform(Xs, Xt, ys)[0]
    theirs = pot_transport(model).fit(Xs=Xs, Xt=Xt, ys=ys if model.class_reg else None)
    tolerance = 1e-12 if model.reg is None else 1e-7
    np.testing.assert_allclose(model.plan_, theirs.coupling_, atol=tolerance)
    np.testing.assert_allclose(Zs, theirs.transform(Xs), atol=1000 * tolerance)
    new = np.random.default_rng(1).normal(size=(9, 3))
    np.testing.assert_allclose(
        model.transform_source(new), theirs.transform(new), atol=1000 * tolerance
    )
    np.testing.assert_allclose(model.plan_.sum(1), 1 / 40, atol=1e-6)
    np.testing.assert_allclose(model.plan_.sum(0), 1 / 30, atol=1e-6)


def test_agrees_with_skadas_mapping():
    from skada import OTMappingAdapter

    Xs, Xt, ys = samples()
    theirs = OTMappingAdapter().fit_transform(
        np.concatenate([Xs, Xt]),
        np.r_[ys, -np.ones(30)],
        sample_domain=np.r_[np.ones(40), -np.ones(30)],
    )
    Zs, Zt = OptimalTransport().fit_transform(Xs, Xt)
    np.testing.assert_allclose(Zs, theirs[:40], atol=1e-9)
    np.testing.assert_allclose(Zt, theirs[40:])


def test_the_target_stays_and_the_source_lands_in_its_hull():
    Xs, Xt, _ = samples()
    Zs, Zt = OptimalTransport().fit_transform(Xs, Xt)
    np.testing.assert_array_equal(Zt, Xt)
    assert (Zs.min(0) >= Xt.min(0) - 1e-12).all() and (Zs.max(0) <= Xt.max(0) + 1e-12).all()
    np.testing.assert_allclose(Zs.mean(0), Xt.mean(0), atol=1e-12)


def test_a_translation_is_found_exactly():
    Xs, _, _ = samples()
    model = OptimalTransport().fit(Xs, Xs[::-1] + [3, 0, -1])
    np.testing.assert_allclose(model.images_, Xs + [3, 0, -1], atol=1e-12)
    new = np.random.default_rng(2).normal(size=(5, 3)) * 10
    np.testing.assert_allclose(model.transform_source(new), new + [3, 0, -1], atol=1e-12)
    assert model.cost_ == pytest.approx(10)


def test_the_exact_cost_is_the_squared_wasserstein_distance():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 1)), rng.normal(1, 2, size=(50, 1))
    model = OptimalTransport().fit(x, y)
    assert model.cost_ == pytest.approx(((np.sort(x[:, 0]) - np.sort(y[:, 0])) ** 2).mean())


def test_more_regularization_spreads_the_plan():
    Xs, Xt, _ = samples()
    plans = [OptimalTransport(reg).fit(Xs, Xt).plan_ for reg in (None, 0.3, 3, 1e4)]
    used = [np.exp(-(p[p > 0] * np.log(p[p > 0])).sum()) for p in plans]
    assert used == sorted(used)
    np.testing.assert_allclose(plans[-1], 1 / 1200, rtol=1e-2)


def test_equal_rows_share_one_image():
    Xs, Xt, _ = samples()
    Xs[1] = Xs[0]
    model = OptimalTransport().fit(Xs, Xt)
    np.testing.assert_array_equal(model.images_[0], model.images_[1])
    raw = model.plan_ @ Xt * 40
    np.testing.assert_allclose(model.images_[0], raw[:2].mean(0), atol=1e-12)


def test_far_from_the_origin_every_row_finds_itself():
    Xs, Xt, _ = samples(d=20, n=60)
    model = OptimalTransport().fit(Xs + 1e6, Xt + 1e6)
    np.testing.assert_allclose(model.transform_source(Xs + 1e6), model.images_, atol=1e-6)


def test_a_solver_that_did_not_finish_says_so():
    Xs, Xt, _ = samples()
    with pytest.warns(ConvergenceWarning, match="optimal transport"):
        OptimalTransport(0.01, max_iter=2).fit(Xs, Xt)
    with pytest.raises(ValueError, match="max_iter: got 1, too few steps to an exact plan"):
        OptimalTransport(max_iter=1).fit(Xs, Xt)


def test_the_plain_iteration_gives_the_plan_of_the_one_in_logarithms():
    Xs, Xt, _ = samples(200, 150)
    fast = OptimalTransport(0.02, norm="max").fit(Xs, Xt).plan_
    slow = OptimalTransport(0.02, norm="max", logarithms=True).fit(Xs, Xt).plan_
    np.testing.assert_allclose(fast, slow, rtol=1e-6, atol=1e-14)


def test_where_the_plain_iteration_would_underflow_the_logarithms_take_over():
    Xs, Xt, _ = samples()
    costs = transport.squared_costs(Xs, Xt, "max")
    assert np.exp(-costs / 0.0005).min() == 0
    plan = OptimalTransport(0.0005, norm="max", max_iter=100_000, tol=1e-6).fit(Xs, Xt).plan_
    np.testing.assert_allclose(plan.sum(1), 1 / 40, atol=1e-5)
    exact = OptimalTransport(norm="max").fit(Xs, Xt)
    assert (plan * costs).sum() == pytest.approx(exact.cost_, rel=0.01)


def test_a_regularization_that_underflows_is_refused():
    Xs, Xt, ys = samples()
    with pytest.raises(ValueError, match="reg: got 1e-05, too small"):
        OptimalTransport(1e-5, class_reg=1e-6).fit(Xs, Xt, ys)


def test_adaptation_beats_none_on_a_move_of_both_classes():
    def moved(seed):
        rng = np.random.default_rng(seed)
        y = np.arange(200) % 2
        X = rng.normal(size=(2, 200, 2))
        X[:, :, 0] += 4 * y
        return X[0], y, X[1] * [1.5, 0.7] + [3, 2], y

    accuracies = []
    for seed in range(100, 104):
        Xs, ys, Xt, yt = moved(seed)
        accuracies.append(
            [
                AdaptedClassifier(adapter, LogisticRegression(), Xt)
                .fit(Xs, ys)
                .score(Xt, yt, "target")
                for adapter in (None, OptimalTransport(), OptimalTransport(0.05, norm="median"))
            ]
        )
    none, exact, sinkhorn = np.mean(accuracies, axis=0)
    assert min(exact, sinkhorn) > none + 0.15
    assert min(exact, sinkhorn) > 0.93


def test_class_regularization_keeps_the_classes_apart():
    """Each target row receives less from its second class."""
    Xs, Xt, ys = samples(60, 60, seed=3)

    def mixing(model):
        mass = np.stack([model.fit(Xs, Xt, ys).plan_[ys == c].sum(0) for c in (0, 1)])
        return (mass.min(0) / mass.sum(0)).mean()

    plain = mixing(OptimalTransport(0.2, norm="median"))
    for penalty, class_reg in (("lpl1", 0.1), ("l1l2", 10.0)):
        classes = OptimalTransport(0.2, class_reg, penalty, norm="median")
        assert mixing(classes) < 0.85 * plain
