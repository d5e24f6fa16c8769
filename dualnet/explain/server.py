"""``dualnet page``: the interactive page on this machine's loopback address, and nothing else.

It binds 127.0.0.1 only, answers only requests whose Host (and Origin, where there is one) is its own, so
that no other site can reach it through the browser, serves a fixed list of files, and leaves the
mathematics to a process that is bounded in time and memory.
"""

import json
import sys
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dualnet.explain.page import STATIC
from dualnet.explain.worker import MAX_REQUEST, Worker

TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".txt": "text/plain", ".json": "application/json"}
FILES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js", "/graph.js": "graph.js", "/dagre.min.js": "dagre.min.js",
         "/examples.json": "examples.json", "/dagre.LICENSE.txt": "dagre.LICENSE.txt"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
                               "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}


@lru_cache
def _file(name):
    return (STATIC / name).read_bytes()


class Handler(BaseHTTPRequestHandler):
    """One request: a file of the list, or a formula to explain."""

    server_version, sys_version = "dualnet", ""
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self):
        """A file of the list."""
        if self._allowed():
            name = FILES.get(self.path.split("?")[0])
            if name is None:
                self._send(404, "text/plain", b"no such page\n")
            else:
                self._send(200, TYPES[Path(name).suffix], _file(name))

    do_HEAD = do_GET

    def do_POST(self):
        """A formula, as JSON."""
        if not self._allowed():
            return
        length = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "").split(";")[0].strip()
        if self.path != "/explain" or kind != "application/json":
            self._refuse(404 if self.path != "/explain" else 415)
        elif not length.isascii() or not length.isdigit() or len(length) > 9 or int(length) > MAX_REQUEST:
            self._refuse(413)
        else:
            self._answer(self.rfile.read(int(length)))

    def _answer(self, body):
        try:
            request = json.loads(body.decode("utf-8"))
            reply = self.server.worker.ask(request) if isinstance(request, dict) else {"error": "a request is an object"}
        except (ValueError, RecursionError):
            reply = {"error": "a request is JSON"}
        self._send(200, "application/json", json.dumps(reply).encode())

    def _allowed(self):
        """True for requests of this page itself: an own Host, and an own Origin where the browser names one."""
        port = self.server.server_port
        own = {f"127.0.0.1:{port}", f"localhost:{port}"}
        hosts, origins = self.headers.get_all("Host") or [], self.headers.get_all("Origin") or []
        foreign = len(hosts) != 1 or hosts[0] not in own or any(o not in {f"http://{h}" for h in own} for o in origins)
        if foreign or self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            self._refuse(403)
            return False
        return True

    def _refuse(self, code):
        self.close_connection = True
        self._send(code, "text/plain", b"refused\n")

    def _send(self, code, kind, body):
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        """Nothing is logged."""


class PageServer(ThreadingHTTPServer):
    """The page's server; `close` ends it and its worker.

    Examples
    --------
    >>> server = PageServer(0)
    >>> server.url.startswith("http://127.0.0.1:")
    True
    >>> server.close()
    """

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.worker, self._serving = Worker(), False

    def handle_error(self, request, client_address):
        """A browser that goes away while it is answered is no error."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    @property
    def url(self):
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"

    def start(self):
        """Serve in a thread."""
        self._serving = True
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def close(self):
        """End the server and its worker."""
        if self._serving:
            self.shutdown()
        self.server_close()
        self.worker.close()


def serve(port=8765, open_browser=True):
    """Serve the page until interrupted."""
    server = PageServer(port)
    print(f"dualnet page: {server.url}  (Ctrl-C ends it)", flush=True)
    if open_browser:
        import webbrowser

        threading.Timer(0.3, webbrowser.open, [server.url]).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
