"""The questions of the documents' FAQ sections, answered by experiments of the course."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tlbook.course.reference.evidence import Evidence, read

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("right", "half right", "incomplete", "wrong")
"""What the document's own answer is."""


@dataclass(frozen=True)
class Question:
    """One question with its answer.

    Examples
    --------
    >>> questions()[0].label
    'D0 9.1'
    """

    document: str
    """"D0" to "D4"."""
    number: str
    """As the document counts: a section, or a question in one."""
    topic: str
    question: str
    verdict: str
    """On the document's answer: one of ``VERDICTS``."""
    correction: str
    """What its answer lacks or has wrong."""
    answer: str
    evidence: tuple[Evidence, ...]

    @property
    def label(self) -> str:
        """Document and number."""
        return f"{self.document} {self.number}"

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Chapter and section of each number, once each."""
        return tuple(dict.fromkeys((e.chapter, e.heading) for e in self.evidence))


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions, document by document."""
    return tuple(Question(**entry) for entry in read("faq.toml", "question"))


def find(label: str) -> Question:
    """Return a question by document and number.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> find("D2 9.1").question
    'What is negative transfer?'
    """
    for question in questions():
        if question.label == label:
            return question
    raise ValueError(f"label: got {label!r}, want one of {', '.join(q.label for q in questions())}")


def table() -> pd.DataFrame:
    """Return one row a question: document and number, question, verdict, answer, chapters."""
    import pandas as pd

    rows = [
        {
            "from": one.label,
            "question": one.question,
            "the document's answer is": f"{one.verdict}. {one.correction}",
            "answer": one.answer,
            "measured in chapters": ", ".join(sorted({e.chapter for e in one.evidence})),
        }
        for one in questions()
    ]
    return pd.DataFrame(rows)


def markdown(question: Question) -> str:
    """Return a question as Markdown, each number's section linked to its chapter's notebook.

    A chapter that is not in this copy of the course is named without a link.

    Examples
    --------
    >>> markdown(find("D0 9.3")).splitlines()[0]
    '### How do I avoid negative transfer?'
    """
    from tlbook.course.chapters import CHAPTERS

    files = {chapter.number: chapter.file for chapter in CHAPTERS}
    places = []
    for chapter, heading in question.places:
        file = files.get(chapter)
        name = f"[chapter {chapter}]({file})" if file else f"chapter {chapter}"
        places.append(f'{name}, section "{heading}"')
    return "\n".join(
        (
            f"### {question.question}",
            f"*{question.label}. The document's answer is {question.verdict}.* "
            f"{question.correction}",
            "",
            question.answer,
            "",
            f"*Measured in* {'; '.join(places)}.",
        )
    )
