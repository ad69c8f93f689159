"""Links of the project become links of the site, and broken ones are found."""

import pytest

from tlbook.course.chapters import CHAPTERS, root
from tlbook.workshop.site import home_pages, links
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


def test_every_page_of_docs_is_a_guide_and_those_that_readers_ask_for_come_first(tmp_path):
    names = home_pages.write_guides(tmp_path)
    asked = ["own_data", "own_pictures", "own_texts", "own_tables", "several_gpus", "class"]
    assert names[: len(asked)] == asked
    assert {path.stem for path in (root() / "docs").glob("*.md")} <= set(names)
    for name in names:
        assert (tmp_path / f"{name}.md").read_text(encoding="utf-8").startswith("# "), name
