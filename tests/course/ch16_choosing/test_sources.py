"""The twelve sources, their networks, and what is known of them."""

import numpy as np
import pandas as pd
import pytest
import torch

from tlbook.course import studies
from tlbook.course.ch16_choosing import cases, networks, scores, shifts, tables
from tlbook.course.results import stored
from tlbook.sources import regret, weighted_tau


def test_sources_of_the_same_characters_share_their_drawings():
    digits, shuffled, few, mirrored = (
        cases.source(name, 3)
        for name in (
            "digits", "digits, labels shuffled", "digits, 60 rows", "digits, mirrored",
        )
    )  # fmt: skip
    assert np.array_equal(digits.X, shuffled.X) and not np.array_equal(digits.y, shuffled.y)
    assert abs((digits.y == shuffled.y).mean() - 0.1) < 0.03
    assert np.array_equal(few.X, digits.X[:60]) and few.classes == 10
    pictures = digits.X.reshape(-1, 8, 8)
    assert np.array_equal(mirrored.X.reshape(-1, 8, 8), pictures[:, :, ::-1])
    assert len(digits.X) == cases.ROWS and len(digits.X_held_out) == cases.HELD_OUT


def test_more_labels_contain_the_fewer_and_are_not_tested():
    few, many = cases.target(2, 5), cases.target(2, 20)
    assert np.bincount(few.y).tolist() == [5] * 10 and np.bincount(many.y).tolist() == [20] * 10
    rows = {row.tobytes() for row in many.X}
    assert {row.tobytes() for row in few.X} <= rows
    # One scan of the data set comes twice; no other row of the test part is among the labeled ones.
    assert sum(row.tobytes() in rows for row in few.X_held_out) <= 1


def test_networks_side_by_side_are_those_of_one_after_the_other():
    here = cases.target(0, 2)
    nets = [networks.fresh(10, seed) for seed in (0, 1)]
    keep = np.stack([np.ones(20), np.arange(20) % 2])
    answer = networks.fine_tuned(nets, here.X, here.y, keep, 30, 3e-3)(here.X_held_out)
    for i, net in enumerate(nets):
        rows = keep[i] == 1
        alone = networks.descend(net, here.X[rows], here.y[rows], 30, 3e-3, 0)
        same = networks.outputs(alone, here.X_held_out).argmax(1) == answer[i]
        assert same.mean() > 0.99


def test_a_new_head_leaves_the_body_and_the_source_network_alone():
    net = networks.fresh(26, 0)
    other = networks.with_new_head(net, 10, 0)
    assert net[-1].out_features == 26 and other[-1].out_features == 10
    assert torch.equal(net[0].weight, other[0].weight)
    with torch.no_grad():
        other[0].weight += 1
    assert not torch.equal(net[0].weight, other[0].weight)


@pytest.mark.parametrize("name", shifts.SHIFTS)
def test_shifted_rows_are_pictures_with_labels(name):
    X, y = shifts.shifted(name, 0)
    assert X.shape == (len(y), 64) and X.dtype == np.float32 and X.min() >= 0 and X.max() <= 1
    rare = np.isin(y, range(5)).mean()
    assert (rare < 0.15) if "rare" in name else (rare > 0.4)


@pytest.mark.parametrize("name", ["source_choice", "target_estimates"])
def test_the_stored_rows_are_the_cases_in_order(name):
    listed = pd.DataFrame(studies.get(name).listed())
    rows = stored.load(name)[list(listed)].drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(rows, listed, check_dtype=False)


def test_the_score_that_never_sees_the_target_is_what_its_name_says():
    frame = stored.load("source_choice")
    row = frame[frame.source == "capitals, 300 rows"].iloc[0]
    assert row["log(rows × classes)"] == pytest.approx(np.log(300 * 26))
    assert set(scores.SCORES) | set(scores.DISTANCES) < set(frame.columns)


@pytest.mark.parametrize("truth", list(tables.TRUTHS))
def test_judged_is_the_mean_over_the_seeds(truth):
    table = tables.judged(truth)
    T = 100 * tables.values(tables.TRUTHS[truth])
    S = tables.score_values(truth)["H-score"]
    tau = [weighted_tau(s, t) for s, t in zip(S, T, strict=True)]
    assert table.tau["H-score"] == pytest.approx(np.mean(tau))
    lost = [regret(s, t) for s, t in zip(S, T, strict=True)]
    assert table.regret["H-score"] == pytest.approx(np.mean(lost))
    assert (tables.TRIAL in table.index) == (truth != "linear probe")
    wins = tables.winners(truth, draws=20)
    assert wins.sum() == pytest.approx(1) and set(wins.index) == set(table.index[:-1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tables.values("speed"), "column: got 'speed'"),
        (lambda: tables.values("LogME", ("osmosis",)), "keep: got 'osmosis'"),
        (lambda: tables.judged("luck"), "truth: got 'luck'"),
        (lambda: shifts.shifted("snow", 0), "name: got 'snow'"),
    ],
)
def test_what_is_not_there_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
