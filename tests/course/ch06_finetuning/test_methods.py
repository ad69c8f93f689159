"""The recipe of chapter 06, its variants, and the promise that settings were chosen elsewhere."""

from functools import partial

import numpy as np
import pytest
import torch

from tlbook import data
from tlbook.course import studies
from tlbook.course.ch06_finetuning import cases, settings, variants
from tlbook.course.ch06_finetuning import methods as recipes
from tlbook.course.ch06_finetuning.other_digits import other_digits
from tlbook.course.ch06_finetuning.studies import (
    finetuning_bench,
    finetuning_causes,
    finetuning_robust,
    finetuning_tuned,
    finetuning_tuning,
    finetuning_variants,
)
from tlbook.course.pretraining.networks import signnet
from tlbook.course.results import stored
from tlbook.course.studies import best
from tlbook.data.handwriting import TARGET_TRAIN, stratified_split
from tlbook.data.signs import digit_signs
from tlbook.domains import Task
from tlbook.evaluation import measure
from tlbook.finetuning import (
    cached_features,
    forgetting,
    linear_probe,
    statistics_drift,
    weight_distance,
)
from tlbook.training import predict

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def task():
    return data.load("signs", seed=5, n_source=71)


@pytest.fixture(scope="module")
def labeled(task):
    return task.label(1, seed=0)


@pytest.fixture
def short(monkeypatch):
    """Few steps: what is tested here does not need a good network."""
    monkeypatch.setattr(variants, "STEPS", 14)


def body(model):
    return {n: v for n, v in model.state_dict().items() if n.startswith("body.")}


def same(model):
    """Names of the body's entries that are bit for bit those of signnet."""
    start = body(signnet())
    return {n for n, v in body(model).items() if torch.equal(v, start[n])}


def statistics(names):
    return {n for n in names if "running_" in n}


def test_the_naive_recipe_moves_every_layer_and_every_statistic(task):
    model = recipes.fine_tuned(task, 0, 1, steps=2)
    assert not same(model)
    assert model.head.out_features == 10
    again = recipes.fine_tuned(task, 0, 1, steps=2)  # the same seed, the same network
    assert all(torch.equal(v, again.state_dict()[n]) for n, v in model.state_dict().items())


def test_frozen_batchnorm_keeps_statistics_and_still_learns(task):
    model = recipes.fine_tuned(task, 0, 1, steps=2, batchnorm="frozen")
    assert (statistics_drift(model, signnet())["mean shift"] == 0).all()
    assert all(value > 0 for value in weight_distance(model, signnet()).values())


@pytest.mark.parametrize("frozen", [2, 6])
def test_frozen_blocks_get_no_gradient_but_their_statistics_move_in_train_mode(task, frozen):
    model = recipes.fine_tuned(task, 0, 1, steps=2, frozen=frozen)
    kept, all_names = same(model), set(body(model))
    held = {n for n in all_names if int(n.split(".")[1]) < 3 * frozen}
    weights = {n for n in held if "running_" not in n and "num_batches" not in n}
    assert weights <= kept
    assert not statistics(kept)
    still = recipes.fine_tuned(task, 0, 1, steps=2, frozen=frozen, batchnorm="frozen")
    assert held <= same(still)


def test_a_head_from_the_probe_answers_like_the_probe_before_it_moves(task, labeled):
    model = recipes.fine_tuned(task, 0, 1, head="probe", batchnorm="frozen", lr=1e-12, steps=1)
    features = partial(cached_features, signnet())
    probe = linear_probe(features, *labeled, C=recipes.START_C)
    rows = task.target.X[:200]
    assert np.mean(predict(model, rows) == probe(rows)) > 0.99


def test_rates_fall_from_the_head_to_the_input_and_cover_every_parameter():
    model = signnet()
    groups = recipes.rates(model, 1e-2, decay=0.5, body=0.1)
    assert [g["lr"] for g in groups] == pytest.approx(
        [1e-2, *(1e-2 * 0.1 * 0.5**d for d in range(1, 7))]
    )
    seen = [id(p) for g in groups for p in g["params"]]
    assert sorted(seen) == sorted(map(id, model.parameters()))


