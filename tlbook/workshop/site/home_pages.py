"""The landing page, the how-to pages and the changelog: texts that the project has anyway."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tlbook.course.chapters import CHAPTERS, root
from tlbook.workshop.readme_table import make_table
from tlbook.workshop.site.course_pages import Shown, moving
from tlbook.workshop.site.text import project_text, relinked, section

FIRST = "shift_simulator"
"""The experiment on the landing page."""

GUIDES = (
    "own_pictures",
    "own_texts",
    "own_tables",
    "several_gpus",
    "class",
    "grading",
    "site",
    "setup",
)
"""Pages of ``docs/`` that come first; the others follow in the order of the alphabet."""


def landing_page(
    shown: Sequence[Shown], packs: dict[str, str], guides: Sequence[str], lite: bool = False
) -> str:
    """Return the landing page: what it is, an experiment, the chapters, ways through them.

    ``lite`` says that the folder ``lite`` of the site runs chapters in the browser.
    """
    readme = project_text("README.md")
    opening = readme.split("\n## ")[0].split("\n", 1)[1]
    opening = re.sub(r"(?m)^!\[.*\n?|^\[Start\].*\n(?:\[.*\n?)*", "", opening).strip()
    paths = section(readme, "Chapters").split("<!-- end of chapters -->")[-1].strip()
    chapters = f"{make_table(CHAPTERS, {'chapters': []}, readme)}\n\n{paths}"
    experiment = next((one for one in shown if one.experiment == FIRST), None)
    parts = ["# The Transfer Learning Workbook", "", relinked(opening, "README.md", "index.md"), ""]
    if experiment is not None and FIRST in packs:
        parts += [moving(experiment, packs[FIRST], ""), ""]
        page = f"course/{experiment.chapter.file}"
        parts += [
            f"*Move the controls. [Chapter {experiment.chapter.number}]({page}) explains it.*"
        ]
    browser = ' · <a href="lite/lab/index.html">Run chapters in the browser</a>' if lite else ""
    parts += [
        "",
        _BUTTONS + browser,
        "",
        "## Chapters",
        "",
        relinked(chapters, "README.md", "index.md"),
        "",
    ]
    parts += ["## Run it yourself", "", relinked(section(readme, "Start"), "README.md", "index.md")]
    parts += ["", _tree("The course", [f"course/{c.stem}" for c in CHAPTERS])]
    parts += [_tree("Look up", ["concepts", "glossary", "gallery", "claims"])]
    parts += [_tree("Questions", ["faq", "tools", "trends"])]
    parts += [_tree("How to", [f"guide/{name}" for name in guides])]
    parts += [_tree("Library", ["api/index", "changelog"])]
    return "\n".join(parts)


_BUTTONS = (
    f"[**Begin with chapter 00**](course/{CHAPTERS[0].file}) · [Concept map](concepts.md) · "
    "[Glossary](glossary.md) · [Gallery](gallery.md) · [Claims](claims.md) · "
    "[Questions](faq.md) · [Reference](api/index.md)"
)


def _tree(caption: str, pages: Sequence[str]) -> str:
    return "\n".join(("```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""))


def write_guides(folder: Path) -> list[str]:
    """Write the how-to pages; return their names in order."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {path.stem: f"docs/{path.name}" for path in sorted((root() / "docs").glob("*.md"))}
    order = [name for name in GUIDES if name in files]
    order += [name for name in files if name not in order and name != "licenses"]
    files["own_data"] = ""
    more = {"data": "data/README.md", "contributing": "CONTRIBUTING.md", "security": "SECURITY.md"}
    names = ["own_data", *order, *more, *(["licenses"] if "licenses" in files else [])]
    for name in names:
        file = more.get(name) or files[name]
        text = own_data() if name == "own_data" else project_text(file)
        page = relinked(text, file or "README.md", f"guide/{name}.md")
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
    return names


def own_data() -> str:
    """Return the README's part on a reader's own data as a page."""
    readme = project_text("README.md")
    own = section(readme, "Use `tlbook` on your own data").replace("\n### ", "\n## ")
    public = section(readme, "Public data sets and real weights")
    return f"# Your own data\n\n{own}\n\n## Public data sets and real weights\n\n{public}\n"


def changelog_page() -> str:
    """Return the changelog."""
    return relinked(project_text("CHANGELOG.md"), "CHANGELOG.md", "changelog.md")
