"""Takes out of a text what gives its label or its library away, and what is not prose."""

from __future__ import annotations

import re
from collections.abc import Collection

LABEL_WORDS = (
    r"signals?|linear[\s-]+algebra\w*|linalg|optimi[sz]\w*|random\w*|sparse\w*|sparsity"
    r"|special\s+functions?|i?r?h?fft[23n]?s?"
)
"""Words that are names of classes (or of the modules that make a class)."""

LIBRARY_WORDS = r"numpy|scipy|(?:py)?torch|libtorch|aten|np|sp|cupy|jax"

_CAMEL = r"[A-Z]+[a-z0-9]+(?:[A-Z]+[a-z0-9]*)+|[A-Z]{2,}[a-z]+[A-Z]\w*"
_ROLES = [
    (re.compile(r"(?::[\w:]+:)?`([^`<>]+?)\s*<[^`<>]+>`_{0,2}"), r" \1 "),  # `words <address>`_
    (re.compile(r":math:`[^`]*`|\$[^$]+\$"), " "),
    (re.compile(r":(?:attr|term|dfn):`([^`]*)`"), r" `\1` "),
    (re.compile(r":[\w:]+:`[^`]*`"), " "),  # :func:`name`
    (re.compile(r"``[^`]*``"), " "),
]
_MARKED = re.compile(r"`([A-Za-z]\w*)`")
_MARKUP = [
    (re.compile(r"`([A-Za-z]+|[^`\s]+(?:\s+[^`\s]+){2,})`_{0,2}"), r" \1 "),  # argument, title
    (re.compile(r"`[^`]*`_{0,2}"), " "),
    (re.compile(r"\[[\w#*]+\]_"), " "),  # a reference
    (re.compile(r"https?://\S+"), " "),
]
_CALL = re.compile(r"\b[A-Za-z_][\w.]*\((?!s\)|es\))(?:[^()]|\([^()]*\))*\)")
_NAMES = [
    (re.compile(r"\b(?!e\.g\b|i\.e\b)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+"), " "),  # dotted.name
    (re.compile(r"(?<![\w.])\.[A-Za-z_]\w*"), " "),  # .attribute
    (re.compile(r"\b\w*_\w*"), " "),  # snake_case
    (re.compile(rf"\b(?:{_CAMEL})\b"), " "),  # CamelCase
]
_LEAKS = re.compile(rf"\b(?:{LABEL_WORDS}|{LIBRARY_WORDS})\b", re.IGNORECASE)
_REPAIRS = [
    (re.compile(r"[*|\\]+"), " "),
    (re.compile(r"\(\s*[,;.]*\s*\)|\[\s*\]|\"\s*\"|'\s+'"), " "),
    (re.compile(r"(?<=\s)[-/'’]+(?=[\s,.;:])|(?<!\w)[-/]+(?=\w)|(?<=\w)[-/]+(?!\w)"), " "),
    (re.compile(r"\s+(?=[,.;:)\]])|(?<=[(\[])\s+"), ""),
    (re.compile(r"([,;:])(?:\s*[,;:])+"), r"\1"),
    (re.compile(r"[,;:]+\."), "."),
    (re.compile(r"\.(?:\s*\.)+(?!\w)"), "."),
    (re.compile(r"\s+"), " "),
]


def clean(
    text: str, name: str, others: Collection[str] = frozenset(), *, keep_names: bool = False
) -> str:
    """Return the prose of a text without the names in it.

    Parameters
    ----------
    text : str
        The beginning of a docstring.
    name : str
        The name of the thing that it documents; it goes, also in the form of separate words
        (``LatinHypercube`` takes "Latin hypercube" along).
    others : collection of str
        Names of other things: they go where the text marks them as code.
    keep_names : bool
        Only take the mark-up out, and leave every name where it is.
    """
    if keep_names:
        text = re.sub(r":[\w:]+:`~?([^`]*)`", r"\1", text)
        text = re.sub(r"\[[\w#*]+\]_|[`$]+_{0,2}", " ", text)
        return " ".join(text.split())
    for pattern, replacement in _ROLES:
        text = pattern.sub(replacement, text)
    text = _MARKED.sub(lambda found: " " if found[1] in others else found[0], text)
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    while (shorter := _CALL.sub(" ", text)) != text:  # the inner call first: f(g(x) + 1)
        text = shorter
    for pattern, replacement in _NAMES:
        text = pattern.sub(replacement, text)
    text = own_name(name).sub(" ", text)
    text = _LEAKS.sub(" ", text)
    for pattern, replacement in _REPAIRS:
        text = pattern.sub(replacement, text)
    return text.strip(" ,;:")


def own_name(name: str) -> re.Pattern[str]:
    """Return a pattern that finds a name as one word, or as its parts in a row."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    spread = r"[\s_-]*".join(map(re.escape, parts))
    return re.compile(rf"\b(?:{re.escape(name)}|{spread})(?:'s)?\b", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without mark-up and single letters."""
    return re.findall(r"[a-z][a-z'-]*[a-z]", text.lower())
