"""Every number of the answers and trends stands in a stored chapter, and its table gives it."""

import re

import pytest

from tests.cases import for_each
from tests.course.reference.stored_notebooks import claims, headings
from tlbook.course.reference import faq, trends
from tlbook.course.reference.evidence import Evidence, measured

TEXTS = {q.label: (q.answer, q.evidence) for q in faq.questions()} | {
    item.name: (item.measured, item.evidence) for item in trends.items()
}
CITED = [
    pytest.param(text, one, id=f"{name}: {one.claim or one.table}")
    for name, (text, evidence) in TEXTS.items()
    for one in evidence
]
INTERVAL = re.compile(r"[−\d.]+ \S+ \[[^\]]*\]")


def plain(text):
    return text.replace("−", "-")


@for_each("text, one", CITED)
def test_the_number_stands_in_the_text(text, one):
    assert plain(one.shown) in plain(text)


def printed(one):
    """Mark and sentence of the claim that an evidence names; the one with its number, if any."""
    assert one.heading in headings(one.chapter)
    said = [(m, line) for m, line in claims(one.chapter, one.heading) if line.startswith(one.claim)]
    with_it = [c for c in said if f": {one.shown}," in c[1].replace(": +", ": ")]
    assert with_it or (said and not one.shown), f"chapter {one.chapter} prints {said}"
    return (with_it or said)[0]


@for_each("text, one", [c for c in CITED if c.values[1].claim])
def test_the_claim_prints_the_number_and_the_text_says_no_more_than_its_mark(text, one):
    mark, _ = printed(one)
    if mark == "~":
        sentence = next(s for s in plain(text).split(". ") if one.shown in s)
        assert " was " in sentence and "runs" in sentence


@for_each("text, one", [c for c in CITED if c.values[1].rows])
def test_the_table_gives_the_number(text, one):
    assert measured(one) == one.shown


@pytest.mark.parametrize("name", TEXTS)
def test_no_number_with_an_interval_lacks_its_evidence(name):
    text, evidence = TEXTS[name]
    assert evidence
    backed = [plain(one.shown) for one in evidence]
    assert {plain(number) for number in INTERVAL.findall(text)} <= set(backed)
    assert all(one.claim or one.table for one in evidence)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "table: got none"),
        ({"table": "no_such_table"}, "no_such_table"),
        ({"table": "signs_learning_curves", "better": {"methods": "scratch"}}, "'methods'"),
        ({"table": "signs_learning_curves", "better": {"method": "magic"}}, "which no row has"),
    ],
)
def test_evidence_that_points_nowhere_is_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        measured(Evidence("01", "", "a claim", "", **wrong))
