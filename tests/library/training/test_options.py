"""Options of the one loop: each does what it says and changes nothing else."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.library.training.training_cases import blobs, digest, judge, make_task, net, noise
from tlbook import models
from tlbook.objective import Objective, Ramp, TargetLoss, Term
from tlbook.training import Checkpoints, Divergence, EarlyStopping, OutOfMemory, fit, predict
from tlbook.training.memory import is_out_of_memory
from tlbook.training.placement import HostPart, place_parts

CPU = torch.device("cpu")


def flat_gradient(model):
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


# -- rates ------------------------------------------------------------------------------------


def test_clipping_bounds_the_step_of_plain_gradient_descent():
    X, y = blobs()
    norms = []
    model = net()
    fit(
        model,
        (100 * X, y),
        steps=20,
        optimizer="sgd",
        lr=1e-3,
        clip=0.5,
        callback=lambda step, batch: norms.append(float(flat_gradient(model).norm())),
    )
    assert max(norms) <= 0.5 + 1e-5 and max(norms) > 0.49


def test_inverse_schedule_and_functions_follow_their_formula():
    progress = np.arange(11) / 10
    inverse = fit(net(), blobs(), steps=11, lr=0.1, schedule="inverse").columns["lr"]
    assert np.allclose(inverse, 0.1 * (1 + 10 * progress) ** -0.75)
    own = fit(net(), blobs(), steps=11, lr=0.1, schedule=lambda p: 1 - p).columns["lr"]
    assert np.allclose(own, 0.1 * (1 - progress))


def test_a_term_has_its_own_rate():
    """Plain gradient descent moves a term's parameters by lr_ratio times as much in one step."""

    def moved(ratio):
        term = judge(lr_ratio=ratio)
        before = nn.utils.parameters_to_vector(term.parameters()).detach().clone()
        model = net()
        fit(
            model,
            make_task(),
            Objective(nn.functional.cross_entropy, term),
            steps=1,
            lr=1e-3,
            optimizer="sgd",
        )
        return nn.utils.parameters_to_vector(term.parameters()).detach() - before, digest(model)

    (once, network), (thrice, same_network) = moved(1.0), moved(3.0)
    assert torch.allclose(thrice, 3 * once, rtol=1e-3, atol=1e-7) and once.abs().max() > 0
    assert network == same_network
    with pytest.raises(ValueError, match="lr_ratio of Judge"):
        moved(-1.0)


def test_ramp_is_the_formula_and_refuses_nonsense():
    ramp = Ramp(2.0, gamma=10)
    assert ramp(0.0) == 0 and ramp(0.5) == pytest.approx(2 * (2 / (1 + np.exp(-5)) - 1))
    with pytest.raises(ValueError, match="gamma"):
        Ramp(1.0, gamma=0)
    with pytest.raises(ValueError, match="weight"):
        Ramp(float("nan"))


# -- gradient norms and divergence ------------------------------------------------------------


def test_gradient_norms_are_those_of_the_weighted_parts():
    """Recomputed by hand on the same batch: two terms, a schedule, dropout off."""
    model = net(dropout=0.0)

    class Size(Term):
        needs = ("target",)

        def forward(self, batch):
            return batch.target_logits.square().mean()

    objective = Objective(nn.functional.cross_entropy, Size(lambda p: 0.3 + p))
    start = {k: v.clone() for k, v in model.state_dict().items()}
    seen = {}
    history = fit(
        model,
        make_task(),
        objective,
        steps=5,
        grad_norms=4,
        callback=lambda step, batch: seen.setdefault(step, batch),
    )
    assert list(np.flatnonzero(np.isfinite(history.columns["|grad L_S|"]))) == [0, 4]
    model.load_state_dict(start)
    model.train()
    first = seen[0]
    loss = nn.functional.cross_entropy(model(first.source_x), first.source_y)
    size = 0.3 * model(first.target_x).square().mean()
    for name, value in {"L_S": loss, "Size": size}.items():
        model.zero_grad()
        value.backward()
        want = float(flat_gradient(model).norm())
        assert history.columns[f"|grad {name}|"][0] == pytest.approx(want, rel=1e-4)


def test_gradient_norms_do_not_change_the_run():
    def run(**options):
        model, term = net(), judge()
        fit(model, make_task(), Objective(nn.functional.cross_entropy, term), steps=12, **options)
        return digest(model, term)

    assert run(grad_norms=2) == run()
    with pytest.raises(ValueError, match="grad_norms"):
        run(grad_norms=0)


class Root(Term):
    """Its value at 0 is fine, its gradient is not: 0 · ∞."""

    def forward(self, batch):
        return (batch.source_logits * 0).square().sum().sqrt()


