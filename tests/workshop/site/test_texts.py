"""Links of the project become links of the site, claims are read as they are printed."""

import pytest

from tlbook.course.chapters import CHAPTERS
from tlbook.evaluation.claim_log import ClaimRecord, sentence
from tlbook.workshop.site import claims_page, home_pages, links
from tlbook.workshop.site.text import relinked, section


@pytest.mark.parametrize(
    ("text", "file", "page", "want"),
    [
        ("[a](docs/setup.md)", "README.md", "index.md", "[a](guide/setup.md)"),
        ("[a](../README.md#start)", "docs/setup.md", "guide/setup.md", "[a](../index.md#start)"),
        ("[a](LICENSE)", "README.md", "index.md", "a"),
        ("[a](https://b.org/c)", "README.md", "index.md", "[a](https://b.org/c)"),
        ("`x[0](y)` [a](LICENSE)", "README.md", "index.md", "`x[0](y)` a"),
        ("```\n[a](LICENSE)\n```", "README.md", "index.md", "```\n[a](LICENSE)\n```"),
        ("[use `fit`](#By-hand,-`fit`)", "notebooks/x", "course/x", "[use `fit`](#by-hand-fit)"),
    ],
)
def test_links(text, file, page, want):
    assert relinked(text, file, page) == want


def test_a_comment_in_code_is_no_heading():
    text = "# A\n\n## B\n\n```\n# code\n```\n\nend\n\n## C\n"
    assert section(text, "B").endswith("end")
    with pytest.raises(ValueError, match="heading: got 'D'"):
        section(text, "D")


@pytest.mark.parametrize(
    "record",
    [
        ClaimRecord("margin", "~", 3.0, -1.0, 7.0, 2.0, "points", 4, "seeds", "B: wins [here]"),
        ClaimRecord("ratio", "✓", 3.0, 2.0, 4.0, 1.5, "times", 8, "runs", "A is slow"),
        ClaimRecord("within", "✗", 3.0, 2.0, 4.0, 1.5, "", 8, "runs", "A is B"),
    ],
)
def test_a_printed_claim_is_read_with_its_numbers(record):
    [(mark, line)] = claims_page._LINE.findall(sentence(record))
    claim = claims_page.read_line(mark, line)
    assert (claim.mark, claim.text, claim.n) == (
        record.mark,
        record.text,
        f"{record.n} {record.over}",
    )
    assert claim.effect in sentence(record) and claim.interval.count(",") == 1


def test_claims_come_from_every_chapter_and_none_is_refuted():
    for chapter in CHAPTERS:
        found = claims_page.claims_of(chapter)
        assert any(claim.effect for _, claim in found), chapter.number
        assert {claim.mark for _, claim in found} <= {"✓", "~"}, chapter.number


def test_earlier_runs_are_in_the_order_of_their_time(tmp_path):
    for when, mark in (("2026-02-01", "~"), ("2026-01-01", "✓")):
        folder = tmp_path / when
        folder.mkdir()
        entry = f'{{"name": "a", "claims": [{{"mark": "{mark}"}}]}}'
        (folder / "report.json").write_text(f'{{"when": "{when}", "chapters": [{entry}]}}')
    assert claims_page.earlier_marks(tmp_path) == {("a", 0): "✓~"}


def test_the_opening_of_the_readme_is_the_landing_page():
    page = home_pages.landing_page([], {}, ["setup"])
    assert "interactive course" in page and "guide/setup" in page and "](docs/" not in page
    assert all(f"course/{chapter.file}" in page for chapter in CHAPTERS)


def test_a_copy_that_runs_in_the_browser_is_linked_if_it_is_there():
    assert "lite/lab" not in home_pages.landing_page([], {}, [])
    assert '<a href="lite/lab/index.html">' in home_pages.landing_page([], {}, [], lite=True)


def test_the_link_checker_finds_what_is_broken(tmp_path):
    (tmp_path / "b.html").write_text('<h1 id="top"></h1>')
    (tmp_path / "a.html").write_text(
        '<a href="b.html#top"></a><a href="https://x.org/"></a><a href="#here"></a>'
        '<p id="here"></p><a href="c.html"></a><a href="b.html#end"></a><img src="d.png">'
        '<script src="https://cdn.org/x.js"></script><a href="../../etc/passwd"></a>'
    )
    assert [line.split(": ", 1)[1] for line in links.problems(tmp_path)] == [
        "c.html leads to no file",
        "b.html#end leads to no anchor",
        "d.png leads to no file",
        "<script> loads https://cdn.org/x.js from another machine",
        "../../etc/passwd leads to no file",
    ]