def test_slow_rates_move_the_input_layers_less(task):
    uniform = recipes.fine_tuned(task, 0, 1, steps=5, batchnorm="frozen")
    graded = recipes.fine_tuned(task, 0, 1, steps=5, batchnorm="frozen", decay=0.4)
    far, near = (list(weight_distance(model, signnet()).values()) for model in (uniform, graded))
    assert near[0] < far[0] / 20
    assert near[0] < near[-1] / 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batchnorm": "off"}, "batchnorm: got 'off'"),
        ({"head": "zero"}, "head: got 'zero'"),
        ({"augment": "wild"}, "augment: got 'wild'"),
        ({"frozen": 7}, "frozen: got 7"),
        ({"lr": 0.0}, "lr: got 0"),
        ({"decay": -1.0}, "decay: got -1"),
        ({"body": float("nan")}, "body: got nan"),
        ({"steps": 0}, "steps: got 0"),
    ],
)
def test_bad_choices_are_named(task, change, message):
    with pytest.raises(ValueError, match=message):
        recipes.fine_tuned(task, 0, 1, **change)


def test_one_class_only_is_refused_where_the_probe_needs_two(labeled):
    X, _ = labeled
    one, other = ((rows, np.zeros(3, dtype=int)) for rows in (X[:3], X[3:6]))
    lonely = Task.from_arrays(source=one, target_train=one, target_test=other)
    with pytest.raises(ValueError, match="class"):
        recipes.fine_tuned(lonely, 0, 3, head="probe")


def test_l2sp_holds_the_body_and_more_so_when_it_is_stronger(task, short):
    moved = [
        sum(weight_distance(variants.held_near(task, 0, 1, alpha=a), signnet()).values())
        for a in (0.01, 100.0)
    ]
    assert moved[1] < 0.7 * moved[0]


def test_gradual_unfreezing_and_lora_keep_what_they_promise(task, short):
    gradual = variants.unfrozen_gradually(task, 0, 1)
    assert statistics(body(gradual)) <= same(gradual)
    adapted = variants.low_rank(task, 0, 1, rank=2)
    start = signnet().state_dict()
    kept = [n for n in adapted.state_dict() if "base_layer" in n]
    assert len(kept) == 6
    for name in kept:
        old = start[name.replace(".base_layer", "")]
        assert torch.equal(adapted.state_dict()[name], old)


def test_other_digits_are_the_test_digits_in_other_surroundings_and_printed_ones():
    found = other_digits(5)
    for X, y in found.values():
        assert X.shape == (len(y), 3, 24, 24) and X.dtype == np.float32
        assert X.min() >= 0 and X.max() <= 1 and set(y) == set(range(10))
    assert len(found["printed"][1]) == 800
    rows = stratified_split(digit_signs(5)[1], TARGET_TRAIN, "signs", 5)[1]
    for name in ("other backgrounds", "no photograph"):
        assert np.array_equal(found[name][1], digit_signs(5)[1][rows])
    assert (found["no photograph"][0][:, :, :2] == 0).all()


def test_a_training_is_a_method_that_keeps_the_network_that_answers(task, short):
    training = variants.METHODS["LoRA"]["1"]
    row = measure(training, task, 0, {"k": 1}, answers=True)
    assert row["looks"] == 2  # the labels and the score
    assert 0 < training.trainable < 0.03
    assert training.network.state_dict().keys() == signnet().state_dict().keys()
    assert task.score(lambda X: predict(training.network, X)) == row["accuracy"]


def test_multi_task_training_keeps_more_letters_than_digits_alone(task, monkeypatch):
    monkeypatch.setattr(variants, "STEPS", 15)
    held = task.validation.X[:300], task.validation.y[:300]
    alone = recipes.fine_tuned(task, 0, 1, steps=15)
    lost = forgetting(alone, signnet(), *held)
    for weighting in ("fixed", "uncertainty"):
        both = variants.with_letters(task, 0, 1, weighting=weighting)
        assert forgetting(both, signnet(), *held) < lost - 0.03
    with pytest.raises(ValueError, match="weighting: got 'fair'"):
        variants.with_letters(task, 0, 1, weighting="fair")


