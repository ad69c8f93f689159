"""Generalized zero-shot: what the handicap does, and that its choice sees seen topics only."""

import numpy as np
import pytest

from tlbook.course.ch17_few_and_zero_shot import generalized as g

SEEN = (0, 2, 4)


@pytest.fixture(scope="module")
def world():
    """Texts near their topic, descriptions farther away in a direction of their own."""
    rng = np.random.default_rng(0)
    centers = np.eye(6, 20)
    y = np.repeat(np.arange(6), 8)
    Z = centers[y] + 0.25 * rng.normal(size=(48, 20))
    D = centers + 0.8 * np.eye(20)[19]
    return [a / np.linalg.norm(a, axis=1, keepdims=True) for a in (D, Z)] + [y]


def test_seen_topics_get_means_and_unseen_ones_their_description(world):
    D, Z, y = world
    V = g.class_vectors(D, Z, y, SEEN)
    assert np.allclose(V[[1, 3, 5]], D[[1, 3, 5]])
    mean = Z[y == 2].mean(axis=0)
    assert np.allclose(V[2], mean / np.linalg.norm(mean))


def test_a_larger_handicap_finds_fewer_seen_and_more_unseen(world):
    D, Z, y = world
    V = g.class_vectors(D, Z, y, SEEN)
    found = np.array([g.found(Z, y, V, SEEN, gamma) for gamma in (0.0, 0.2, 0.5, 2.0)])
    assert (np.diff(found[:, 0]) <= 0).all() and (np.diff(found[:, 1]) >= 0).all()
    assert found[-1, 0] == 0


def test_the_choice_does_not_depend_on_texts_of_unseen_topics(world):
    D, Z, y = world
    other = Z.copy()
    other[np.isin(y, (1, 3, 5))] = np.random.default_rng(1).normal(size=(24, 20))
    chosen = g.choose_gamma(D, Z, y, SEEN)
    assert chosen == g.choose_gamma(D, other, y, SEEN) and chosen in g.GAMMAS
