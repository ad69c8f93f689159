"""The shipped networks, their probes, and what a collapse leaves."""

import numpy as np
import pytest

from tlbook.course.ch17_few_and_zero_shot import collapse, probes, self_supervised
from tlbook.course.ch17_few_and_zero_shot.episodes_cases import groups
from tlbook.data.weight_files.shipped import FOLDER


@pytest.mark.parametrize("name", self_supervised.NETWORKS)
def test_a_shipped_network_has_64_features_and_no_training_mode(name):
    model = self_supervised.shipped(name)
    assert not model.training
    z = self_supervised.features(model, np.random.default_rng(0).random((4, 1, 16, 16), np.float32))
    assert z.shape == (4, 64) and np.isfinite(z).all()


def test_the_shipped_file_is_small():
    assert (FOLDER / "glyphnets.safetensors").stat().st_size < 1_000_000


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match="name: got 'BYOL'"):
        self_supervised.shipped("BYOL")


def test_the_labeled_rows_are_nested_and_none_is_tested():
    y = np.repeat(np.arange(5), 50)
    first, test = probes.split(y, 3)
    assert first.shape == (5, 20) and len(test) == 100
    assert not set(first.ravel()) & set(test)
    assert (y[first] == np.arange(5)[:, None]).all()


def test_the_probe_is_tested_on_letters_that_no_network_has_seen():
    base, choosing, new = groups(self_supervised.SPLIT)
    assert not set(base) & set(new) and not set(choosing) & set(new)
    assert len(np.unique(probes.rows("new letters")[1])) == len(new)


@pytest.mark.slow
def test_without_its_variance_term_vicreg_shrinks_to_a_point():
    whole = collapse.training("VICReg", 1000, steps=50)
    without = collapse.training("without variance", 1000, steps=50)
    assert without[-1]["spread"] < without[0]["spread"] < whole[-1]["spread"]
    assert without[-1]["loss"] < whole[-1]["loss"]
