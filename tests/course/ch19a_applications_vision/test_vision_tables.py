"""The stored studies as the chapter reads them, and what it says about them."""

import numpy as np
import pytest

from tlbook.course.ch19a_applications_vision.vision_tables import STUDIES, gain, table, values
from tlbook.course.results import stored

DRIVES = "imitation_drift"


@pytest.mark.parametrize("study", [name for name in STUDIES if name in stored.names()])
def test_eight_seeds_of_everything(study):
    frame = stored.load(study)
    who, where = STUDIES[study]
    assert (frame.groupby([where, who]).seed.nunique() == 8).all()


def test_values_pair_up_by_seed():
    frame = stored.load(DRIVES)
    rows = frame[(frame.arm == "DAgger") & (frame.pictures == 300)].set_index("seed")
    assert np.array_equal(values(DRIVES, "DAgger", 300, "meters"), rows.meters.sort_index())
    first = gain(DRIVES, "DAgger", "cloning", 100, "meters")
    assert first.effect == 0 and first.n == 8  # the same lesson


def test_the_drift_is_the_policys_own_and_the_night_is_not():
    cloned, corrected = (values(DRIVES, arm, 500, "meters") for arm in ("cloning", "DAgger"))
    assert corrected.mean() > cloned.mean() + 30
    own, driver = (values(DRIVES, "cloning", 500, f"error_{on}") for on in ("own", "driver"))
    assert own.mean() > 3 * driver.mean()
    # On the driver's pictures the better driver is worse.
    assert gain(DRIVES, "DAgger", "cloning", 500, "error_driver").low > 0
    assert gain(DRIVES, "DAgger", "cloning", 500, "night").high < 0


def test_a_table_has_a_row_for_each_arm_and_case():
    shown = table(DRIVES, "meters", "cloning")
    assert len(shown) == 15 and shown.gain[shown.arm == "cloning"].eq("").all()
    assert shown.gain[shown.arm == "DAgger"].str.contains(r"\[").all()
    assert len(table(DRIVES, "night", "cloning")) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: values("signs", "a", 1, "b"), "study: got 'signs'"),
        (lambda: values(DRIVES, "DART", 100, "meters"), "arm: got 'DART'"),
        (lambda: values(DRIVES, "DAgger", 150, "meters"), "pictures: got 150"),
        (lambda: table(DRIVES, "miles", "cloning"), "column: got 'miles'"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
