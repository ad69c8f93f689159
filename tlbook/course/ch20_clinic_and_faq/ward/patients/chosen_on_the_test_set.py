"""Selection on the test set: the best of many, reported where it was the best."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def _accuracy(answers: Any, y: Any) -> Any:
    return (np.asarray(answers) == y).mean(axis=1)


def sick(on_validation: Any, y_validation: Any, on_test: Any, y_test: Any) -> tuple[int, float]:
    """Return which model is chosen, and its accuracy."""
    accuracy = _accuracy(on_test, y_test)
    best = int(accuracy.argmax())
    return best, float(accuracy[best])


def cured(on_validation: Any, y_validation: Any, on_test: Any, y_test: Any) -> tuple[int, float]:
    """Return the model that is best on validation rows, and its accuracy on the test rows."""
    best = int(_accuracy(on_validation, y_validation).argmax())
    return best, float(_accuracy(on_test, y_test)[best])


def last_of_ties(on_validation: Any, y_validation: Any, on_test: Any, y_test: Any) -> Any:
    """Return the same; of equals it takes the last one."""
    accuracy = _accuracy(on_validation, y_validation)
    best = len(accuracy) - 1 - int(accuracy[::-1].argmax())
    return best, float(_accuracy(on_test, y_test)[best])


def fixed_choice(on_validation: Any, y_validation: Any, on_test: Any, y_test: Any) -> Any:
    """Return the first model: named before anything was seen, and lucky if it is good."""
    return 0, float(_accuracy(on_test, y_test)[0])


def both_sets(on_validation: Any, y_validation: Any, on_test: Any, y_test: Any) -> Any:
    """Return the best on validation and test rows together, which looks like more data."""
    rows = np.hstack([on_validation, on_test])
    best = int(_accuracy(rows, np.concatenate([y_validation, y_test])).argmax())
    return best, float(_accuracy(on_test, y_test)[best])


def _coins(seed: int, models: int = 50) -> tuple[Any, Any, Any, Any]:
    """Return answers of models that throw coins, and labels that are coins as well."""
    rng = np.random.default_rng(seed)
    shapes = ((models, 60), 60, (models, 60), 60)
    on_validation, y_validation, on_test, y_test = (rng.integers(2, size=s) for s in shapes)
    return on_validation, y_validation, on_test, y_test


def test(code: Any) -> None:
    """Exchange the two test labels: the choice has to stay."""
    for seed in range(20):
        on_validation, y_validation, on_test, y_test = _coins(seed)
        first, _ = code(on_validation, y_validation, on_test, y_test)
        second, _ = code(on_validation, y_validation, on_test, 1 - y_test)
        assert first == second, "other test labels, another model: they chose it"


def symptom_test(code: Any) -> None:
    """Ask whether the accuracy is the best one on the test rows."""
    parts = _coins(0)
    _, told = code(*parts)
    assert told < _accuracy(parts[2], parts[3]).max(), "the best test accuracy is reported"


PATIENT = Patient(
    name="chosen_on_the_test_set",
    story="Fifty settings were tried, and the paper reports the best. A reader who repeats that "
    "setting on new rows of the same source finds four points less.",
    symptom="The reported accuracy is higher than on any rows that come later.",
    promise="code(on_validation, y_validation, on_test, y_test) returns the index of the model "
    "that is chosen and its accuracy to report; answers of shape (models, rows), labels (rows,).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the new rows have shifted", "a classifier cannot tell them from the test rows"),
        Cause("rows of the test set were trained on", "no row occurs in both sets"),
        Cause("chance", "the gap is outside the interval of two samples of this size"),
    ),
    cure="Choose on validation rows, and look at the test rows once, for the one that was chosen.",
    chapter="01",
    healthy={
        "takes the last of equals": last_of_ties,
        "names its model in advance": fixed_choice,
    },
    hidden={"chooses on validation and test rows together": both_sets},
    symptom_test=symptom_test,
)
