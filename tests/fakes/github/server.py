"""HTTP for the fake: keep-alive, chunked and compressed bodies, a port of the loopback and a unix socket."""

from __future__ import annotations

import gzip
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.github.answers import Refusal
from tests.fakes.github.dispatch import answer_api
from tests.fakes.github.faults import Cut, strike_before, taken
from tests.fakes.github.git_http import is_git, serve_git

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub


def start(fake: FakeGitHub, port: int, unix_socket: Path | None) -> Callable[[], None]:
    """Serves until the returned function is called; sets the fake's addresses."""
    servers: list[socketserver.BaseServer] = [_Server(("127.0.0.1", port), _handler(fake))]
    fake.url = fake.server_url = f"http://127.0.0.1:{servers[0].server_address[1]}"  # type: ignore[index]
    if unix_socket is not None:
        servers.append(_UnixServer(str(unix_socket), _handler(fake)))
    threads = [threading.Thread(target=entry.serve_forever, args=(0.02,), daemon=True) for entry in servers]
    for thread in threads:
        thread.start()

    def stop() -> None:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()
        if unix_socket is not None:
            unix_socket.unlink(missing_ok=True)

    return stop


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no news; anything else is shown as ever."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _UnixServer(_Server):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        Path(str(self.server_address)).unlink(missing_ok=True)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "api.github.com", 80


def _handler(fake: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            if self.request.family == socket.AF_UNIX:
                self.disable_nagle_algorithm = False
            super().setup()

        def address_string(self) -> str:
            return "local"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            if os.environ.get("FAKE_GITHUB_LOG"):
                super().log_message(format, *args)

        def do_GET(self) -> None:
            body = self._body()
            path, _, query = self.path.partition("?")
            path = path.removeprefix("/api/v3") or "/"
            try:
                if is_git(path):
                    status, headers, content = self._git(path, query, body)
                else:
                    status, headers, content = answer_api(fake, self.command, path, query, self.headers, body)
            except Cut:
                self._cut()
                return
            self._send(status, headers, content)

        def _git(self, path: str, query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            with fake.lock:
                fault = taken(fake.faults, self.command, path, is_git=True)
            try:
                strike_before(fault, fake)
            except Refusal as refusal:
                return refusal.status, {"Content-Type": "text/plain", **refusal.headers}, refusal.message.encode()
            answer = serve_git(fake, self.command, path, query, self.headers, body)
            if fault is not None and fault.kind == "reset-after-effect":
                raise Cut
            if fault is not None and fault.kind == "slow":
                threading.Event().wait(fault.seconds)
            is_lost = fault is not None and fault.kind == "502-after-effect"
            return (502, {"Content-Type": "text/plain"}, b"Server Error\n") if is_lost else answer

        def _body(self) -> bytes:
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.wfile.flush()
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                parts: list[bytes] = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                body = b"".join(parts)
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") in ("gzip", "x-gzip"):
                body = gzip.decompress(body)
                del self.headers["Content-Encoding"]
            return body

        def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD" and status not in (204, 304):
                self.wfile.write(content)
            self.wfile.flush()

        def _cut(self) -> None:
            self.close_connection = True
            if self.request.family != socket.AF_UNIX:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()

    for method in ("POST", "PATCH", "PUT", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.do_GET)
    return Handler
