"""The episodes' pictures and learners: disjoint classes, and each way of answering by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.course.ch17_few_and_zero_shot import episodes_cases as cases
from tlbook.course.ch17_few_and_zero_shot import episodes_methods as methods
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import glyph_mlp
from tlbook.fewshot import adapted_learner, episode_accuracies, episodes


@pytest.fixture(scope="module")
def letters():
    return cases.letters(1000)


def test_no_character_is_in_two_groups_and_no_small_letter_is_its_capital_at_another_size():
    for seed in range(8):
        parts = cases.groups(seed)
        assert [len(part) for part in parts] == list(cases.GROUPS)
        assert len(set("".join(parts))) == len(cases.CHARACTERS) == sum(cases.GROUPS)
    assert not set("ckopsuvwxz") & set(cases.CHARACTERS)
    assert cases.groups(0) != cases.groups(1)


@pytest.mark.parametrize("name", ["new letters", "handwriting"])
def test_pictures_of_a_domain_are_gray_and_in_range(name):
    here = cases.domain(name, 1000)
    assert here.X.shape[1:] == (1, 8, 8) and here.X.dtype == np.float32
    assert here.X.min() >= 0 and here.X.max() <= 1 and len(here.X) == len(here.y)
    episodes(here.y, 5, 5, 15, n=2)


def test_an_unknown_domain_is_named():
    with pytest.raises(ValueError, match="name: got 'prints'"):
        cases.domain("prints", 0)


def test_all_episodes_at_once_are_the_episodes_one_after_the_other(letters):
    drawn = episodes(letters.new.y, 5, 2, 6, n=7, seed=3)
    model = glyph_mlp(5, 1)
    together = methods.by_steps(model, steps=3, rate=0.5)(letters.new.X, drawn)
    alone = episode_accuracies(adapted_learner(model, steps=3, rate=0.5), letters.new.X, drawn)
    assert np.allclose(together, alone)


def test_a_plain_start_has_the_trained_body_and_prefers_no_class(letters):
    trained = glyph_mlp(41, 2)
    start = methods.plain_start(trained)
    x = torch.from_numpy(letters.new.X[:6])
    assert torch.equal(start.features(x), trained.features(x))
    assert not start(x).any()


def test_the_centered_centroid_uses_the_base_letters_and_no_query(letters):
    model = glyph_mlp(1, 4)
    drawn = episodes(letters.new.y, 5, 1, 5, n=20, seed=1)
    found = methods.by_centroid(model, letters.base)(letters.new.X, drawn)
    middle = methods.features(model, letters.base.X).mean(axis=0)
    z = methods.features(model, letters.new.X) - middle
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    cosine = [(z[e.query] @ z[e.support].T).argmax(axis=1) == e.query_y for e in drawn]
    assert np.allclose(found, np.mean(cosine, axis=1))


def test_the_cosine_heads_of_many_episodes_do_not_disturb_one_another(letters):
    drawn = episodes(letters.new.y, 5, 5, 5, n=6, seed=2)
    score = methods.by_cosine_head(glyph_mlp(1, 4))
    assert np.allclose(score(letters.new.X, drawn)[:2], score(letters.new.X, drawn[:2]), atol=0.05)


def test_a_short_meta_training_lowers_the_loss_after_adaptation(letters, monkeypatch):
    monkeypatch.setattr(methods, "META_EPISODES", 60)
    drawn = episodes(letters.base.y, 5, 1, 5, n=40, seed=9)

    def loss(model: nn.Module) -> float:
        found = []
        for e in drawn:
            theta = methods.adapt(
                model,
                {k: v.detach() for k, v in model.named_parameters()},
                torch.from_numpy(letters.base.X[e.support]),
                torch.from_numpy(e.support_y),
                1,
                0.5,
            )
            logits = methods.functional_call(
                model, theta, (torch.from_numpy(letters.base.X[e.query]),)
            )
            found.append(float(F.cross_entropy(logits, torch.from_numpy(e.query_y))))
        return float(np.mean(found))

    assert loss(methods.learned_start("MAML", letters.base, 5)) < loss(glyph_mlp(5, 5))
