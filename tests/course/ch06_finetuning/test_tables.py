"""The stored studies of chapter 06 read arm by arm."""

import numpy as np
import pytest

from tlbook.course.ch06_finetuning import pictures
from tlbook.course.ch06_finetuning import tables as results
from tlbook.course.results import stored


def test_an_arm_is_the_stored_rows_in_the_order_of_the_seeds():
    frame = stored.load("finetuning_causes")
    rows = frame[
        (frame.task == "signs")
        & (frame.budget == 5)
        & (frame.batchnorm == "train")
        & (frame.rates == "uniform")
        & (frame["head"] == "random")
        & (frame.frozen == 0)
    ]
    assert results.arm(5) == pytest.approx(rows.sort_values("seed").accuracy.to_numpy())
    assert results.arm(5, column="forgotten").shape == (8,)
    assert results.arm(5, frozen=6) != pytest.approx(results.arm(5))


def test_gains_are_paired_and_in_points():
    base = np.array([0.1, 0.2, 0.3])
    table = results.gains(base, {"same": base, "more": base + 0.05})
    assert table.loc["same", "gain"] == "+0.0 [+0.0, +0.0]"
    assert table.loc["more", "gain"] == "+5.0 [+5.0, +5.0]"
    assert table.loc["more", "accuracy (%)"] == 25.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: results.arm(3), "has no run"),
        (lambda: results.arm(1, rates="fast"), "has no run"),
        (lambda: results.runs("finetuning_causes", speed=1), "column: got 'speed'"),
        (lambda: results.runs("no_such_study"), "no_such_study"),
    ],
)
def test_what_is_not_there_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_findings_that_the_chapter_tells():
    """Sign and size of what the text says, from the eight seeds."""
    assert (results.arm(1) < results.untouched(1)).all()
    assert (results.arm(50) > results.untouched(50)).all()
    assert results.searched("BN train, uniform", 1).mean() < results.untouched(1).mean() - 0.1


def test_rank_and_factor_of_lora_are_two_dials():
    forgot = {f: [results.low_rank(r, f).forgotten.mean() for r in (1, 16)] for f in (1.0, 1 / 16)}
    assert all(sixteen > one + 0.1 for one, sixteen in forgot.values())
    assert forgot[1 / 16][1] < forgot[1.0][0]  # α = 1: the higher rank forgets less
    shown = results.gentle()
    assert shown.loc["LoRA, rank 16, α/r = 1/16", "letters lost"] == round(
        100 * forgot[1 / 16][1], 1
    )
    assert shown.loc["all layers", "gain"] == "+0.0 [+0.0, +0.0]" and len(shown) == 11


def test_full_fine_tuning_and_lp_ft_part_only_off_the_distribution():
    full, lp_ft = pictures.tested(20, method="full fine-tuning"), pictures.tested(20)
    assert len(full) == len(lp_ft) == 8
    gap = (lp_ft - full).mean()
    assert abs(gap["signs"]) < 0.03 < gap["printed"]
