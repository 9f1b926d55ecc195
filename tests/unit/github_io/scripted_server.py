"""A server that says what it is told to, for what no GitHub says when all is well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.place import GitHubPlace
from tests.fakes.clock import FakeClock

Said = tuple[int, Mapping[str, str], bytes]


def said(status: int = 200, body: object = None, **headers: str) -> Said:
    """An answer with a JSON body; names of headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, body if isinstance(body, bytes) else json.dumps(body).encode()


class ScriptedServer:
    """Answers in the order of `script`; `asked` has method, path with query, body and the credentials sent."""

    def __init__(self, *script: Said) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str, bytes, str]] = []
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[ScriptedServer]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, body, self.headers.get("Authorization", "")))
                status, headers, content = outer.script.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value.replace("{url}", outer.url))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def client(self, token: str = "ghs_0123456789abcdef") -> GitHubClient:
        place = GitHubPlace(
            api_url=self.url, graphql_url=f"{self.url}/graphql", server_url=self.url, repository="acme/app"
        )
        return GitHubClient(place, token, progress=lambda _: None, clock=FakeClock())