def test_a_bad_gradient_is_told_from_a_bad_value():
    objective = Objective(nn.functional.cross_entropy, Root())
    with pytest.raises(Divergence, match="step 0: a gradient was not finite although its loss was"):
        fit(net(), blobs(), objective, steps=5)
    with pytest.raises(Divergence, match="step 0: the gradient of Root is nan"):
        fit(net(), blobs(), objective, steps=5, grad_norms=1)
    with pytest.raises(Divergence, match="the last gradient was not finite"):
        fit(net(), blobs(), objective, steps=1)


def test_a_loss_that_runs_away_is_stopped_before_it_overflows():
    X, y = blobs()
    model = models.seeded(lambda: models.wrap(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3))), 0)
    with pytest.raises(Divergence, match=r"step \d+: L_S grew to"):
        fit(model, (X, y), steps=200, optimizer="sgd", lr=30.0)


# -- early stopping ---------------------------------------------------------------------------


def test_early_stopping_gives_the_best_weights_back():
    rng = np.random.default_rng(0)
    X, y = blobs(40)
    noisy = rng.permutation(y)  # labels of noise: the longer it learns, the worse on fresh rows
    validation = (blobs(60, seed=9)[0], rng.permutation(blobs(60, seed=9)[1]))
    model = net(dropout=0.0)
    rule = EarlyStopping(every=5, patience=3, data=validation)
    history = fit(model, (X, noisy), steps=2000, lr=3e-2, early_stopping=rule)
    losses = history.columns["validation"]
    at = np.flatnonzero(np.isfinite(losses))
    assert history.stopped == "early stopping" and history.steps < 2000
    assert list(at) == list(range(4, history.steps, 5))
    best = at[np.nanargmin(losses[at])]
    assert history.steps - 1 - best == 3 * 5
    with torch.no_grad():
        logits = model(torch.from_numpy(validation[0]))
        now = nn.functional.cross_entropy(logits, torch.from_numpy(validation[1]))
    assert float(now) == pytest.approx(losses[best], rel=1e-5)


def test_early_stopping_uses_the_source_part_of_a_task_and_looks_at_no_target_label():
    task = make_task()
    history = fit(net(), task, steps=20, early_stopping=EarlyStopping(every=10, patience=None))
    assert task.looks == 0 and np.isfinite(history.columns["validation"]).sum() == 2
    with pytest.raises(ValueError, match="no labeled validation rows"):
        fit(net(), blobs(), steps=2, early_stopping=EarlyStopping())
    with pytest.raises(ValueError, match="patience"):
        EarlyStopping(patience=0)
    with pytest.raises(ValueError, match="every"):
        EarlyStopping(every=0)


def test_watching_does_not_change_the_run_nor_unfreeze_a_layer_in_eval_mode():
    class Half(nn.Module):
        """Keeps its BatchNorm in eval mode, as a frozen network does."""

        def __init__(self):
            super().__init__()
            self.inner = net(dropout=0.5)
            self.head = self.inner.head

        def features(self, x):
            return self.inner.features(x)

        def forward(self, x):
            return self.inner(x)

        def train(self, mode=True):
            super().train(mode)
            self.inner.body[1].eval()
            return self

    def run(rule):
        model = models.seeded(Half, 0)
        fit(model, make_task(), steps=20, early_stopping=rule)
        return digest(model)

    # patience None gives the best weights back, so look at the very last step
    assert run(EarlyStopping(every=20, patience=None)) == run(None)


# -- callbacks --------------------------------------------------------------------------------


def test_a_callback_that_returns_true_ends_the_run():
    seen = []

    def stop(step, batch):
        seen.append(step)
        return step == 6

    history = fit(net(), blobs(), steps=50, callback=stop)
    assert seen == list(range(7)) and history.steps == 7 and history.stopped == "callback"


# -- where the data wait, layout, compile -----------------------------------------------------


def test_prefetched_data_give_the_same_run():
    def run(data_on):
        model = net()
        history = fit(
            model, make_task(), Objective(None, Gap()), steps=23, augment=noise, data_on=data_on
        )
        return digest(model), history.loss

    (same, loss), (again, other) = run("device"), run("host")
    assert same == again and np.array_equal(loss, other)
    with pytest.raises(ValueError, match="data_on"):
        run("moon")


class Gap(Term):
    needs = ("source", "target")

    def forward(self, batch):
        return (batch.source_features.mean(0) - batch.target_features.mean(0)).square().sum()


def test_prefetching_may_start_anywhere_and_its_thread_ends():
    X, y = blobs()
    parts = [
        place_parts((X, y), None, Objective(), 8, 0, CPU, data_on)["source"]
        for data_on in ("device", "host")
    ]
    assert isinstance(parts[1], HostPart)
    for step in (0, 1, 2, 9, 10, 4):
        (x0, y0), (x1, y1) = (part.at(step) for part in parts)
        assert torch.equal(x0, x1) and torch.equal(y0, y1)
    parts[1].close()
    assert parts[1]._worker is None


