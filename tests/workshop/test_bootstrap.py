"""Set-up, for real: small virtual environments, hand-made wheels, no network."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workshop.fake_project import make_project, make_wheel
from tlbook.workshop import bootstrap
from tlbook.workshop.bootstrap import install, project, requirements
from tlbook.workshop.bootstrap.clean import clean
from tlbook.workshop.bootstrap.install import diagnose, setup
from tlbook.workshop.bootstrap.lock import lock_path, setup_lock
from tlbook.workshop.bootstrap.packages import check_wheels
from tlbook.workshop.bootstrap.project import Project, SetupError, is_ready, stamped_extras
from tlbook.workshop.bootstrap.requirements import parse, read_constraints, unmet, version_key
from tlbook.workshop.bootstrap.wheels import make_wheels, wheels_command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STANDARD = sys.stdlib_module_names


def version_in(made: Project, name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    done = subprocess.run([made.python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def small_disk_is_enough(monkeypatch):
    monkeypatch.setenv("TLBOOK_MIN_FREE_GB", "0.1")
    for name in ("TLBOOK_WHEELS", "TLBOOK_SKIP_SETUP", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A fake project that was set up by the pip fallback: its wheel folder has no uv."""
    fake, wheels = make_project(tmp_path_factory.mktemp("made") / "clone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_MIN_FREE_GB", "0.1")
        setup(fake, ("test",), wheels)
    return fake, wheels


@pytest.fixture
def copy(made, tmp_path):
    """A copy of the project that was set up, for a test to break."""
    fake, wheels = made
    shutil.copytree(fake.root, tmp_path / "clone", symlinks=True)
    broken = Project(tmp_path / "clone", verify=fake.verify)
    record = broken.venv / "pyvenv.cfg"
    record.write_text(record.read_text().replace(str(fake.root), str(broken.root)))
    project.write_stamp(broken, ("test",))
    shutil.copytree(wheels, tmp_path / "wheels")
    return broken, tmp_path / "wheels"


def test_setup_installs_the_pinned_versions_and_leaves_a_stamp(made):
    fake, _ = made
    assert version_in(fake, "tinydep") == "1.2"  # 1.3 lies in the folder, the pin says 1.2
    assert version_in(fake, "tinytest") == "1.0"
    assert version_in(fake, "fakebook") == "1.0"
    assert stamped_extras(fake) == ("test",)
    assert not fake.unfinished.exists()


def test_a_second_setup_starts_no_process(made, monkeypatch):
    fake, wheels = made
    monkeypatch.setattr(subprocess, "Popen", None)
    setup(fake, ("test",), wheels)


def test_changed_pins_are_installed(copy):
    fake, wheels = copy
    fake.constraints.write_text("tinydep==1.3\n", encoding="utf-8")
    assert not is_ready(fake, ("test",))
    setup(fake, ("test",), wheels)
    assert version_in(fake, "tinydep") == "1.3"
    assert is_ready(fake, ("test",))


def test_tool_settings_do_not_ask_for_a_new_setup(copy):
    fake, _ = copy
    with fake.pyproject.open("a", encoding="utf-8") as file:
        file.write("\n[tool.ruff]\nline-length = 90\n")
    assert is_ready(fake, ("test",))


def test_an_extra_is_added_and_the_earlier_one_kept(copy):
    fake, wheels = copy
    assert not is_ready(fake, ("bench",))
    setup(fake, ("bench",), wheels)
    assert stamped_extras(fake) == ("bench", "test")
    assert version_in(fake, "tinybench") == "1.0"


def test_an_interrupted_setup_is_repaired_by_the_next(copy, capsys):
    fake, wheels = copy
    (fake.venv / "pyvenv.cfg").unlink()  # as after an interrupted deletion
    (fake.venv / "half.txt").touch()
    setup(fake, ("test",), wheels)
    assert "making it again" in capsys.readouterr().out
    assert is_ready(fake, ("test",))
    assert not (fake.venv / "half.txt").exists()
    assert version_in(fake, "tinydep") == "1.2"


