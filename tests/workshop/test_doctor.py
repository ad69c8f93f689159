"""The doctor, with each thing broken in turn."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tlbook.course.chapters import Chapter
from tlbook.workshop.bootstrap.requirements import installed_version, parse
from tlbook.workshop.doctor import Check, report
from tlbook.workshop.doctor.machine import check_cache, check_cores, check_disk, check_memory
from tlbook.workshop.doctor.shipped import check_chapters, check_sums
from tlbook.workshop.doctor.software import (
    check_chromium,
    check_installation,
    check_kernel,
    check_packages,
    check_python,
)
from tlbook.workshop.doctor.torch_pair import check_device, check_pair, probe_torch


def test_python_too_old():
    assert check_python((3, 11, 0)).ok
    check = check_python((3, 10, 9))
    assert not check.ok
    assert "3.11" in check.cure


def test_wrong_version_of_a_package():
    pins = {"rich": parse("rich==1.0")}
    check = check_packages([parse("rich>=1")], pins, exact=True)
    assert not check.ok
    assert f"rich is {installed_version('rich')}, pinned 1.0" in check.detail
    assert "setup" in check.cure
    elsewhere = check_packages([parse("rich>=1")], pins, exact=False)
    assert elsewhere.ok
    assert "1 differ" in elsewhere.detail


@pytest.mark.parametrize("exact", [True, False])
def test_missing_and_too_old_packages(exact):
    check = check_packages([parse("no-such-thing>=1"), parse("rich>=999")], {}, exact)
    assert not check.ok
    assert "no-such-thing is missing" in check.detail
    assert "want rich>=999" in check.detail


def test_a_version_that_is_too_old_is_named_once():
    check = check_packages([parse("rich>=999")], {"rich": parse("rich==999")}, exact=True)
    assert check.detail.count("rich is") == 1


def test_installed_packages_are_as_pinned():
    version = installed_version("rich")
    assert check_packages([parse("rich>=1")], {"rich": parse(f"rich=={version}")}).ok


def test_a_pair_that_does_not_fit():
    probe = probe_torch("raise RuntimeError('operator torchvision::nms does not exist')")
    check = check_pair(probe)
    assert not check.ok
    assert "nms does not exist" in check.detail
    assert "one index" in check.cure
    assert not check_device(probe).ok


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os.abort()", "status"),
        ("print('hello')", "cannot be read|no answer"),
        ("pass", "no answer"),
        ("import time; time.sleep(60)", "no answer after 1 seconds"),
    ],
)
def test_a_torch_that_crashes_or_hangs_or_babbles(code, words):
    import re

    limit = 1 if "sleep" in code else 60
    check = check_pair(probe_torch(code, limit))
    assert not check.ok
    assert re.search(words, check.detail)


def test_what_torch_says_is_shown():
    cards = [{"name": "Card", "memory": 8 * 2**30}]
    found = {"torch": "2.15.0", "torchvision": "0.29.2"}
    assert "CPU" in check_device(found).detail
    assert "MPS" in check_device({**found, "mps": True}).detail
    detail = check_device({**found, "cuda": cards, "bf16": True}).detail
    assert detail == "CUDA: Card (8 GB), bf16 yes"
    assert probe_torch(f"print({json.dumps(json.dumps(found))})") == found
    assert check_pair(found).ok


def test_a_missing_kernel():
    check = check_kernel("no-such-kernel")
    assert not check.ok
    assert "no kernel called no-such-kernel" in check.detail


def install_kernel(folder: Path, name: str, argv: list[str]) -> None:
    spec = folder / "kernels" / name / "kernel.json"
    spec.parent.mkdir(parents=True)
    content = {"argv": argv, "display_name": name, "language": "python"}
    spec.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.slow
def test_a_kernel_that_does_not_start(tmp_path, monkeypatch):
    install_kernel(tmp_path, "broken", [sys.executable, "-c", "raise SystemExit(3)"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    check = check_kernel("broken", limit=20)
    assert not check.ok
    assert "does not start" in check.detail


def test_a_kernel_of_another_python(tmp_path, monkeypatch):
    code = (
        "import sys; sys.prefix = '/elsewhere'; "
        "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    )
    argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    install_kernel(tmp_path, "other", argv)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    check = check_kernel("other", limit=60)
    assert not check.ok
    assert "another Python" in check.detail


def test_the_kernel_here_works():
    check = check_kernel()
    assert check.ok, check.detail


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "data" / "weight_files"
    folder.mkdir(parents=True)
    (folder / "a.safetensors").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  a.safetensors\n", encoding="utf-8")
    return folder


def test_whole_weights(shipped):
    assert check_sums(shipped.parent).ok


@pytest.mark.parametrize("damage", ["damaged", "missing", "unlisted", "empty list"])
def test_weights_that_are_not_as_shipped(shipped, damage):
    if damage == "damaged":
        (shipped / "a.safetensors").write_bytes(b"weightz")
    elif damage == "missing":
        (shipped / "a.safetensors").unlink()
    elif damage == "unlisted":
        (shipped / "SHA256SUMS").unlink()
    else:
        (shipped / "SHA256SUMS").write_text("\n", encoding="utf-8")
    check = check_sums(shipped.parent)
    assert not check.ok
    assert "git checkout" in check.cure


def test_a_missing_notebook():
    assert check_chapters(()).ok
    check = check_chapters((Chapter("77", "77_nowhere", "Nowhere", None),))
    assert not check.ok
    assert "77_nowhere.ipynb" in check.detail


def test_too_few_cores_are_advice():
    assert check_cores(2).ok
    check = check_cores(1)
    assert (check.ok, check.required) == (False, False)


def test_little_memory_is_advice():
    assert check_memory(8 * 2**30).ok
    check = check_memory(2**29)
    assert (check.ok, check.required) == (False, False)


def test_a_full_disk(tmp_path):
    assert check_disk("disk", tmp_path / "not" / "yet", needed_gib=0).ok
    check = check_disk("disk", tmp_path, needed_gib=1e9)
    assert not check.ok
    assert check.required


def test_a_cache_that_takes_no_files(tmp_path):
    assert check_cache(tmp_path / "new").ok
    assert not any((tmp_path / "new").iterdir())
    (tmp_path / "file").write_text("x", encoding="utf-8")
    check = check_cache(tmp_path / "file" / "inside")
    assert not check.ok
    assert "TLBOOK_CACHE" in check.cure


def test_an_old_installation_is_advice():
    assert check_installation(own=True, current=True).ok
    assert not check_installation(own=True, current=False).ok
    assert check_installation(own=False, current=False).ok


def test_a_missing_browser_is_advice(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    check = check_chromium()
    assert (check.ok, check.required) == (False, False)
    assert check_chromium("chromium").ok


@pytest.mark.parametrize(("required", "good"), [(True, False), (False, True)])
def test_the_report_names_the_cure(tmp_path, required, good):
    console = Console(width=100, record=True, file=(tmp_path / "out").open("w"))
    checks = [Check("one", True, "fine"), Check("two", False, "broken", "mend it", required)]
    assert report(checks, console) is good
    text = console.export_text()
    assert "two: mend it" in text
    assert ("✗" if required else "!") in text


def test_a_fault_without_a_cure_is_refused():
    with pytest.raises(ValueError, match="no cure"):
        Check("x", False, "broken")
