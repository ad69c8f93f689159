"""The stored tables of chapter 10 as the notebook reads them."""

import numpy as np

from tlbook.course.ch10_adversarial.pictures import paired_gains
from tlbook.course.ch10_adversarial.studies.adversarial_adda_tuning import best
from tlbook.course.ch10_adversarial.studies.adversarial_parts import NETWORKS
from tlbook.course.ch10_adversarial.tables import eight_tasks, parts_table
from tlbook.course.results import stored
from tlbook.course.studies import words


def test_each_network_in_each_game_has_eight_seeds():
    runs = parts_table().groupby(["network", "game"]).seed.agg(["nunique", "size"])
    assert (runs == 8).all(axis=None)
    games = {"own loop, no game", "own game, 0.1", "source only", "DANN", "CDAN"}
    for network in NETWORKS:
        assert games <= set(runs.loc[network].index)


def test_adda_stands_in_the_table_as_it_was_tuned_last():
    table, old = eight_tasks(), stored.load("adaptation_table")
    assert list(table.index) == list(range(8)) and not table.isna().any(axis=None)
    for method, rows in old.groupby("method"):
        same = np.array_equal(table[method], rows.sort_values("seed").accuracy)
        assert same == (method != "ADDA")
    chosen = best(stored.load("adversarial_adda_tuning"))
    assert {words(s) for s in chosen.values()} == set(stored.load("adversarial_adda").settings)


def test_a_picture_of_paired_gains_has_a_row_for_each():
    gains = {"DANN": np.array([0.1, 0.2, 0.3]), "mine": np.array([-0.1, 0.0, 0.1])}
    fig = paired_gains(gains, "Mine does not gain", "points", {"mine": "#222222"})
    (ax,) = fig.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["DANN", "mine"]
    bar = next(line for line in ax.lines if len(line.get_xdata()) == 2)
    assert np.isclose(np.mean(bar.get_xdata()), 20)
