"""The report of a class: the right numbers, no small group, nothing that runs in a spreadsheet."""

import csv
import json

import numpy as np
import pytest

from tlbook.course import events, predictions
from tlbook.course.chapters import CHAPTERS
from tlbook.course.exercises import of_chapter
from tlbook.course.exercises.logged import named_mistake
from tlbook.course.exercises.panel import Panel
from tlbook.workshop.cli import main
from tlbook.workshop.handout import asked
from tlbook.workshop.handout.report import Answer, items, read
from tlbook.workshop.handout.report_page import write

CHAPTER = {exercise.name: exercise for exercise in of_chapter("ch02")}


def answers(table, item_names, said=""):
    return [
        Answer(f"l{k}", "02", name, "graded", bool(right), "" if right else said)
        for k, row in enumerate(table)
        for name, right in zip(item_names, row, strict=True)
    ]


def test_difficulty_and_discrimination_are_those_of_the_table():
    table = np.random.default_rng(0).random((30, 3)) < [0.8, 0.5, 0.3]
    found = items(answers(table, ("q1", "q2", "q3")))
    for k, item in enumerate(found):
        rest = np.delete(table, k, axis=1).mean(axis=1)
        assert item.learners == 30 and item.difficulty == pytest.approx(table[:, k].mean())
        assert item.discrimination == pytest.approx(np.corrcoef(table[:, k], rest)[0, 1])


def test_a_negative_number_of_the_table_is_a_number_and_the_question_stands_beside(tmp_path):
    table = [[1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 1], [0, 1, 1], [1, 0, 1]]
    write(tmp_path, items(answers(table, ("q1", "q2", "q3"))), [])
    rows = {
        r["item"]: r
        for r in csv.DictReader((tmp_path / "questions.csv").open(encoding="utf-8-sig"))
    }
    assert float(rows["q1"]["discrimination"]) < -0.5
    assert rows["q1"]["asked"].startswith("What differs between source and target?")
    assert "What differs between source and target?" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_every_question_and_prediction_has_its_words(chapter):
    names = [exercise.name for exercise in of_chapter(f"ch{chapter.number}")]
    names += [prediction.name for prediction in predictions.of_chapter(chapter.number)]
    said = [asked.words(chapter.number, name) for name in names]
    short = [name for name, text in zip(names, said, strict=True) if len(text) < 15]
    assert names and short == []
    assert asked.words(chapter.number, "q99") == asked.words("99", "q1") == ""


def test_nothing_varies_no_correlation():
    assert {i.discrimination for i in items(answers(np.ones((6, 2)), ("q1", "q2")))} == {None}


@pytest.mark.parametrize("n", range(1, 7))
def test_groups_below_five_are_not_shown(n):
    (item,) = items(answers(np.zeros((n, 1)), ["q1"], said="A slip."))
    shown = n >= 5
    assert (item.learners, item.mistake, item.made_by) == (
        (n, "A slip.", n) if shown else (None, "", None)
    )
    rare = items(
        [*answers(np.ones((9, 1)), ["q1"]), Answer("x", "02", "q1", "graded", False, "Rare.")]
    )
    assert rare[0].mistake == "" and rare[0].difficulty == pytest.approx(0.9)


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "events.jsonl"
    monkeypatch.setenv(events.EVENTS, str(path))
    return path


def test_a_check_is_logged_without_what_was_written(log, capsys):
    exercise = CHAPTER["q2"]
    exercise.check((1.9, 20))
    exercise.check("my name is Ann")
    exercise.check(...)
    exercise.check(exercise.reference)
    found = [json.loads(line) for line in log.read_text().splitlines()]
    assert [e["right"] for e in found] == [False, False, True]
    assert {(e["chapter"], e["question"], e["item"]) for e in found} == {("02", "q2", "02.q2")}
    assert found[0]["mistake"].startswith("That is the loss with # source points.")
    assert "Ann" not in log.read_text() and found[1]["mistake"] == found[2]["mistake"] == ""


def test_a_click_on_check_is_logged_a_click_on_hint_is_not(log):
    panel = Panel(CHAPTER["q5"])
    panel.press("hint")
    panel.press("check")  # nothing is chosen
    assert not log.exists()
    panel.options[0].value = CHAPTER["q5"].options[0]
    panel.press("check")
    assert json.loads(log.read_text())["question"] == "q5"


