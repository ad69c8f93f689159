"""The arms of chapter 14: settings are those that won, inputs are checked, the story holds."""

import numpy as np
import pytest
from sklearn.naive_bayes import MultinomialNB

from tlbook.course.ch05_features.methods import words
from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task, some_of_each
from tlbook.course.ch14_text_practice.few_labels import GRID as FEW_GRID
from tlbook.course.ch14_text_practice.few_labels import SETTINGS as FEW_SETTINGS
from tlbook.course.ch14_text_practice.few_labels import fit_few
from tlbook.course.ch14_text_practice.fresh import SENTENCES, fresh_sentences
from tlbook.course.ch14_text_practice.methods import (
    CHOSEN,
    GRID,
    SETTINGS,
    _tempered,
    bayes,
    fit_arm,
    vectors,
)
from tlbook.course.ch14_text_practice.studies import (
    text_few_labels,
    text_few_tuning,
    text_transfer,
    text_tuning,
)
from tlbook.course.results import stored
from tlbook.data.docstrings.clean import _LEAKS
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.docstrings.duplicates import near_duplicates
from tlbook.data.docstrings.places import TOPICS

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


WORD_ARMS = [name for name in GRID if name.startswith("TF-IDF")]


# -- the choice of settings ------------------------------------------------------------------------


def test_settings_are_those_that_won_on_the_pseudo_tasks():
    frame = stored.load("text_tuning")
    assert {arm: words(settings) for arm, settings in SETTINGS.items()} == text_tuning.best(frame)
    for arm, grid in GRID.items():
        assert set(frame[frame.arm == arm].settings) == {words(settings) for settings in grid}
        assert SETTINGS[arm] in grid


def test_few_label_settings_are_those_that_won_on_the_pseudo_tasks():
    frame = stored.load("text_few_tuning")
    found = {name: words(settings) for name, settings in FEW_SETTINGS.items()}
    assert found == text_few_tuning.best(frame)
    for name, grid in FEW_GRID.items():
        assert set(frame[frame.method == name].settings) == {words(settings) for settings in grid}


def test_the_chosen_arm_of_each_side_is_its_best_on_the_pseudo_tasks():
    mean = stored.load("text_tuning").groupby(["arm", "settings"]).accuracy.mean()
    best = mean.groupby("arm").max()
    for side, arm in CHOSEN.items():
        mine = [a for a in best.index if a.startswith("MiniLM") == (side == "MiniLM")]
        assert best[mine].idxmax() == arm


def test_development_seeds_are_not_those_of_the_results():
    for tuning, study in ((text_tuning, text_transfer), (text_few_tuning, text_few_labels)):
        assert min(tuning.SEEDS) >= 100 and max(study.SEEDS) < 100 and len(study.SEEDS) == 8


@pytest.mark.parametrize("pair", PSEUDO)
def test_a_pseudo_task_holds_no_torch_text_and_shares_none(pair):
    texts, topics, libraries, _ = corpus()
    library = dict(zip(texts, libraries, strict=True))
    topic = dict(zip(texts, topics, strict=True))
    parts = pseudo_task(pair, 100)
    first, second = pair.split(" → ")
    for (X, y), want in zip(parts, (first, second, second), strict=True):
        assert {library[text] for text in X} == {want}
        assert [topic[text] for text in X] == y.tolist()
    everything = [text for X, _ in parts for text in X]
    assert len(set(everything)) == len(everything)
    assert set(parts[0][1]) == set(parts[1][1]) == set(parts[2][1])


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
    predict = fit_arm(arm, Xs, ys, Xt)
    assert np.mean(predict(Xt) == yt) > 0.9


def test_self_training_learns_words_that_no_source_text_has():
    (Xs, ys), (Xt, _) = texts_of(60), texts_of(80, seed=1, extra=["momentum", "adam"])
    plain = fit_arm("TF-IDF + NB", Xs, ys, Xt)
    taught = fit_arm("TF-IDF + NB + self-training", Xs, ys, Xt)
    unknown = np.array(["matrix momentum adam adam"], dtype=object)
    assert plain(unknown) == [0] and taught(unknown) == [1]


