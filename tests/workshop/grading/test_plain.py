"""Answers as data: what goes in comes out, and nothing that is read can run."""

import contextlib
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tlbook.course.exercises import chapters, of_chapter
from tlbook.course.exercises.recorded import Outcome, RecordedJudge, outcomes
from tlbook.workshop.grading.judging import BY_HAND, gradable, judged
from tlbook.workshop.grading.plain import NotPlain, packed, read_lines, unpacked
from tlbook.workshop.grading.recorder import entry

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.sets(st.integers() | st.text(), max_size=4)
    ),
    max_leaves=20,
)


def through_a_file(value):
    return unpacked(json.loads(json.dumps(packed(value))))


@settings(max_examples=200, deadline=None)
@given(values)
def test_plain_values_come_back_as_they_were(value):
    back = through_a_file(value)
    assert same(back, value)


def same(one, other):
    """Equal in value and type all the way down; NaN is NaN, and a set has no order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return one == other or (one != one and other != other)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.array([np.nan, np.inf, -0.0]),
        np.array([[True, False]]),
        np.array(3, dtype=np.int16),
        np.zeros((0, 4)),
        torch.linspace(0, 1, 5, requires_grad=True),
    ],
)
def test_arrays_come_back_to_the_last_bit(array):
    want = array.detach().numpy() if isinstance(array, torch.Tensor) else array
    back = through_a_file(array)
    assert back.shape == want.shape and back.dtype.kind == want.dtype.kind
    np.testing.assert_array_equal(back, want)


def test_of_anything_else_only_the_name_of_its_type_is_kept():
    class Sneaky:
        def __reduce__(self):
            raise AssertionError("pickled")

    back = through_a_file(Sneaky())
    assert type(back).__name__ == "Sneaky" and not callable(back)
    assert callable(through_a_file(len)) is False  # a builtin is no function of a learner
    assert callable(through_a_file(lambda: 1))


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        scalars | st.sampled_from(["array", "int", "float", "dict", "set", "object", "text"]),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=25,
    )
)
def test_what_was_not_written_here_is_refused_or_harmless(data):
    with contextlib.suppress(NotPlain):
        unpacked(data)


def test_deep_nesting_and_huge_claims_are_refused():
    deep = ["none"]
    for _ in range(500):
        deep = ["list", [deep]]
    with pytest.raises(NotPlain):
        unpacked(deep)
    with pytest.raises(NotPlain):
        unpacked(["array", "f8", [10**9], []])
    with pytest.raises(NotPlain):
        unpacked(["array", "O", [1], [1]])
    assert read_lines("[" * 100_000 + '\n{"question": "q1"}\nnonsense\n3') == [{"question": "q1"}]


FUNCTIONS = [
    pytest.param(exercise, id=f"{chapter}-{exercise.name}")
    for chapter in chapters()
    for exercise in of_chapter(chapter)
    if callable(exercise.reference) and gradable(exercise)
]
BY_CHECK = [
    pytest.param(chapter, exercise, id=f"{chapter}-{exercise.name}")
    for chapter in chapters()
    for exercise in of_chapter(chapter)
    if not gradable(exercise)
]
VALUES = [
    pytest.param(exercise, id=f"{chapter}-{exercise.name}")
    for chapter in chapters()
    for exercise in of_chapter(chapter)
    if not callable(exercise.reference)
]


def recorded(exercise, answer):
    """What the confined process would have written, read again."""
    lines = json.loads(
        json.dumps([[o.kind, packed(o.value), o.words] for o in outcomes(exercise, answer)])
    )
    return [Outcome(kind, unpacked(value), words) for kind, value, words in lines]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_outcomes_of_functions_get_the_feedback_of_the_function_itself(exercise):
    judge = RecordedJudge(exercise)
    assert judge.judge(recorded(exercise, exercise.reference)).status == "correct"
    for wrong in [*list(exercise.mistakes.values())[:3], lambda *args: ..., lambda *args: None]:
        assert str(judge.judge(recorded(exercise, wrong))) == str(exercise.judge(wrong))


@pytest.mark.parametrize(("chapter", "exercise"), BY_CHECK)
def test_what_only_its_own_check_can_judge_is_left_out_of_the_points(chapter, exercise):
    line = json.dumps(entry(exercise, exercise.reference))
    found = {one.question: one for one in judged(chapter, line)}[exercise.name]
    assert (found.points, found.out_of) == (0.0, 0.0)
    assert found.feedback.message == BY_HAND


@pytest.mark.parametrize("exercise", VALUES)
def test_values_get_the_same_feedback_after_their_journey(exercise):
    assert exercise.judge(through_a_file(exercise.reference)).status == "correct"
    for wrong in exercise.mistakes.values():
        assert str(exercise.judge(through_a_file(wrong))) == str(exercise.judge(wrong))
