"""The licenses of everything that is installed, as a table: ``docs/licenses.md``."""

import re
from importlib import metadata
from pathlib import Path

from tlbook.workshop.bootstrap.requirements import normalize

UNKNOWN = "not stated"
# What these packages say nowhere in words that a program could read.
_KNOWN = {"cvxopt": "GPL-3.0-or-later"}
_HEADER = """\
# Licenses of what is installed

Made by `tlbook freeze` from what each package states about itself. Packages of NVIDIA come
with PyTorch on Linux. They are not free software: their license allows use and forbids much else.
On other systems, and with PyTorch's build for CPUs, none of them is installed.
What this project itself ships stands in `LICENSE` and `data/README.md`. The tests bring along
axe-core (MPL-2.0, `tests/browser/axe`), which checks the widgets and is no part of the package.

| Package | Version | License |
|---|---|---|
"""


def license_of(distribution: metadata.Distribution) -> str:
    """Return what a package states: an expression, else classifiers, else its first words."""
    about = distribution.metadata
    if known := _KNOWN.get(normalize(about["Name"])):
        return known
    if expression := _stated(about, "License-Expression"):
        return str(expression)
    marks = [c.split(" :: ")[-1] for c in about.get_all("Classifier") or [] if "License ::" in c]
    marks = [mark for mark in marks if mark not in ("OSI Approved", "Other/Proprietary License")]
    words = " ".join(_stated(about, "License").split())
    if marks:
        return ", ".join(sorted(marks))
    if re.match(r"(?i)(nvidia|licenseref-nvidia)", words) or about["Name"].startswith("nvidia-"):
        return words[:60] or "NVIDIA, proprietary"
    return words[:60] or _of_file(distribution)


def _stated(about: metadata.PackageMetadata, key: str) -> str:
    value: str | None = getattr(about, "get")(key)  # noqa: B009  the protocol knows no get
    return value or ""


def _of_file(distribution: metadata.Distribution) -> str:
    """Return the title of the license file, for packages that state nothing."""
    for file in distribution.files or []:
        if re.search(r"(?i)(^|/)(licen[sc]e|copying)", str(file)):
            text = distribution.read_text(Path(str(file)).name) or Path(
                str(file.locate())
            ).read_text("utf-8", "replace")
            first = next((line.strip() for line in text.splitlines() if line.strip()), "")
            if first:
                return f"file: {first[:50]}"
    return UNKNOWN


def write(path: Path) -> int:
    """Write the table of this environment to ``path`` and return how many rows it has."""
    rows = {}
    for distribution in metadata.distributions():
        name = normalize(distribution.metadata["Name"])
        version = distribution.version.split("+")[0]
        if name not in ("pip", "tlbook"):
            stated = license_of(distribution).replace("|", "/")
            rows[name] = f"| {name} | {version} | {stated} |"
    path.write_text(_HEADER + "\n".join(rows[n] for n in sorted(rows)) + "\n", encoding="utf-8")
    return len(rows)
