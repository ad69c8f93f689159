"""Collects the first paragraphs of docstrings from installed libraries."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tlbook.data.docstrings.places import LIBRARIES, OFF_TOPIC, TOPICS

_OFF_TOPIC = frozenset(OFF_TOPIC.split(", "))
_ENOUGH_WORDS = 20
_MOST_WORDS = 120
_SIGNATURE = re.compile(r"^[\w.]+\s?\(.*?\)\s*(->.*|:)?$", re.DOTALL)
_UNDERLINE = re.compile(r"^([-=~^*])\1{2,}\s*$", re.MULTILINE)
_HEADING = re.compile(
    r"^(args?|arguments?|parameters?|keyword args|returns?|raises|yields|example|examples|note|"
    r"notes|shape|inputs?|outputs?|attributes|references|see also|usage|warning|warnings):+(\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Item:
    """One documented thing: library, topic, its own name, and the beginning of its docstring."""

    library: str
    topic: str
    name: str
    text: str


def collect() -> list[Item]:
    """Return the items of all libraries and topics, in a fixed order.

    Raises
    ------
    RuntimeError
        If Python runs without docstrings (``python -OO``).
    """
    items = []
    for library, places in LIBRARIES.items():
        for topic in TOPICS:
            for place in places.get(topic, ()):
                for name, thing in _things(place):
                    text = first_paragraphs(thing)
                    if text:
                        items.append(Item(library, topic, name, text))
    if not items:
        raise RuntimeError("docstrings: the libraries have none; run Python without -OO")
    return items


def _things(place: str) -> Iterator[tuple[str, Any]]:
    """Yield name and object of each public thing of a place, sorted by name."""
    path, _, names = place.partition(": ")
    module_name, _, class_name = path.partition(":")
    try:
        owner: Any = import_module(module_name)
        if class_name:
            owner = getattr(owner, class_name.removesuffix("()"))
    except (ImportError, AttributeError):
        return
    if names:
        chosen = [name.strip() for name in names.split(",")]
    elif class_name:
        chosen = [n for c in owner.__mro__ if c is not object for n in vars(c)]
    else:
        chosen = list(getattr(owner, "__all__", None) or vars(owner))
    for name in sorted(set(chosen)):
        thing = getattr(owner, name, None)
        if not name.startswith("_") and name not in _OFF_TOPIC and _is_documented_code(thing):
            yield name, thing


def _is_documented_code(thing: Any) -> bool:
    if thing is None or isinstance(thing, types.ModuleType):
        return False
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return False
    own = getattr(type(thing), "__doc__", None)
    document = getattr(thing, "__doc__", None)
    # A constant has the docstring of its type: not its own.
    return isinstance(document, str) and (isinstance(thing, type) or document != own)


def first_paragraphs(thing: Any) -> str:
    """Return the first paragraphs of prose in a docstring, about twenty words or more of them."""
    chosen: list[str] = []
    words = 0
    for paragraph in paragraphs(inspect.cleandoc(thing.__doc__ or "")):
        chosen.append(paragraph)
        words += len(paragraph.split())
        if words >= _ENOUGH_WORDS:
            break
    return " ".join(" ".join(chosen).split()[:_MOST_WORDS])


def paragraphs(document: str) -> Iterator[str]:
    """Yield the paragraphs of prose before the first section of a docstring."""
    for block in re.split(r"\n\s*\n", document):
        lines = block.splitlines()
        text = " ".join(block.split())
        if not text or _SIGNATURE.match(text):
            continue
        if _UNDERLINE.search(block) or _HEADING.match(text) or text.startswith(">>>"):
            return
        # A directive, and what is indented under it, is no prose (a formula, a listing, a note).
        if text.startswith("..") or lines[0][:1].isspace():
            continue
        yield text
