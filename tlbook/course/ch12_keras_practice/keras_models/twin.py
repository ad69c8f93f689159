"""MobileNetV2 in PyTorch, layer by layer as Keras builds it, with Keras's names.

Two conventions differ between Keras and torchvision, and weights are only right with the one under
which they were trained:

* a stride of 2 pads "same" in Keras: an even picture gets one row and one column of zeros, at the
  bottom and on the right; torchvision pads one on every side;
* BatchNorm adds 1e-3 to the variance in Keras, 1e-5 in torchvision.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from tlbook._base.checks import check_choice, check_positive

Convention = Literal["keras", "torchvision"]
EPSILON = {"keras": 1e-3, "torchvision": 1e-5}
SIZE = 48
"""Side of the picture inside the network: signs of 24 pixels are enlarged twice, so that the map
after the first stride is as large as the sign."""

# filters, blocks, stride of the first, expansion (Sandler et al. 2018, table 2)
GROUPS = (
    (16, 1, 1, 1),
    (24, 2, 2, 6),
    (32, 3, 2, 6),
    (64, 4, 2, 6),
    (96, 3, 1, 6),
    (160, 3, 2, 6),
    (320, 1, 1, 6),
)


def rounded(channels: float, divisor: int = 8) -> int:
    """Return the multiple of 8 nearest to a number of channels, at most a tenth below it."""
    nearest = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return nearest if nearest >= 0.9 * channels else nearest + divisor


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    r"""Return the zeros before and after a side of ``size`` pixels under padding "same".

    .. math:: p = \max\big((\lceil n/s \rceil - 1)\,s + k - n,\; 0\big),
        \quad \text{before} = \lfloor p/2 \rfloor,\; \text{after} = p - \text{before}
    """
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Conv(nn.Conv2d):
    """A convolution without bias that pads by either convention."""

    def __init__(
        self, c_in: int, c_out: int, kernel: int, stride: int, groups: int, convention: Convention
    ) -> None:
        self.symmetric = convention == "torchvision" or stride == 1
        edge = kernel // 2 if self.symmetric else 0
        super().__init__(c_in, c_out, kernel, stride, edge, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolved picture."""
        if not self.symmetric:
            (k, _), (s, _) = self.kernel_size, self.stride
            x = pad(x, (*same_padding(x.shape[3], k, s), *same_padding(x.shape[2], k, s)))
        return super().forward(x)


