"""Naive Bayes taken apart: each arm differs in what its name says, and the story holds."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from tlbook.course.ch14_text_practice.studies import text_votes, text_word_tuning, text_words
from tlbook.course.ch14_text_practice.word_settings import WORD_GRID, WORD_SETTINGS
from tlbook.course.ch14_text_practice.words import (
    VOCABULARIES,
    WORD_METHODS,
    BalancedNB,
    EvenGaussian,
    WordMethod,
    neutral_even,
    usual,
)
from tlbook.course.results import stored
from tlbook.course.studies import best, words
from tlbook.domains import Task

SOURCE = (["matrix rank"] * 6 + ["draw dice"] * 2, [0] * 6 + [1] * 2)
TARGET = ["matrix momentum", "draw adam", "dice adam"]


def task_of(source=SOURCE, target=TARGET):
    X, y = np.array([*source[0], None], dtype=object)[:-1], np.array(source[1])
    Xt = np.array([*target, None], dtype=object)[:-1]
    rest = (Xt, np.zeros(len(Xt), dtype=int))
    test = (rest[0][::-1], rest[1])
    return Task.from_arrays(source=(X, y), validation=(X, y), target_train=rest, target_test=test)


def test_settings_are_those_that_won_on_the_pseudo_tasks():
    frame = stored.load("text_word_tuning")
    assert {arm: words(settings) for arm, settings in WORD_SETTINGS.items()} == best(frame, "arm")
    assert list(WORD_GRID) == list(WORD_METHODS)
    for arm, grid in WORD_GRID.items():
        assert set(frame[frame.arm == arm].settings) == {words(settings) for settings in grid}


def test_development_seeds_are_not_those_of_the_results():
    assert min(text_word_tuning.SEEDS) >= 100
    for study in (text_words, text_votes):
        assert max(study.SEEDS) < 100 and len(study.SEEDS) == 8


def test_a_word_of_the_target_alone_votes_only_where_it_is_a_column_and_smoothing_is_usual():
    unseen = np.array(["momentum adam"], dtype=object)
    answer = {
        (voc, make): WordMethod(voc, make)(task_of(), 0, alpha=0.1)(unseen).tolist()
        for voc in VOCABULARIES
        for make in (usual, neutral_even)
    }
    assert answer["both", usual] == [1]  # the small class, against the class mix
    assert answer["source", usual] == [0]  # nothing is known: the class mix decides
    assert answer["both", neutral_even] == answer["source", neutral_even] == [0]  # a tie


def test_a_balanced_source_is_the_weights_of_scikit_learn():
    rng = np.random.default_rng(0)
    Z, y = rng.random((40, 5)), np.repeat([0, 1], [30, 10])
    weights = compute_sample_weight("balanced", y)
    wanted = usual(0.3).fit(Z, y, sample_weight=weights)
    assert np.allclose(BalancedNB(alpha=0.3).fit(Z, y).predict_proba(Z), wanted.predict_proba(Z))


def test_an_even_gaussian_expects_all_classes_equally_often():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], [200, 30, 30])
    Z = rng.normal(size=(260, 3)) + np.eye(3)[y]
    model = EvenGaussian(0.1).fit(Z, y)
    assert model.model_.priors_ == pytest.approx([1 / 3] * 3)
    assert np.bincount(model.predict(Z)).min() > 30


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (WordMethod("all", usual), {}, "vocabulary: got 'all'"),
        (WordMethod("both", usual), {"C": 1.0}, "settings: got 'C', want some of alpha"),
    ],
)
def test_bad_input_gets_a_clear_message(make, settings, message):
    with pytest.raises(ValueError, match=message):
        make(task_of(), 0, **settings)


def test_votes_are_put_back_for_unseen_words_alone():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(6), [30, 8, 4, 12, 9, 20])
    Z = rng.random((len(y), 12))
    Z[:, 10:] = 0
    none, as_usual, dealt = (text_votes.Voting(0.1, shift).fit(Z, y) for shift in (-1, 0, 1))
    theta = [model.feature_log_prob_ for model in (none, as_usual, dealt)]
    assert np.allclose(theta[0][:, :10], theta[1][:, :10])
    assert np.ptp(theta[0][:, 10]) == pytest.approx(0)
    assert theta[1][:, 10].argmax() == 2 and theta[2][:, 10].argmax() == 3


def test_the_stored_tables_tell_the_story():
    frame = stored.load("text_words").pivot_table(index="seed", columns="arm", values="accuracy")
    assert len(frame) == 8 and set(frame.columns) == set(WORD_METHODS)
    kinds = {
        kind: frame[f"{kind} + self-training (both words)"]
        for kind in ("NB", "neutral NB", "balanced NB")
    }
    assert (kinds["NB"] - kinds["neutral NB"]).min() > 0.03
    assert abs((kinds["balanced NB"] - kinds["NB"]).mean()) < 0.03
    old = frame["balanced NB + self-training (source words)"]
    assert 0 < (kinds["balanced NB"] - old).mean() < 0.05


@pytest.mark.slow
def test_a_seed_run_again_gives_its_stored_rows():
    frame = stored.load("text_words")
    arm = "balanced NB + self-training (both words)"
    want = frame.query("arm == @arm and seed == 3").iloc[0]
    found = text_words.transfer(arm, 3)
    for key in ("accuracy", "source", "fresh", "answered_2"):
        assert found[key] == pytest.approx(want[key], abs=0.02), key
