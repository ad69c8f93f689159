"""Build the site: write its sources, run Sphinx, throw away what no page needs, check the links."""

from __future__ import annotations

import io
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tlbook
from tlbook.course import widgets
from tlbook.course.chapters import CHAPTERS, root
from tlbook.workshop import han
from tlbook.workshop.runner.pool import usable_cores
from tlbook.workshop.site import (
    api_pages,
    claims_page,
    computing,
    home_pages,
    links,
    reference_pages,
)
from tlbook.workshop.site.course_pages import CoursePages

TEMPLATES = Path(__file__).parents[1] / "templates" / "site"
UNUSED = ("*.map", "*-macros.html", "fa-brands-*", "fa-v4*", "locales", "logo_*", "*.LICENSE.txt")
"""Files of the theme that no page asks for, in ``_static``."""
_ICON = re.compile(r"\bfa-[a-z0-9-]+")
_ICON_RULE = re.compile(r"((?:\.fa-[a-z0-9-]+,?)+)\{--fa:[^}]*\}")
_NAMED = ('<summary><span class="toctree', '<summary aria-label="Its pages"><span class="toctree')
"""The theme's arrow that opens a part of the sidebar, without and with a name to be read out."""
_SEARCH = re.compile(r'(<button class="btn search-button-field[^>]*?)\s+aria-label="[^"]*"')
"""The theme's search field: its name has to hold the words that it shows, so these are its name."""
ICONS = "/* The style sheet's font has the icons: the theme's script for them is 1.5 MB. */\n"

LITE = root() / "site" / "lite"
"""A JupyterLite site of the chapters without torch, if one was put there: it is copied and linked.

It cannot be built from the package indexes: ``docs/site.md`` says what is missing.
"""

SETTINGS: dict[str, Any] = {
    "project": "The Transfer Learning Workbook",
    "author": "The Transfer Learning Workbook authors",
    "copyright": "The Transfer Learning Workbook authors. Text and figures: CC BY 4.0",
    "version": tlbook.__version__,
    "extensions": [
        "myst_nb",
        "sphinx.ext.autodoc",
        "sphinx.ext.napoleon",
        "sphinx_copybutton",
        "tlbook.workshop.site.extension",
    ],
    "html_theme": "sphinx_book_theme",
    "html_title": "The Transfer Learning Workbook",
    "html_static_path": ["_static"],
    "templates_path": [str(TEMPLATES)],
    "html_theme_options": {
        "show_toc_level": 2,
        "use_download_button": False,
        "use_fullscreen_button": False,
        "show_navbar_depth": 1,
        "back_to_top_button": False,
        "navbar_persistent": [],
        "navbar_align": "left",
    },
    "html_favicon": "_static/icon.svg",
    "html_math_renderer": "mathml",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_sphinx": False,
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "nb_merge_streams": True,
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "myst_heading_anchors": 4,
    "autodoc_typehints": "none",
    "autodoc_member_order": "bysource",
    "napoleon_google_docstring": False,
    "copybutton_prompt_text": ">>> ",
    # A listing of the documents may not parse as what it is called.
    # "y" in a docstring is an argument, and two classes have an attribute of that name.
    "suppress_warnings": ["ref.python", "misc.highlighting_failure", "mystnb.unknown_mime_type"],
}


@dataclass(frozen=True)
class Built:
    """A built site: where it lies, what it took, what Sphinx and the link checker say of it."""

    folder: Path
    seconds: float
    warnings: tuple[str, ...]
    broken: tuple[str, ...]
    still: tuple[str, ...]
    """Experiments that do not move."""


