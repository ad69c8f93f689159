"""The studies of the criteria ask the networks whose criteria were stored, and no others."""

import pytest

from tlbook.course.ch11_alignment.settings import GRID
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.ch16_choosing.studies import adaptation_criteria, adaptation_reverse
from tlbook.course.results import stored
from tlbook.course.studies import words
from tlbook.course.studies.jobs import sampled
from tlbook.models import create


def test_a_foreign_network_is_noticed_before_it_is_scored(monkeypatch):
    monkeypatch.setattr(adaptation_criteria, "stored_entropy", lambda *args: -2.0)
    monkeypatch.setattr(adaptation_criteria, "network", lambda *args, fresh: create("digitnet"))
    looks = adaptation_criteria.task(100).looks
    with pytest.raises(RuntimeError, match="run tlbook results adaptation_tuning again"):
        adaptation_criteria.trial("source only", {}, 100, 100_001)
    assert adaptation_criteria.task(100).looks == looks


def test_the_stored_entropy_is_found_by_the_settings():
    frame = stored.load("adaptation_tuning")
    row = frame[(frame.method == "DANN") & (frame.seed == 101_002)].iloc[3]
    found = adaptation_criteria.stored_entropy("DANN", GRID["DANN"][3], 101, 101_002)
    assert found == row.entropy and row.settings == words(GRID["DANN"][3])


class Asked(Exception):
    """Carries whether a trial asked for a fresh network."""


@pytest.mark.parametrize(
    ("study", "source"),
    [
        (adaptation_tuning, "label_free"),
        (adaptation_criteria, "network"),
        (adaptation_reverse, "reverse_risk"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_confirming_a_result_takes_no_network_from_the_cache(study, source, monkeypatch):
    def asked(*args, fresh):
        raise Asked(fresh)

    monkeypatch.setattr(study, source, asked)

    def fresh(case):
        with pytest.raises(Asked) as found:
            study.trial(**case)
        return found.value.args[0]

    cases = study.study.listed()
    assert not all(map(fresh, cases))
    with sampled(3, seed=0):
        assert all(map(fresh, cases))


def test_one_network_of_each_method_is_trained_anew_before_it_is_scored(monkeypatch):
    def asked(*args, fresh):
        raise Asked(fresh)

    monkeypatch.setattr(adaptation_criteria, "network", asked)
    anew = []
    for case in adaptation_criteria.study.listed():
        with pytest.raises(Asked) as found:
            adaptation_criteria.trial(**case)
        anew += [case["method"]] if found.value.args[0] else []
    assert anew == list(adaptation_tuning.best(stored.load("adaptation_tuning")))
