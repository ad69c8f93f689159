"""What Sphinx has to be told beyond its settings: formulas as MathML, our style and script."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util.logging import getLogger

_LOGGER = getLogger(__name__)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("autodoc-skip-member", skipped)
    app.add_css_file("site.css")
    app.add_js_file("moving.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def skipped(app: Any, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out the methods by which scikit-learn routes metadata: every estimator has them."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def inline(translator: Any, node: Any) -> None:
    """Write a formula in a line."""
    _write(translator, node, "inline", "span", "formula")


def block(translator: Any, node: Any) -> None:
    """Write a formula on a line of its own."""
    _write(translator, node, "block", "div", "formula-block")


def _write(translator: Any, node: Any, display: str, tag: str, name: str) -> None:
    text = node.astext().strip()
    try:
        mathml = convert(text, display=display)
    except Exception as error:  # the converter raises many kinds
        _LOGGER.warning("no formula: %r (%s)", text, type(error).__name__, location=node)
        mathml = escape(text)
    translator.body.append(f'<{tag} class="{name}">{mathml}</{tag}>')
    raise nodes.SkipNode