def build(
    out: Path,
    cache: Path,
    names: Sequence[str] | None = None,
    tell: Callable[[str], Any] = lambda line: None,
) -> Built:
    """Build the whole site.

    Parameters
    ----------
    out : Path
        Folder for ``html`` (the site) and ``source`` (what Sphinx reads); both are made anew.
    cache : Path
        Folder of the packed experiments that are computed here.
    names : sequence of str, optional
        Experiments to compute where neither the project nor the cache has them; all of them if
        left out. Of the others those move that are there.
    tell : function, optional
        Called with a line about the progress.
    """
    packs = computing.packed(cache, widgets.names() if names is None else names, tell)
    began = time.perf_counter()
    source = out / "source"
    shutil.rmtree(source, ignore_errors=True)
    write_sources(source, packs)
    warnings = run_sphinx(source, out / "html")
    prune(out / "html")
    if LITE.is_dir():
        shutil.copytree(LITE, out / "html" / "lite")
    broken = tuple(links.problems(out / "html"))
    still = tuple(name for name in _on_pages() if name not in packs)
    return Built(out / "html", time.perf_counter() - began, warnings, broken, still)


def _on_pages() -> list[str]:
    """Return the experiments whose chapter is finished."""
    from tlbook.course import files

    places = files.modules("ch*/widget/*.py")
    chapters = {f"ch{chapter.stem}" for chapter in CHAPTERS}
    return [name for name, module in places.items() if module.split(".")[2] in chapters]


def write_sources(source: Path, packs: dict[str, Path]) -> None:
    """Write all pages and static files."""
    static = source / "_static"
    (static / "moving").mkdir(parents=True)
    for name in ("site.css", "moving.js", "icon.svg"):
        shutil.copy(TEMPLATES / name, static / name)
    with (static / "site.css").open("a", encoding="utf-8") as style:
        style.write(f"\n{han.faces('han')}")
    shutil.copytree(han.HERE, static / "han")
    (static / "scripts").mkdir()
    (static / "scripts" / "fontawesome.js").write_text(ICONS, encoding="utf-8")
    addresses = {name: f"{name}.js" for name in packs}
    for name, path in packs.items():
        shutil.copy(path, static / "moving" / addresses[name])
    course = CoursePages(source, addresses)
    for chapter in CHAPTERS:
        course.write(chapter)
    api_pages.write(source / "api")
    guides = home_pages.write_guides(source / "guide")
    pages = {
        "index": home_pages.landing_page(course.shown, addresses, guides, LITE.is_dir()),
        "concepts": reference_pages.map_page(static),
        "glossary": reference_pages.glossary_page(),
        "gallery": reference_pages.gallery_page(course.shown),
        "claims": claims_page.page(),
        "faq": reference_pages.faq_page(),
        "tools": reference_pages.tools_page(),
        "trends": reference_pages.trends_page(),
        "changelog": home_pages.changelog_page(),
    }
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def run_sphinx(source: Path, html: Path) -> tuple[str, ...]:
    """Run Sphinx; return its warnings, one line each, without the path of the sources."""
    from sphinx.application import Sphinx
    from sphinx.util.console import nocolor
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    shutil.rmtree(html, ignore_errors=True)
    nocolor()
    heard = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source, None, html, source / ".doctrees", "html", SETTINGS,
            status=None, warning=heard, freshenv=True, parallel=usable_cores(),
        )  # fmt: skip
        app.build(force_all=True)
    lines = heard.getvalue().replace(f"{source}{os.sep}", "").splitlines()
    return tuple(line for line in lines if line.strip())


def prune(html: Path) -> None:
    """Delete what the theme ships and no page asks for: files, and the names of 2,000 icons.

    And give the arrows of its sidebar a name.
    """
    static = html / "_static"
    for pattern in UNUSED:
        for path in static.rglob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    pages = []
    for path in html.rglob("*.html"):
        text = path.read_text(encoding="utf-8").replace(*_NAMED)
        text = _SEARCH.sub(r"\1", text)
        path.write_text(text, encoding="utf-8")
        pages.append(text)
    scripts = [path.read_text(encoding="utf-8") for path in static.glob("scripts/*.js")]
    used = set(_ICON.findall("".join((*pages, *scripts))))
    styles = static / "styles" / "pydata-sphinx-theme.css"

    def kept(match: re.Match[str]) -> str:
        return match[0] if used & set(_ICON.findall(match[1])) else ""

    styles.write_text(_ICON_RULE.sub(kept, styles.read_text(encoding="utf-8")), encoding="utf-8")


def places() -> tuple[Path, Path]:
    """Return where ``tlbook site`` builds, and the cache of experiments."""
    return root() / "site", root() / "site" / "cache"
