"""The oldest Python that will do. Like ``tlbook/__main__.py`` it must parse on every Python 3."""

MINIMUM_PYTHON = (3, 11)
