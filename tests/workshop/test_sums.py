"""Sums of packages: what the installers compare, what they refuse, and wheel folders."""

import shutil
import subprocess
import sys

import pytest

from tests.workshop.fake_project import make_project, make_wheel
from tlbook.workshop import pin
from tlbook.workshop.bootstrap import packages
from tlbook.workshop.bootstrap.install import setup
from tlbook.workshop.bootstrap.packages import check_wheels, file_sum, mismatch, write_sums
from tlbook.workshop.bootstrap.project import SetupError
from tlbook.workshop.bootstrap.requirements import read_constraints

NUMBER = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def write_pins(fake, wheels, *without):
    """Pin both packages of the fake project with the sums of these very wheels."""
    lines = []
    for name, version in (("tinydep", "1.2"), ("tinytest", "1.0")):
        path = wheels / f"{name}-{version}-py3-none-any.whl"
        found = "" if name in without else f" \\\n    --hash=sha256:{file_sum(path)}"
        lines.append(f"{name}=={version}{found}\n")
    fake.constraints.write_text("".join(lines), encoding="utf-8")


def version_in(made, name):
    command = [made.python, "-c", NUMBER, name]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


@pytest.fixture(params=["uv", "pip"])
def clone(request, tmp_path, monkeypatch):
    """A fake clone with a bare .venv, and an index that is a folder for both installers."""
    fake, wheels = make_project(tmp_path / "clone")
    for name in ("TLBOOK_WHEELS", "TLBOOK_ANY_BUILD", "PIP_INDEX_URL", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TLBOOK_MIN_FREE_GB", "0.1")
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    if request.param == "uv":
        uv = shutil.which("uv")
        if uv is None:
            pytest.skip("no uv on this machine")
        # Not by uv: it would ask the network for pip.
        subprocess.run([sys.executable, "-m", "venv", str(fake.venv)], check=True)
        fake.uv.symlink_to(uv)
    return fake, wheels


@pytest.mark.slow
def test_files_with_the_right_sums_are_installed_and_another_file_is_not(clone, monkeypatch):
    fake, wheels = clone
    write_pins(fake, wheels)
    setup(fake, ("test",))
    assert version_in(fake, "tinydep") == "1.2" and version_in(fake, "fakebook") == "1.0"

    make_wheel(wheels, "tinydep", "1.3", code="evil = True\n")
    sum_of_another = file_sum(wheels / "tinytest-1.0-py3-none-any.whl")
    text = fake.constraints.read_text(encoding="utf-8")
    own = file_sum(wheels / "tinydep-1.2-py3-none-any.whl")
    fake.constraints.write_text(text.replace("1.2", "1.3").replace(own, sum_of_another))
    with pytest.raises(SetupError, match="^tinydep: the index gave another file") as told:
        setup(fake, ("test",))
    assert "\n" not in str(told.value) and "TLBOOK_ANY_BUILD=tinydep" in str(told.value)
    assert version_in(fake, "tinydep") == "1.2" and not fake.unfinished.exists()

    monkeypatch.setenv("TLBOOK_ANY_BUILD", "tinydep")
    setup(fake, ("test",))
    assert version_in(fake, "tinydep") == "1.3"


@pytest.mark.slow
def test_a_package_without_a_sum_is_installed_and_the_others_are_compared(clone, monkeypatch):
    fake, wheels = clone
    write_pins(fake, wheels, "tinytest")
    setup(fake, ("test",))
    assert (version_in(fake, "tinydep"), version_in(fake, "tinytest")) == ("1.2", "1.0")


def test_both_installers_words_are_understood():
    uv = "error: Failed to download `joblib==1.6.0`\n  cause: Hash mismatch for `joblib==1.6.0`\n"
    pip = (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If ...\n"
        "    joblib==1.6.0 from file:///x/joblib-1.6.0-py3-none-any.whl (from -r x (line 1)):\n"
        "        Expected sha256 00\n"
    )
    for output in (uv, pip):
        assert mismatch(output).startswith("joblib: the index gave another file")
    assert mismatch("error: something else") is None


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    for name in ("a", "b"):
        make_wheel(folder, name, "1.0")
    write_sums(folder)
    return folder


def test_a_whole_wheel_folder_is_taken(wheels, capsys):
    check_wheels(wheels)
    assert capsys.readouterr().out == ""
    (wheels / "SHA256SUMS").unlink()
    check_wheels(wheels)
    assert "compared with nothing" in capsys.readouterr().out


@pytest.mark.parametrize("harm", ["is damaged", "is missing", "has no sum"])
def test_a_harmed_wheel_is_named(wheels, harm):
    path = wheels / "a-1.0-py3-none-any.whl"
    if harm == "is damaged":
        path.write_bytes(path.read_bytes()[:-1])
    elif harm == "is missing":
        path.unlink()
    else:
        path = path.rename(wheels / "c-1.0-py3-none-any.whl")
        shutil.copy(path, wheels / "a-1.0-py3-none-any.whl")
    with pytest.raises(SetupError, match=rf"wheels: {path.name} {harm}"):
        check_wheels(wheels)


def test_the_sums_are_as_sha256sum_writes_them(wheels):
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum on this machine")
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=wheels)
    assert done.returncode == 0


def test_of_two_pins_the_one_for_this_python_counts(tmp_path):
    path = tmp_path / "constraints.txt"
    older = "a==1.0 ; python_full_version < '{}' \\\n    --hash=sha256:" + "1" * 64 + "\n"
    newer = "a==2.0 ; python_full_version >= '{}' and sys_platform == 'linux'\n"
    for limit, version in (("3.99", "1.0"), ("3.5.2", "2.0")):
        path.write_text((older + newer).format(limit, limit))
        assert read_constraints(path)["a"].version == version
    assert packages.pin_line(read_constraints(path)["a"]) == newer.format(limit)


def test_what_is_not_installed_keeps_its_pin(tmp_path):
    path = tmp_path / "constraints.txt"
    path.write_text("a-package-of-windows==1.5 ; sys_platform == 'win32'\npytest==0.1\n")
    kept = pin.pins_to_keep(path)
    assert "a-package-of-windows==1.5" in kept and "pytest==0.1" not in kept
    assert not any(line.startswith(("tlbook==", "pip==")) or "+" in line for line in kept)


@pytest.mark.parametrize("strange", ["--index-url https://example.invalid/simple", "a @ file:x"])
def test_no_index_gets_into_the_pins(tmp_path, monkeypatch, strange):
    good = f"a==1.0 \\\n    --hash=sha256:{'0' * 64}\nb==2 ; sys_platform == 'win32'\n"
    path = tmp_path / "constraints.txt"
    monkeypatch.setattr(pin, "resolve", lambda *_: good)
    assert pin.freeze(path) == 2 and path.read_text().endswith(good)
    monkeypatch.setattr(pin, "resolve", lambda *_: f"{good}{strange}\n")
    with pytest.raises(ValueError, match="^pins: got .* want name==version"):
        pin.freeze(path)
    assert path.read_text().endswith(good)
