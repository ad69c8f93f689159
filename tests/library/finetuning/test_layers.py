"""Layers, layer-wise rates, gradual unfreezing, LP-FT."""

from functools import partial

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from tlbook import data, finetuning
from tlbook.course.ch01_why_transfer import methods as few_labels
from tlbook.models import create, seeded, wrap
from tlbook.objective import Objective, Term
from tlbook.training import fit, predict

NETWORKS = {
    "signnet": lambda: create("signnet", n_classes=3),
    "digitnet": lambda: create("digitnet", n_classes=3),
    "resnet18": lambda: wrap(torchvision.models.resnet18()),
    "vgg11_bn": lambda: wrap(torchvision.models.vgg11_bn(num_classes=2)),
    "mobilenet": lambda: wrap(torchvision.models.mobilenet_v3_small()),
    "vit": lambda: wrap(
        torchvision.models.VisionTransformer(
            image_size=16, patch_size=8, num_layers=3, num_heads=2, hidden_dim=8, mlp_dim=16
        )
    ),
    "plain": lambda: wrap(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))),
}


def digits(n=60, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 1, 8, 8)).astype(np.float32) * 0.4
    for c in range(3):
        X[y == c, :, 2 * c : 2 * c + 3] += 0.5
    return X, y


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def changed(model, before):
    return {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}


class Push(Term):
    """Its gradient is 1 everywhere, so that every parameter moves as its learning rate says."""

    needs = ("source",)

    def __init__(self):
        super().__init__()
        self.own = nn.Parameter(torch.zeros(1))

    def forward(self, batch):
        return sum(p.sum() for p in batch.model.parameters() if p.requires_grad) + self.own.sum()


def built(name):
    with torch.device("meta"):  # only shapes and names matter, and VGG's weights take seconds
        return NETWORKS[name]()


@pytest.mark.parametrize("name", NETWORKS)
def test_each_parameter_and_each_part_is_in_exactly_one_layer(name):
    model = built(name)
    layers = finetuning.layers_of(model)
    found = [n for layer in layers for n in layer.parameters]
    assert sorted(found) == sorted(n for n, _ in model.named_parameters())
    leaves = [n for n, m in model.named_modules() if not list(m.children())]
    parts = [m for layer in layers for m in layer.modules]
    covered = [leaf for leaf in leaves for m in parts if leaf == m or leaf.startswith(f"{m}.")]
    assert sorted(covered) == sorted(leaves)
    assert layers[-1].name == "head"
    groups = finetuning.parameter_groups(model, 1e-3)
    ids = [id(p) for group in groups for p in group["params"]]
    assert sorted(ids) == sorted(id(p) for p in model.parameters())


def test_layers_are_those_that_a_reader_would_name():
    names = {n: [x.name for x in finetuning.layers_of(built(n))] for n in NETWORKS}
    assert names["signnet"] == [f"body.{i}" for i in range(0, 18, 3)] + ["head"]
    assert names["digitnet"] == ["body.0", "body.3", "hidden", "head"]
    blocks = [f"body.layer{i}.{j}" for i in (1, 2, 3, 4) for j in (0, 1)]
    assert names["resnet18"] == ["body.conv1", *blocks, "head"]
    encoders = [f"body.encoder.layers.encoder_layer_{i}" for i in range(3)]
    assert names["vit"] == ["body.conv_proj", *encoders, "head"]
    assert names["plain"] == ["body.0", "head"]


def test_normalization_goes_with_its_layer():
    group = {g["name"]: g for g in finetuning.parameter_groups(NETWORKS["signnet"](), 1.0)}
    assert [tuple(p.shape) for p in group["body.0"]["params"]] == [(32, 3, 3, 3), (32,), (32,)]


def test_rates_fall_by_the_same_factor_and_frozen_layers_are_left_out():
    model = finetuning.freeze(create("digitnet", n_classes=3), but=("head", "hidden"))
    groups = finetuning.parameter_groups(model, 0.1, 0.5, weight_decay=0.3)
    assert [g["name"] for g in groups] == ["head", "hidden"]
    assert [g["lr"] for g in groups] == [0.1, 0.05]
    assert all(g["weight_decay"] == 0.3 for g in groups)
    whole = finetuning.parameter_groups(finetuning.unfreeze(model), 0.1, 0.5)
    assert np.allclose([g["lr"] for g in whole], 0.1 * 0.5 ** np.arange(4))
    assert "body.0" in repr(whole) and "1.25e-02" in repr(whole)
    assert list(whole.frame["layer"]) == ["head", "hidden", "body.3", "body.0"]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