def test_the_class_mix_follows_the_target():
    gains = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        (Xs, ys), (Xt, yt) = texts_of(300, seed, noise=0.3), texts_of(400, seed + 50, noise=0.3)
        rare = np.flatnonzero((yt == 0) | (rng.random(400) < 0.1))
        plain = fit_arm("TF-IDF + LR", Xs, ys, Xt[rare], {"C": 1.0})(Xt[rare])
        mixed = fit_arm("TF-IDF + LR + class mix", Xs, ys, Xt[rare], {"C": 1.0})(Xt[rare])
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
        (lambda X, y: fit_arm("TF-IDF + SVM", X, y, X), "name: got 'TF-IDF"),
        (lambda X, y: fit_arm("TF-IDF + NB", X, y[:3], X), "ys: got 3 labels"),
        (lambda X, y: fit_arm("TF-IDF + NB", X, 0 * y, X), r"ys: got 1 class\(es\)"),
        (lambda X, y: fit_arm("TF-IDF + NB", "text", y, X), "Xs: got one str"),
        (lambda X, y: fit_arm("TF-IDF + NB", X, y, [""]), "Xt: got an empty text in row 0"),
        (lambda X, y: fit_arm("TF-IDF + NB", X, y, X)([3]), "texts: got int in row 0"),
        (lambda X, y: vectors("LDA", X), "kind: got 'LDA'"),
        (lambda X, y: fit_few("TF-IDF", (X, y), None, X), "name: got 'TF-IDF'"),
        (
            lambda X, y: fit_few("TF-IDF + NB, target only", (X, y), None, X),
            "few: got None, 'target only' needs",
        ),
        (
            lambda X, y: fit_few(
                "TF-IDF + NB, source too", (X, y), None, X, {"alpha": 1.0, "weight": 0}
            ),
            "weight: got 0",
        ),
        (lambda X, y: fit_few("TF-IDF + NB, source too", (X, y[:2]), None, X), "labels: got 2"),
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
    once = fit_few("TF-IDF + NB, source too", (Xs, ys), (Xk, yk), Xs, {"alpha": 0.1, "weight": 2})
    rows = vectors("TF-IDF", np.concatenate([Xs, Xk]), Xs)
    twice = MultinomialNB(alpha=0.1).fit(
        rows(np.concatenate([Xs, Xk, Xk])), np.concatenate([ys, yk, yk])
    )
    assert np.array_equal(once(new), twice.predict(rows(new)))


def test_target_only_does_not_look_at_the_source():
    (Xs, ys), few = texts_of(20), texts_of(6, seed=3)
    new = texts_of(30, seed=4)[0]
    one = fit_few("TF-IDF + LR, target only", (Xs, ys), few, Xs)
    other = fit_few("TF-IDF + LR, target only", (Xs[:2], ys[:2]), few, Xs)
    assert np.array_equal(one(new), other(new))


def test_without_labels_the_source_stands_alone():
    (Xs, ys), new = texts_of(20), texts_of(30, seed=4)[0]
    alone = fit_few("TF-IDF + NB, source too", (Xs, ys), None, new, {"alpha": 0.1, "weight": 3})
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


# -- the story of the chapter ----------------------------------------------------------------------


def test_the_stored_table_tells_the_story():
    """Plain: the encoder leads. Adapted by what the pseudo-tasks chose: the words lead."""
    frame = stored.load("text_transfer").pivot_table(index="seed", columns="arm", values="accuracy")
    assert len(frame) == 8 and set(frame.columns) == set(GRID)
    assert (frame["MiniLM + LR"] - frame["TF-IDF + NB"]).mean() > 0.02
    assert (frame[CHOSEN["TF-IDF"]] > frame[CHOSEN["MiniLM"]]).all()


@pytest.mark.slow
def test_a_seed_run_again_gives_its_stored_rows():
    frame = stored.load("text_transfer")
    for arm in ("TF-IDF + NB", "TF-IDF + NB + self-training"):
        want = frame.query("arm == @arm and seed == 3").iloc[0]
        found = text_transfer.transfer(arm, 3)
        for key in ("accuracy", "balanced", "source", "fresh"):
            assert found[key] == pytest.approx(want[key], abs=0.02), (arm, key)
