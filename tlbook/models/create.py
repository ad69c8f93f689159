"""The one door to networks: :func:`create` makes any of them by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from torch import nn

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named

BUILDERS = {
    "signnet": "tlbook.models.small:small",
    "digitnet": "tlbook.models.small:small",
    "lenet": "tlbook.models.lenet:lenet",
    "resnet18": "tlbook.models.torchvision:network",
    "resnet50": "tlbook.models.torchvision:network",
    "mobilenet_v3_small": "tlbook.models.torchvision:network",
    "minilm": "tlbook.text.encoders:network",
    "bert-base-uncased": "tlbook.text.encoders:network",
    "encoder": "tlbook.text.encoders:network",
}
"""Name -> "module:function", called as ``function(name, weights, n_classes, seed, **options)``."""


def names() -> list[str]:
    """Return the names that :func:`create` knows.

    Examples
    --------
    >>> from tlbook import models
    >>> models.names()[:3]
    ['signnet', 'digitnet', 'lenet']
    """
    return list(BUILDERS)


@named
def create(
    name: str,
    weights: str | None = None,
    n_classes: int | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> nn.Module:
    """Return a network with ``features`` and ``head``.

    =================== ============================== =====================================
    name                weights besides ``None``       takes
    =================== ============================== =====================================
    signnet             embedded (71 letters)          (n, 3, 24, 24) in [0, 1] -> 128
    digitnet                                           (n, 1, 8, 8) in [0, 1] -> 64
    lenet                                              (n, 1, 28, 28) in [0, 1] -> 100
    resnet18            imagenet, auto, embedded, file (n, 3, h, w) in [0, 1] -> 512
    resnet50            imagenet, auto, embedded, file (n, 3, h, w) in [0, 1] -> 2048
    mobilenet_v3_small  imagenet, auto, embedded, file (n, 3, h, w) in [0, 1] -> 1024
    minilm              embedded, or a folder          texts -> 384
    bert-base-uncased   pretrained, or a folder        texts -> 768
    encoder             a folder, or a name of a hub   texts -> its width
    =================== ============================== =====================================

    Parameters
    ----------
    name : str
        One of :func:`names`.
    weights : str, optional
        ``None`` is a random start. ``"embedded"`` ships with the library or lies in an installed
        package. ``"imagenet"`` and ``"pretrained"`` are downloaded once. ``"auto"`` takes ImageNet
        weights where they are on this machine and ``signnet`` in the network's place otherwise, and
        says which. A *file* is a state dictionary of torchvision's own network (``.pth`` or
        ``.safetensors``); a *folder* is what ``save_pretrained`` of transformers wrote, in any
        language. What :func:`save` wrote comes back by :func:`load`.
    n_classes : int, optional
        Outputs of a new head. By default the head that belongs to the weights, or 10 classes.
    seed : int
        Of the random start of the head, or of everything without weights. Torch's own random state
        stays as it is.
    **options
        Of the network: ``size`` and ``quiet`` (torchvision's), ``channels`` and ``size`` (lenet),
        ``mode``, ``rank``, ``top`` and ``max_tokens`` (texts).

    Returns
    -------
    nn.Module
        In training mode where it starts at random, else in evaluation mode; ``fit`` sets the mode
        itself.

    Raises
    ------
    ValueError
        If there is no such network, it has no such weights or option, or a file is damaged.
    Offline
        If weights are asked for that are not here and cannot be downloaded.
    ImportError
        If the network needs an extra; the message names it.

    See Also
    --------
    wrap : gives any module ``features`` and ``head``.
    tlbook.finetuning.replace_head : a copy of a network with a new head.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> x = torch.zeros(5, 3, 24, 24)
    >>> models.create("signnet", weights="embedded")(x).shape  # the letters it was trained on
    torch.Size([5, 71])
    >>> net = models.create("signnet", weights="embedded", n_classes=3, seed=0)
    >>> net.features(x).shape, net(x).shape
    (torch.Size([5, 128]), torch.Size([5, 3]))
    """
    module, _, function = BUILDERS[check_choice(name, "name", BUILDERS)].partition(":")
    if n_classes is not None:
        check_positive(n_classes, "n_classes", integer=True)
    check_positive(seed, "seed", zero_ok=True, integer=True)
    return getattr(import_module(module), function)(name, weights, n_classes, seed, **options)
