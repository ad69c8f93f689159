"""A tiny project that sets up in seconds and without a network, for the tests of set-up."""

import zipfile
from pathlib import Path

from tlbook.workshop.bootstrap.project import Project

_PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "fakebook"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["tinydep>=1.0"]

[project.optional-dependencies]
test = ["tinytest>=1.0"]
bench = ["tinybench>=1.0"]
"""

_BACKEND = '''\
import zipfile
from pathlib import Path

NAME = "fakebook-1.0-py3-none-any.whl"
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
METADATA = """Metadata-Version: 2.1
Name: fakebook
Version: 1.0
Requires-Dist: tinydep>=1.0
Provides-Extra: test
Requires-Dist: tinytest>=1.0; extra == "test"
Provides-Extra: bench
Requires-Dist: tinybench>=1.0; extra == "bench"
"""

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    info = "fakebook-1.0.dist-info/"
    with zipfile.ZipFile(Path(wheel_directory) / NAME, "w") as wheel:
        wheel.writestr("fakebook.pth", str(Path.cwd()))
        wheel.writestr(info + "METADATA", METADATA)
        wheel.writestr(info + "WHEEL", WHEEL)
        wheel.writestr(info + "RECORD", "")
    return NAME

build_wheel = build_editable
'''


def make_wheel(folder: Path, name: str, version: str, code: str = "") -> None:
    """Write a wheel with one module."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info/"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", code or f"version = {version!r}\n")
        wheel.writestr(
            info + "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(info + "RECORD", "")


def make_project(root: Path) -> tuple[Project, Path]:
    """Return a fake clone and a wheel folder that serves it."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
    (root / "backend.py").write_text(_BACKEND, encoding="utf-8")
    (root / "constraints.txt").write_text("tinydep==1.2\ntinytest==1.0\n", encoding="utf-8")
    wheels = root.parent / f"{root.name}-wheels"
    for name, version in (
        ("tinydep", "1.2"),
        ("tinydep", "1.3"),
        ("tinytest", "1.0"),
        ("tinybench", "1.0"),
    ):
        make_wheel(wheels, name, version)
    return Project(root, verify="import tinydep"), wheels
