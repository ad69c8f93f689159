"""torchvision's networks with ImageNet weights where they are here, else what the course ships."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.extras import needs
from tlbook.models.seeding import seeded
from tlbook.models.small import SignNet, small
from tlbook.models.split import Split, wrap

NETWORKS = ("resnet18", "resnet50", "mobilenet_v3_small")
WEIGHTS = (None, "auto", "imagenet", "embedded")
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Preprocess(nn.Module):
    r"""What the ImageNet networks of torchvision expect, as the first layer of the network.

    .. math:: x'_c = (x_c - \mu_c) / \sigma_c, \quad \mu = (0.485, 0.456, 0.406),\;
        \sigma = (0.229, 0.224, 0.225)

    for pictures x in [0, 1], red, green, blue. A gray picture becomes three equal channels. With
    ``size`` pictures are scaled first (bilinear, antialiased where they shrink).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, size: int | None = None) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return pictures of shape (n, 3, size, size), normalized."""
        if x.ndim != 4 or x.shape[1] not in (1, 3):
            raise ValueError(f"x: got shape {tuple(x.shape)}, want (n, 3 or 1, height, width)")
        if self.size is not None and tuple(x.shape[2:]) != (self.size, self.size):
            x = interpolate(
                x, (self.size, self.size), mode="bilinear", align_corners=False, antialias=True
            )
        return (x.expand(-1, 3, -1, -1) - self.mean) / self.std


def network(
    name: str,
    weights: str | None,
    n_classes: int | None,
    seed: int,
    *,
    size: int | None = None,
    quiet: bool = False,
) -> nn.Module:
    """Return one of torchvision's networks with features and head; say which weights it has.

    Parameters
    ----------
    name : {"resnet18", "resnet50", "mobilenet_v3_small"}
        Network of torchvision: 512, 2048 or 1024 features.
    weights : {None, "auto", "imagenet", "embedded"}, str or Path
        A file is a state dictionary of torchvision's own network, ``.pth`` or ``.safetensors``.
        ``"imagenet"`` takes torchvision's IMAGENET1K_V1 (downloaded where they are missing),
        ``"embedded"`` the course's ``signnet`` in the network's place (128 features, 24 × 24 color
        pictures, pretrained on letters), ``"auto"`` the real ones where they are on this machine,
        else the embedded ones; it never uses a network. ``None`` is the network as it is before any
        training.
    n_classes : int, optional
        Outputs of a new head; by default the weights' own head, or 10 classes without weights.
    seed : int
        Seed of the head (and of everything without weights).
    size : int, optional
        Scale pictures to this many pixels a side inside the network; by default they stay as they
        are. The ImageNet weights were trained at 224; a ResNet halves the side five times, so 24
        pixels leave it a single place.
    quiet : bool
        Do not print the line.

    Returns
    -------
    nn.Module
        It takes pictures in [0, 1] of shape (n, 3, height, width): the normalization is its first
        layer. In evaluation mode; ``fit`` sets the mode itself.

    Raises
    ------
    Offline
        If ``weights="imagenet"`` and they are not to be had; the message says where to put them.
    ValueError
        If an argument is unfit or the file is damaged.

    References
    ----------
    He et al., Deep residual learning for image recognition (2016). Howard et al., Searching for
    MobileNetV3 (2019).
    """
    from tlbook import data

    check_choice(name, "name", NETWORKS)
    own = weights not in WEIGHTS and Path(str(weights)).expanduser().is_file()
    if not own:
        check_choice(weights, "weights", (*WEIGHTS, "a file"))
    if size is not None and check_positive(size, "size", integer=True) < 8:
        raise ValueError(f"size: got {size}, want at least 8 pixels")
    taken = weights
    if weights == "auto":
        taken = "imagenet" if data.have_weights(name) else "embedded"
    if taken == "embedded":
        model: nn.Module = _sign_network(size)
        line = f"{name}: not taken; its place has the embedded signnet, pretrained on 71 letters"
        if weights == "auto":
            line += f" (data.weights({name!r}) gets ImageNet weights)"
    else:
        state, line = None, f"{name}: a random start"
        if own:
            state = _weights_only(Path(str(weights)).expanduser())
            line = f"{name}: weights of {Path(str(weights)).name}"
        if taken == "imagenet":
            path = data.weights(name)
            state = _weights_only(path)
            line = f"{name}: ImageNet weights ({path.name})"
        model = _torchvision(name, state, size, seed)
    old = model.head
    assert isinstance(old, nn.Linear)
    if taken is None and n_classes is None:
        n_classes = 10
    head = f"its own head, {old.out_features} classes"
    if n_classes is not None:
        model.head = seeded(lambda: nn.Linear(old.in_features, n_classes), seed)
        head = f"new head for {n_classes} classes"
    if not quiet:
        print(f"{line}; {head}")
    # For models.save.
    start = "embedded" if taken == "embedded" else None
    made_by = {"name": name, "weights": start, "size": size, "quiet": True}
    object.__setattr__(model, "made_by", made_by)
    return model.eval()


def _weights_only(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path} is damaged or no file of weights ({error})") from None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        first = str(error).strip().splitlines()[0]
        raise ValueError(f"{path} holds something else than weights, refused ({first})") from None


def _torchvision(name: str, state: Any, size: int | None, seed: int) -> nn.Module:
    needs("torchvision", "vision")
    import torchvision

    build = getattr(torchvision.models, name)
    n_classes = 1000
    if isinstance(state, dict):  # a network of one's own may have any number
        matrices = [value for value in state.values() if getattr(value, "ndim", 0) == 2]
        n_classes = len(matrices[-1]) if matrices else n_classes
    network = seeded(lambda: build(weights=None, num_classes=n_classes), seed)
    if state is not None:
        try:
            network.load_state_dict(state)
        except (RuntimeError, TypeError, AttributeError) as error:
            first = str(error).strip().splitlines()[0]
            raise ValueError(f"{name}: the weights do not fit the network ({first})") from None
    cut = wrap(network)
    assert isinstance(cut, Split)
    return Split(nn.Sequential(Preprocess(size), cut.body), cut.head)


def _sign_network(size: int | None) -> nn.Module:
    """Return ``signnet``, as it is or behind a layer that scales."""
    model = small("signnet", "embedded", None, 0)
    if size is None:
        return model
    assert isinstance(model, SignNet)
    layers = (_Standardize(size), *model.body, nn.AdaptiveAvgPool2d(1))
    return Split(nn.Sequential(*layers), model.head)


class _Standardize(nn.Module):
    """Scale pictures and do what ``SignNet.features`` does before its first convolution."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        if tuple(x.shape[2:]) != (self.size, self.size):
            shape = (self.size, self.size)
            x = interpolate(x, shape, mode="bilinear", align_corners=False, antialias=True)
        return (x - 0.5) / 0.25
