"""Claims are read back as they were printed."""

import json

import pytest

from tlbook.course.chapters import CHAPTERS
from tlbook.evaluation.claim_log import ClaimRecord, sentence
from tlbook.workshop import printed_claims
from tlbook.workshop.printed_claims import Claim, claims_of, named


def notebook(source, *lines):
    outputs = [{"output_type": "stream", "name": "stdout", "text": "\n".join(lines)}]
    code = {"cell_type": "code", "source": source, "outputs": outputs}
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "## Part"}, code]})


@pytest.mark.parametrize(
    "record",
    [
        ClaimRecord("margin", "~", 3.0, -1.0, 7.0, 2.0, "points", 4, "seeds", "B: wins [here]"),
        ClaimRecord("ratio", "✓", 3.0, 2.0, 4.0, 1.5, "times", 8, "runs", "A is slow"),
        ClaimRecord("within", "✗", 3.0, 2.0, 4.0, 1.5, "", 8, "runs", "A is B"),
    ],
)
def test_a_printed_claim_is_read_with_its_numbers(record):
    [claim] = claims_of(notebook("tlbook.claim('…')", sentence(record)))
    assert (claim.mark, claim.text, claim.section) == (record.mark, record.text, "Part")
    assert claim.n == f"{record.n} {record.over}"
    assert claim.effect in sentence(record) and claim.interval.count(",") == 1


def test_a_tick_of_something_else_is_no_claim():
    assert claims_of(notebook("doctor.run()", "✓ memory")) == []
    assert claims_of(notebook("check('fits', True)", "✓ fits", "✓no")) == [
        Claim("✓", "fits", section="Part")
    ]


def test_claims_come_from_every_chapter_and_none_is_refuted():
    for chapter in CHAPTERS:
        found = claims_of(chapter.path.read_text(encoding="utf-8"))
        assert any(claim.effect for claim in found), chapter.number
        assert {claim.mark for claim in found} <= {"✓", "~"}, chapter.number


def test_other_numbers_in_a_sentence_leave_its_name():
    first = named([Claim("✓", "8 of 1,024 rows (0.5 %) win"), Claim("✓", "It wins")])
    second = named([Claim("~", "9 of 512 rows (3 %) win"), Claim("~", "It wins")])
    assert list(first) == list(second) and len(first) == 2
    assert "B wins" not in named([Claim("✓", "A wins")])


def test_the_marks_are_those_of_the_runner():
    from tlbook.workshop.runner import claims

    assert set(printed_claims.MARKS) == set(claims.MARKS)
