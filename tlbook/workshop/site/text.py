"""Markdown of the project as Markdown of the site: links lead to pages, headings to anchors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import PurePosixPath

from mdit_py_plugins.anchors.index import slugify  # what myst makes an anchor of

from tlbook.course.chapters import CHAPTERS, root

PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "guide/contributing.md",
    "data/README.md": "guide/data.md",
    "SECURITY.md": "guide/security.md",
}
"""Files of the project that are pages of the site; the files of ``docs/`` are, too."""

_LINK = re.compile(
    r"```.*?```|`[^`\n]+`"  # code stays
    r"|(?<!!)\[(?P<words>[^\]]*)\]\((?!https?:|mailto:)(?P<target>[^)\s]+)\)",
    re.S,
)
_FORMULA = re.compile(r"(?m)^\$\$(.+?)\$\$[ \t]*$", re.S)


def page_of(file: str) -> str | None:
    """Return the page that shows a file of the project, if one does.

    Examples
    --------
    >>> page_of("docs/setup.md"), page_of("notebooks/00_start_here.ipynb"), page_of("LICENSE")
    ('guide/setup.md', 'course/00_start_here.ipynb', None)
    """
    path = PurePosixPath(file)
    if path.parts[0] == "docs" and path.suffix == ".md":
        return f"guide/{path.name}"
    if path.parts[0] == "notebooks" and path.name in {chapter.file for chapter in CHAPTERS}:
        return f"course/{path.name}"
    return PAGES.get(file)


def relinked(text: str, file: str, page: str) -> str:
    """Return Markdown of a file whose links lead where they did, now from a page of the site.

    A link to a file that has no page loses its target and keeps its words. Code stays as it is.

    Parameters
    ----------
    text : str
        Markdown.
    file, page : str
        Where it stands: from the root of the project, and from that of the site.

    Examples
    --------
    >>> relinked("[set-up](docs/setup.md#gpu), [terms](LICENSE)", "README.md", "index.md")
    '[set-up](guide/setup.md#gpu), terms'
    >>> relinked("[below](#By-hand,-then-fit)", "notebooks/x.ipynb", "course/x.ipynb")
    '[below](#by-hand-then-fit)'
    >>> relinked("[chapter 02](02_domains_tasks_shift.ipynb)", "notebooks/x.ipynb", "faq.md")
    '[chapter 02](course/02_domains_tasks_shift.ipynb)'
    """

    def one(match: re.Match[str]) -> str:
        if match["target"] is None:
            return match[0]
        words, (target, hash_, anchor) = match["words"], match["target"].partition("#")
        there = page_of(_joined(PurePosixPath(file).parent, target)) if target else ""
        if there is None:
            return words
        address = _between(page, there) if there else ""
        # Jupyter makes anchors with capitals and commas, this site without.
        return f"[{words}]({address}{hash_}{slugify(anchor)})"

    return _LINK.sub(one, text)


def formulas_apart(text: str) -> str:
    """Return Markdown with an empty line around each displayed formula, as its parser wants it.

    Examples
    --------
    >>> formulas_apart("it is\\n$$x$$\\n$y$ is")
    'it is\\n\\n$$x$$\\n\\n$y$ is'
    """
    return _FORMULA.sub("\n\\g<0>\n", text)


def _joined(folder: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (folder / target).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


def _between(page: str, there: str) -> str:
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    same = PurePosixPath(page).parent == PurePosixPath(there).parent
    return PurePosixPath(there).name if same else up + there


@cache
def _files() -> dict[str, str]:
    return {chapter.number: f"course/{chapter.file}" for chapter in CHAPTERS}


def section_link(number: str, heading: str, words: str = "") -> str:
    """Return a link from a page at the top of the site to a section; words for what is not there.

    Examples
    --------
    >>> section_link("02", "Recap", "the recap"), section_link("99", "Recap")
    ('[the recap](course/02_domains_tasks_shift.ipynb#recap)', 'chapter 99, Recap')
    >>> section_link("99", "99 · A title")
    'chapter 99 · A title'
    """
    if not words and heading.startswith(f"{number} · "):  # the title of the chapter itself
        words = f"chapter {heading}"
    words = words or f"chapter {number}" + (f", {heading}" if heading else "")
    file = _files().get(number)
    if file is None:
        return words
    return f"[{words}]({file}{'#' + slugify(heading) if heading else ''})"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def reading(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of sentences: on a narrow screen the cells of a row stand one below another.

    Examples
    --------
    >>> reading(("a", "b"), [("1", "2")]).splitlines()[0]
    '<div class="reading">'
    """
    return f'<div class="reading">\n\n{table(columns, rows)}\n\n</div>\n'


def project_text(file: str) -> str:
    """Return a text file of the project."""
    return (root() / file).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of Markdown, up to the next one of its rank or above.

    Raises
    ------
    ValueError
        If there is no such heading.

    Examples
    --------
    >>> section("# A\\n\\n## B\\n\\nb\\n\\n### C\\n\\n## D", "B")
    'b\\n\\n### C'
    """
    found = re.search(rf"(?m)^(#+) {re.escape(heading)}$", text)
    if found is None:
        raise ValueError(f"heading: got {heading!r}, which the text has not")
    rest = text[found.end() :]
    end = re.search(rf"(?m)^#{{1,{len(found[1])}}} (?=\S)", _without_code(rest))
    return rest[: end.start() if end else None].strip()


def _without_code(text: str) -> str:
    """Blank out code: a comment in it looks like a heading."""
    return re.sub(r"```.*?```", lambda m: " " * len(m[0]), text, flags=re.S)
