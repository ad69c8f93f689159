"""MCD: what its steps do, and that its stored runs have the settings that were chosen."""

import numpy as np
import pytest
import torch

from tlbook import data
from tlbook.course.ch10_adversarial.mcd import GRID, TwoHeads, mcd
from tlbook.course.ch11_alignment.studies.adaptation_tuning import best
from tlbook.course.results import stored
from tlbook.course.studies import words


def test_equal_classifiers_have_no_discrepancy_and_others_have_less_than_two_tenths():
    model, z = TwoHeads(0), torch.randn(50, 64)
    assert 0 < model.discrepancy(z).item() <= 2 / 10  # two rows of sum 1 differ by 2 at most
    model.heads[1].load_state_dict(model.heads[0].state_dict())
    assert model.discrepancy(z).item() == 0
    x = torch.rand(5, 1, 8, 8)
    assert torch.allclose(model.eval()(x), model.heads[0](model.net(x)))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answers():
    task = data.load("fonts-to-handwriting", seed=0, n_source=200)
    first, again, other = (mcd(task, seed, steps=3)(task.target.X) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    with pytest.raises(ValueError, match="extractor_steps: got 0"):
        mcd(task, 1, extractor_steps=0)


def test_the_stored_runs_have_the_chosen_settings():
    tuning, runs = stored.load("adversarial_mcd_tuning"), stored.load("adversarial_mcd")
    assert set(tuning.settings) == {words(each) for each in GRID}
    assert set(runs.settings) == {best(tuning)["MCD"]}
    assert sorted(runs.seed) == list(range(8))
