"""A chapter's prose in an assignment: no word on solutions, only the chosen questions."""

import re
from collections.abc import Collection

HELP = re.compile(r"\bex\.q\d+\.(?:hint|solution)\(\)")
_ENDS = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`*(\"])")


def without_help(text: str) -> str:
    """Return prose without the sentences that tell how to see a hint or a solution.

    Examples
    --------
    >>> without_help("What is a half? `ex.q1.hint()` helps. Take your time.")
    'What is a half? Take your time.'
    """
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and HELP.search(line):
            line = " ".join(part for part in _ENDS.split(line) if not HELP.search(part))
        lines.append(line)
    return "\n".join(lines)


def without_questions(text: str, names: Collection[str]) -> str:
    """Return prose without the questions of these names, each up to the next bold word or title.

    Examples
    --------
    >>> without_questions("**Exercise 1.** A half?\\n\\n**Exercise 2.** Two?", {"q1"})
    '**Exercise 2.** Two?'
    """
    kept, dropping = [], False
    for block in text.split("\n\n"):
        if start := re.match(r"\*\*Exercise (\d+)\b", block):
            dropping = f"q{start[1]}" in names
        elif block.startswith(("#", "**")):
            dropping = False
        if not dropping:
            kept.append(block)
    return "\n\n".join(kept)
