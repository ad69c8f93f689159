"""The label dial: its two ends are zero-shot and the votes of the labeled texts."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch17_few_and_zero_shot.text_cases import torch_topics
from tlbook.course.ch17_few_and_zero_shot.text_methods import zero_shot
from tlbook.course.ch17_few_and_zero_shot.widget import label_dial

EXPERIMENT = widgets.get("label_dial")


def result(**params):
    return label_dial.compute(**EXPERIMENT.parameters(**params))


def test_the_left_end_is_zero_shot_and_the_right_end_the_votes():
    shown = result(k=8)
    task = torch_topics(label_dial.SPLIT)
    assert shown.described == pytest.approx(task.score(zero_shot(task, 0)))
    assert shown.curve[0] == pytest.approx(shown.described, abs=0.03)
    assert shown.curve[-1] == pytest.approx(shown.voted, abs=0.03)


def test_labels_do_not_change_what_descriptions_find():
    few, many = result(k=1), result(k=8, seed=3)
    assert np.array_equal(few.found_described, many.found_described)
    assert many.voted > few.voted