@pytest.mark.parametrize(
    "damage", ["interrupted", "no python", "empty", "python does not run", "no pyvenv.cfg"]
)
def test_a_broken_environment_is_not_healthy(copy, damage):
    fake, _ = copy
    assert install._is_healthy(fake)
    if damage == "interrupted":
        fake.unfinished.touch()
    elif damage == "no python":
        fake.python.unlink()
        assert not is_ready(fake, ("test",))
    elif damage == "no pyvenv.cfg":  # its python is the system's now
        (fake.venv / "pyvenv.cfg").unlink()
        assert not is_ready(fake, ("test",))
    elif damage == "empty":
        shutil.rmtree(fake.venv)
        fake.venv.mkdir()
    else:
        fake.python.unlink()
        fake.python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        fake.python.chmod(0o755)
    assert not install._is_healthy(fake)


def test_uv_installs_when_it_is_there(copy):
    fake, wheels = copy
    uv = shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")
    if uv is None:
        pytest.skip("no uv on this machine")
    fake.uv.symlink_to(uv)
    fake.constraints.write_text("tinydep==1.3\n", encoding="utf-8")
    setup(fake, ("test",), wheels)
    assert version_in(fake, "tinydep") == "1.3"
    assert "Installed" in fake.log.read_text(encoding="utf-8")


def test_no_network_is_one_line_and_keeps_a_whole_environment(copy, monkeypatch):
    fake, _ = copy
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    fake.constraints.write_text("tinydep==1.3\n", encoding="utf-8")
    with pytest.raises(SetupError, match="check the network") as caught:
        setup(fake, ("test",))
    assert "\n" not in str(caught.value)
    assert not fake.unfinished.exists()
    assert version_in(fake, "tinydep") == "1.2"


def test_packages_that_do_not_work_together_are_reported(copy):
    fake, wheels = copy
    make_wheel(wheels, "tinydep", "1.4", code="raise ImportError('no such operator')\n")
    fake.constraints.write_text("tinydep==1.4\n", encoding="utf-8")
    with pytest.raises(SetupError, match=r"no such operator.*setup --force"):
        setup(fake, ("test",), wheels)
    assert not is_ready(fake, ("test",))


def test_full_disk_is_noticed_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.delenv("TLBOOK_MIN_FREE_GB")
    fake, wheels = make_project(tmp_path / "clone")
    usage = shutil.disk_usage(tmp_path)._replace(free=2**30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SetupError, match=r"1\.0 GB free .* make room"):
        setup(fake, ("test",), wheels)
    assert not fake.venv.exists()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_missing_venv_module_names_the_package(tmp_path, monkeypatch, module):
    fake, wheels = make_project(tmp_path / "clone")
    find = install.importlib.util.find_spec
    monkeypatch.setattr(
        install.importlib.util, "find_spec", lambda name: None if name == module else find(name)
    )
    with pytest.raises(SetupError, match=r"apt install python3\.\d+-venv"):
        setup(fake, ("test",), wheels)


def test_empty_wheel_folder(tmp_path, copy):
    fake, _ = copy
    fake.stamp.unlink()
    with pytest.raises(SetupError, match="has no wheels"):
        setup(fake, ("test",), tmp_path / "nothing")


