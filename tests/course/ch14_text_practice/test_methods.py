"""The methods of chapter 14: settings are those that won, inputs are checked, the story holds."""

import numpy as np
import pytest
from sklearn.naive_bayes import MultinomialNB

from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_parts, pseudo_task, some_of_each
from tlbook.course.ch14_text_practice.fresh import SENTENCES, fresh_sentences
from tlbook.course.ch14_text_practice.methods import (
    FEW_LABEL_METHODS,
    METHODS,
    _tempered,
    bayes,
    vectors,
)
from tlbook.course.ch14_text_practice.settings import (
    FEW_LABEL_GRID,
    FEW_LABEL_SETTINGS,
    GRID,
    SETTINGS,
)
from tlbook.course.ch14_text_practice.studies import (
    text_few_labels,
    text_few_tuning,
    text_transfer,
    text_tuning,
)
from tlbook.course.results import stored
from tlbook.course.studies import best, words
from tlbook.data.docstrings.clean import _LEAKS
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.docstrings.duplicates import near_duplicates
from tlbook.data.docstrings.places import TOPICS
from tlbook.domains import Task

THINGS = (
    ("matrix", "rows", "columns", "solve", "factor"),
    ("draw", "sample", "dice", "chance", "mean"),
)


def texts_of(n, seed=0, extra=(), noise=0.0):
    """Return n texts of four words on two topics; ``extra`` adds a word that goes with topic 1.

    With ``noise`` a word comes from the other topic with that probability.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    rows = []
    for c in y:
        words_ = [rng.choice(THINGS[c ^ (rng.random() < noise)]) for _ in range(4)]
        rows.append(" ".join([*words_, *(rng.choice(extra, 1) if extra and c else ())]))
    return np.array([*rows, None], dtype=object)[:-1], y


def task_of(source, target, few=None):
    """Return a task whose target labels play no part unless ``few`` are there to be bought."""
    target_train = (target, np.zeros(len(target), dtype=int)) if few is None else few
    test = ([*target, target[0]], np.zeros(1 + len(target), dtype=int))
    return Task.from_arrays(
        source=source, validation=source, target_train=target_train, target_test=test
    )


def fitted(name, source, target, **settings):
    """Return what a method learned from texts, with its chosen settings unless others are given."""
    return METHODS[name](task_of(source, target), 0, **(settings or SETTINGS[name]))


def fitted_few(name, source, few, target, **settings):
    """Return what a method learned with all the labels there are of ``few``, or with none."""
    task = task_of(source, target, few)
    k = 0 if few is None else int(np.bincount(few[1]).min())
    return FEW_LABEL_METHODS[name](task, 0, k, **(settings or FEW_LABEL_SETTINGS[name]))


WORD_ARMS = [name for name, method in METHODS.items() if method.kind == "TF-IDF"]


# -- the choice of settings ------------------------------------------------------------------------


def test_settings_are_those_that_won_on_the_pseudo_tasks():
    frame = stored.load("text_tuning")
    assert {arm: words(settings) for arm, settings in SETTINGS.items()} == best(frame, by="arm")
    assert list(GRID) == list(METHODS)
    for arm, grid in GRID.items():
        assert set(frame[frame.arm == arm].settings) == {words(settings) for settings in grid}
        assert SETTINGS[arm] in grid


def test_few_label_settings_are_those_that_won_on_the_pseudo_tasks():
    frame = stored.load("text_few_tuning")
    found = {name: words(settings) for name, settings in FEW_LABEL_SETTINGS.items()}
    assert found == best(frame)
    assert list(FEW_LABEL_GRID) == list(FEW_LABEL_METHODS)
    for name, grid in FEW_LABEL_GRID.items():
        assert set(frame[frame.method == name].settings) == {words(settings) for settings in grid}


def test_development_seeds_are_not_those_of_the_results():
    for tuning, study in ((text_tuning, text_transfer), (text_few_tuning, text_few_labels)):
        assert min(tuning.SEEDS) >= 100 and max(study.SEEDS) < 100 and len(study.SEEDS) == 8


@pytest.mark.parametrize("pair", PSEUDO)
def test_a_pseudo_task_holds_no_torch_text_and_shares_none(pair):
    texts, topics, libraries, _ = corpus()
    library = dict(zip(texts, libraries, strict=True))
    topic = dict(zip(texts, topics, strict=True))
    parts = pseudo_parts(pair, 100)
    first, second = pair.split(" → ")
    for (X, y), want in zip(parts, (first, second, second), strict=True):
        assert {library[text] for text in X} == {want}
        assert [topic[text] for text in X] == y.tolist()
    everything = [text for X, _ in parts for text in X]
    assert len(set(everything)) == len(everything)
    assert set(parts[0][1]) == set(parts[1][1]) == set(parts[2][1])
    task, (X, y) = pseudo_task(pair, 100), parts[2]
    answer = dict(zip(X, y, strict=True))
    assert np.array_equal(task.source.X, parts[0][0])
    assert np.array_equal(task.target.X, parts[1][0])
    assert task.score(lambda texts: np.array([answer[text] for text in texts])) == 1


def test_a_pseudo_task_labels_what_a_topic_has():
    task = pseudo_task(next(iter(PSEUDO)), 100)
    X, y = task.label(50, seed=0)
    assert task.looks == 1 and set(X) <= set(task.target.X)
    assert 0 < np.bincount(y)[np.unique(y)].min() < 50 == np.bincount(y).max()


def test_some_of_each_takes_k_or_all_there_are():
    X, y = np.array(list("abcdef"), dtype=object), np.array([0, 0, 0, 0, 1, 1])
    rows, labels = some_of_each((X, y), 3, seed=0)
    assert np.bincount(labels).tolist() == [3, 2]
    assert set(zip(rows, labels, strict=True)) <= set(zip(X, y, strict=True))
    with pytest.raises(ValueError, match="pair: got 'NumPy → torch'"):
        pseudo_task("NumPy → torch", 0)


# -- the arms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", WORD_ARMS)
def test_arms_on_words_learn_two_topics(arm):
    (Xs, ys), (Xt, yt) = texts_of(60), texts_of(40, seed=1)
    predict = fitted(arm, (Xs, ys), Xt)
    assert np.mean(predict(Xt) == yt) > 0.9


def test_self_training_learns_words_that_no_source_text_has():
    source, (Xt, _) = texts_of(60), texts_of(80, seed=1, extra=["momentum", "adam"])
    plain = fitted("TF-IDF + NB", source, Xt)
    adapted = fitted("TF-IDF + NB + self-training", source, Xt)
    unknown = np.array(["matrix momentum adam adam"], dtype=object)
    assert plain(unknown) == [0] and adapted(unknown) == [1]


def test_the_class_mix_follows_the_target():
    gains = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        source, (Xt, yt) = texts_of(300, seed, noise=0.3), texts_of(400, seed + 50, noise=0.3)
        rare = np.flatnonzero((yt == 0) | (rng.random(400) < 0.1))
        plain = fitted("TF-IDF + LR", source, Xt[rare], C=1.0)(Xt[rare])
        mixed = fitted("TF-IDF + LR + class mix", source, Xt[rare], C=1.0)(Xt[rare])
        assert (mixed == 1).mean() < (plain == 1).mean()
        gains.append(np.mean(mixed == yt[rare]) - np.mean(plain == yt[rare]))
    assert np.mean(gains) > 0.05, gains


def test_tempering_keeps_the_order_and_sums_to_one():
    P = np.array([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5]])
    for exponent in (0.2, 1.0, 5.0):
        Q = _tempered(P, exponent)
        assert Q.sum(axis=1) == pytest.approx(1) and Q[0].argsort().tolist() == [2, 1, 0]
    assert _tempered(P, 1.0) == pytest.approx(P, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda X, y: fitted("TF-IDF + NB", (X, y), X, C=1.0), "settings: got 'C', want some of"),
        (lambda X, y: fitted("TF-IDF + NB", (X, y[:3]), X), "source y: got 3 labels"),
        (lambda X, y: fitted("TF-IDF + NB", (X, 0 * y), X), r"source y: got 1 class\(es\)"),
        (lambda X, y: fitted("TF-IDF + NB", (X, y), X)([3]), "texts: got int in row 0"),
        (
            lambda X, y: fitted("TF-IDF + NB", (np.eye(10), y), np.eye(10)),
            r"source X: got shape \(10, 10\), want one text per row",
        ),
        (lambda X, y: vectors("LDA", X), "kind: got 'LDA'"),
        (
            lambda X, y: fitted_few("TF-IDF + NB, target only", (X, y), None, X),
            "k: got 0, want at least 1: without the source",
        ),
        (
            lambda X, y: fitted_few("TF-IDF + NB, source too", (X, y), None, X, weight=0),
            "weight: got 0",
        ),
        (
            lambda X, y: fitted_few("TF-IDF + NB, source too", (X, y), None, X, rho=0.5),
            "settings: got 'rho', want some of alpha",
        ),
    ],
)
def test_bad_input_gets_a_clear_message(make, message):
    X, y = texts_of(10)
    with pytest.raises(ValueError, match=message):
        make(X, y)


# -- a few labels ----------------------------------------------------------------------------------


def test_a_weight_of_two_is_the_text_twice():
    (Xs, ys), (Xk, yk) = texts_of(20), texts_of(6, seed=3)
    new = texts_of(30, seed=4)[0]
    once = fitted_few("TF-IDF + NB, source too", (Xs, ys), (Xk, yk), Xs, alpha=0.1, weight=2)
    rows = vectors("TF-IDF", np.concatenate([Xs, Xk]), Xk)
    twice = MultinomialNB(alpha=0.1).fit(
        rows(np.concatenate([Xs, Xk, Xk])), np.concatenate([ys, yk, yk])
    )
    assert np.array_equal(once(new), twice.predict(rows(new)))


def test_target_only_does_not_look_at_the_source():
    (Xs, ys), few = texts_of(20), texts_of(6, seed=3)
    new = texts_of(30, seed=4)[0]
    one = fitted_few("TF-IDF + LR, target only", (Xs, ys), few, Xs)
    other = fitted_few("TF-IDF + LR, target only", (Xs[:2], ys[:2]), few, Xs)
    assert np.array_equal(one(new), other(new))


def test_without_labels_the_source_stands_alone():
    (Xs, ys), new = texts_of(20), texts_of(30, seed=4)[0]
    alone = fitted_few("TF-IDF + NB, source too", (Xs, ys), None, new, alpha=0.1, weight=3)
    rows = vectors("TF-IDF", Xs, new)
    assert np.array_equal(alone(new), bayes(0.1).fit(rows(Xs), ys).predict(rows(new)))


# -- the fresh sentences ---------------------------------------------------------------------------


def test_fresh_sentences_are_sixty_without_giveaways_and_nowhere_in_the_corpus():
    texts, topics = fresh_sentences()
    assert np.bincount(topics).tolist() == [10] * 6 and tuple(SENTENCES) == TOPICS
    assert len(set(texts)) == 60
    assert not [text for text in texts if _LEAKS.search(text)]
    old = corpus()[0]
    pairs = near_duplicates([*old, *texts])
    assert not [(i, j) for i, j in pairs if j >= len(old)]


@pytest.mark.slow
def test_a_seed_run_again_gives_its_stored_rows():
    frame = stored.load("text_transfer")
    for arm in ("TF-IDF + NB", "TF-IDF + NB + self-training"):
        want = frame.query("arm == @arm and seed == 3").iloc[0]
        found = text_transfer.transfer(arm, 3)
        for key in ("accuracy", "balanced", "source", "fresh"):
            assert found[key] == pytest.approx(want[key], abs=0.02), (arm, key)
