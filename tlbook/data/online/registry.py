"""Files of the public data sets: names, checksums and sizes; addresses come from the libraries.

The checksums are those that torchvision and scikit-learn carry (a test compares them).
"""

from __future__ import annotations

import os
from pathlib import Path

from tlbook.data.online.addresses import Addresses, of
from tlbook.data.online.files import fetch_all
from tlbook.data.online.own_copies import lies_unpacked, own_file, own_tree, places
from tlbook.data.online.remote import Remote
from tlbook.data.online.unpacked import lies_whole, problem, unpack, unpacked


def _mnist(file: str, md5: str, size: int) -> Remote:
    where = of(
        "torchvision", "datasets/mnist.py", "MNIST.mirrors", lambda ms: [m + file for m in ms]
    )
    return Remote("mnist", file, f"md5:{md5}", size, where)


def _split(module: str, kind: str, split: str) -> Addresses:
    return of("torchvision", f"datasets/{module}.py", f"{kind}.split_list", lambda s: s[split][0])


def _pets(file: str, md5: str, size: int) -> Remote:
    where = of(
        "torchvision",
        "datasets/oxford_iiit_pet.py",
        "OxfordIIITPet._RESOURCES",
        lambda pairs: [address for address, _ in pairs if address.endswith(f"/{file}")],
    )
    return Remote("pets", file, f"md5:{md5}", size, where)


FILES: dict[str, tuple[Remote, ...]] = {
    "mnist": (
        _mnist("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9912422),
        _mnist("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28881),
        _mnist("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1648877),
        _mnist("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4542),
    ),
    "usps": (
        Remote(
            "usps",
            "usps.bz2",
            "md5:ec16c51db3855ca6c91edd34d0e9b197",
            6579383,
            _split("usps", "USPS", "train"),
        ),
        Remote(
            "usps",
            "usps.t.bz2",
            "md5:8ea070ee2aca1ac39742fdd1ef5ed118",
            1831726,
            _split("usps", "USPS", "test"),
        ),
    ),
    "svhn": (
        Remote(
            "svhn",
            "train_32x32.mat",
            "md5:e26dedcc434d2e4c54c9b2d4a06d8373",
            182040794,
            _split("svhn", "SVHN", "train"),
        ),
    ),
    "cifar10": (
        Remote(
            "cifar10",
            "cifar-10-python.tar.gz",
            "md5:c58f30108f718f92721af3b95e74349a",
            170498071,
            of("torchvision", "datasets/cifar.py", "CIFAR10.url", str),
        ),
    ),
    "pets": (
        _pets("images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c", 791918971),
        _pets("annotations.tar.gz", "95a8c909bbe2e81eed6a22bccdf3f68f", 19173078),
    ),
    "newsgroups": (
        Remote(
            "newsgroups",
            "20news-bydate.tar.gz",
            "sha256:8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
            14464277,
            of("sklearn", "datasets/_twenty_newsgroups.py", "ARCHIVE", lambda a: a["url"]),
        ),
    ),
}

NEEDS: dict[str, tuple[str, ...]] = {
    "mnist-to-usps": ("mnist", "usps"),
    "usps-to-mnist": ("usps", "mnist"),
    "svhn-to-mnist": ("svhn", "mnist"),
    "mnist-to-mnist-m": ("mnist",),
    "cifar10": ("cifar10",),
    "pets": ("pets",),
    "newsgroups": ("newsgroups",),
}
"""Which groups of files a task is made from."""

INSTEAD = {
    "mnist-to-usps": "the embedded task 'fonts-to-handwriting'",
    "usps-to-mnist": "the embedded task 'fonts-to-handwriting'",
    "svhn-to-mnist": "the embedded task 'fonts-to-handwriting'",
    "mnist-to-mnist-m": "the embedded task 'fonts-to-handwriting'",
    "cifar10": "the embedded task 'signs'",
    "pets": "the embedded task 'signs'",
    "newsgroups": "the embedded task 'docstrings'",
}
"""What ships with the course and shows the same."""


def needed(name: str) -> tuple[Remote, ...]:
    """Return the files that a task is made from."""
    return tuple(remote for group in NEEDS[name] for remote in FILES[group])


def have(name: str) -> bool:
    """Return whether a task's files are here (looked for, not checked)."""
    return all(
        remote.here
        or lies_whole(remote)
        or any(path.is_file() for path in places(remote))
        or lies_unpacked(remote)
        or (group == "newsgroups" and library_newsgroups())
        for group in NEEDS[name]
        for remote in FILES[group]
    )


def files(name: str, group: str) -> list[Path]:
    """Return the checked files of one group, downloaded where they are missing."""
    own = {remote: path for remote in FILES[group] if (path := own_file(remote)) is not None}
    missing = [remote for remote in FILES[group] if remote not in own]
    fetch_all(missing, what=name, instead=INSTEAD[name])
    return [own.get(remote, remote.path) for remote in FILES[group]]


def folders(name: str, group: str) -> list[Path]:
    """Return the unpacked archives of one group.

    An archive is checked before it is unpacked, and its files when they are used. A folder that is
    not as it was unpacked is made again from the archive.
    """
    ready: dict[Remote, Path] = {}
    for remote in FILES[group]:
        folder = unpacked(remote)
        if folder.is_dir() and problem(folder) is None:
            ready[remote] = folder
        elif (tree := own_tree(remote)) is not None:
            ready[remote] = tree
    missing = [remote for remote in FILES[group] if remote not in ready]
    archives = fetch_all(missing, what=name, instead=INSTEAD[name])
    for remote, archive in zip(missing, archives, strict=True):
        ready[remote] = unpack(archive, remote)
    return [ready[remote] for remote in FILES[group]]


def library_newsgroups() -> Path | None:
    """Return scikit-learn's own copy of 20 Newsgroups, or ``None``.

    It is a pickle without a checksum, written and read by scikit-learn; it is only taken from
    scikit-learn's own folder.
    """
    home = Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()
    copies = sorted(home.glob("20news-bydate*.pkz"))
    return copies[0] if copies else None
