"""The meter, the matrix rate, the count of operations, and the report."""

import platform
import re
import shutil
import time

import pytest
import torch
from torch import nn

from tests.library.training.training_cases import Net, blobs, make_task
from tlbook import training
from tlbook.models import create, seeded
from tlbook.objective import Batch, Objective, TargetLoss
from tlbook.training import Meter, matrix_rate, report, step_flops
from tlbook.training.throughput import seconds_of


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


def test_the_meter_divides_rows_by_seconds_and_leaves_the_warm_up_out(monkeypatch):
    clock, meter = Clock(monkeypatch), Meter(warm_up=2, every=3)
    batch = Batch(nn.Identity(), source_x=torch.zeros(8, 2), target_x=torch.zeros(4, 2))
    for step, seconds in enumerate((50, 50, 1, 1, 2, 2, 2, 2, 9)):
        clock.now += seconds
        assert meter(step, batch) is None  # True would end the run
    assert meter.rates == pytest.approx([36 / 4, 36 / 6])
    assert meter.median == pytest.approx(7.5)
    assert meter.quartiles == pytest.approx((6.75, 8.25))
    assert "8 rows/s (middle half 7 … 8)" in str(meter)


def test_the_meter_without_warm_up_counts_every_step(monkeypatch):
    clock, meter = Clock(monkeypatch), Meter(warm_up=0, every=1)
    for step in range(2):
        clock.now += 0.5
        meter(step, Batch(nn.Identity(), source_x=torch.zeros(3, 1)))
    assert meter.rates == pytest.approx([6, 6])


def test_the_meter_agrees_with_the_record_of_fit():
    meter = Meter(warm_up=0, every=30)
    options = {"steps": 30, "batch_size": 16, "device": "cpu"}
    history = training.fit(seeded(Net, 0), blobs(), callback=meter, **options)
    # The first window begins when the meter is made, a moment before the run.
    assert 0 < meter.median <= 30 * 16 / history.seconds * 1.2


def test_the_meter_counts_every_draw():
    meter = Meter(warm_up=1, every=1)
    task, labeled = make_task(), blobs(6, seed=1)
    rows = []

    def both(step, batch):
        rows.append(sum(len(x) for x in (batch.source_x, batch.labeled_x)))
        meter(step, batch)

    objective = Objective(nn.functional.cross_entropy, TargetLoss(1.0))
    training.fit(
        seeded(Net, 0), task, objective, labeled=labeled, steps=4, batch_size=9, callback=both,
        device="cpu",
    )  # fmt: skip
    assert rows == [15] * 4 and len(meter.rates) == 3


def test_too_few_steps_are_named():
    with pytest.raises(ValueError, match="got 0 steps, want at least warm_up \\+ every = 10"):
        _ = Meter().median
    for options in ({"warm_up": -1}, {"every": 0}, {"every": 2.5}):
        with pytest.raises(ValueError, match=f"{next(iter(options))}: got"):
            Meter(**options)


def test_seconds_are_a_median_without_the_first_call(monkeypatch):
    clock, costs = Clock(monkeypatch), iter((90, 3, 1, 2))
    assert seconds_of(lambda: setattr(clock, "now", clock.now + next(costs)), repeats=3) == 2


def test_the_matrix_rate_counts_two_operations_per_multiplication(monkeypatch):
    clock = Clock(monkeypatch)
    multiply = torch.Tensor.__matmul__

    def slow(a, b):
        clock.now += 0.5
        return multiply(a, b)

    monkeypatch.setattr(torch.Tensor, "__matmul__", slow)
    assert matrix_rate("cpu", side=10, repeats=2) == pytest.approx(2 * 1000 / 0.5)


def test_the_matrix_rate_of_this_machine_is_a_plausible_number():
    for dtype in (torch.float32, torch.bfloat16):
        assert 1e7 < matrix_rate("cpu", dtype, side=256) < 1e14


def test_bad_types_and_devices_are_named():
    with pytest.raises(ValueError, match=r"dtype: got torch\.int64"):
        matrix_rate("cpu", torch.int64)
    with pytest.raises(ValueError, match="side: got 0"):
        matrix_rate("cpu", side=0)
    with pytest.raises(ValueError, match="device: got 'abacus'"):
        matrix_rate("abacus")


def test_operations_of_a_linear_layer_are_three_products():
    layer = nn.Linear(7, 5)
    x = torch.zeros(3, 7, requires_grad=True)
    assert step_flops(layer, x) == 3 * (2 * 3 * 7 * 5)  # forward, and a gradient for W and for x


def test_a_frozen_body_costs_its_forward_pass_only():
    from tlbook.finetuning import freeze

    x = torch.zeros(4, 3, 24, 24)
    full = step_flops(create("signnet"), x)
    frozen = step_flops(freeze(create("signnet")), x)
    assert 2.8 < full / frozen < 3.05  # no gradient for the first layer's pictures
    assert step_flops(create("signnet"), x[:2]) == full / 2


def test_counting_leaves_the_network_as_it_is():
    model = create("signnet").train()
    kept = {k: v.clone() for k, v in model.state_dict().items()}
    step_flops(model, torch.rand(4, 3, 24, 24))
    assert all(torch.equal(v, kept[k]) for k, v in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    with pytest.raises(ValueError, match="x: got no rows"):
        step_flops(model, torch.zeros(0, 3, 24, 24))


def test_the_report_says_what_fit_would_do():
    found = report("cpu")
    assert found.device.startswith("cpu")
    assert found.default_precision == "float32"
    assert found.threads == torch.get_num_threads() and found.cores >= 1
    assert found.versions["python"] == platform.python_version()
    assert found.versions["torch"] == torch.__version__.split("+")[0]
    assert set(found.as_dict()) == set(found.__dataclass_fields__)


def test_the_report_names_no_place_on_this_machine():
    text = str(report("cpu"))
    assert len(text.splitlines()) == 8
    assert not re.search(r"[/\\]\w", text) and platform.node() not in text


def test_the_report_says_what_compiling_lacks(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "lacks a C++ compiler" in report("cpu").compile
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "cl" else None)
    assert report("cpu").compile == "inductor with cl"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_card():
    found = report("cuda")
    assert found.device.startswith("cuda") and found.memory_gib > 1
    assert matrix_rate("cuda", torch.bfloat16, side=2048) > 1e11
    meter = Meter(warm_up=5, every=5)
    training.fit(seeded(Net, 0), blobs(), steps=20, device="cuda", callback=meter)
    assert meter.median > 0
