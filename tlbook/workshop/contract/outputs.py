"""Rules on stored outputs: one clean run from top to bottom, nothing of the machine it ran on."""

import ast
import re

from tlbook.workshop.contract.notebook import Chapter, parsed, text_of

MAX_BYTES = 1_000_000
LIVE = "application/vnd.jupyter.widget-view+json"
NOTEBOOK_METADATA = {"kernelspec", "language_info"}
CELL_METADATA = {"tags", "jupyter", "editable", "deletable", "slideshow"}

PATHS = re.compile(
    r"(?<![\w.])/(?:home|root|Users|tmp|var|usr|opt|mnt|private|workspace|work|content)/\w"
    r"|\b[A-Za-z]:\\{1,2}(?:Users|Windows|Program|Temp)|site-packages|ipykernel_\d+|\bfile://"
)
WARNING = re.compile(r"\b\w*Warning:|\bWARNING\b|Traceback \(most recent call last\)")


def ran_in_order(nb: Chapter) -> list[str]:
    """Execution counts are 1, 2, 3 ...: one run from top to bottom in a fresh kernel."""
    counts = [cell.execution_count for cell in nb.code]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"execution counts are {counts}, want 1 to {len(counts)} in order"]


def no_errors(nb: Chapter) -> list[str]:
    """No error, no stderr, no warning."""
    out = []
    for number, output in nb.outputs():
        if output.output_type == "error":
            out.append(f"code cell {number} raised {output.ename}")
        elif output.output_type == "stream" and output.name == "stderr":
            out.append(f"code cell {number} wrote to stderr: {output.text[:60]!r}")
        elif WARNING.search(text_of(output)):
            out.append(f"code cell {number} shows a warning")
    return out


def nothing_missing(nb: Chapter) -> list[str]:
    """A cell that ends in an expression shows something (unless it ends in a semicolon)."""
    out = []
    for number, cell in enumerate(nb.code, start=1):
        tree = parsed(cell)
        last = tree.body[-1] if tree and tree.body else None
        silent = cell.source.rstrip().endswith(";")
        if isinstance(last, ast.Expr) and not silent and not cell.outputs:
            out.append(f"code cell {number} ends in {ast.unparse(last)[:40]!r} but shows nothing")
    return out


def figures_have_words(nb: Chapter) -> list[str]:
    """Every picture carries its finding as alternative text."""
    out = []
    for number, output in nb.outputs():
        if "image/png" not in output.get("data", {}):
            continue
        words = output.get("metadata", {}).get("image/png", {})
        if not (isinstance(words, dict) and str(words.get("alt", "")).strip()):
            out.append(f"the picture of code cell {number} has no alternative text")
    return out


def live_views_have_pictures(nb: Chapter) -> list[str]:
    """A live widget is stored only beside a picture: elsewhere it is a blank."""
    out = []
    for number, cell in enumerate(nb.code, start=1):
        kinds = [set(output.get("data", {})) for output in cell.get("outputs", [])]
        live = any(LIVE in kind for kind in kinds)
        if live and not any("image/png" in kind for kind in kinds):
            out.append(f"code cell {number} has a live widget without a picture")
    return out


def no_machine_paths(nb: Chapter) -> list[str]:
    """No path of the machine it was made on, in text or outputs."""
    out = []
    for place, text in _texts(nb):
        found = PATHS.search(text)
        if found:
            near = text[max(0, found.start() - 15) : found.end() + 15]
            out.append(f"{place} names a place on a machine: {near!r}")
    return out


def clean_metadata(nb: Chapter) -> list[str]:
    """The kernel is python3, and no tool left its notes in the metadata."""
    out = []
    kernel = nb.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        out.append(f"the kernel is {kernel!r}, want 'python3'")
    extra = set(nb.metadata) - NOTEBOOK_METADATA
    if extra:
        out.append(f"the notebook's metadata holds {', '.join(sorted(extra))}")
    seen = {key for cell in nb.cells for key in cell.metadata} - CELL_METADATA
    if seen:
        out.append(f"the metadata of cells holds {', '.join(sorted(seen))}")
    return out


def modest_size(nb: Chapter) -> list[str]:
    """At most 1 MB with outputs."""
    return [] if nb.size <= MAX_BYTES else [f"the file has {nb.size / 1e6:.2f} MB, want at most 1"]


def _texts(nb: Chapter) -> list[tuple[str, str]]:
    named = [(f"cell {i}", cell.source) for i, cell in enumerate(nb.cells, start=1)]
    return named + [(f"the output of code cell {i}", text_of(o)) for i, o in nb.outputs()]


RULES = (
    ran_in_order,
    no_errors,
    nothing_missing,
    figures_have_words,
    live_views_have_pictures,
    no_machine_paths,
    clean_metadata,
    modest_size,
)
