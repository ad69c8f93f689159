"""Choosing among trained networks, the guard against collapse, and the way back to the source."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from tlbook import selection
from tlbook.domains import Task
from tlbook.selection import CRITERIA, Run, choose

K, N = 4, 200
TRUTH = np.arange(N) % K


def network(name, accuracy, seed, **more):
    """Return a run that is right with this probability, with independent mistakes."""
    rng = np.random.default_rng([seed, int(1000 * accuracy)])
    said = np.where(rng.random(N) < accuracy, TRUTH, rng.integers(0, K, N))
    P = softmax(4 * np.eye(K)[said] + rng.normal(size=(N, K)), axis=1)
    parts = {"source": P, "y": TRUTH, "weights": np.ones(N), "reverse": 1 - accuracy}
    return Run(name, seed, P, **(parts | more))


def settings(**accuracy):
    return [network(name, a, seed) for name, a in accuracy.items() for seed in range(3)]


@pytest.mark.parametrize("criterion", ["source risk", "DEV", "reverse validation", "agreement"])
def test_the_best_of_honest_networks_is_found(criterion):
    found = choose(settings(poor=0.4, good=0.95, fair=0.7), criterion)
    assert found.setting == "good" and found.refused == ()
    assert found.scores["good"] > found.scores["fair"] > found.scores["poor"]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_scores_are_averaged_over_the_seeds(criterion):
    runs = settings(a=0.6, b=0.8)
    found = choose(runs, criterion)
    assert found.scores["b"] == pytest.approx(selection.score(runs[3:], criterion))
    if criterion != "agreement":
        each = [selection.score([run], criterion) for run in runs[:3]]
        assert found.scores["a"] == pytest.approx(np.mean(each))


@pytest.mark.parametrize("criterion", ["agreement", "entropy", "neighborhood density"])
def test_a_collapsed_network_would_win_and_is_refused(criterion):
    constant = np.tile(np.eye(K)[2], (N, 1))
    runs = [*settings(good=0.95), *(Run("constant", seed, constant) for seed in range(3))]
    assert choose(runs, criterion, least=0).setting == "constant"
    found = choose(runs, criterion)
    assert found.setting == "good" and found.refused == ("constant",)
    assert found.scores["constant"] > found.scores["good"]


def test_one_collapsed_seed_is_enough_to_refuse_a_setting():
    constant = np.tile(np.eye(K)[2], (N, 1))
    runs = settings(shaky=0.99, fair=0.7)
    runs[1] = Run("shaky", 1, constant)
    assert choose(runs, "entropy").setting == "fair"


def test_of_equal_settings_the_first_wins():
    runs = [network(name, 0.8, seed) for name in ("first", "second") for seed in range(2)]
    assert choose(runs, "agreement").setting == "first"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: choose([], "entropy"), "runs: got none"),
        (lambda: choose(settings(a=0.9), "accuracy"), "criterion: got 'accuracy'"),
        (lambda: choose(settings(a=0.9)[:1], "agreement"), "at least 2 seeds"),
        (lambda: choose([3], "entropy"), "runs: got int"),
        (lambda: choose(settings(a=0.9), least=2), "least: got 2"),
        (lambda: choose([Run("a", 0, np.tile(np.eye(K)[0], (9, 1)))], "entropy"), "have collapsed"),
        (lambda: choose([network("a", 0.9, 0, weights=None)], "DEV"), "has no weights"),
        (lambda: choose([network("a", 0.9, 0, reverse=None)], "reverse validation"), "no reverse"),
        (lambda: choose([network("a", 0.9, 0, y=None)], "source risk"), "has no y"),
        (lambda: Run("a", 0, np.ones((3, 2))), "target of a: got rows that are not probabilities"),
        (lambda: selection.score([], "entropy"), "runs: got none"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# -- reverse validation ---------------------------------------------------------------------------


def two_blobs(n, shift, seed):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return rng.normal(size=(n, 2)) + 4.0 * y[:, None] + shift, y


def blobs_task():
    return Task.from_arrays(
        source=two_blobs(100, 0.0, 0),
        target_train=two_blobs(80, 0.5, 1),
        target_test=two_blobs(40, 0.5, 2),
        validation=two_blobs(60, 0.0, 3),
    )


def plain(task):
    return LogisticRegression().fit(task.source.X, task.source.y).predict


def test_reverse_risk_is_the_source_error_of_a_classifier_of_the_pseudo_labels():
    task = blobs_task()
    answers = plain(task)(task.target.X)
    by_hand = LogisticRegression().fit(task.target.X, answers)
    want = np.mean(by_hand.predict(task.validation.X) != task.validation.y)
    assert selection.reverse_risk(task, answers, plain) == pytest.approx(want)
    assert want < 0.05


def test_reverse_risk_sees_random_answers_and_asks_for_no_target_label():
    task = blobs_task()
    random = np.random.default_rng(0).permutation(np.arange(80) % 2)
    assert selection.reverse_risk(task, random, plain) > 0.2
    assert task.looks == 0


def test_reverse_risk_turns_a_swap_of_classes_into_an_error():
    task = blobs_task()
    swapped = 1 - plain(task)(task.target.X)
    assert selection.reverse_risk(task, swapped, plain) > 0.9


def test_the_way_back_has_the_parts_turned_round():
    task = blobs_task()
    answers = plain(task)(task.target.X)
    back = selection.reversed_task(task, answers)
    assert np.array_equal(back.source.X, task.target.X) and np.array_equal(back.source.y, answers)
    assert np.array_equal(back.target.X, task.source.X) and back.target.y is None
    assert back.score(lambda X: np.array([1 - task.validation.y[0]] * len(X))) == 0.5


@pytest.mark.parametrize(
    ("task", "answers", "message"),
    [
        ("a task", [0], "task: got str"),
        (blobs_task(), [0, 1], "answers: got 2 labels, want 80"),
        (blobs_task(), np.zeros((80, 2)), "answers: got shape"),
    ],
)
def test_reverse_validation_refuses_what_does_not_fit(task, answers, message):
    with pytest.raises(ValueError, match=message):
        selection.reversed_task(task, answers)
