"""Errors that name no argument are said again with its name; all others stay what they were."""

from typing import Any

import numpy as np
import pytest
import torch

from tlbook._base.checks import check_array, check_choice, check_labels, check_positive
from tlbook._base.named import named
from tlbook.training import Divergence


@named
def first(rows: Any, n: int, choose: Any = None) -> Any:
    """Return the first rows."""
    return np.asarray(rows)[:n] if choose is None else choose(rows)


def own(_: Any) -> Any:
    raise KeyError("mine")


def diverging(_: Any) -> Any:
    raise Divergence("step 3")


@named
def of_a_library(X: Any, weight: float) -> Any:
    """Let another library refuse it."""
    return np.linalg.cholesky(X) * weight


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], "two"), "n: got 'two', want an integer"),
        (([1, 2], None), "^$"),  # None slices: no error
        (([[1, 2], [3]], 1), "rows: got list of 2, want rows of one length"),
        ((None, 1), "rows: got None, want a value"),
    ],
)
def test_the_argument_that_does_not_fit_its_annotation_is_named(arguments, message):
    if message == "^$":
        assert first(*arguments).tolist() == [1, 2]
        return
    with pytest.raises(ValueError, match=message) as caught:
        first(*arguments)
    assert caught.value.__cause__ is not None


def test_where_each_argument_fits_alone_all_are_shown():
    with pytest.raises(ValueError, match=r"X: got X ndarray \(2, 2\) float64, weight 1.0, which"):
        of_a_library(-np.eye(2), 1.0)


def test_errors_of_a_function_that_came_as_an_argument_stay():
    with pytest.raises(KeyError, match="mine"):
        first([1], 1, own)
    with pytest.raises(Divergence, match="step 3"):
        first([1], 1, diverging)


def test_wrong_calls_stay_pythons_own_errors():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'n'"):
        first([1])
    with pytest.raises(TypeError, match="unexpected keyword argument 'm'"):
        first([1], 1, m=2)


def test_a_result_and_the_signature_are_those_of_the_function():
    assert first([3, 4], 1).tolist() == [3]
    assert first.__name__ == "first" and first.__doc__ == "Return the first rows."


# -- the checks under all of them ------------------------------------------------------------------


def test_tensors_are_arrays_also_with_a_gradient():
    X = torch.ones(3, 2, requires_grad=True)
    assert check_array(X, "X").tolist() == [[1, 1]] * 3 and X.requires_grad
    assert check_array(torch.ones(2, dtype=torch.bfloat16), "X").dtype == np.float32
    with pytest.raises(ValueError, match="X: got Tensor"):
        check_array(torch.ones(2, device="meta"), "X")


def test_a_mask_is_not_ignored_silently():
    X = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
    with pytest.raises(ValueError, match="X: got 1 masked values"):
        check_array(X, "X")
    assert check_array(np.ma.masked_array([1.0, 2.0]), "X").tolist() == [1, 2]


class Equal:
    """Equals everything."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "y", [[0, "a"], [0, None], [Equal(), Equal()], [1j, 2j], [[1], [2, 3]], [0.5, float("nan")],
          np.array([0, 10**30], dtype=object)],
)  # fmt: skip
def test_labels_of_no_order_are_refused(y):
    with pytest.raises(ValueError, match="^y: got"):
        check_labels(y, None)


def test_numbers_that_no_array_can_count_are_refused():
    for value in (10**25, np.float64("inf"), float("nan"), True, "1", [1]):
        with pytest.raises(ValueError, match="k: got"):
            check_positive(value, "k")
    assert check_positive(2**62, "k", integer=True) == 2**62


@pytest.mark.parametrize("value", [Equal(), np.array(["a"]), ["a"], torch.ones(2), {"a": 1}, None])
def test_only_a_choice_is_a_choice(value):
    with pytest.raises(ValueError, match="way: got"):
        check_choice(value, "way", ("a", "b"))
    assert check_choice(np.str_("a"), "way", ("a", "b")) == "a"


def test_running_out_of_memory_is_no_fault_of_the_input():
    @named
    def hungry(X: Any) -> None:
        raise RuntimeError("MPS backend out of memory")

    with pytest.raises(RuntimeError, match="MPS"):
        hungry(np.zeros(2))


def test_what_a_function_inside_says_stays_whole():
    @named
    def outer(source: Any, rows: int) -> None:
        check_array(source, "X of toy", ndim=2)
        if bool(np.zeros(rows)):
            pass

    with pytest.raises(ValueError, match=r"^X of toy: got shape .* \(inside a call with "):
        outer(np.zeros(3), 2)
    with pytest.raises(
        ValueError, match="^source: got source ndarray .* fit together .ValueError: The tr"
    ):
        outer(np.zeros((3, 1)), 2)
