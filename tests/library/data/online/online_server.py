"""A file server on loopback that can misbehave in every way a real one does."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        how = server.modes.pop(0) if len(server.modes) > 1 else server.modes[0]
        data = {"page": PAGE, "other": server.data[::-1], "empty": b""}.get(how, server.data)
        start, status = 0, 200
        if how == "missing":
            self.send_error(404)
            return
        if how == "416":
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if how == "short":  # no length told, and the end comes early: nobody can notice it here
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            return
        wanted = self.headers.get("Range")
        if wanted and how != "no ranges":
            start, status = int(wanted.removeprefix("bytes=").rstrip("-")), 206
        if start >= len(data) and start:
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if how == "packed":  # a server that calls a .gz file an encoding of its content
            self.send_header("Content-Encoding", "gzip")
        body = data[start:]
        if how == "endless":
            self.send_header("Connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"x" * 65536)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if how == "cut":  # half of what was left, then nothing
            body = body[: max(1, len(body) // 2)]
            self.close_connection = True
        if how == "drip":
            with contextlib.suppress(OSError):
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if server.over.wait(0.05):
                        break
            self.close_connection = True
            return
        if how == "stall":
            self.wfile.write(body[:10])
            self.wfile.flush()
            server.over.wait(20)
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def serving(data, *modes):
    """Serve ``data``; each request takes the next mode, the last one stays."""
    server = Server(("127.0.0.1", 0), Handler)
    server.data, server.modes, server.asked = data, list(modes or ("well",)), []
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.address = f"http://127.0.0.1:{server.server_port}/file"
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def silent():
    """Accept connections (the system does) and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"


@contextlib.contextmanager
def dropping():
    """Drop packets like a firewall: a listener whose queue is full answers no connection."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"


def refused():
    """Return an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/file"
