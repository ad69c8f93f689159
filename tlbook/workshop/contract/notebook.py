"""A chapter's file as the rules see it: cells, tags, sources and outputs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat


@dataclass
class Chapter:
    """A notebook with the few questions that the rules ask of it."""

    cells: list[Any]
    metadata: dict[str, Any] = field(default_factory=dict)
    path: Path = Path("chapter.ipynb")
    size: int = 0

    @classmethod
    def read(cls, path: str | Path) -> "Chapter":
        """Read a notebook; raise ValueError when it is none."""
        path = Path(path)
        try:
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
        except Exception as error:
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(f"{path.name}: got no valid notebook ({line})") from None
        return cls(notebook.cells, dict(notebook.metadata), path, path.stat().st_size)

    @property
    def code(self) -> list[Any]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[Any]:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def prose(self) -> str:
        """All Markdown text, without code in backticks and fenced blocks."""
        text = "\n\n".join(cell.source for cell in self.markdown)
        text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
        return re.sub(r"`[^`\n]*`", " ", text)

    @property
    def program(self) -> str:
        """All code, comments included."""
        return "\n".join(cell.source for cell in self.code)

    def tagged(self, tag: str) -> list[Any]:
        return [cell for cell in self.cells if tag in cell.metadata.get("tags", [])]

    def headings(self) -> list[str]:
        """The texts of all headings, fenced blocks left out."""
        text = "\n\n".join(cell.source for cell in self.markdown)
        text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
        return [m.strip() for m in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text, flags=re.MULTILINE)]

    def outputs(self) -> Iterator[tuple[int, Any]]:
        """Pairs of a code cell's number (from 1) and one of its outputs."""
        for number, cell in enumerate(self.code, start=1):
            for output in cell.get("outputs", []):
                yield number, output


def lines_of(cell: Any) -> int:
    """Return the number of lines that are not blank."""
    return sum(1 for line in cell.source.splitlines() if line.strip())


def parsed(cell: Any) -> ast.Module | None:
    """Return the syntax tree of a code cell, magics left out, or None when it does not parse."""
    source = "\n".join(
        "pass" if line.lstrip().startswith(("%", "!")) else line
        for line in cell.source.splitlines()
    )
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def text_of(output: Any) -> str:
    """Return all readable text of an output."""
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    data = output.get("data", {})
    return "\n".join(str(v) for k, v in data.items() if k.startswith("text/"))
