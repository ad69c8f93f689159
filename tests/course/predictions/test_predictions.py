"""Predictions: the files are whole, a click is kept and judged, a page works without a kernel."""

import json

import pytest

from tlbook.course import events
from tlbook.course.chapters import CHAPTERS
from tlbook.course.predictions import asking, expect, find, of_chapter
from tlbook.course.predictions.questions import parse

ONE = {
    "see": "1 · A <start>",
    "options": ["up", "down & out", "level"],
    "right": "up",
    "reasons": {"down & out": "The line rises.", "level": "It rises by 3."},
}
TWO = {"see": "2 · End", "part": [{"asked": "(a)", **ONE}, {"asked": "(b)", **ONE}]}
for _part in TWO["part"]:
    del _part["see"]


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Widgets of made predictions; clicks go to a folder of the test."""
    monkeypatch.setattr(events, "_predictions", lambda: tmp_path / "data" / "predictions.json")
    monkeypatch.delenv(events.EVENTS, raising=False)
    return lambda table: asking.Asked(parse("77", [table])[0])


@pytest.mark.parametrize("chapter", [chapter.number for chapter in CHAPTERS])
def test_the_right_answer_is_not_always_in_the_same_place(chapter):
    parts = [part for one in of_chapter(chapter) for part in one.parts if part.right]
    places = [part.options.index(part.right) / (len(part.options) - 1) for part in parts]
    if len(places) >= 5:
        assert len(set(places)) > 1
        assert max(places.count(place) for place in places) < len(places)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"right": "sideways"}, "right: got 'sideways'"),
        ({"options": ["up"]}, "options: got"),
        ({"options": ["up", "up", "level"]}, "options: got"),
        ({"reasons": {"level": "No."}}, "reasons: got"),
        ({"color": "red"}, "color"),
    ],
)
def test_a_table_that_does_not_fit_is_named(change, named):
    with pytest.raises(ValueError, match=r"prediction 77\.1: ") as caught:
        parse("77", [ONE | change])
    assert named in str(caught.value)


@pytest.mark.parametrize("name", ["77.1", "", "../x.1", 3, None])
def test_an_unknown_name_is_named(name):
    with pytest.raises(ValueError, match="name: got"):
        find(name)


def test_each_wrong_option_hears_its_reason_and_the_right_one_none(asked):
    for option, reason in ONE["reasons"].items():
        widget = asked(ONE)
        widget.choices[0].value = option
        assert reason not in widget.answer.value
        widget.compare.click()
        assert reason in widget.answer.value
        assert "#1-·-A-&lt;start&gt;" in widget.answer.value
    widget = asked(ONE)
    widget.choices[0].value = "up"
    widget.compare.click()
    assert "As you said" in widget.answer.value
    assert not any(reason in widget.answer.value for reason in ONE["reasons"].values())


def test_where_the_machine_decides_no_option_is_called_wrong(asked):
    reasons = {option: f"See row {option}." for option in ONE["options"]}
    widget = asked(ONE | {"right": "", "reasons": reasons})
    widget.choices[0].value = "level"
    widget.compare.click()
    assert "See row level." in widget.answer.value
    assert "✗" not in widget.answer.value


def test_nothing_is_compared_before_all_parts_are_chosen(asked):
    widget = asked(TWO)
    widget.choices[1].value = "level"
    widget.compare.click()
    assert "Choose first" in widget.answer.value


def test_a_click_is_shown_again_and_a_broken_file_is_no_click(asked):
    asked(TWO).choices[1].value = "down & out"
    assert [choice.value for choice in asked(TWO).choices] == [None, "down & out"]
    for broken in ("{", "[]", json.dumps({"77.1": 3}), json.dumps({"77.1": {"1": "gone"}})):
        events._predictions().write_text(broken, encoding="utf-8")
        assert [choice.value for choice in asked(TWO).choices] == [None, None]


def test_a_folder_that_cannot_be_written_keeps_nothing_and_raises_nothing(asked, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    widget = asked(ONE)
    widget.choices[0].value = "level"
    assert widget.answer.value == asking.NOTED


def test_events_are_written_only_where_asked_for_and_bear_no_name(asked, tmp_path, monkeypatch):
    log = tmp_path / "events.jsonl"
    widget = asked(ONE)
    widget.choices[0].value = "level"
    widget.compare.click()
    assert not log.exists()
    monkeypatch.setenv(events.EVENTS, "")  # restored at the end, whatever ask_for_log sets
    events.ask_for_log(log)
    widget.compare.click()
    widget.choices[0].value = "up"
    widget.compare.click()
    first, second = (json.loads(line) for line in log.read_text().splitlines())
    assert (first["said"], first["right"]) == ("level", False)
    assert (second["said"], second["right"]) == ("up", True)
    assert first["learner"] == second["learner"]
    assert set(first) == {"learner", "kind", "item", "right", "said"}


def test_a_log_that_cannot_be_written_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv(events.EVENTS, "")
    with pytest.raises(ValueError, match="events: got"):
        events.ask_for_log(tmp_path)


def test_a_page_escapes_and_shows_answers_only_in_the_part_that_opens():
    page = asking.as_page(parse("77", [TWO])[0])
    before, _, after = page.partition("<details>")
    assert "The line rises." not in before
    assert "The line rises." in after
    assert "down &amp; out" in before
    assert "<start>" not in page


def test_without_a_kernel_the_options_are_printed(capsys):
    some = next(one for chapter in CHAPTERS for one in of_chapter(chapter.number))
    expect(some.name)
    shown = capsys.readouterr().out
    assert all(option in shown for part in some.parts for option in part.options)
