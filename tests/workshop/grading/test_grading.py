"""Learners' notebooks, honest and hostile: each ends with a grade, and none can forge it."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tlbook.course.exercises import of_chapter
from tlbook.workshop.cli import main
from tlbook.workshop.grading import sheet
from tlbook.workshop.grading.judging import judged, read_safely
from tlbook.workshop.grading.run import found, grade
from tlbook.workshop.grading.sandbox import Limits, Sandbox

CHAPTER = {exercise.name: exercise for exercise in of_chapter("ch02")}
START = "import numpy as np\nfrom tlbook.course.ch02_domains_tasks_shift import exercises as ex"
SANDBOX = Sandbox()
LIMITS = Limits(seconds=120, cell_seconds=60, memory_mib=2048, processes=200)


def right(name):
    exercise = CHAPTER[name]
    answer = exercise.reference.__name__ if callable(exercise.reference) else "answer"
    return f"{exercise.solution_text}\nex.{name}.check({answer})"


FUNCTION = next(name for name, exercise in CHAPTER.items() if callable(exercise.reference))
VALUE = next(name for name, exercise in CHAPTER.items() if not callable(exercise.reference))


def write(path, *cells):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (START, *cells)]
    nbformat.write(notebook, path)
    return path


def marks(graded):
    return {a.question: a.feedback.status for a in graded.answers}


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    path = write(
        tmp_path_factory.mktemp("honest") / "honest.ipynb",
        right(FUNCTION),
        f"ex.{VALUE}.check(...)",
        right(VALUE),
        "1 / 0",
        *(f"ex.{n}.check(3.14159)" for n in CHAPTER if n not in (FUNCTION, VALUE)),
    )
    return grade(path, limits=LIMITS, sandbox=SANDBOX, points={VALUE: 3})


@pytest.mark.slow
def test_points_feedback_and_a_note(honest):
    by_name = {a.question: a for a in honest.answers}
    assert honest.trouble == "" and honest.chapter == "ch02"
    assert (by_name[FUNCTION].points, by_name[VALUE].points) == (1, 3)
    assert honest.points == 4 and honest.out_of == len(CHAPTER) + 2
    assert by_name[FUNCTION].note == "same code as the solution shown"
    rest = [a for a in honest.answers if a.question not in (FUNCTION, VALUE)]
    assert all(a.feedback.status == "wrong" and a.feedback.message for a in rest)
    assert any("ZeroDivisionError" in error for error in honest.errors)


@pytest.mark.slow
def test_tables_and_pages(honest, tmp_path):
    sheet.write(tmp_path, [honest])
    learners = (tmp_path / "learners.csv").read_text().splitlines()
    assert learners[1].startswith(f"honest,ch02,4,{len(CHAPTER) + 2},")
    assert len((tmp_path / "questions.csv").read_text().splitlines()) == 1 + len(CHAPTER)
    page = (tmp_path / "feedback" / "honest.html").read_text()
    assert "<script" not in page and f"<h2>{VALUE}: 3 of 3</h2>" in page


PATCHED = """
from tlbook.course.exercises import core, feedback
core.Exercise.check = core.Exercise.judge = lambda *a: feedback.Feedback("correct")
ex.{0}.check(0)
"""
FORGED = """
import glob, json, os
os.environ["TLBOOK_CLAIM_LOG"] = "claims.jsonl"
open("claims.jsonl", "w").write(json.dumps({{"text": "all is well", "mark": "held"}}) + "\\n")
from tlbook.workshop.grading import recorder
with open("answers.jsonl", "a") as lines:
    for name in ("q1", "q2", "q3", "q4", "q5", "q6"):
        for forged in ({{"status": "correct", "points": 99}}, {{"outcomes": "correct"}},
                       {{"outcomes": [["correct", ["bool", True], ""]]}}, {{"answer": "correct"}}):
            lines.write(json.dumps({{"question": name, **forged}}) + "\\n")
