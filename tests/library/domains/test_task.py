"""Tasks: sealed labels, counted looks, disjoint parts, honest errors."""

import copy
import pickle
import re

import numpy as np
import pandas as pd
import pytest

from tlbook.domains import Domain, Task


def make(n=60, classes=3, **options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3 * n, 4)).astype(np.float32)
    y = np.tile(np.arange(classes), 3 * n // classes)
    parts = np.split(np.arange(3 * n), 3)
    return Task.from_arrays(
        source=(X[parts[0]], y[parts[0]]),
        target_train=(X[parts[1]], y[parts[1]]),
        target_test=(X[parts[2]], y[parts[2]]),
        **options,
    )


def test_label_budget_is_exact_nested_and_from_the_training_part():
    task = make()
    X5, y5 = task.label(5, seed=1)
    assert np.bincount(y5).tolist() == [5, 5, 5]
    X2, _ = task.label(2, seed=1)
    rows = {tuple(r) for r in X5}
    assert {tuple(r) for r in X2} <= rows, "a larger budget contains the smaller one"
    assert rows <= {tuple(r) for r in task.target.X}
    other, _ = task.label(5, seed=2)
    assert {tuple(r) for r in other} != rows


def test_score_and_report_agree_with_a_direct_count():
    task = make()
    seen = {}

    def predict(X):
        seen["X"] = X
        return np.zeros(len(X), dtype=int)

    assert task.score(predict) == pytest.approx(1 / 3)
    report = task.report(predict)
    assert report.accuracy == pytest.approx(1 / 3)
    assert report.recall.tolist() == [1, 0, 0]
    assert report.confusion.sum() == 60 and report.confusion[:, 0].tolist() == [20, 20, 20]
    assert len(report.wrong) == 40 and (report.truth != report.predicted).all()
    test_rows = {tuple(r) for r in seen["X"]}
    assert not test_rows & {tuple(r) for r in task.target.X}, "test and training parts are disjoint"


def test_every_look_is_counted_and_failed_ones_are_not():
    task = make()
    assert task.looks == 0
    task.label(1)
    task.score(lambda X: np.zeros(len(X)))
    task.report(lambda X: np.zeros(len(X)))
    assert task.looks == 3 == len(task.look_log)
    with pytest.raises(ValueError):
        task.label(10_000)
    with pytest.raises(ValueError):
        task.score(lambda X: np.zeros(3))
    assert task.looks == 3


def test_predict_gets_a_copy():
    task = make()

    def vandal(X):
        X[:] = 0
        return np.zeros(len(X))

    first = task.score(lambda X: (X[:, 0] > 0).astype(int))
    task.score(vandal)
    assert task.score(lambda X: (X[:, 0] > 0).astype(int)) == first


def test_no_public_door_to_the_labels():
    task = make()
    assert task.target.y is None
    secret = np.tile(np.arange(3), 20)
    for value in [*vars(task).values(), *(getattr(task, n) for n in dir(task) if n[0] != "_")]:
        for found in (value, getattr(value, "y", None)):
            same = isinstance(found, np.ndarray) and found.shape == secret.shape
            owner = value in (task.source, task.validation) if isinstance(value, Domain) else False
            assert owner or not same or not np.array_equal(found, secret)
    assert "sealed" in repr(task) and "sealed" in repr(vars(task)["_seal"])
    assert str(secret[:12]) not in repr(vars(task))
    with pytest.raises(TypeError):
        vars(vars(task)["_seal"])


def test_a_task_of_own_arrays_does_not_pickle_its_labels():
    with pytest.raises(TypeError, match="unseal"):
        pickle.dumps(make())


def test_a_loaded_task_pickles_as_its_recipe():
    from tlbook import data

    task = data.load("fonts-to-handwriting", seed=3, n_source=300)
    task.label(1)
    text = pickle.dumps(task)
    assert len(text) < 500
    again = pickle.loads(text)
    assert (again.name, again.seed, again.options) == (task.name, task.seed, task.options)
    assert again.looks == 0
    assert np.array_equal(again.target.X, copy.deepcopy(task).target.X)


def test_lazy_domain_loads_once_and_only_when_asked():
    calls = []

    def load():
        calls.append(1)
        return np.ones((3, 2)), np.arange(3)

    domain = Domain.lazy("d", load)
    assert "not rendered" in repr(domain) and not calls
    assert len(domain) == 3 and domain.y.tolist() == [0, 1, 2] and domain.X.shape == (3, 2)
    assert len(calls) == 1


def test_regression_scores_rmse_and_sells_labels_in_all():
    X = np.linspace(0, 1, 30)[:, None]
    y = X[:, 0] * 2
    task = Task.from_arrays(
        source=(X, y), target_train=(X, y), target_test=(X[::-1], y[::-1]), kind="regression"
    )
    assert task.score(lambda X: X[:, 0] * 2 + 0.5) == pytest.approx(0.5)
    assert len(task.label(7)[0]) == 7
    with pytest.raises(ValueError, match="report"):
        task.report(lambda X: X[:, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": (np.full((4, 4), np.nan), np.arange(4))}, "NaN or infinite"),
        ({"source": (np.zeros((4, 4)), np.arange(3))}, "3 labels, want 4"),
        ({"target_test": (np.zeros((4, 5)), np.arange(4))}, "want \\(4,\\) like the source"),
        ({"target_train": (np.zeros((0, 4)), np.zeros(0))}, "0 rows"),
        ({"kind": "ranking"}, "kind"),
    ],
)
def test_bad_arrays_are_named(change, message):
    good = (np.zeros((4, 4)), np.arange(4))
    other = (np.ones((4, 4)), np.arange(4))
    arguments = {"source": good, "target_train": good, "target_test": other, **change}
    with pytest.raises(ValueError, match=message):
        Task.from_arrays(**arguments)


@pytest.mark.parametrize(
    ("predict", "message"),
    [
        ("mean", "want a function"),
        (lambda X: np.zeros((len(X), 3)), "argmax"),
        (lambda X: np.full(len(X), np.nan), "NaN"),
    ],
)
def test_bad_predictions_are_named(predict, message):
    with pytest.raises(ValueError, match=message):
        make().score(predict)


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "3"])
def test_bad_budgets_are_named(k):
    with pytest.raises(ValueError, match="k: got"):
        make().label(k)


