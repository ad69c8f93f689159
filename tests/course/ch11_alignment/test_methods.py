"""The table of adaptation methods, and the promise that no target label chose a setting."""

import numpy as np
import pytest
import torch

from tlbook import data, plots
from tlbook.course.ch11_alignment.cases import label_shift_task
from tlbook.course.ch11_alignment.methods import METHODS, SHIFT_METHODS, mmd, source_only
from tlbook.course.ch11_alignment.runs import label_free, network
from tlbook.course.ch11_alignment.settings import GRID, SETTINGS
from tlbook.course.ch11_alignment.studies import (
    adaptation_label_shift,
    adaptation_table,
    adaptation_tuning,
)
from tlbook.course.ch11_alignment.training import Adapted, joined
from tlbook.course.ch11_alignment.widget._bench_run import numbered
from tlbook.course.results import stored
from tlbook.course.studies import words
from tlbook.domains import Task
from tlbook.evaluation.compare import compare
from tlbook.models import create
from tlbook.selection import score
from tlbook.training.history import History


@pytest.fixture(scope="module")
def task():
    return data.load("fonts-to-handwriting", seed=101)


def brief(name, task, seed=7, settings=None, **more):
    given = SETTINGS[name] if settings is None else settings
    return (METHODS | SHIFT_METHODS)[name](task, seed, steps=3, device="cpu", **given, **more)


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_every_method_trains_repeats_itself_and_needs_no_label(task, name):
    before = task.looks
    found = [brief(name, task) for _ in range(2)]
    assert isinstance(found[0], Adapted) and found[0].history.seconds > 0
    first, second = (each.model.state_dict() for each in found)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not found[0].model.training
    answers = found[0](task.target.X[:50])
    assert answers.shape == (50,) and set(answers) <= set(range(10))
    assert task.looks - before == (2 if name == "upper bound" else 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in METHODS if n not in ("source only", "upper bound")])
def test_every_method_differs_from_source_only(task, name):
    mine, plain = (brief(n, task).model.state_dict() for n in (name, "source only"))
    assert any(not torch.equal(mine[key], plain[key]) for key in mine)


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_every_setting_of_the_grid_is_accepted_and_changes_the_network(task, name):
    states = [brief(name, task, settings=s).model.state_dict() for s in GRID[name]]
    for i, a in enumerate(states):
        for b in states[:i]:
            same = all(torch.equal(a[key], b[key]) for key in a)
            # Three steps in, self-training may take the same few rows with either rule.
            assert not same or name == "self-training"


def test_another_seed_gives_another_network(task):
    a, b = (brief("source only", task, seed).model.head.weight for seed in (1, 2))
    assert not torch.equal(a, b)


def test_source_only_is_fit_without_any_term(task):
    from tlbook.training import fit

    model = create("digitnet", seed=7)
    fit(model, task, steps=3, optimizer="adam", seed=7, device="cpu", progress=False)
    mine = brief("source only", task).model
    assert torch.equal(mine.head.weight, model.head.weight)


def test_the_callback_counts_through_all_stages_and_stops_them(task):
    seen = []
    found = brief("self-training", task, callback=numbered(lambda step, batch: seen.append(step)))
    assert seen == list(range(found.history.steps)) and len(seen) == 3 + 4
    stopped = brief("ADDA", task, callback=numbered(lambda step, batch: step >= 1))
    assert stopped.history.steps == 2 + 1


def test_records_of_stages_are_joined_in_order():
    a = History({"loss": np.array([3.0, 2.0]), "L_S": np.array([3.0, 2.0])}, seconds=1.0)
    b = History({"loss": np.array([1.0]), "ADDA": np.array([0.7])}, seconds=0.5)
    both = joined([a, b])
    assert both.loss.tolist() == [3, 2, 1] and both.seconds == 1.5
    assert np.array_equal(both.columns["ADDA"], [np.nan, np.nan, 0.7], equal_nan=True)
    assert np.isnan(both.columns["L_S"][2])


@pytest.mark.parametrize("name", SHIFT_METHODS)
def test_reweighted_methods_train_under_label_shift(name):
    shifted = label_shift_task(101, True)
    more = {"mix": np.full(10, 0.1)} if name == "true-mix MMD" else {}
    found = brief(name, shifted, **more)
    assert found(shifted.target.X[:9]).shape == (9,)
    assert shifted.looks == 0


def test_the_true_mix_of_the_source_gives_the_plain_mmd(task):
    mix = np.bincount(task.source.y, minlength=10) / len(task.source.y)
    weighted = brief("true-mix MMD", task, settings={"weight": 2.0}, mix=mix).model
    plain = brief("MK-MMD", task, settings={"weight": 2.0}).model
    assert torch.allclose(weighted.head.weight, plain.head.weight, atol=1e-5)


def test_names_have_colors_and_settings_stand_in_the_grid():
    for name in [*METHODS, *SHIFT_METHODS]:
        assert plots.color(name)
    assert set(SETTINGS) == set(GRID) == {*METHODS, *SHIFT_METHODS}
    assert all(SETTINGS[name] in GRID[name] for name in GRID)
    assert all(len({words(s) for s in GRID[name]}) == len(GRID[name]) for name in GRID)


# -- any task, any network ------------------------------------------------------------------------


def pictures(*shape, seed=0):
    """Return a task of random pictures of two classes."""
    rng = np.random.default_rng(seed)
    X, y = rng.random((12, *shape)).astype(np.float32), np.arange(12) % 2
    return Task.from_arrays(source=(X, y), target_train=(X, y), target_test=(X[::-1], y))


