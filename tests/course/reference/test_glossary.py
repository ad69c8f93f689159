"""The glossary is the one source: every bracketed term of every chapter agrees with it."""

import pytest

from tests.cases import for_each
from tests.course.reference.stored_notebooks import PATHS, sections
from tlbook.course.reference import glossary


@pytest.mark.parametrize("number", PATHS)
def test_bracketed_terms_agree(number):
    found = {
        (number, one.chinese)
        for _, text, _ in sections(number)
        for one in glossary.disagreements(text)
    }
    assert found == set()


@for_each("term", glossary.terms())
def test_a_term_is_introduced_where_the_glossary_says(term):
    here = "\n".join(text for where, text, _ in sections(term.chapter) if where == term.heading)
    assert here, f"chapter {term.chapter} has no section {term.heading!r}"
    found = [one for one in glossary.bracketed(here) if glossary.matching(one.english) is term]
    assert found


def test_english_terms_and_their_forms_are_unique():
    forms = [f.lower() for t in glossary.terms() for f in (t.english, *t.forms)]
    assert len(forms) == len(set(forms))


@for_each("term", glossary.terms())
def test_an_entry_is_whole(term):
    assert glossary.CHINESE.search(term.chinese)
    assert term.definition.endswith(".") and term.definition[0].isupper()
    assert not glossary.CHINESE.search(term.definition)


def test_the_longest_form_wins():
    assert glossary.matching("**joint distribution adaptation").english.startswith("joint")
    assert glossary.matching("under covariate shift").english == "covariate shift"
    assert glossary.matching("a makeshift") is None


def test_brackets_are_found_with_links_and_english_words_inside():
    text = (
        "by it ([chapter 11](11.ipynb)) (black-box shift estimation, 黑盒偏移估计, [ch](a.ipynb))"
    )
    assert glossary.bracketed(text) == [
        glossary.Bracketed("black-box shift estimation", "黑盒偏移估计")
    ]
    assert glossary.disagreements(text) == []


def test_an_unknown_term_is_reported():
    assert glossary.disagreements("a **wug** (乌格)") == [glossary.Bracketed("a wug", "乌格")]
    with pytest.raises(ValueError, match="'wug'"):
        glossary.find("wug")
    with pytest.raises(ValueError, match="want a term, such as .*negative transfer"):
        glossary.find("transfer")
    assert glossary.find("负迁移").english == "negative transfer"


def test_the_table_is_sorted_for_readers():
    english = glossary.table()["English"].str.lower()
    assert list(english) == sorted(english)
