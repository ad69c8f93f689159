"""The loop on one page against ``fit``: the same weights, bit for bit."""

import inspect

import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.library.training.training_cases import blobs, digest, judge, make_task, net
from tlbook.adversarial import CDAN, DANN
from tlbook.alignment import MMD
from tlbook.finetuning import L2SP
from tlbook.objective import Objective, Ramp, TargetLoss
from tlbook.training import fit, plain_loop


def adversary(kind=DANN, **options):
    return kind(Ramp(0.5), n_features=8, hidden=16, discriminator_steps=3, **options)


OBJECTIVES = {
    "source only": lambda net: Objective(),
    "MMD": lambda net: Objective(cross_entropy, MMD(Ramp(0.5))),
    "DANN": lambda net: Objective(cross_entropy, adversary()),
    "CDAN with a rate of its own": lambda net: Objective(
        cross_entropy, adversary(CDAN, n_classes=3, lr_ratio=2.5, spectral_norm=True)
    ),
    "labeled target": lambda net: Objective(cross_entropy, TargetLoss(0.5)),
    "everything": lambda net: Objective(
        cross_entropy, TargetLoss(0.3), MMD(0.5), judge(lr_ratio=0.3), L2SP(0.1, net)
    ),
    "no source": lambda net: Objective(None, TargetLoss(1.0), MMD(0.1)),
}


def data():
    task, labeled = make_task(), blobs(9, seed=4)
    source = (task.source.X, task.source.y)
    return {"source": source, "target": task.target.X, "labeled": labeled}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_loop_on_one_page_is_fit(name):
    """Batch statistics, dropout in network and terms, weights on a ramp, rates of terms."""
    ends = []
    for train in (plain_loop, fit):
        model = net(1)
        objective = OBJECTIVES[name](model)
        options = {} if train is plain_loop else {"device": "cpu", "progress": False}
        train(model, data(), objective, steps=40, batch_size=16, lr=3e-3, seed=5, **options)
        assert not model.training
        ends.append(digest(model, objective))
    assert ends[0] == ends[1]
    assert ends[0] != digest(net(1), OBJECTIVES[name](net(1))), "something was learnt"


@pytest.mark.parametrize("change", [{"seed": 6}, {"lr": 2e-3}, {"batch_size": 15}, {"steps": 39}])
def test_each_of_its_arguments_counts(change):
    ends = set()
    for options in ({}, change):
        model = net(1)
        plain_loop(
            model, make_task(), Objective(), **{"steps": 40, "batch_size": 16, "seed": 5, **options}
        )
        ends.add(digest(model))
    assert len(ends) == 2


def test_defaults_are_those_of_fit_and_frozen_layers_stay():
    theirs = inspect.signature(fit).parameters
    own = inspect.signature(plain_loop).parameters
    for name in ("steps", "batch_size", "lr", "seed"):
        assert own[name].default == theirs[name].default, name
    ends = []
    for train in (plain_loop, fit):
        model = net(1)
        model.body[0].requires_grad_(False)
        before = model.body[0].weight.clone()
        options = {} if train is plain_loop else {"device": "cpu", "progress": False}
        train(model, blobs(), Objective(), steps=20, **options)
        assert torch.equal(model.body[0].weight, before)
        ends.append(digest(model))
    assert ends[0] == ends[1]


def test_global_randomness_is_left_alone_and_a_missing_part_is_named():
    before = torch.get_rng_state()
    plain_loop(net(), blobs(), Objective(), steps=3)
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ValueError, match="target_x: got None"):
        plain_loop(net(), blobs(), Objective(cross_entropy, MMD()), steps=1)
