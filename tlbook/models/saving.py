"""Save a trained model with classes, preprocessing and model card; load it to answer new inputs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from tlbook._base.checks import check_folder, check_positive
from tlbook._base.named import named
from tlbook.models.architectures import OWN, TEXTS, describe, rebuild
from tlbook.models.lenet import LeNet
from tlbook.models.model_card import card
from tlbook.models.preprocessing import (
    Arrays,
    Pictures,
    Preprocessing,
    Texts,
    as_preprocessing,
    from_json,
    to_json,
)
from tlbook.models.saved import Saved
from tlbook.models.small import DigitNet, SignNet

FORMAT = 1
WEIGHTS, ABOUT = "weights.safetensors", "model.json"

LOAD = """\
from tlbook import models

model = models.load("{path}")
print(model.predict({new}))"""


@named
def save(
    path: str | Path,
    model: nn.Module,
    classes: Sequence[str],
    *,
    preprocessing: Any = None,
    architecture: str | None = None,
    tokenizer: Any = None,
    temperature: float = 1.0,
    name: str | None = None,
    **about: Any,
) -> Path:
    """Write a trained model into a folder: weights, classes, preprocessing and a model card.

    The folder holds ``weights.safetensors``, ``model.json`` and ``README.md``, and the tokenizer of
    a model of texts. There is no pickle in it: whoever loads it runs no foreign code.

    Parameters
    ----------
    path : str or Path
        A folder; what an earlier call wrote there is replaced.
    model : nn.Module
        A network of :func:`create`, a torchvision network (say which by ``architecture``), a
        classifier of texts, or a model of transformers for sequence classification. Of any other
        class the weights are kept, and ``load(path, into=network)`` fills a network of yours.
    classes : sequence of str
        Names of the outputs, in their order.
    preprocessing : optional
        A size in pixels (the shorter side is scaled to it and the middle cut out, values in
        [0, 1]), or the transforms that come with torchvision's weights. By default the size that
        the network takes.
    architecture : str, optional
        torchvision's name of the network, such as ``"resnet50"``.
    tokenizer : optional
        Of a model of transformers.
    temperature : float
        Divides the logits, where the model was calibrated.
    name, **about
        What :func:`card` takes.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If the number of classes is not that of the outputs, the network has adapters, or it was
        changed so that it could not be loaded again.

    Examples
    --------
    >>> import tempfile
    >>> from tlbook import models
    >>> net = models.create("signnet", n_classes=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = models.save(folder, net, classes=["ants", "bees"])
    ...     models.load(path)
    Saved(SignNet, 2 classes: ants, bees)
    """
    names = [str(each) for each in classes]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"classes: got {names}, want two or more different names")
    if strange := [name for name in names if not _is_text(name)]:
        raise ValueError(
            f"classes: got {strange[0]!r}, the name of a folder that is not in UTF-8; rename the "
            "folder, or give names of your own in the same order"
        )
    description = describe(model, architecture)
    given = as_preprocessing(preprocessing) or _usual(model, description)
    check_positive(temperature, "temperature")
    folder = check_folder(path, "path")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"path: cannot make the folder {folder} ({error.strerror})") from error
    if description["kind"] in ("texts", "transformers"):
        import_module(TEXTS).write(folder, model, tokenizer)
    _check_outputs(model, names)
    _check_again(model, description, len(names), folder)
    digest = _write_weights(folder / WEIGHTS, model)
    found = {
        "format": FORMAT,
        "classes": names,
        "architecture": description,
        "preprocessing": to_json(given),
        "temperature": float(temperature),
        "sha256": digest,
    }
    _replace(folder / ABOUT, json.dumps(found, indent=2, ensure_ascii=False).encode())
    text = '"one new text"' if isinstance(given, Texts) else '"a picture, or a folder of pictures"'
    calibration = {"temperature": float(temperature)} if temperature != 1 else None
    about = {"preprocessing": str(given), "calibration": calibration, **about}
    about.setdefault("load", LOAD.format(path=folder.name, new=text))
    card(folder, name=name or folder.name, classes=names, **about)
    return folder


@named
def load(path: str | Path, *, into: nn.Module | None = None, device: str = "auto") -> Saved:
    """Return a model that :func:`save` wrote, ready to answer.

    Parameters
    ----------
    path : str or Path
        The folder.
    into : nn.Module, optional
        A network of the same class, where it is one of your own.
    device : str
        ``"auto"``: CUDA, else MPS, else CPU.

    Returns
    -------
    Saved
        ``predict(new)`` takes a file, a folder, texts or an array, and answers class names.

    Raises
    ------
    ValueError
        If there is no such model, a file is damaged, or ``into`` is missing or does not fit.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from tlbook import models
    >>> net = models.create("digitnet", n_classes=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = models.load(models.save(folder, net, classes=["even", "odd"]))
    >>> model.predict(np.zeros((3, 1, 8, 8), dtype=np.float32)).isin(["even", "odd"]).all()
    np.True_
    """
    from safetensors.torch import load_file

    from tlbook.training.device import choose_device

    folder = check_folder(path, "path")
    found = _about(folder)
    weights = folder / WEIGHTS
    if not weights.is_file() or _digest(weights) != found["sha256"]:
        raise ValueError(f"path: {weights} is missing, damaged or of another run; save it again")
    description = found["architecture"]
    if description == OWN and into is None:
        raise ValueError(
            f"into: {folder} has a network of a class of your own; want load(path, into=network) "
            "with a new one"
        )
    model = into if into is not None else rebuild(description, len(found["classes"]), folder)
    _fill(model, load_file(weights), f"path: the weights in {folder} do not fit the network")
    model.to(choose_device(device))
    preprocessing = from_json(found["preprocessing"])
    return Saved(model, found["classes"], preprocessing, found["temperature"], folder)


def _usual(model: nn.Module, description: dict[str, Any]) -> Preprocessing:
    """Return what the network takes."""
    if description["kind"] in ("texts", "transformers"):
        return Texts()
    if isinstance(model, SignNet):
        return Pictures(24)
    if isinstance(model, DigitNet):
        return Pictures(8, channels=1)
    if isinstance(model, LeNet):
        return Pictures(model.shape[1], model.shape[0])
    if description["kind"] == "create":
        return Pictures(description.get("size") or 224)
    return Arrays()


def _is_text(name: str) -> bool:
    """Whether a name can be written; Python keeps strange bytes of file names as surrogates."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_outputs(model: nn.Module, names: list[str]) -> None:
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    outputs = getattr(getattr(model, "head", None), "out_features", None)
    outputs = outputs or getattr(getattr(model, "config", None), "num_labels", None)
    outputs = outputs or (linear[-1].out_features if linear else len(names))
    if outputs != len(names):
        raise ValueError(f"classes: got {len(names)} names, want {outputs}, the model's outputs")


def _check_again(model: nn.Module, description: dict[str, Any], n: int, folder: Path) -> None:
    """Refuse a network that its description does not make again."""
    if description != OWN:
        wrong = (
            "model: got a network that was changed after it was made, and could not be loaded again"
        )
        _fill(rebuild(description, n, folder), model.state_dict(), wrong)


def _fill(model: nn.Module, state: Any, wrong: str) -> None:
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        line = " ".join(str(error).split()[:40])
        raise ValueError(f"{wrong} ({line} …)") from None


def _write_weights(path: Path, model: nn.Module) -> str:
    """Write the weights in one step, and return their sha256."""
    from safetensors.torch import save

    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    return _replace(path, save({key: value.clone() for key, value in state.items()}))


def _replace(path: Path, data: bytes) -> str:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
    return hashlib.sha256(data).hexdigest()


def _about(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"path: got {str(folder)!r}, want a folder of models.save") from None
    except ValueError:
        raise ValueError(f"path: {folder / ABOUT} is damaged") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"path: {folder / ABOUT} is of another version, want format {FORMAT}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
