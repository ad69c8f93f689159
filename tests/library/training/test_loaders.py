"""A torch DataLoader where fit takes arrays: its own batches in its own order, pass after pass."""

import inspect

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, IterableDataset

from tests.library.training.training_cases import Rows, blobs, digest, net, three_parts
from tlbook.alignment import MMD
from tlbook.objective import Objective, TargetLoss
from tlbook.training import OutOfMemory, World, fit
from tlbook.training.datasets import DEFAULT_BATCH_SIZE
from tlbook.training.placement import check_loaders, place_parts

OPTIONS = {"steps": 30, "lr": 1e-2, "seed": 3, "device": "cpu", "progress": False}


class Stream(IterableDataset):
    def __init__(self, X, y):
        self.X, self.y = X, y

    def __iter__(self):
        return zip(self.X, self.y, strict=True)


def in_order(data, size, steps, model):
    """Train on consecutive batches, pass after pass, by hand."""
    adam = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0, fused=True)
    model.train()
    with torch.random.fork_rng():
        torch.manual_seed(OPTIONS["seed"])
        starts = [s for _ in range(steps) for s in range(0, len(data[0]), size)][:steps]
        for start in starts:
            x, y = (torch.from_numpy(a[start : start + size]) for a in data)
            loss = cross_entropy(model(x), y)
            adam.zero_grad()
            loss.backward()
            adam.step()
    return digest(model)


def run(data, objective=None, **options):
    model = net()
    fit(model, data, objective, **{**OPTIONS, **options})
    return digest(model)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_loader_keeps_its_order_and_its_batches_pass_after_pass(workers):
    X, y = blobs(50)
    loader = DataLoader(Rows(X, y), batch_size=20, num_workers=workers)
    wanted = in_order((X, y), 20, 8, net())
    assert run(loader, steps=8) == wanted
    assert run(loader, steps=8, batch_size=20) == wanted


def test_an_iterable_dataset_comes_through_a_loader():
    X, y = blobs(50)
    loader = DataLoader(Stream(X, y), batch_size=20)
    assert run(loader, steps=8) == in_order((X, y), 20, 8, net())


def test_a_shuffling_loader_repeats_by_the_seed_and_gets_its_generator_back():
    loader = DataLoader(Rows(*blobs()), batch_size=20, shuffle=True)
    first = run(loader)
    assert loader.generator is None and loader.sampler.generator is None
    torch.randn(5)
    assert run(loader) == first
    assert run(loader, seed=4) != first
    own = torch.Generator().manual_seed(0)
    loader = DataLoader(Rows(*blobs()), batch_size=20, shuffle=True, generator=own)
    before = own.get_state()
    run(loader)
    assert loader.generator is own and not torch.equal(own.get_state(), before)


def test_source_target_and_labeled_may_each_be_a_loader():
    source, X, labeled = three_parts()
    objective = Objective(cross_entropy, MMD(0.5), TargetLoss(0.3))
    data = {
        "source": DataLoader(Rows(*source), batch_size=20, shuffle=True),
        "target": DataLoader(Rows(X), batch_size=20, shuffle=True, drop_last=True),
    }
    few = DataLoader(Rows(*labeled), batch_size=9)
    sizes = []
    first = run(
        data,
        objective,
        labeled=few,
        callback=lambda step, b: sizes.append((len(b.source_x), len(b.target_x), len(b.labeled_x))),
    )
    assert set(sizes) == {(20, 20, 9), (10, 20, 9)}
    assert run(data, objective, labeled=few) == first


def test_a_loader_of_another_batch_size_is_not_overruled():
    loader = DataLoader(Rows(*blobs()), batch_size=20)
    with pytest.raises(ValueError, match=r"batch_size: got 16, .* source part .* of 20"):
        run(loader, batch_size=16)
    assert inspect.signature(fit).parameters["batch_size"].default == DEFAULT_BATCH_SIZE


def test_a_checkpoint_refuses_a_loader_and_names_the_cure(tmp_path):
    loader = DataLoader(Rows(*blobs()), batch_size=16)
    with pytest.raises(ValueError, match=r"checkpoint: the source part .* pass its dataset"):
        run(loader, checkpoint=tmp_path)
    assert not list(tmp_path.iterdir()) and loader.dataset.reads == []
    run(loader.dataset, checkpoint=tmp_path)


def test_several_processes_refuse_a_loader_and_take_its_dataset():
    for data, refused in ((DataLoader(Rows(*blobs())), True), (Rows(*blobs()), False)):
        parts = place_parts(data, None, Objective(), 64, 0, torch.device("cpu"), "auto")
        check_loaders(parts, False, World())
        if refused:
            with pytest.raises(ValueError, match=r"processes: the source .* pass its dataset"):
                check_loaders(parts, False, World(0, 2))
        else:
            check_loaders(parts, False, World(0, 2))


@pytest.mark.parametrize(
    ("loader", "words"),
    [
        (lambda X, y: DataLoader(Stream(X[:0], y[:0])), "no batch from pass 1 .* source part"),
        (
            lambda X, y: DataLoader(Rows(X, y), batch_size=91, drop_last=True),
            "no batch from pass 1",
        ),
        (lambda X, y: DataLoader(Once(X, y), batch_size=30), "no batch from pass 2"),
        (lambda X, y: DataLoader(Rows(X), batch_size=30), "source: got items without labels"),
        (lambda X, y: DataLoader(Rows(X * np.nan, y), batch_size=30), "source, X: .* NaN"),
    ],
    ids=["empty", "drop_last", "once", "no labels", "NaN"],
)
def test_bad_loaders_are_named(loader, words):
    with pytest.raises(ValueError, match=words):
        run(loader(*blobs()))


class Once(Stream):
    """An iterable that is used up after one pass."""

    def __init__(self, X, y):
        self.rows = zip(X, y, strict=True)

    def __iter__(self):
        return self.rows


class Hungry(nn.Module):
    """Runs out of memory above a number of rows."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 3)

    def features(self, x):
        if len(x) > 10:
            raise MemoryError("out of memory")
        return x


def test_out_of_memory_speaks_of_the_loader_s_own_batch():
    rows = Rows(*blobs())
    with pytest.raises(OutOfMemory, match="at batch_size=40: batch_size=10 would fit"):
        fit(Hungry(), DataLoader(rows, batch_size=40), **OPTIONS)
    assert len(rows.reads) == 40, "the same draw is tried in parts"
