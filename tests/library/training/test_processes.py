"""Several processes: the same network as one process makes, and a world that is looked at."""

import re
from itertools import chain, pairwise
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from torch import nn

from tests.library.training import processes_script as script
from tlbook.training import World, fit, join, launch
from tlbook.training.processes import _buckets, current
from tlbook.training.sync_norm import normalize_together, shared_statistics

MODULE = ["-m", "tests.library.training.processes_script"]
CASES = (
    "plain",
    "everything",
    "rows",
    "frozen",
    "pictures",
    "dataset",
    "dropout",
    "noisy",
    "again",
)
GATHERED = ("everything",)
RANDOM = ("dropout", "noisy", "again")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Everything that two processes left, from one start of the launcher."""
    out = tmp_path_factory.mktemp("two")
    kept = out / "kept"
    cases = ["stop", *CASES[1:-1], f"plain@{kept}", f"again@{out / 'again'}"]
    said = launch([*MODULE, out, "2", "accelerate", *cases], 2)
    assert re.findall(r"rank \d of \d is done", said).count("rank 1 of 2 is done") == 1
    return out


def load(out: Path, name: str, rank: int) -> dict[str, torch.Tensor]:
    return load_file(out / f"{name}-{rank}.safetensors")


def largest_gap(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    assert a.keys() == b.keys()
    compared = a.keys() - {"rows"}  # how many rows of a draw the process had
    gaps = [(a[k].double() - b[k].double()).nan_to_num().abs().max() for k in compared]
    return float(max(gaps))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if name not in RANDOM])
def test_same_result_as_one_process_with_the_same_global_batch(name, two):
    one = script.run(name)
    assert largest_gap(one, load(two, name, 0)) < 2e-5
    # Not a vacuous comparison: training has moved the weights by far more.
    start = script.case(name)[0].state_dict()
    moved = max(
        float((one[f"weights.{k}"] - v).abs().max())
        for k, v in start.items()
        if v.is_floating_point()
    )
    assert moved > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_processes_end_with_the_same_weights(name, two):
    assert largest_gap(load(two, name, 0), load(two, name, 1)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_process_has_its_own_rows_unless_a_term_needs_the_whole_batch(name, two):
    """Of 15 rows one has seven and the other eight; MMD and a discriminator see all."""
    rows = [set(load(two, name, rank)["rows"].tolist()) for rank in (0, 1)]
    assert rows == ([{15}, {15}] if name in GATHERED else [{7}, {8}])


@pytest.mark.slow
def test_what_is_random_in_two_processes_is_there_again_after_a_stop(two):
    assert largest_gap(load(two, "noisy", 0), load(two, "again", 0)) == 0


@pytest.mark.slow
def test_checkpoints_of_two_processes_are_taken_up_by_one(two):
    """Only the first process writes; the run goes on wherever it is called again."""
    kept = two / "kept"
    assert [p.name for p in sorted(kept.glob("step-*"))][-1] == "step-00000020"
    again = script.run("plain", checkpoint=script.Checkpoints(kept, every=5))
    assert largest_gap(again, load(two, "plain", 0)) == 0


@pytest.mark.slow
def test_a_callback_of_the_first_process_stops_all(two):
    for rank in (0, 1):
        assert len(load(two, "stop", rank)["columns.loss"]) == 7


@pytest.mark.slow
def test_launch_tells_what_a_process_said(tmp_path):
    with pytest.raises(RuntimeError, match=r"world of 2; start it with torchrun"):
        launch([*MODULE, tmp_path, "3", "plain"], 2)


@pytest.mark.slow
@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_two_cards(tmp_path):
    """NCCL, a card for each process: the same bound as on the CPU."""
    launch([*MODULE, tmp_path, "2", "cuda", "everything"], 2)
    assert largest_gap(script.run("everything"), load(tmp_path, "everything", 0)) < 1e-3
    assert largest_gap(load(tmp_path, "everything", 0), load(tmp_path, "everything", 1)) == 0


def test_a_script_that_runs_alone_is_told_so(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join() == World(0, 1)
    assert join(1).alone
    with pytest.raises(ValueError, match=r"processes: got 2, but this script runs in a world of 1"):
        join(2)
    with pytest.raises(ValueError, match="processes: got 0"):
        join(0)


def test_bad_arguments():
    with pytest.raises(ValueError, match="processes: got 'many'"):
        fit(script.case("plain")[0], script.blobs(), processes="many")
    with pytest.raises(ValueError, match="command: got 'script.py'"):
        launch("script.py")
    with pytest.raises(ValueError, match="command: got \\[\\]"):
        launch([])
    with pytest.raises(ValueError, match="processes: got -1"):
        launch(["script.py"], -1)


def test_shares_cover_all_rows_once_and_differ_by_at_most_one():
    for n in (3, 7, 64, 65):
        borders = World(0, 3).rows(n)
        sizes = [b - a for a, b in pairwise(borders)]
        assert borders[0] == 0 and borders[-1] == n
        assert max(sizes) - min(sizes) <= 1
    with pytest.raises(ValueError, match="batch_size: got 2 rows for 3 processes"):
        World(0, 3).rows(2)


def test_buckets_keep_the_order_and_never_mix_kinds():
    sizes = [torch.zeros(2**22), torch.zeros(2**22), torch.zeros(5), torch.zeros(3).half()]
    buckets = list(_buckets(sizes))
    assert [len(b) for b in buckets] == [1, 2, 1]
    assert all(a is b for a, b in zip(sizes, chain(*buckets), strict=True))
    assert list(_buckets([])) == []


@pytest.fixture
def alone_in_a_group(tmp_path):
    """A process group of one: all collective calls work and change nothing."""
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("options", [{}, {"momentum": None}, {"affine": False}])
@pytest.mark.parametrize("pictures", [False, True])
def test_shared_batchnorm_is_batchnorm_in_one_process(options, pictures, alone_in_a_group):
    kind = nn.BatchNorm2d if pictures else nn.BatchNorm1d
    ours, theirs = kind(3, **options), kind(3, **options)
    shape = (6, 3, 4, 4) if pictures else (6, 3)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 3 + 5
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    for _ in range(2):
        y, z = normalize_together(ours, a), theirs(b)
    torch.testing.assert_close(y, z, atol=1e-5, rtol=1e-5)
    (y * weight).sum().backward()
    (z * weight).sum().backward()
    torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-4)
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value, atol=1e-5, rtol=1e-5)


def test_layers_in_eval_mode_and_after_the_context_are_left_alone(alone_in_a_group):
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2)).eval()
    x = torch.randn(5, 3)
    before = net(x)
    with shared_statistics(net):
        assert torch.equal(net(x), before)
    assert "forward" not in vars(net[0])


def test_fit_sees_the_group_unless_told_not_to(alone_in_a_group):
    assert current("auto").alone and current("one").alone
    assert join() == World(0, 1)
