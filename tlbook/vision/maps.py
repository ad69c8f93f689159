"""The feature maps inside any backbone: the last one of each resolution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_size
from tlbook._base.named import named


class FeatureMaps(nn.Module):
    """A backbone that gives its maps instead of one vector.

    For each resolution that occurs, the map of the layer that is the last to have it. A layer that
    runs several times in one pass is passed over. Forward hooks collect the maps while
    ``backbone.features`` runs, so any network of :func:`tlbook.models.create` for pictures will do.

    Parameters
    ----------
    backbone : nn.Module
        With ``features``. It is not copied.
    size : (height, width)
        Of the pictures by which the layers are found; others may come later.
    channels : int
        Of the pictures.

    Attributes
    ----------
    strides, widths : tuples of int
        Pixels of the picture per pixel of each map, and its channels; finest first.

    Raises
    ------
    ValueError
        If the backbone has no ``features``, or no map between the picture and the vector.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.vision import FeatureMaps
    >>> maps = FeatureMaps(models.create("signnet", weights="embedded"), size=(48, 64))
    >>> maps.strides, maps.widths
    ((1, 2, 4), (32, 64, 128))
    >>> [tuple(z.shape) for z in maps(torch.zeros(5, 3, 48, 64))][-1]
    (5, 128, 12, 16)
    """

    @named
    def __init__(self, backbone: nn.Module, size: tuple[int, int], channels: int = 3) -> None:
        super().__init__()
        if not callable(getattr(backbone, "features", None)):
            raise ValueError(
                f"backbone: got a {type(backbone).__name__} without features (see models.wrap)"
            )
        height, width = check_size(size)
        self.backbone = backbone
        seen = _run(backbone, torch.zeros(2, channels, height, width))
        chosen: dict[int, tuple[str, int]] = {}
        for name, shape in seen:
            if len(shape) == 4 and min(shape[2:]) > 1:
                chosen[_stride((height, width), shape[2:])] = name, shape[1]
        if not chosen:
            raise ValueError(
                f"backbone: got a {type(backbone).__name__} without feature maps, want one with "
                "convolutions"
            )
        strides = sorted(chosen)
        self.strides = tuple(strides)
        self.layers = tuple(chosen[stride][0] for stride in strides)
        self.widths = tuple(chosen[stride][1] for stride in strides)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps, finest first."""
        maps: dict[str, Tensor] = {}

        def keep(name: str) -> Any:
            return lambda _, inputs, output: maps.__setitem__(name, output)

        # Hooks for this pass only: those of a deep copy would fill the original's list.
        layers = dict(self.backbone.named_modules())
        hooks = [layers[name].register_forward_hook(keep(name)) for name in self.layers]
        try:
            self.backbone.features(x)  # type: ignore[operator]
        finally:
            for hook in hooks:
                hook.remove()
        return [maps[name] for name in self.layers]


def _stride(size: tuple[int, int], cells: tuple[int, ...]) -> int:
    """Return how many pixels a cell of a map has on either side.

    A stride of 32 makes 12 rows of 375 pixels, where 375 / 12 rounds to 31. So a power of two that
    gives these cells, rounded up or else down, comes before the nearest ratio.
    """
    for more in (1, 0):
        for stride in (2**power for power in range(max(size).bit_length())):
            if cells == tuple((side + more * (stride - 1)) // stride for side in size):
                return stride
    return round(size[0] / cells[0])


def _run(backbone: nn.Module, x: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and output shape of each layer that runs once, in the order they end."""
    seen: list[tuple[str, tuple[int, ...]]] = []

    def note(name: str) -> Any:
        def hook(_: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                seen.append((name, tuple(output.shape)))

        return hook

    was_training = backbone.training
    backbone.eval()
    hooks = [m.register_forward_hook(note(name)) for name, m in backbone.named_modules() if name]
    like = next(backbone.parameters(), x)
    try:
        with torch.no_grad():
            backbone.features(x.to(like.device))  # type: ignore[operator]
    except (TypeError, AttributeError) as error:
        raise ValueError(
            f"backbone: got a {type(backbone).__name__} that takes no pictures"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
        backbone.train(was_training)
    times = [name for name, _ in seen]
    return [(name, shape) for name, shape in seen if times.count(name) == 1]
