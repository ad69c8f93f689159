"""From a description to a setting, its reason, the methods that fit and those that do not."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tlbook.taxonomy import contradictions
from tlbook.taxonomy.methods import METHODS
from tlbook.taxonomy.problem import Problem
from tlbook.taxonomy.settings import SETTINGS, family
from tlbook.taxonomy.syllabus import Reference, reference
from tlbook.taxonomy.tree import Step, walk
from tlbook.taxonomy.vocabulary import Family, Kind


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
        from tlbook.taxonomy.show import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from tlbook.taxonomy.show import as_html

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
