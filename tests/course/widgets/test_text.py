"""The line of text as a control: what it lets through, and how the live view follows it."""

import pytest

from tlbook import plots
from tlbook.course.widgets import Experiment, Text
from tlbook.course.widgets.view import View

LINE = Text("words", "Words", start="two  words ", examples=("", "a long line of words"))


def draw(result, fig):
    fig, ax = plots.figure(f"{len(result)} characters", fig=fig)
    ax.set(xlabel=result or "(nothing)", ylabel="characters")
    return fig


TOY = Experiment("line", "How long is it?", lambda words: words, draw, (LINE,), size="single")


def test_white_space_counts_as_one_blank():
    assert LINE.initial == "two words"
    assert LINE.check("\ta\n b ") == "a b"
    assert LINE.ends() == ("", "a long line of words")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LINE.check(3), "words: got int, want a text"),
        (lambda: LINE.check(None), "words: got NoneType"),
        (lambda: LINE.check("x" * 301), "words: got 301 characters, want at most 300"),
        (lambda: Text("a", "A", start="", examples=("x",)), r"a: got 1 example\(s\)"),
        (lambda: Text("a", "A", start="xyz", examples=("", "x"), max_length=2), "got 3 characters"),
        (lambda: Text("a", "A", start="", examples=("", "xyz"), max_length=2), "got 3 characters"),
    ],
)
def test_bad_texts_get_a_clear_message(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_view_follows_the_line_and_resets():
    view = View(TOY, {})
    view.update()
    first = view.image.value
    assert first == TOY.render(words="two words")
    view.controls["words"].value = ""
    assert view.image.value == TOY.render(words="")
    view.controls["words"].value = "x" * 400
    assert "got 400 characters" in view.message.value
    view.reset.click()
    assert view.image.value == first and view.controls["words"].value == "two words"
    assert view.message.value == ""


def test_the_view_waits_for_the_whole_line():
    assert View(TOY, {}).controls["words"].continuous_update is False
