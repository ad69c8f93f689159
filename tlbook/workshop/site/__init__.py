"""``tlbook site``: the course as pages that need no kernel and no network.

``*_page.py`` and ``*_pages.py`` write the sources. ``states.py``, ``pack.py`` and ``moving.py``
make the widgets that move without a kernel, and ``kept.py`` keeps them in the project.
``build.py`` puts all together, ``links.py`` checks the result.
"""
