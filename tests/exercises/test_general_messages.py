"""Answers that no table of mistakes holds: a message that fits them all the same."""

import numpy as np
import pytest

from tlbook.course.ch00_start_here import exercises as ch00
from tlbook.course.ch02_domains_tasks_shift import exercises as ch02
from tlbook.course.ch03_taxonomy import exercises as ch03
from tlbook.course.ch05_features import exercises as ch05
from tlbook.course.ch06_finetuning import exercises as ch06
from tlbook.course.ch07_relations import exercises as ch07
from tlbook.course.ch10_adversarial import exercises as ch10
from tlbook.course.ch11_alignment import exercises as ch11
from tlbook.course.ch13_pytorch_practice import exercises as ch13
from tlbook.course.ch14_text_practice import exercises as ch14
from tlbook.course.ch16_choosing import exercises as ch16
from tlbook.course.exercises import chapters, of_chapter

FUNCTIONS = [
    (ch00.q2, lambda y, yhat: 100 * np.mean(np.asarray(y) == yhat), "in percent"),
    (ch02.q3, lambda P, p, q: ch02.corrected(P, p, q).T, "transposed"),
    (ch02.q4, lambda a, b: 3, "that is too few"),
    (ch02.q4, lambda a, b: 500, "fewer labels are enough"),
    (ch02.q4, lambda a, b: "ten", "one whole number"),
    (ch02.q4, lambda a, b: True, "one whole number"),
    (ch05.q1, lambda Xs, Xt: ch05.coral(Xs, Xt)[:1], "has shape"),
    (ch06.q4, lambda model, x: "yes", "True or False"),
    (ch07.q1, (-0.7, 5.0), "too high"),
    (ch07.q4, lambda student, teacher, x: student(x).sum(), "the loss"),
    (
        ch11.q1,
        lambda m, xs, xt: (m.features(xs).mean(0) - m.features(xt).mean(0)).sum(),
        "it should be",
    ),
    (
        ch11.q1,
        lambda m, xs, xt: (ch11.mean_gap(m, xs, xt) + ch11.mean_gap(m, xs, xt).detach()) / 2,
        "Something on the way is detached",
    ),
    (
        ch13.q3,
        lambda m, o, train, valid: ch13.one_epoch(m, o, [(2 * x, y) for x, y in train], valid),
        "three plain steps",
    ),
    (ch13.q3, lambda m, o, t, v: 100 * ch13.one_epoch(m, o, t, v), "in percent"),
    (ch13.q4, lambda model, rate: [{"params": [model.fc.bias]}] * 2, "AdamW refuses these groups"),
    (ch13.q4, lambda model, rate: rate, "Return a list of dictionaries"),
    (ch16.q4, lambda answers, k: 2, "name of a setting"),
    (ch16.q4, lambda answers, k: "weight 7", "none of the settings"),
    (ch16.q5, lambda sure, right, there: 67.0, "a fraction between"),
    (ch16.q5, lambda sure, right, there: there, "one number"),
    (ch16.q5, lambda sure, right, there: 0.6, "2 points too low"),
]


@pytest.mark.parametrize(("exercise", "answer", "fragment"), FUNCTIONS)
def test_a_function_that_is_wrong_in_its_own_way(exercise, answer, fragment):
    feedback = exercise.judge(answer)
    assert feedback.status == "wrong"
    assert fragment in feedback.message
    assert feedback.message not in exercise.mistakes


def test_a_description_is_a_dict_for_each_setting():
    assert "has these keys" in ch03.q2.judge({"zero-shot learning": {}}).message
    broken = ch03.DESCRIPTIONS | {"zero-shot learning": "descriptions"}
    assert "as a dict" in ch03.q2.judge(broken).message
    unknown = ch03.DESCRIPTIONS | {"zero-shot learning": {"color": "red"}}
    assert "zero-shot learning: " in ch03.q2.judge(unknown).message


@pytest.mark.parametrize(
    ("name", "description", "fragment"),
    [
        (*ch03.ANOTHER[0], "your description is inductive transfer"),
        (*ch03.ANOTHER[1], "novel class discovery"),
        (*ch03.ANOTHER[2], "unsupervised transfer"),
        (
            *ch03.ANOTHER[3],
            "source-free domain adaptation: your description is inductive transfer",
        ),
        (*ch03.ANOTHER[4], "the second one needs labels"),
    ],
)
def test_what_a_description_is_instead(name, description, fragment):
    assert fragment in ch03.q2.judge(ch03.DESCRIPTIONS | {name: description}).message


# Dictionaries whose values are no words of a list: descriptions, measured shares.
OF_THEIR_OWN = (ch03.q2, ch14.q2)


def of_kind(kind):
    """Return every exercise whose reference is of this type."""
    found = [
        pytest.param(exercise, id=f"{chapter}-{exercise.name}")
        for chapter in chapters()
        for exercise in of_chapter(chapter)
        if type(exercise.reference) is kind and exercise not in OF_THEIR_OWN
    ]
    assert found
    return pytest.mark.parametrize("exercise", found)


@of_kind(float)
def test_a_number_in_percent(exercise):
    assert "in percent" in exercise.judge(100 * exercise.reference).message
    assert "call it first" in exercise.judge(lambda: exercise.reference).message


@of_kind(str)
def test_one_option(exercise):
    assert exercise.judge(f" {exercise.reference.upper()} ").status == "correct"
    assert "in quotes, not with an int" in exercise.judge(2).message
    assert "none of the options" in exercise.judge("no such option").message
    assert "in quotes" in exercise.judge(lambda: exercise.reference).message


@of_kind(set)
def test_a_set(exercise):
    assert exercise.judge([option.upper() for option in exercise.reference]).status == "correct"
    option = next(iter(exercise.reference))
    assert "Answer with a set such as" in exercise.judge(option).message
    assert "none of the options" in exercise.judge({option, "no such option"}).message


@of_kind(dict)
def test_a_word_or_a_set_for_each_key(exercise):
    first, *others = exercise.reference
    part = {first: exercise.reference[first]}
    sets = isinstance(exercise.reference[first], set)
    says = "The keys should be" if sets else "has these keys"
    for answer in (part, {**exercise.reference, "no such key": exercise.reference[first]}):
        assert says in exercise.judge(answer).message
    message = exercise.judge([first]).message
    assert ("dictionary of sets" if sets else says) in message
    unknown = {*exercise.reference[first], "pray"} if sets else "pray"
    answer = {**exercise.reference, first: unknown}
    assert "none of the options" in exercise.judge(answer).message
    if sets:
        wrong = {**exercise.reference, others[0]: "a word"}
        assert f"{others[0]}: Answer with a set" in exercise.judge(wrong).message
        empty = {k: v or {} for k, v in exercise.reference.items()}
        assert exercise.judge(empty).status == "correct"


def test_a_reason_holds_whatever_the_wrong_cause():
    symptom = "L_D falls to 0 and stays there"
    answer = ch10.q6.reference | {symptom: "asleep"}
    assert ch10.q6.judge(answer).message == (
        f'"{symptom}" is not "asleep": the discriminator is always right and always sure: the '
        "features have lost the game."
    )
