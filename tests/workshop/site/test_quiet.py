"""What Sphinx says of two packages, 2,000 times a build, is left out; the rest is heard."""

import warnings

import pytest

SAID = "'{}.{}.app' is deprecated. Check CHANGES for Sphinx API modifications."


@pytest.mark.parametrize(
    ("module", "name", "heard"),
    [
        ("myst_parser.sphinx_ext.myst_refs", "MystReferenceResolver", 0),
        ("sphinx_book_theme._transforms", "HandleFootnoteTransform", 0),
        ("tlbook.workshop.site.extension", "Ours", 1),
        ("sphinx_book_theme.header_buttons", "Other", 1),
    ],
)
def test_only_two_modules_are_not_heard(module, name, heard):
    kind = pytest.importorskip("sphinx.deprecation").RemovedInSphinx11Warning
    with warnings.catch_warnings(record=True) as caught:
        warnings.warn_explicit(SAID.format(module, name), kind, f"{module}.py", 1, module=module)
        warnings.warn_explicit("something else", kind, f"{module}.py", 2, module=module)
    assert len(caught) == heard + 1
