"""The class that a script makes: kinds as promised, whole chapters, answers in their cells."""

import nbformat

from tests.workshop.handout.forty import KINDS, write
from tlbook.course.chapters import find
from tlbook.workshop.handout.release import assignment, learners_copy, solved

GIVEN = assignment(find("02"))


def test_a_class_of_whole_chapters(tmp_path):
    student = tmp_path / GIVEN.chapter.file
    nbformat.write(learners_copy(GIVEN), student)
    files = write(student, tmp_path / "submissions", count=9)
    assert [path.stem.split("_")[1] for path in files] == [*KINDS, KINDS[0]]
    before = nbformat.read(student, as_version=4)
    for path in files:
        how = path.stem.split("_")[1]
        after = nbformat.read(path, as_version=4)
        right = 0
        for old, new in zip(before.cells, after.cells, strict=True):
            asked = old.metadata.get("tlbook", {}).get("questions", [])
            assert asked or new.source == old.source
            right += sum(solved(GIVEN.exercises[q]) in new.source for q in asked)
        expected = {"right": {6}, "wrong": {0}, "hostile": {0}, "partly": {4, 3}}
        assert right in expected[how], (path, right)
