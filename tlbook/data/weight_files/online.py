"""Pretrained weights of torchvision, Keras and transformers, checked, from wherever they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tlbook._base.checks import check_choice
from tlbook._base.named import named
from tlbook.data.online.addresses import of, on_the_hub
from tlbook.data.online.files import fetch_all
from tlbook.data.online.remote import Remote, check


@dataclass(frozen=True)
class Pretrained:
    """Files of one set of weights, the library's own folder for them, and what replaces them."""

    files: tuple[Remote, ...]
    library: str
    elsewhere: Callable[[], tuple[Path, ...]]
    instead: str
    licence: str
    whole_folder: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders in which the files may be: ours, then the library's own."""
        return (self.files[0].path.parent, *self.elsewhere())

    def found(self) -> Path | None:
        """Return the first folder that has all files, or ``None``."""
        for folder in self.folders:
            if all((folder / remote.file).is_file() for remote in self.files):
                return folder
        return None


def _home(variable: str, *default: str) -> Path:
    chosen = os.environ.get(variable)
    return Path(chosen).expanduser() if chosen else Path.home().joinpath(*default)


def _xdg(*parts: str) -> Path:
    return _home("XDG_CACHE_HOME", ".cache").joinpath(*parts)


def torch_folders() -> tuple[Path, ...]:
    """Return where ``torch.hub`` keeps checkpoints."""
    torch_home = os.environ.get("TORCH_HOME")
    home = Path(torch_home).expanduser() if torch_home else _xdg("torch")
    return (home / "hub" / "checkpoints",)


def keras_folders() -> tuple[Path, ...]:
    """Return where Keras keeps its models."""
    return (_home("KERAS_HOME", ".keras") / "models",)


def bert_folders() -> tuple[Path, ...]:
    """Return where transformers keeps the pinned revision of BERT."""
    hub = os.environ.get("HF_HUB_CACHE")
    home = os.environ.get("HF_HOME")
    root = Path(home).expanduser() if home else _xdg("huggingface")
    root = Path(hub).expanduser() if hub else root / "hub"
    names = ("models--google-bert--bert-base-uncased", "models--bert-base-uncased")
    return tuple(root / name / "snapshots" / BERT_REVISION for name in names)


def _torchvision(file: str, sha256: str, size: int, module: str, kind: str) -> Pretrained:
    where = of("torchvision", f"models/{module}.py", f"{kind}.IMAGENET1K_V1", lambda w: w["url"])
    return Pretrained(
        (Remote("weights", file, f"sha256:{sha256}", size, where),),
        "torchvision",
        torch_folders,
        "the embedded network 'signnet' (tlbook.models.create)",
        "BSD-3-Clause (torchvision); trained on ImageNet",
    )


def _mobilenet(alpha: str, rows: int, size: int) -> Pretrained:
    file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_{rows}_no_top.h5"
    where = of("keras", "src/applications/mobilenet_v2.py", "BASE_WEIGHT_PATH", lambda b: b + file)
    # Keras gives no checksum for these: the sum of the first use is written down.
    return Pretrained(
        (Remote("weights", file, "", size, where, starts=HDF5),),
        "Keras",
        keras_folders,
        "the embedded network 'mobilesigns'",
        "Apache 2.0 (Keras); trained on ImageNet",
    )


HDF5 = b"\x89HDF\r\n\x1a\n"
VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
VGG16_SOURCE = "src/applications/vgg16.py"
BERT_REVISION = "86b5e0934494bd15c9632b12f734a8a67f723594"
BERT = {
    "config.json": ("7160e1553ad2ca51d8c1cb066be533db31826e12d173824c1bb0cb1a4f187d20", 570),
    "tokenizer_config.json": (
        "a025160ef0431f1a392f6f050c1310f4c5d9fb6f275932dbccba73c4d214bf10",
        48,
    ),
    "tokenizer.json": ("ce64fce797c24f68df90b40a3f74f579b336a493db14bd583fd520ea0d8c9a98", 466062),
    "model.safetensors": (
        "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3",
        440449768,
    ),
}
"""sha256 and bytes of the files of the pinned revision."""

