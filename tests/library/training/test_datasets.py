"""A torch Dataset where fit takes arrays: the same run, read in draws."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import ConcatDataset, DataLoader, Subset, TensorDataset

from tests.library.training.training_cases import (
    Rows,
    blobs,
    digest,
    make_task,
    net,
    noise,
    three_parts,
)
from tlbook.alignment import MMD
from tlbook.domains import Domain
from tlbook.objective import Objective, TargetLoss
from tlbook.training import Checkpoints, EarlyStopping, find_rate, fit, predict, predictor

OPTIONS = {"steps": 30, "batch_size": 16, "lr": 1e-2, "seed": 3, "device": "cpu"}


def run(data, objective=None, seed=0, **options):
    model = net(seed)
    history = fit(model, data, objective, **{**OPTIONS, "progress": False, **options})
    return digest(model), history


def objective():
    return Objective(cross_entropy, MMD(0.5), TargetLoss(0.3))


@pytest.mark.parametrize(
    "kind",
    [
        Rows,
        lambda X, y: TensorDataset(torch.from_numpy(X), torch.from_numpy(y)),
        lambda X, y: Rows(X.astype(np.float64), [int(label) for label in y]),
        lambda X, y: ConcatDataset([Rows(X[:40], y[:40]), Rows(X[40:], y[40:])]),
        lambda X, y: Subset(TensorDataset(*map(torch.from_numpy, (X, y))), range(len(X))),
    ],
    ids=["items", "tensors", "double", "joined", "fetched together"],
)
def test_a_dataset_is_its_arrays_bit_for_bit(kind):
    X, y = blobs()
    whole, record = run((X, y), augment=noise)
    again, second = run(kind(X, y), augment=noise)
    assert again == whole
    assert np.array_equal(second.loss, record.loss)


@pytest.fixture(scope="module")
def of_arrays():
    """The digest of a run on three arrays, of which each counts."""
    source, X, labeled = three_parts()
    data = {"source": source, "target": X}
    whole, _ = run(data, objective(), labeled=labeled, augment=noise)
    assert run(data, objective(), augment=noise)[0] != whole, "the labeled part counts"
    return whole


@pytest.mark.parametrize(
    "target",
    [
        lambda X: Rows(X),
        lambda X: Rows(X, [None] * len(X)),
        lambda X: TensorDataset(torch.from_numpy(X)),
        lambda X: (X, "never looked at"),
        lambda X: Domain("target", X, np.zeros(len(X))),
        lambda X: X,
    ],
    ids=["x", "(x, None)", "(x,)", "pair", "domain", "array"],
)
def test_parts_come_by_name_and_the_labels_of_the_target_are_not_read(target, of_arrays):
    source, X, labeled = three_parts()
    mixed = {"source": Rows(*source), "target": target(X)}
    assert run(mixed, objective(), labeled=Rows(*labeled), augment=noise)[0] == of_arrays
    assert run({**mixed, "labeled": Rows(*labeled)}, objective(), augment=noise)[0] == of_arrays


def test_a_task_is_its_parts_by_name():
    task = make_task()
    parts = {"source": task.source, "target": task.target}
    term = Objective(cross_entropy, MMD(0.5))
    assert run(task, term)[0] == run(parts, term)[0]


def test_a_part_that_the_objective_does_not_need_is_not_read():
    source, X, _ = three_parts()
    idle = Rows(X)
    run({"source": source, "target": idle})
    assert idle.reads == []


def test_each_draw_reads_its_own_items_when_it_is_due():
    X, y = blobs(40)
    rows, seen = Rows(X, y), []
    run(rows, steps=7, callback=lambda step, batch: seen.append(len(rows.reads)) and None)
    assert seen == [16 * (step + 1) for step in range(7)]
    assert sorted(rows.reads[:40]) == sorted(rows.reads[40:80]) == list(range(40))
    assert rows.reads[:40] != rows.reads[40:80], "every pass in another order"


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", [0, 12, 28])
def test_a_stopped_run_with_datasets_ends_as_the_undisturbed_one(tmp_path, stop_at):
    source, X, labeled = three_parts()

    def train(folder, stop=None):
        data = {"source": Noisy(*source), "target": Rows(X), "labeled": Rows(*labeled)}
        kept = None if folder is None else Checkpoints(folder, every=5)
        ended = run(
            data, objective(), checkpoint=kept, augment=noise, callback=lambda step, _: step == stop
        )
        return *ended, data["target"].reads

    whole, record, _ = train(None)
    train(tmp_path, stop_at)
    again, second, reads = train(tmp_path)
    assert again == whole and second.resumed_at == stop_at + 1
    assert np.array_equal(second.loss, record.loss)
    assert len(reads) == 16 * (29 - stop_at), "what was drawn before is not read again"
    with pytest.raises(ValueError, match=r"belongs to another run .*Rows of 90 items"):
        run(
            {"source": Noisy(*source), "target": Rows(X[:40]), "labeled": Rows(*labeled)},
            objective(),
            checkpoint=Checkpoints(tmp_path),
            augment=noise,
        )


class Noisy(Rows):
    """A random transform: it takes from the run's own randomness."""

    def __getitem__(self, number):
        x, y = super().__getitem__(number)
        return torch.from_numpy(x) + 0.1 * torch.randn(len(x)), y


