"""Releases of every chapter: nothing that tells, nothing missing, graded by ``tlbook grade``."""

import ast
import builtins
import csv
import re
import shlex

import nbformat
import pytest

from tests.workshop.handout.solving import fill, short
from tlbook.course.chapters import CHAPTERS, find
from tlbook.workshop.cli import main
from tlbook.workshop.handout.release import (
    assignment,
    grade_command,
    key,
    learners_copy,
    measured_seconds,
    write_plain,
)
from tlbook.workshop.offline import namespace_prefix

EACH = pytest.mark.parametrize(
    "chapter",
    [
        pytest.param(c, id=c.number, marks=() if c.number == "02" else pytest.mark.slow)
        for c in CHAPTERS
    ],
)


def code(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def unbound(notebook):
    """Names that the code reads and nothing binds."""
    bound, read = {*dir(builtins), "display"}, set()
    for node in ast.walk(ast.parse(code(notebook))):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                bound.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=name):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add((other or name).split(".")[0])
    return read - bound


def asked(notebook):
    found = [cell.metadata.get("tlbook", {}).get("questions", []) for cell in notebook.cells]
    return sorted(name for names in found for name in names)


@EACH
def test_a_copy_tells_nothing_and_misses_nothing(chapter):
    given = assignment(chapter)
    copy = learners_copy(given)
    text = "\n".join(cell.source for cell in copy.cells)
    assert not re.search(
        r"widgets\.show|\bexpect\(|\.answers\(|\bex\.q\d+\.(hint|solution)\(", text
    )
    assert "Teacher's notes" not in text and not any(c.get("outputs") for c in copy.cells)
    assert asked(copy) == sorted(given.points)
    assert unbound(copy) == unbound(key(given)) == set()
    for exercise in given.exercises.values():
        assert exercise.solution_text not in text
        assert exercise.solution_text in code(key(given))


@EACH
def test_one_chosen_exercise_and_no_other(chapter):
    last = list(assignment(chapter).points)[-1]
    given = assignment(chapter, {last: 3}, [last])
    copy = learners_copy(given)
    assert asked(copy) == [last] and unbound(copy) == set()
    told = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    titles = set(re.findall(r"^\*\*Exercise (\d+)\b(?!\*\* has)", told, re.MULTILINE))
    assert titles <= {last[1:]}
    assert f"| {last} | 3 |" in told


def test_the_limit_is_measured_and_what_is_not_chosen_is_worth_nothing():
    given = assignment(find("11"), {"q2": 2}, ["q2", "q3"])
    assert given.seconds == 5 * measured_seconds(find("11")) > 60
    words = shlex.split(grade_command(given))
    assert [w for w in words if "=" in w] == ["q1=0", "q2=2", "q4=0"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--questions", "q1,q99"], "--questions: got 'q99', want one of q1, q2"),
        (["--points", "q99=2"], "--points: got 'q99'"),
        (["--points", "q1=many"], "--points: got 'q1=many'"),
        (["--format", "paper"], "--format: got 'paper', want one of plain, nbgrader"),
    ],
)
def test_wrong_options_are_one_line(arguments, words, tmp_path, capsys):
    assert main(["class", "release", "02", "--out", str(tmp_path), *arguments]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not namespace_prefix(), reason="this system confines nothing")
@pytest.mark.parametrize("number", ["02", "09", "17"])
def test_released_solved_by_script_and_graded(number, tmp_path, monkeypatch):
    """The command that the release itself writes gives each learner what was earned."""
    given = assignment(find(number), {"q1": 2}, ["q1", "q2"])
    student, _, command = write_plain(given, tmp_path)
    for how in ("right", "wrong", "hostile"):
        target = tmp_path / "submissions" / f"{how}.ipynb"
        target.parent.mkdir(exist_ok=True)
        nbformat.write(fill(short(nbformat.read(student, as_version=4)), given, how), target)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command.read_text())[1:] + ["--jobs", "2"]) == 0
    with open("grades/learners.csv", encoding="utf-8-sig") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    points = {name: (row["points"], row["out of"], row["trouble"]) for name, row in rows.items()}
    assert points == {
        "right": ("3", "3", ""),
        "wrong": ("0", "3", ""),
        "hostile": ("0", "3", ""),
    }
