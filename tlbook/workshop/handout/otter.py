"""An assignment for Otter-Grader: the learner's copy, and a zip that ``otter run`` grades with.

Each exercise is a test file of Otter's. It judges, in a fresh process, what the exercise's check
was given last. Otter itself packs the zip.
"""

import json
import shlex
import subprocess
from pathlib import Path

from tlbook.workshop.handout.environment import OTTER
from tlbook.workshop.handout.release import Assignment, write_plain

ZIP = "autograder.zip"


def test_of(given: Assignment, name: str) -> str:
    """Return Otter's test of one exercise; a wrong answer is told its named mistake."""
    return (
        "from otter.test_files import test_case\n\n"
        "OK_FORMAT = False\n"
        f'name = "{name}"\n'
        f"points = {given.points[name]:g}\n\n\n"
        f'@test_case(name="{name}")\n'
        "def judged():\n"
        "    from tlbook.workshop.grading.handed import demand\n\n"
        f'    demand("ch{given.chapter.number}", "{name}")\n'
    )


def write(given: Assignment, out: Path) -> list[Path]:
    """Write ``student/``, ``teacher/`` with tests, and ``autograder.zip``; return the files.

    Raises
    ------
    ValueError
        If Otter has no environment here, or cannot pack the zip.
    """
    program = OTTER.command()
    if program is None:
        raise ValueError("--format otter: got no Otter here, want it: tlbook class setup otter")
    files = [path for path in write_plain(given, out) if path.suffix == ".ipynb"]
    tests = out / "teacher" / "tests"
    tests.mkdir(exist_ok=True)
    for old in tests.glob("q*.py"):
        old.unlink()
    for name in given.points:
        (tests / f"{name}.py").write_text(test_of(given, name), encoding="utf-8")
    config = out / "teacher" / "otter_config.json"
    # A learner reads what went wrong at each question, and Otter prints no table of its own.
    config.write_text(json.dumps({"show_all_public": True}, indent=1) + "\n", encoding="utf-8")
    target = out.resolve() / ZIP
    # Run in OUT, where Otter takes up a requirements.txt of the teacher's; not in the clone.
    done = subprocess.run(
        [str(program), "generate", "-t", "teacher/tests", "-c", str(config.resolve()), "-o", ZIP],
        cwd=out,
        capture_output=True,
        text=True,
    )
    if done.returncode or not target.exists():
        raise ValueError(f"Otter could not pack {target}: {done.stderr.strip()[-500:]}")
    (out / "teacher" / "grade.txt").write_text(grade_command(given) + "\n", encoding="utf-8")
    return [*files, tests, out / ZIP]


def grade_command(given: Assignment) -> str:
    """Return the line of a shell that grades a class; ``timeout`` ends what takes too long."""
    program = shlex.quote(str(OTTER.script("otter")))
    return (
        'for one in submissions/*.ipynb; do to="results/$(basename "$one" .ipynb)"; mkdir -p "$to" '
        f'&& timeout {given.seconds} {program} run -a {ZIP} -o "$to" "$one"; done'
    )
