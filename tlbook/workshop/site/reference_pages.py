"""Glossary, concept map, questions, tools, trends, gallery: pages made from the course's tables."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from tlbook.course import widgets
from tlbook.course.reference import concepts, faq, glossary, pictures, tools, trends
from tlbook.workshop.site import pack
from tlbook.workshop.site.course_pages import Shown
from tlbook.workshop.site.text import reading, relinked, section_link


def glossary_page() -> str:
    """Return all terms, English and Chinese, with the section that introduces each."""
    terms = sorted(glossary.terms(), key=lambda term: term.english.lower())
    rows = [(t.english, t.chinese, t.definition, section_link(t.chapter, t.heading)) for t in terms]
    return "# Glossary (术语表)\n\n" + reading(("English", "Chinese", "Meaning", "Where"), rows)


def map_page(static: Path) -> str:
    """Return the concept map, drawn (as a file in ``static``) and as a table that one can walk."""
    fig = pictures.whole_map()
    (static / "concepts.svg").write_text(pack.vectors(fig), encoding="utf-8")
    known = {concept.name for concept in concepts.concepts()}
    rows = []
    for one in concepts.concepts():
        needs = ", ".join(_to_concept(p) if p in known else p for p in one.prerequisites)
        path = concepts.path_to(one.name)
        minutes = f"{one.minutes} ({sum(c.minutes for c in path)} with all that it needs)"
        name = f'<span id="concept-{_slug(one.name)}">{escape(one.name)}</span>'
        rows.append((name, needs or "nothing", minutes, section_link(one.chapter, one.heading)))
    alt = "Concept map of the course; the table below says the same in words"
    drawn = (
        '<div class="figure-scroll"><a class="figure figure-large" href="_static/concepts.svg">'
        f'<img src="_static/concepts.svg" alt="{alt}"></a></div>'
    )
    words = (
        "# Concept map\n\nEach row of the picture is a chapter. An arrow runs from what is needed "
        "first. Minutes are estimates of the time to read and play."
    )
    columns = ("Concept", "Needs", "Minutes", "Where")
    return f"{words}\n\n{drawn}\n\n{reading(columns, rows)}\n"


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())


def _to_concept(name: str) -> str:
    return f'<a href="#concept-{_slug(name)}">{escape(name)}</a>'


def faq_page() -> str:
    """Return the questions of the source documents, each answered by a number of the course."""
    parts = ["# Questions and answers", ""]
    parts.append("The questions of five documents on transfer learning, answered by experiments.\n")
    for document, group in groupby(faq.questions(), key=lambda one: one.document):
        parts.append(f"## Document {document}\n")
        parts += [relinked(faq.markdown(one), "notebooks/faq", "faq.md") + "\n" for one in group]
    return "\n".join(parts)


def tools_page() -> str:
    """Return the tools that the documents name, as they stand today."""
    parts = ["# Tools", "", "Every tool that the documents name, as it stood in November 2026.", ""]
    for one in tools.tools():
        links = ", ".join(f"<{s}>" if s.startswith("http") else s for s in one["sources"])
        parts += [f"## {one['name']}", "", f"{one['what']} *State:* {one['state']}", ""]
        parts += [f"*Use* {one['use']}" + (f" *Sources:* {links}" if links else ""), ""]
    return "\n".join(parts)


def trends_page() -> str:
    """Return what the documents expected and feared, and what came of it."""
    parts = ["# Trends and challenges", ""]
    for kind, group in groupby(trends.items(), key=lambda item: item.kind):
        parts += [f"## {kind.capitalize()}s", ""]
        for item in group:
            parts += [f"### {item.name}", "", f"*What came of it.* {item.came}", ""]
            parts += [f"*What the course measured.* {item.measured}", ""]
            places = dict.fromkeys(section_link(e.chapter, e.heading) for e in item.evidence)
            parts += [f"*Measured in* {'; '.join(places)}.", ""] if places else []
    return "\n".join(parts)


def gallery_page(shown: Sequence[Shown]) -> str:
    """Return all pictures of the course, each a link to the section that explains it."""
    parts = ["# Gallery", ""]
    moving = sum(bool(picture.experiment) for picture in shown)
    parts.append(
        f"{len(shown)} pictures of the course, {moving} of them of experiments with controls. "
        "Each leads to its section.\n"
    )
    for chapter, group in groupby(shown, key=lambda picture: picture.chapter):
        parts += [f"## {chapter.number} · {chapter.title}", "", '<ul class="gallery">']
        for one in group:
            anchor = f"#moving-{one.experiment}" if one.experiment else ""
            words = widgets.get(one.experiment).title if one.experiment else one.alt
            kind = " (experiment)" if one.experiment else ""
            parts.append(
                f'<li><a href="course/{chapter.stem}.html{anchor}">'
                f'<img src="_static/figures/{one.file}" alt="" loading="lazy">'
                f"<span>{escape(words)}{kind}</span></a></li>"
            )
        parts += ["</ul>", ""]
    return "\n".join(parts)
