"""A learner's notebook: read with care, its chapter found, its graded copy written."""

import json
import re
from pathlib import Path
from typing import Any

from tlbook.course.exercises import chapters

MOST_MIB = 100
_IMPORTED = re.compile(
    r"tlbook\.course\.(ch\d\d[a-z]?)_\w+(?:\.exercises|\s+import\s+[^#\n]*\bexercises)"
)
_MAGIC = re.compile(r"^\s*[%!]", re.MULTILINE)


class Submission:
    """One notebook file of a learner.

    Raises
    ------
    ValueError
        If the file is no notebook, is larger than 100 MiB, or belongs to no chapter.
    """

    def __init__(self, path: Path, chapter: str | None = None) -> None:
        import nbformat

        self.path = path
        if not path.is_file():
            raise ValueError(f"{path}: got no file, want a notebook")
        if path.stat().st_size > MOST_MIB * 2**20:
            raise ValueError(f"{path}: got more than {MOST_MIB} MiB, want a notebook")
        try:
            self.notebook: Any = nbformat.reads(path.read_text("utf-8"), as_version=4)
            self.sources = [str(c.source) for c in self.notebook.cells if c.cell_type == "code"]
        except Exception as error:
            raise ValueError(
                f"{path}: got no notebook ({type(error).__name__}), want an .ipynb file"
            ) from None
        self.chapter = chapter or self._chapter()

    @property
    def code(self) -> str:
        """All code cells, without lines of magics, so that Python can read it."""
        lines = "\n".join(self.sources).splitlines()
        return "\n".join(line for line in lines if not _MAGIC.match(line))

    def _chapter(self) -> str:
        """Return whose exercises are imported, else the number that the file's name begins with."""
        named = set(_IMPORTED.findall(self.code))
        if not named and (number := re.match(r"(\d\d[a-z]?)_", self.path.name)):
            named = {f"ch{number[1]}"}
        if len(named) != 1 or not named <= set(chapters()):
            raise ValueError(
                f"{self.path}: got exercises of {', '.join(sorted(named)) or 'no chapter'}, "
                "want those of one chapter (--chapter NN says which)"
            )
        return named.pop()

    def write_graded_copy(self, target: Path, records: Path) -> None:
        """Write what is run: the code cells without outputs, the recorder in front."""
        import nbformat

        copy = nbformat.v4.new_notebook()
        first = (
            "from tlbook.workshop.grading.recorder import install as _install\n"
            f"_install({self.chapter!r}, {json.dumps(str(records))})"
        )
        copy.cells = [nbformat.v4.new_code_cell(s) for s in (first, *self.sources)]
        nbformat.write(copy, target)
