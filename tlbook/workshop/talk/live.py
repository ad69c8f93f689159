"""The talk of a chapter as a notebook for jupyterlab-rise: its cells run in front of the class.

Each cell has ``slideshow`` metadata: a new slide, more of the slide before, notes of the speaker,
or nothing that is shown. The code cells are the chapter's, all of them and in their order.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from tlbook.workshop import han
from tlbook.workshop.talk.outline import Slide, add, begun, blocks, readable
from tlbook.workshop.talk.page import HERE, read

SETTINGS = {
    "theme": "white",
    "start_slideshow_at": "beginning",
    "auto_select": "none",
    "center": False,
    "scroll": True,
    "transition": "none",
    "slideNumber": "c/t",
}
"""Settings of jupyterlab-rise. Most of its themes ask a server for letters; this one does not."""

NEW, MORE, NOTES, HIDDEN = "slide", "-", "notes", "skip"
_PLACE = ("code", "")  # stands for a code cell on a slide


def write_live(notebook: Path, target: Path) -> int:
    """Write the live talk of a stored chapter, its style beside it; return the number of slides.

    Raises
    ------
    ValueError
        If the file is no notebook.
    """
    talk = live(read(notebook))
    nbformat.write(talk, target)
    style = (HERE / "rise.css").read_text(encoding="utf-8") + han.faces()
    target.with_name("rise.css").write_text(style, encoding="utf-8")
    return sum(kind(cell) == NEW for cell in talk.cells)


def live(notebook: Any) -> Any:
    """Return the talk of a stored chapter: outputs stay, so that it can be shown before it runs."""
    talk = nbformat.v4.new_notebook(cells=list(_cells(notebook)))
    talk.metadata = nbformat.from_dict({**notebook.metadata, "rise": dict(SETTINGS)})
    talk.metadata.pop("widgets", None)
    for number, cell in enumerate(talk.cells):
        cell["id"] = f"talk-{number:03d}"
    return talk


def kind(cell: Any) -> str:
    """Return what a cell of a talk is: ``"slide"``, ``"-"``, ``"notes"`` or ``"skip"``."""
    return str(cell.metadata.slideshow.slide_type)


def _cells(notebook: Any) -> Iterator[Any]:
    heading, slide = "", Slide("")
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        if "teacher" in tags:
            continue
        if cell.cell_type == "markdown":
            for block in blocks(cell.source):
                new = begun(block, heading)
                if new is None:
                    add(slide, block)
                    continue
                yield from _words(slide)
                slide = new
                heading = slide.title if block.startswith("#") else heading
            continue
        how = _how(cell, tags, slide)
        if how == HIDDEN:
            yield _code(cell, HIDDEN)
            continue
        yield from _words(slide)
        begins = how == NEW
        if begins and not _pictures(cell):  # a figure has a title of its own
            yield _markdown(f"## {heading}" if heading else "", NEW)
            begins = False
        yield _code(cell, NEW if begins else MORE)
        slide = Slide("", [_PLACE])
    yield from _words(slide)


def _how(cell: Any, tags: set[str], slide: Slide) -> str:
    """Say whether a code cell is on the slide before it, on one of its own, or on none."""
    if tags & {"parameters", "recipe"}:
        return HIDDEN
    if slide.title and ("predict" in tags or ".check(" in cell.source):
        return MORE
    return NEW if cell.get("outputs") or readable(cell.source) else HIDDEN


def _words(slide: Slide) -> Iterator[Any]:
    """Yield the words of a slide, and those that only the speaker sees."""
    parts = [text for kind_, text in slide.parts if kind_ == "markdown"]
    if slide.title and slide.parts:
        yield _markdown("\n\n".join([f"## {slide.title}", *parts]), NEW)
    elif parts:
        yield _markdown("\n\n".join(parts), MORE)
    if slide.notes:
        yield _markdown("\n\n".join(slide.notes), NOTES)


def _markdown(text: str, how: str) -> Any:
    return nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": how}})


def _code(cell: Any, how: str) -> Any:
    """Return a code cell of the chapter; long code, and that beside a picture, is folded."""
    metadata: dict[str, Any] = {"slideshow": {"slide_type": how}}
    if cell.metadata.get("tags"):
        metadata["tags"] = list(cell.metadata.tags)
    exercise, asks = ".check(" in cell.source, "predict" in cell.metadata.get("tags", ())
    long = asks or _pictures(cell) or not readable(cell.source)
    if how != HIDDEN and not exercise and long:
        metadata["jupyter"] = {"source_hidden": True}
    made = nbformat.v4.new_code_cell(cell.source, metadata=metadata)
    made.outputs, made.execution_count = cell.outputs, cell.execution_count
    return made


def _pictures(cell: Any) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
