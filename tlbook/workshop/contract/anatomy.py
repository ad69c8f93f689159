"""Rules on what a chapter has: promise, objectives, exercises, claims, a widget, a recap."""

import ast
import re

from tlbook.evaluation.claim_log import ASKED
from tlbook.workshop.contract.notebook import Chapter, parsed

REQUIRED_PARAMETERS = ("seed", "budget", "device")


def title_and_promise(nb: Chapter) -> list[str]:
    """The first cell is a title and a paragraph that says what the chapter gives."""
    first = nb.cells[0] if nb.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        return ["the first cell should be Markdown that starts with a title ('# ...')"]
    body = " ".join(nb.cells[0].source.split("\n")[1:]).strip()
    if len(body) < 100:
        return [f"the promise under the title has {len(body)} characters, want a paragraph (100)"]
    titles = [m for c in nb.markdown for m in re.findall(r"^# .+$", c.source, re.MULTILINE)]
    return [] if len(titles) == 1 else [f"got {len(titles)} top-level titles, want one"]


def opening(nb: Chapter) -> list[str]:
    """Before any code: objectives, prerequisites, minutes to read, measured seconds to run."""
    first = next((i for i, c in enumerate(nb.cells) if c.cell_type == "code"), len(nb.cells))
    text = "\n".join(c.source for c in nb.cells[:first])
    wanted = {
        "objectives": r"objectives|you will (be able|learn|see)|after this chapter",
        "prerequisites": r"prerequisites?|you need",
        "the minutes it takes to read": r"\d+\s*minutes",
        "the measured seconds it takes to run": r"\d+\s*(s\b|seconds)",
    }
    return [
        f"the opening does not name {what}" for what, how in wanted.items() if not _has(text, how)
    ]


def parameters_cell(nb: Chapter) -> list[str]:
    """One code cell tagged ``parameters`` sets seed, budget and device to their defaults."""
    cells = nb.tagged("parameters")
    if len(cells) != 1 or cells[0].cell_type != "code":
        return [f"got {len(cells)} cells tagged 'parameters', want one code cell"]
    values = {}
    tree = parsed(cells[0])
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = ast.unparse(node.value)
    out = [f"the parameters cell does not set {n}" for n in REQUIRED_PARAMETERS if n not in values]
    for name, want in (("seed", "0"), ("budget", "'quick'"), ("device", "'auto'")):
        if name in values and values[name] != want:
            out.append(f"the parameter {name} starts at {values[name]}, want {want}")
    return out


def predictions(nb: Chapter) -> list[str]:
    """The reader is asked to predict before a result is shown, at least twice."""
    asked = sum(bool(re.search(r"\bpredict", c.source, re.IGNORECASE)) for c in nb.markdown)
    return (
        [] if asked >= 2 else [f"the reader is asked to predict {asked} time(s), want at least 2"]
    )


def exercises(nb: Chapter) -> list[str]:
    """At least three exercises with a check; the reader is told how to get hint and solution."""
    checked = set(re.findall(r"\bex\.(\w+)\.check\(", nb.program))
    out = []
    if len(checked) < 3:
        out.append(f"got {len(checked)} exercises, want at least 3 (ex.q1.check(...) and so on)")
    # In the text, or commented in the code: a call that runs would give the answer away.
    text = nb.program + "\n".join(cell.source for cell in nb.markdown)
    for what in ("hint", "solution"):
        named = set(re.findall(rf"\bex\.(\w+)\.{what}\(", text))
        if not named:
            out.append(f"the reader is not told of ex.q1.{what}()")
        out += [f"ex.{name}.{what}() has no check" for name in sorted(named - checked)]
        given_away = re.findall(rf"^\s*ex\.(\w+)\.{what}\(", nb.program, re.MULTILINE)
        out += [f"ex.{name}.{what}() runs by itself: comment it out" for name in given_away]
    return out


def widget(nb: Chapter) -> list[str]:
    """At least one experiment is shown, and each leaves a picture for a page without kernel."""
    cells = [c for c in nb.code if re.search(r"\b(widgets|EXPERIMENT)\.show\(", c.source)]
    if not cells:
        return ["no experiment is shown (widgets.show(...))"]
    return [
        f"the experiment in {cell.source.splitlines()[-1]!r} left no picture"
        for cell in cells
        if not any("image/png" in output.get("data", {}) for output in cell.outputs)
    ]


def claims(nb: Chapter) -> list[str]:
    """At least one claim, each in one of the four forms, and each held in the stored run."""
    calls = [
        node
        for cell in nb.code
        for node in ast.walk(parsed(cell) or ast.Module([], []))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "claim"
    ]
    if not calls:
        return ["no claim (tlbook.claim(...))"]
    out = [
        f"line {call.lineno}: a claim without one of {', '.join(ASKED)}"
        for call in calls
        if len(set(ASKED) & {str(keyword.arg) for keyword in call.keywords}) != 1
    ]
    text = "\n".join(str(o.get("text", "")) + str(o.get("data", "")) for _, o in nb.outputs())
    if "✗ NOT held" in text:
        out.append("a claim does not hold in the stored run")
    return out


def ending(nb: Chapter) -> list[str]:
    """The chapter ends with a recap, common misconceptions and further reading."""
    headings = " | ".join(nb.headings())
    wanted = {
        "recap": r"recap|summary|what you (saw|learned)|take-?away",
        "misconceptions": r"misconception",
        "further reading": r"further reading|read more",
    }
    return [f"no heading for {what}" for what, how in wanted.items() if not _has(headings, how)]


def teacher(nb: Chapter) -> list[str]:
    """Teacher's notes: Markdown tagged ``teacher``, folded in a <details> element."""
    cells = nb.tagged("teacher")
    if not cells:
        return ["no cell is tagged 'teacher'"]
    out = []
    for cell in cells:
        if cell.cell_type != "markdown":
            out.append("a cell tagged 'teacher' is not Markdown")
        elif "<details>" not in cell.source or "</details>" not in cell.source:
            out.append("the teacher's notes are not folded in <details>")
    return out


def links(nb: Chapter) -> list[str]:
    """Links to headings and to other chapters lead somewhere."""
    anchors = {heading.replace(" ", "-") for heading in nb.headings()}
    out = []
    for target in re.findall(r"\]\(([^)\s]+)\)", nb.prose):
        file, _, anchor = target.partition("#")
        if not file and anchor not in anchors:
            out.append(f"link to #{anchor}: no such heading")
        if file.endswith(".ipynb") and not (nb.path.parent / file).is_file():
            out.append(f"link to {file}: no such notebook")
    return out


def _has(text: str, pattern: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


RULES = (
    title_and_promise,
    opening,
    parameters_cell,
    predictions,
    exercises,
    widget,
    claims,
    ending,
    teacher,
    links,
)
