"""axe-core, an accessibility checker that runs inside the page: what it says about an element."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
BAD = ("serious", "critical")

RUN = """async (place) => {
  const found = await axe.run(place, {resultTypes: ["violations"]});
  return found.violations.map((v) => [
    v.impact, v.id, v.help, v.nodes.map((n) => [n.html.slice(0, 200), n.failureSummary])
  ]);
}"""


@lru_cache(maxsize=1)
def script() -> str:
    """Return the source of axe-core; it must be the file that was chosen."""
    code = Path(__file__).with_name("axe.min.js").read_bytes()
    assert hashlib.sha256(code).hexdigest() == SHA256, "axe.min.js is not the file of that version"
    return code.decode("utf-8")


def findings(page: Any, place: str) -> list[str]:
    """Return the serious and critical findings in the elements that a CSS selector names."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(script())
    return [
        f"{impact}: {rule}: {words}: {nodes}"
        for impact, rule, words, nodes in page.evaluate(RUN, place)
        if impact in BAD
    ]
