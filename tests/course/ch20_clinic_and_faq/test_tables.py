"""The stored halves of the zoo: complete, and summed up without a slip."""

import pytest

from tlbook.course.ch20_clinic_and_faq import tables, zoo_final, zoo_fresh
from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.ch20_clinic_and_faq.studies import diagnosis_development
from tlbook.course.results import stored
from tlbook.diagnosis.sections import RECORD


@pytest.mark.parametrize(
    ("name", "families", "each"),
    [
        (tables.FINAL, zoo_fresh.FAMILIES, 2 * len(NAMES)),
        (tables.EARLIER, zoo_final.FAMILIES, 2 * len(NAMES)),
        ("diagnosis_development", diagnosis_development.FAMILIES, len(NAMES) // 2),
    ],
)
def test_every_task_is_there_once(name, families, each):
    frame = tables.zoo(name)
    assert frame.groupby("family", sort=False).size().to_dict() == dict.fromkeys(families, each)
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


def _withheld(name):
    """Return the gains of what the report does not advise any more, in whole points."""
    run, report = tables.zoo(name, as_run=True), tables.zoo(name)
    return tuple(sorted(round(gain) for gain in run.gain[run.advice != report.advice]))


def test_the_report_tells_its_own_record():
    frame, alarms = tables.zoo(), stored.load("diagnosis_alarms")
    advised, labeled = frame[frame.advice != "none"], frame.labeled > 0
    never = (frame.best_gain, frame[labeled].best_gain, frame[~labeled].best_gain)
    assert {
        "tasks": len(frame),
        "named": frame.named_right.sum(),
        "advised": len(advised),
        "gained": (advised.gain > 0).sum(),
        "lost": advised.harmful.sum(),
        "largest_loss": round(-advised.gain.min()),
        "regret": round(frame.regret.mean(), 1),
        "with_labels": round(frame[labeled].regret.mean(), 1),
        "without": round(frame[~labeled].regret.mean(), 1),
        "never": tuple(round(gain.mean(), 1) for gain in never),
        "covered": round(100 * frame.covered.sum() / frame.intervals.sum()),
        "alarms": alarms.alarm.sum(),
        "draws": len(alarms),
        "withheld": _withheld(tables.FINAL),
        "learned": _withheld(tables.EARLIER),
    } == RECORD


@pytest.mark.parametrize("name", [tables.FINAL, tables.EARLIER])
def test_an_advice_under_a_least_bad_assumption_takes_labels(name):
    """The run advised it; the report withholds it, and its gain and regret are those of that."""
    run, report = tables.zoo(name, as_run=True), tables.zoo(name)
    changed = run.advice != report.advice
    assert changed.sum() == 2
    assert (run[changed].named == "nearly moved inputs").all() and not run[changed].labeled.any()
    assert (report[changed].gain == 0).all()
    assert (report[changed].regret == report[changed].best_gain).all()
    assert (run[~changed].gain == report[~changed].gain).all()
