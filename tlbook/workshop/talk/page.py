"""The talk of a chapter as one HTML file: reveal.js, formulas and pictures inside, no request."""

import html
from pathlib import Path
from typing import Any

from nbconvert.filters.highlight import Highlight2HTML

from tlbook.workshop import han
from tlbook.workshop.page import MarkdownWithMath, MathMLRenderer
from tlbook.workshop.talk.outline import Slide, slides

HERE = Path(__file__).parents[1] / "templates" / "talk"


def write_talk(notebook: Path, target: Path) -> int:
    """Write the talk of a stored chapter and return how many slides it has.

    Raises
    ------
    ValueError
        If the file is no notebook.
    """
    shown = slides(read(notebook))
    target.write_text(as_page(shown, notebook.stem), encoding="utf-8")
    return len(shown)


def read(notebook: Path) -> Any:
    """Return a stored chapter.

    Raises
    ------
    ValueError
        If the file is no notebook.
    """
    import nbformat

    try:
        return nbformat.read(notebook, as_version=4)
    except Exception as error:
        raise ValueError(f"{notebook}: got no notebook ({type(error).__name__})") from None


def as_page(shown: list[Slide], name: str) -> str:
    """Return the page: arrow keys turn the slides, ``?notes`` in the address shows the notes."""
    frame = (HERE / "talk.html").read_text(encoding="utf-8")
    parts = {
        "{{title}}": html.escape(shown[0].title if shown else name),
        "{{reveal.css}}": (HERE / "reveal.css").read_text(encoding="utf-8"),
        "{{reveal.js}}": (HERE / "reveal.js").read_text(encoding="utf-8"),
        "{{han}}": han.faces(),
        "{{slides}}": "\n".join(_section(slide, first=not k) for k, slide in enumerate(shown)),
    }
    for mark, text in parts.items():
        frame = frame.replace(mark, text)
    return frame


def _section(slide: Slide, first: bool) -> str:
    tag = "h1" if first else "h2"
    picture = slide.parts and slide.parts[0][0] == "picture"
    body = "".join(_part(kind, text, slide.words) for kind, text in slide.parts)
    notes = "".join(_markdown(note) for note in slide.notes)
    kind = ' class="picture"' if picture else ""
    return (
        f"<section{kind}><{tag}>{_inline(slide.title)}</{tag}>{body}"
        + (f'<aside class="notes">{notes}</aside>' if notes else "")
        + "</section>"
    )


def _part(kind: str, text: str, words: str) -> str:
    if kind == "picture":
        return f'<img src="data:image/png;base64,{text.strip()}" alt="{html.escape(words)}">'
    if kind == "code":
        return str(Highlight2HTML(pygments_lexer="ipython3")(text))
    if kind == "text":
        return f"<pre>{html.escape(text)}</pre>"
    if kind == "claims":
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in text.splitlines())
        return f'<ul class="claims">{lines}</ul>'
    if kind == "options":
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in text.splitlines())
        return f'<ul class="options">{lines}</ul>'
    return _markdown(text)


def _markdown(text: str) -> str:
    return str(MarkdownWithMath(renderer=MathMLRenderer(escape=False)).render(text))


def _inline(text: str) -> str:
    return _markdown(text).strip().removeprefix("<p>").removesuffix("</p>")
