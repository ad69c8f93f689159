"""All questions on one page, by topic; each opens to its answer, without a kernel."""

from __future__ import annotations

from html import escape

from tlbook.course.reference.faq import Question, questions


class Browser:
    """What a notebook shows as questions that open, and ``print`` as a list of them."""

    def _repr_html_(self) -> str:
        return "".join(
            f"<h4>{escape(topic)}</h4>" + "".join(map(_folded, asked))
            for topic, asked in by_topic().items()
        )

    def __repr__(self) -> str:
        return "\n".join(
            f"{topic}\n" + "\n".join(f"  {one.label}: {one.question}" for one in asked)
            for topic, asked in by_topic().items()
        )


def by_topic() -> dict[str, list[Question]]:
    """Return the questions under their topics, both in the order of the file.

    Examples
    --------
    >>> [one.label for one in by_topic()["Which source?"]]
    ['D0 9.1', 'D4 8.2']
    """
    found: dict[str, list[Question]] = {}
    for one in questions():
        found.setdefault(one.topic, []).append(one)
    return found


def _folded(one: Question) -> str:
    from tlbook.course.chapters import CHAPTERS

    files = {chapter.number: chapter.file for chapter in CHAPTERS}
    places = []
    for chapter, heading in one.places:
        name = f"chapter {chapter}"
        if chapter in files:
            name = f'<a href="{files[chapter]}">{name}</a>'
        places.append(f"{name} ({escape(heading)})")
    return (
        f"<details><summary><b>{escape(one.label)}</b> {escape(one.question)}</summary>"
        f"<p><i>The document's answer is {one.verdict}.</i> {escape(one.correction)}</p>"
        f"<p>{escape(one.answer.strip())}</p>"
        f"<p><i>Measured in</i> {'; '.join(places)}.</p></details>"
    )
