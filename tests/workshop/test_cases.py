"""The helper that runs many cases in one test: every case runs, and none that fails is lost."""

from inspect import signature

import pytest

from tests.cases import all_hold, for_each


def test_every_case_runs_and_all_that_fail_are_named():
    seen = []

    @for_each("n, word", [(1, "a"), pytest.param(2, "b", id="two"), (3, "c")])
    def check(place, n, word):
        seen.append((place, n, word))
        assert n != 2, "two"
        if n == 3:
            pytest.fail("three")

    assert list(signature(check).parameters) == ["place"]
    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases") as told:
        check(place="here")
    assert seen == [("here", 1, "a"), ("here", 2, "b"), ("here", 3, "c")]
    first, last = told.value.exceptions
    assert "two" in str(first) and "three" in str(last)
    assert "'b'" in first.__notes__[0] and "(3, 'c')" in last.__notes__[0]


def test_no_case_is_a_failure():
    with pytest.raises(AssertionError, match="no case at all"):
        all_hold(print, [])


def test_a_skip_and_an_interrupt_are_no_failures():
    for error in (KeyboardInterrupt, pytest.skip.Exception):

        def stop(value, error=error):
            raise error("now")

        with pytest.raises(error):
            all_hold(stop, [("one", (1,))])


@for_each("a", [1, 2])
@for_each("b", [10, 20])
def test_two_of_them_make_all_pairs(a, b):
    assert (a, b) in {(1, 10), (1, 20), (2, 10), (2, 20)}