def test_channels_last_learns_the_same():
    X = np.random.default_rng(0).random((32, 1, 8, 8), dtype=np.float32)
    y = np.arange(32) % 4

    def run(**options):
        model = models.create("digitnet", n_classes=4)
        history = fit(model, (X, y), steps=5, batch_size=16, **options)
        return history.loss, model

    (plain, _), (last, model) = run(), run(channels_last=True)
    assert np.allclose(plain, last, rtol=1e-3)
    assert model.body[0].weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.slow
def test_compiled_features_give_the_same_run():
    def run(**options):
        model = net(dropout=0.0)
        fit(model, blobs(), steps=6, **options)
        return nn.utils.parameters_to_vector(model.parameters())

    # "eager" traces the graph but generates no code, so it needs no compiler.
    assert torch.allclose(run(compile="eager"), run(), atol=1e-6)


# -- memory -----------------------------------------------------------------------------------


class Hungry(nn.Module):
    """Has memory for so many rows and no more."""

    def __init__(self, rows):
        super().__init__()
        self.inner, self.rows = net(), rows
        self.head = self.inner.head

    def features(self, x):
        if len(x) > self.rows:
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {len(x)} rows")
        return self.inner.features(x)


@pytest.mark.parametrize(("rows", "words"), [(20, "batch_size=16 would fit"), (7, "batch_size=4")])
def test_out_of_memory_names_a_batch_size_that_fits(rows, words, tmp_path):
    model = Hungry(rows)
    with pytest.raises(OutOfMemory, match=words):
        fit(model, blobs(), steps=3, batch_size=64)
    size = int(words.split("batch_size=")[1].split()[0])
    assert fit(Hungry(rows), blobs(), steps=3, batch_size=size).steps == 3
    # the search left neither gradients nor moved statistics behind
    fresh = Hungry(rows)
    for name, buffer in fresh.named_buffers():
        assert torch.equal(buffer, dict(model.named_buffers())[name]), name
    assert all(p.grad is None for p in model.parameters())


def test_out_of_memory_in_the_middle_keeps_the_checkpoint(tmp_path):
    model = Hungry(64)

    def starve(step, batch):
        if step == 11:
            model.rows = 8

    kept = Checkpoints(tmp_path, every=5)
    with pytest.raises(OutOfMemory, match="last checkpoint is in"):
        fit(model, blobs(), steps=200, batch_size=32, checkpoint=kept, callback=starve)
    assert kept.steps() == [5, 10]


def test_other_errors_are_not_mistaken_for_memory():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(2, 3)

        def features(self, x):
            raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(ValueError, match="data: got rows of shape .* shapes cannot be multiplied"):
        fit(Broken(), blobs(), steps=1)
    assert is_out_of_memory(MemoryError()) and not is_out_of_memory(ValueError("out of memory"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))


def test_nothing_fits_is_said():
    with pytest.raises(OutOfMemory, match="not even a batch of one"):
        fit(Hungry(0), blobs(), steps=1, batch_size=8)


# -- precision --------------------------------------------------------------------------------


def test_bf16_differs_a_little_and_keeps_the_weights_in_float32():
    def run(precision):
        model = net(dropout=0.0)
        objective = Objective(nn.functional.cross_entropy, TargetLoss(0.5))
        task = make_task()
        history = fit(
            model,
            task,
            objective,
            labeled=task.label(3),
            steps=30,
            lr=1e-2,
            precision=precision,
            device="cpu",
        )
        return history.loss, model

    (exact, _), (rough, model) = run("float32"), run("bf16")
    assert not np.array_equal(exact, rough) and np.allclose(exact, rough, rtol=0.1, atol=0.02)
    assert all(p.dtype == torch.float32 for p in model.parameters())


# -- on a card --------------------------------------------------------------------------------


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(
    "options",
    [
        {"precision": "float32"},
        {"precision": "bf16"},
        {"channels_last": True},
        {"compile": True},
        {"data_on": "host"},
    ],
)
def test_cuda_options_learn_the_task(options):
    X = np.random.default_rng(0).random((256, 1, 8, 8), dtype=np.float32)
    y = (X.mean(axis=(1, 2, 3)) > 0.5).astype(int)
    model = models.create("digitnet", n_classes=2)
    history = fit(model, (X, y), steps=300, lr=3e-3, device="cuda", **options)
    assert history.device == "cuda" and np.mean(predict(model, X) == y) > 0.9


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_resumes_to_the_same_losses(tmp_path):
    def run(folder, stop_at=None):
        model, term = net(), judge()
        history = fit(
            model,
            make_task(),
            Objective(nn.functional.cross_entropy, term),
            steps=40,
            device="cuda",
            precision="float32",
            checkpoint=folder,
            callback=lambda step, batch: step == stop_at,
        )
        return history.loss

    whole = run(None)
    run(tmp_path, stop_at=13)
    assert np.allclose(run(tmp_path), whole, rtol=1e-4)
