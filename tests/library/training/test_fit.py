"""The one loop: same seed same result, agreement with a hand-written loop, honest failures."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.library.training.training_cases import blobs, make_task
from tlbook import training
from tlbook.domains import Domain, Task
from tlbook.models import seeded
from tlbook.objective import Batch, Objective, TargetLoss, Term
from tlbook.training.draws import Draws


class Net(nn.Module):
    def __init__(self, d=4, h=8, classes=3, dropout=0.0):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, h), nn.Tanh(), nn.Dropout(dropout))
        self.head = nn.Linear(h, classes)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


def net(seed=0, **options):
    return seeded(lambda: Net(**options), seed)


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_learns_and_leaves_eval_mode():
    X, y = blobs()
    model = net()
    history = training.fit(model, (X, y), steps=200, lr=1e-2)
    assert np.mean(training.predict(model, X) == y) > 0.95
    assert history.loss[-20:].mean() < 0.5 * history.loss[:5].mean()
    assert not model.training and history.steps == 200 and history.seconds > 0
    assert list(history.frame.columns) == ["loss", "L_S", "lr"]


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_equals_the_loop_written_by_hand(optimizer):
    X, y = blobs()
    ours, by_hand = net(1), net(1)
    training.fit(
        ours, (X, y), steps=25, batch_size=16, lr=1e-2, optimizer=optimizer, weight_decay=0.01
    )
    kinds = {
        "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=0.01),
        "adam": lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=0.01),
        "sgd": lambda p: torch.optim.SGD(
            p, lr=1e-2, momentum=0.9, nesterov=True, weight_decay=0.01
        ),
    }
    step = kinds[optimizer](by_hand.parameters())
    draws = Draws(len(X), 16, seed=0, stream=0)
    by_hand.train()
    for t in range(25):
        rows = draws.at(t)
        loss = nn.functional.cross_entropy(
            by_hand(torch.from_numpy(X[rows])), torch.from_numpy(y[rows])
        )
        step.zero_grad()
        loss.backward()
        step.step()
    assert torch.allclose(weights(ours), weights(by_hand), atol=1e-6)


def test_the_seed_decides_everything_and_global_state_nothing():
    X, y = blobs()

    def run(seed):
        model = net(0, dropout=0.5)
        training.fit(model, (X, y), steps=20, seed=seed, augment=jitter)
        return weights(model)

    def jitter(x, generator):
        return x + 0.1 * torch.randn(x.shape, generator=generator)

    first = run(3)
    torch.manual_seed(123)
    np.random.seed(5)  # noqa: NPY002
    before = torch.random.get_rng_state()
    assert torch.equal(run(3), first)
    assert torch.equal(torch.random.get_rng_state(), before), "the global generator is untouched"
    assert not torch.equal(run(4), first)


def test_draws_show_every_row_equally_often_and_are_functions_of_the_step():
    draws = Draws(10, 4, seed=1, stream=0)
    rows = np.concatenate([draws.at(t) for t in range(25)])
    assert np.bincount(rows).tolist() == [10] * 10
    assert np.array_equal(Draws(10, 4, seed=1, stream=0).at(17), draws.at(17))
    assert not np.array_equal(Draws(10, 4, seed=1, stream=1).at(17), draws.at(17))
    assert sorted(Draws(3, 64, seed=0, stream=0).at(2)) == [0, 1, 2]


def test_schedules_follow_their_formula():
    X, y = blobs()
    lr = {
        s: training.fit(net(), (X, y), steps=100, lr=0.1, schedule=s).columns["lr"]
        for s in ("constant", "cosine", "one-cycle")
    }
    assert np.allclose(lr["constant"], 0.1)
    assert np.allclose(lr["cosine"], 0.05 * (1 + np.cos(np.pi * np.arange(100) / 100)))
    assert lr["one-cycle"].argmax() == 30 and lr["one-cycle"].max() == pytest.approx(0.1)
    assert lr["one-cycle"][0] == pytest.approx(0.004) and lr["one-cycle"][-1] < 1e-3


def test_a_task_with_a_target_loss_is_the_weighted_formula():
    task = make_task()
    X, y = task.label(3, seed=0)
    lam = 0.7
    history = training.fit(
        net(),
        task,
        Objective(nn.functional.cross_entropy, TargetLoss(lam)),
        labeled=(X, y),
        steps=9,
    )
    columns = history.columns
    assert np.allclose(columns["loss"], columns["L_S"] + lam * columns["TargetLoss"], atol=1e-5)


def test_without_target_labels_the_target_loss_is_zero():
    history = training.fit(
        net(), make_task(), Objective(nn.functional.cross_entropy, TargetLoss(1.0)), steps=5
    )
    assert (history.columns["TargetLoss"] == 0).all()


def test_terms_see_the_target_their_schedule_and_train_their_own_parameters():
    seen = []

    class Probe(Term):
        needs = ("target",)

        def __init__(self):
            super().__init__(weight=lambda progress: progress)
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, batch: Batch):
            seen.append((batch.progress, len(batch.target_x)))
            return (self.scale * batch.target_features).pow(2).mean()

    term = Probe()
    history = training.fit(
        net(), make_task(), Objective(nn.functional.cross_entropy, term), steps=11, batch_size=8
    )
    assert [p for p, _ in seen] == pytest.approx(np.linspace(0, 1, 11)) and seen[0][1] == 8
    assert term.scale.item() != 1.0
    columns = history.columns
    assert np.allclose(columns["loss"], columns["L_S"] + np.linspace(0, 1, 11) * columns["Probe"])


def test_parts_that_the_objective_does_not_need_are_not_even_loaded():
    def explode():
        raise AssertionError("loaded")

    X, y = blobs()
    task = Task(
        "t",
        source=Domain("s", X, y),
        validation=Domain("v", X, y),
        target_train=explode,
        target_test=explode,
    )
    training.fit(net(), task, steps=2)


def test_frozen_parameters_stay_and_groups_have_their_own_rates():
    X, y = blobs()
    model = net()
    before = model.body[0].weight.clone()
    training.fit(model, (X, y), steps=5, parameters=model.head.parameters())
    assert torch.equal(model.body[0].weight, before)
    training.fit(
        model, (X, y), steps=5, parameters=[{"params": list(model.body.parameters()), "lr": 1e-3}]
    )
    assert not torch.equal(model.body[0].weight, before)


def test_divergence_names_step_and_term():
    class Bad(Term):
        def forward(self, batch):
            return batch.source_logits.sum() * (float("nan") if batch.step == 3 else 1e-3)

    with pytest.raises(training.Divergence, match=r"step 3: Bad .*weight of Bad"):
        training.fit(net(), blobs(), Objective(nn.functional.cross_entropy, Bad()), steps=9)


def test_predict_restores_the_mode_and_equals_one_pass():
    X, _ = blobs()
    model = net(dropout=0.5).train()
    answer = training.predict(model, X, batch_size=7)
    assert model.training
    assert np.array_equal(answer, model.eval()(torch.from_numpy(X)).argmax(1).numpy())
    assert np.array_equal(training.predictor(model)(X), answer)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"lr": float("nan")}, "lr"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"optimizer": "lion"}, "optimizer"),
        ({"schedule": "zigzag"}, "schedule"),
        ({"device": "abacus"}, "device"),
        ({"precision": "fp4"}, "precision"),
    ],
)
def test_bad_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        training.fit(net(), blobs(), **{"steps": 2, **change})


def test_bad_data_is_named():
    X, y = blobs()
    with pytest.raises(ValueError, match="data: got str"):
        training.fit(net(), "signs", steps=1)
    with pytest.raises(ValueError, match="NaN"):
        training.fit(net(), (X * np.nan, y), steps=1)
    with pytest.raises(ValueError, match="lacks target"):

        class Needy(Term):
            needs = ("target",)

        training.fit(net(), (X, y), Needy(), steps=1)
    with pytest.raises(ValueError, match="no labels"):
        training.fit(net(), Domain("d", X), steps=1)
    model = net()
    for p in model.parameters():
        p.requires_grad_(False)
    with pytest.raises(ValueError, match="requires a gradient"):
        training.fit(model, (X, y), steps=1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_cuda_is_refused_where_there_is_none():
    with pytest.raises(ValueError, match="no CUDA device"):
        training.fit(net(), blobs(), steps=1, device="cuda")
    assert training.choose_device("auto").type in ("cpu", "mps")


def test_bf16_runs_on_the_cpu_too():
    X, y = blobs()
    model = net()
    history = training.fit(model, (X, y), steps=150, lr=1e-2, precision="bf16", device="cpu")
    assert history.precision == "bf16" and model.head.weight.dtype == torch.float32
    assert np.mean(training.predict(model, X) == y) > 0.9


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_learns_the_same_task():
    X, y = blobs()
    model = net()
    history = training.fit(model, (X, y), steps=200, lr=1e-2, device="cuda")
    assert history.device == "cuda" and np.mean(training.predict(model, X) == y) > 0.95
