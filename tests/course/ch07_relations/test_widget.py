"""The relation matrix: its accuracies are the module's, its story is the chapter's."""

import numpy as np
import pytest

from tlbook.course.ch07_relations.cases import (
    cached_task,
    learned_profiles,
    source_letters,
)
from tlbook.course.ch07_relations.widget.relation_matrix import (
    ANSWERS,
    COLUMNS,
    DIGITS,
    EXPERIMENT,
    ORIGINS,
    compute,
    matrix,
)
from tlbook.relations import relation_probe

START = EXPERIMENT.defaults()


def run(**changes):
    return compute(**(START | changes))


@pytest.mark.slow
def test_accuracies_are_those_of_the_module():
    result, letters = run(), source_letters()
    Z, y = cached_task("signs", 0).label(1, seed=0)
    probe = relation_probe(
        Z,
        y,
        learned_profiles(DIGITS, 1.0),
        letters.prototypes,
        strength=0.3,
        C=0.1,
        scale=letters.scale,
    )
    assert result.with_relations[0] == pytest.approx(cached_task("signs", 0).score(probe))


@pytest.mark.slow
@pytest.mark.parametrize("origin", ORIGINS)
def test_every_matrix_has_rows_that_sum_to_one(origin):
    S = matrix(origin, 1.0, "none")
    assert S.shape == (10, 71)
    assert S.sum(axis=1) == pytest.approx(np.ones(10))


def test_swapping_moves_two_rows_and_nothing_else():
    S, swapped = (matrix(ORIGINS[0], 1.0, how) for how in ("none", "4 and 9"))
    assert np.array_equal(swapped[4], S[9]) and np.array_equal(swapped[9], S[4])
    rest = [0, 1, 2, 3, 5, 6, 7, 8]
    assert np.array_equal(swapped[rest], S[rest])


def test_a_high_temperature_flattens_the_matrix():
    sharp, soft = (matrix(ORIGINS[0], T, "none") for T in (0.5, 16.0))
    assert soft.max() < 0.2 < sharp.max()


@pytest.mark.slow
def test_the_story_of_the_chapter():
    right, wrong = run(), run(**ANSWERS["(c) permuted, λ = 3"])
    assert right.with_relations.mean() > right.without.mean() + 0.03
    assert wrong.with_relations.mean() < wrong.without.mean() - 0.03
    assert wrong.alone < 0.15 < 0.25 < right.alone
    assert np.array_equal(right.without, wrong.without)
    many = run(**ANSWERS["(d) as (c), 10 labels"])
    assert many.with_relations.mean() > wrong.with_relations.mean() + 0.2


@pytest.mark.slow
def test_almost_no_strength_is_almost_no_relation():
    gaps = [
        abs(run(strength=s).with_relations.mean() - run(strength=s).without.mean())
        for s in (0.01, 0.3)
    ]
    assert gaps[0] < gaps[1]


def test_the_letters_shown_are_the_ones_that_matter():
    shown = [source_letters().names.index(c) for c in COLUMNS]
    assert len(set(shown)) == len(COLUMNS) == 32
    assert matrix(ORIGINS[0], 1.0, "none")[:, shown].sum(axis=1).min() > 0.85
