"""The code of a chapter as an assignment has it: no experiment that waits for a hand, no help."""

import ast
import re
from collections.abc import Collection, Sequence

from tlbook.workshop.handout.prose import HELP

CHECKED = re.compile(r"\bex\.(q\d+)\.check\(")


class Experiments:
    """Which statements of a chapter show an experiment or its answers, or ask a prediction.

    Parameters
    ----------
    sources : sequence of str
        All code cells of the chapter, in order.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        steps = [step for source in sources for step in ast.parse(source).body]
        self.names = {
            alias.asname or alias.name
            for step in steps
            if isinstance(step, ast.ImportFrom) and "widget" in (step.module or "").split(".")
            for alias in step.names
        }
        self.used = {
            node.id
            for step in steps
            if not self._shows(step)
            for node in ast.walk(step)
            if isinstance(node, ast.Name)
        }

    def shown_in(self, source: str) -> list[ast.stmt]:
        """Return the statements of a cell to leave out, imports for them alone included."""
        steps = ast.parse(source).body
        return [step for step in steps if self._shows(step) or self._serves_shows(step)]

    def _shows(self, step: ast.stmt) -> bool:
        if not isinstance(step, ast.Expr) or not isinstance(step.value, ast.Call):
            return False
        match step.value.func:
            case ast.Name(id=name):
                return name == "expect" or name in self.names
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return (name, attribute) == ("widgets", "show") or (
                    name in self.names and attribute == "answers"
                )
        return False

    def _serves_shows(self, step: ast.stmt) -> bool:
        if not isinstance(step, ast.ImportFrom):
            return False
        for_shows = self.names | {"widgets", "expect"}
        names = {alias.asname or alias.name for alias in step.names}
        return names <= for_shows and not names & self.used


def without(source: str, drop: Sequence[ast.stmt]) -> str:
    """Return code without the lines of these statements."""
    gone = {k for step in drop for k in range(step.lineno - 1, step.end_lineno or step.lineno)}
    return "\n".join(line for k, line in enumerate(source.splitlines()) if k not in gone).strip(
        "\n"
    )


def without_checks(source: str, names: Collection[str]) -> str:
    """Return a cell without calls for help and without the checks of these exercises.

    Where nothing is left but stubs of answers, the whole cell goes.

    Examples
    --------
    >>> without_checks("answer = ...\\nex.q1.check(answer)\\n# ex.q1.hint()", {"q2"})
    'answer = ...\\nex.q1.check(answer)'
    >>> without_checks("answer = ...\\nex.q1.check(answer)", {"q1"})
    ''
    """
    lines = source.splitlines()
    source = "\n".join(x for x in lines if not (x.startswith("#") and HELP.search(x)))
    if not set(CHECKED.findall(source)) & set(names):
        return source
    left = without(source, _checks(source, names))
    return left if CHECKED.search(left) or not _only_stubs(left) else ""


def rest_of(source: str) -> list[str]:
    """Return what an exercise's cell does besides asking: nothing, or its code without checks."""
    left = without(source, _checks(source, CHECKED.findall(source)))
    return [] if _only_stubs(left) else [left]


def _checks(source: str, names: Collection[str]) -> list[ast.stmt]:
    return [
        step
        for step in ast.parse(source).body
        if isinstance(step, ast.Expr) and set(CHECKED.findall(ast.unparse(step))) & set(names)
    ]


def _only_stubs(source: str) -> bool:
    """Return whether code has only assignments of dots, and functions that return them."""
    return all(
        isinstance(step, (ast.Assign, ast.FunctionDef))
        and any(isinstance(n, ast.Constant) and n.value is ... for n in ast.walk(step))
        for step in ast.parse(source).body
    )
