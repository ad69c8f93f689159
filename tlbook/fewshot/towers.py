"""Two towers: pictures and names in one space, by contrast with the other names of the draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.batch import Batch
from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.models.seeding import seeded
from tlbook.objective import Term, Weight, full_precision
from tlbook.training import fit

LARGEST_SCALE = 100.0
"""1 / temperature stays below, as in CLIP: a colder softmax is only unstable."""


class Contrastive(Term):
    r"""Find the right name of each picture among the names of the draw, and the reverse (InfoNCE).

    .. math:: L = -\frac{1}{2n} \sum_i \left[ \log \frac{e^{\langle z_i, t_i \rangle / T}}
        {\sum_j e^{\langle z_i, t_j \rangle / T}} + \log \frac{e^{\langle z_i, t_i \rangle / T}}
        {\sum_j e^{\langle z_j, t_i \rangle / T}} \right]

    with the model's features z and the name tower's output t, both of length one. T is learned.
    Where several rows of the draw have one name, each of them is right: they share the probability
    that is asked for (otherwise equal names would push each other apart). The model's head is not
    used; the name tower belongs to the term.

    Parameters
    ----------
    names : array of shape (k, e)
        A vector for each name, e.g. a sentence embedding. ``source_y`` holds places in it.
    projection : int
        Width of the model's features, and of the name tower's output.
    temperature : float
        T at the start.
    hidden : int
        Width of the name tower's hidden layer; 0: the tower is one linear map.
    weight : float or function
    seed : int
        Of the name tower's start.

    References
    ----------
    van den Oord, Li and Vinyals, Representation learning with contrastive predictive coding, 2018.
    Radford, Kim, Hallacy et al., Learning transferable visual models from natural language
    supervision, ICML 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import Contrastive
    >>> from tlbook.objective import Objective
    >>> Objective(None, Contrastive(np.eye(3), projection=2))
    1 Contrastive
    """

    needs = ("source",)

    @named
    def __init__(
        self,
        names: Any,
        projection: int = 64,
        temperature: float = 0.1,
        hidden: int = 0,
        weight: Weight = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(weight)
        rows = check_array(names, "names", ndim=2, min_rows=2)
        check_positive(temperature, "temperature")
        if 1 / temperature > LARGEST_SCALE:
            raise ValueError(f"temperature: got {temperature}, want at least {1 / LARGEST_SCALE}")
        self.register_buffer("names", torch.as_tensor(rows, dtype=torch.float32))
        self.tower = seeded(lambda: tower(rows.shape[1], projection, hidden), seed)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    @property
    def temperature(self) -> float:
        """T as it is now."""
        return 1 / min(math.exp(self.log_scale.item()), LARGEST_SCALE)

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean of both directions' cross-entropies."""
        y = batch.source_y
        assert y is not None
        z = batch.source_features
        if y.is_floating_point() or y.min() < 0 or y.max() >= len(self.names):  # type: ignore[arg-type]
            raise ValueError(
                f"source_y: got {y.min().item()} … {y.max().item()}, want places in the "
                f"{len(self.names)} names"  # type: ignore[arg-type]
            )
        with full_precision(z.device):
            t = F.normalize(self.tower(self.names[y]), dim=1)  # type: ignore[index]
            if z.shape != t.shape:
                raise ValueError(
                    f"projection: got {t.shape[1]}, want the width of the model's features, "
                    f"which have shape {tuple(z.shape)}"
                )
            scale = self.log_scale.exp().clamp(max=LARGEST_SCALE)
            logits = scale * F.normalize(z.float(), dim=1) @ t.T
            right = (y[:, None] == y[None, :]).to(logits.dtype)
            right = right / right.sum(dim=1, keepdim=True)
            return (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2


class TwoTowers(BaseEstimator):
    """Vectors of pictures and vectors of names, each projected into one common space.

    Both encoders stay frozen: what comes in are their features. To train the picture's encoder
    too, use :class:`Contrastive` with :func:`tlbook.training.fit`.

    Parameters
    ----------
    projection : int
        Dimensions of the common space.
    hidden : int
        Width of a hidden layer in each tower; 0: linear maps.
    temperature : float
        T at the start.
    steps, batch_size, lr, weight_decay
        Of the training.
    device : str
    seed : int

    Attributes
    ----------
    pictures_, names_ : nn.Module
        The towers.
    temperature_ : float
        T at the end.

    Raises
    ------
    ValueError
        If shapes, labels or numbers do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import TwoTowers
    >>> rng = np.random.default_rng(0)
    >>> names = rng.normal(size=(8, 5))
    >>> y = np.arange(160) % 8
    >>> X = names[y] @ rng.normal(size=(5, 12)) + 0.1 * rng.normal(size=(160, 12))
    >>> towers = TwoTowers(projection=4, steps=100, lr=0.02, device="cpu").fit(X, names, y)
    >>> float(np.mean(towers.similarity(X, names).argmax(axis=1) == y)) > 0.9
    True
    """

    @named
    def __init__(
        self,
        projection: int = 64,
        hidden: int = 0,
        temperature: float = 0.1,
        steps: int = 500,
        batch_size: int = 128,
        lr: float = 3e-3,
        weight_decay: float = 0.01,
        device: str = "auto",
        seed: int = 0,
    ) -> None:
        self.projection = projection
        self.hidden = hidden
        self.temperature = temperature
        self.steps = steps
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.device = device
        self.seed = seed

    def fit(self, X: Any, names: Any, y: Any) -> TwoTowers:
        """Learn both projections.

        Parameters
        ----------
        X : array of shape (n, d)
            Features of pictures.
        names : array of shape (k, e)
            A vector of each name.
        y : array of shape (n,)
            Which name each picture has: a row number of ``names``.
        """
        rows, vectors = check_array(X, "X", ndim=2, min_rows=2), check_array(names, "names", ndim=2)
        labels = np.asarray(y)
        if labels.shape != (len(rows),) or labels.dtype.kind not in "iu":
            raise ValueError(f"y: got shape {labels.shape}, want a row number of names for each X")
        if labels.min() < 0 or labels.max() >= len(vectors):
            raise ValueError(
                f"y: got {labels.min()} … {labels.max()}, want row numbers of the "
                f"{len(vectors)} names"
            )
        model = seeded(lambda: _Pictures(rows.shape[1], self.projection, self.hidden), self.seed)
        term = Contrastive(
            vectors, self.projection, self.temperature, self.hidden, seed=self.seed + 1
        )
        data = (rows.astype(np.float32), labels)
        fit(
            model,
            data,
            term,
            steps=self.steps,
            batch_size=self.batch_size,
            lr=self.lr,
            weight_decay=self.weight_decay,
            schedule="cosine",
            device=self.device,
            seed=self.seed,
        )
        self.pictures_, self.names_ = model.cpu().tower, term.cpu().tower
        self.temperature_ = term.temperature
        return self

    def embed(self, X: Any) -> np.ndarray:
        """Return pictures in the common space, (n, projection), of length one."""
        return self._through("pictures_", X, "X")

    def embed_names(self, names: Any) -> np.ndarray:
        """Return names in the common space, (k, projection), of length one; new names too."""
        return self._through("names_", names, "names")

    def similarity(self, X: Any, names: Any) -> np.ndarray:
        """Return the cosine of every picture and every name, (n, k).

        Its ``argmax(axis=1)`` names pictures, its ``argsort(axis=0)`` finds pictures for a name.
        """
        return self.embed(X) @ self.embed_names(names).T

    def _through(self, which: str, rows: Any, name: str) -> np.ndarray:
        if not hasattr(self, which):
            raise NotFittedError("this TwoTowers is not fitted: call fit(X, names, y)")
        net = getattr(self, which)
        vectors = check_array(rows, name, ndim=2)
        width = net[0].in_features
        if vectors.shape[1] != width:
            raise ValueError(f"{name}: got {vectors.shape[1]} features, want {width} as in fit")
        with torch.inference_mode():
            return F.normalize(net(torch.as_tensor(vectors, dtype=torch.float32)), dim=1).numpy()


class _Pictures(nn.Module):
    """The tower of the pictures as ``fit`` wants a model."""

    def __init__(self, inputs: int, projection: int, hidden: int) -> None:
        super().__init__()
        self.tower = tower(inputs, projection, hidden)
        self.head = nn.Identity()

    def features(self, x: Tensor) -> Tensor:
        return self.tower(x)


def tower(inputs: int, projection: int, hidden: int = 0) -> nn.Sequential:
    """Return a linear map, or two with a ReLU between, from vectors to the common space."""
    check_positive(projection, "projection", integer=True)
    if not check_positive(hidden, "hidden", zero_ok=True, integer=True):
        return nn.Sequential(nn.Linear(inputs, projection))
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, projection))
