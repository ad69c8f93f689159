"""The chapter's widget: its stories hold."""

import numpy as np
import pytest

from tlbook.course.ch18_trust.widget.coverage_dial import ANSWERS, EXPERIMENT, compute


def state(name):
    return compute(**EXPERIMENT.parameters(**ANSWERS[name]))


def test_the_story_of_the_chapter():
    a, b, c, d = (state(name) for name in ANSWERS)
    assert a.here.plain < 0.8 and a.here.weighted >= 0.9
    assert b.here.infinite > 0.4 and b.here.effective < 0.1
    assert c.here.infinite == 0 and c.here.weighted < 0.9
    assert d.here.plain == pytest.approx(d.here.weighted) and d.here.weighted < 0.85


def test_without_a_shift_both_are_the_same():
    found = compute(0.0, 0.0, 200, "kept", 1)
    assert np.all(found.weighted == found.plain)
    assert found.here.weighted == pytest.approx(0.9, abs=0.02)
