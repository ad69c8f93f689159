"""The ward: each patient's test convicts the sick and acquits the healthy; wrong ones are named."""

import re

import numpy as np
import pytest
import torch

from tlbook.course import chapters, listings
from tlbook.course.ch20_clinic_and_faq import ward
from tlbook.course.ch20_clinic_and_faq.ward.grading import verdict

NAMES = [
    pytest.param(name, marks=pytest.mark.slow) if ward.patient(name).slow else name
    for name in ward.names()
]


def test_the_ward_has_the_listings_and_ten_more():
    found = [name for name in ward.names() if name.startswith("listing_")]
    assert len(found) == 7
    assert {name.split("_")[1] for name in found} == set(listings.names())
    assert len(ward.names()) - len(found) >= 9


@pytest.mark.parametrize("name", ward.names())
def test_a_patient_is_described(name):
    patient = ward.patient(name)
    assert patient.name == name
    texts = (patient.story, patient.symptom, patient.promise, patient.cure)
    assert all(text.strip() and text.strip()[-1] in ".)" for text in texts)
    assert 2 <= len(patient.differential) <= 3
    assert all(cause.name and cause.ruled_out_by for cause in patient.differential)
    assert patient.chapter.isdigit() and len(patient.chapter) == 2
    assert patient.healthy
    assert patient.symptom_test is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_test_fails_on_the_sick_and_passes_on_the_cured(name):
    patient = ward.patient(name)
    with pytest.raises(AssertionError):
        patient.test(patient.sick)
    patient.test(patient.cured)
    for code in patient.healthy.values():
        patient.test(code)
    for code in patient.hidden.values():
        with pytest.raises(AssertionError):
            patient.test(code)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_ward_s_own_test_is_right_and_the_symptom_s_is_not(name):
    patient = ward.patient(name)
    assert ward.grade(patient, patient.test).status == "correct"
    feedback = ward.grade(patient, patient.symptom_test)
    assert feedback.status == "wrong", feedback


@pytest.mark.parametrize("name", NAMES)
def test_a_test_that_always_fails_or_passes_is_named(name):
    patient = ward.patient(name)

    def fails(code):
        raise AssertionError("no")

    def passes(code):
        assert callable(code)

    assert "always fails" in ward.grade(patient, fails).message
    assert "never calls the code" in ward.grade(patient, passes).message


def says(name, test):
    return ward.grade(ward.patient(name), test).message


def test_other_wrong_tests_hear_what_is_wrong_with_them():
    def upside_down(code):
        assert code(2.0, 3.0, 0.0) == 0

    def crashes(code):
        code()

    def calls_and_asks_nothing(code):
        code(2.0, 3.0, 0.0)

    def symptom(code):
        assert code(2.0, 3.0, 0.0) > 0

    def one_style(code):
        assert code(2.0, 3.0, 0.5) == 3.5

    name = "lambda_on_everything"
    assert "upside down" in says(name, upside_down)
    assert "does not reach its question" in says(name, crashes)
    assert "it calls the code, and what it asks is true of the sick" in says(
        name, calls_and_asks_nothing
    )
    assert "symptom only" in says(name, symptom)
    assert "one way to write the cure" in says(name, one_style)
    assert says(name, 3) == "Your test is of type int; want a function test(code)."


def test_an_empty_test_is_not_attempted():
    def test(code):
        """Ask something."""

    case = ward.draw(0)
    assert case.grade(test).status == "not attempted"
    assert case.grade().status != "correct"


def test_a_draw_is_blind_and_the_same_for_the_same_seed():
    drawn = {ward.draw(seed).reveal().name for seed in range(200)}
    assert drawn == set(ward.names())
    assert ward.draw(7).reveal() is ward.draw(7).reveal()
    for seed in range(60):
        case = ward.draw(seed)
        name = case.reveal().name
        assert name not in repr(case) and name not in case.source
        assert case.reveal().cure not in case.chart
        assert "def code(" in case.source and "sick" not in case.source
        assert '"""' not in case.source and "#" not in case.source and "Any" not in case.source


def test_what_the_sick_code_calls_is_shown_too():
    shown = {case.reveal().name: case.source for case in map(ward.draw, range(200))}
    assert "def _gram(a, b, width):" in shown["mmd_without_gradient"]
    assert shown["logme_of_few_rows"].index("def code(") < shown["logme_of_few_rows"].index("def _")
    for name in ("wrong_eigensolver", "kmm_without_bound", "living_batchnorm"):
        called = set(re.findall(r"\b_[a-z_]+(?=\()", shown[name]))
        assert called == set(re.findall(r"def (_[a-z_]+)", shown[name])) != set()


def test_hints_go_through_the_other_causes_and_do_not_name_the_fault(capsys):
    case = ward.draw(0)
    for _ in range(4):
        case.hint()
    said = capsys.readouterr().out
    causes = case.reveal().differential
    assert all(f"Could it be that {cause.name}?" in said for cause in causes)
    assert case.reveal().cure not in said


def test_grading_leaves_the_generators_as_they_were():
    def draws(code):
        np.random.rand()  # noqa: NPY002
        torch.rand(1)
        code(torch.tensor(2.0), torch.tensor(3.0), 0.0)

    plain, tensors = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    ward.grade(ward.patient("lambda_on_everything"), draws)
    assert np.array_equal(np.random.get_state()[1], plain)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), tensors)


def test_the_same_verdict_whatever_was_drawn_before():
    def by_luck(code):
        assert torch.rand(1) < 0.5

    patient = ward.patient("lambda_on_everything")
    assert len({verdict(by_luck, patient.sick).convicts for _ in range(20)}) == 1


def test_the_table_has_a_row_per_patient_and_no_gap():
    table = ward.table()
    assert list(table["patient"]) == list(ward.names())
    assert not table.isna().any(axis=None)
    numbers = {chapter.number for chapter in chapters.CHAPTERS} | {"16", "17", "18"}
    assert set(table["chapter"]) <= numbers


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_a_seed_that_is_none(seed):
    with pytest.raises(ValueError, match="seed"):
        ward.draw(seed)


def test_an_unknown_patient_is_named():
    with pytest.raises(ValueError, match="name: got 'nobody'"):
        ward.patient("nobody")
