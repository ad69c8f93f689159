"""The first section of a report: what was found, in four or five sentences."""

from __future__ import annotations

from tlbook.diagnosis.contents import Contents
from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.kinds import EITHER, NEARLY
from tlbook.diagnosis.section import Section
from tlbook.diagnosis.withheld import by_labels, unknown_accuracy

WARNED = {
    EITHER: "; the two cannot be told apart here without labels of the target",
    NEARLY: "; no assumption fits, this one is the least bad",
}


def answer(report: Contents) -> Section:
    """Return the section that stands at the top of the report."""
    found = report.findings
    advice = found.advice
    do = f"Adapt by {advice.remedy}" if advice.adapt else "Do not adapt"
    gain = _gain(report) if advice.adapt else ""
    lines = [
        f"Kind of shift: {found.kind}{WARNED.get(found.kind, '')}.",
        f"Advice: {do}, because {advice.why}.{gain}",
        _accuracy_in_short(found),
        f"Next: {report.purchase.words}.",
    ]
    if report.soundness.problems:
        lines.insert(0, f"Look first: {report.soundness.problems[0]}.")
    return Section("The answer", lines)


def _gain(report: Contents) -> str:
    """Return the expected gain, and what its interval is an interval of."""
    advice = report.findings.advice
    interval = f"{advice.gain:+.1f} points [{advice.low:+.1f}, {advice.high:+.1f}]"
    if by_labels(report.findings):
        return f" Gain measured there: {interval}, the interval of the mean."
    loss = " So a loss is possible: check it on some labeled target rows." * (advice.low < 0)
    return f" Expected gain: {interval}, the interval of one further rehearsal.{loss}"


def _accuracy_in_short(found: Findings) -> str:
    head = found.headline
    if unknown_accuracy(found):
        values = [each.value for each in found.estimates]
        return (
            "Accuracy of the source model on the target: unknown without labels of the target. "
            f"The estimates reach from {min(values):.0f} to {max(values):.0f} %, and each takes "
            "something else for granted."
        )
    what = f"of the source model on the target, if {head.assumes}"
    if found.labels is not None:
        rows = "row" if found.labels.n == 1 else "rows"
        what = f"measured on {found.labels.n} labeled target {rows}"
    return f"Accuracy {what}: {head.value:.0f} % [{head.low:.0f}, {head.high:.0f}]."
