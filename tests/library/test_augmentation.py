"""Augmentations: seeded, in range, and with the size that was asked for."""

import pytest
import torch

from tlbook import augmentation


def run(augment, x, seed=0):
    return augment(x, torch.Generator().manual_seed(seed))


def picture():
    x = torch.zeros(4, 1, 25, 25)
    x[:, :, 12, 12] = 1
    return x


def test_zero_strength_is_the_identity():
    x = torch.rand(3, 3, 24, 24)
    assert torch.allclose(run(augmentation.geometric(0, 0, 0, 0), x), x, atol=1e-5)
    assert torch.allclose(run(augmentation.photometric(0, 0, 0), x), x, atol=1e-6)


def test_the_seed_decides():
    x = torch.rand(3, 3, 24, 24)
    both = augmentation.chain(augmentation.geometric(), augmentation.photometric())
    assert torch.equal(run(both, x, 1), run(both, x, 1))
    assert not torch.equal(run(both, x, 1), run(both, x, 2))
    assert run(both, x).min() >= 0 and run(both, x).max() <= 1


def test_shift_stays_within_its_limit_in_pixels():
    moved = run(augmentation.geometric(0, 0.2, 0, 0), picture().repeat(50, 1, 1, 1))
    rows, columns = torch.meshgrid(torch.arange(25.0), torch.arange(25.0), indexing="ij")
    mass = moved.sum(dim=(1, 2, 3))
    center = torch.stack(
        [(moved[:, 0] * grid).sum(dim=(1, 2)) / mass for grid in (rows, columns)], dim=1
    )
    offset = (center - 12).abs()
    assert offset.max() <= 0.2 * 25 + 0.51 and offset.max() > 0.12 * 25


def test_rotation_keeps_the_center_and_moves_the_rim():
    x = torch.zeros(64, 1, 25, 25)
    x[:, :, 12, 20] = 1
    turned = run(augmentation.geometric(90, 0, 0, 0), x)
    assert turned[:, 0, 12, 20].mean() < 0.3 and turned.sum(dim=(1, 2, 3)).mean() > 0.7


@pytest.mark.parametrize(
    "make",
    [
        lambda: augmentation.geometric(degrees=-1),
        lambda: augmentation.geometric(shift=float("nan")),
        lambda: augmentation.photometric(noise=-0.1),
        lambda: augmentation.photometric(brightness="much"),
    ],
)
def test_bad_strengths_are_named(make):
    with pytest.raises(ValueError, match="degrees|shift|noise|brightness"):
        make()
