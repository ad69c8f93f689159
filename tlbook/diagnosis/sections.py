"""The report as sections: sentences, a table, a figure; text and HTML are made from these."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.diagnosis.assumptions import FEW
from tlbook.diagnosis.contents import Contents
from tlbook.diagnosis.in_short import WARNED, answer
from tlbook.diagnosis.kinds import OUTSIDE
from tlbook.diagnosis.section import Section
from tlbook.diagnosis.what_helps import what_helps

RECORD: dict[str, Any] = {
    "tasks": 80,
    "named": 55,
    "advised": 17,
    "gained": 16,
    "lost": 1,
    "largest_loss": 3,
    "regret": 3.9,
    "with_labels": 0.5,
    "without": 7.2,
    "never": (8.2, 6.8, 9.5),
    "covered": 94,
    "alarms": 3,
    "draws": 160,
    "withheld": (-27, 25),
    "learned": (-72, -20),
}
"""How the report did on generated tasks drawn after its last rule, whose truth was known, with 60
labeled target rows in every second one. Losses and regrets are in points of accuracy, coverage of
its 95 % intervals in percent. ``never``: regret of never adapting on all tasks, with labels, and
without. ``withheld``: gains of what it did not advise under a least bad assumption, and of what it
still advised on the tasks on which this rule was learned."""


NUMBER = {3: "three", 4: "four"}
APART = 0.98
"""AUC of the domain classifier from which on an overlap of the domains is not believed."""


def sections(report: Contents) -> list[Section]:
    """Return the sections of a report, the answer first."""
    return [
        answer(report),
        _sound(report),
        _shift(report),
        _kind(report),
        _accuracy(report),
        what_helps(report),
        _labels(report),
        Section("The lines that do it", ["In your own script:"], code=report.code),
        _limits(report),
    ]


def _sound(report: Contents) -> Section:
    s = report.soundness
    lines = [f"{text[0].upper()}{text[1:]}." for text in (*s.problems, *report.notes)]
    lines = lines or ["Nothing conspicuous."]
    rows = [
        ("rows", f"{s.n_source:,}", f"{s.n_target:,}"),
        ("rows that repeat an earlier one", f"{s.copies_source:,}", f"{s.copies_target:,}"),
        ("rows that the source has, too", "", f"{s.copies_across:,}"),
        ("inputs with two labels", f"{s.disputed:,}", "unknown"),
        *((f"class {name}", f"{count:,}", "unknown") for name, count in s.classes.items()),
    ]
    return Section(
        "Are the data sound?", lines, ("", "source", "target"), rows[:30], "Rows of the two domains"
    )


def _shift(report: Contents) -> Section:
    shift = report.findings.shift
    order = np.lexsort((-np.abs(shift.effects), shift.p_features))[:8]
    verdict = "The domains differ" if shift.found else "No difference was found"
    lines = [
        f"{verdict}: p {_is(shift.p_value)} for all {NUMBER[shift.tests]} tests together "
        "(level 0.05).",
        f"A classifier told the domains apart with an AUC of {shift.auc:.2f} on rows that it had "
        f"not seen (0.5: not at all, 1: always); p {_is(shift.p_classifier)}.",
        f"Aggregated MMD: p {_is(shift.p_mmd)}. Features one by one, adjusted for their number: "
        f"smallest p {_is(float(shift.p_features.min()))}.",
    ]
    if shift.p_answers is not None:
        lines.append(
            f"The answers that a source model gives to both domains: p {_is(shift.p_answers)}."
        )
    if not shift.found:
        lines.append("This does not prove that there is none: a weak shift needs more rows.")
    rows = [
        (report.columns[j], f"{shift.effects[j]:+.2f}", _p(float(shift.p_features[j])))
        for j in order
    ]
    return Section(
        "Is there a shift?",
        lines,
        ("feature", "difference of means (SD of the source)", "adjusted p"),
        rows,
        "Features that differ most",
        figure=f"Source and target rows on the first two principal components of both domains. "
        f"{verdict}.",
        clouds=report.clouds,
    )


def _kind(report: Contents) -> Section:
    found = report.findings
    rows = []
    for each in found.assumptions:
        verdict = "fits" if each.fits else "nearly fits" if each.nearly_fits else "does not fit"
        if each.rows < FEW:
            verdict = "too few rows overlap to tell"
        p_value = "" if np.isnan(each.p_value) else _p(each.p_value)
        rows.append((each.name, each.meaning, p_value, f"{each.rows}", verdict))
    n = len(found.model.codes)
    mix = found.mix
    shares = ", ".join(
        f"{name}: {100 * s:.0f} → {100 * t:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"
        for name, s, t, low, high in zip(
            found.model.classes, mix.source, mix.target, mix.low, mix.high, strict=True
        )
    )
    lines = [
        f"It is called: {found.kind}{WARNED.get(found.kind, '')}.",
        f"Overlap: the weights leave {found.ess:.0f} effective rows of {n}; {found.outside:.0%} of "
        "the target rows lie where the source has none (1 % without a shift).",
        f"If only the classes are mixed otherwise, the class shares are {shares}; condition number "
        f"{mix.condition:.1f} (large: the shares cannot be told).",
    ]
    if found.outside < OUTSIDE and found.shift.auc > APART:
        lines.append(
            f"Yet the classifier told nearly all rows apart (AUC {found.shift.auc:.2f}), so hardly "
            "any target row has a source row like it. Shares and weights are taken over all "
            "features, in which the few that differ are lost. Do not trust the overlap."
        )
    if found.labels is None:
        lines.append(
            "Whether the answers to the inputs have changed (concept shift) is invisible without "
            "labels of the target."
        )
    else:
        said = found.labels
        against = ", ".join(said.against)
        speak = f"speak against: {against}" if against else "agree with what fits the inputs"
        if not said.predicted:
            speak = "have no assumption to speak about"
        lines.append(
            f"The {said.n} labeled target rows (accuracy {said.accuracy:.0f} % "
            f"[{said.low:.0f}, {said.high:.0f}]) {speak}."
        )
        if said.worse:
            lines.append("The accuracy there is below that on held-out source rows (1 % level).")
        elif against:
            lines.append(
                "The accuracy there is not below that on held-out source rows, so nothing says "
                "that the answers have changed."
            )
    return Section(
        "Which kind of shift?",
        lines,
        ("assumption", "what it says", "p", "rows compared", "verdict"),
        rows,
        "Source rows, changed as each assumption says, compared with the target",
    )


def _accuracy(report: Contents) -> Section:
    found = report.findings
    rows = [
        (e.name, f"{e.value:.1f} [{e.low:.1f}, {e.high:.1f}]", e.assumes, e.blind_to)
        for e in found.estimates
    ]
    bars = [(e.name, e.value, e.low, e.high) for e in found.estimates]
    values = [e.value for e in found.estimates]
    curved = " on kernel features" if found.model.name == "kernel" else ""
    lines = [
        f"The source model is a logistic regression{curved}.",
        f"The estimates reach from {min(values):.0f} to {max(values):.0f} %. Each interval holds "
        "for the rows drawn and takes the assumption beside it for granted.",
    ]
    return Section(
        "What will a source model score on the target?",
        lines,
        ("estimate", "accuracy (%)", "takes for granted", "cannot see"),
        rows,
        "Accuracy on the target, without adaptation",
        tuple(bars),
        "Estimated accuracies with 95 % intervals.",
        "%",
    )


def _labels(report: Contents) -> Section:
    buy = report.purchase
    numbers = ", ".join(map(str, buy.first))
    first = report.first_named or f"the target rows {numbers} (counted from 0)"
    lines = [
        f"{buy.words[0].upper()}{buy.words[1:]}.",
        f"To measure: {buy.to_measure} rows drawn at random give the accuracy to "
        f"± {buy.precision:.0f} points.",
        f"To train: label first {first}. They are unsure and differ from each other. Such rows "
        "measure nothing: they are the hard ones.",
    ]
    rows = [(f"{n}", f"{accuracy:.1f}") for n, accuracy in buy.curve.items()]
    header = ("labeled target rows used", "accuracy on the others (%)") if rows else ()
    return Section("How many labels to buy, and which?", lines, header, rows, "With labels")


def _limits(report: Contents) -> Section:
    where = "Nothing left this machine."
    if report.elsewhere:
        where = f"The rehearsals ran on {report.elsewhere}, to which the rows were sent."
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in report.findings.seconds.items())
    return Section(
        "What this report cannot know",
        [
            "Rows are taken as independent: repeated measurements of one person or one place make "
            "every p-value too small.",
            "That an assumption fits the inputs does not prove it. Two can fit the same inputs and "
            "disagree about the labels.",
            "A remedy is advised only where it gained in rehearsals. A rehearsal changes source "
            "rows; the target may differ in another way.",
            *_record(),
            f"Seed {report.seed}; time: {seconds}. {where}",
        ],
    )


def _record() -> list[str]:
    r = RECORD
    return [
        f"On {r['tasks']} generated tasks with a known truth this report named the shift in "
        f"{r['named']}. Where nothing had changed it raised {r['alarms']} alarms in {r['draws']} "
        f"draws. Of the {r['advised']} adaptations that it advised, {r['gained']} gained and "
        f"{r['lost']} lost more than a point ({r['largest_loss']} points at worst). "
        f"{r['covered']} % of its intervals for the gain of a remedy held the true gain. Check an "
        "adaptation on some labeled target rows.",
        f"There the best remedy in hindsight was {r['regret']} points better on average than what "
        f"was advised: {r['with_labels']} with 60 labeled target rows, {r['without']} without. To "
        f"never adapt leaves {r['never'][0]}: {r['never'][1]} with labels, {r['never'][2]} "
        "without.",
        "These tasks were drawn after the last rule of the report and examined once. That rule "
        "withholds an adaptation under the least bad of the assumptions where there are no "
        f"labels. On earlier tasks two such adaptations had lost {-r['learned'][1]} and "
        f"{-r['learned'][0]} points. On these tasks it withheld two: one would have lost "
        f"{-r['withheld'][0]} points, and one would have gained {r['withheld'][1]}.",
    ]


def _is(value: float) -> str:
    return _p(value) if value < 0.001 else f"= {_p(value)}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