def test_two_setups_at_once(tmp_path):
    fake, _ = make_project(tmp_path / "clone")
    hold = "import sys, time; from pathlib import Path; from tlbook._base.lock import take; "
    hold += "take(Path(sys.argv[1])); print('taken', flush=True); time.sleep(99)"
    command = [sys.executable, "-c", hold, str(lock_path(fake))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "taken\n"
        with pytest.raises(SetupError, match=rf"another set-up .* \(process {other.pid}, since 2"):
            setup(fake, ("test",))
        assert not fake.venv.exists()
        other.kill()  # as in a crash
        other.wait()
    with setup_lock(fake):  # and it is free again
        pass
    lock_path(fake).unlink()


def test_wheel_folder_is_complete_or_refused(copy, tmp_path, monkeypatch):
    fake, wheels = copy
    for name in ("pip", "uv", "wheel"):
        make_wheel(wheels, name, "99.0")
    make_wheel(wheels, "setuptools", "99.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    folder = tmp_path / "for class"
    assert make_wheels(fake, folder) == 6
    check_wheels(folder)
    names = {path.name.split("-")[0] for path in folder.glob("*.whl")}
    assert names == {"tinydep", "tinytest", "pip", "uv", "wheel", "setuptools"}
    assert "make setup WHEELS" in (folder / "README.txt").read_text(encoding="utf-8")
    assert (folder / "tinydep-1.2-py3-none-any.whl").exists()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match="wheels"):
        make_wheels(fake, tmp_path / "gap")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: NewConnectionError", "index cannot be reached"),
        ("error: dns error: failed to lookup address", "index cannot be reached"),
    ],
)
def test_diagnosis(output, words):
    assert words in (diagnose(output) or "")


def test_an_unknown_failure_is_not_blamed_on_the_network():
    assert diagnose("error: subprocess-exited-with-error") is None


class Recorder:
    """Stands in for set-up and for the second Python, and notes what was asked of them."""

    def __init__(self, monkeypatch, ready=False, inside=False, serves=False):
        self.setups, self.runs = [], []
        monkeypatch.setattr(bootstrap, "setup", lambda *a, **k: self.setups.append(a))
        monkeypatch.setattr(bootstrap, "run_in", lambda python, argv: self.runs.append(argv) or 7)
        monkeypatch.setattr(bootstrap, "is_ready", lambda *_: ready)
        monkeypatch.setattr(bootstrap, "runs_inside", lambda *_: inside)
        monkeypatch.setattr(bootstrap, "serves_as_is", lambda *_: serves)
        monkeypatch.setattr(Project, "python", Path(sys.executable))


def test_a_bare_python_sets_up_and_goes_on_in_the_venv(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch)
    assert bootstrap.dispatch(Project(tmp_path), ["lab", "--port", "9999"]) == 7
    assert seen.setups == [(Project(tmp_path), ("course", "test"), None)]
    assert seen.runs == [["lab", "--port", "9999"]]


def test_a_ready_venv_is_used_at_once(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch, ready=True)
    bootstrap.dispatch(Project(tmp_path), ["run", "02"])
    assert not seen.setups
    assert seen.runs == [["run", "02"]]


def test_bench_asks_for_its_extra(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch)
    bootstrap.dispatch(Project(tmp_path), ["bench"])
    assert seen.setups[0][1] == ("bench", "course", "test")


def test_a_package_lost_from_the_venv_is_installed_again(copy):
    fake, wheels = copy
    (found,) = fake.venv.glob("lib/*/site-packages/tinydep-1.2.dist-info")
    shutil.rmtree(found)
    setup(fake, ("test",), wheels)  # the stamp is fresh: nothing happens
    assert version_in(fake, "tinydep") == ""
    make_wheel(wheels, "uv", "99.0")  # a uv without its program: pip does it then
    setup(fake, ("test",), wheels, repair=True)
    assert version_in(fake, "tinydep") == "1.2"


def test_inside_the_venv_a_missing_package_is_repaired(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch, ready=True, inside=True, serves=False)
    assert bootstrap.dispatch(Project(tmp_path), ["run"], lambda argv: 5) == 5
    assert seen.setups
    assert not seen.runs


@pytest.mark.parametrize("argv", [["doctor"], ["bench", "--help"], ["-h"], ["run", "-h"], []])
def test_inside_the_venv_what_only_tells_something_installs_nothing(tmp_path, monkeypatch, argv):
    seen = Recorder(monkeypatch, ready=True, inside=True, serves=False)
    assert bootstrap.dispatch(Project(tmp_path), argv, lambda argv: 5) == 5
    assert not seen.setups


