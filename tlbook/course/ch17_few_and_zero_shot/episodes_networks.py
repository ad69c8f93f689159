"""The two small networks of episodes and views: a perceptron, and convolutions."""

from __future__ import annotations

from torch import Tensor, nn

from tlbook.models import seeded

WIDTH = 32
"""Features of the perceptron."""


class GlyphMLP(nn.Module):
    """Two hidden layers for gray pictures of 8 × 8: features (n, 32), then a head."""

    def __init__(self, head: nn.Module, normalized: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        for n_in, n_out in ((64, 64), (64, WIDTH)):
            layers.append(nn.Linear(n_in, n_out))
            if normalized:
                layers.append(nn.BatchNorm1d(n_out))
            layers.append(nn.ReLU())
        self.body = nn.Sequential(*layers)
        self.head = head

    def features(self, x: Tensor) -> Tensor:
        """Return what the head reads, shape (n, 32)."""
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        return self.head(self.features(x))


class GlyphNet(nn.Module):
    """Three convolutions with BatchNorm for gray pictures of 16 × 16 (40,000 parameters).

    ``features(x)`` maps (n, 1, 16, 16) to (n, 64).
    """

    def __init__(self, n_classes: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for c_in, c_out, stride in ((1, 16, 1), (16, 32, 2), (32, 64, 2)):
            conv = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(c_out), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 64))
        self.head = nn.Linear(64, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return what the head reads, shape (n, 64)."""
        return self.body(x).relu()

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        return self.head(self.features(x))


def glyph_mlp(n_classes: int, seed: int, normalized: bool = False) -> GlyphMLP:
    """Return the perceptron with a linear head, from a seed; ``normalized``: with BatchNorm."""
    return seeded(lambda: GlyphMLP(nn.Linear(WIDTH, n_classes), normalized), seed)  # type: ignore[return-value]


def glyph_net(seed: int, n_classes: int = 1) -> GlyphNet:
    """Return the convolutions, from a seed."""
    return seeded(lambda: GlyphNet(n_classes), seed)  # type: ignore[return-value]
