"""The course's small networks: one for color signs, one for gray digits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_choice, check_positive
from tlbook.models.seeding import seeded


class SignNet(nn.Module):
    """Six 3×3 convolutions for 24×24 color pictures, global average pooling, a linear head.

    Parameters
    ----------
    n_classes : int
        Number of outputs of the head.
    channels : sequence of (int, int)
        Output channels and stride of each convolution. The default has 287,000 parameters
        without the head.

    Notes
    -----
    ``features(x)`` maps (n, 3, 24, 24) in [0, 1] to (n, 128).
    """

    def __init__(
        self,
        n_classes: int,
        channels: Sequence[tuple[int, int]] = (
            (32, 1),
            (32, 1),
            (64, 2),
            (64, 1),
            (128, 2),
            (128, 1),
        ),
    ) -> None:
        super().__init__()
        check_positive(n_classes, "n_classes", integer=True)
        self.body = nn.Sequential(*_conv_blocks(3, channels))
        self.head = nn.Linear(channels[-1][0], n_classes)
        # Channels-last kernels are about a tenth faster on CPUs and much faster on CUDA.
        self.to(memory_format=torch.channels_last)

    def features(self, x: Tensor) -> Tensor:
        """Return the pooled features of shape (n, 128)."""
        _check_images(x, 3, "SignNet")
        x = ((x - 0.5) / 0.25).contiguous(memory_format=torch.channels_last)
        return self.body(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(x))


class DigitNet(nn.Module):
    """Two convolutions and one hidden layer for 8×8 gray pictures (38,000 parameters).

    Notes
    -----
    ``features(x)`` maps (n, 1, 8, 8) in [0, 1] to (n, 64).
    """

    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        check_positive(n_classes, "n_classes", integer=True)
        self.body = nn.Sequential(*_conv_blocks(1, ((16, 1), (32, 1))), nn.MaxPool2d(2))
        self.hidden = nn.Linear(32 * 4 * 4, 64)
        self.head = nn.Linear(64, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the hidden layer's activations of shape (n, 64)."""
        _check_images(x, 1, "DigitNet")
        return torch.relu(self.hidden(self.body(x).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(x))


def _conv_blocks(c_in: int, channels: Sequence[tuple[int, int]]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for c_out, stride in channels:
        layers += [
            nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(inplace=True),
        ]
        c_in = c_out
    return layers


def _check_images(x: Tensor, channels: int, network: str) -> None:
    if x.ndim != 4 or x.shape[1] != channels:
        raise ValueError(
            f"x: got shape {tuple(x.shape)}, {network} wants (n, {channels}, height, width)"
        )


NETWORKS: dict[str, type[SignNet] | type[DigitNet]] = {"signnet": SignNet, "digitnet": DigitNet}
EMBEDDED = ("signnet",)
"""The networks whose weights ship."""


def small(name: str, weights: str | None, n_classes: int | None, seed: int) -> nn.Module:
    """Return one of the course's networks; see :func:`tlbook.models.create`."""
    check_choice(weights, "weights", (None, "embedded") if name in EMBEDDED else (None,))
    if weights is None:
        return seeded(lambda: NETWORKS[name](n_classes or 10), seed)
    from tlbook.data.weight_files.shipped import load_weights

    state = load_weights(name)
    model = seeded(lambda: NETWORKS[name](len(state["head.weight"])), seed)
    model.load_state_dict(state)
    if n_classes is not None:
        features = model.head.in_features  # type: ignore[union-attr]
        model.head = seeded(lambda: nn.Linear(features, n_classes), seed)  # type: ignore[arg-type]
    return model.eval()
