"""The permutation test: exactness, level, power, ties."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy import stats

from tlbook.distances import mmd2, mmd_power, mmd_test
from tlbook.distances.permutation import _relabelings


def draw(seed, n=25, m=35, d=2, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(m, d)) + shift


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_statistic_and_null_are_the_mmd_of_relabeled_data(kernel):
    X, Y = draw(0, shift=0.3)
    bandwidth = (1.0, 2.0, 3.0) if kernel == "rbf" else "median"
    result = mmd_test(X, Y, 20, bandwidth, kernel, seed=4, block=16)
    assert result.statistic == pytest.approx(mmd2(X, Y, bandwidth, kernel=kernel), abs=1e-12)
    pooled = np.concatenate([X, Y])
    labels = _relabelings(len(X), len(Y), 20, seed=4).astype(bool)
    assert labels[:, 0].tolist() == [True] * 25 + [False] * 35
    for column, value in zip(labels.T[1:], result.null, strict=True):
        again = mmd2(pooled[column], pooled[~column], bandwidth, kernel=kernel)
        assert value == pytest.approx(again, abs=1e-12)
    expected = (1 + (result.null >= result.statistic).sum()) / 21
    assert result.p_value == expected


def test_level_p_values_are_uniform_where_p_equals_q():
    p_values = [mmd_test(*draw(seed), permutations=99, seed=seed).p_value for seed in range(400)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert 0.02 < np.mean(np.array(p_values) <= 0.05) < 0.085


def gap(shift=0.0, scale=1.0, n=40):
    return lambda rng: (rng.normal(size=(n, 2)), rng.normal(shift, scale, size=(n, 2)))


def test_power_grows_with_the_shift():
    assert mmd_power(gap(0.3), 60) < mmd_power(gap(0.6), 60)
    assert mmd_power(gap(0.9), 60) > 0.9
    assert mmd_power(gap(0.0), 200) < 0.1
    assert mmd_power(gap(0.3), 20, seed=3) == mmd_power(gap(0.3), 20, seed=3)
    assert mmd_power(gap(0.0), 20, level=1.0) == 1.0


def test_linear_kernel_has_no_power_against_a_change_of_variance():
    assert mmd_power(gap(scale=2.0), 40) > 0.9
    assert mmd_power(gap(scale=2.0), 40, kernel="linear") < 0.2


def test_power_refuses_bad_input():
    with pytest.raises(ValueError, match="trials: got 0"):
        mmd_power(gap(), 0)
    with pytest.raises(ValueError, match="level: got 2"):
        mmd_power(gap(), 5, level=2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_relabelings_equal_on_paper_are_ties(dtype, kernel):
    X = np.array([[0.1], [0.3], [0.7]], dtype)
    Y = np.array([[1.1], [1.9], [5.3]], dtype)
    result = mmd_test(X, Y, 4000, kernel=kernel, seed=1)
    # 20 splits of six points, each as likely; count those at least as large, exactly.
    pooled = np.concatenate([X, Y]).astype(float)
    values = []
    for chosen in combinations(range(6), 3):
        mask = np.isin(np.arange(6), chosen)
        values.append(
            mmd2(pooled[mask], pooled[~mask], 1.5 if kernel == "rbf" else "median", kernel=kernel)
        )
    if kernel == "rbf":
        result = mmd_test(X, Y, 4000, 1.5, seed=1)
    share = np.mean(np.array(values) >= values[0] - 1e-9)
    assert result.p_value == pytest.approx(share, abs=0.025)


def test_p_value_is_never_zero():
    X, Y = draw(0, shift=50.0)
    assert mmd_test(X, Y, 19).p_value == pytest.approx(1 / 20)


def test_tensors_precision_and_blocks():
    X, Y = draw(3, shift=0.3)
    exact = mmd_test(X, Y, 200)
    tensors = mmd_test(torch.tensor(X, requires_grad=True), torch.tensor(Y), 200, block=7)
    assert tensors.statistic == pytest.approx(exact.statistic, abs=1e-12)
    assert tensors.null == pytest.approx(exact.null, abs=1e-12)
    assert tensors.p_value == exact.p_value
    with torch.autocast("cpu", dtype=torch.bfloat16):
        single = mmd_test(torch.tensor(X).float(), torch.tensor(Y).float(), 200)
    assert single.null == pytest.approx(exact.null, abs=1e-6)
    far = mmd_test(np.float32(X + 1000), np.float32(Y + 1000), 200)
    assert far.null == pytest.approx(exact.null, abs=1e-4)
    assert mmd_test(X, Y, 50, seed=2).p_value == mmd_test(X, Y, 50, seed=2).p_value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"permutations": 0}, "permutations: got 0"),
        ({"permutations": 9.5}, "permutations: got 9.5"),
        ({"kernel": "cubic"}, "kernel: got 'cubic'"),
        ({"kernel": "linear", "bandwidth": 1.0}, "bandwidth: got 1.0, but the linear"),
        ({"bandwidth": 0.0}, "bandwidth: got "),
        ({"X": np.zeros((1, 2))}, "X: got 1 rows"),
        ({"block": -3}, "block: got -3"),
    ],
)
def test_bad_input(change, message):
    X, Y = draw(0)
    with pytest.raises(ValueError, match=message):
        mmd_test(**({"X": X, "Y": Y} | change))


def test_a_result_prints_one_line():
    X = np.random.default_rng(0).normal(size=(20, 2))
    text = repr(mmd_test(X, X + 1, permutations=200))
    assert "\n" not in text
    assert len(text) < 100
    assert "p_value=0.00" in text