class MobileNetV2(nn.Module):
    """The body of MobileNetV2, global average pooling and a linear head (Sandler et al. 2018).

    Parameters
    ----------
    n_classes : int
        Outputs of the head.
    alpha : float
        Factor on the channels of every block.
    size : int
        Side in pixels to which pictures are enlarged (bilinear) before the first convolution.
    convention : {"keras", "torchvision"}
        Padding of strided convolutions, and BatchNorm's epsilon.

    Notes
    -----
    ``features(x)`` maps (n, 3, height, width) in [0, 1] to (n, 1280). The network itself wants
    pixels in [-1, 1]; that step is inside. Layers stand in ``self.layers`` under Keras's names.

    Raises
    ------
    ValueError
        If an argument is not positive, or the convention is unknown.
    """

    def __init__(
        self,
        n_classes: int = 71,
        alpha: float = 0.35,
        size: int = SIZE,
        convention: Convention = "keras",
    ) -> None:
        super().__init__()
        check_positive(n_classes, "n_classes", integer=True)
        check_positive(alpha, "alpha")
        self.size = check_positive(size, "size", integer=True)
        self.convention: Convention = check_choice(convention, "convention", tuple(EPSILON))
        self.layers = nn.ModuleDict()
        self.blocks: list[tuple[str, bool]] = []
        c = rounded(32 * alpha)
        self._add("Conv1", "bn_Conv1", 3, c, 3, 2)
        for filters, blocks, stride, expansion in GROUPS:
            for place in range(blocks):
                c = self._add_block(c, rounded(int(filters * alpha)), stride, expansion, place)
        last = rounded(1280 * max(1.0, alpha))
        self._add("Conv_1", "Conv_1_bn", c, last, 1, 1)
        self.head = nn.Linear(last, n_classes)
        self.to(memory_format=torch.channels_last)

    def _add(
        self, conv: str, norm: str, c_in: int, c_out: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        self.layers[conv] = Conv(c_in, c_out, kernel, stride, groups, self.convention)
        # Keras's momentum 0.999 is the part that stays; PyTorch counts the part that is new.
        epsilon = EPSILON[self.convention]
        self.layers[norm] = nn.BatchNorm2d(c_out, eps=epsilon, momentum=1e-3)

    def _add_block(self, c_in: int, c_out: int, stride: int, expansion: int, place: int) -> int:
        number = len(self.blocks)
        name = f"block_{number}_" if number else "expanded_conv_"
        stride = stride if place == 0 else 1
        wide = c_in * expansion
        if number:
            self._add(f"{name}expand", f"{name}expand_BN", c_in, wide, 1, 1)
        self._add(f"{name}depthwise", f"{name}depthwise_BN", wide, wide, 3, stride, groups=wide)
        self._add(f"{name}project", f"{name}project_BN", wide, c_out, 1, 1)
        self.blocks.append((name, stride == 1 and c_in == c_out))
        return c_out

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the pieces that are run one after the other: Conv1, the blocks, Conv_1."""
        return ("Conv1", *(name.rstrip("_") for name, _ in self.blocks), "Conv_1")

    def prepare(self, x: Tensor) -> Tensor:
        """Return pictures in [0, 1] enlarged to the network's size and scaled to [-1, 1]."""
        if x.ndim != 4 or x.shape[1] != 3:
            raise ValueError(f"x: got shape {tuple(x.shape)}, want (n, 3, height, width)")
        if x.shape[2:] != (self.size, self.size):
            x = interpolate(x, (self.size, self.size), mode="bilinear", align_corners=False)
        return (2 * x - 1).contiguous(memory_format=torch.channels_last)

    def run(self, x: Tensor, first: int = 0, last: int | None = None) -> Tensor:
        """Return the maps after stage ``last`` (not included) from those before ``first``."""
        for stage in range(len(self.stages))[first:last]:
            if stage == 0:
                x = self._step(x, "Conv1", "bn_Conv1")
            elif stage <= len(self.blocks):
                x = self._block(x, *self.blocks[stage - 1])
            else:
                x = self._step(x, "Conv_1", "Conv_1_bn")
        return x

    def _block(self, x: Tensor, name: str, add: bool) -> Tensor:
        y = x
        if name != "expanded_conv_":
            y = self._step(y, f"{name}expand", f"{name}expand_BN")
        y = self._step(y, f"{name}depthwise", f"{name}depthwise_BN")
        y = self.layers[f"{name}project_BN"](self.layers[f"{name}project"](y))
        return x + y if add else y

    def _step(self, x: Tensor, conv: str, norm: str) -> Tensor:
        return nn.functional.relu6(self.layers[norm](self.layers[conv](x)))

    def maps(self, x: Tensor) -> Tensor:
        """Return the last maps of shape (n, 1280, h, w): the base of Keras without its top."""
        return self.run(self.prepare(x))

    def features(self, x: Tensor) -> Tensor:
        """Return the pooled features of shape (n, 1280)."""
        return self.maps(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(x))


def mobilesigns(convention: Convention = "keras") -> MobileNetV2:
    """Return the network that ships with the project, with its head for 71 letters, in eval mode.

    ``tlbook pretrain mobilesigns`` makes the weights again; they belong to Keras's convention.
    """
    from tlbook.data.weight_files.shipped import load_weights

    state = load_weights("mobilesigns")
    model = MobileNetV2(len(state["head.bias"]), convention=convention)
    model.load_state_dict(state)
    return model.eval()