def test_every_value_exercise_has_its_mistakes_named():
    for exercise in CHAPTER.values():
        for wrong in exercise.mistakes.values():
            assert named_mistake(exercise.mistakes, exercise.judge(wrong).message)


def test_the_command_reads_grades_and_logs(tmp_path):
    _, wrong = next(iter(CHAPTER["q5"].mistakes.items()))
    heard = CHAPTER["q5"].judge(wrong).message
    header = ["learner", "chapter", "question", "points", "out of", "status", "feedback", "note"]
    with open(tmp_path / "questions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for k in range(8):
            writer.writerow(
                [f"ann{k}", "ch02", "q1", int(k < 6), 1, "correct" if k < 6 else "wrong", "x", ""]
            )
            writer.writerow([f"ann{k}", "ch02", "q5", 0, 1, "wrong", heard, ""])
            writer.writerow([f"ann{k}", "ch02", "q6", 0, 0, "not attempted", "", ""])
    logs = []
    for k in range(6):
        logs.append(tmp_path / f"log{k}.jsonl")
        first = {"learner": f"r{k}", "kind": "predict", "item": "00.1", "right": k == 0}
        lines = [first | {"said": "=<b>up</b>"}, first | {"right": True}, {"kind": "predict"}, 3]
        logs[-1].write_text("\n".join(map(json.dumps, lines)) + "\nbroken")
    out = tmp_path / "out"
    files = [str(path) for path in (tmp_path / "questions.csv", *logs)]
    assert main(["class", "report", *files, "--out", str(out)]) == 0
    rows = {
        r["item"]: r for r in csv.DictReader((out / "questions.csv").open(encoding="utf-8-sig"))
    }
    assert set(rows) == {"q1", "q5"}
    assert rows["q1"]["share right"] == "0.75" and rows["q5"]["share right"] == "0.00"
    assert (rows["q5"]["made by"], bool(rows["q5"]["most frequent mistake"])) == ("8", True)
    (told,) = csv.DictReader((out / "predictions.csv").open(encoding="utf-8"))
    assert (told["learners"], told["share right"], told["made by"]) == ("6", "0.17", "5")
    assert told["most frequent wrong answer"].startswith("'=")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;up" in page and "<b>up" not in page and "ann" not in page
    assert "src=" not in page and "href=" not in page and "<script" not in page


def test_a_table_that_a_spreadsheet_saved_anew_is_read(tmp_path):
    header = "learner;chapter;question;points;out of;status;feedback;note"
    rows = [f"李{k};ch02;q1;1;1;correct;;" for k in range(5)]
    (tmp_path / "q.csv").write_text("\n".join([header, *rows]), encoding="utf-8-sig")
    (item,) = items(read([tmp_path / "q.csv"])[0])
    assert (item.learners, item.difficulty) == (5, 1.0)


def test_each_part_of_a_prediction_counts_alone(tmp_path):
    parts = predictions.find("02.1").parts
    wrong = [next(o for o in part.options if o != part.right) for part in parts]
    lines = []
    for k in range(6):  # six are wrong in the first part, one of them in the second
        said = f"{wrong[0]} · {wrong[1] if k == 0 else parts[1].right}"
        lines.append({"learner": f"r{k}", "kind": "predict", "item": "02.1", "right": False})
        lines[-1]["said"] = said
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (item,) = items(read([tmp_path / "log.jsonl"])[1])
    assert (item.mistake, item.made_by) == (f"{parts[0].asked} {wrong[0]}", 6)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("a,b\n1,2\n", "t.csv", "want questions.csv of tlbook grade"),
        ("nothing", "t.jsonl", "files: got no answer and no prediction"),
    ],
)
def test_other_files_are_one_line(text, name, words, tmp_path, capsys):
    (tmp_path / name).write_text(text)
    assert main(["class", "report", str(tmp_path / name), "--out", str(tmp_path / "o")]) == 1
    assert words in capsys.readouterr().err.replace("\n", " ")
    assert main(["class", "report", str(tmp_path / "no.csv")]) == 1
