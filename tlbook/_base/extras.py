"""What an installation without all extras says when something of an extra is used."""

from __future__ import annotations

from importlib.util import find_spec


def needs(module: str, extra: str) -> None:
    """Raise an error of one line, which names the extra, where a module is not installed.

    Raises
    ------
    ImportError
        If ``module`` cannot be found.

    Examples
    --------
    >>> needs("numpy", "plots")
    >>> needs("no_such_package", "plots")
    Traceback (most recent call last):
        ...
    ImportError: no_such_package is not installed: pip install 'tlbook[plots]'
    """
    if find_spec(module) is None:
        raise ImportError(f"{module} is not installed: pip install 'tlbook[{extra}]'")
