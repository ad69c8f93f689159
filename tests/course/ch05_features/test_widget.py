"""The turned moons: what the widget shows is what the methods do, at every end of every control."""

import numpy as np
import pytest

from tlbook.course.ch05_features.rotating_moons import METHODS, STEPS, moons, stops
from tlbook.course.ch05_features.widget.rotating_moons import (
    ANSWERS,
    EXPERIMENT,
    answers,
    compute,
    stored_curves,
)

START = EXPERIMENT.defaults()


def moons_accuracy(method, angle, seed, **settings):
    task = moons(angle, seed)
    return task.score(METHODS[method](task, seed, **settings))


def test_every_method_reads_moons_that_did_not_turn():
    for method in METHODS:
        floor = 0.65 if method == "subspace alignment" else 0.95  # one line keeps less
        assert moons_accuracy(method, 0, seed=300) > floor, method


def test_half_a_turn_is_the_same_cloud_with_the_classes_exchanged():
    """P(X) is back where it was, so whoever looks at P(X) alone is wrong everywhere."""
    for method in ("no adaptation", "CORAL", "optimal transport"):
        assert moons_accuracy(method, 180, seed=301) < 0.05, method
    assert moons_accuracy("gradual self-training", 180, seed=301) > 0.95


def test_large_steps_lose_the_way():
    small = moons_accuracy("gradual self-training", 120, seed=302, step=10)
    large = moons_accuracy("gradual self-training", 120, seed=302, step=45)
    assert small > 0.95 and large < small - 0.3


def test_stops_are_new_points_between_source_and_target():
    way = stops(30, seed=303, step=10)
    assert len(way) == 2
    assert not any(np.allclose(way[0], other) for other in way[1:])
    assert stops(10, seed=303, step=10) == []


def test_the_picture_shows_what_the_method_answers():
    result = compute(**(START | {"angle": 60, "method": "CORAL"}))
    task = moons(60, seed=0)
    model = METHODS["CORAL"].fit(task, seed=0)
    assert result.accuracy == pytest.approx(task.score(model.predict))
    answers = model.predict(result.target)
    assert np.array_equal(answers == result.truth, result.right)
    inside = np.zeros(len(result.target), dtype=bool)
    for outline in result.region:
        inside |= outline.contains_points(result.target)
    assert np.mean(inside == (answers == 1)) > 0.95  # the grid is coarse near the border


def test_curves_are_the_stored_ones():
    for step in STEPS:
        curves = stored_curves(step)
        assert list(curves) == list(METHODS)
        for angles, mean, sd in curves.values():
            assert angles[0] == 0 and angles[-1] == 180
            assert ((mean >= 0) & (mean <= 100)).all() and (sd >= 0).all()
    assert np.array_equal(stored_curves(10)["CORAL"][1], stored_curves(45)["CORAL"][1])


def test_the_step_moves_the_gradual_method():
    gradual = {"method": "gradual self-training", "angle": 120}
    assert EXPERIMENT.render(**gradual, step=10) != EXPERIMENT.render(**gradual, step=45)


def test_bad_requests_are_named():
    with pytest.raises(TypeError, match="step"):
        moons_accuracy("CORAL", 30, 0, step=10)
    with pytest.raises(ValueError, match="step"):
        stops(30, 0, step=0)


def test_the_strip_has_the_states_that_the_chapter_asks_for():
    fig = answers(seed=1)
    titles = [ax.get_title() for ax in fig.axes]
    assert len(titles) == len(ANSWERS)
    assert all(
        f"{angle}°, {method}" in t for (method, angle), t in zip(ANSWERS, titles, strict=True)
    )
