"""Named pictures: names and attributes, what is kept out, bad input."""

import numpy as np
import pytest

from tlbook import data
from tlbook.data.applied.named_pictures import (
    KNOWN,
    NAMES,
    NEW,
    PARTS,
    fonts_of,
    name_of,
    names_by_part,
)


def test_names_say_letter_weight_and_slant():
    assert name_of("A", "bold", "slanted") == "capital letter A, bold, slanted"
    assert len(set(NAMES)) == len(PARTS) == 160
    assert fonts_of("bold", "slanted") == (
        "DejaVuSans-BoldOblique",
        "DejaVuSansMono-BoldOblique",
        "DejaVuSerif-BoldItalic",
    )


def test_what_is_kept_out():
    known, lacking, new = names_by_part(0)
    assert sorted([*known, *lacking, *new]) == list(range(160))
    assert [len(part) for part in (known, lacking, new)] == [99, 33, 28]
    assert {PARTS[i][0] for i in new} == set(NEW) and not set(NEW) & set(KNOWN)
    # every letter and every style of a lacking name is known, in other company
    assert {PARTS[i][0] for i in lacking} == {PARTS[i][0] for i in known} == set(KNOWN)
    assert {PARTS[i][1:] for i in lacking} == {PARTS[i][1:] for i in known}
    assert not np.array_equal(lacking, names_by_part(1)[1])


@pytest.mark.parametrize("target", ["combinations", "characters"])
def test_pictures_and_labels(target):
    task = data.load("named-pictures", target=target, n_source=198)
    assert task.source.X.shape == (198, 3, 24, 24) and task.source.X.dtype == np.float32
    assert task.classes == NAMES
    known, lacking, new = names_by_part(0)
    assert np.array_equal(np.unique(task.source.y), known)
    asked = lacking if target == "combinations" else new
    assert np.array_equal(np.unique(task.label(1)[1]), asked)
    assert np.array_equal(data.load("named-pictures", n_source=198).source.X, task.source.X)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="target: got 'styles'"):
        data.load("named-pictures", target="styles")
    with pytest.raises(ValueError, match="n_source: got 50, want at least 99"):
        data.load("named-pictures", n_source=50)
