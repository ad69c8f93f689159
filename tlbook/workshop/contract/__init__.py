"""The contract of a chapter: what every notebook of the course has and what it never has.

``python -m tlbook.workshop.contract notebooks/*.ipynb`` checks files; it needs nbformat and
nothing else. Each rule is a function that takes a :class:`Chapter` and returns what is wrong, in
words.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from tlbook.workshop.contract import anatomy, outputs, style
from tlbook.workshop.contract.notebook import Chapter

__all__ = ["RULES", "Chapter", "broken", "main"]

RULES: tuple[Callable[[Chapter], list[str]], ...] = (
    *anatomy.RULES,
    *style.RULES,
    *outputs.RULES,
)


def broken(nb: Chapter) -> list[str]:
    """Return every broken rule of a chapter as ``rule: what is wrong``."""
    return [f"{rule.__name__}: {words}" for rule in RULES for words in rule(nb)]


def main(paths: Sequence[str | Path]) -> int:
    """Check files, print what is wrong, return 1 when something is."""
    found = 0
    for path in paths:
        try:
            problems = broken(Chapter.read(path))
        except ValueError as error:
            problems = [str(error)]
        for problem in problems:
            print(f"{Path(path).name}: {problem}")
        found += len(problems)
    if not found:
        print(f"{len(paths)} chapter(s) keep the contract ({len(RULES)} rules)")
    return 1 if found else 0
