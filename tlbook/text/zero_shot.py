"""Classes from a sentence each: the nearest description in the space of embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_texts
from tlbook._base.named import named

Descriptions = Mapping[str, str | Sequence[str]]


class ZeroShot:
    r"""A classifier that needs no labeled text, only what the classes are about.

    .. math:: P(c \mid x) = \frac{e^{\cos(x, d_c) / T}}{\sum_k e^{\cos(x, d_k) / T}}

    with the embedding x of a text and d_c of the description of class c; of several descriptions
    of one class the mean of their unit vectors is taken. The temperature T changes how sure it is
    and never the answer.

    Parameters
    ----------
    descriptions : mapping from class name to str or sequence of str
        In the order of the labels 0, 1, ….
    temperature : float
        T.
    device : str
        As in :func:`tlbook.text.embed`.

    Raises
    ------
    ValueError
        If there are fewer than two classes, a description is blank, or the temperature is unfit.

    References
    ----------
    Chang, Ratinov, Roth & Srikumar (2008), Importance of semantic representation: dataless
    classification. Radford et al. (2021), Learning transferable visual models from natural
    language supervision, section 3.1.

    Examples
    --------
    >>> from tlbook.text import ZeroShot
    >>> classify = ZeroShot({"algebra": "matrices and linear systems", "chance": "random numbers"})
    >>> classify(["Return the eigenvalues.", "Draw samples from a normal distribution."])
    array([0, 1])
    """

    @named
    def __init__(
        self, descriptions: Descriptions, temperature: float = 0.05, device: str = "auto"
    ) -> None:
        from tlbook.text.embedding import embed

        if not isinstance(descriptions, Mapping) or len(descriptions) < 2:
            raise ValueError("descriptions: got fewer than two classes, want {name: sentence, …}")
        self.temperature = check_positive(temperature, "temperature")
        self.device = device
        self.classes = tuple(descriptions)
        sentences = [
            check_texts([s] if isinstance(s, str) else list(s), f"descriptions[{name!r}]")
            for name, s in descriptions.items()
        ]
        vectors = embed(np.concatenate(sentences), device)
        ends = np.cumsum([len(s) for s in sentences])[:-1]
        means = np.stack([part.mean(axis=0) for part in np.split(vectors, ends)])
        self.vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        """Unit vectors of the classes, (classes, 384)."""

    def __call__(self, texts: Any) -> np.ndarray:
        """Return the label of each text: what ``task.score`` takes."""
        return self.probabilities(texts).argmax(axis=1)

    def probabilities(self, texts: Any) -> np.ndarray:
        """Return the probabilities of the classes, shape (n, classes)."""
        from tlbook.text.embedding import embed

        return description_probabilities(embed(texts, self.device), self.vectors, self.temperature)


@named
def description_probabilities(E: Any, D: Any, temperature: float = 0.05) -> Any:
    """Return softmax of cosine over temperature, shape (n, classes).

    Parameters
    ----------
    E, D : arrays or tensors of shape (n, d) and (classes, d)
        Embeddings of texts and of descriptions, of any length. Tensors keep their gradient.
    temperature : float

    Returns
    -------
    array, or tensor where ``E`` is one

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or a row is zero.
    """
    check_positive(temperature, "temperature")
    if hasattr(E, "detach"):
        return _with_torch(E, D, temperature)
    cosine = _unit(E, "E") @ _unit(D, "D", np.shape(E)[-1]).T
    scaled = cosine / temperature
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def _unit(rows: Any, name: str, width: int | None = None) -> np.ndarray:
    array = check_array(rows, name, ndim=2)
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{name}: got {array.shape[1]} features, want {width} like E")
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    if not norms.all():
        raise ValueError(f"{name}: got a row of zeros, want vectors with a direction")
    return array / norms


def _with_torch(E: Any, D: Any, temperature: float) -> Any:
    import torch
    from torch.nn.functional import normalize

    _unit(E.detach().cpu().numpy(), "E")
    D = torch.as_tensor(D, dtype=E.dtype, device=E.device)
    _unit(D.detach().cpu().numpy(), "D", E.shape[1])
    return (normalize(E, dim=1) @ normalize(D, dim=1).T / temperature).softmax(dim=1)
