"""Chapter 13's published loop, its run to kill, its folder, its studies and its benchmark."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from tlbook import data
from tlbook.course.ch13_pytorch_practice import interrupted, methods, together
from tlbook.course.ch13_pytorch_practice.folder import draw_fruit
from tlbook.course.ch13_pytorch_practice.memory import peak_bytes
from tlbook.course.ch13_pytorch_practice.published import (
    MODES,
    answers,
    train_as_published,
    unnormalized,
)
from tlbook.course.ch13_pytorch_practice.settings import CHANGES, GRID, RATES, SETTINGS
from tlbook.course.ch13_pytorch_practice.studies import (
    pytorch_augmentation,
    pytorch_finder,
    pytorch_listing,
    pytorch_long,
    pytorch_long_tuning,
    pytorch_processes,
    pytorch_reading,
)
from tlbook.course.results import stored
from tlbook.finetuning import replace_head
from tlbook.models import create, seeded
from tlbook.training import Checkpoints, fit


@pytest.fixture(scope="module")
def rows():
    return data.load("signs", seed=100).label(2, seed=100)


def small(seed=0):
    return seeded(
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 6), nn.BatchNorm1d(6), nn.Linear(6, 3)),
        seed,
    )


def small_rows(n=30):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    return (rng.random((n, 12)) + np.eye(3, 12)[y]).astype(np.float32), y


# -- the published loop ----------------------------------------------------------------------------


def test_repaired_it_is_fit_bit_for_bit(rows):
    X, y = rows
    ours, theirs = (create("signnet", "embedded", n_classes=10, seed=1) for _ in range(2))
    losses = train_as_published(ours, X, y, steps=6, lr=1e-3, zeroed=True, seed=3)
    record = fit(theirs, (X, y), steps=6, batch_size=16, lr=1e-3, seed=3, device="cpu")
    assert losses == pytest.approx(record.loss.tolist(), abs=1e-6)
    assert interrupted.differing(ours, theirs) == []


def test_as_published_each_step_follows_the_sum_of_all_gradients():
    X, y = small_rows(10)
    model = nn.Linear(12, 3)
    by_hand = nn.Linear(12, 3)
    by_hand.load_state_dict(model.state_dict())
    train_as_published(model, X, y, steps=4, lr=0.1, optimizer="sgd", batch_size=10)
    x, labels = torch.from_numpy(X), torch.from_numpy(y)
    sums = [torch.zeros_like(p) for p in by_hand.parameters()]
    rule = torch.optim.SGD(by_hand.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(4):
        loss = nn.functional.cross_entropy(by_hand(x), labels)
        for total, g in zip(sums, torch.autograd.grad(loss, by_hand.parameters()), strict=True):
            total += g
        for p, total in zip(by_hand.parameters(), sums, strict=True):
            p.grad = total.clone()
        rule.step()
    assert torch.allclose(model.weight, by_hand.weight, atol=1e-5)


def test_the_losses_end_where_they_are_no_longer_finite():
    X, y = small_rows()
    losses = train_as_published(nn.Linear(12, 3), X * 1e20, y, steps=50, lr=1e18, optimizer="sgd")
    assert len(losses) < 50 and not np.isfinite(losses[-1])


def test_unnormalized_takes_the_first_step_of_signnet_back():
    x = np.linspace(0, 1, 5)
    assert (unnormalized(x) - 0.5) / 0.25 == pytest.approx(x)


def test_answers_in_eval_mode_do_not_depend_on_the_neighbors_and_others_do():
    X, y = small_rows(30)
    model = small()
    train_as_published(model, X, y, steps=40, lr=1e-2, zeroed=True)
    kept = {k: v.clone() for k, v in model.state_dict().items()}
    assert (answers(model, X, "eval", 7) == answers(model, X, "eval", 30)).all()
    model.eval()
    with torch.no_grad():
        expected = model.train()(torch.from_numpy(X[:10])).argmax(1).numpy()
    assert (answers(model, X[:10], "train: mixed batches", 10) == expected).all()
    model.load_state_dict(kept)
    in_blocks = answers(model, X, "train: classes in blocks", 10)
    assert np.mean(in_blocks == y) < np.mean(answers(model, X) == y)
    assert all(torch.equal(v, kept[k]) for k, v in model.state_dict().items())


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="mode: got 'sideways'"):
        answers(small(), small_rows()[0], "sideways")
    for options, message in (
        ({"steps": 0, "lr": 1.0}, "steps: got 0"),
        ({"steps": 1, "lr": -1.0}, "lr: got -1.0"),
    ):
        with pytest.raises(ValueError, match=message):
            train_as_published(small(), *small_rows(), **options)
    with pytest.raises(ValueError, match="optimizer: got 'broken'"):
        methods.Published()(data.load("signs", seed=100), 100, 2, lr=1e-3, optimizer="broken")
    with pytest.raises(ValueError, match="kind: got 'blur'"):
        methods.augmenter("blur", 1)
    with pytest.raises(ValueError, match="strength: got -1"):
        methods.augmenter("geometric", -1)


# -- the studies -----------------------------------------------------------------------------------


def test_each_arm_has_the_best_rate_of_its_own_grid():
    means = stored.load("pytorch_tuning").groupby(["arm", "lr"]).accuracy.mean()
    assert set(RATES) == set(GRID) == set(CHANGES)
    for name, rates in GRID.items():
        assert set(np.round(means[name].index, 8)) == set(np.round(rates, 8))
        assert RATES[name] == pytest.approx(means[name].idxmax())


def test_the_tuning_used_other_classes_and_other_seeds_than_the_study():
    seeds = set(stored.load("pytorch_tuning").seed)
    assert min(seeds) >= 100 and not seeds & set(pytorch_listing.SEEDS)


def test_an_arm_differs_from_the_repaired_run_in_one_thing():
    repaired = inspect.signature(methods.Published.__call__).parameters
    changed = {
        name: [key for key, value in changes.items() if repaired[key].default != value]
        for name, changes in CHANGES.items()
    }
    assert all(set(changed[name]) == set(changes) for name, changes in CHANGES.items())
    assert changed["repaired"] == []
    twice = {name for name, fields in changed.items() if len(fields) > 1}
    assert twice == {"never zeroed, SGD", "frozen, raw pixels"}  # each has its own partner


def test_the_rows_kept_back_are_four_of_each_class():
    y = np.array([0, 1] * 10)
    held = methods.first_of_each(y, SETTINGS["held out"]["held"])
    assert held.sum() == 8 and set(y[held]) == {0, 1}
    assert not methods.first_of_each(y, 0).any()


@pytest.mark.slow
def test_one_row_of_the_listing_study_comes_out_again():
    row = pytorch_listing.trial("frozen", 0)[0]
    kept = stored.load("pytorch_listing").query("arm == 'frozen' and seed == 0").iloc[0]
    assert row["accuracy"] == pytest.approx(kept.accuracy, abs=0.004)  # three of 797


@pytest.mark.slow
def test_the_order_of_reading_is_asked_of_pictures_that_were_not_trained_on():
    frame = stored.load("pytorch_reading")
    assert sorted(set(frame.seed)) == list(pytorch_reading.SEEDS)
    fresh = (pytorch_reading.BOUGHT - pytorch_reading.TRAINED) * 10
    assert np.allclose(frame.accuracy * fresh, np.rint(frame.accuracy * fresh))
    row = next(r for r in pytorch_reading.trial(0) if r["way"] == "training mode, class by class")
    kept = frame.query("seed == 0 and way == 'training mode, class by class'").accuracy.item()
    assert row["accuracy"] == pytest.approx(kept, abs=0.006)


def test_the_longer_training_has_what_its_tuning_chose():
    """The best mean; what is within half a point is equal, then less strength and rate."""
    tried = stored.load("pytorch_long_tuning")
    assert not set(tried.seed) & set(pytorch_long.SEEDS)
    assert {(k, s) for k, s in zip(tried.kind, tried.strength, strict=True)} == set(
        pytorch_long_tuning.AUGMENTATIONS
    )
    for (budget, arm), chosen in pytorch_long.CHOSEN.items():
        rows = tried[(tried.budget == budget) & ((tried.kind == "none") == (arm == "none"))]
        means = rows.groupby(["kind", "strength", "lr"]).accuracy.mean()
        near = means[means > means.max() - 0.005].index
        assert chosen == min(near, key=lambda setting: setting[1:])


def test_the_widgets_studies_have_every_setting():
    frame = stored.load("pytorch_augmentation")
    per_setting = len(pytorch_augmentation.RATES) * len(pytorch_augmentation.BUDGETS)
    assert len(frame) == len(pytorch_augmentation.AUGMENTATIONS) * per_setting * 8
    curves = stored.load("pytorch_finder").groupby(["kind", "strength", "budget"]).size()
    assert len(curves) == len(pytorch_augmentation.AUGMENTATIONS) * len(
        pytorch_augmentation.BUDGETS
    )
    assert curves.max() <= pytorch_finder.STEPS


def test_processes_that_ran_are_counted_from_what_they_say():
    printed = "process 1 of 2: loss 2.0\nnoise\nprocess 0 of 2: loss 2.0\n"
    assert pytorch_processes.world_size(printed) == 2
    record = stored.load("pytorch_processes").set_index(["launcher", "asked"])
    assert record.loc[("torchrun", 2)].ran == 2
    assert 0 < record.loc[("torchrun", 2)].difference < 1e-4


# -- kill and resume -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_run_ends_like_one_that_nobody_disturbed(tmp_path):
    process = interrupted.start(tmp_path, seed=1)
    status = interrupted.kill_after(process, tmp_path, step=8)
    assert status != 0 and process.poll() == status
    kept = Checkpoints(tmp_path).steps()
    assert 8 <= kept[-1] < interrupted.STEPS
    listed = interrupted.on_disk(tmp_path)
    assert sum("state.safetensors" in line for line in listed) >= 1
    assert not any(str(tmp_path) in line for line in listed)
    resumed, record = interrupted.train(tmp_path, seed=1)
    undisturbed, _ = interrupted.train(seed=1)
    assert record.resumed_at == kept[-1] and record.steps == interrupted.STEPS
    assert interrupted.differing(resumed, undisturbed) == []
    other, _ = interrupted.train(seed=2)
    assert interrupted.differing(resumed, other)


def script(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def test_a_run_that_fails_by_itself_is_told_with_its_reason(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended by itself .*no such thing"):
        interrupted.kill_after(script("raise SystemExit('no such thing')"), tmp_path, 4)


def test_a_run_that_keeps_nothing_is_stopped_in_time(tmp_path):
    process = script("import time; time.sleep(60)")
    with pytest.raises(RuntimeError, match=r"no checkpoint of step 4 within 0\.3 s"):
        interrupted.kill_after(process, tmp_path, 4, timeout=0.3)
    assert process.poll() is not None


def test_networks_with_other_layers_are_not_compared():
    with pytest.raises(ValueError, match="second: got other layers"):
        interrupted.differing(small(), nn.Linear(2, 2))


# -- several processes -----------------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_end_like_one(tmp_path):
    from tlbook.training import launch

    file = tmp_path / "weights.safetensors"
    printed = launch([*pytorch_processes.SCRIPT, "2", str(file)], processes=2)
    assert pytorch_processes.world_size(printed) == 2
    alone, _ = together.train()
    assert together.largest_difference(alone, file) < 1e-4
    started = replace_head(create("signnet", weights="embedded"), 10, seed=0)
    assert together.largest_difference(started, file) > 1e-2


@pytest.mark.slow
def test_a_world_that_is_too_small_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="got 2, but this script runs in a world of 1"):
        from tlbook.training import launch

        launch([*pytorch_processes.SCRIPT, "2", str(tmp_path / "w")], processes=1)


# -- a folder of fruit -----------------------------------------------------------------------------


def test_a_drawn_folder_has_a_copy_and_a_damaged_file_and_stays(tmp_path):
    many = {"lime": 3, "plum": 2}
    top = draw_fruit(tmp_path / "fruit", seed=1, many=many)
    table = data.list_pictures(top, quiet=True)
    assert table.label.value_counts().to_dict() == {"lime": 3 + 1, "plum": 2}
    assert table.content.duplicated().sum() == 1
    (damaged,) = table.attrs["damaged"]
    assert "broken.png" in damaged
    (top / "mine.txt").write_text("stays")
    assert draw_fruit(top, seed=2) == top and (top / "mine.txt").exists()
    again = data.list_pictures(draw_fruit(tmp_path / "again", seed=1, many=many), quiet=True)
    assert list(again.content) == list(table.content)
    other = data.list_pictures(draw_fruit(tmp_path / "other", seed=2, many=many), quiet=True)
    assert not set(other.content) & set(table.content)


@pytest.mark.parametrize(
    ("many", "message"),
    [({"pear": 3}, r"many: got \['pear'\]"), ({"lime": 0}, r"many\['lime'\]: got 0")],
)
def test_a_folder_that_cannot_be_drawn_is_named(tmp_path, many, message):
    with pytest.raises(ValueError, match=message):
        draw_fruit(tmp_path / "fruit", many=many)
    assert list(tmp_path.iterdir()) == []


# -- memory ----------------------------------------------------------------------------------------


def test_the_peak_counts_what_lives_at_the_same_time():
    x = torch.zeros(1000)

    def one_after_the_other():
        for _ in range(5):
            (x + 1).sum()

    def together():
        kept = [x + i for i in range(5)]
        return torch.stack(kept)

    assert peak_bytes(one_after_the_other) <= 2 * 4004
    assert peak_bytes(together) == 2 * 5 * 4000
    assert peak_bytes(lambda: x.view(10, 100).t()) == 0  # a view makes no memory


# -- the benchmark ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_benchmark_has_a_row_for_each_way(monkeypatch, capsys):
    from tests.benchmarks import bench_train

    tiny = bench_train.Size(side=32, batch=2, rows=4, steps=4)
    monkeypatch.setattr(bench_train, "size_of", lambda place, quick: tiny)
    rows = bench_train.run(quick=True, device="cpu")
    names = [row.name.strip() for row in rows]
    wanted = ["full fine-tuning", "channels-last", "bf16", "cached features, head trained"]
    assert set(wanted) <= set(names) and all(row.value > 0 for row in rows)
    assert "of the matrix rate" in rows[2].note
    assert "bfloat16" in capsys.readouterr().out


def test_the_modes_are_those_of_the_study():
    frame = stored.load("pytorch_listing")
    assert set(MODES[1:]) < set(frame.arm)
