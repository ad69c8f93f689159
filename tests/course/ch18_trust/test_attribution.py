"""The known mask, the planted corner and the cascade: closed cases."""

import numpy as np
import pytest
import torch

from tlbook.course.ch18_trust import attribution as a
from tlbook.course.ch18_trust import tables_attacks as tables
from tlbook.course.pretraining.networks import signnet


@pytest.mark.slow
def test_the_mask_is_where_the_glyph_changed_the_photograph():
    X, _, mask, ground = a.letters_with_masks(8, seed=3)
    assert X.shape == ground.shape == (8, 3, 24, 24) and mask.shape == (8, 24, 24)
    outside = ~np.repeat(mask[:, None], 3, axis=1)
    assert (X[outside] == ground[outside]).all()
    assert (abs(X - ground).max(axis=1)[mask] > 0).all() and 0.05 < mask.mean() < 0.35


def test_the_cascade_goes_from_the_head_to_the_input():
    networks = a.cascade(signnet(), seed=0)
    changed = [
        sum(
            not torch.equal(w, networks[n].get_parameter(name))
            for name, w in signnet().named_parameters()
            if name.endswith("weight") and w.ndim > 1
        )
        for n in networks
    ]
    assert changed == [0, 1, 2, 3, 4, 5, 6, 7]


def test_rank_correlation_knows_order_only():
    rng = np.random.default_rng(0)
    m = rng.random((3, 5, 5))
    np.testing.assert_allclose(a.rank_correlation(m, np.exp(m)), 1)
    np.testing.assert_allclose(a.rank_correlation(m, -m), -1)
    assert (a.rank_correlation(m, np.ones_like(m)) == 0).all()


def test_a_corner_has_the_hue_of_its_code_and_another_code_differs():
    X = np.zeros((10, 3, 16, 16), dtype=np.float32)
    shown = a.with_corner(X, np.arange(10))
    assert len({tuple(p[:, 0, 0].tolist()) for p in shown}) == 10 and X.max() == 0
    assert not shown[:, :, a.CORNER :].any() and not shown[:, :, :, a.CORNER :].any()
    y = np.arange(200) % 10
    assert (a.other_codes(y, 0) != y).all() and set(a.other_codes(y, 0)) == set(range(10))


def test_the_tables_pair_their_seeds():
    assert len(tables.inside(tables.EDGES)) == 8
    assert (tables.cascade(tables.EDGES) == 1).all()


def test_the_stored_tables_have_what_the_chapter_reads():
    assert list(tables.attack_matrix(0.05).columns) == list(tables.VICTIMS)
    assert (
        tables.backdoor_table(50).shape == (6, 6)
        and not tables.backdoor_table(10).isna().any().any()
    )
    assert len(tables.shortcut("changed", "random", "all")) == 8
    assert tables.attribution_table().loc[tables.EDGES, "minus edges (points)"] == "the control"


def test_a_reader_that_leaves_several_rows_a_seed_is_refused():
    with pytest.raises(ValueError, match="one row a seed"):
        tables.over_seeds("backdoor", "success", arm="all")
