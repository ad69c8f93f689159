"""A head that is trained on features computed once, by the same loop as a network."""

from __future__ import annotations

from torch import Tensor, nn

from tlbook._base.named import named


class FeatureHead(nn.Module):
    """A model whose inputs are features already: ``features(z) = z``.

    Parameters
    ----------
    head : nn.Module
        From features (n, d) to logits (n, classes).
    """

    @named
    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        if not isinstance(head, nn.Module):
            raise ValueError(f"head: got {type(head).__name__}, want an nn.Module")
        self.head = head

    def features(self, z: Tensor) -> Tensor:
        """Return ``z``."""
        if z.ndim != 2:
            raise ValueError(f"z: got shape {tuple(z.shape)}, want features (n, d)")
        return z

    def forward(self, z: Tensor) -> Tensor:
        """Return logits of shape (n, classes)."""
        return self.head(self.features(z))


@named
def head_on_features(model: nn.Module) -> FeatureHead:
    """Return the model's head alone, to train on :func:`cached_features` with ``fit``.

    The head is shared, not copied: once it is trained, the whole network is. As draws depend on
    the seed alone, ``fit(head_on_features(model), (Z, y), …)`` makes the same steps as ``fit`` on
    the frozen network with ``(X, y)``, without running the body.

    Raises
    ------
    ValueError
        If the model has no head.

    Examples
    --------
    >>> from tlbook.models import create
    >>> net = create("digitnet", n_classes=3)
    >>> head_on_features(net).head is net.head
    True
    """
    head = getattr(model, "head", None)
    if not isinstance(head, nn.Module):
        raise ValueError(f"model: got a {type(model).__name__} without head (see models.wrap)")
    return FeatureHead(head)