def test_inside_the_venv_set_up_may_be_forbidden(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_SKIP_SETUP", "1")
    seen = Recorder(monkeypatch, ready=True, inside=True, serves=False)
    assert bootstrap.dispatch(Project(tmp_path), ["bench"], lambda argv: 5) == 5
    assert not seen.setups


def test_a_bare_doctor_says_what_to_do_and_a_ready_one_runs(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch)
    with pytest.raises(SetupError, match="'make setup'"):
        bootstrap.dispatch(Project(tmp_path), ["doctor"])
    assert not seen.setups
    ready = Recorder(monkeypatch, ready=True)
    assert bootstrap.dispatch(Project(tmp_path), ["bench", "--help"]) == 7
    assert ready.runs == [["bench", "--help"]]
    assert not ready.setups


def test_version_needs_no_package(tmp_path, monkeypatch, capsys):
    import tlbook

    seen = Recorder(monkeypatch)
    assert bootstrap.dispatch(Project(), ["--version"]) == 0
    assert capsys.readouterr().out == f"tlbook {tlbook.__version__}\n"
    assert not seen.setups
    assert not seen.runs


def test_only_takes_the_place_of_what_a_set_up_installs(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch)
    bootstrap.setup_command(Project(), ["--only", "course,class"])
    bootstrap.setup_command(Project(), ["--extras", "bench"])
    assert [setup[1] for setup in seen.setups] == [("course", "class"), ("course", "test", "bench")]


def test_an_unknown_extra_is_refused_before_anything_is_installed(copy):
    fake, _ = copy
    before = fake.stamp.read_text(encoding="utf-8")
    with pytest.raises(SetupError, match="--extras: got 'nonsense', want one of test, bench"):
        bootstrap.setup_command(fake, ["--extras", "nonsense"])
    with pytest.raises(SetupError, match="--extras: got 'nonsense', want one of test, bench"):
        wheels_command(fake, ["somewhere", "--extras", "nonsense"])
    assert fake.stamp.read_text(encoding="utf-8") == before


def test_set_up_forbidden_and_no_venv_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_SKIP_SETUP", "1")
    monkeypatch.setattr(bootstrap, "serves_as_is", lambda *_: False)
    with pytest.raises(SetupError, match="there is no .venv here, and TLBOOK_SKIP_SETUP forbids"):
        bootstrap.dispatch(Project(tmp_path), ["run"])


def test_a_venv_that_is_a_link_is_not_taken_over(copy, tmp_path):
    fake, wheels = copy
    other = tmp_path / "other"
    other.mkdir()
    fake.venv.rename(other / ".venv")
    fake.venv.symlink_to(other / ".venv")
    before = sorted(path.name for path in (other / ".venv").iterdir())
    with pytest.raises(SetupError, match="is a link to .* another clone"):
        setup(fake, ("test", "bench"), wheels)
    assert sorted(path.name for path in (other / ".venv").iterdir()) == before


def test_a_venv_copied_from_another_clone_is_refused_with_the_choice(copy, tmp_path):
    fake, wheels = copy
    twin = Project(tmp_path / "twin", verify=fake.verify)
    shutil.copytree(fake.root, twin.root, symlinks=True)
    assert project.made_for(twin) == fake.root and project.made_for(fake) is None
    assert not is_ready(twin, ("test",))
    with pytest.raises(SetupError, match=r"was made for the clone in .*clone.*setup --force"):
        setup(twin, ("test",), wheels)
    assert twin.python.exists()
    setup(twin, ("test",), wheels, force=True)
    assert project.made_for(twin) is None and is_ready(twin, ("test",))
    assert version_in(fake, "tinydep") == "1.2"


def test_a_half_made_venv_never_deletes_itself(copy, monkeypatch):
    fake, wheels = copy
    fake.unfinished.touch()
    monkeypatch.setattr(install, "runs_inside", lambda _: True)
    with pytest.raises(SetupError, match="this very Python lies in a .venv that was not finished"):
        setup(fake, ("test",), wheels, repair=True)
    assert fake.python.exists()


def test_set_up_alone_knows_no_other_command(tmp_path, monkeypatch):
    Recorder(monkeypatch, ready=True, inside=True)
    with pytest.raises(SetupError, match="doctor is not one of setup, clean, wheels"):
        bootstrap.dispatch(Project(tmp_path), ["doctor"])


def test_wheels_folder_from_make(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_WHEELS", str(tmp_path))
    seen = Recorder(monkeypatch)
    bootstrap.dispatch(Project(tmp_path), ["lab"])
    assert seen.setups[0][2] == tmp_path


@pytest.mark.parametrize("argv", [[], ["--help"], ["run", "--help"]])
def test_help_installs_nothing(tmp_path, monkeypatch, capsys, argv):
    seen = Recorder(monkeypatch)
    assert bootstrap.dispatch(Project(tmp_path), argv) == 0
    assert not seen.setups
    assert "open the workbook in JupyterLab" in capsys.readouterr().out


def test_a_wrong_word_is_told_before_anything_is_installed(tmp_path, monkeypatch):
    seen = Recorder(monkeypatch)
    with pytest.raises(SetupError, match="command: got 'labb', want one of .*; did you mean lab?"):
        bootstrap.dispatch(Project(tmp_path), ["labb"])
    assert not seen.setups and not seen.runs
    Recorder(monkeypatch, serves=True)  # a Python with the packages says it itself
    assert bootstrap.dispatch(Project(tmp_path), ["labb"], lambda argv: 2) == 2


def test_a_missing_package_is_one_line():
    code = "import sys; sys.modules['typer'] = None; from tlbook.__main__ import run_here; "
    command = [sys.executable, "-c", code + "sys.exit(run_here(['run']))"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("tlbook: the package typer is missing in ")


def test_the_systems_python_is_not_used_as_is(tmp_path, monkeypatch):
    fake, _ = make_project(tmp_path / "clone")
    monkeypatch.setattr(project, "unmet", lambda _: [])
    assert project.serves_as_is(fake, ())
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert not project.serves_as_is(fake, ())
    (tmp_path / "conda" / "conda-meta").mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "conda"))
    assert project.serves_as_is(fake, ())


def test_setup_problems_are_one_line(monkeypatch, capsys):
    def fail(*_):
        raise SetupError("the disk is full")

    monkeypatch.setattr(bootstrap, "dispatch", fail)
    assert bootstrap.main(["lab"]) == 1
    assert capsys.readouterr().err == "tlbook: the disk is full\n"


def test_the_library_alone_has_no_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "Project", lambda: Project(tmp_path))
    assert bootstrap.main(["lab"]) == 1
    error = capsys.readouterr().err
    assert "need a clone of the project" in error and error.count("\n") == 1