def test_schedules_keep_the_ratios_of_the_rates(schedule):
    model = create("digitnet", n_classes=3).double()
    start, term, moves = state(model), Push().double(), []

    def look(step, batch):
        now = [(model.state_dict()[n] - start[n]).mean() for n in probes]
        moves.append([*map(float, now), term.own.item()])

    probes = ["head.weight", "hidden.weight", "body.3.weight", "body.4.bias", "body.0.weight"]
    fit(
        model,
        digits(),
        Objective(None, term),
        steps=8,
        lr=0.01,
        optimizer="sgd",
        schedule=schedule,
        parameters=finetuning.parameter_groups(model, 0.1, 0.5),
        callback=look,
    )
    moves = np.array(moves)
    ratios = moves[:-1] / moves[:-1, :1]
    assert np.allclose(ratios, [1, 0.5, 0.25, 0.25, 0.125, 0.1], rtol=1e-9)
    assert (np.diff(moves[:-1, 0]) < 0).all()


def test_trainable_counts():
    model = finetuning.freeze(create("digitnet", n_classes=3))
    assert finetuning.trainable_parameters(model) == 64 * 3 + 3
    total = sum(p.numel() for p in model.parameters())
    assert finetuning.trainable_fraction(model) == (64 * 3 + 3) / total
    with pytest.raises(ValueError, match="without parameters"):
        finetuning.trainable_fraction(nn.ReLU())


def by_stage(model, **options):
    """Run gradual unfreezing and return what differs from the start at the end of each stage."""
    before, stages = state(model), []

    def look(step, batch):
        if step == 0:
            stages.append(set())
        stages[-1] = changed(model, before)

    options = {"steps_per_stage": 3, "lr": 1e-2, "callback": look, **options}
    histories = finetuning.gradual_unfreezing(model, digits(), **options)
    assert len(histories) == len(stages)
    return stages


def test_lower_layers_wait_bit_for_bit_until_their_stage():
    stages = by_stage(create("digitnet", n_classes=3))
    head, hidden = {"head.weight", "head.bias"}, {"hidden.weight", "hidden.bias"}
    upper = {f"body.{n}" for n in ("3.weight", "4.weight", "4.bias")}
    lower = {f"body.{n}" for n in ("0.weight", "1.weight", "1.bias")}
    assert stages == [head, head | hidden, head | hidden | upper, head | hidden | upper | lower]


def test_statistics_move_only_when_asked_and_only_in_free_layers():
    stages = by_stage(create("digitnet", n_classes=3), keep_statistics=False)
    moved = [{n for n in stage if "running" in n} for stage in stages]
    upper = {"body.4.running_mean", "body.4.running_var"}
    assert moved[:3] == [set(), set(), upper]
    assert moved[3] == upper | {"body.1.running_mean", "body.1.running_var"}


def test_stages_by_number_and_by_name():
    model = create("digitnet", n_classes=3)
    stages = by_stage(model, stages=2)
    assert stages[0] == {"head.weight", "head.bias", "hidden.weight", "hidden.bias"}
    assert all(p.requires_grad for p in model.parameters())
    model = create("digitnet", n_classes=3)
    stages = by_stage(model, stages=[["head"], ["body"]])
    assert {n.split(".")[0] for n in stages[0]} == {"head"}
    assert {n.split(".")[0] for n in stages[1]} == {"head", "body"}  # hidden was never named
    assert not model.hidden.weight.requires_grad


@pytest.mark.slow
def test_gradual_unfreezing_learns_and_repeats_itself():
    X, y = digits()
    runs = []
    for _ in range(2):
        model = create("digitnet", n_classes=3, seed=3)
        options = {"steps_per_stage": 20, "lr": 1e-2, "decay": 0.5, "seed": 4}
        finetuning.gradual_unfreezing(model, (X, y), **options)
        runs.append(model)
    assert not changed(runs[0], state(runs[1]))
    assert np.mean(predict(runs[0], X) == y) > 0.95


