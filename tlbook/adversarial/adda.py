"""ADDA: a copy of the source extractor learns to be taken for it."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.adversarial.discriminator import Discriminator, domain_loss
from tlbook.objective import Batch, Term
from tlbook.training import History, fit


class InvertedLabels(Term):
    r"""A discriminator against a frozen source extractor, and target features with its labels.

    .. math:: L_D(\phi) + \bigl(-\mathbb E_T \log \sigma(d(f_t(x)))\bigr)

    The discriminator tells the features of the frozen source extractor :math:`f_s` from those of
    the model, :math:`f_t`; the model is moved to where the discriminator would say "source". Each
    of the two losses moves one player only.

    Parameters
    ----------
    source_model : nn.Module
        The trained network; it is copied, frozen and in eval mode.
    lr_ratio : float
        Learning rate of the discriminator over that of the model.
    **options
        ``n_features``, ``hidden``, ``dropout``, ``spectral_norm``, ``seed`` of the
        :class:`~tlbook.adversarial.Discriminator`.

    Notes
    -----
    The column in the history is the discriminator's loss alone.

    Raises
    ------
    ValueError
        If the model is no module or the features have another width.

    References
    ----------
    Tzeng, Hoffman, Saenko & Darrell (2017), Adversarial discriminative domain adaptation.
    """

    needs = ("source", "target")

    @named
    def __init__(self, source_model: nn.Module, *, lr_ratio: float = 1.0, **options: Any) -> None:
        super().__init__(1.0)
        if not isinstance(source_model, nn.Module):
            raise ValueError(f"source_model: got {type(source_model).__name__}, want an nn.Module")
        self.lr_ratio = check_positive(lr_ratio, "lr_ratio")
        self.discriminator = Discriminator(**options)
        # In a tuple, so that it is no submodule: parameters(), train() and state_dict() miss it.
        self._source = (copy.deepcopy(source_model).eval().requires_grad_(False),)

    @property
    def name(self) -> str:
        """Name of the column in the history."""
        return "ADDA"

    def forward(self, batch: Batch) -> Tensor:
        """Return the discriminator's loss; its gradient also moves the model, the other way."""
        with torch.no_grad():
            source = self._source[0].features(batch.source_x)  # type: ignore[operator]
        target = batch.target_features
        n = len(source)
        logits = self.discriminator(torch.cat([source, target.detach()]))
        loss = domain_loss(logits[:n], logits[n:])
        fooled = F.softplus(-held(self.discriminator, target)).mean()
        return loss + (fooled - fooled.detach())

    def _apply(self, fn: Any, recurse: bool = True) -> InvertedLabels:
        # .to(device) reaches submodules only, and the source network is none.
        self._source[0]._apply(fn)
        return super()._apply(fn, recurse)


def held(network: nn.Module, x: Tensor) -> Tensor:
    """Return ``network(x)`` with its weights as constants: the gradient reaches ``x`` only."""
    still = {name: value.detach() for name, value in network.named_parameters()}
    return functional_call(network, still, (x,))


@named
def adda(
    source_model: nn.Module, data: Any, *, steps: int = 500, lr: float = 1e-4, **options: Any
) -> tuple[nn.Module, History]:
    """Return a target network that started as ``source_model``, and the history of the game.

    The recipe in three stages: train ``source_model`` on the source (``fit(model, task)``); give
    it to this function; the copy's features learn to be taken for the source's while the head
    stays as it is. No source label is used any more, so nothing holds the classes in place.

    Parameters
    ----------
    source_model : nn.Module
        Trained on the source; it stays as it is.
    data : Task
        Source and target.
    steps, lr
        Of the second stage; the learning rate should be small.
    **options
        Those of :class:`InvertedLabels`, the rest goes to ``fit``.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.adversarial import adda
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> source_net = models.create("digitnet", n_classes=10)
    >>> _ = fit(source_net, task, steps=30)  # stage 1: the labeled source
    >>> target_net, history = adda(source_net, task, steps=20, lr=1e-4, n_features=64)  # stage 2
    >>> target_net is source_net, history.steps
    (False, 20)
    """
    own = ("n_features", "hidden", "dropout", "spectral_norm", "lr_ratio")
    game = {key: options.pop(key) for key in own if key in options}
    term = InvertedLabels(source_model, seed=options.get("seed", 0), **game)
    model = copy.deepcopy(source_model)
    free = [p.requires_grad for p in model.parameters()]
    assert isinstance(model.head, nn.Module)
    model.head.requires_grad_(False)
    history = fit(model, data, term, steps=steps, lr=lr, **options)
    for parameter, was in zip(model.parameters(), free, strict=True):
        parameter.requires_grad_(was)
    return model, history
