"""The test of one exercise in a graded notebook: judge elsewhere what its check was given last.

``demand("ch02", "q1")`` stands in the test cells of nbgrader. It runs in the learner's kernel, and
so do the answers; the verdict comes from a fresh process, in which no line of the notebook ran. A
notebook that replaces this function itself is stopped by :mod:`tlbook.workshop.grading.run` only.
"""

import json
import os
import subprocess
import sys

from tlbook.course import chapters
from tlbook.course.exercises import Exercise, of_chapter
from tlbook.workshop.grading.judging import judged_entry
from tlbook.workshop.grading.recorder import entry

SECONDS = 120


class NotYet(AssertionError):
    """An answer that is not right; in a notebook only the named mistake is shown."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def demand(chapter: str, name: str) -> None:
    """Raise unless the last answer that the exercise's check was given is right.

    Raises
    ------
    NotYet
        With the named mistake.
    ValueError
        If the chapter has no such exercise.
    """
    exercise = _find(chapter, name)
    there = os.pathsep.join([str(chapters.root()), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-m", "tlbook.workshop.grading.handed", chapter, name],
        input=json.dumps(entry(exercise, exercise.given)),
        env={**os.environ, "PYTHONPATH": there.strip(os.pathsep), "TLBOOK_SKIP_SETUP": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    try:
        verdict = json.loads(told.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise NotYet("The answer could not be judged.") from None
    if verdict["status"] != "correct":
        raise NotYet(f"{name}: {verdict['message']}")


def _find(chapter: str, name: str) -> Exercise:
    known = {exercise.name: exercise for exercise in of_chapter(chapter)}
    if name not in known:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(known)}")
    return known[name]


if __name__ == "__main__":
    given = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    feedback = judged_entry(sys.argv[1], _find(sys.argv[1], sys.argv[2]), given)
    print(json.dumps({"status": feedback.status, "message": feedback.message[:1000]}))
