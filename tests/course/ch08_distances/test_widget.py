"""The distance explorer: its numbers against closed forms, its pictures at every end."""

import numpy as np
import pytest

from tlbook.course.ch08_distances.widget.distance_explorer import (
    ANSWERS,
    EXPERIMENT,
    GRID,
    RULERS,
    answers,
    compute,
    density,
    draw_samples,
)
from tlbook.distances import kl_gaussian

START = EXPERIMENT.defaults()


def values(**changes):
    result = compute(**(START | changes))
    return dict(zip([name for name, *_ in RULERS], result.values, strict=True)), result


def test_kl_is_the_closed_form_for_gaussians():
    for shift, scale in ((0.0, 2.0), (1.5, 1.0), (-2.0, 0.5)):
        found, _ = values(shift=shift, scale=scale, bumps=0.0)
        assert found["KL(P‖Q)"] == pytest.approx(kl_gaussian(0, 1, shift, scale**2), abs=1e-3)
        assert found["KL(Q‖P)"] == pytest.approx(kl_gaussian(shift, scale**2, 0, 1), abs=1e-3)


def test_two_bumps_keep_mean_and_variance():
    for bumps in (0.0, 0.5, 0.95):
        wide = np.linspace(-20, 20, 4001)
        q = density(wide, 1.0, 2.0, bumps)
        q /= q.sum()
        assert (q * wide).sum() == pytest.approx(1.0, abs=1e-6)
        assert (q * (wide - 1) ** 2).sum() == pytest.approx(4.0, abs=1e-4)
    _, Y = draw_samples(1.0, 2.0, 0.95, 4000, seed=0)
    assert Y.mean() == pytest.approx(1.0, abs=0.1)
    assert Y.std() == pytest.approx(2.0, rel=0.05)


def test_nothing_differs_when_q_is_p():
    found, result = values(shift=0.0, scale=1.0, bumps=0.0, n=500)
    assert found["JS"] == pytest.approx(0, abs=1e-12)
    assert found["KL(P‖Q)"] == pytest.approx(0, abs=1e-12)
    assert abs(found["MMD², Gaussian"]) < 0.02
    assert result.p_gaussian > 0.01
    assert result.p == pytest.approx(density(GRID, 0, 1, 0))


def test_the_story_of_the_chapter():
    """Wider: means are blind. Two bumps: only a narrow kernel sees them."""
    _, wider = values()
    assert wider.p_mean_only > 0.05 >= wider.p_gaussian
    _, median = values(scale=1.0, bumps=0.9)
    found, narrow = values(scale=1.0, bumps=0.9, bandwidth=0.3)
    assert median.p_gaussian > 0.05 >= narrow.p_gaussian
    assert narrow.p_mean_only > 0.05
    assert found["CORAL"] < 0.05


def test_the_strip_has_the_four_states_and_what_the_text_says_of_them():
    found = [values(**state)[1] for state in ANSWERS.values()]
    assert [r.p_gaussian <= 0.05 for r in found] == [True, False, True, True]
    assert [r.p_mean_only <= 0.05 for r in found] == [False, False, False, True]
    by_name = dict(zip([name for name, *_ in RULERS], found[3].values, strict=True))
    assert by_name["JS"] > 0.9 * np.log(2) and by_name["A-distance"] > 1.8
    assert by_name["CORAL"] < 0.05
    assert len(answers().axes) == 2 * len(ANSWERS)
