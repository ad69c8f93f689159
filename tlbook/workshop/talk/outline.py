"""From a stored chapter to slides: one idea a slide, figures large, the prose in the notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tlbook.course.predictions import find

SKIPPED = {"parameters", "teacher", "recipe"}
WORDS, ROWS, LINES, WIDTH = 55, 9, 12, 92
_CLAIM = re.compile(r"^[✓~✗] ", re.MULTILINE)
_OWN = {"Predict": "Predict", "You may have": "You may have read", "Exercise": "Exercise"}


@dataclass
class Slide:
    """One slide: a title, parts in the order shown, and what the speaker says.

    A part is a kind and its text: ``"markdown"``, ``"code"``, ``"text"``, ``"claims"``,
    ``"options"`` (one a line), or ``"picture"`` (base64, with its words in ``words``).
    """

    title: str
    parts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: str = ""


def slides(notebook: Any) -> list[Slide]:
    """Return the slides of a stored chapter.

    Slides that would be empty are left out; their notes go to the slide before.
    """
    out: list[Slide] = []
    for slide in _all(notebook):
        if slide.parts:
            out.append(slide)
        elif out:
            out[-1].notes += slide.notes
    return out


def _all(notebook: Any) -> Iterator[Slide]:
    heading, slide = "", Slide("")
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        if tags & SKIPPED:
            continue
        if cell.cell_type == "markdown":
            for block in blocks(cell.source):
                new = begun(block, heading)
                if new is not None:
                    yield slide
                    slide = new
                    heading = slide.title if block.startswith("#") else heading
                else:
                    add(slide, block)
        elif "predict" in tags:
            slide.parts += _options(cell.source)
        else:
            exercise = ".check(" in cell.source
            for shown in _of_code(cell, heading):
                if not exercise or shown.parts[0][0] in ("claims", "picture"):
                    yield slide
                    slide = shown
    yield slide


def blocks(source: str) -> list[str]:
    """Return the blocks of a Markdown text: separated by blank lines, fences and formulas whole."""
    out: list[str] = []
    fence = formula = False
    for line in source.splitlines():
        inside = fence or formula
        if line.lstrip().startswith("```"):
            fence = not fence
        if line.count("$$") % 2 and not fence:
            formula = not formula
        starts = line.startswith("#") or line.lstrip().startswith(("```", "$$"))
        if not inside and (not line.strip() or starts):
            out.append("")
        if not out:
            out.append("")
        if line.strip() or inside:
            out[-1] += line + "\n"
        if not inside and line.startswith("#"):
            out.append("")
    return [block.strip("\n") for block in out if block.strip()]


def begun(block: str, heading: str) -> Slide | None:
    """Return a new slide where a block begins one: a heading, a prediction, a myth, an exercise."""
    if block.startswith("#"):
        return Slide(block.lstrip("# ").strip())
    text = re.sub(r"^> ?", "", block, flags=re.MULTILINE)
    for mark, title in _OWN.items():
        found = re.search(rf"\*\*{mark}[^*]*\*\*\.?:?\s*", text)
        if found:
            slide = Slide(f"{title} · {heading}" if heading else title)
            before, after = text[: found.start()].strip(), text[found.end() :].strip()
            if before:
                slide.notes.append(before)
            said = found[0].strip() + " " + after if mark == "You may have" else after
            slide.parts.append(("markdown", said))
            return slide
    return None


def add(slide: Slide, block: str) -> None:
    """Put a block on the slide if it is short enough, else into the notes."""
    code = block.startswith("```")
    short = {
        "code": len(block.splitlines()) <= LINES + 2,
        "table": len(block.splitlines()) <= ROWS,
        "list": len(re.findall(r"^\s*(?:[-*]|\d+\.) ", block, re.MULTILINE)) <= 7,
        "formula": True,
    }
    kind = "code" if code else "table" if block.startswith("|") else ""
    kind = kind or ("list" if re.match(r"\s*(?:[-*]|\d+\.) ", block) else "")
    kind = kind or ("formula" if block.startswith("$$") else "")
    crowded = sum(len(text.split()) for _, text in slide.parts) > WORDS
    if (
        kind
        and short[kind]
        and len(block.split()) <= 2 * WORDS
        and not (crowded and kind == "list")
    ):
        slide.parts.append(("markdown", block))
    elif not slide.parts and not kind:
        shown, rest = _first_sentences(block)
        slide.parts += [("markdown", shown)] if shown else []
        slide.notes += [rest] if rest else []
    else:
        slide.notes.append(block)


def _first_sentences(text: str) -> tuple[str, str]:
    """Split a paragraph after as many sentences as one slide bears."""
    text = re.sub(r"^\*\*Read\.\*\*\s*", "", " ".join(text.split()))
    parts = re.split(r"(?<=[.?!:]) (?=[A-ZΑ-Ω*\[(`$])", text)
    shown: list[str] = []
    while parts and len(" ".join([*shown, parts[0]]).split()) <= WORDS:
        shown.append(parts.pop(0))
    return " ".join(shown), " ".join(parts)


def _options(source: str) -> list[tuple[str, str]]:
    found = re.search(r"expect\(\s*[\"']([^\"']+)", source)
    if not found:
        return []
    shown = []
    for part in find(found[1]).parts:
        shown += [("markdown", f"*{part.asked}*")] if part.asked else []
        shown.append(("options", "\n".join(part.options)))
    return shown


def _of_code(cell: Any, heading: str) -> Iterator[Slide]:
    """Yield a slide for each thing that a code cell shows; its code goes with the first text."""
    code = cell.source.strip()
    code_shown = not readable(code)
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            words = output.metadata.get("image/png", {}).get("alt", "")
            yield Slide(_title(data, heading), [("picture", data["image/png"])], [], words)
            continue
        text = output.get("text") or data.get("text/plain") or ""
        if output.get("name") == "stdout" and _CLAIM.search(text):
            lines = [line for line in text.splitlines() if line.strip()]
            claims = [line for line in lines if _CLAIM.match(line)]
            yield Slide(f"What holds · {heading}", [("claims", "\n".join(claims))], [code])
            text = "\n".join(line for line in lines if not _CLAIM.match(line))
        lines = text.rstrip().splitlines()
        fits = 0 < len(lines) <= LINES + 2 and max(map(len, lines)) <= WIDTH
        if fits and not text.startswith("<"):
            room = not code_shown and len(lines) + len(code.splitlines()) <= LINES + 4
            parts = [("code", code)] * room + [("text", text.rstrip())]
            code_shown = code_shown or room
            yield Slide(heading, parts)
    if not code_shown and not cell.get("outputs"):
        yield Slide(heading, [("code", code)])


def readable(code: str) -> bool:
    """Say whether code belongs on a slide: short lines, few of them, and more than imports."""
    lines = code.strip().splitlines()
    short = len(lines) <= LINES and max(map(len, lines), default=0) <= WIDTH
    return short and not all(
        line.startswith(("import ", "from ", "#")) or not line.strip() for line in lines
    )


def _title(data: Any, heading: str) -> str:
    """Return the finding in a figure's title, which stands in its text form."""
    found = re.match(r"<(?:Figure|Picture): (.*)>", data.get("text/plain", ""), re.DOTALL)
    return found[1] if found else heading