def test_an_extra_may_stand_for_others(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[project]\nname = "book"\ndependencies = ["a>=1"]\n[project.optional-dependencies]\n'
        'one = ["b>=2", "a>=1"]\ntwo = ["c"]\nall = ["book[one, two]", "d==4"]\n'
    )
    found = requirements.read_project(path, ("all", "two"))
    assert [str(each) for each in found] == ["a>=1", "b>=2", "c", "d==4"]


def test_clean_keeps_the_learners_work(tmp_path):
    for name in ("workbook/.ipynb_checkpoints", "runs/x", ".ruff_cache", "tlbook/__pycache__"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "__pycache__").mkdir(parents=True)
    removed = clean(Project(tmp_path))
    assert sorted(removed) == [".ruff_cache", "runs", "tlbook/__pycache__"]
    assert (tmp_path / "workbook" / ".ipynb_checkpoints").exists()
    assert (tmp_path / ".venv" / "lib" / "__pycache__").exists()
    assert clean(Project(tmp_path), everything=True) == [".venv"]


def test_clean_says_only_what_is_gone(tmp_path, monkeypatch):
    for name in ("runs", ".ruff_cache"):
        (tmp_path / name).mkdir()
    remove = shutil.rmtree
    monkeypatch.setattr(
        shutil, "rmtree", lambda p, **how: None if p.name == "runs" else remove(p, **how)
    )
    assert clean(Project(tmp_path)) == [".ruff_cache"] and (tmp_path / "runs").exists()


