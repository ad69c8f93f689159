"""Tables of sources, rank correlation, regret and the noise ceiling."""

import numpy as np
import pytest

from tlbook.sources import SCORES, noise_ceiling, rank_sources, regret, weighted_tau


def tables(seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(90) % 3
    skills = {"poor": 0.0, "good": 4.0, "fair": 1.5}
    return {s: a * np.eye(3)[y] + rng.normal(size=(90, 3)) for s, a in skills.items()}, y


@pytest.mark.slow
def test_every_score_puts_three_clear_sources_into_their_order():
    sources, y = tables()
    for name in SCORES:
        assert rank_sources(sources, y, order=name).index.tolist() == ["good", "fair", "poor"]


def test_table_has_the_scores_asked_for_and_sources_of_different_width():
    sources, y = tables()
    sources["wide"] = np.hstack([sources["good"], np.ones((90, 4))])
    table = rank_sources(sources, y, {"width": lambda F, y: F.shape[1]}, order="width")
    assert table.index[0] == "wide"
    assert table.columns.tolist() == ["width"]


def test_an_error_names_its_source():
    sources, y = tables()
    with pytest.raises(ValueError, match=r"^sources\['bad'\]: y: got 90 labels, want 80"):
        rank_sources({**sources, "bad": sources["good"][:80]}, y)
    with pytest.raises(ValueError, match=r"^sources: got 1, want at least 2"):
        rank_sources({"good": sources["good"]}, y)
    with pytest.raises(ValueError, match=r"^order: got 'best'"):
        rank_sources(sources, y, order="best")


def test_weighted_tau_by_its_pairs():
    s, t = np.array([3.0, 1.0, 4.0, 2.0]), np.array([10.0, 20.0, 40.0, 30.0])

    def one_way(keys):
        rank = np.empty(4)
        rank[np.argsort(-keys)] = np.arange(4)
        pairs = [(i, j) for i in range(4) for j in range(i)]
        w = [1 / (rank[i] + 1) + 1 / (rank[j] + 1) for i, j in pairs]
        signs = [np.sign(s[i] - s[j]) * np.sign(t[i] - t[j]) for i, j in pairs]
        return np.dot(w, signs) / np.sum(w)

    assert weighted_tau(s, t) == pytest.approx((one_way(s) + one_way(t)) / 2)
    assert weighted_tau(-t, t) == pytest.approx(-1)
    assert weighted_tau([1, 1, 1, 1], t) == 0


def test_regret_is_never_negative_and_nothing_for_the_true_order():
    rng = np.random.default_rng(0)
    for _ in range(50):
        s, t = rng.normal(size=(2, 6))
        costs = [regret(s, t, k) for k in range(1, 7)]
        assert costs == sorted(costs, reverse=True)
        assert costs[-1] == 0
        assert regret(t, t) == 0
    with pytest.raises(ValueError, match=r"^k: got 7, want 1 … 6"):
        regret(s, t, 7)


def test_the_ceiling_falls_as_noise_drowns_the_differences_between_sources():
    rng = np.random.default_rng(0)
    truth = np.linspace(60, 70, 10)
    ceilings = [
        noise_ceiling(truth + noise * rng.normal(size=(8, 10))).mean() for noise in (0, 3, 100)
    ]
    assert ceilings[0] == pytest.approx(1)
    assert ceilings[0] > ceilings[1] > ceilings[2]
    assert abs(ceilings[2]) < 0.3
    assert len(noise_ceiling(np.ones((3, 4)))) == 6