def test_random_transforms_repeat_and_leave_global_randomness_alone():
    before = torch.get_rng_state()
    first, _ = run(Noisy(*blobs()))
    assert torch.equal(torch.get_rng_state(), before)
    torch.randn(3)
    assert run(Noisy(*blobs()))[0] == first
    assert run(Rows(*blobs()))[0] != first


# -- looking while it trains, and afterwards ------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [Rows, lambda X, y: DataLoader(Rows(X, y), batch_size=512, shuffle=False)]
)
def test_early_stopping_reads_a_dataset_and_does_not_change_the_run(kind):
    held = blobs(700, seed=9)
    results = []
    for rows in (held, kind(*held)):
        rule = EarlyStopping(every=3, patience=4, data=rows)
        results.append(run(Rows(*blobs()), early_stopping=rule, lr=0.3))
    assert results[0][0] == results[1][0]
    a, b = (history.columns["validation"] for _, history in results)
    assert np.array_equal(a, b, equal_nan=True)
    watched = EarlyStopping(every=3, patience=None, data=Noisy(*held))
    losses = [run(blobs(), early_stopping=w)[1].loss for w in (None, watched)]
    assert np.array_equal(*losses), "reading takes nothing from the run's randomness"


def test_predictions_of_a_dataset_are_those_of_its_arrays():
    X, y = blobs(300)
    model = net(dropout=0.5)
    fit(model, (X, y), steps=20, progress=False)
    wanted = predict(model, X)
    assert len(np.unique(wanted)) > 1
    for given in (Rows(X), Rows(X, y), DataLoader(Rows(X, y), batch_size=70)):
        assert np.array_equal(predict(model, given), wanted)
    assert np.array_equal(predictor(model)(Rows(X)), wanted)
    with pytest.raises(ValueError, match="X: got a DataLoader that shuffles"):
        predict(model, DataLoader(Rows(X), shuffle=True))
    with pytest.raises(ValueError, match="X: got an empty Rows"):
        predict(model, Rows(X[:0]))


def test_what_predict_reads_can_still_be_trained_on():
    class Keeps(Rows):
        kept: dict = {}  # noqa: RUF012

        def __getitem__(self, number):
            if number not in self.kept:
                x, y = super().__getitem__(number)
                self.kept[number] = torch.from_numpy(x) * 1, y
            return self.kept[number]

    rows, model = Keeps(*blobs()), net()
    predict(model, rows)
    fit(model, rows, steps=2, progress=False)


def test_the_rate_finder_takes_a_dataset():
    X, y = blobs()
    curves = [find_rate(net(), data, steps=15, device="cpu") for data in ((X, y), Rows(X, y))]
    assert np.array_equal(curves[0].losses, curves[1].losses)
