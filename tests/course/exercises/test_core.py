"""Exercises: every state of an answer gets its own message, and nothing is ever raised."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest

from tlbook.course.exercises import Exercise, Wrong, checkers, of_chapter
from tlbook.course.exercises.core import is_stub


def check_double(double):
    """A check that calls the learner's function."""
    got = double(np.array([1.0, 2.0]))
    checkers.array(got, [2.0, 4.0], what="double(x)", mistakes={"That is the square.": [1.0, 4.0]})


def make(check=check_double, **changes):
    parts = {
        "name": "q1",
        "question": "Write double(x).",
        "check": check,
        "hints": ("Think of 2.", "Multiply."),
        "solution": """
            def double(x):
                return 2 * x
        """,
        "reference": lambda x: 2 * x,
        "wrong_answers": {"square": (lambda x: x**2, "square")},
        "variable": "double",
    }
    return Exercise(**(parts | changes))


def failing(x):
    y = x + 1
    return y / undefined_name  # noqa: F821


@pytest.mark.parametrize("stub", [None, ..., (..., ...), [1, ...], {"a": None}, lambda x: ...])
def test_stubs_are_not_attempted(stub):
    assert make().judge(stub).status == "not attempted"


def test_not_implemented_counts_as_a_stub():
    def double(x):
        raise NotImplementedError

    assert make().judge(double).status == "not attempted"


def test_arrays_and_zero_are_no_stubs():
    assert not is_stub(0) and not is_stub(np.zeros(2)) and not is_stub("") and not is_stub([])


def test_right_and_wrong_answers():
    q1 = make()
    assert q1.judge(lambda x: 2 * x).status == "correct"
    assert str(q1.judge(lambda x: x**2)) == "✗ Not yet. That is the square."


def test_an_error_in_the_function_names_type_line_and_source():
    message = make().judge(failing).message
    assert "failing raised NameError" in message
    assert "line 3 of the function: return y / undefined_name" in message


def test_wrong_arguments_are_explained():
    message = make().judge(lambda: 1).message
    assert "TypeError" in message and "arguments that the question names" in message


def test_an_answer_the_check_cannot_use_is_no_crash():
    message = make().judge("two").message
    assert "could not use an answer of type str" in message


def test_check_hint_and_solution_print_in_plain_python():
    q1, out = make(), io.StringIO()
    with redirect_stdout(out):
        q1.check(...)
        q1.hint()
        q1.hint()
        q1.hint()
        q1.solution()
    text = out.getvalue()
    assert "… Not attempted yet." in text
    assert text.count("Hint 1 of 2: Think of 2.") == 2 and "Hint 2 of 2: Multiply." in text
    assert "def double(x):\n    return 2 * x" in text


def test_feedback_in_a_notebook_is_escaped_html_and_text():
    from IPython.core.formatters import DisplayFormatter

    def angry(answer):
        raise Wrong("1 < 2 & <b>")

    feedback = make(check=angry).judge(1)
    data, _ = DisplayFormatter().format(feedback)
    assert "1 &lt; 2 &amp; &lt;b&gt;" in data["text/html"]
    assert data["text/plain"] == "✗ Not yet. 1 < 2 & <b>"


@pytest.mark.parametrize("what", ["hints", "solution", "wrong_answers"])
def test_an_exercise_must_be_whole(what):
    with pytest.raises(ValueError, match=f"{what}: got nothing for q1"):
        make(**{what: {} if what == "wrong_answers" else ""})


def test_unknown_chapter():
    with pytest.raises(ValueError, match="chapter: got 'ch99'"):
        of_chapter("ch99")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (0.25, None),
        (np.float32(0.25), None),
        (np.array([0.25]), None),
        (0.5, "You forgot the half."),
        (25, "percent"),
        (-0.25, "wrong sign"),
        (0.3, "too high"),
        (0.2, "too low"),
        (float("nan"), "NaN"),
        ("abc", "one number, not a str"),
        ([1, 2], "one number, not a list"),
        (min, "this is a function"),
    ],
)
def test_number(answer, message):
    def check():
        checkers.number(answer, 0.25, what="p", mistakes={"You forgot the half.": 0.5})

    if message is None:
        check()
    else:
        with pytest.raises(Wrong, match=message):
            check()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], None),
        (np.array([[1, 4], [2, 5], [3, 6]]), "transposed"),
        ([6, 15], "That is the row sum."),
        ([[1, 2, 3], [4, 5, 7]], r"off by up to 1 at \(1, 2\)"),
        ([[1, 2, 3], [4, 5, np.nan]], "contains NaN"),
        ([1, 2], r"shape \(2,\), it should be \(2, 3\)"),
        ("abc", "should hold numbers, not a str"),
    ],
)
def test_array(answer, message):
    want = np.array([[1, 2, 3], [4, 5, 6]])

    def check():
        checkers.array(answer, want, what="A", mistakes={"That is the row sum.": want.sum(axis=1)})

    if message is None:
        check()
    else:
        with pytest.raises(Wrong, match=message):
            check()


def test_array_takes_a_tensor_with_gradient():
    torch = pytest.importorskip("torch")
    checkers.array(torch.ones(2, requires_grad=True), [1, 1])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("B", None),
        (" b ", None),
        ("A", "A is the other one."),
        ("C", "none of the options"),
        (2, "in quotes, not with an int"),
    ],
)
def test_choice(answer, message):
    def check():
        checkers.choice(answer, "B", {"A": "A is the other one."})

    if message is None:
        check()
    else:
        with pytest.raises(Wrong, match=message):
            check()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"a", "c"}, None),
        (["C", "a"], None),
        ({"a"}, "Look again at c: because c"),
        ({"a", "b", "c"}, "b does not belong: because b"),
        ({"z"}, "none of the options"),
        ("a", "Answer with a set"),
    ],
)
def test_subset(answer, message):
    reasons = {"a": "because a", "b": "because b", "c": "because c"}

    def check():
        checkers.subset(answer, {"a", "c"}, reasons)

    if message is None:
        check()
    else:
        with pytest.raises(Wrong, match=message):
            check()
