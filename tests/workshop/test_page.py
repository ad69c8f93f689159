"""A notebook as a page: no address outside, formulas that a browser draws, alt texts."""

import re

import pytest

from tlbook.course import chapters
from tlbook.workshop.page import write_page


@pytest.fixture(scope="module", params=["02", "09"])
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(chapters.find(request.param).path, path)
    return path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_nothing_is_loaded_from_anywhere(page):
    assert not re.findall(r"<(?:script|link|iframe)[^>]*(?:src|href)=.https?:", page)
    assert "cdnjs" not in page and "<script src" not in page
    assert not re.findall(r"""(?:url\(|@import\s+)["']?https?:""", page)


def test_formulas_are_drawn_by_the_browser(page):
    assert page.count("<math") > 5
    text = re.sub(r"(?s)<(style|pre|script|code)\b.*?</\1>", "", page)
    text = re.sub(r"<[^>]+>", "", text)
    assert not re.findall(r"\$[^$\n]{1,60}\$", text)


def test_every_picture_has_a_text(page):
    pictures = re.findall(r"<img[^>]*>", page)
    assert len(pictures) >= 3
    alts = [re.search(r'alt="([^"]*)"', picture)[1] for picture in pictures]
    assert all(len(alt) > 20 for alt in alts)
    assert "No description has been provided" not in page
