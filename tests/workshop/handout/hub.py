"""A JupyterHub on loopback for a test, and learners who log in to it and run their notebook."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path

import nbformat
import psutil
import requests
import websocket

from tlbook.course import chapters
from tlbook.workshop.handout.environment import HUB

CONFIG = chapters.root() / "deploy" / "hub" / "jupyterhub_config.py"
PASSWORD = "only on loopback"


def three_free_ports() -> int:
    """Return the first of three ports in a row that nobody listens on."""
    while True:
        sockets = [socket.socket() for _ in range(3)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            first = sockets[0].getsockname()[1]
            for k in (1, 2):
                sockets[k].bind(("127.0.0.1", first + k))
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for one in sockets:
                one.close()


class Hub:
    """A running hub; use it in a ``with`` block."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.state = folder / "state"
        port = three_free_ports()
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / "hub.log"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "TLBOOK"))}
        self.environment = kept | {
            "TLBOOK_HUB_STATE": str(self.state),
            "TLBOOK_HUB_PORT": str(port),
            "TLBOOK_HUB_TRIAL": PASSWORD,
            "TLBOOK_CACHE": str(self.state / "cache"),  # the mark of all that it starts
            **options,
        }

    def __enter__(self) -> "Hub":
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(HUB.command()), "--config", str(CONFIG)],
                env=self.environment,
                cwd=self.log.parent,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if requests.get(f"{self.address}/hub/health", timeout=5).ok:
                    return self
            except requests.RequestException:
                pass
            time.sleep(0.3)
        self.__exit__()
        raise RuntimeError(f"the hub did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        # A kernel that is told to end may need a moment; what is there after ten seconds stays.
        _, self.left_over = psutil.wait_procs(self.started(), timeout=10)
        for process in self.left_over:
            process.kill()
        psutil.wait_procs(self.left_over, timeout=10)

    def started(self) -> list[psutil.Process]:
        """Return what the hub started and is still there: proxy, servers, kernels."""
        found = []
        for process in psutil.process_iter():
            try:
                of_ours = process.environ().get("TLBOOK_CACHE") == self.environment["TLBOOK_CACHE"]
                if of_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found


class Learner:
    """One who logs in by the form, starts a server and works in its kernel."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.session = requests.Session()
        page = self.session.get(f"{hub.address}/hub/login", timeout=30)
        token = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', page.text)
        form = {"username": name, "password": PASSWORD, "_xsrf": token[1] if token else ""}
        self.session.post(f"{hub.address}/hub/login", data=form, timeout=60)
        own = f"{hub.address}/hub/api/users/{name}"
        made = self.session.post(
            f"{own}/tokens",
            json={},
            headers={"X-XSRFToken": self._xsrf(), "Referer": f"{hub.address}/hub/token"},
            timeout=30,
        )
        made.raise_for_status()
        self.key = {"Authorization": f"token {made.json()['token']}"}
        requests.post(f"{own}/server", headers=self.key, timeout=150).raise_for_status()
        self.server = f"{hub.address}/user/{name}"
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if (
                requests.get(own, headers=self.key, timeout=30)
                .json()["servers"]
                .get("", {})["ready"]
            ):
                return
            time.sleep(0.5)
        raise RuntimeError(f"the server of {name} did not start:\n{hub.log.read_text()[-3000:]}")

    def _xsrf(self) -> str:
        return next(c.value for c in self.session.cookies if c.name == "_xsrf" and "hub" in c.path)

    def get(self, path: str) -> requests.Response:
        """Ask this learner's server, as this learner."""
        return requests.get(f"{self.server}/{path}", headers=self.key, timeout=60)

    def notebook(self, file: str) -> nbformat.NotebookNode:
        """Return a chapter as it lies in the learner's folder."""
        content = self.get(f"api/contents/{file}").json()["content"]
        return nbformat.from_dict(content)

    def terminal(self, command: str, until: str) -> str:
        """Type a command in a terminal; return what stands there when ``until`` is said."""
        made = requests.post(f"{self.server}/api/terminals", headers=self.key, timeout=60)
        made.raise_for_status()
        where = f"{self.server}/terminals/websocket/{made.json()['name']}".replace("http", "ws", 1)
        header = [f"Authorization: {self.key['Authorization']}"]
        connected = websocket.create_connection(where, header=header, timeout=60)
        connected.send(json.dumps(["stdin", command + "\r"]))
        shown = ""
        while until not in shown:
            kind, *words = json.loads(connected.recv())
            shown += words[0] if kind == "stdout" else ""
        connected.close()
        return shown

    def kernel(self) -> "Kernel":
        """Start a kernel on the learner's server."""
        return Kernel(self)


class Kernel:
    """A kernel behind hub and proxy; use it in a ``with`` block."""

    def __init__(self, learner: Learner) -> None:
        made = requests.post(f"{learner.server}/api/kernels", headers=learner.key, timeout=90)
        made.raise_for_status()
        where = f"{learner.server}/api/kernels/{made.json()['id']}/channels"
        self.socket = websocket.create_connection(
            where.replace("http", "ws", 1),
            header=[f"Authorization: {learner.key['Authorization']}"],
            timeout=180,
        )

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def run(self, code: str) -> tuple[str, str]:
        """Run a cell; return what it printed and its error ("" where there is none)."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "session": number}
        header |= {"username": "", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "stop_on_error": True, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        printed, error = [], ""
        while True:
            received = self.socket.recv()
            if isinstance(received, bytes):
                continue  # buffers of a widget
            answer = json.loads(received)
            if answer["parent_header"].get("msg_id") != number:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(printed), error
