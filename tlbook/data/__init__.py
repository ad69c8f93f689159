"""Data of the course: what the chapters need ships with it and works without a network.

``load(name, seed=0, **options)`` returns a Task or a Domain, ``available()`` lists what there is,
``have(name)`` says what is here. Public data sets and ``weights`` of other libraries are downloaded
once and checked, or put there by hand.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, overload

from tlbook._base.named import named
from tlbook.data.cache import cache_dir, cached
from tlbook.data.catalogue import ENTRIES, loader
from tlbook.data.online import Offline, online_dir
from tlbook.data.own import list_lines, list_pictures, list_sounds, list_texts
from tlbook.data.random import check_seed
from tlbook.data.weight_files.online import have_weights, weights
from tlbook.data.weight_files.shipped import available_weights, load_weights

if TYPE_CHECKING:
    import pandas as pd

    from tlbook.data.own.picture_files import PictureFiles
    from tlbook.domains.task import Domain, Task

__all__ = [
    "Offline",
    "PictureFiles",
    "available",
    "available_weights",
    "cache_dir",
    "cached",
    "have",
    "have_weights",
    "list_lines",
    "list_pictures",
    "list_sounds",
    "list_texts",
    "load",
    "load_weights",
    "online_dir",
    "weights",
]

TaskName = Literal[
    "signs",
    "signs-letters",
    "fonts-to-handwriting",
    "docstrings",
    "vowels",
    "cytology",
    "named-pictures",
    "toy",
    "mnist-to-usps",
    "usps-to-mnist",
    "svhn-to-mnist",
    "mnist-to-mnist-m",
    "cifar10",
    "pets",
    "newsgroups",
    "image-folder",
    "csv-texts",
    "csv-numbers",
]
DomainName = Literal["glyphs", "handwriting"]


def __getattr__(name: str) -> Any:
    """Import what needs torch when it is first asked for."""
    if name == "PictureFiles":
        from tlbook.data.own.picture_files import PictureFiles

        return PictureFiles
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@overload
def load(name: TaskName, seed: int = 0, **options: Any) -> Task: ...
@overload
def load(name: DomainName, seed: int = 0, **options: Any) -> Domain: ...
@overload
def load(name: str, seed: int = 0, **options: Any) -> Any: ...
def load(name: str, seed: int = 0, **options: Any) -> Any:
    """Load a task or a domain by name.

    Parameters
    ----------
    name : str
        One of the names in :func:`available`.
    seed : int
        Seed of everything random: rendering, splits, draws. The same seed gives the same arrays.
    **options
        Options of that data set; ``tlbook.data.catalogue.loader(name)`` describes them.

    Returns
    -------
    Task, Domain or Scenes

    Raises
    ------
    ValueError
        For an unknown name or option (the message lists what there is) or a bad value.
    Offline
        If a public data set is not here and cannot be downloaded; the message names the file, where
        to put it, and what to use instead. (Also a ValueError.)

    Examples
    --------
    >>> from tlbook import data
    >>> task = data.load("fonts-to-handwriting", seed=0)
    >>> task
    Task('fonts-to-handwriting', seed=0, target labels sealed, 0 looks)
    >>> task.target.X.shape, task.target.y is None
    ((1000, 1, 8, 8), True)
    >>> digits = data.load("handwriting")
    >>> digits
    Domain('handwriting', X (1797, 1, 8, 8), 10 labels)
    """
    if name not in ENTRIES:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(map(repr, ENTRIES))}")
    check_seed(seed)
    function = loader(name)
    parameters = inspect.signature(function).parameters.values()
    known = [p.name for p in parameters if p.name != "seed"]
    unknown = [option for option in options if option not in known]
    # "toy" checks its options itself: they depend on the kind.
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        want = f"one of {', '.join(known)}" if known else "none: it has no options"
        raise ValueError(f"options of {name!r}: got {', '.join(unknown)}, want {want}")
    return function(seed, **options)


@named
def have(name: str) -> bool:
    """Return whether a data set can be loaded without a network; touches none.

    True for what is embedded and for loaders of your own files; for the public data sets, whether
    their files are here (looked for, not checked).

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> from tlbook import data
    >>> data.have("signs")  # rendered here, never downloaded
    True
    >>> name = "mnist-to-usps" if data.have("mnist-to-usps") else "fonts-to-handwriting"
    >>> len(data.load(name).classes)
    10
    """
    from tlbook.data.online import registry

    if name not in ENTRIES:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(map(repr, ENTRIES))}")
    return name not in registry.NEEDS or registry.have(name)


def available() -> pd.DataFrame:
    """Return a table of all data sets: name, kind, size, source, licence.

    Examples
    --------
    >>> from tlbook import data
    >>> table = data.available()
    >>> table.columns.tolist()
    ['name', 'kind', 'size', 'source', 'licence']
    >>> table.name[table.kind == "domain"].tolist()
    ['handwriting', 'glyphs', 'signs-scenes', 'roads']
    """
    import pandas as pd

    rows = [
        (name, entry.kind, entry.size, entry.source, entry.licence)
        for name, entry in ENTRIES.items()
    ]
    return pd.DataFrame(rows, columns=["name", "kind", "size", "source", "licence"])