def test_clean_takes_a_linked_venv_away_and_leaves_what_it_leads_to(tmp_path):
    (tmp_path / "other" / ".venv").mkdir(parents=True)
    (tmp_path / ".venv").symlink_to(tmp_path / "other" / ".venv")
    (tmp_path / "build").symlink_to(tmp_path / "nowhere")
    assert clean(Project(tmp_path), everything=True) == ["build", ".venv"]
    assert (tmp_path / "other" / ".venv").is_dir() and not (tmp_path / ".venv").exists()


def test_first_steps_need_the_standard_library_only():
    workshop = ROOT / "tlbook" / "workshop"
    first = [*(workshop / "bootstrap").glob("*.py"), workshop / "python_version.py"]
    assert len(first) > 5
    files = [ROOT / "tlbook" / "__init__.py", ROOT / "tlbook" / "__main__.py"]
    files += [ROOT / "tlbook" / "_base" / name for name in ("__init__.py", "quiet.py", "lock.py")]
    for path in [*files, workshop / "__init__.py", *first]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                own = name.startswith("tlbook.workshop.bootstrap") or name in (
                    "tlbook.workshop",  # the entry knows the commands, and imports them last
                    "tlbook.workshop.python_version",
                    "tlbook._base.quiet",
                    "tlbook._base.lock",
                )
                assert own or name.split(".")[0] in STANDARD, f"{path.name} imports {name}"


@pytest.mark.parametrize(
    "file",
    ["__init__.py", "__main__.py", "workshop/__init__.py", "workshop/python_version.py"],
)
def test_an_old_python_can_read_the_entry(file):
    source = (ROOT / "tlbook" / file).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    # list[str] and the like fail when an old Python evaluates a signature.
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            assert not isinstance(node.returns, ast.Subscript)


def test_an_old_python_gets_one_line(monkeypatch, capsys):
    from tlbook import __main__ as entry

    monkeypatch.setattr(entry.sys, "version_info", (3, 9, 1))
    assert entry.main() == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "needs Python 3.11" in message


@pytest.mark.parametrize(
    ("line", "name", "version", "marker"),
    [
        ("numpy==2.4.6", "numpy", "2.4.6", ""),
        ("triton==3.9.0 ; sys_platform == 'linux'", "triton", "3.9.0", "sys_platform == 'linux'"),
        ("torch>=2.6", "torch", "2.6", ""),
        ("pip", "pip", "", ""),
        (f"numpy==2.4.6 --hash=sha256:{'0' * 64}", "numpy", "2.4.6", ""),
    ],
)
def test_requirement_lines(line, name, version, marker):
    found = parse(line)
    assert (found.name, found.version, found.marker) == (name, version, marker)


@pytest.mark.parametrize(
    "line", ["torch @ file:x.whl", "a<2", "--index-url x", "numpy=2.0", "a==1 --hash=md5:0"]
)
def test_other_requirement_lines_are_refused(line):
    with pytest.raises(ValueError, match="want name"):
        parse(line)


def test_versions_compare_as_numbers():
    assert version_key("2.15.0+cu132") == version_key("2.15")
    assert version_key("2.9") < version_key("2.15")
    assert parse("x>=2.6").accepts("2.15.0+cpu")
    assert not parse("x==2.15.0").accepts("2.14.9")


def test_unmet_requirements_are_named():
    phrases = unmet([parse("pytest>=1"), parse("pytest>=999"), parse("no-such-package")])
    assert len(phrases) == 2
    assert "pytest is" in phrases[0]
    assert phrases[1] == "no-such-package is missing"


def test_constraints_name_versions_and_nothing_else():
    pins = read_constraints(ROOT / "constraints.txt")
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert all(pin.operator == "==" for pin in pins.values())
    assert "tlbook" not in pins
    assert "://" not in text
    assert "+" not in "".join(pin.version for pin in pins.values())
    assert all(pin.hashes for pin in pins.values()), "every file can be compared"
    for name, pin in pins.items():
        if name.startswith(("nvidia-", "cuda-", "triton")):
            assert "sys_platform == 'linux'" in pin.marker
