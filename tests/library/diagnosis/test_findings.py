"""The examination names what was done to the target, and advises no more than that allows."""

import numpy as np
import pytest

from tests.library.diagnosis.worlds import CENTERS, clusters
from tlbook.diagnosis import examine

QUICK = {"rehearsals": 3, "permutations": 199}


@pytest.fixture(scope="module")
def source():
    return clusters(300, 0)


@pytest.mark.slow
def test_no_shift_and_no_advice(source):
    found = examine(source, clusters(200, 1)[0], **QUICK)
    assert found.kind == "no shift" and not found.advice.adapt
    assert found.headline.name == "held-out source rows"
    assert abs(found.headline.value - 100 * found.model.accuracy) < 1e-9


@pytest.mark.slow
def test_a_new_class_mix_is_named_and_corrected(source):
    found = examine(source, clusters(300, 1, shares=(0.1, 0.1, 0.8))[0], **QUICK)
    assert found.kind == "label shift"
    assert found.mix.changed and found.mix.low[2] < 0.8 < found.mix.high[2]
    assert found.headline.name == "new class mix"
    assert [each.name for each in found.believed] == ["label shift"]


@pytest.mark.slow
def test_another_zero_and_unit_is_named_and_scaled_away(source):
    X, _y = clusters(400, 1)
    found = examine(source, 2 * X[:300] + 4, **QUICK)
    assert found.kind == "moved inputs" and found.advice.adapt
    again = examine(source, 2 * X[:300] + 4, **QUICK)
    assert again.advice == found.advice and again.expected == found.expected


@pytest.mark.slow
def test_changed_answers_are_invisible_without_labels_and_named_with_them(source):
    X, y = clusters(300, 1)
    turned = (y + 1) % 3
    blind = examine(source, X[:200], **QUICK)
    assert blind.kind == "no shift" and blind.labels is None
    seen = examine(source, X[:200], (X[200:260], turned[200:260]), **QUICK)
    assert seen.kind == "concept shift" and seen.labels.worse
    assert not seen.advice.adapt and seen.expected == ()


@pytest.mark.slow
def test_labels_that_agree_speak_against_nothing(source):
    X, y = clusters(300, 1)
    found = examine(source, X[:200], (X[200:260], y[200:260]), **QUICK)
    assert found.kind == "no shift" and not found.labels.against
    assert found.labels.low < found.labels.accuracy < found.labels.high


@pytest.mark.slow
def test_where_nothing_fits_nothing_is_advised(source):
    rng = np.random.default_rng(1)
    far = rng.normal(size=(200, 4)) ** 3 + CENTERS[rng.integers(0, 3, 200)] @ np.ones((4, 4)) + 6
    found = examine(source, far, **QUICK)
    assert found.kind == "unexplained shift" and not found.advice.adapt
    assert found.believed == () and found.outside > 0.5


@pytest.mark.slow
def test_the_budget_leaves_rehearsals_out_and_two_are_always_run(source):
    found = examine(source, 2 * clusters(150, 1)[0] + 4, rehearsals=4, permutations=99, seconds=0)
    assert found.expected
