"""All chapters of the course by number and subject; finished ones have a notebook to link to."""

from __future__ import annotations

from dataclasses import dataclass

from tlbook.course.chapters import CHAPTERS

TITLES: dict[str, str] = {
    "00": "Start here",
    "01": "Why transfer?",
    "02": "Domains, tasks and three kinds of shift",
    "03": "Taxonomy",
    "04": "Instances",
    "05": "Features",
    "06": "Fine-tuning",
    "07": "Relations",
    "08": "Distances between distributions",
    "09": "Objective",
    "10": "Adversarial adaptation",
    "11": "Alignment",
    "12": "Keras in practice",
    "13": "PyTorch in practice",
    "14": "Text in practice",
    "15": "BERT in practice",
    "16": "Choosing sources",
    "17": "Few-shot and zero-shot learning",
    "18": "Trust",
    "19a": "Applications: vision and driving",
    "19b": "Applications: speech, language, medicine, names",
    "20": "Clinic and FAQ",
}


@dataclass(frozen=True)
class Reference:
    """A chapter: its number, its subject in a few words, and its notebook where it is finished."""

    number: str
    title: str
    file: str | None

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


def reference(number: str) -> Reference:
    """Return the chapter of this number.

    Raises
    ------
    ValueError
        If the course has no such chapter.
    """
    if number not in TITLES:
        raise ValueError(f"number: got {number!r}, want one of {', '.join(TITLES)}")
    files = {chapter.number: chapter.file for chapter in CHAPTERS}
    return Reference(number, TITLES[number], files.get(number))
