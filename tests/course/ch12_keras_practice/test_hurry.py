"""The mixtures of the hurried and the careful recipe."""

import pytest

from tlbook.course.ch12_keras_practice.hurry import mixture
from tlbook.course.ch12_keras_practice.keras_models.twin import mobilesigns
from tlbook.data.signs import load_signs
from tlbook.finetuning import cached_features, linear_probe


@pytest.mark.slow
@pytest.mark.parametrize("depth", ["upper", "all"])
def test_without_a_step_to_speak_of_a_fitted_head_is_the_probe(depth):
    task = load_signs(seed=5)
    X, y = task.label(2, 5)
    plain = linear_probe(lambda rows: cached_features(mobilesigns(), rows), X, y, C=0.01)
    rows = task.target.X[:100]
    given = mixture(task, 5, 2, lr=1e-9, steps=1, depth=depth)(rows)
    assert (given == plain(rows)).mean() > 0.98


def test_unknown_halves_are_named():
    task = load_signs(seed=5)
    for bad in ({"head": "cold"}, {"norms": "loose"}, {"depth": "half"}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))}: got"):
            mixture(task, 5, 1, **bad)
