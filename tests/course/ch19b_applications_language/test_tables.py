"""The stored studies as the notebook reads them, and what it says about them."""

import numpy as np
import pytest

from tlbook.course.ch19b_applications_language.tables import COMPARED, gain, table, values
from tlbook.course.results import stored

TEN = {"target": "children", "said": "ten"}


@pytest.mark.parametrize("study", COMPARED)
def test_eight_seeds_of_everything(study):
    frame = stored.load(study)
    assert COMPARED[study] in frame and frame.seed.nunique() >= 8


def test_values_pair_up_by_seed():
    frame = stored.load("named_pictures")
    rows = frame[frame.arm == "strokes"].set_index("seed").sort_index()
    assert np.array_equal(values("named_pictures", "strokes", "new_name"), rows.new_name)


def test_an_alignment_stands_for_its_best_setting():
    frame = stored.load("vowel_speakers")
    rows = frame[(frame.method == "CORAL") & (frame.target == "children") & (frame.said == "ten")]
    best = rows.groupby("settings").accuracy.mean().max()
    assert values("vowel_speakers", "CORAL", **TEN).mean() == pytest.approx(best)


def test_target_labels_are_told_apart_by_their_number():
    few, many = (values("vowel_speakers", f"target labels, k={k}", **TEN).mean() for k in (2, 20))
    assert many > few + 0.03


def test_the_sentences_of_the_notebook():
    """What is read from the tables there: signs that must not turn."""
    assert gain("vowel_recognizer", "men, AdaBN", "men").high < 1  # does not help
    assert gain("vowel_speakers", "Lobanov", "source only, logarithms", target="children",
                said="three").high < 0  # fmt: skip
    selection = {"bias": "selection"}
    assert gain("cytology_clinics", "estimated weights", "source only", **selection).low < 0
    assert gain("named_pictures", "strokes", "names", "new_character").low > 20


def test_a_table_has_a_row_for_each_and_gains_in_points():
    shown = table(
        "cytology_clinics", {"accuracy (%)": "accuracy"}, over="source only", bias="scale"
    )
    assert shown.loc["source only", "gain over source only"] == ""
    assert shown.loc["prior correction", "gain over source only"].startswith("-17.6 [")
    assert list(table("named_pictures", {"known": "known"}, names=["strokes"]).index) == ["strokes"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: values("signs", "a"), "study: got 'signs'"),
        (lambda: values("vowel_recognizer", "women"), "method: got 'women'"),
        (lambda: values("vowel_recognizer", "men", "miles"), "column: got 'miles'"),
        (lambda: values("vowel_recognizer", "men", tongue=1), "where: got 'tongue'"),
        (lambda: values("vowel_speakers", "Lobanov", target="dogs"), "target: got 'dogs'"),
        (lambda: values("vowel_speakers", "Lobanov", target="women", said="ten", seed=99), "seed"),
        (lambda: values("vowel_speakers", "Lobanov"), "want one case of target, said"),
        (lambda: values("cytology_clinics", "source only"), "want one case of bias"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
