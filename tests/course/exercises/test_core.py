"""Exercises: every state of an answer gets its own message, and nothing is ever raised."""

import io
import math
from contextlib import redirect_stdout
from math import pi

import numpy as np
import pytest

from tlbook.course.exercises import Exercise, Wrong, checkers, of_chapter
from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import is_stub
from tlbook.course.exercises.quizzes import check_choice, check_subset
from tlbook.course.exercises.source import literal, solution_of


def double(x):
    """Return twice the number."""
    return 2 * x  # not x ** 2


def make(**changes):
    parts = {
        "name": "q1",
        "question": "Write double(x).",
        "reference": double,
        "mistakes": {"That is the square.": lambda x: x**2},
        "probes": [Probe("double(x)", on(np.array([1.0, 2.0])))],
        "hints": ("Think of 2.", "Multiply."),
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


def test_a_forgotten_return_is_named_and_an_empty_body_is_a_stub():
    def double(x):
        y = 2 * x
        print(y)

    def empty(x):
        """Return twice the number."""

    assert str(make().judge(double)) == (
        "✗ Not yet. double returned nothing (None). Does it end with a return?"
    )
    assert make().judge(empty).status == "not attempted"


def test_sys_exit_in_an_answer_is_a_mistake():
    def double(x):
        raise SystemExit("bye")

    feedback = make().judge(double)
    assert feedback.status == "wrong" and "double raised SystemExit: bye" in feedback.message


def test_a_stopped_check_stops_what_follows_and_shows_no_source(capsys):
    def double(x):
        raise KeyboardInterrupt  # what the stop button does to an endless loop

    with pytest.raises(KeyboardInterrupt) as stopped:
        make().check(double)
    assert "You stopped the check" in capsys.readouterr().out
    assert stopped.value._render_traceback_() == []  # IPython shows these lines


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
    assert message.startswith("A function is asked for, and the answer is a str.")

    def of_a_list(answer):
        raise KeyError(answer)

    asked = {"mistakes": {"No.": 3}, "hints": ("One.", "Two."), "check": of_a_list}
    other = Exercise("q1", "?", 2, **asked).judge("two").message
    assert "could not use an answer of type str" in other


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
    assert (
        'def double(x):\n    """Return twice the number."""\n    return 2 * x  # not x ** 2' in text
    )


def test_feedback_in_a_notebook_is_escaped_html_and_text():
    from IPython.core.formatters import DisplayFormatter

    def angry(answer):
        raise Wrong("1 < 2 & <b>")

    feedback = make(check=angry).judge(1)
    data, _ = DisplayFormatter().format(feedback)
    assert "1 &lt; 2 &amp; &lt;b&gt;" in data["text/html"]
    assert data["text/plain"] == "✗ Not yet. 1 < 2 & <b>"


@pytest.mark.parametrize("what", ["hints", "mistakes"])
def test_an_exercise_must_be_whole(what):
    with pytest.raises(ValueError, match=f"{what}: got nothing for q1"):
        make(**{what: {}})


# -- the table of mistakes -------------------------------------------------------------------------


def staged(**last):
    """Two probes: a value, then how the function takes a negative number."""
    mistakes = {
        "The sign is lost.": abs,
        "The sign is turned round.": lambda x: -2 * x,
        "Negative numbers fail ({error}).": lambda x: 2 * x if x > 0 else [][1],
        "You forget the sign.": lambda x: 2 * abs(x),
    }
    return make(mistakes=mistakes, probes=[Probe("2", on(1.0)), Probe("minus", on(-1.0), **last)])


def test_a_later_probe_finds_what_an_earlier_one_does_not():
    assert staged().judge(lambda x: 2 * abs(x)).message == "You forget the sign."


def test_a_mistake_is_named_only_if_the_earlier_probes_agree():
    """abs and the other row give 1 and 2 of -1; an answer of 1 there that is right before is
    neither: abs is wrong before."""
    answer = staged().judge(lambda x: 2.0 if x > 0 else 1.0)
    assert answer.message == "minus is 1, which is too high."


def test_otherwise_stands_for_the_general_message():
    def answer(x):
        return 2.0 if x > 0 else 7.0

    assert staged(otherwise="Not {value}.").judge(answer).message == "Not 7."
    by_hand = staged(otherwise=lambda value, want: f"{value} for {want}")
    assert by_hand.judge(answer).message == "7.0 for -2.0"


def test_a_failure_is_explained_where_the_probe_says_so():
    def answer(x):
        return 2 * x if x > 0 else [][1]

    assert "raised IndexError" in staged().judge(answer).message
    message = staged(failing="Negative numbers fail ({error}).").judge(answer).message
    assert message.startswith("Negative numbers fail (answer raised IndexError")


def test_inputs_are_copied_for_every_call():
    def spoil(x):
        x *= 2
        return x

    exercise = make()
    assert exercise.judge(spoil).status == exercise.judge(spoil).status == "correct"


def test_a_value_is_compared_without_a_probe():
    half = make(reference=0.5, mistakes={"That is a third.": 1 / 3}, probes=[Probe("It")])
    assert half.judge(1 / 3).message == "That is a third."
    assert half.judge(50).message == "It is in percent; give a fraction between 0 and 1."
    assert "call it first" in half.judge(lambda: 0.5).message


@pytest.mark.parametrize(
    ("value", "said"),
    [(20, "in percent"), (1, "too high"), (-0.25, "wrong sign"), (-0.5, "too low")],
)
def test_a_tolerance_wider_than_the_value_names_no_other_mistake(value, said):
    small = make(
        reference=0.2, mistakes={"That is nine.": 9.0}, probes=[Probe("It", tolerance=0.4)]
    )
    assert said in small.judge(value).message


def test_a_mistake_that_gives_nan_is_found():
    table = {"A NaN, you see.": lambda x: x * np.nan}
    assert make(mistakes=table).judge(lambda x: x * np.nan).message == "A NaN, you see."


class EqualToAll:
    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "want", "equal"),
    [
        (1.0, 1, True),
        (np.array([1.0]), 1.0, True),
        ([1.0], [1.0, 1.0], False),
        (np.nan, np.nan, True),
        (np.inf, np.inf, True),
        ("1.0", 1.0, False),
        (1 + 0j, 1.0, False),
        (True, True, True),
        (np.True_, True, True),
        (1, True, False),
        ("a", "a", True),
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (("a", "b"), ["a", "b"], False),
        (EqualToAll(), "a", False),
        ([EqualToAll()], ["a"], False),
        (EqualToAll(), 1.0, False),
        (EqualToAll(), True, False),
    ],
)
def test_same(value, want, equal):
    assert checkers.same(value, want, 1e-6) is equal


