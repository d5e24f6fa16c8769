"""The page's server: loopback only, own Host and Origin only, a fixed list of files, bounded requests."""

import http.client
import json
import socket

import pytest

from dualnet.explain import server as module
from dualnet.explain.server import FILES, STATIC, PageServer


@pytest.fixture(scope="module")
def server():
    server = PageServer(0).start()
    yield server
    server.close()


def ask(server, method="GET", path="/", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    sent = {"Host": f"127.0.0.1:{server.server_port}"}
    if body is not None:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    for name, value in (sent | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    out = reply.status, dict(reply.getheaders()), reply.read()
    connection.close()
    return out


def test_it_binds_loopback_only(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("path", FILES)
def test_its_own_files_with_a_strict_policy(server, path):
    status, headers, body = ask(server, path=path)
    assert status == 200 and body == (STATIC / FILES[path]).read_bytes()
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy and "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/../server.py", "/static/../server.py",
                                  "/%2e%2e/server.py", "/page.html", "//etc/passwd", "/etc/passwd", "/..%2fserver.py", "/page.js/",
                                  "/./page.js", "/PAGE.JS",
                                  "http://example.org/", "/\\..\\server.py", "/page.js%00", "/favicon.ico", "*"])
def test_no_other_path(server, path):
    assert ask(server, path=path)[0] == 404


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "localhost", "127.0.0.1:1",
                                  "evil.example:80", "", None, "[::1]", "0.0.0.0", "127.0.0.1.nip.example"])
def test_foreign_hosts_are_refused(server, host):
    assert ask(server, Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://127.0.0.1", "http://127.0.0.1:1", "file://", "http://localhost.example"])
def test_foreign_origins_are_refused(server, origin):
    assert ask(server, "POST", "/explain", b'{"text":"x","at":{"x":1}}', Origin=origin)[0] == 403
    assert ask(server, Origin=origin)[0] == 403


def test_cross_site_fetches_are_refused(server):
    assert ask(server, Sec_Fetch_Site="cross-site")[0] == 403
    assert ask(server, Sec_Fetch_Site="same-origin")[0] == 200


def test_a_formula_is_answered(server):
    body = json.dumps({"text": "x*y", "at": {"x": 2, "y": 3}}).encode()
    own = f"http://localhost:{server.server_port}"
    status, headers, reply = ask(server, "POST", "/explain", body, Origin=own, Host=f"localhost:{server.server_port}")
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    assert json.loads(reply)["steps"][-1]["value"] == "6"


@pytest.mark.parametrize(("body", "said"), [
    (b"{", "JSON"), (b"[]", "object"), (b"\xff", "JSON"), (b"[" * 9000, "JSON"), (b'{"text":"x+"}', "text, at"),
])
def test_bodies_that_are_no_request(server, body, said):
    status, _, reply = ask(server, "POST", "/explain", body)
    assert status == 200 and said in json.loads(reply)["error"]


@pytest.mark.parametrize(("headers", "status"), [
    ({"Content_Length": "99999999"}, 413), ({"Content_Length": "-1"}, 413), ({"Content_Length": "x"}, 413),
    ({"Content_Length": None}, 413), ({"Content_Type": "text/plain"}, 415), ({"Content_Type": None}, 415),
])
def test_sizes_and_kinds_are_checked_before_reading(server, headers, status):
    assert ask(server, "POST", "/explain", b"{}", **headers)[0] == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"])
def test_other_methods_are_refused(server, method):
    assert ask(server, method)[0] == 501


def test_a_client_that_says_nothing_is_dropped(server, monkeypatch):
    monkeypatch.setattr(module.Handler, "timeout", 0.3)
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert client.recv(10) == b""
    assert ask(server)[0] == 200
