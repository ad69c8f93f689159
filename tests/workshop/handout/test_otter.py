"""An assignment goes through Otter's own command line, and so do notebooks of bad intent."""

import json
import os
import subprocess
import zipfile

import nbformat
import pytest

from tests.workshop.handout.solving import fill, short
from tlbook.course.chapters import find
from tlbook.workshop.handout import otter
from tlbook.workshop.handout.environment import OTTER, Tool
from tlbook.workshop.handout.release import assignment, learners_copy

PROGRAM = OTTER.command()
GIVEN = assignment(find("02"), {"q3": 2.0}, ("q3", "q5"))


def test_without_otter_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(otter, "OTTER", Tool("no_such_tool", (), "otter"))
    with pytest.raises(ValueError, match="tlbook class setup otter"):
        otter.write(GIVEN, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="a line of a Unix shell")
def test_the_line_that_grades_has_a_folder_for_each_learner(tmp_path, monkeypatch):
    tool = Tool("otter of mine", (), "otter")
    program = tmp_path / "otter"
    program.write_text('#!/bin/sh\n[ -d "$5" ] && cp "$6" "$5/results.json"\n')
    program.chmod(0o755)
    monkeypatch.setattr(Tool, "script", lambda self, name: program)
    monkeypatch.setattr(otter, "OTTER", tool)
    (tmp_path / "submissions").mkdir()
    for name in ("ann", "李 雷"):
        (tmp_path / "submissions" / f"{name}.ipynb").write_text(name, encoding="utf-8")
    line = otter.grade_command(GIVEN)
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True, timeout=60)
    for name in ("ann", "李 雷"):
        graded = tmp_path / "results" / name / "results.json"
        assert graded.read_text(encoding="utf-8") == name


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    if PROGRAM is None:
        pytest.skip("no otter here: tlbook class setup otter")
    out = tmp_path_factory.mktemp("otter")
    (out / "teacher" / "tests").mkdir(parents=True)
    (out / "teacher" / "tests" / "q1.py").write_text("of an earlier release")
    otter.write(GIVEN, out)
    return out


@pytest.mark.slow
def test_the_zip_holds_the_chosen_questions_and_nothing_of_the_clone(released):
    with zipfile.ZipFile(released / otter.ZIP) as packed:
        names = packed.namelist()
        environment = packed.read("environment.yml").decode()
    assert sorted(n for n in names if n.startswith("tests/")) == ["tests/q3.py", "tests/q5.py"]
    assert "run_autograder" in names and "torch" not in environment
    student = nbformat.read(released / "student" / GIVEN.chapter.file, as_version=4)
    assert [c.source for c in student.cells] == [c.source for c in learners_copy(GIVEN).cells]


def results(released, notebook, folder):
    """Grade one notebook by Otter; return points, possible points and words of each question."""
    folder.mkdir()
    nbformat.write(notebook, folder / GIVEN.chapter.file)
    done = subprocess.run(
        [PROGRAM, "run", "-a", released / otter.ZIP, "-o", folder, folder / GIVEN.chapter.file],
        capture_output=True,
        text=True,
        timeout=GIVEN.seconds,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    tests = json.loads((folder / "results.json").read_text())["tests"]
    return {t["name"]: (t["score"], t["max_score"], t["output"]) for t in tests if "score" in t}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "points"),
    [("partly", (2.0, 0.0)), ("right", (2.0, 1.0)), ("hostile", (0.0, 0.0))],
)
def test_otter_gives_the_points(released, tmp_path, how, points):
    student = nbformat.read(released / "student" / GIVEN.chapter.file, as_version=4)
    notebook = fill(short(student), GIVEN, "right" if how == "partly" else how)
    if how == "partly":
        notebook.cells.append(nbformat.v4.new_code_cell("ex.q5.check('no answer to this')"))
    found = results(released, notebook, tmp_path / how)
    assert {name: row[0] for name, row in found.items()} == dict(
        zip(("q3", "q5"), points, strict=True)
    )
    assert {name: row[1] for name, row in found.items()} == dict(GIVEN.points)
    if how == "partly":
        assert GIVEN.exercises["q5"].judge("no answer to this").message[:40] in found["q5"][2]