@pytest.mark.parametrize(
    ("shape", "kind"), [((1, 8, 8), "DigitNet"), ((1, 28, 28), "LeNet"), ((3, 24, 24), "SignNet")]
)
def test_the_shape_of_the_pictures_chooses_the_network(shape, kind):
    found = brief("CDAN", pictures(*shape))
    assert type(found.model).__name__ == kind and found.model.head.out_features == 2


def test_other_inputs_need_a_model_and_any_will_do():
    rows = pictures(5)
    with pytest.raises(ValueError, match="model: got none for inputs of shape .5,., want model="):
        brief("source only", rows)
    own = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    before = [p.detach().clone() for p in own.parameters()]
    for name in ("source only", "MK-MMD", "DANN", "ADDA", "MMD + self-training"):
        assert brief(name, rows, model=own)(rows.target.X).shape == (12,)
    assert all(torch.equal(a, b) for a, b in zip(before, own.parameters(), strict=True))
    body = torch.nn.Sequential(torch.nn.Linear(5, 2))
    body.features, body.head = (lambda x: x), torch.nn.Identity()
    with pytest.raises(ValueError, match="model: got a head Identity"):
        brief("DANN", rows, model=body)


def test_a_function_makes_the_network_of_each_seed(task):
    made = []

    def make(seed):
        made.append(seed)
        return create("digitnet", seed=seed)

    mine, plain = brief("MK-MMD", task, 9, model=make), brief("MK-MMD", task, 9)
    assert torch.equal(mine.model.head.weight, plain.model.head.weight) and set(made) == {9}


def test_the_table_can_be_compared(task):
    chosen = {name: METHODS[name] for name in ("source only", "MK-MMD", "upper bound")}
    settings = {name: SETTINGS[name] | {"steps": 2, "device": "cpu"} for name in chosen}
    frame = compare(chosen, task, seeds=[3], settings=settings)
    assert frame.method.tolist() == list(chosen) and frame.looks.tolist() == [1, 1, 2]


@pytest.mark.slow
def test_adaptation_beats_source_only_on_a_development_task(task):
    common = {"steps": 250, "device": "cpu"}
    plain = source_only(task, 101_000, **common)
    adapted = mmd(task, 101_000, **SETTINGS["MK-MMD"], **common)
    assert task.score(adapted) - task.score(plain) > 0.05


# -- the promise ----------------------------------------------------------------------------------


def test_chosen_settings_are_the_winners_of_the_stored_criterion():
    winners = adaptation_tuning.best(stored.load("adaptation_tuning"))
    assert {name: words(SETTINGS[name]) for name in winners} == winners
    assert set(winners) == set(METHODS) - {"upper bound"}


def test_the_search_stores_no_score_and_shares_no_seed_with_the_tables():
    frame = stored.load("adaptation_tuning")
    assert not [column for column in frame if "accuracy" in column or "score" in column]
    final = set(adaptation_table.SEEDS) | set(adaptation_label_shift.SEEDS)
    assert not final & set(adaptation_tuning.TASK_SEEDS)
    assert len(adaptation_table.SEEDS) >= 8 and len(adaptation_label_shift.SEEDS) >= 8


def test_the_table_was_made_with_the_frozen_settings():
    frame = stored.load("adaptation_table")
    for name, text in frame.groupby("method").settings.first().items():
        assert text == words(SETTINGS[name])
    assert (frame.groupby("method").seed.nunique() == len(adaptation_table.SEEDS)).all()


@pytest.mark.slow
def test_a_row_of_the_search_can_be_repeated():
    """Its criteria, and that a network kept in the cache is the one that training gives."""
    kept = stored.load("adaptation_tuning").query(
        "method == 'source only' and task_seed == 100 and seed == 100000"
    )
    run = label_free("source only", {}, 100, 100_000)
    for criterion in ("entropy", "source risk", "DEV", "neighborhood density"):
        assert score([run], criterion) == pytest.approx(kept[criterion].item(), rel=0.1, abs=0.02)
    fresh = network("source only", {}, 100, 100_000, fresh=True)
    again = network("source only", {}, 100, 100_000)
    assert torch.allclose(fresh.head.weight, again.head.weight, atol=1e-4)


def test_the_rule_prefers_agreement_and_refuses_collapse():
    frame = stored.load("adaptation_tuning").copy()
    rows = (frame.method == "MK-MMD") & (frame.settings == "weight=0.3")
    frame.loc[rows, "agreement"] = 2.0
    assert adaptation_tuning.best(frame)["MK-MMD"] == "weight=0.3"
    frame.loc[frame[rows].index[0], "classes"] = 1.0
    assert adaptation_tuning.best(frame)["MK-MMD"] != "weight=0.3"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda task: mmd("task", 0, weight=1.0), "task: got str"),
        (lambda task: mmd(task, -1, weight=1.0), "seed: got -1"),
        (lambda task: mmd(task, 0, weight=1.0, steps=0), "steps: got 0"),
        (lambda task: mmd(task, 0, weight=1.0, strength=3), "settings: got 'strength'"),
        (lambda task: source_only(task, 0, steps=1, weight=3), "settings: got 'weight', which"),
    ],
)
def test_bad_input_is_named(task, call, message):
    with pytest.raises(ValueError, match=message):
        call(task)