def text_task(**changes):
    topics = (("matrix", 0), ("filter", 1))
    rows = [(f"{word} number {i}", c) for i in range(12) for word, c in topics]
    X, y = [text for text, _ in rows], np.array([c for _, c in rows])
    parts = {"source": (X[:8], y[:8]), "target_train": (X[8:16], y[8:16])}
    return Task.from_arrays(**{**parts, "target_test": (X[16:], y[16:]), **changes})


def test_texts_are_sold_scored_and_reported_like_other_inputs():
    task = text_task()
    assert task.source.X.dtype == object and task.target.X.shape == (8,)
    X, y = task.label(2, seed=0)
    assert sorted(y.tolist()) == [0, 0, 1, 1] and set(X) <= set(task.target.X)
    assert all(("filter" in text) == c for text, c in zip(X, y, strict=True))
    assert task.score(lambda X: [int("filter" in text) for text in X]) == 1
    report = task.report(lambda X: np.zeros(len(X), dtype=int))
    assert report.accuracy == 0.5 and report.recall.tolist() == [1, 0]
    assert all("filter" in text for text in report.images)
    assert task.looks == 3
    assert repr(task.source).startswith("Domain('own data (source)', X (7,)")


def test_predict_gets_a_copy_of_the_texts():
    task = text_task()

    def vandal(X):
        X[:] = "matrix"
        return np.zeros(len(X))

    task.score(vandal)
    assert task.score(lambda X: [int("filter" in text) for text in X]) == 1