PRETRAINED = {
    # torchvision puts the first eight digits of the sha256 into the file's name.
    "resnet18": _torchvision(
        "resnet18-f37072fd.pth",
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
        46830571,
        "resnet",
        "ResNet18_Weights",
    ),
    "resnet50": _torchvision(
        "resnet50-0676ba61.pth",
        "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
        102530333,
        "resnet",
        "ResNet50_Weights",
    ),
    "mobilenet_v3_small": _torchvision(
        "mobilenet_v3_small-047dcff4.pth",
        "047dcff4addef86ea5bc2eff13c9614dc11f47ab1160d0a71a25e7db994f4e1f",
        10306551,
        "mobilenetv3",
        "MobileNet_V3_Small_Weights",
    ),
    "mobilenet_v2": _mobilenet("1.0", 224, 9406464),
    "mobilenet_v2_96": _mobilenet("1.0", 96, 9406464),
    "mobilenet_v2_0.35": _mobilenet("0.35", 224, 2000000),
    "mobilenet_v2_0.35_96": _mobilenet("0.35", 96, 2000000),
    "vgg16": Pretrained(
        (
            Remote(
                "weights",
                VGG16,
                "md5:6d6bbae143d832006294945121d1f1fc",  # file_hash in Keras
                58889256,
                of("keras", VGG16_SOURCE, "WEIGHTS_PATH_NO_TOP", str),
            ),
        ),
        "Keras",
        keras_folders,
        "the embedded network 'mobilesigns'",
        "CC BY 4.0 (VGG, Oxford); trained on ImageNet",
    ),
    "bert-base-uncased": Pretrained(
        tuple(
            Remote(
                "bert-base-uncased",
                file,
                f"sha256:{sha256}",
                size,
                on_the_hub("google-bert/bert-base-uncased", file, BERT_REVISION),
            )
            for file, (sha256, size) in BERT.items()
        ),
        "transformers",
        bert_folders,
        "the embedded MiniLM (tlbook.text)",
        "Apache 2.0",
        whole_folder=True,
    ),
}


def weights(name: str, download: bool = True) -> Path:
    """Return the path of real pretrained weights, checked; download them where they are missing.

    They are looked for in ``tlbook.data.online_dir()`` and in the folder where the library itself
    keeps them, so files that you have already are used, without a network.

    Parameters
    ----------
    name : str
        ``"resnet18"``, ``"resnet50"``, ``"mobilenet_v3_small"`` (torchvision, IMAGENET1K_V1, a
        ``.pth`` file for ``torch.load(path, weights_only=True)``); ``"mobilenet_v2"``,
        ``"mobilenet_v2_96"``, ``"mobilenet_v2_0.35"``, ``"mobilenet_v2_0.35_96"`` (alpha and input
        size; 1.0 and 224 where not named) and ``"vgg16"`` (Keras, no top, a ``.h5`` file for
        ``load_weights``); ``"bert-base-uncased"`` (a folder for ``from_pretrained``).
    download : bool
        Whether the network may be used.

    Returns
    -------
    Path
        Of a file, or of a folder for transformers.

    Raises
    ------
    Offline
        If the files are not here and no server gives them (within 5 seconds). It is an OSError
        and a ValueError; it names the files, where to put them, and what ships with the course.
    ValueError
        If the name is unknown, or a file is damaged.

    Notes
    -----
    Checksums: sha256 for torchvision (its file names carry the first eight digits) and for the
    pinned revision of BERT; Keras's own md5 for VGG16. For MobileNetV2 Keras gives none: the sum
    of the first use is written down and later files have to agree with it.
    """
    entry = PRETRAINED[check_choice(name, "name", PRETRAINED)]
    folder = entry.found()
    if folder is None:
        fetch_all(entry.files, what=name, instead=entry.instead, download=download)
        folder = entry.folders[0]
    else:
        for remote in entry.files:
            check(folder / remote.file, remote)
    return folder if entry.whole_folder else folder / entry.files[0].file


@named
def have_weights(name: str) -> bool:
    """Return whether the files of :func:`weights` are on this machine; never uses a network.

    Files are looked for, not checked: a damaged one is an error in :func:`weights`, never a
    reason to take something else silently.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return PRETRAINED[check_choice(name, "name", PRETRAINED)].found() is not None
