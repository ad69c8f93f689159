"""The stored text studies of chapter 17, read by seed and by text."""

import numpy as np
import pytest

from tlbook.course.ch17_few_and_zero_shot import tables
from tlbook.course.ch17_few_and_zero_shot.descriptions import MAIN, WORDINGS
from tlbook.course.ch17_few_and_zero_shot.exercises_text import q3
from tlbook.course.ch17_few_and_zero_shot.text_cases import torch_texts


def test_accuracies_by_seed_and_by_text_tell_the_same():
    by_text = tables.by_text("probe", 8)
    assert len(by_text) == len(torch_texts()[0]) and np.isfinite(by_text).all()
    assert by_text.mean() == pytest.approx(tables.arm("probe", 8).mean(), abs=0.03)


def test_the_figure_of_exercise_3_is_read_rightly():
    gap = tables.text_interval(("described centroids", 4), ("zero-shot", 0))
    ends = sorted([*q3.mistakes.values()])
    assert 100 * gap.low == pytest.approx(q3.reference, abs=0.1)
    assert ends[-2:] == pytest.approx([100 * gap.mean, 100 * gap.high], abs=0.1)


def test_the_fixed_wording_is_the_best_on_numpy_and_scipy():
    assert tables.wordings("plain_stand_in").idxmax() == MAIN
    assert list(tables.wordings("plain").index) == list(WORDINGS)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="method"):
        tables.arm("prompting")
    with pytest.raises(ValueError, match="k: got 3"):
        tables.arm("probe", 3)
