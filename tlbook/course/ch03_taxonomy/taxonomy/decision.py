"""From a description to a setting, its reason, the methods that fit and not; as text and HTML."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, fields
from html import escape

from tlbook.course.ch03_taxonomy.taxonomy import contradictions
from tlbook.course.ch03_taxonomy.taxonomy.methods import METHODS
from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem
from tlbook.course.ch03_taxonomy.taxonomy.settings import SETTINGS, family
from tlbook.course.ch03_taxonomy.taxonomy.syllabus import Reference, reference
from tlbook.course.ch03_taxonomy.taxonomy.tree import Step, walk
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import Family, Kind

WIDTH = 96
"""Characters in a line of a decision as text."""


@dataclass(frozen=True)
class Advice:
    """A method, why it fits or does not, and the chapters that teach it."""

    method: str
    kind: Kind
    why: str
    chapters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} ({self.kind}; {', '.join(self.chapters)}): {self.why}"


@dataclass(frozen=True)
class Decision:
    """What a description amounts to.

    Attributes
    ----------
    problem : Problem
    setting : str
        Its name, such as "domain adaptation".
    family : str
        "inductive", "transductive" or "unsupervised" by the definitions of Pan & Yang (2010),
        "outside the three", or "no transfer".
    reason, note : str
        Why it is that setting, and where authors use the name differently.
    path : tuple of Step
        The questions that led there with their answers.
    fits, unfit : tuples of Advice
        Every method of the catalogue, each in one of the two.
    chapters : tuple of Reference
        Those of the setting, then those of the methods that fit (baselines aside).
    """

    problem: Problem
    setting: str
    family: Family
    reason: str
    note: str
    path: tuple[Step, ...]
    fits: tuple[Advice, ...]
    unfit: tuple[Advice, ...]
    chapters: tuple[Reference, ...]

    def methods(self, kind: str | None = None) -> tuple[str, ...]:
        """Return the names of the methods that fit, all or those of one kind."""
        return tuple(a.method for a in self.fits if kind in (None, a.kind))

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def decide(problem: Problem | None = None, /, **answers: object) -> Decision:
    """Name the setting of a transfer problem, with its reason, methods and chapters.

    Parameters
    ----------
    problem : Problem, optional
        The description; or give its answers directly: ``decide(target_labels="few")``.
    **answers
        Answers as in :class:`Problem`; they replace those of ``problem``.

    Returns
    -------
    Decision

    Raises
    ------
    Contradiction
        A ValueError: the answers cannot be together, or nothing says what the target is.
    ValueError
        If an answer is none of those a question has.

    References
    ----------
    Pan & Yang (2010), A survey on transfer learning: definitions 1 to 4.
    Raina et al. (2007), Self-taught learning: transfer learning from unlabeled data.
    Zhuang et al. (2021), A comprehensive survey on transfer learning.

    Examples
    --------
    >>> found = decide(source_labels="many", target_labels="few", task="other classes")
    >>> found.setting, found.family
    ('inductive transfer', 'inductive')
    """
    problem = _described(problem, answers)
    contradictions.check(problem)
    path, name = walk(problem)
    setting = SETTINGS[name]
    fits: list[Advice] = []
    unfit: list[Advice] = []
    for method in METHODS:
        obstacle = method.obstacle(problem)
        advice = Advice(method.name, method.kind, obstacle or method.why, method.chapters)
        (unfit if obstacle else fits).append(advice)
    taught = sorted({c for a in fits if a.kind != "baseline" for c in a.chapters})
    numbers = dict.fromkeys((*setting.chapters, *taught))
    return Decision(
        problem=problem,
        setting=name,
        family=family(problem),
        reason=setting.reason,
        note=setting.note,
        path=path,
        fits=tuple(fits),
        unfit=tuple(unfit),
        chapters=tuple(reference(number) for number in numbers),
    )


def _described(problem: Problem | None, answers: dict) -> Problem:
    if problem is None:
        problem = Problem()
    if not isinstance(problem, Problem):
        raise ValueError(f"problem: got {type(problem).__name__}, want taxonomy.Problem(...)")
    known = [field.name for field in fields(Problem)]
    for name in answers:
        if name not in known:
            raise ValueError(f"answers: got {name!r}, want one of {', '.join(known)}")
    return problem.changed(**answers) if answers else problem


def title(decision: Decision) -> str:
    """Return the setting with its family, where the name does not say it already."""
    extra = {"no transfer": "no transfer needed", "outside the three": "outside Pan & Yang's table"}
    words = extra.get(decision.family, decision.family)
    return decision.setting if words in decision.setting else f"{decision.setting} ({words})"


def as_text(decision: Decision) -> str:
    """Return setting, reason, path, methods and chapters as lines of at most 96 characters."""
    steps = " → ".join(f"{s.question} {s.answer}" for s in decision.path)
    parts = [
        _wrapped("setting:  ", title(decision)),
        _wrapped("why:      ", decision.reason),
        _wrapped("path:     ", steps),
        _wrapped("note:     ", decision.note),
        "fits:",
        *(_wrapped("  + ", str(a)) for a in decision.fits),
        "does not fit:",
        *(_wrapped("  - ", str(a)) for a in decision.unfit),
        _wrapped("chapters: ", " · ".join(map(str, decision.chapters))),
    ]
    return "\n".join(parts)


def _wrapped(head: str, words: str) -> str:
    return textwrap.fill(
        words, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
    )


def as_html(decision: Decision) -> str:
    """Return the decision as a table of methods under its reason; links to finished chapters."""
    steps = " → ".join(f"{escape(s.question)} <b>{escape(s.answer)}</b>" for s in decision.path)
    links = " · ".join(map(_link, decision.chapters))
    return (
        '<div style="border-left: 4px solid #0072B2; padding: 2px 12px; max-width: 62em">'
        f'<div style="font-size: 1.15em"><b>{escape(title(decision))}</b></div>'
        f"<p>{escape(decision.reason)}</p>"
        f"<p>{steps}</p>"
        f"<p><i>On the name.</i> {escape(decision.note)}</p>"
        f"{_table('Fits', decision.fits)}"
        f"<details><summary>Does not fit ({len(decision.unfit)} methods, each with its reason)"
        f"</summary>{_table('Does not fit', decision.unfit)}</details>"
        f"<p><b>Chapters:</b> {links}</p></div>"
    )


def _table(heading: str, advice: tuple[Advice, ...]) -> str:
    left = 'style="text-align: left"'
    rows = "".join(
        f"<tr><td {left}>{escape(a.method)}</td><td {left}>{escape(a.kind)}</td>"
        f"<td {left}>{escape(a.why)}</td><td {left}>{', '.join(a.chapters)}</td></tr>"
        for a in advice
    )
    names = (heading, "transfers", "why", "chapter")
    head = "".join(f"<th {left}>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _link(chapter: Reference) -> str:
    words = escape(str(chapter))
    return f'<a href="{escape(chapter.file)}">{words}</a>' if chapter.file else words
