"""Transfer learning in small, fast, checked methods; ``course`` and ``workshop`` stand beside it.

Packages load on first use, so that ``import tlbook`` stays cheap: torch, matplotlib and the
widgets are imported only by the code that needs them.
"""

from importlib import import_module as _import_module
from pkgutil import iter_modules as _iter_modules
from typing import Any as _Any

from tlbook._base.quiet import hush as _hush

__version__ = "0.1.0"

_hush()

_PARTS = tuple(m.name for m in _iter_modules(__path__) if not m.name.startswith("_"))

__all__ = ["__version__", "check", "claim", *_PARTS]


def __getattr__(name: str) -> _Any:
    if name in _PARTS:
        return _import_module("tlbook." + name)
    if name in ("check", "claim"):
        return getattr(_import_module("tlbook.evaluation"), name)
    raise AttributeError(f"module 'tlbook' has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted(__all__)
