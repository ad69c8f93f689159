"""WiSE-FT: weights between a network and its fine-tuned copy."""

import pytest
import torch

from tlbook.finetuning import interpolated
from tlbook.models import create


def test_ends_middle_and_statistics():
    start, end = create("digitnet", n_classes=3, seed=0), create("digitnet", n_classes=3, seed=1)
    end.train()(torch.rand(16, 1, 8, 8))  # moves the running statistics
    first, last = start.state_dict(), end.state_dict()
    for share in (0.0, 0.25, 1.0):
        mixed = interpolated(start, end, share)
        assert not mixed.training
        for name, value in mixed.state_dict().items():
            if value.is_floating_point():
                assert torch.allclose(value, (1 - share) * first[name] + share * last[name])
            else:  # BatchNorm counts its batches
                assert torch.equal(value, last[name])
    assert start.state_dict()["head.weight"] is not mixed.state_dict()["head.weight"]


def test_mistakes_are_named():
    net = create("digitnet", n_classes=3)
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="share: got"):
            interpolated(net, net, share)
    with pytest.raises(ValueError, match=r"another head\.bias than start"):
        interpolated(net, create("digitnet", n_classes=4), 0.5)
