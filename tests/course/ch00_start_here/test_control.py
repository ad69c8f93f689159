"""The control of chapter 00: which letters are left out, and why; the numbers of an exercise."""

from functools import partial

import numpy as np
import pytest
import torch

from tlbook import data
from tlbook.course.ch00_start_here import exercises, pictures
from tlbook.course.ch00_start_here.studies.signs_look_alikes import (
    ARMS,
    LOOK_ALIKES,
    SEEDS,
    kept_letters,
)
from tlbook.course.pretraining.networks import signnet
from tlbook.data.fonts import DIGITS
from tlbook.data.signs import SOURCE_LETTERS, letter_signs
from tlbook.finetuning import cached_features, linear_probe


def test_both_arms_learn_as_many_letters_and_one_learns_no_look_alike():
    for seed in SEEDS:
        others, without = (kept_letters(arm, seed) for arm in ARMS)
        assert len(others) == len(without) == len(SOURCE_LETTERS) - len(LOOK_ALIKES)
        assert not {SOURCE_LETTERS[i] for i in without} & set(LOOK_ALIKES)
        assert set(LOOK_ALIKES) <= {SOURCE_LETTERS[i] for i in others}
    assert not np.array_equal(kept_letters(ARMS[0], 0), kept_letters(ARMS[0], 1))


@pytest.mark.slow
def test_look_alikes_are_what_the_network_answers_to_printed_digits_and_four_more():
    images, y = letter_signs(DIGITS, 2000, "left", "printed digits", 0)
    with torch.no_grad():
        p = signnet()(torch.as_tensor(images) / 255).softmax(dim=1).numpy()
    often = np.stack([p[y == digit].mean(axis=0) for digit in range(10)]).max(axis=0) >= 0.05
    assert set(LOOK_ALIKES) == {SOURCE_LETTERS[i] for i in np.flatnonzero(often)} | set("bQDU")


@pytest.mark.slow
@pytest.mark.parametrize(("k", "wanted"), [(1, exercises.ONE_LABEL), (5, exercises.FIVE_LABELS)])
def test_the_accuracies_of_the_changed_experiment(k, wanted):
    task, features = data.load("signs", n_source=142), partial(cached_features, signnet())
    runs = [
        task.score(linear_probe(features, *task.label(k, seed=run), C=0.01)) for run in range(3)
    ]
    assert np.mean(runs) == pytest.approx(wanted, abs=0.03)


def test_the_picture_has_both_rows():
    fig = pictures.pipeline(*np.zeros((2, 3, 24, 24)))
    words = {text.get_text() for text in fig.axes[0].texts}
    assert {*pictures.SOURCE, *pictures.TARGET, "source: letters", "target: digits"} <= words
