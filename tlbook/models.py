"""The course's small networks, and a wrapper that gives any module ``features`` and ``head``.

A model of this course is any ``nn.Module`` with ``features(x) -> z`` and ``head(z) -> logits``.
That cut is where knowledge is taken out of a network: everything before it transfers, the head
belongs to the task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tlbook._checks import check_choice, check_positive


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


class Split(nn.Module):
    """A foreign module seen as features plus head; made by :func:`wrap`."""

    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def features(self, x: Tensor) -> Tensor:
        """Return what the body gives, flattened to (n, d)."""
        return self.body(x).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``head(features(x))``."""
        return self.head(self.features(x))


def wrap(module: nn.Module, head: str | None = None) -> nn.Module:
    """Give any module ``features`` and ``head`` by cutting it at its last linear layer.

    Parameters
    ----------
    module : nn.Module
        For example a torchvision ``resnet18``. It is changed in place: the layer that was the
        head is replaced by an identity and moves to ``.head`` of the result.
    head : str, optional
        Dotted name of the layer that is the head; by default the last ``nn.Linear``.

    Returns
    -------
    nn.Module
        ``module`` itself where it already has both, else a module with the same outputs.

    Raises
    ------
    ValueError
        If there is no linear layer or none of that name.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from tlbook import models
    >>> net = models.wrap(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)))
    >>> net.features(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    >>> net.head.out_features
    2
    """
    cut = getattr(module, "features", None)
    # torchvision's networks own a *module* called features, which is no cut of ours.
    own_cut = callable(cut) and not isinstance(cut, nn.Module)
    if own_cut and isinstance(getattr(module, "head", None), nn.Module):
        return module
    linear = [name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)]
    if head is None and not linear:
        raise ValueError("module: got no nn.Linear in it, want the name of its head")
    name = head if head is not None else linear[-1]
    check_choice(name, "head", [n for n, _ in module.named_modules() if n])
    parent_name, _, child = name.rpartition(".")
    parent = module.get_submodule(parent_name)
    layer = parent.get_submodule(child)
    setattr(parent, child, nn.Identity())
    return Split(module, layer)


def seeded(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Return ``build()`` with its random start fixed by ``seed``, leaving other draws alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def untrained(name: str = "signnet", n_classes: int = 10, seed: int = 0) -> nn.Module:
    """Return one of the course's networks with random weights drawn from ``seed``.

    Parameters
    ----------
    name : {"signnet", "digitnet"}
        For color pictures of 24 × 24 (287,000 parameters), or gray ones of 8 × 8 (38,000).
    n_classes : int
        Outputs of the head.
    seed : int
        Seed of the weights; torch's own random state stays as it is.

    Returns
    -------
    nn.Module
        With ``features`` and ``head``, in training mode.

    Raises
    ------
    ValueError
        If there is no network of this name.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> net = models.untrained("digitnet", n_classes=10, seed=0)
    >>> x = torch.zeros(5, 1, 8, 8)
    >>> net.features(x).shape, net(x).shape
    (torch.Size([5, 64]), torch.Size([5, 10]))
    >>> torch.equal(net(x), models.untrained("digitnet", seed=0)(x))
    True
    """
    kinds: dict[str, Callable[[int], nn.Module]] = {"signnet": SignNet, "digitnet": DigitNet}
    check_choice(name, "name", kinds)
    return seeded(lambda: kinds[name](n_classes), seed)


def pretrained(name: str = "signnet") -> SignNet:
    """Return a network with the weights that ship with the project (sha256 checked).

    ``"signnet"`` was trained on 71 letter classes painted on photographs
    (``tlbook pretrain signnet`` makes it again). It has never seen a digit.

    Parameters
    ----------
    name : {"signnet"}

    Returns
    -------
    SignNet
        In eval mode, with a head of 71 classes (:func:`tlbook.finetuning.replace_head` for others).

    Raises
    ------
    ValueError
        If the name is unknown, or the file is missing or damaged.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> net = models.pretrained("signnet")
    >>> net(torch.zeros(1, 3, 24, 24)).shape  # logits of 71 letters
    torch.Size([1, 71])
    """
    from tlbook.data.weights import load_weights

    check_choice(name, "name", ("signnet",))
    state: dict[str, Any] = load_weights(name)
    model = SignNet(n_classes=state["head.weight"].shape[0])
    model.load_state_dict(state)
    return model.eval()


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
