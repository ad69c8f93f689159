"""The panel below an exercise: its buttons say what the calls say, options can be chosen."""

import pytest

from tlbook.course.exercises import of_chapter, panel
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.panel import Panel
from tlbook.course.exercises.quizzes import choice, subset

ONE = choice(
    "q1",
    "Which one?",
    "blue",
    {"red": "Red is warm.", "green": "Green is between."},
    hints=("Cold.", "Like the sea."),
)
MANY = subset(
    "q2",
    "Which are cold?",
    {"blue", "violet"},
    {"blue": "Like ice.", "violet": "Near blue.", "red": "Like fire."},
    hints=("Two of them.",),
)


def test_the_buttons_answer_what_the_calls_answer():
    shown = Panel(ONE)
    assert shown.answer.value == ""
    for hint in ("Cold.", "Like the sea.", "Cold."):
        shown.buttons["hint"].click()
        assert hint in shown.answer.value
    shown.buttons["solution"].click()
    assert "blue" in shown.answer.value


def test_one_option_is_chosen_by_a_radio_button():
    shown = Panel(ONE)
    (radio,) = shown.options
    assert radio.options == ("blue", "green", "red") and radio.value is None
    said = {}
    for option in (None, *radio.options):
        radio.value = option
        shown.buttons["check"].click()
        said[option] = shown.answer.value
    assert "Not attempted" in said[None]
    assert "Correct" in said["blue"]
    assert "Red is warm." in said["red"] and "Green is between." in said["green"]


def test_several_options_are_boxes():
    shown = Panel(MANY)
    boxes = {box.description: box for box in shown.options}
    shown.press("check")
    assert "Not attempted" in shown.answer.value
    boxes["blue"].value = True
    shown.press("check")
    assert "Near blue." in shown.answer.value
    boxes["violet"].value = True
    shown.press("check")
    assert "Correct" in shown.answer.value


def test_an_exercise_without_options_has_no_check_button():
    written = Exercise("q3", "Half?", 0.5, mistakes={"A third.": 1 / 3}, hints=("Divide.",))
    assert set(Panel(written).buttons) == {"hint", "solution"}


def test_outside_a_kernel_there_is_no_panel(capsys):
    ONE.check()
    assert capsys.readouterr().out.strip() == (
        "… Not attempted yet. Replace the dots with your answer and run again."
    )


def test_in_a_kernel_the_page_gets_the_widget_and_no_words_of_its_repr(monkeypatch):
    bundles = []
    monkeypatch.setattr(panel, "in_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: bundles.append(data))
    panel.show(ONE)
    assert [set(bundle) for bundle in bundles] == [{"application/vnd.jupyter.widget-view+json"}]


@pytest.mark.parametrize("chapter", ["ch00", "ch03", "ch07", "ch15"])
def test_every_option_of_the_course_can_be_chosen(chapter):
    for exercise in of_chapter(chapter):
        if exercise.options and not exercise.several:
            shown = Panel(exercise)
            for option in exercise.options:
                shown.options[0].value = option
                assert exercise.judge(shown.chosen()).status in ("correct", "wrong")
