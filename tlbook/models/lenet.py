"""A convolutional network for digits of 28 × 28 or 32 × 32 pixels, as the DANN paper took."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.models.seeding import seeded


class LeNet(nn.Module):
    """Two 5×5 convolutions with batch normalization and pooling, one hidden layer, a linear head.

    Parameters
    ----------
    n_classes : int
        Outputs of the head.
    channels, size : int
        Channels and pixels a side of the pictures (a multiple of 4).
    hidden : int
        Width of the hidden layer: ``features(x)`` maps (n, channels, size, size) in [0, 1] to
        (n, hidden).

    Raises
    ------
    ValueError
        If an argument is unfit, or pictures of another shape come.

    References
    ----------
    LeCun et al., Gradient-based learning applied to document recognition (1998). Ganin et al.,
    Domain-adversarial training of neural networks (2016), for the widths 32 and 48.
    """

    @named
    def __init__(
        self, n_classes: int = 10, *, channels: int = 1, size: int = 28, hidden: int = 100
    ) -> None:
        super().__init__()
        check_positive(n_classes, "n_classes", integer=True)
        check_choice(channels, "channels", (1, 3))
        check_positive(hidden, "hidden", integer=True)
        if check_positive(size, "size", integer=True) % 4:
            raise ValueError(f"size: got {size}, want a multiple of 4")
        self.shape = (channels, size, size)
        self.body = nn.Sequential(*_block(channels, 32), *_block(32, 48))
        self.hidden = nn.Linear(48 * (size // 4) ** 2, hidden)
        self.head = nn.Linear(hidden, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the hidden layer's activations of shape (n, hidden)."""
        if tuple(x.shape[1:]) != self.shape:
            raise ValueError(f"x: got shape {tuple(x.shape)}, this LeNet wants (n, {self.shape})")
        return torch.relu(self.hidden(self.body(x).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(x))


def lenet(
    name: str, weights: None, n_classes: int | None, seed: int, *, channels: int = 1, size: int = 28
) -> nn.Module:
    """Return a :class:`LeNet` with a random start; see :func:`tlbook.models.create`."""
    check_choice(weights, "weights", (None,))
    return seeded(lambda: LeNet(n_classes or 10, channels=channels, size=size), seed)


def _block(c_in: int, c_out: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(c_in, c_out, 5, padding=2, bias=False)
    return convolution, nn.BatchNorm2d(c_out), nn.ReLU(inplace=True), nn.MaxPool2d(2)
