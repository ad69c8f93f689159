"""Net benefit: by hand, its two lines, and bad input."""

import numpy as np
import pytest

from tlbook.trust import net_benefit


def test_net_benefit_by_hand():
    # at 0.25: treated are rows 0, 1, 2; two hits, one alarm that costs a third of a hit
    p, y = [0.9, 0.6, 0.3, 0.1], [1, 0, 1, 0]
    assert net_benefit(p, y, 0.25) == pytest.approx((2 - 1 / 3) / 4)
    assert net_benefit(p, y, [0.5, 0.8]) == pytest.approx([0.0, 1 / 4])


def test_treating_all_crosses_treating_nobody_at_the_prevalence():
    y = np.arange(100) < 20
    everyone = net_benefit(np.ones(100), y.astype(int), [0.1, 0.2, 0.3])
    assert everyone[1] == pytest.approx(0)
    assert everyone[0] > 0 > everyone[2]
    assert (net_benefit(np.zeros(100), y.astype(int), [0.1, 0.9]) == 0).all()


def test_no_model_beats_the_truth_and_a_calibrated_one_beats_both_lines():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 3, size=20_000)
    y = (rng.random(len(p)) < p).astype(int)
    t = np.linspace(0.1, 0.6, 6)
    found, truth = net_benefit(p, y, t), net_benefit(y.astype(float), y, t)
    assert (found <= truth).all() and truth == pytest.approx([y.mean()] * 6)
    assert (found > np.maximum(net_benefit(np.ones(len(p)), y, t), 0)).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([0.5, 1.2], [0, 1], 0.5), "probabilities: got 0.5"),
        (([0.5, 0.2], [0, 2], 0.5), "y: got"),
        (([0.5, 0.2], [0], 0.5), "y: got 1 labels, want 2"),
        (([0.5, 0.2], [0, 1], 1.0), "thresholds: got 1.0"),
        (([[0.5], [0.2]], [0, 1], 0.5), "probabilities: got shape"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        net_benefit(*arguments)
