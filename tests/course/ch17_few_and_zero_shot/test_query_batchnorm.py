"""Ways to ask a network with BatchNorm: who decides with whom."""

import numpy as np
import pytest
import torch

from tlbook.course.ch17_few_and_zero_shot import query_batchnorm as asked
from tlbook.course.ch17_few_and_zero_shot.episodes_cases import letters
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import glyph_mlp
from tlbook.fewshot import episodes


@pytest.fixture(scope="module")
def case():
    here = letters(1000).new
    drawn = episodes(here.y, 5, 1, queries=asked.CROWD, n=4, seed=0)
    model = glyph_mlp(1, 3, normalized=True)
    model(torch.from_numpy(here.X))  # averages that are not those of the start
    return model.eval(), torch.from_numpy(here.X), drawn


def test_both_sets_of_questions_have_25_rows_of_the_classes_they_say(case):
    e = case[2][0]
    assert np.bincount(e.query_y[asked.balanced(e)]).tolist() == [5] * 5
    assert np.bincount(e.query_y[asked.unbalanced(e)]).tolist() == [21, 1, 1, 1, 1]


def test_in_eval_mode_a_query_is_answered_alike_alone_and_with_others(case):
    model, x, drawn = case
    with torch.no_grad():
        for e in drawn:
            rows = asked.balanced(e)
            assert np.array_equal(
                asked.together(model, x, e, rows), asked.one_by_one(model, x, e, rows)
            )


def test_one_by_one_in_train_mode_is_a_call_for_each_query(case):
    model, x, drawn = case
    rows = asked.balanced(drawn[0])
    with torch.no_grad(), asked.batch_statistics(model):
        found = asked.one_by_one(model, x, drawn[0], rows)
        alone = [asked.together(model, x, drawn[0], rows[i : i + 1])[0] for i in range(len(rows))]
    assert np.array_equal(found, alone)


def test_batch_statistics_leave_the_network_as_it_was(case):
    model = case[0]
    before = {k: v.clone() for k, v in model.state_dict().items() if "num_batches" not in k}
    with torch.no_grad(), asked.batch_statistics(model):
        inside = model.features(case[1][:30])
    after = model.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before) and not model.training
    with torch.no_grad():
        assert not torch.allclose(inside, model.features(case[1][:30]))
