"""The stored chapters as the reference cites them: sections, their text, their claims."""

import json
import re
from functools import cache

import pytest

from tlbook.course.chapters import CHAPTERS

PATHS = {chapter.number: chapter.path for chapter in CHAPTERS}
HEADING = re.compile(r"^#+ (.*)$", re.M)
CLAIM = re.compile(r"^\s*([✓~]) (.*)$", re.M)


@cache
def sections(number):
    """Return ``[(heading, Markdown, printed claims)]`` of a chapter; skip if it is not there yet.

    A chapter that is cited before it is entered in ``chapters.py`` is checked from then on.
    """
    if number not in PATHS:
        pytest.skip(f"chapter {number} is not in the list of chapters yet")
    found, heading = [], ""
    for cell in json.loads(PATHS[number].read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "markdown":
            printed = "\n".join("".join(out.get("text", "")) for out in cell["outputs"])
            found.append((heading, "", CLAIM.findall(printed)))
            continue
        for part in re.split(r"(?m)^(?=#+ )", source):
            title = HEADING.match(part)
            heading = title[1].strip() if title else heading
            found.append((heading, part, []))
    return found


def headings(number):
    return {heading for heading, _, _ in sections(number)}


def claims(number, heading=None):
    """Return mark and sentence of the claims that a chapter prints, or one of its sections."""
    return [
        claim
        for where, _, printed in sections(number)
        for claim in printed
        if heading in (None, where)
    ]
