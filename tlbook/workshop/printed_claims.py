"""The claims that a stored chapter prints, read back from its outputs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

MARKS = {"✗": "not held", "~": "seen, not certain", "✓": "sure"}
"""What a claim may come to, the worst first."""

_LINE = re.compile(r"^([✓~✗]) (?:NOT held: )?(.+)$", re.M)
_NUMBERS = re.compile(r"^(.*): ([^:\[]+) \[([^\]]*)\], (.+) asked, (.+)$")
_HEADING = re.compile(r"(?m)^#+ (.+)$")
_CALLS = re.compile(r"(?<![.\w])(?:tlbook\.)?(?:evaluation\.)?(?:claim|check)\(")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Claim:
    """One line that a stored chapter prints.

    Examples
    --------
    >>> read_line("✓", "B beats A: +3.0 points [1.0, 5.0], more than 1 asked, 8 seeds").effect
    '+3.0 points'
    """

    mark: str
    text: str
    effect: str = ""
    interval: str = ""
    asked: str = ""
    n: str = ""
    section: str = ""


def read_line(mark: str, line: str, section: str = "") -> Claim:
    """Return the claim of a printed line; a check has no numbers."""
    found = _NUMBERS.match(line)
    if found is None:
        return Claim(mark, line, section=section)
    text, effect, interval, asked, n = found.groups()
    return Claim(mark, text, effect, interval, asked, n, section)


def claims_of(notebook: str) -> list[Claim]:
    """Return the claims that a notebook (its text) has printed, each with its section."""
    found, heading = [], ""
    for cell in json.loads(notebook)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = ([heading] + _HEADING.findall(source))[-1]
        if not _CALLS.search(source):
            continue  # other lines with a tick: a doctor's findings, a learner's feedback
        for output in cell.get("outputs", ()):
            for mark, line in _LINE.findall("".join(output.get("text", ""))):
                found.append(read_line(mark, line, heading.strip()))
    return found


def named(claims: list[Any]) -> dict[str, Any]:
    """Return claims by what stays the same from run to run: the sentence, its numbers left out.

    Of several claims with one such sentence the second is called "… (2)".

    Examples
    --------
    >>> list(named([Claim("✓", "8 rows win"), Claim("✓", "16 rows win"), Claim("~", "A is B")]))
    ['# rows win', '# rows win (2)', 'A is B']
    """
    found: dict[str, Any] = {}
    for claim in claims:
        name = plain = _DIGITS.sub("#", claim.text)
        count = 1
        while name in found:
            count += 1
            name = f"{plain} ({count})"
        found[name] = claim
    return found
