"""What a reader's function hands over to the battery, read and checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

KEYS = ("model", "loss", "batch", "step", "frozen", "discriminator", "domain_loss", "train")
ENDINGS = {"s": "source", "t": "target", "l": "labeled target"}


@dataclass
class Handover:
    """The parts of a training that the battery examines.

    Your function returns a dict with these keys. It takes ``seed`` or nothing, and is called anew
    for each check, so that no check disturbs the next. ``model``, ``loss`` and ``batch`` belong
    together; ``train`` and ``batch`` are enough where there is no torch model.

    Attributes
    ----------
    batch : dict of tensors or arrays
        Keys end in ``s`` (source), ``t`` (target) or ``l`` (labeled target rows), such as ``xs``,
        ``ys``, ``xt``; values of one ending have the same number of rows, in the same order.
        ``ys`` are the source labels. ``yt``, if given, are target labels that nothing may use.
    model : torch module, optional
        In the mode (``train`` or ``eval``) in which you train it.
    loss : callable, optional
        ``loss(model, batch)`` returns a scalar tensor, or a dict of named terms, already weighted,
        whose sum is minimized. Weights as in the middle of a training: a term with weight 0 has no
        gradient.
    step : callable, optional
        ``step(batch)`` makes one training step with your optimizer and your modes. Without it the
        battery takes plain gradient steps in the mode in which the model was handed over.
    frozen : list of str, optional
        Names of modules whose weights and statistics must stay. Without it: every layer that has
        weights of which none requires a gradient. ``[]`` means that nothing has to stay.
    discriminator, domain_loss : torch module and callable, optional
        ``domain_loss(model, discriminator, batch)`` is what the discriminator minimizes.
    train : callable, optional
        ``train(batch, seed)`` trains from the start and returns a torch module, an estimator with
        ``predict``, or an array of answers.
    """

    batch: dict[str, Any]
    model: nn.Module | None = None
    loss: Callable[..., Any] | None = None
    step: Callable[..., Any] | None = None
    frozen: list[str] | None = None
    discriminator: nn.Module | None = None
    domain_loss: Callable[..., Any] | None = None
    train: Callable[..., Any] | None = None

    def terms(self, batch: Mapping[str, Any] | None = None) -> dict[str, torch.Tensor]:
        """Return the named terms of the loss on a batch (this one, if not given)."""
        import torch

        assert self.loss is not None
        value = self.loss(self.model, dict(self.batch if batch is None else batch))
        terms = value if isinstance(value, Mapping) else {"loss": value}
        for name, term in terms.items():
            if not isinstance(term, torch.Tensor) or term.numel() != 1:
                came = f"shape {tuple(term.shape)}" if hasattr(term, "shape") else type(term)
                raise ValueError(f"loss: got {came} for {name!r}, want a scalar tensor")
        if not terms:
            raise ValueError("loss: got a dict without terms, want at least one scalar tensor")
        return {str(name): term.reshape(()) for name, term in terms.items()}

    def total(self, batch: Mapping[str, Any] | None = None) -> torch.Tensor:
        """Return the sum of the terms."""
        import torch

        return torch.stack(list(self.terms(batch).values())).sum()

    def settled(self) -> Handover:
        """Put model and discriminator into evaluation mode, and return itself."""
        for module in (self.model, self.discriminator):
            if module is not None:
                module.eval()
        return self


def takes_seed(setup: Callable[..., Any]) -> bool:
    """Return whether a function takes ``seed``; refuse one that needs anything else.

    Raises
    ------
    ValueError
        If it is not callable, or has a parameter without default besides ``seed``.
    """
    if not callable(setup):
        raise ValueError(f"setup: got {type(setup).__name__}, want a function that returns a dict")
    parameters = inspect.signature(setup).parameters.values()
    loose = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for one in parameters:
        if one.name != "seed" and one.default is one.empty and one.kind not in loose:
            raise ValueError(f"setup: got a function that needs {one.name!r}, want seed or nothing")
    return any(one.name == "seed" for one in parameters)


def read(given: Any) -> Handover:
    """Return what a function handed over.

    Raises
    ------
    ValueError
        With the key, what came and what is wanted.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f"setup: got {type(given).__name__} back, want a dict with {_list(KEYS)}")
    unknown = [key for key in given if key not in KEYS]
    if unknown:
        raise ValueError(f"setup: got the key {unknown[0]!r}, want {_list(KEYS)}")
    if "batch" not in given:
        raise ValueError('setup: got no "batch", want a dict with xs, ys, xt beside the rest')
    if not ("train" in given or ("model" in given and "loss" in given)):
        raise ValueError('setup: got neither "model" and "loss" nor "train", want one of the two')
    hand = Handover(**{**given, "batch": _batch(given["batch"])})
    _check_modules(hand)
    for key in ("loss", "step", "domain_loss", "train"):
        if getattr(hand, key) is not None and not callable(getattr(hand, key)):
            kind = type(getattr(hand, key)).__name__
            raise ValueError(f"{key}: got {kind}, want a function")
    if (hand.discriminator is None) != (hand.domain_loss is None):
        raise ValueError("discriminator: got it without domain_loss or the reverse, want both")
    return hand


def _check_modules(hand: Handover) -> None:
    from torch import nn

    for key in ("model", "discriminator"):
        module = getattr(hand, key)
        if module is not None and not isinstance(module, nn.Module):
            raise ValueError(f"{key}: got {type(module).__name__}, want a torch module")
    if hand.model is None:
        return
    if hand.loss is None:
        raise ValueError('loss: got none beside the "model", want loss(model, batch)')
    if isinstance(hand.frozen, str):
        raise ValueError(f"frozen: got {hand.frozen!r}, want a list of names of modules")
    known = dict(hand.model.named_modules())
    for name in hand.frozen or ():
        if name not in known:
            some = _list([n for n in known if n][:8])
            raise ValueError(f"frozen: got {name!r}, want names of modules, such as {some}")


def _batch(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"batch: got {type(given).__name__}, want a dict with xs, ys, xt")
    rows: dict[str, int] = {}
    for key, value in given.items():
        if not isinstance(key, str) or key[-1:] not in ENDINGS:
            raise ValueError(f"batch: got the key {key!r}, want keys that end in s, t or l")
        if not hasattr(value, "shape"):
            raise ValueError(f"{key}: got {type(value).__name__}, want a tensor or an array")
        if not len(value.shape) or len(value) < 2:
            raise ValueError(f"{key}: got shape {tuple(value.shape)}, want 2 rows or more")
        if rows.setdefault(key[-1], len(value)) != len(value):
            raise ValueError(
                f"{key}: got {len(value)} rows, want {rows[key[-1]]} like the other keys of the "
                f"{ENDINGS[key[-1]]}"
            )
    return dict(given)


def _list(words: Any) -> str:
    return ", ".join(words)


def joined(values: list[Any]) -> Any:
    """Return tensors or arrays, one after the other."""
    import torch

    if isinstance(values[0], torch.Tensor):
        return torch.cat(values)
    return np.concatenate(values)
