"""Folders of class folders: what counts as one, and what in it counts."""

from __future__ import annotations

from pathlib import Path

from tlbook.data.cache import cache_dir
from tlbook.data.online.archives import extract
from tlbook.data.online.pictures import CLUTTER
from tlbook.data.online.remote import digest

SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""Names of folders that are splits, in small letters, and what the split is called."""


def find_folder(path: str | Path, name: str) -> Path:
    """Return a folder; an archive is unpacked into the cache folder first.

    Raises
    ------
    ValueError
        If ``path``, the argument called ``name``, is neither.
    """
    place = Path(path).expanduser()
    if place.is_file():
        target = cache_dir() / "unpacked" / f"{place.name.split('.')[0]}-{digest(place)[:16]}"
        place = extract(place, target)
    if not place.is_dir():
        raise ValueError(f"{name}: got {str(path)!r}, want a folder of pictures or an archive")
    inside = visible(place)
    # Archives often hold one folder with everything in it.
    while len(inside) == 1 and inside[0].is_dir() and any(p.is_dir() for p in visible(inside[0])):
        place = inside[0]
        inside = visible(place)
    return place


def visible(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted, without hidden files and the clutter of systems."""
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith((".", "__MACOSX")) and p.name.lower() not in CLUTTER
    )


def files_below(folder: Path) -> list[Path]:
    """Return all files in a folder and in the folders inside it, sorted."""
    found: list[Path] = []
    for place in visible(folder):
        found += files_below(place) if place.is_dir() else [place]
    return found


def split_folders(folder: Path) -> dict[str, Path]:
    """Return the folders ``train``, ``val`` and ``test`` that are there, or ``all`` for itself.

    Raises
    ------
    ValueError
        If two folders are one split (``val`` and ``valid``), or class folders stand beside splits.
    """
    inside = [place for place in visible(folder) if place.is_dir()]
    splits = [place for place in inside if place.name.lower() in SPLITS]
    # A class may be called "test": a split has folders inside.
    if not any(p.is_dir() for place in splits for p in visible(place)):
        return {"all": folder}
    if others := [place.name for place in inside if place not in splits]:
        raise ValueError(
            f"{folder}: got {', '.join(others[:5])} beside {', '.join(p.name for p in splits)}, "
            "want class folders, or folders train, val and test with class folders inside"
        )
    found: dict[str, Path] = {}
    for place in splits:
        split = SPLITS[place.name.lower()]
        if split in found:
            both = f"{found[split].name} and {place.name}"
            raise ValueError(f"{folder}: got {both}, want one {split}")
        found[split] = place
    return {split: found[split] for split in ("train", "val", "test") if split in found}
