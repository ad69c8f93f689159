"""The methods and tasks of chapter 05, and the promise that no target label chose a setting."""

import numpy as np
import pytest

from tlbook.course.ch05_features import cases as feature_cases
from tlbook.course.ch05_features import methods as feature_methods
from tlbook.course.ch05_features import tables as feature_tables
from tlbook.course.ch05_features.methods import (
    ADAPTERS,
    GRID,
    SETTINGS,
    SVM_SETTINGS,
    adapted,
    svm,
    words,
)
from tlbook.course.ch05_features.studies import feature_alignment, feature_tuning
from tlbook.course.results import stored
from tlbook.data.fonts import FONTS


@pytest.fixture(scope="module")
def digits():
    return feature_cases.case("digits", 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ADAPTERS)
def test_every_aligner_answers_and_repeats_itself(digits, name):
    rows = slice(0, 300)
    fits = [
        adapted(name, digits.Xt[rows], **SETTINGS["digits"][name]).fit(
            digits.Xs[rows], digits.ys[rows]
        )
        for _ in range(2)
    ]
    first, second = (model.predict(digits.Xt[300:350]) for model in fits)
    assert first.shape == (50,) and set(first) <= set(range(10))
    assert np.array_equal(first, second)


def test_settings_are_the_winners_of_the_stored_search():
    winners = feature_tuning.best(stored.load("feature_tuning"))
    chosen = {(kind, m): words(s) for kind, of in SETTINGS.items() for m, s in of.items()}
    chosen |= {("signs", name): words(settings) for name, settings in SVM_SETTINGS.items()}
    assert chosen == winners


def test_every_setting_stands_in_its_grid():
    for of_case in SETTINGS.values():
        assert set(of_case) == set(GRID)
        assert all(settings in GRID[name] for name, settings in of_case.items())


def test_the_search_and_the_tables_share_no_seed():
    assert not set(feature_tuning.SEEDS) & set(feature_alignment.SEEDS)
    assert len(feature_alignment.SEEDS) >= 8


def test_a_row_of_the_stored_search_can_be_repeated():
    pair = "digits: sans → serif"
    rows = feature_tuning.align("digits", pair, "CORAL", 100)
    kept = stored.load("feature_tuning").query(
        "method == 'CORAL' and seed == 100 and task == @pair"
    )
    assert [r["accuracy"] for r in rows] == pytest.approx(list(kept.accuracy), abs=0.01)


def test_rows_of_the_stored_table_can_be_repeated(digits):
    model = adapted("CORAL", digits.Xt, **SETTINGS["digits"]["CORAL"]).fit(digits.Xs, digits.ys)
    kept = stored.load("feature_alignment").query(
        "case == 'digits' and method == 'CORAL' and chosen == 1 and seed == 5"
    )
    assert digits.score(model) == pytest.approx(kept.accuracy.item(), abs=0.02)


def test_the_arms_of_the_label_shift_differ_only_in_the_class_mix():
    matched, shifted = (feature_cases.case(name, 3) for name in ("matched", "label shift"))
    assert matched.Xs.shape == shifted.Xs.shape and np.array_equal(matched.Xs, shifted.Xs)
    assert matched.Xt.shape == shifted.Xt.shape
    matched.task.label(30, seed=0)
    with pytest.raises(ValueError, match="the size of the smallest class"):
        shifted.task.label(20, seed=0)


def test_the_estimated_mix_is_near_the_true_one():
    case = feature_cases.case("label shift, estimated mix", 3)
    assert 900 < len(case.ys) < 1100
    assert 0.05 < np.mean(case.ys < 5) < 0.4  # the truth is 1/11, the even mix is 1/2
    y = np.repeat([0, 1], 50)
    rows = feature_cases.rows_in_mix(y, np.array([0.99, 0.01]), seed=0)
    assert list(np.bincount(y[rows])) == [99, 3]
    assert np.array_equal(rows, feature_cases.rows_in_mix(y, np.array([0.99, 0.01]), seed=0))


