"""The methods and tasks of chapter 05, and the promise that no target label chose a setting."""

import numpy as np
import pytest

from tlbook.course.ch05_features import cases as feature_cases
from tlbook.course.ch05_features import methods as feature_methods
from tlbook.course.ch05_features import rotating_moons
from tlbook.course.ch05_features import tables as feature_tables
from tlbook.course.ch05_features.methods import METHODS, SVMS
from tlbook.course.ch05_features.settings import GRID, SETTINGS, SVM_SETTINGS
from tlbook.course.ch05_features.studies import feature_alignment, feature_tuning
from tlbook.course.results import stored
from tlbook.course.studies import best, words
from tlbook.data.fonts import FONTS
from tlbook.domains import Task
from tlbook.evaluation import measure


@pytest.fixture(scope="module")
def digits():
    return feature_cases.case("digits", 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_every_aligner_answers_and_repeats_itself(digits, name):
    source, target = (digits.source.X[:300], digits.source.y[:300]), digits.target.X
    task = Task.from_arrays(
        source=source,
        validation=source,
        target_train=(target[:300], np.zeros(300, dtype=int)),
        target_test=(target[300:350], np.zeros(50, dtype=int)),
    )
    first, second = (
        measure(METHODS[name], task, 0, SETTINGS["digits"][name], answers=True)["answers"]
        for _ in range(2)
    )
    assert first.shape == (50,) and set(first) <= set(range(10))
    assert np.array_equal(first, second)


def test_settings_are_the_winners_of_the_stored_search():
    cases = stored.load("feature_tuning").groupby("case", sort=False)
    winners = {(case, m): text for case, rows in cases for m, text in best(rows).items()}
    chosen = {(kind, m): words(s) for kind, of in SETTINGS.items() for m, s in of.items()}
    chosen |= {("signs", name): words(settings) for name, settings in SVM_SETTINGS.items()}
    assert chosen == winners


def test_every_setting_stands_in_its_grid():
    for of_case in SETTINGS.values():
        assert set(of_case) == set(GRID) == set(METHODS)
        assert all(settings in GRID[name] for name, settings in of_case.items())


def test_the_search_and_the_tables_share_no_seed():
    assert not set(feature_tuning.SEEDS) & set(feature_alignment.SEEDS)
    assert len(feature_alignment.SEEDS) >= 8


@pytest.mark.slow
def test_a_row_of_the_stored_search_can_be_repeated():
    pair = "digits: sans → serif"
    found = [
        feature_tuning.align("digits", pair, "CORAL", settings, 100)["accuracy"]
        for settings in GRID["CORAL"]
    ]
    kept = stored.load("feature_tuning").query(
        "method == 'CORAL' and seed == 100 and task == @pair"
    )
    assert found == pytest.approx(list(kept.accuracy), abs=0.01)


def test_rows_of_the_stored_table_can_be_repeated(digits):
    found = measure(METHODS["CORAL"], digits, 5, SETTINGS["digits"]["CORAL"])
    kept = stored.load("feature_alignment").query(
        "case == 'digits' and method == 'CORAL' and chosen == 1 and seed == 5"
    )
    assert found["looks"] == 1
    assert found["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.02)


def test_the_arms_of_the_label_shift_differ_only_in_the_class_mix():
    matched, shifted = (feature_cases.case(name, 3) for name in ("matched", "label shift"))
    assert np.array_equal(matched.source.X, shifted.source.X)
    assert matched.target.X.shape == shifted.target.X.shape
    matched.label(30, seed=0)
    with pytest.raises(ValueError, match="the size of the smallest class"):
        shifted.label(20, seed=0)


@pytest.mark.slow
def test_the_estimated_mix_is_near_the_true_one():
    labels = feature_cases.case("label shift, estimated mix", 3).source.y
    assert 900 < len(labels) < 1100
    assert 0.05 < np.mean(labels < 5) < 0.4  # the truth is 1/11, the even mix is 1/2
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
    task = feature_cases.pseudo_task("TF-IDF: NumPy → SciPy", 100)
    assert task.source.X.shape[1] == task.target.X.shape[1]
    assert set(task.source.y) == set(task.label(1, seed=0)[1])
    assert "torch" not in feature_cases.LIBRARIES
    assert not any("torch" in name for pairs in feature_cases.PSEUDO.values() for name in pairs)


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


@pytest.mark.slow
def test_deep_features_beat_pixels_on_signs():
    from tlbook import data

    task = data.load("signs", seed=5, n_source=71)
    accuracy = {
        name: task.score(svm(task, 5, k=5, **SVM_SETTINGS[name])) for name, svm in SVMS.items()
    }
    assert accuracy["deep features"] > accuracy["pixels"] + 0.25
    assert accuracy["deep features"] > accuracy["random features"] + 0.25


@pytest.mark.parametrize(
    "call",
    [
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


@pytest.mark.parametrize("method", [METHODS["CORAL"], METHODS["JDA"]])
def test_a_setting_that_the_aligner_lacks_is_named(digits, method):
    with pytest.raises(TypeError, match="osmosis"):
        method(digits, 0, osmosis=3)


def test_a_represented_task_hands_out_rows_and_counts_each_look(digits):
    looks = digits.looks
    X, y = digits.label(2, seed=1)
    images, labels = digits.task.label(2, seed=1)
    assert np.array_equal(X, feature_methods.flat(images)) and np.array_equal(y, labels)
    assert digits.source.X.shape[1:] == digits.target.X.shape[1:] == X.shape[1:] == (64,)
    assert digits.target.y is None
    seen = []
    digits.score(lambda rows: seen.append(rows.shape) or np.zeros(len(rows), dtype=int))
    assert seen[0][1:] == (64,) and digits.looks == digits.task.looks == looks + 3


def test_remembered_rows_are_computed_once():
    calls = []
    rows = feature_tuning.remembered(lambda X: calls.append(1) or 2 * X)
    a, b = np.ones(3), np.zeros(3)
    assert np.array_equal(rows(a), 2 * a) and np.array_equal(rows(b), 2 * b)
    assert np.array_equal(rows(a.copy()), 2 * a) and len(calls) == 2


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


def test_the_share_on_the_wrong_moon_is_that_of_the_exercise():
    """What the chapter's cell computes: 40 points carried to a turned second sample."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    from tlbook.course.ch05_features.exercises import AT_60, AT_80

    def wrong_moon(angle, s):
        source, other = (rotating_moons.moons(0, k).source for k in (s, s + 500))
        t = np.deg2rad(angle)
        turned = other.X[:40] @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
        partner = linear_sum_assignment(cdist(source.X[:40], turned, "sqeuclidean"))[1]
        return np.mean(source.y[:40] != other.y[:40][partner])

    for angle, share in ((60, AT_60), (80, AT_80)):
        assert np.mean([wrong_moon(angle, s) for s in range(8)]) == pytest.approx(share, abs=0.02)


def test_the_readable_table_marks_what_excludes_zero_and_has_no_nan():
    frame, tuning = stored.load("feature_alignment"), stored.load("feature_tuning")
    summary = feature_tables.summary(frame, tuning, "digits")
    shown = feature_tables.readable(summary)
    marked = shown["gain [95 %]"].str.endswith("*")
    clear = (summary.low > 0) | (summary.high < 0)
    assert list(marked) == list(clear)
    assert "nan" not in shown.to_string().lower()
