"""The hub's configuration read without a hub: who logs in, what learners reach, who starts it."""

import grp
import os
import re
import runpy
import sys
from types import ModuleType, SimpleNamespace

import pytest
from traitlets.config import Config

from tests.workshop.handout.hub import CONFIG

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a hub runs on Linux")


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return what the configuration says for an administrator and these groups and variables."""
    spawners = ModuleType("jupyterhub.spawner")
    spawners.LocalProcessSpawner = spawners.SimpleLocalProcessSpawner = object
    monkeypatch.setitem(sys.modules, "jupyterhub", ModuleType("jupyterhub"))
    monkeypatch.setitem(sys.modules, "jupyterhub.spawner", spawners)
    monkeypatch.setenv("TLBOOK_HUB_STATE", str(tmp_path / "state"))

    def reading(user=0, groups=("learners", "teachers", "audio"), **variables):
        found = Config()
        monkeypatch.setattr(os, "geteuid", lambda: user)
        monkeypatch.setattr(grp, "getgrall", lambda: [SimpleNamespace(gr_name=g) for g in groups])
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        runpy.run_path(str(CONFIG), init_globals={"get_config": lambda: found})
        return found

    return reading


def test_a_group_that_is_not_there_is_not_asked_for(read):
    """The hub refuses everybody where one of its groups is missing."""
    both = read().PAMAuthenticator
    assert both.allowed_groups == {"learners", "teachers"} and both.admin_groups == {"teachers"}
    one = read(groups=("learners",)).PAMAuthenticator
    assert one.allowed_groups == {"learners"} and one.admin_groups == set()


def test_learners_read_the_cache_and_not_the_hubs_own_files(read, tmp_path):
    rendered = tmp_path / "state" / "cache" / "x.arrays"
    rendered.parent.mkdir(parents=True)
    rendered.touch(0o600)  # as the library writes it
    aside = tmp_path / "aside"
    aside.touch(0o600)
    (rendered.parent / "link").symlink_to(aside)
    found = read()
    assert rendered.stat().st_mode & 0o777 == 0o644
    assert aside.stat().st_mode & 0o777 == 0o600
    private = tmp_path / "state" / "private"
    assert private.stat().st_mode & 0o777 == 0o700
    kept = (found.JupyterHub.db_url, found.JupyterHub.cookie_secret_file)
    assert all(str(private) in place for place in (*kept, found.ConfigurableHTTPProxy.pid_file))


def test_a_trial_serves_the_loopback_device_only(read):
    found = read(user=1000, TLBOOK_HUB_TRIAL="a password", TLBOOK_HUB_ADDRESS="0.0.0.0")
    assert found.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert "PAMAuthenticator" not in found
    assert "TLBOOK_HUB_TRIAL" not in os.environ  # nor in any server's


def test_accounts_need_an_administrator(read, tmp_path):
    with pytest.raises(SystemExit, match="start it as root"):
        read(user=1000)
    assert not (tmp_path / "state").exists()


def test_its_options_are_those_of_the_guide():
    text = CONFIG.read_text(encoding="utf-8")
    guide = (CONFIG.parents[2] / "docs" / "class.md").read_text(encoding="utf-8")
    options = re.compile(r"TLBOOK_HUB_[A-Z]+")
    assert set(options.findall(text)) == set(options.findall(guide))
