"""Texts into rows of numbers, in scikit-learn's manner: TF-IDF, and MiniLM as a transformer."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from tlbook._base.checks import check_positive, check_texts
from tlbook._base.named import named
from tlbook.text.embedding import DIMENSIONS, embed


class MiniLM(TransformerMixin, BaseEstimator):
    """Sentence embeddings as a step of a pipeline; nothing is learned in ``fit``.

    Parameters
    ----------
    device : str
        As in :func:`tlbook.text.embed`.
    batch_size : int, optional
        As in :func:`tlbook.text.embed`.

    Examples
    --------
    ``make_pipeline(MiniLM(), LogisticRegression()).fit(task.source.X, task.source.y)``
    """

    @named
    def __init__(self, device: str = "auto", batch_size: int | None = None) -> None:
        self.device = device
        self.batch_size = batch_size

    def fit(self, X: Any, y: Any = None) -> MiniLM:
        """Check the texts, and return the transformer unchanged."""
        check_texts(X, "X")
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return embeddings of shape (n, 384), float32, of n texts."""
        return embed(check_texts(X, "X"), self.device, self.batch_size)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names minilm0 … minilm383."""
        return np.array([f"minilm{i}" for i in range(DIMENSIONS)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags


@named
def tfidf(n_components: int | None = None, *, seed: int = 0, **options: Any) -> Any:
    r"""Return the classical baseline: words weighted by how rare they are.

    .. math:: x_{dw} \propto (1 + \ln n_{dw}) \, (1 + \ln \tfrac{1 + N}{1 + N_w})

    for the n_dw times that word w stands in text d, and the N_w of N texts that have it; rows have
    length one. English function words are left out, and so are numbers.

    Parameters
    ----------
    n_components : int, optional
        Also project on this many singular vectors (latent semantic analysis) and scale rows to
        length one again: a dense matrix, as the shallow methods of chapters 04 and 05 want it.
    seed : int
        Seed of the randomized singular value decomposition.
    **options
        Options of :class:`sklearn.feature_extraction.text.TfidfVectorizer` instead of ours.

    Returns
    -------
    TfidfVectorizer or Pipeline

    Raises
    ------
    ValueError
        If ``n_components`` is not a positive integer.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from tlbook.text import tfidf
    >>> texts = ["inverse of a matrix", "rank of a matrix", "draw random samples", "random seed"]
    >>> model = make_pipeline(tfidf(min_df=1), LogisticRegression()).fit(texts, [0, 0, 1, 1])
    >>> model.predict(["a symmetric matrix", "random numbers"])
    array([0, 1])
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    ours = {"sublinear_tf": True, "stop_words": "english", "token_pattern": r"(?u)\b[^\W\d]{2,}\b"}
    vectorizer = TfidfVectorizer(**{**ours, **options})
    if n_components is None:
        return vectorizer
    check_positive(n_components, "n_components", integer=True)
    return make_pipeline(vectorizer, TruncatedSVD(n_components, random_state=seed), Normalizer())
