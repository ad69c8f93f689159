"""The list of finished chapters. A chapter enters it when it is whole, and not before."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Chapter:
    """One chapter: number (``"02"``, ``"19a"``), notebook stem, title, module it teaches."""

    number: str
    stem: str
    title: str
    module: str | None

    @property
    def file(self) -> str:
        return f"{self.stem}.ipynb"

    @property
    def path(self) -> Path:
        return root() / "notebooks" / self.file


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("00", "00_start_here", "Start here", None),
    Chapter("01", "01_why_transfer", "Why transfer?", "evaluation"),
    Chapter("02", "02_domains_tasks_shift", "Domains, tasks and three kinds of shift", "domains"),
    Chapter("03", "03_taxonomy", "Which kind of transfer is it?", "taxonomy"),
    Chapter("04", "04_instances", "Instances: which source rows count, and how much", "instances"),
    Chapter("05", "05_features", "Transferring features", "features"),
    Chapter("06", "06_finetuning", "Fine-tuning without throwing the knowledge away", "finetuning"),
    Chapter("07", "07_relations", "Relations", "relations"),
    Chapter("08", "08_distances", "Distances between distributions", "distances"),
    Chapter(
        "09",
        "09_objective",
        "The objective: what is minimized, and when the source hurts",
        "objective",
    ),
    Chapter(
        "10",
        "10_adversarial",
        "Games: from the GAN to features that hide their domain",
        "adversarial",
    ),
    Chapter(
        "11",
        "11_alignment",
        "Alignment: pulling two distributions together, and when not to",
        "alignment",
    ),
    Chapter(
        "12", "12_keras_practice", "Transfer in Keras: a base that you can trust", "keras_models"
    ),
    Chapter(
        "13", "13_pytorch_practice", "PyTorch in practice: a loop that you can trust", "training"
    ),
    Chapter("14", "14_text_practice", "Practice: text with scikit-learn", "text"),
    Chapter("15", "15_bert_practice", "BERT in practice", "text"),
    Chapter(
        "16",
        "16_choosing",
        "Choosing: which source, which settings, and when not to transfer",
        "sources",
    ),
    Chapter("17", "17_few_and_zero_shot", "Few and zero shot", "fewshot"),
    Chapter(
        "18", "18_trust", "Trust: one honest measurement for each promise and each fear", "trust"
    ),
    Chapter("19a", "19a_applications_vision", "Applications: vision and driving", "vision"),
    Chapter(
        "19b",
        "19b_applications_language",
        "Applications: speech, language, medicine, pictures with names",
        "fewshot",
    ),
    Chapter(
        "20",
        "20_clinic_and_faq",
        "The clinic: a report on your own data, a ward of sick code, and all questions",
        "diagnosis",
    ),
)


def root() -> Path:
    """Return the folder of the project: the one that holds ``tlbook/`` and ``notebooks/``."""
    return Path(__file__).resolve().parents[2]


def find(key: str) -> Chapter:
    """Return the chapter named by a number (``"2"``, ``"02"``) or a file stem.

    Raises
    ------
    ValueError
        If no finished chapter has this number or name.
    """
    wanted = Path(key).name.removesuffix(".ipynb")
    for chapter in CHAPTERS if wanted else ():
        if wanted in (chapter.stem, chapter.number) or wanted.zfill(2) == chapter.number:
            return chapter
    known = ", ".join(c.number for c in CHAPTERS)
    raise ValueError(f"chapter: got {key!r}, want one of {known} or a notebook's name")
