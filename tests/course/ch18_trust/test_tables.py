"""The stored tables are read as they were measured."""

import numpy as np
import pytest

from tlbook.course.ch18_trust import leaks, ledger, tables


def test_rates_are_those_of_the_study():
    assert tables.RATES == leaks.RATES
    assert tables.roc("head", 300).shape == (8, len(tables.RATES))


def test_shares_found_grow_with_the_false_alarms():
    for arm in leaks.ARMS:
        assert (np.diff(tables.roc(arm, 300).mean(axis=0)) > 0).all()


def test_the_rate_of_each_arm_is_chosen_on_held_back_rows():
    found = tables.clinics("two digits each", proximal=None)
    assert len(found) == 8 and found.rate.nunique() == found.proximal.nunique() == 1
    assert (found.proximal > 0).all()
    assert len(tables.clinics_table()) == len(tables.CLINICS)


def test_every_cell_of_the_tables_is_filled():
    for table in (tables.calibration_table(), tables.coverage_table(), ledger.ledger()):
        assert not table.isna().any(axis=None)


def test_the_story_of_the_stored_runs():
    assert (tables.private("signs", "letters", 1.0) > tables.private("signs", "pixels", 1.0)).all()
    assert tables.covered("covariate", "true", 1.0).mean() == pytest.approx(0.9, abs=0.02)
    plain = [tables.covered("covariate", "none", s).mean() for s in (0.0, 1.0, 2.0)]
    assert plain == sorted(plain, reverse=True)


def test_unknown_runs_are_named():
    with pytest.raises(ValueError, match=r"^where: got .* which private_transfer does not have"):
        tables.private("signs", "letters", 2.0)
    with pytest.raises(ValueError, match=r"^column"):
        tables.leak("head", 300, "found_0.5")