def test_a_student_comes_to_agree_with_its_teacher(labeled, monkeypatch):
    monkeypatch.setitem(variants.STUDENT_TRAINING, "steps", 100)
    plain = cases.plain_digits(5)
    teacher = recipes.fine_tuned(plain, 0, 5, head="probe", batchnorm="frozen", steps=5)
    student = variants.student_of(teacher, plain, seed=0)
    rows = plain.target.X[:300]
    assert sum(p.numel() for p in student.parameters()) == 5466
    assert np.mean(predict(student, rows) == predict(teacher, rows)) > 0.3


# -- the stored studies ---------------------------------------------------------------


def test_settings_are_the_winners_of_the_stored_search():
    frame = stored.load("finetuning_tuning")
    frame = frame.assign(pair=list(zip(frame.lr, frame.decay, strict=True)))
    winners = {b: best(rows, by="arm", settings="pair") for b, rows in frame.groupby("budget")}
    for arm, found in settings.SETTINGS.items():
        assert {b: (s["lr"], s["decay"]) for b, s in found.items()} == {
            b: winners[b][arm] for b in found
        }, arm


def test_the_search_never_touches_signs_or_the_seeds_of_the_chapter():
    assert not set(finetuning_tuning.SEEDS) & set(finetuning_causes.SEEDS)
    row = finetuning_tuning.trial("LP-FT", budget=1, seed=100, lr=1e-4, decay=1.0)
    kept = stored.load("finetuning_tuning").query(
        "arm == 'LP-FT' and lr == 1e-4 and seed == 100 and budget == 1"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.03)


def test_points_of_the_stored_studies_can_be_repeated():
    choices = {"batchnorm": "frozen", "rates": "layer-wise", "head": "random", "frozen": 0}
    row = finetuning_causes.trial("signs", **choices, budget=1, seed=1)
    kept = stored.load("finetuning_causes").query(
        "task == 'signs' and batchnorm == 'frozen' and rates == 'layer-wise' and head == 'random'"
        " and frozen == 0 and budget == 1 and seed == 1"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.05)
    assert row["forgotten"] == pytest.approx(kept.forgotten.item(), abs=0.05)
    assert row["drift_6"] == pytest.approx(kept.drift_6.item(), rel=0.2)


def test_every_stored_table_is_whole():
    causes = stored.load("finetuning_causes")
    expected = len(finetuning_causes.ARMS) + 6 + 2
    assert len(causes) == expected * len(finetuning_causes.SEEDS)
    tuned = stored.load("finetuning_tuned")
    per_seed = sum(map(len, finetuning_tuned.BUDGETS.values()))
    assert len(tuned) == per_seed * len(finetuning_tuned.SEEDS)
    bench = stored.load("finetuning_bench")
    assert len(bench) == 4 * 3 * 2 * 3 and bench.answers.str.len().eq(798).all()
    rows = len(finetuning_variants.PLAN) * len(finetuning_causes.SEEDS)
    assert len(stored.load("finetuning_variants")) == rows
    assert finetuning_bench.SEEDS == (0,)
    robust = stored.load("finetuning_robust")
    networks = len(finetuning_robust.SHARES) + 1
    assert len(robust) == networks * len(finetuning_robust.BUDGETS) * len(finetuning_robust.SEEDS)


@pytest.mark.parametrize("name", ["bench", "causes", "lora", "tuned", "tuning", "variants"])
def test_the_stored_rows_are_the_cases_of_the_study(name):
    study, frame = studies.get(f"finetuning_{name}"), stored.load(f"finetuning_{name}")
    for part in (study, *study.others):
        keys = list(part.listed()[0])
        rows = set(frame[keys].itertuples(index=False, name=None))
        assert {tuple(case[key] for key in keys) for case in part.listed()} <= rows
    assert sum(len(part.listed()) for part in (study, *study.others)) == len(frame)
