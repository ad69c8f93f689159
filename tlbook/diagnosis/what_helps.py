"""The section of the report on what would help: rehearsals, and gains on labeled rows."""

from __future__ import annotations

from tlbook.diagnosis.contents import Contents
from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.kinds import EITHER, NEARLY
from tlbook.diagnosis.section import Section

TITLE = "What would help?"


def what_helps(report: Contents) -> Section:
    """Return the gain of every remedy: expected from rehearsals, measured on labeled rows."""
    found = report.findings
    advice = f"Advice: {found.advice.remedy if found.advice.adapt else 'do not adapt'}."
    if found.expected:
        return _rehearsed(report, advice)
    nothing = (
        "No assumption is left that explains the target, so no remedy could be tried on rows like "
        "its own."
    )
    if found.labels is None:
        return Section(
            TITLE, [nothing, "Do not adapt; label some target rows and run the report again."]
        )
    rows = [(name, _on_labels(found, name)) for name in found.labels.gains if name != "none"]
    lines = [f"{nothing} The labeled rows alone can speak.", advice]
    header = ("remedy", "gain on the labeled rows (points)")
    return Section(TITLE, lines, header, rows, "Remedies against the source model alone")


def _rehearsed(report: Contents, advice: str) -> Section:
    found = report.findings
    allowed = ", ".join(each.name for each in found.believed)
    lines = [
        f"Every remedy was tried on source rows that were changed as the data allow ({allowed}). "
        "The gain is the mean over these rehearsals, under the assumption where it is smallest; "
        "the interval is that of one further rehearsal.",
        *_reservations(found),
        advice,
    ]
    if report.left_out:
        lines.append(report.left_out)
    if found.skipped:
        lines.append(f"Could not be tried: {', '.join(found.skipped)}.")
    rows = [
        (e.remedy, f"{e.gain:+.1f} [{e.low:+.1f}, {e.high:+.1f}]")
        + ((_on_labels(found, e.remedy),) if found.labels is not None else ())
        for e in found.expected
    ]
    header: tuple[str, ...] = ("remedy", "expected gain (points)")
    if found.labels is not None:
        header += ("gain on the labeled rows (points)",)
    return Section(
        TITLE,
        lines,
        header,
        rows,
        "Remedies without target labels, against the source model alone",
        tuple((e.remedy, e.gain, e.low, e.high) for e in found.expected),
        "Expected gains in points of accuracy with intervals; 0 is the source model alone.",
        "points",
    )


def _reservations(found: Findings) -> list[str]:
    if found.kind == EITHER:
        return [
            f"Only {found.outside:.0%} of the target rows lie where the source has none. So the "
            "target may be a selection of the source as well as a moved copy, and a remedy for "
            "the one harms under the other. Labels of the target tell them apart."
        ]
    if found.kind == NEARLY:
        return [
            "No assumption fits. These rehearsals follow the least bad one, so their gains count "
            "as spread twice as widely: the intervals are twice as wide."
        ]
    return []


def _on_labels(found: Findings, remedy: str) -> str:
    gains = None if found.labels is None else found.labels.gains.get(remedy)
    return "" if gains is None else f"{100 * gains.mean():+.1f}"
