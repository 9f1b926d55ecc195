"""HTTP for the fake: routes, keep-alive that ends after five idle seconds, and a way to cut every connection."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from tests.fakes.scar.express import Answer, is_unchanged, json_answer, page
from tests.fakes.scar.faults import Fault

if TYPE_CHECKING:
    from tests.fakes.scar.fake import FakeScar

LIMIT = 102_400
_MALFORMED = "SyntaxError: Expected property name or '}' in JSON at position 1"


def start(scar: FakeScar, port: int) -> tuple[Callable[[], None], int]:
    """Serves until the returned function is called; the port it got."""
    server = _Server(("127.0.0.1", port), _handler(scar))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        server.cut()
        thread.join()

    return stop, int(server.server_address[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    allow_reuse_address = True

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for each in list(self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            super().handle_error(request, client_address)


def _handler(scar: FakeScar) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1
        timeout = scar.keep_alive_s

        def setup(self) -> None:
            scar.connections += 1
            super().setup()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The fake keeps its requests itself."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            fault = scar.faults.strike(self.command, self.path)
            if fault is not None and self._before(fault):
                self._note(0, body, 0, headers)
                self.close_connection = True
                return
            answer = _struck(fault) or answer_to(scar, self.command, self.path, body, headers)
            if fault is not None and fault.kind == "reset-after-effect":
                self._note(0, body, 0, headers)
                self.close_connection = True
                return
            self._send(answer, body, headers)

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

        def _before(self, fault: Fault) -> bool:
            """Whether the fault ends the exchange before anything has happened."""
            if fault.kind == "slow":
                scar.gone.wait(fault.seconds)
            return fault.kind == "reset"

        def _send(self, answer: Answer, body: bytes, headers: dict[str, str]) -> None:
            unchanged = self.command in ("GET", "HEAD") and is_unchanged(answer, headers)
            status = 304 if unchanged else answer.status
            lines = [f"HTTP/1.1 {status} {self.responses[status][0]}", "X-Powered-By: Express"]
            if not unchanged:
                if answer.content_type.startswith("text/html"):
                    lines += ["Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff"]
                lines += [f"Content-Type: {answer.content_type}", f"Content-Length: {len(answer.body)}"]
            if answer.etag:
                lines.append(f"ETag: {answer.etag}")
            lines += [f"Date: {self.date_time_string()}", "Connection: keep-alive", "Keep-Alive: timeout=5", "", ""]
            sent = "\r\n".join(lines).encode() + (b"" if unchanged or self.command == "HEAD" else answer.body)
            self._note(status, body, len(sent), headers)
            self.wfile.write(sent)
            self.wfile.flush()

        def _note(self, status: int, body: bytes, sent: int, headers: dict[str, str]) -> None:
            from tests.fakes.scar.fake import Request

            scar.requests.append(Request(self.command, self.path, status, body, sent, headers))

    return Handler


def _struck(fault: Fault | None) -> Answer | None:
    match fault.kind if fault is not None else "":
        case "html-502":
            return page(502, "Bad Gateway: secret-stack-trace at /srv/scar/index.js")
        case "html-200":
            return page(200, "Welcome to the proxy: secret-stack-trace")
        case "500":
            return json_answer({"error": "Internal server error"}, 500)
        case "404" | "no-busy-list":
            return page(404, "Cannot GET it")
        case "garbage":
            return Answer(200, b'{"conversationId": 3, "messages": "no"}')
        case _:
            return None


def answer_to(scar: FakeScar, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
    """The route's answer. The server never waits for a command."""
    path = urlsplit(target).path
    if re.search(r"%(?![0-9A-Fa-f]{2})", path):
        return page(400, f"URIError: Failed to decode param '{path}'", length=900)
    reads = method in ("GET", "HEAD")
    if reads and path == "/health":
        return json_answer({"status": "ok"})
    if reads and path == "/health/db":
        return json_answer({"status": "ok", "database": "connected"})
    if reads and path == "/health/concurrency":
        return json_answer(scar.lanes.snapshot())
    if method == "POST" and path == "/test/message":
        return _post(scar, body, headers)
    if method == "PUT" and path == "/test/mode":
        return _mode(scar, body)
    if method == "DELETE" and path in ("/test/messages", "/test/messages/"):
        scar.clear()
        return json_answer({"success": True})
    found = re.fullmatch(r"/test/messages/([^/]+)/?", path)
    if found is None or not (reads or method == "DELETE"):
        return page(404, f"Cannot {method} {path}")
    name = unquote_to_bytes(found[1]).decode(errors="replace")
    if reads:
        return json_answer({"conversationId": name, "messages": scar.messages(name)})
    scar.clear(name)
    return json_answer({"success": True})


def _post(scar: FakeScar, body: bytes, headers: dict[str, str]) -> Answer:
    if len(body) > LIMIT:
        return page(413, "PayloadTooLargeError: request entity too large", length=979)
    if not body or "application/json" not in headers.get("content-type", ""):
        return json_answer({"error": "Internal server error"}, 500)
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict | list):
        return page(400, _MALFORMED, length=969)
    fields = given if isinstance(given, dict) else {}
    name, text = fields.get("conversationId"), fields.get("message")
    if not isinstance(name, str) or not isinstance(text, str):
        return json_answer({"error": "conversationId and message must be strings"}, 400)
    if not name or not text:
        return json_answer({"error": "conversationId and message required"}, 400)
    scar.accept(name, text)
    return json_answer({"success": True, "conversationId": name, "message": text})


def _mode(scar: FakeScar, body: bytes) -> Answer:
    try:
        mode = json.loads(body).get("mode")
    except (ValueError, AttributeError):
        mode = None
    if mode not in ("stream", "batch"):
        return json_answer({"error": 'mode must be "stream" or "batch"'}, 400)
    scar.mode = mode
    return json_answer({"success": True, "mode": mode})


def wait_until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """For tests: returns once the condition holds, fails loudly when it does not."""
    ends = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError("it never came to that")
        time.sleep(0.005)
