"""The chapters as pages: stored outputs, pictures as files, experiments that move."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat

from tlbook.course import widgets
from tlbook.course.chapters import Chapter
from tlbook.workshop.saved import without_widget_views
from tlbook.workshop.site.text import formulas_apart, relinked, slugify

_SHOWN = re.compile(r"widgets\.show\(\s*[\"'](\w+)")
_OWN = re.compile(r'href="(?:(?!https?:)([^"#]+)\.ipynb)?(?:#([^"]*))?"')
_COLUMNS = re.compile(r"\S(?:  |\t)\s*\S")
_HEADING = re.compile(r"(?m)^#+ (.+)$")


@dataclass(frozen=True)
class Shown:
    """A picture of the course and where it stands."""

    chapter: Chapter
    heading: str
    alt: str
    file: str
    width: int
    experiment: str = ""
    """Its name, if the picture is that of an experiment."""


@dataclass
class CoursePages:
    """Writes the chapters below ``source`` and keeps a list of their pictures.

    ``packs`` are the experiments that move: name and file in the folder of static files.
    """

    source: Path
    packs: Mapping[str, str]
    shown: list[Shown] = field(default_factory=list)

    def write(self, chapter: Chapter) -> None:
        """Write one chapter without its teacher's notes, its pictures beside the static files."""
        nb = nbformat.read(chapter.path, as_version=4)
        nb.metadata.pop("widgets", None)
        cells, heading = [], chapter.title
        for cell in nb.cells:
            if "teacher" in cell.metadata.get("tags", ()):
                continue
            if cell.cell_type == "markdown":
                here = f"notebooks/{chapter.file}"
                cell.source = relinked(cell.source, here, f"course/{chapter.file}")
                cell.source = formulas_apart(cell.source)
                heading = ([heading] + _HEADING.findall(cell.source))[-1]
            if cell.cell_type == "code":
                kept = without_widget_views(cell.outputs)
                cell.outputs = [self._output(out, cell.source, chapter, heading) for out in kept]
            cells.append(cell)
        nb.cells = cells
        (self.source / "course").mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, self.source / "course" / chapter.file)

    def _output(self, output: Any, code: str, chapter: Chapter, heading: str) -> Any:
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = own_links(data["text/html"])
        if output.get("name") == "stdout" and is_prose(output.text):
            lines = f'<pre class="lines">{escape(output.text)}</pre>'
            return nbformat.v4.new_output("display_data", {"text/html": lines})
        if "image/png" not in data:
            return output
        facts = output.metadata.get("image/png", {})
        alt = str(facts.get("alt") or data.get("text/plain", ""))
        file = self.keep(b64decode(data["image/png"]))
        name = next((n for n in _SHOWN.findall(code) if alt.startswith(widgets.get(n).title)), "")
        picture = Shown(chapter, heading, alt, file, int(facts.get("width", 0)), name)
        self.shown.append(picture)
        up = "../"
        html = moving(picture, self.packs[name], up) if name in self.packs else still(picture, up)
        return nbformat.v4.new_output("display_data", {"text/html": html})

    def keep(self, png: bytes) -> str:
        """Write a picture under a name made of its content; return the name."""
        folder = self.source / "_static" / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(png).hexdigest()[:16] + ".png"
        (folder / name).write_bytes(png)
        return name


def is_prose(text: str) -> bool:
    r"""Say whether printed lines may go on in the next one: claims may, columns of a table may not.

    Examples
    --------
    >>> is_prose("✓ A beats B: +4 points"), is_prose("a     1\nb    22")
    (True, False)
    """
    lines = text.splitlines()
    return bool(lines) and not any(line[:1] == " " or _COLUMNS.search(line) for line in lines)


def own_links(page: str) -> str:
    """Return HTML whose links to chapters, and within the page, lead to this site's pages.

    Examples
    --------
    >>> own_links('<a href="#1-·-A-&amp;-B">, <a href="08_distances.ipynb#2.-Two">')
    '<a href="#1--a--b">, <a href="08_distances.html#2-two">'
    """

    def one(found: re.Match[str]) -> str:
        file = f"{found[1]}.html" if found[1] else ""
        return f'href="{file}{"#" if found[2] else ""}{slugify(unescape(found[2] or ""))}"'

    return _OWN.sub(one, page)


def still(picture: Shown, up: str) -> str:
    """Return the HTML of a picture: it opens alone on a click, and is moved sideways if wide."""
    address = f"{up}_static/figures/{picture.file}"
    anchor = f' id="moving-{picture.experiment}"' if picture.experiment else ""
    return (
        f'<div class="figure-scroll"{anchor}><a class="figure" href="{address}">'
        f"{_image(picture, address)}</a></div>"
    )


def moving(picture: Shown, pack: str, up: str) -> str:
    """Return the HTML of an experiment: its picture, to which the script adds the controls."""
    address = f"{up}_static/figures/{picture.file}"
    title = escape(widgets.get(picture.experiment).title)
    return (
        f'<section class="moving" id="moving-{picture.experiment}" aria-label="Experiment: {title}"'
        f' data-name="{picture.experiment}" data-pack="{up}_static/moving/{pack}">'
        f'<p class="moving-title">{title}</p>'
        f'<div class="moving-picture figure-scroll" tabindex="0" role="group" '
        f'aria-label="Picture of the experiment">{_image(picture, address)}</div></section>'
    )


def _image(picture: Shown, address: str) -> str:
    width = f' width="{picture.width}"' if picture.width else ""
    return f'<img src="{address}" alt="{escape(picture.alt)}"{width} loading="lazy">'
