"""The stored halves of the zoo: complete, and summed up without a slip."""

import pytest

from tlbook.course.ch20_clinic_and_faq import tables, zoo_development, zoo_final
from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.results import stored
from tlbook.diagnosis.sections import RECORD


@pytest.mark.parametrize(
    ("name", "families", "seeds"),
    [
        ("diagnosis_zoo", zoo_final.FAMILIES, 2),
        ("diagnosis_development", zoo_development.FAMILIES, 3),
    ],
)
def test_every_task_is_there_once(name, families, seeds):
    frame = tables.zoo(name)
    assert len(frame) == len(families) * len(NAMES) * seeds
    assert len(frame.drop_duplicates(["family", "truth", "seed"])) == len(frame)
    assert (frame.regret >= 0).all() and (frame.covered <= frame.intervals).all()
    assert (frame.gain[frame.advice == "none"] == 0).all()
    assert ((frame.best_gain - frame.gain - frame.regret).abs() < 0.02).all()


def test_the_summary_adds_up():
    found = tables.by_truth()
    assert list(found.index) == [*NAMES, "all"]
    parts = found.drop(index="all")
    for column in ("tasks", "named right", "advised", "harmful"):
        assert parts[column].sum() == found.loc["all", column]


def test_false_alarms_are_at_their_level():
    """Of 160 draws 8 are expected; 15 or more come with probability 0.02."""
    frame = stored.load("diagnosis_alarms")
    assert len(frame) == 160 and frame.alarm.sum() <= 14


def test_the_report_tells_its_own_record():
    frame = tables.zoo()
    advised = frame[frame.advice != "none"]
    assert {
        "tasks": len(frame),
        "named": frame.named_right.sum(),
        "advised": len(advised),
        "gained": (advised.gain > 0).sum(),
        "lost": advised.harmful.sum(),
        "largest_loss": round(-advised.gain.min()),
    } == RECORD
