"""A notebook as one HTML file that needs no network: formulas are MathML, pictures have texts."""

from pathlib import Path
from typing import Any

from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from tlbook.workshop import han
from tlbook.workshop.saved import without_widget_views

_TEMPLATES = Path(__file__).parent / "templates"


class MathMLRenderer(IPythonRenderer):
    """Markdown to HTML with formulas that browsers draw themselves."""

    def block_math(self, body: str) -> str:
        return convert(body.strip(), display="block")

    def inline_math(self, body: str) -> str:
        return convert(body.strip())


class OfflineExporter(HTMLExporter):
    """nbconvert's HTML without a single address outside the file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            template_name="offline", extra_template_basedirs=[str(_TEMPLATES)], **options
        )
        self.environment.globals["han"] = han.faces()

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown to HTML; the cell's attachments are found in the context."""
        renderer = MathMLRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))


def write_page(notebook: Path, html: Path, notes: bool = True) -> None:
    """Write a notebook as one HTML file with its pictures inside, live widgets left out.

    Without ``notes`` those for teachers are left out, too.
    """
    import nbformat

    nb = nbformat.read(notebook, as_version=4)
    nb.metadata.pop("widgets", None)
    if not notes:
        nb.cells = [c for c in nb.cells if "teacher" not in c.metadata.get("tags", ())]
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = without_widget_views(cell.outputs)
    body, _ = OfflineExporter().from_notebook_node(nb, {"metadata": {"name": notebook.stem}})
    part = html.with_name(f".{html.name}.part")
    part.write_text(body, encoding="utf-8")
    part.replace(html)
