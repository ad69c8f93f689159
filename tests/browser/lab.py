"""A JupyterLab server for tests: own port, own folders, loopback only, always stopped."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port of the loopback device that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Jupyter writes only below ``folder``."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "XDG_DATA_HOME": "user-data",
    }
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    for name, place in places.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        env[name] = str(folder / place)
    page = folder / "config" / "labconfig"
    page.mkdir(exist_ok=True)
    # The splash of a slow start or change of theme is taken away twice now and then, which the page
    # reports as an error of its own ("removeChild").
    plugins = ("announcements", "splash")
    off = {"disabledExtensions": {f"@jupyterlab/apputils-extension:{p}": True for p in plugins}}
    (page / "page_config.json").write_text(json.dumps(off))
    return env


class Lab:
    """A running JupyterLab; use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"

    def __enter__(self) -> "Lab":
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.open_browser": False,
            "ServerApp.root_dir": self.files,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": "",
            "ServerApp.disable_check_xsrf": True,  # `clear` asks without a page
            "LabApp.expose_app_in_browser": True,
            # As `tlbook lab` has it.
            "ContentsManager.pre_save_hook": "tlbook.workshop.saved.before_saving",
        }
        command = [sys.executable, "-m", "jupyterlab"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                env=environment(self.folder),
                cwd=self.files,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self, seconds: float = 90) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/api", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """Stop the server, its kernels with it; the group goes when it does not go by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(15)

    def clear(self) -> None:
        """End all kernels and forget what was written: the next test finds a server like new."""
        with urllib.request.urlopen(f"{self.address}/api/kernels", timeout=30) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            address = f"{self.address}/api/kernels/{kernel['id']}"
            urllib.request.urlopen(
                urllib.request.Request(address, method="DELETE"), timeout=60
            ).close()
        for place in ("files", "user-data", "settings", "workspaces"):
            for path in (self.folder / place).iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def notebook(self, *cells: str, name: str = "test.ipynb") -> str:
        """Write a notebook with these code cells and return the address that opens it."""
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(nb, self.files / name)
        return f"{self.address}/lab/tree/{name}?reset"
