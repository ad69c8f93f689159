"""The examination names what was done to the target, and advises no more than that allows."""

from dataclasses import replace

import numpy as np
import pytest

from tests.library.diagnosis.worlds import CENTERS, clusters, tail, two_clouds
from tlbook.diagnosis import diagnose, examine
from tlbook.diagnosis.advice import Advice
from tlbook.diagnosis.kinds import BOTH, kind_with_labels
from tlbook.diagnosis.withheld import prudent

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
def test_labels_measure_the_headline(source):
    """A shift of the answers alone: without labels nobody sees it, with them the headline does."""
    X, y = clusters(300, 1)
    turned = (y + 1) % 3
    found = examine(source, X[:200], (X[200:260], turned[200:260]), **QUICK)
    assert found.headline.name == "labeled target rows"
    assert found.headline.value == found.labels.accuracy < 30 < 70 < 100 * found.model.accuracy
    assert found.headline in found.estimates


@pytest.mark.slow
def test_labels_that_are_answered_well_show_no_concept_shift():
    """The labels refute all that fits the inputs, and the model is as good as in the source."""
    X, y = tail(310, 1)
    found = examine(two_clouds(250, 0), X[:250], (X[250:], y[250:]), **QUICK)
    refuted = dict.fromkeys([each.name for each in found.believed], 0.001)
    said = replace(found.labels, against=refuted)
    assert not said.worse and not said.answers_changed
    assert kind_with_labels("moved inputs", list(found.believed), said) == ("unexplained shift", [])
    worse = replace(said, worse=True, accuracy=min(said.predicted.values()) - 20)
    assert kind_with_labels("moved inputs", list(found.believed), worse)[0] == BOTH
    better_than_predicted = replace(worse, accuracy=max(said.predicted.values()) - 1)
    better_than_predicted.predicted["another"] = 0.0
    assert kind_with_labels("moved inputs", list(found.believed), better_than_predicted) == (
        "unexplained shift",
        [],
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_strong_selection_is_not_advised_away(seed):
    """Moved inputs fit as well: the report says that it cannot tell, and does not adapt."""
    found = examine(two_clouds(250, seed), tail(250, 10 + seed)[0], **QUICK)
    assert found.kind in ("moved or selected inputs", "covariate shift", "unexplained shift")
    assert not found.advice.adapt and found.outside < 0.1


@pytest.mark.slow
def test_almost_moved_inputs_are_rehearsed_and_marked():
    rng = np.random.default_rng(3)
    source, (X, _y) = clusters(400, 3), clusters(400, 4)
    target = 2 * (X + 0.3 * rng.standard_t(2, X.shape)) + 7
    found = examine(source, target, **QUICK)
    assert found.kind == "nearly moved inputs" and found.believed[0].nearly
    assert not any(each.fits for each in found.assumptions)
    assert {each.name for each in found.believed} == set(found.expected[0].by_assumption)
    assert found.headline.name == "rehearsals"
    favored = replace(found, advice=Advice("CORAL", "", 40.0, 20.0, 60.0))
    assert prudent(favored).advice.remedy == "none" and "CORAL" in prudent(favored).advice.why
    moved = replace(favored, kind="moved inputs")
    assert prudent(moved) is moved
    text = " ".join(diagnose(source, target, rehearsals=2).text().split())
    assert "no assumption fits, this one is the least bad" in text and "twice as wide" in text


@pytest.mark.slow
def test_a_remedy_that_labels_prove_is_advised_where_nothing_fits(source):
    X, y = clusters(400, 1)
    bent = np.sign(X) * np.abs(X) ** 1.8 + [5, -6, 4, 9]
    blind = examine(source, bent[:200], **QUICK)
    assert blind.kind == "unexplained shift" and not blind.advice.adapt
    seen = examine(source, bent[:200], (bent[200:300], y[200:300]), **QUICK)
    assert seen.advice.adapt and "labeled target rows" in seen.advice.why
    assert seen.advice.gain == pytest.approx(100 * seen.labels.gains[seen.advice.remedy].mean())


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
