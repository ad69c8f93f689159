"""From what a user has to what a network takes, in a form that a JSON file holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tlbook._base.checks import check_array, check_choice, check_positive
from tlbook._base.extras import needs
from tlbook.data.online.pictures import SUFFIXES, decode, open_picture, to_floats
from tlbook.data.own import unreadable
from tlbook.data.own.folders import files_below
from tlbook.data.own.picture_list import shorten

BLOCK = 64
"""Pictures that are in memory at a time."""


@dataclasses.dataclass(frozen=True)
class Pictures:
    """The shorter side scaled to ``size``, the middle cut out, values in [0, 1]."""

    size: int
    channels: int = 3

    def __post_init__(self) -> None:
        check_positive(self.size, "size", integer=True)
        check_choice(self.channels, "channels", (1, 3))

    def read(self, path: str) -> Tensor:
        """Return one picture file of shape (channels, size, size)."""
        return torch.from_numpy(to_floats(decode(path, self.size, self.channels)))

    def array(self, X: Any) -> Tensor:
        """Return pictures that are in [0, 1] already, as they are."""
        return torch.as_tensor(check_array(X, "new", ndim=4)).float()

    def __str__(self) -> str:
        kind = "RGB" if self.channels == 3 else "gray"
        side = f"{self.size} × {self.size}"
        return f"shorter side scaled, middle cut out: {side} {kind}, values in [0, 1]"


@dataclasses.dataclass(frozen=True)
class Preset:
    """The transforms that come with torchvision's weights (``ResNet50_Weights.….transforms()``)."""

    crop_size: list[int]
    resize_size: list[int]
    mean: list[float]
    std: list[float]
    interpolation: str = "bilinear"
    antialias: bool | None = True

    def read(self, path: str) -> Tensor:
        """Return one picture file, normalized."""
        return self._transform()(open_picture(path))

    def array(self, X: Any) -> Tensor:
        """Return pictures (n, 3, h, w), uint8 or in [0, 1], scaled, cut and normalized."""
        rows = check_array(X, "new", ndim=4)
        rows = rows if rows.dtype == np.uint8 else rows.astype(np.float32)
        return self._transform()(torch.from_numpy(np.ascontiguousarray(rows)))

    def _transform(self) -> Any:
        needs("torchvision", "vision")
        from torchvision.transforms._presets import ImageClassification
        from torchvision.transforms.functional import InterpolationMode

        options = {
            **dataclasses.asdict(self),
            "interpolation": InterpolationMode(self.interpolation),
        }
        for name in ("crop_size", "resize_size"):
            options[name] = options[name][0] if len(options[name]) == 1 else options[name]
        return ImageClassification(**options)

    def __str__(self) -> str:
        side = " × ".join(map(str, self.crop_size * (1 if len(self.crop_size) > 1 else 2)))
        return (
            f"shorter side scaled to {self.resize_size[0]} ({self.interpolation}), middle {side} "
            f"cut out, mean {self.mean} and standard deviation {self.std} for values in [0, 1]"
        )


@dataclasses.dataclass(frozen=True)
class Texts:
    """Texts as they are: the model has its own tokenizer."""

    def __str__(self) -> str:
        return "texts as they are; the tokenizer lies beside the weights"


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Arrays as they are."""

    def array(self, X: Any) -> Tensor:
        """Return rows as float32."""
        return torch.as_tensor(check_array(X, "new")).float()

    def __str__(self) -> str:
        return "arrays as they are"


KINDS = {kind.__name__.lower(): kind for kind in (Pictures, Preset, Texts, Arrays)}
Preprocessing = Pictures | Preset | Texts | Arrays


def to_json(given: Preprocessing) -> dict[str, Any]:
    """Return what :func:`from_json` takes."""
    return {"kind": type(given).__name__.lower(), **dataclasses.asdict(given)}


def from_json(found: dict[str, Any]) -> Preprocessing:
    """Return the preprocessing that was written.

    Raises
    ------
    ValueError
        If this version knows no such kind.
    """
    options = dict(found)
    return KINDS[check_choice(options.pop("kind", None), "kind", KINDS)](**options)


def as_preprocessing(given: Any) -> Preprocessing | None:
    """Return what was meant: a size, the transforms of torchvision's weights, or one of ours.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if given is None or isinstance(given, Preprocessing):
        return given
    if isinstance(given, int):
        return Pictures(given)
    names = [field.name for field in dataclasses.fields(Preset)]
    if all(hasattr(given, name) for name in names):
        found = {name: getattr(given, name) for name in names}
        found["interpolation"] = getattr(given.interpolation, "value", given.interpolation)
        found |= {name: list(found[name]) for name in ("crop_size", "resize_size", "mean", "std")}
        return Preset(**found)
    raise ValueError(
        f"preprocessing: got {type(given).__name__}, want a size in pixels, the transforms of "
        "torchvision's weights (ResNet50_Weights.DEFAULT.transforms()), or left out"
    )


def picture_files(new: Any) -> list[str] | None:
    """Return the files meant by a file, a folder or a list of files; None for anything else.

    In a folder files that are no pictures are left out, and those among them that are named like
    pictures are named in a printed line.

    Raises
    ------
    ValueError
        If a file is missing or cannot be read, or a folder has no picture.
    """
    if isinstance(new, (str, Path)):
        place = Path(new).expanduser()
        if place.is_dir():
            return _in_folder(place)
        new = [new]
    if not isinstance(new, Sequence) or not all(isinstance(each, (str, Path)) for each in new):
        return None
    files = [str(Path(each).expanduser()) for each in new]
    if missing := [file for file in files if not Path(file).is_file()]:
        raise ValueError(f"new: there is no file {shorten(missing)}")
    if bad := unreadable(files):
        raise ValueError(f"new: these cannot be read as pictures: {shorten(list(bad.values()))}")
    return files


def _in_folder(place: Path) -> list[str]:
    files = [str(p) for p in files_below(place) if p.suffix.lower() in SUFFIXES]
    bad = unreadable(files)
    if bad:
        print(f"left out, no readable pictures: {shorten(list(bad.values()))}")
    kept = [file for file in files if file not in bad]
    if not kept:
        raise ValueError(f"new: got {place}, a folder without a readable picture")
    return kept


def blocks(preprocessing: Pictures | Preset, files: list[str]) -> Iterator[Tensor]:
    """Yield the pictures of files, some at a time."""
    for start in range(0, len(files), BLOCK):
        yield torch.stack([preprocessing.read(file) for file in files[start : start + BLOCK]])
