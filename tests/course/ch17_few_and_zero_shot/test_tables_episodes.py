"""The readers of the stored episodes, and what the studies promise of their rows."""

import numpy as np
import pytest

from tlbook.course.ch17_few_and_zero_shot import tables_episodes as tables
from tlbook.course.results import stored


@pytest.mark.parametrize("study", ["episodes", "query_batchnorm", "self_supervised", "collapse"])
def test_a_study_has_eight_seeds(study):
    assert sorted(stored.load(study).seed.unique()) == list(range(8))


def test_values_pair_up_by_seed_and_an_unfinished_choice_is_refused():
    found = tables.values("episodes", domain="signs", shots=1, method="ProtoNet")
    assert found.shape == (8,) and (found > 0).all() and (found < 1).all()
    with pytest.raises(ValueError, match="until each seed has one row"):
        tables.values("episodes", domain="signs")
    with pytest.raises(ValueError, match="method: got 'Matching'"):
        tables.values("episodes", method="Matching")


def test_the_gain_of_the_reference_over_itself_is_zero():
    frame = stored.load("episodes")
    own = frame[frame.method == "plain features"]
    assert (own.gain == 0).all() and (own.gain_half == 0).all()


def test_the_tables_have_a_cell_for_every_pair():
    for table in (tables.episode_table(1), tables.episode_table(5), tables.batchnorm_table()):
        assert table.shape[1] == 3 and table.map(lambda cell: "±" in cell).to_numpy().all()
    assert np.isfinite(tables.probe_table("handwriting").to_numpy()).all()
    assert np.isfinite(tables.collapse_table().to_numpy()).all()