@pytest.mark.parametrize(
    "convert", [list, tuple, np.array, lambda X: np.array(X, dtype=object), pd.Series]
)
def test_any_sequence_of_texts_will_do(convert):
    texts = ["one", "a longer one", "x" * 500]
    X = Domain("d", convert(texts), [0, 1, 1]).X
    assert X.dtype == object and X.tolist() == texts and all(type(text) is str for text in X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (["a", "", "c"], "X of d: got an empty text in row 1, want words in every row"),
        (["a", " \n", "c"], "got an empty text in row 1"),
        (["a", None, "c"], "got NoneType in row 1, want a text"),
        (["a", float("nan"), "c"], "got float in row 1, want a text"),
        (["a", 3, "c"], "got int in row 1, want a text"),
        ([b"a", b"b", b"c"], "got bytes in row 0, want a text"),
        ([["a", "b"], ["c", "d"]], "got shape (2, 2), want one text per row"),
        ("one text", "got one str, want a list or array of texts"),
    ],
)
def test_bad_texts_are_named(X, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Domain("d", X)


def test_texts_and_numbers_do_not_mix():
    with pytest.raises(ValueError, match="target_test X: got numbers, want texts like the source"):
        text_task(target_test=(np.zeros(4), np.arange(4) % 2))
    numbers = (np.zeros((4, 3)), np.arange(4) % 2)
    with pytest.raises(ValueError, match="target_train X: got texts, want numbers like the source"):
        Task.from_arrays(source=numbers, target_train=(["a", "b"], [0, 1]), target_test=numbers)


def test_training_on_texts_is_refused_and_says_what_to_do():
    from tlbook.models import create
    from tlbook.training import fit

    with pytest.raises(ValueError, match=r"X: got values of type .* \(tlbook\.text\.embed"):
        fit(create("digitnet"), text_task(), steps=1)


# -- what does not belong together ------------------------------------------------------------


class Equal:
    """Equals everything."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return True


def named_task():
    words = np.array(["cat", "dog", "eel"])
    X = np.random.default_rng(0).normal(size=(60, 4))
    parts = [(X[i : i + 20], words[np.arange(20) % 3]) for i in (0, 20, 40)]
    return Task.from_arrays(source=parts[0], target_train=parts[1], target_test=parts[2])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda X: np.array([Equal()] * len(X), dtype=object),
            "predict: returned values of type E",
        ),
        (
            lambda X: [str(c) for c in np.arange(len(X)) % 3],
            "predict: returned texts, want numbers",
        ),
        (lambda X: [None] * len(X), "predict: returned values of type NoneType"),
        (lambda X: np.full(len(X), 1j), "predict: returned values of type complex128"),
        (lambda X: [[1], [2, 3]] * len(X), "predict: what it returned: got list"),
        (lambda X: np.full(len(X), 0.5), "predict: returned 0.5, want labels like 0, 1, 2"),
    ],
)
def test_answers_of_another_type_than_the_classes_are_no_answers(answer, message):
    task = make()
    for ask in (task.score, task.report):
        with pytest.raises(ValueError, match=message):
            ask(answer)
    assert task.looks == 0


def test_numbers_are_no_names():
    task = named_task()
    with pytest.raises(ValueError, match="predict: returned numbers, want texts like 'cat', 'dog'"):
        task.score(lambda X: np.zeros(len(X)))
    assert task.score(lambda X: np.array(["cat"] * len(X), dtype=object)) == 7 / 20
    assert task.score(lambda X: ["dog"] * len(X)) == 7 / 20


@pytest.mark.parametrize("kind", [int, float, np.uint8, bool, object])
def test_every_kind_of_number_is_a_class_number(kind):
    task = make(classes=2)
    assert task.score(lambda X: (np.arange(len(X)) % 2).astype(kind)) == 1


def test_an_estimator_and_a_network_are_told_apart():
    from sklearn.linear_model import LogisticRegression

    from tlbook.models import create

    task = make()
    model = LogisticRegression().fit(task.source.X, task.source.y)
    assert task.score(model) == task.score(model.predict)
    assert task.report(model).accuracy == task.score(model)
    with pytest.raises(
        ValueError, match=r"predict: got the network DigitNet.*predictor\(network\)"
    ):
        task.score(create("digitnet"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("a", "b")}, "target_train y: got the label 2 with 2 class names"),
        ({"target_test": "names"}, "target_test y: got labels that are texts, want numbers"),
        (
            {"target_train": "other"},
            r"target_train y: got the labels 7, 8, 9 and no label of the so",
        ),
        ({"target_test": "same"}, "target_test X: got the rows of target_train, want other rows"),
        ({"target_test": "source"}, "target_test X: got the rows of the source, want other rows"),
        ({"target_test": "negative"}, "target_test y: got the label -100 with 3 class names"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(change, message):
    X = np.random.default_rng(0).normal(size=(60, 4))
    y = np.arange(20) % 3
    parts = {"source": (X[:20], y), "target_train": (X[20:40], y), "target_test": (X[40:], y)}
    odd = {
        "names": (X[40:], np.array(["cat", "dog", "eel"])[y]),
        "other": (X[20:40], y + 7),
        "same": parts["target_train"],
        "source": parts["source"],
        "negative": (X[40:], np.where(y == 0, -100, y)),
    }
    change = {k: odd[v] if isinstance(v, str) else v for k, v in change.items()}
    if message.startswith("target_test y: got the label -100"):
        change["classes"] = ("a", "b", "c")
    with pytest.raises(ValueError, match=message):
        Task.from_arrays(**{**parts, **change})


def test_a_class_that_one_side_lacks_is_allowed():
    X = np.random.default_rng(0).normal(size=(60, 4))
    y = np.arange(20) % 2
    task = Task.from_arrays(
        source=(X[:20], y + 1), target_train=(X[20:40], y), target_test=(X[40:], y)
    )
    assert task.classes == ("0", "1")
