"""Rules on how a chapter is written: short cells, American spelling, nothing that breaks a run."""

import re
import statistics
from typing import Any

from tlbook.course.predictions import of_chapter
from tlbook.course.predictions.asking import as_page
from tlbook.workshop.contract.notebook import Chapter, lines_of, parsed

CELLS = (12, 25)
MEDIAN, LONGEST, IN_A_ROW = 8, 25, 3
WIDEST = 88  # columns: more is cut on a projector and on half a screen
# A cell tagged "recipe" is a whole program that readers copy: longer, and outside the count.
RECIPE, LONGEST_RECIPE = "recipe", 60
# A cell tagged "predict" asks what the next one will show: one line, and outside the count, too.
PREDICT = "predict"
ASKED = re.compile(r"expect\(\"([\w.]+)\"\)\s*$")

BRITISH = re.compile(
    r"\b(\w*colour\w*|behaviou?r(?<!behavior)\w*|favour\w*|neighbour\w*|centre[ds]?|fibre\w*"
    r"|anal[y]sed?\b(?<!analysis)|artefact\w*|grey\w*|whilst|learnt|programme[ds]?"
    r"|(?:general|regular|normal|initial|standard|optim|maxim|minim|visual|recogn|summar|organ"
    r"|token|quant|character|penal|random|memor|real|util)is(?:e|ed|es|er|ers|ing|ation|ations))\b",
    re.IGNORECASE,
)

FORBIDDEN = {
    r"^\s*%matplotlib\s+(widget|ipympl|notebook)": "%matplotlib widget blanks the inline figures",
    r"^\s*[!%]\s*(pip|conda)\b": "packages are installed by the set-up, not by a chapter",
    r"\binput\(": "input() waits for ever in a run without a reader",
    r"\bwarnings\.(filterwarnings|simplefilter)\(": "a warning is to be cured, not hidden",
    r"\bplt\.show\(": "figures show themselves; plt.show() shows them twice",
}


def number_of_cells(nb: Chapter) -> list[str]:
    """Between 12 and 25 code cells, recipes and predictions not counted."""
    n = len([cell for cell in nb.code if not _has(cell, RECIPE, PREDICT)])
    low, high = CELLS
    return [] if low <= n <= high else [f"got {n} code cells, want {low} to {high}"]


def length_of_cells(nb: Chapter) -> list[str]:
    """Code cells are short: median at most 8 lines, none over 25; a recipe at most 60."""
    if not nb.code:
        return []
    lengths = [lines_of(cell) for cell in nb.code]
    limits = [LONGEST_RECIPE if _has(cell, RECIPE) else LONGEST for cell in nb.code]
    ordinary = [lines_of(cell) for cell in nb.code if not _has(cell, RECIPE, PREDICT)]
    out = []
    if ordinary and statistics.median(ordinary) > MEDIAN:
        out.append(f"the median cell has {statistics.median(ordinary):g} lines, want {MEDIAN}")
    out += [
        f"code cell {number} has {n} lines, want at most {limit}"
        for number, (n, limit) in enumerate(zip(lengths, limits, strict=True), start=1)
        if n > limit
    ]
    out += [f"code cell {k} is empty" for k, n in enumerate(lengths, start=1) if n == 0]
    return out


def width_of_code(nb: Chapter) -> list[str]:
    """No line of code is wider than 88 columns."""
    return [
        f"code cell {number} has a line of {len(line)} columns, want at most {WIDEST}: {line!r}"
        for number, cell in enumerate(nb.code, start=1)
        for line in cell.source.splitlines()
        if len(line) > WIDEST
    ]


def prose_between(nb: Chapter) -> list[str]:
    """Results are read: at most three code cells in a row without a word between them."""
    out, run = [], 0
    for cell in nb.cells:
        if cell.cell_type == "code" and _has(cell, PREDICT):
            continue
        run = run + 1 if cell.cell_type == "code" else 0
        if run == IN_A_ROW + 1:
            out.append(f"more than {IN_A_ROW} code cells in a row at {cell.source[:40]!r}")
    return out


def code_is_safe(nb: Chapter) -> list[str]:
    """Every code cell parses and does nothing that breaks a run without a reader."""
    out = []
    for number, cell in enumerate(nb.code, start=1):
        if parsed(cell) is None:
            out.append(f"code cell {number} does not parse")
        for pattern, why in FORBIDDEN.items():
            if re.search(pattern, cell.source, re.MULTILINE):
                out.append(f"code cell {number}: {why}")
    return out


def american_spelling(nb: Chapter) -> list[str]:
    """Prose is in American spelling (a spot check on frequent words)."""
    words = dict.fromkeys(m.group(0) for m in BRITISH.finditer(nb.prose))
    return [f"British spelling: {', '.join(words)}"] if words else []


def predictions_are_asked(nb: Chapter) -> list[str]:
    """Below each "Predict" a cell asks it by a click: ``expect("02.1")``, numbered in order."""
    chapter = nb.path.name.partition("_")[0]
    asked = [k for k, cell in enumerate(nb.cells) if "**Predict" in _prose(cell)]
    cells = [k for k, cell in enumerate(nb.cells) if _has(cell, PREDICT)]
    out = []
    for number, k in enumerate(asked, start=1):
        wanted = f'expect("{chapter}.{number}")'
        after = nb.cells[k + 1] if k + 1 < len(nb.cells) else None
        if (
            after is None
            or not _has(after, PREDICT)
            or after.source.strip().splitlines()[-1:] != [wanted]
        ):
            out.append(f"prediction {number} is not followed by a cell {wanted} tagged predict")
    out += [
        f"cell {k + 1} is tagged predict and follows no prediction"
        for k in cells
        if k - 1 not in asked
    ]
    headings = nb.headings()
    out += [
        f"prediction {one.name} points to {one.see!r}, which is no heading"
        for one in of_chapter(chapter)
        if asked and one.see not in headings
    ]
    if asked and len(of_chapter(chapter)) != len(asked):
        out.append(f"got {len(of_chapter(chapter))} predictions in its file, {len(asked)} in text")
    return out


def predictions_are_stored(nb: Chapter) -> list[str]:
    """The stored page below a prediction has the options, answers and reasons of its file."""
    wanted = {one.name: as_page(one) for one in of_chapter(nb.path.name.partition("_")[0])}
    out = []
    for k, cell in enumerate(nb.cells):
        found = ASKED.search(cell.source) if _has(cell, PREDICT) else None
        pages = [o.data.get("text/html") for o in cell.get("outputs", ()) if "data" in o]
        if found and pages and wanted.get(found[1]) not in pages:
            out.append(f"cell {k + 1} shows another text than prediction {found[1]} has; store it")
    return out


def _prose(cell: Any) -> str:
    return cell.source if cell.cell_type == "markdown" else ""


def _has(cell: Any, *tags: str) -> bool:
    return not set(tags).isdisjoint(cell.metadata.get("tags", ()))


RULES = (
    number_of_cells,
    length_of_cells,
    width_of_code,
    prose_between,
    code_is_safe,
    american_spelling,
    predictions_are_asked,
    predictions_are_stored,
)
