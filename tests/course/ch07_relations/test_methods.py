"""Chapter 07's methods follow the protocol, and their defaults are what the search chose."""

import inspect

import numpy as np
import pytest

from tlbook.course.ch07_relations.cases import cached_task, learned_profiles
from tlbook.course.ch07_relations.exercises import TOLD
from tlbook.course.ch07_relations.methods import METHODS, labels_only, related, with_look_alikes
from tlbook.course.ch07_relations.settings import GRID, SETTINGS
from tlbook.course.ch07_relations.students import METHODS as STUDENTS
from tlbook.course.ch07_relations.students import placed, prints_task
from tlbook.course.results import stored
from tlbook.course.studies import best, words
from tlbook.evaluation import measure


def test_defaults_are_the_best_of_what_was_tried():
    chosen = best(stored.load("relations_tuning"), by="arm")
    assert set(chosen) == set(GRID) == set(SETTINGS)
    for arm, text in chosen.items():
        searched = {key: SETTINGS[arm][key] for key in GRID[arm][0]}
        assert text == words(searched)


@pytest.mark.slow
def test_every_method_buys_its_labels_once_by_the_name_k():
    task = cached_task("signs", 3)
    for name, method in METHODS.items():
        row = measure(method, task, 3, {"k": 1})
        assert row["looks"] == 2, name  # its labels, and the score
        assert row["accuracy"] > 0.2, name


@pytest.mark.slow
def test_without_a_label_the_relation_classifies_alone_and_buys_nothing():
    task = cached_task("signs", 3)
    before, profiles = task.looks, learned_profiles(task.characters)
    alone = related(task, 0, 0, profiles=profiles)
    assert task.looks == before
    assert (related(task, 1, 0, profiles=profiles).weight == alone.weight).all()  # no draw
    assert task.score(alone) > 0.2


@pytest.mark.slow
def test_a_relation_of_no_strength_is_the_probe_on_the_labels():
    task = cached_task("signs", 3)
    zero = related(task, 3, 2, profiles=np.full((10, 71), 1 / 71), C=0.1, strength=0.0)
    plain = labels_only(task, 3, 2, C=0.1)
    assert zero.weight == pytest.approx(plain.weight, abs=1e-5)


def test_an_unknown_scale_is_named():
    with pytest.raises(ValueError, match="scale: got 'pixels'"):
        labels_only(cached_task("signs", 3), 3, 1, scale="pixels")


def test_the_arms_with_students_take_the_same_setting():
    for method in STUDENTS.values():
        named = inspect.signature(method).parameters
        assert [*named] == ["task", "seed", "k", "C"] and named["C"].default == 0.1


@pytest.mark.slow
def test_the_key_of_the_exercise_is_what_its_experiment_gives():
    def accuracy(method, s, **settings):
        drawn = [method(cached_task("signs", s), 100 * s + i, 10, **settings) for i in range(5)]
        return np.mean([cached_task("signs", s).score(predict) for predict in drawn])

    plain = np.array([accuracy(labels_only, s, C=0.1) for s in range(4)])
    for wanted, C in zip(TOLD, (10.0, 0.1), strict=True):
        gain = [accuracy(with_look_alikes, s, C=C) for s in range(4)] - plain
        assert 100 * gain.mean() == pytest.approx(wanted, abs=0.2)


def test_teachers_that_know_nothing():
    task = prints_task(0)
    alike = placed(task, 0, kind="all alike")
    assert np.unique(np.linalg.norm(alike[1:9] - alike[0], axis=1)).size == 1
    assert placed(task, 0, kind="pixels").shape == (1000, 64)
    with pytest.raises(ValueError, match="kind: got 'wise'"):
        placed(task, 0, kind="wise")
