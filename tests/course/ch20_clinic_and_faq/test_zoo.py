"""The shift zoo: every task is what it is said to be, and the two halves share nothing."""

import numpy as np
import pytest

from tlbook.course.ch20_clinic_and_faq import (
    zoo_development,
    zoo_earlier,
    zoo_final,
    zoo_fresh,
)
from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.diagnosis.findings import KINDS

HALVES = {
    "development": zoo_development,
    "earlier": zoo_earlier,
    "final": zoo_final,
    "fresh": zoo_fresh,
}
ALL = [(half, family) for half, zoo in HALVES.items() for family in zoo.FAMILIES]


def test_the_halves_share_no_family_and_no_seed():
    families = [family for zoo in HALVES.values() for family in zoo.FAMILIES]
    assert len(set(families)) == len(families)
    seeds = [zoo.FIRST_SEED for zoo in HALVES.values()]
    assert min(np.diff(seeds)) > 10_000
    assert len(zoo_final.FAMILIES) * len(NAMES) * 2 >= 60


def test_every_right_name_is_one_that_a_report_can_give():
    given = {name for pair in NAMES.values() for names in pair for name in names.split(" / ")}
    assert given <= set(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize(("half", "family"), ALL)
def test_a_task_repeats_and_has_its_parts(half, family):
    zoo = HALVES[half]
    for truth in NAMES:
        one, two = zoo.animal(family, truth, 1), zoo.animal(family, truth, 1)
        assert np.array_equal(one.source[0], two.source[0])
        assert np.array_equal(one.target, two.target)
        assert len(one.test[1]) >= 1000 and len(one.labeled[1]) == 60
        assert np.unique(one.source[1], return_counts=True)[1].min() >= 8
        assert np.isfinite(one.source[0]).all() and np.isfinite(one.target).all()
        assert one.name == NAMES[truth][1]
        assert zoo.animal(family, truth, 0).labeled is None


def test_label_shift_changes_the_mix_and_concept_shift_the_answers():
    for zoo, family in ((zoo_development, "clusters"), (zoo_final, "waves"), (zoo_fresh, "irises")):
        label = zoo.animal(family, "label", 0)
        k = len(np.unique(label.source[1]))
        own, other = (
            np.bincount(y, minlength=k) / len(y) for y in (label.source[1], label.test[1])
        )
        assert np.abs(own - other).sum() / 2 > 0.1


def test_no_overlap_means_no_overlap():
    from tlbook.instances import DensityRatio

    for zoo, family in ((zoo_development, "clusters"), (zoo_final, "waves"), (zoo_fresh, "irises")):
        task = zoo.animal(family, "no overlap", 0)
        assert DensityRatio().fit(task.source[0], task.target).domain_auc_ > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("zoo", HALVES.values())
def test_a_strong_selection_is_found_elsewhere_and_stays_inside_the_source(zoo):
    """So a label-free test may tell it from a movement by where the target lies."""
    from tlbook.instances.overlap import outside_share

    for family in zoo.FAMILIES:
        task = zoo.animal(family, "strong selection", 500)
        spread = task.source[0].std(axis=0)
        X, Xt = task.source[0] / spread, task.target / spread
        assert np.abs(Xt.mean(axis=0) - X.mean(axis=0)).max() > 0.2
        assert outside_share(X, Xt) < 0.25
