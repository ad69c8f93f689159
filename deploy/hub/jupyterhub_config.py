"""JupyterHub on one server for one class. docs/class.md says how to start it.

Each learner has an account of the system. All use one environment and one cache of rendered data,
which they can read and not write. Options are variables of the environment:

    TLBOOK_HUB_STATE    where the hub keeps its files, the cache and exchange (/srv/tlbook)
    TLBOOK_HUB_ADDRESS  where it listens (127.0.0.1, for a web server with a certificate before it)
    TLBOOK_HUB_PORT     its port (8000); the next two are taken on the loopback device
    TLBOOK_HUB_MEMORY   what one process of a learner may use (3G)
    TLBOOK_HUB_TRIAL    a password: no accounts, all work as you, on loopback alone
"""

import grp
import os
import resource
import stat
import sys
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

ROOT = Path(__file__).resolve().parents[2]
HUB, NBGRADER = ROOT / ".venv-hub", ROOT / ".venv-nbgrader"
STATE = Path(os.environ.get("TLBOOK_HUB_STATE", "/srv/tlbook")).resolve()
PORT = int(os.environ.get("TLBOOK_HUB_PORT", "8000"))
TRIAL = os.environ.pop("TLBOOK_HUB_TRIAL", "")
ADDRESS = "127.0.0.1" if TRIAL else os.environ.get("TLBOOK_HUB_ADDRESS", "127.0.0.1")
CACHE, EXCHANGE, PRIVATE = STATE / "cache", STATE / "exchange", STATE / "private"


def limited(preexec, most_bytes):
    """Return what a server does before it starts: become the learner, then give up memory."""

    def before():
        preexec()
        for limit, value in ((resource.RLIMIT_DATA, most_bytes), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(limit, (value, value))

    return before


class Accounts(LocalProcessSpawner):
    """A server as a process of the learner's account. Its kernels inherit the limit."""

    def make_preexec_fn(self, name):
        return limited(super().make_preexec_fn(name), self.mem_limit)


class Trial(SimpleLocalProcessSpawner):
    """A server as a process of yours, in a home folder below the hub's."""

    def make_preexec_fn(self, name):
        return limited(super().make_preexec_fn(name), self.mem_limit)


def prepare_folders():
    """Make the folders; let learners read what the teacher rendered, and hand in by nbgrader."""
    STATE.mkdir(parents=True, exist_ok=True)
    for folder, mode in ((CACHE, 0o755), (EXCHANGE, 0o777), (PRIVATE, 0o700)):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
    for file in CACHE.iterdir():
        if stat.S_ISREG(file.lstat().st_mode):
            file.chmod(0o644)


if not TRIAL and os.geteuid() != 0:
    sys.exit("jupyterhub_config: start it as root, or set TLBOOK_HUB_TRIAL to a password to try it")
prepare_folders()

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"http://{ADDRESS}:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.command = [str(HUB / "bin" / "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(PRIVATE / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{PRIVATE / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(PRIVATE / "cookie_secret")
c.JupyterHub.cleanup_servers = True

if TRIAL:
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = TRIAL
    c.SharedPasswordAuthenticator.allow_all = True
    c.JupyterHub.spawner_class = Trial
    c.Trial.home_dir_template = str(STATE / "homes" / "{username}")
else:
    c.JupyterHub.authenticator_class = "pam"
    there = {group.gr_name for group in grp.getgrall()}  # a missing one would stop every log-in
    c.PAMAuthenticator.allowed_groups = {"learners", "teachers"} & there
    c.PAMAuthenticator.admin_groups = {"teachers"} & there
    c.JupyterHub.spawner_class = Accounts

# It fills ~/workbook, then becomes the learner's server.
c.Spawner.cmd = [str(HUB / "bin" / "python"), "-m", "tlbook.workshop.hub_server"]
c.Spawner.mem_limit = os.environ.get("TLBOOK_HUB_MEMORY", "3G")
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--ServerApp.shutdown_no_activity_timeout=7200",
]
paths = [str(HUB / "bin"), os.environ["PATH"], str(NBGRADER / "bin")]
c.Spawner.environment = {
    "PATH": os.pathsep.join(paths),
    "PYTHONPATH": str(ROOT),
    "TLBOOK_SKIP_SETUP": "1",
    "TLBOOK_CACHE": str(CACHE),
    "TLBOOK_EXCHANGE": str(EXCHANGE),
    "JUPYTER_CONFIG_PATH": str(ROOT / "deploy" / "hub" / "nbgrader"),
    "OMP_NUM_THREADS": "1",
}
