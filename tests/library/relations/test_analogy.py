"""Analogy: exact where the offset is exact, honest where the exclusion does the work."""

import numpy as np
import pytest

from tlbook.relations import analogy, analogy_accuracy
from tlbook.relations.analogy import METHODS

RNG = np.random.default_rng(0)


def grid(noise=0.0, offset=1.0, n=12, d=20, seed=0):
    """Return n classes in two styles: rows 0 … n − 1 plain, n … 2n − 1 moved by one offset."""
    rng = np.random.default_rng(seed)
    plain, step = rng.normal(size=(n, d)), offset * rng.normal(size=d)
    V = np.concatenate([plain, plain + step]) + noise * rng.normal(size=(2 * n, d))
    questions = [(i, n + i, j, n + j) for i in range(n) for j in range(n) if i != j]
    return V, np.array(questions)


def test_a_parallelogram_is_solved_exactly_and_ignores_position_and_scale():
    V, questions = grid()
    found = analogy_accuracy(V, questions, method="offset")
    assert found.free == found.excluded == 1.0
    assert found.chance == pytest.approx(1 / 21)
    assert analogy_accuracy(5 * V + 3, questions, method="offset").free == 1.0


def test_the_formulas_by_hand():
    V, _ = grid(0.5)
    a, b, c = V[0], V[12], V[3]

    def cos(x, y):
        return x @ y / np.linalg.norm(x) / np.linalg.norm(y)

    add = [cos(v, b) - cos(v, a) + cos(v, c) for v in V]
    mul = [(cos(v, b) + 1) / 2 * (cos(v, c) + 1) / 2 / ((cos(v, a) + 1) / 2 + 1e-3) for v in V]
    assert analogy(a, b, c, V, method="3CosAdd") == int(np.argmax(add))
    assert analogy(a, b, c, V, method="3CosMul") == int(np.argmax(mul))
    assert analogy(a, b, c, V, method="only c") == 3
    assert analogy(a, b, c, V, method="only b") == 12


def test_with_a_small_offset_the_exclusion_answers_by_itself():
    """Linzen's point: the nearest to c is right once c itself may not be chosen."""
    V, questions = grid(offset=0.1, noise=0.05)
    with_offset = analogy_accuracy(V, questions)
    without = analogy_accuracy(V, questions, method="only c")
    assert without.free == 0.0
    assert without.excluded > 0.95
    assert abs(with_offset.excluded - without.excluded) < 0.05


def test_offsets_that_are_not_shared_do_not_help():
    rng = np.random.default_rng(1)
    V, questions = grid()
    V[12:] = V[:12] + rng.normal(size=(12, 20))  # every class has an offset of its own
    assert analogy_accuracy(V, questions, method="offset").free < 0.5


def test_exclusion_is_obeyed():
    V, _ = grid()
    best = analogy(V[0], V[12], V[3], V)
    assert analogy(V[0], V[12], V[3], V, exclude=[best]) != best


@pytest.mark.parametrize("method", METHODS)
def test_zero_vectors_give_an_answer(method):
    V = np.zeros((4, 3))
    assert 0 <= analogy(V[0], V[1], V[2], V, method=method) < 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: analogy([1.0], [1.0], [1.0], np.ones((2, 2))), "a: got rows of shape"),
        (lambda: analogy(*np.eye(3), np.full((2, 3), np.nan)), "candidates: got 6 values"),
        (lambda: analogy(*np.eye(3), np.eye(3), method="add"), "method: got 'add'"),
        (lambda: analogy(*np.eye(3), np.eye(3), exclude=[3]), r"exclude: got \[3\]"),
        (lambda: analogy(*np.eye(3), np.eye(3), exclude=[0, 1, 2]), "exclude: got all"),
        (lambda: analogy_accuracy(np.eye(3), [[0, 1, 2]]), "questions: got shape"),
        (lambda: analogy_accuracy(np.eye(3), [[0, 1, 2, 3]]), "questions: got shape"),
        (lambda: analogy_accuracy(np.eye(3), np.ones((0, 4), int)), "questions: got 0 rows"),
    ],
)
def test_bad_input_gets_a_clear_message(call, message):
    with pytest.raises(ValueError, match=message):
        call()
