"""``tlbook site``: the course as pages that need no kernel and no network.

``pages_*.py`` write the sources, ``states.py`` and ``pack.py`` make the widgets that move without a
kernel, ``build.py`` puts all together, ``links.py`` checks the result.
"""