# -- the solution that is shown --------------------------------------------------------------------

SCALE = 2
UNUSED = 3


def scaled(x):
    return SCALE * math.fabs(x)


def with_helpers(x):
    SQUARE = x  # a local name, whatever the module calls so
    return scaled(SQUARE) + np.sqrt(pi)


def test_a_solution_brings_what_it_needs_and_no_more():
    text = solution_of(with_helpers)
    assert text == (
        "import math\nfrom math import pi\n\n\nSCALE = 2\n\n\n"
        "def scaled(x):\n    return SCALE * math.fabs(x)\n\n\n"
        "def with_helpers(x):\n"
        "    SQUARE = x  # a local name, whatever the module calls so\n"
        "    return scaled(SQUARE) + np.sqrt(pi)"
    )
    namespace = {"np": np}
    exec(text, namespace)
    assert namespace["with_helpers"](2.0) == with_helpers(2.0)


SQUARE = 4


def test_a_reference_must_stand_at_the_top_of_its_module():
    with pytest.raises(ValueError, match="reference: got <lambda> of .* want a function"):
        solution_of(lambda x: x)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "answer = 0.1"),
        ("B", 'answer = "B"'),
        ({"b", "a"}, 'answer = {"a", "b"}'),
        (set(), "answer = set()"),
        (["b", "a"], 'answer = ["b", "a"]'),
        ({"k": set(), "l": {"b", "a"}}, 'answer = {"k": set(), "l": {"a", "b"}}'),
    ],
)
def test_the_solution_of_a_question_for_a_value(value, text):
    assert solution_of(value) == text
    assert solution_of(value, "so") == f"# so\n{text}"
    namespace = {}
    exec(text, namespace)
    assert namespace["answer"] == value


def test_a_long_literal_has_one_entry_a_line():
    value = {f"story number {i}": "a long answer" for i in range(4)}
    assert literal(value).splitlines()[1] == '    "story number 0": "a long answer",'
    assert eval(literal({"outer": value})) == {"outer": value}


def test_unknown_chapter():
    with pytest.raises(ValueError, match="chapter: got 'ch99'"):
        of_chapter("ch99")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (0.25, None),
        (np.float32(0.25), None),
        (np.array([0.25]), None),
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
        checkers.number(answer, 0.25, what="p")

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
        ([6, 15], r"shape \(2,\), it should be \(2, 3\)"),
        ([[1, 2, 3], [4, 5, 7]], r"off by up to 1 at \(1, 2\)"),
        ([[1, 2, 3], [4, 5, np.nan]], "contains NaN"),
        ([1, 2], r"shape \(2,\), it should be \(2, 3\)"),
        ("abc", "should hold numbers, not a str"),
    ],
)
def test_array(answer, message):
    want = np.array([[1, 2, 3], [4, 5, 6]])

    def check():
        checkers.array(answer, want, what="A")

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
        check_choice(answer, "B", {"A": "A is the other one."})

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
        check_subset(answer, {"a", "c"}, reasons)

    if message is None:
        check()
    else:
        with pytest.raises(Wrong, match=message):
            check()