@pytest.mark.slow
def test_lp_ft_is_what_the_five_methods_of_chapter_01_use():
    task = data.load("signs", seed=5, n_source=71)
    X, y = task.label(1, seed=7)
    theirs = few_labels.fine_tuning(task, 7, k=1, steps=3)
    settings = few_labels.SETTINGS["fine-tuning"]
    network = create("signnet", weights="embedded")
    before = state(network)
    ours = finetuning.lp_ft(
        network,
        X,
        y,
        C=settings["C"],
        lr=settings["lr"],
        steps=3,
        batch_size=few_labels.BATCH,
        weight_decay=1e-2,
        schedule="one-cycle",
        augment=few_labels.AUGMENTATIONS[settings["augment"]],
        seed=7,
        device="cpu",
    )
    rows = task.target.X[:200]
    assert np.array_equal(ours(rows), theirs(rows))
    assert not changed(network, before)
    moved = changed(ours.model, {**before, **{k: state(ours.model)[k] + 1 for k in HEAD}})
    assert not any("running" in n or "num_b" in n for n in moved)


HEAD = ("head.weight", "head.bias")


def test_lp_ft_starts_at_the_probe():
    X, y = digits()
    network = create("digitnet", n_classes=10)
    result = finetuning.lp_ft(network, X, y, C=0.1, lr=1e-12, steps=1, weight_decay=0.0)
    assert np.array_equal(result(X), result.probe(X))
    assert np.allclose(result.model.head.weight.detach(), result.probe.weight, atol=1e-6)
    slow = finetuning.lp_ft(network, X, y, 3, lr=1e-3, decay=0.01, steps=5)
    moved = finetuning.weight_distance(slow.model, network)
    assert moved["body.0"] < 0.01 * moved["hidden"]
    loose = finetuning.lp_ft(network, X, y, steps=2, keep_statistics=False)
    assert not torch.equal(loose.model.body[1].running_mean, network.body[1].running_mean)


def test_lp_ft_keeps_the_better_on_held_back_rows():
    X, y = digits()
    network = create("digitnet", n_classes=10)
    wild = finetuning.lp_ft(network, X, y, lr=0.03, steps=4, held_back=0.3)
    assert wild.kept == "probe" and wild.held_back["probe"] >= wild.held_back["fine-tuning"]
    assert np.array_equal(wild(X), wild.probe(X))
    whole = finetuning.linear_probe(partial(finetuning.cached_features, network), X, y)
    assert np.allclose(wild.probe.weight, whole.weight)  # from all rows, not from the rest
    still = finetuning.lp_ft(network, X, y, lr=1e-12, steps=1, weight_decay=0.0, held_back=0.3)
    assert still.kept == "probe"  # a tie
    with pytest.warns(UserWarning, match="training loss went from"):
        assert finetuning.lp_ft(network, X, y, lr=0.03, steps=4).held_back is None
    for share in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match="held_back: got"):
            finetuning.lp_ft(network, X, y, held_back=share)
    single = np.flatnonzero(y == 0)[1:]
    with pytest.raises(ValueError, match="one row of class 0"):
        keep = np.setdiff1d(np.arange(len(y)), single)
        finetuning.lp_ft(network, X[keep], y[keep], held_back=0.3)


def test_mistakes_are_named():
    X, y = digits()
    model = create("digitnet", n_classes=3)
    with pytest.raises(ValueError, match="without head"):
        finetuning.layers_of(nn.Linear(2, 2))
    for wrong in ({"lr": 0.0}, {"lr": np.nan}, {"decay": 0.0}, {"decay": 1.5}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            finetuning.parameter_groups(model, **{"lr": 1e-3, **wrong})
    with pytest.raises(ValueError, match="weight_decay"):
        finetuning.parameter_groups(model, 1e-3, weight_decay=-1.0)
    with pytest.raises(ValueError, match="requires a gradient"):
        finetuning.parameter_groups(finetuning.freeze(create("digitnet"), but=()), 1e-3)
    cases = {
        "want at most 4": {"stages": 9},
        "'tail'": {"stages": [["tail"]]},
        "empty": {"stages": [["head"], []]},
        "twice": {"stages": [["head"], ["body"], ["body.3"]]},
        "steps_per_stage": {"steps_per_stage": 0},
        "the stages decide": {"steps": 3},
    }
    for message, options in cases.items():
        with pytest.raises(ValueError, match=message):
            finetuning.gradual_unfreezing(model, (X, y), **options)
    with pytest.raises(ValueError, match="each of 0 … 4"):
        finetuning.lp_ft(model, X, y, 5)
    with pytest.raises(ValueError, match="1 class"):
        finetuning.lp_ft(model, X, np.zeros(len(X), int))
    with pytest.raises(ValueError, match="want decay"):
        finetuning.lp_ft(model, X, y, parameters=[])
    with pytest.raises(ValueError, match="nn.Linear"):
        finetuning.lp_ft(seeded(nn.ReLU, 0), X, y)