def test_pseudo_tasks_use_the_source_alone():
    parts = feature_cases.FONT_PARTS
    assert set(parts["upright"]) | set(parts["slanted"]) == set(FONTS)
    assert set(parts["sans"]) | set(parts["serif"]) == set(FONTS)
    assert not set(parts["sans"]) & set(parts["serif"])
    assert not set(parts["upright"]) & set(parts["slanted"])
    (Xs, ys), (Xt, yt) = feature_cases.pseudo_task("TF-IDF: NumPy → SciPy", 100)
    assert Xs.shape[1] == Xt.shape[1] and set(ys) == set(yt)
    assert "torch" not in feature_cases.LIBS


def test_per_text_correctness_adds_up_to_the_accuracy():
    frame = stored.load("feature_alignment")
    rows = frame.query("case == 'TF-IDF' and method == 'CORAL' and chosen == 1")
    table = feature_tables.by_text(frame, "TF-IDF", "CORAL")
    assert np.isfinite(table).all() and len(table) > 200
    tested = [len(t.split()) - 1 for t in rows.tested]
    wrong = [len(t.split()) - 1 for t in rows.wrong]
    assert rows.accuracy.to_numpy() == pytest.approx(1 - np.array(wrong) / np.array(tested))


@pytest.mark.parametrize("name", ["digits", "MiniLM", "TF-IDF"])
def test_the_summary_says_what_the_table_says(name):
    frame, tuning = stored.load("feature_alignment"), stored.load("feature_tuning")
    found = feature_tables.summary(frame, tuning, name)
    assert list(found.index) == [*GRID, "target supervised"]
    assert (found.oracle >= found.target - 1e-9).all()
    assert found.gain["no adaptation"] == 0
    assert found.gain.to_numpy() == pytest.approx(found.target - found.target["no adaptation"])
    values = feature_tables.chosen(frame, name)
    assert all(len(v) == len(feature_alignment.SEEDS) for v in values.values())


def test_deep_features_beat_pixels_on_signs():
    from tlbook import data

    task = data.load("signs", seed=5, n_source=71)
    X, y = task.label(5, seed=5)
    accuracy = {name: task.score(svm(name, 5).fit(X, y).predict) for name in SVM_SETTINGS}
    assert accuracy["deep features"] > accuracy["pixels"] + 0.25
    assert accuracy["deep features"] > accuracy["random features"] + 0.25


@pytest.mark.parametrize(
    "call",
    [
        lambda: adapted("osmosis", np.zeros((3, 2))),
        lambda: svm("osmosis"),
        lambda: feature_cases.case("osmosis", 0),
        lambda: feature_cases.pseudo_task("osmosis", 0),
        lambda: feature_cases.vectorizer("osmosis", ["a"], ["b"]),
        lambda: feature_tables.chosen(stored.load("feature_alignment"), "osmosis"),
        lambda: feature_tables.by_text(stored.load("feature_alignment"), "digits", "osmosis"),
    ],
)
def test_unknown_names_are_refused(call):
    with pytest.raises(ValueError, match="osmosis"):
        call()


def test_words_of_settings():
    assert words({}) == "none" and words({"mu": 1, "kernel": "rbf"}) == "mu=1, kernel=rbf"


def test_the_classifier_does_not_depend_on_the_unit_of_its_features():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)) * [1, 2, 3], np.arange(60) % 3
    X[:, 0] += y
    small, large = (feature_methods.classifier().fit(c * X, y) for c in (1e-3, 1e3))
    assert np.array_equal(small.predict(1e-3 * X), large.predict(1e3 * X))
    scale = feature_methods.UnitSpread().fit(X)
    centered = scale.transform(X) - scale.transform(X).mean(0)
    assert (centered**2).sum(1).mean() == pytest.approx(1)
    assert np.isfinite(scale.fit(np.ones((4, 2))).transform(np.ones((4, 2)))).all()