"""
HOSTILE = {
    "endless loop": "while True: pass",
    "endless loop that takes no interrupt": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "endless check": f"ex.{FUNCTION}.check(lambda *a: [0 for _ in iter(int, 1)])",
    "exit": "import sys; sys.exit(0)",
    "hard exit": "import os; os._exit(0)",
    "exit in the answer": f"import sys\nex.{FUNCTION}.check(lambda *a: sys.exit(0))",
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "memory": "hog = [bytearray(b'x' * 2**26) for _ in range(2**12)]",
    "100 MB of output": "for _ in range(100): print('x' * 10**6)",
    "patched checker": PATCHED.format(FUNCTION),
    "forged records": FORGED.format(),
    "link for records": (
        "import os; os.remove('answers.jsonl') if os.path.exists('answers.jsonl') else 0\n"
        "os.symlink('/etc/passwd', 'answers.jsonl')"
    ),
    "pipe for records": (
        "import os; os.remove('answers.jsonl') if os.path.exists('answers.jsonl') else 0\n"
        "os.mkfifo('answers.jsonl')"
    ),
    "left behind": (
        "import subprocess\n"
        "subprocess.Popen(['sleep', '987.125'], start_new_session=True, stdout=-3, stderr=-3)"
    ),
}
EARLIER_ANSWERS_ARE_LOST = ("link for records", "pipe for records")


def test_no_learner_gets_the_page_of_another(tmp_path):
    names = ["ann b", "ann_b", "Ann_B", "李 雷"]
    sheet.write(tmp_path, [grade(tmp_path / "missing.ipynb", name) for name in names])
    pages = [p.read_text(encoding="utf-8") for p in (tmp_path / "feedback").iterdir()]
    assert all(sum(f"<h1>{name}:" in page for page in pages) == 1 for name in names)


@pytest.mark.slow
@pytest.mark.skipif(not SANDBOX.means.prefix, reason="this system confines nothing")
@pytest.mark.parametrize("attack", HOSTILE)
def test_every_attack_ends_with_a_grade_of_what_was_answered(attack, tmp_path):
    path = write(tmp_path / "hostile.ipynb", right(VALUE), HOSTILE[attack])
    quick = Limits(seconds=50, cell_seconds=15, memory_mib=1024, processes=200)
    graded = grade(path, limits=quick, sandbox=SANDBOX)
    expected = dict.fromkeys(CHAPTER, "not attempted")
    if attack == "forged records":
        expected = dict.fromkeys(CHAPTER, "wrong")  # what is no answer is not right
    elif attack not in EARLIER_ANSWERS_ARE_LOST:
        expected[VALUE] = "correct"
    if attack in ("endless check", "exit in the answer"):
        expected[FUNCTION] = "wrong"
    assert marks(graded) == expected
    assert graded.seconds < 90
    alive = subprocess.run(["pgrep", "-f", "sleep 987.125"], capture_output=True, text=True)
    assert alive.stdout == ""


@pytest.mark.slow
@pytest.mark.skipif(not SANDBOX.means.own_folders, reason="no folders of its own here")
def test_no_network_no_files_of_the_teacher_and_not_the_teacher(tmp_path):
    secret = Path.home() / f".tlbook-test-{os.getpid()}"
    secret.write_text("secret")
    try:
        path = write(
            tmp_path / "nosy.ipynb",
            "import os, socket, pathlib\nfound = []",
            f"found += [os.path.exists({str(secret)!r})]",
            f"found += [os.path.exists({str(tmp_path)!r})]",
            "try: socket.create_connection(('192.0.2.1', 9), timeout=2); found += [True]\n"
            "except OSError as error: found += [error.errno != 101]",
            "import tlbook\nfound += [os.access(tlbook.__file__, os.W_OK)]",
            f"ex.{VALUE}.check(str(found))",
        )
        graded = grade(path, limits=LIMITS, sandbox=SANDBOX)
    finally:
        secret.unlink()
    said = next(a.feedback for a in graded.answers if a.question == VALUE)
    told = f"{said.message} {graded.errors} {graded.trouble}"
    assert "True" not in told and said.status == "wrong", told


def test_records_are_judged_by_the_teachers_exercises_only():
    given = '{"question": "q1", "answer": ["object", "EqualToAll"]}\n' * 2
    assert judged("ch02", given)[0].feedback.status == "wrong"
    assert {a.feedback.status for a in judged("ch02", "")} == {"not attempted"}
    assert {a.points for a in judged("ch02", given)} == {0.0}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_no_link_and_no_pipe_is_read(tmp_path):
    (tmp_path / "true").write_text("secret")
    os.symlink(tmp_path / "true", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    assert read_safely(tmp_path / "true", 3) == "sec"
    assert read_safely(tmp_path / "link") == read_safely(tmp_path / "pipe") == ""
    assert read_safely(tmp_path / "missing") == read_safely(tmp_path) == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "got no notebook"),
        ("no json", "got no notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "got exercises of no chapter"),
    ],
)
def test_a_file_that_is_no_submission_is_named_and_graded_with_nothing(tmp_path, content, words):
    path = tmp_path / "what.ipynb"
    path.write_text(content)
    graded = grade(path)
    assert words in graded.trouble and graded.points == 0


def test_names_of_files_and_folders(tmp_path):
    for name in ("ann/02.ipynb", "bob/02.ipynb", "cy.ipynb", "bob/.ipynb_checkpoints/02.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("{}")
    assert sorted(found([tmp_path])) == ["ann", "bob", "cy"]
    (tmp_path / "ann" / "02.ipynb").rename(tmp_path / "ann" / "02 (1) final.ipynb")
    assert sorted(found([tmp_path])) == ["ann", "bob", "cy"]
    (tmp_path / "bob" / "09.ipynb").write_text("{}")
    (tmp_path / "dora" / "ch02").mkdir(parents=True)
    (tmp_path / "dora" / "ch02" / "02.ipynb").write_text("{}")
    assert sorted(found([tmp_path])) == ["ann", "bob/02", "bob/09", "cy", "dora"]
    assert sorted(found([tmp_path / "ann", tmp_path / "cy.ipynb"])) == ["02 (1) final", "cy"]
    with pytest.raises(ValueError, match="want a file or a folder that exists"):
        found([tmp_path / "dan"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--points", "q1"], "--points: got 'q1'"),
        (["--points", "q1=-1"], "--points: got 'q1=-1'"),
        (["--chapter", "77"], "--chapter: got 77"),
        (["nowhere"], "nowhere, want a file or a folder that exists"),
    ],
)
def test_wrong_options_are_one_line(options, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["grade", str(tmp_path), *options]) == 1
    assert words in capsys.readouterr().err.replace("\n", " ")


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(
    tmp_path, capsys, monkeypatch
):
    notebook, out = write(tmp_path / "02_a.ipynb", "1"), tmp_path / "out"
    out.write_text("in the way")

    def run(*_, **__):
        raise AssertionError("a notebook was run")

    monkeypatch.setattr("tlbook.workshop.grading.run.grade_all", run)
    assert main(["grade", str(notebook), "--out", str(out)]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert told.startswith(f"tlbook: --out: got {out} ({os.strerror(errno.EEXIST)})")
    assert main(["grade", str(tmp_path / "none"), "--out", str(tmp_path / "new")]) == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(not SANDBOX.means.user, reason="all run as you here")
def test_each_notebook_runs_as_a_user_of_its_own(tmp_path):
    """Else a notebook that starts all the processes it may would leave none to its neighbor."""
    users = set()
    for name in ("a", "b", "c"):
        job = tmp_path / name / "job.json"
        job.parent.mkdir()
        job.write_text("{}")
        assert SANDBOX.run("platform", job, LIMITS) == ""
        users.add(job.stat().st_uid)
    assert len(users) == 3 and 0 not in users


def test_every_learner_has_a_page_of_feedback(tmp_path):
    names = ["ann/02", "ann_02", "ANN 02", "ann_02-2", "ä" * 150 + "/02", "ä" * 150 + "/03"]
    sheet.write(tmp_path, [grade(tmp_path / "missing.ipynb", name) for name in names])
    pages = sorted((tmp_path / "feedback").iterdir())
    assert len({path.name.lower() for path in pages}) == len(names)
    titles = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert all(f"<title>{name}: 0 of 0<" in titles for name in names)


def test_a_cell_of_the_tables_is_no_formula(tmp_path):
    bad = grade(tmp_path / "missing.ipynb", "=cmd|' /C calc'!A0")
    sheet.write(tmp_path, [bad])
    assert "\n'=cmd" in (tmp_path / "learners.csv").read_text()


def test_a_spreadsheet_is_told_that_the_tables_are_utf_8(tmp_path):
    sheet.write(tmp_path, [grade(tmp_path / "missing.ipynb", "王芳")])
    bytes_of = (tmp_path / "learners.csv").read_bytes()
    assert bytes_of.startswith(b"\xef\xbb\xbflearner,") and "王芳".encode() in bytes_of


@pytest.mark.slow
@pytest.mark.skipif(not SANDBOX.means.prefix, reason="this system confines nothing")
def test_the_command_ends_what_it_started_when_it_is_killed(tmp_path):
    write(tmp_path / "slow.ipynb", "import time\ntime.sleep(400)  # of the killed command")
    command = [sys.executable, "-m", "tlbook", "grade", str(tmp_path), "--out", str(tmp_path / "g")]
    process = subprocess.Popen(command, env={**os.environ, "TLBOOK_SKIP_SETUP": "1"})
    try:
        seen = any(_processes("grading.inside") or _wait(0.5) for _ in range(360))
    finally:
        process.kill()
        process.wait()
    assert seen
    gone = any(not _processes("grading.inside") or _wait(0.5) for _ in range(60))
    assert gone, _processes("grading.inside")


def _processes(words):
    return subprocess.run(["pgrep", "-af", words], capture_output=True, text=True).stdout


def _wait(seconds):
    time.sleep(seconds)
