"""The text methods of chapter 17: their limits, and that nothing of torch chose a setting."""

import numpy as np
import pytest

from tlbook.course import studies
from tlbook.course.ch17_few_and_zero_shot import text_cases as cases
from tlbook.course.ch17_few_and_zero_shot import text_methods as methods
from tlbook.course.ch17_few_and_zero_shot.descriptions import WORDINGS
from tlbook.course.ch17_few_and_zero_shot.studies import (
    text_setfit,
    text_setfit_tuning,
    text_shots,
    text_shots_tuning,
)
from tlbook.course.ch17_few_and_zero_shot.text_settings import GRID, SETTINGS, settings_of
from tlbook.course.results import stored
from tlbook.course.studies import best
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.docstrings.places import TOPICS
from tlbook.text import ZeroShot


@pytest.fixture(scope="module")
def task():
    return cases.torch_topics(1000)


@pytest.fixture(scope="module")
def new(task):
    return cases.torch_texts()[0][:60]


def test_ten_wordings_have_one_description_for_each_topic():
    assert len(WORDINGS) == 10
    assert all(tuple(topics) == TOPICS for topics in WORDINGS.values())
    assert all(len(set(topics.values())) == 6 for topics in WORDINGS.values())


def test_the_stand_in_has_no_torch_text():
    texts, _, libraries, _ = corpus()
    torch_texts = set(texts[libraries == "torch"])
    task = cases.stand_in(1000)
    asked = [*task.target.X, *task.label(8, 0)[0]]
    task.score(lambda X: asked.extend(X) or np.zeros(len(X), dtype=int))
    assert len(asked) > 700 and torch_texts.isdisjoint(asked)


def test_zero_shot_is_that_of_the_library(task, new):
    ours = methods.zero_shot(task, 0, wording="words")(new)
    assert np.array_equal(ours, ZeroShot(WORDINGS["words"], device="cpu")(new))


def test_tip_adapter_lies_between_descriptions_and_votes(task, new):
    zero = methods.zero_shot(task, 0)(new)
    assert np.array_equal(methods.tip(task, 0, 2, alpha=0.0, beta=5.5)(new), zero)
    sharp = methods.tip(task, 0, 1, alpha=1e9, beta=5.5)(new)
    assert np.array_equal(sharp, methods.centroids(task, 0, 1)(new))  # one text each: the nearest


def test_a_description_of_no_weight_leaves_the_centroids_and_a_heavy_one_is_zero_shot(task, new):
    none = methods.described_centroids(task, 0, 4, weight=1e-9)(new)
    heavy = methods.described_centroids(task, 0, 4, weight=1e9)(new)
    assert np.mean(none == methods.centroids(task, 0, 4)(new)) > 0.9  # lengths of means differ
    assert np.array_equal(heavy, methods.zero_shot(task, 0)(new))


def test_centering_subtracts_from_each_description_its_mean_cosine(task, new):
    D = methods.described()
    D = D - D.mean(axis=0)
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    cosine = methods.vectors(new) @ D.T
    popular = (methods.vectors(task.target.X) @ D.T).mean(axis=0)
    centered = methods.zero_shot(task, 0, centered=True)(new)
    assert np.array_equal((cosine - popular).argmax(axis=1), centered)


@pytest.mark.slow
def test_setfit_without_a_rate_is_the_probe(task, new):
    still = methods.setfit(task, 0, 2, C=0.01, lr=1e-12, steps=1)(new)
    assert np.mean(still == methods.probe(task, 0, 2, C=0.01)(new)) > 0.95


def test_marks_say_which_texts_were_right(task):
    found = cases.judged(task, methods.zero_shot(task, 0))
    marks = np.array(list(found["marks"]))
    assert len(marks) == len(cases.torch_texts()[0])
    assert (marks == "1").sum() / (marks != ".").sum() == pytest.approx(found["accuracy"])


@pytest.mark.parametrize("name", ["text_shots_tuning", "text_setfit_tuning"])
def test_the_settings_are_those_that_won_on_the_stand_in(name):
    rows = stored.load(name)
    for method, of_method in rows.groupby("method"):
        assert set(of_method.settings) == {studies.words(s) for s in GRID[method]}
        for k in cases.BUDGETS:
            at = of_method[of_method.k == k] if name == "text_shots_tuning" else of_method
            won = best(at)[method]
            assert studies.words(settings_of(method, k)) == won


def test_the_final_seeds_are_not_those_of_the_choice():
    tuned = {
        case["seed"] for s in (text_shots_tuning, text_setfit_tuning) for case in s.study.cases
    }
    final = {case["seed"] for s in (text_shots, text_setfit) for case in s.study.cases}
    assert tuned.isdisjoint(final) and len(final) == 8
    assert set(SETTINGS) == set(GRID)
