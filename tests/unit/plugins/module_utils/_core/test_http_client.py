# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent over a real socket, and what its answer becomes."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core import http_client
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import VERSION
from ansible_collections.casework.cases.plugins.module_utils._core.responses import MAX_RAW_TEXT
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    CUT,
    HTML,
    KEY,
    Connect,
    Serve,
    failure,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import answer


def test_prefix_of_base_url_comes_before_path(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}), answer(404, {}))
    http = connect(f"{server.url}/a/b")
    http.send("GET", "/api/x")
    error = failure(http, path="/api/x")
    assert [seen.path for seen in server.seen] == ["/a/b/api/x"] * 2
    assert "GET /a/b/api/x on" in error.msg
    assert error.facts["path"] == "/a/b/api/x"


def test_request_has_query_key_and_user_agent(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {"a": 1}))
    assert connect(server).send("GET", "/p", query=[("page", "1"), ("tag", "a b"), ("tag", "ü")]) == {"a": 1}
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("GET", "/p?page=1&tag=a+b&tag=%C3%BC", b"")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"] == f"casework.cases/{VERSION}"
    assert seen.headers["accept"] == "application/json"


def test_body_is_sent_as_json(serve: Serve, connect: Connect) -> None:
    server = serve()
    connect(server).send("POST", "/p", body={"label": "Gr\u00fc\u00df \U0001f44b"}, headers={"Accept": "x/y"})
    assert server.seen[0].json == {"label": "Gr\u00fc\u00df \U0001f44b"}
    assert server.seen[0].headers["content-type"] == "application/json"
    assert server.seen[0].headers["accept"] == "x/y"


def test_body_that_json_cannot_express_is_not_sent(serve: Serve, connect: Connect) -> None:
    server = serve()
    with pytest.raises(OptionError, match="its body cannot be written as JSON"):
        connect(server).send("POST", "/a", body={"n": float("nan")})
    assert server.seen == []


def test_read_only_connection_sends_get_alone(serve: Serve, connect: Connect) -> None:
    server = serve()
    http = connect(server, read_only=True)
    http.send("GET", "/p")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with pytest.raises(AssertionError):
            http.send(method, "/p")
    assert [seen.method for seen in server.seen] == ["GET"]


def test_netrc_never_replaces_the_key(
    serve: Serve, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    content = "machine 127.0.0.1 login someone password else\ndefault login someone password else\n"
    (tmp_path / ".netrc").write_text(content)
    (tmp_path / ".netrc").chmod(0o600)
    connect(server).send("GET", "/p")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    connect(server).send("GET", "/p")
    assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {KEY}"}


def test_on_status_is_told_the_status(serve: Serve, connect: Connect) -> None:
    statuses: list[int] = []
    connect(serve(answer(201, {}))).send("POST", "/p", on_status=statuses.append)
    assert statuses == [201]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
def test_redirect_is_not_followed(serve: Serve, connect: Connect, method: str, status: int) -> None:
    elsewhere = serve()
    server = serve(answer(status, Location=f"{elsewhere.url}/login"))
    error = failure(connect(server), method)
    assert f"was redirected ({status}) to {elsewhere.url}/login, which is not followed" in error.msg
    assert (error.status, error.outcome_unknown) == (status, False)
    assert (len(server.seen), elsewhere.seen) == (1, [])


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/login", "/login"),
        ("http://[", "http://["),
        ("\xff", "\xff"),
        ("", "nowhere"),
        (f"https://login/?key={KEY}", "https://login/?key=********"),
        ("https://login/?to=https%3A%2F%2Fh%2Fwebhook%2Fp%2Fs3cret", "https://login/?to=********"),
    ],
)
def test_redirect_names_its_target(serve: Serve, connect: Connect, location: str, shown: str) -> None:
    server = serve(answer(302, Location=location))
    error = failure(connect(server), "POST")
    assert "was redirected (302) to" in error.msg
    assert shown in error.msg
    assert "s3cret" not in error.msg
    assert KEY not in error.msg
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "decoded"),
    [
        (answer(200, {"a": [1, None]}), {"a": [1, None]}),
        (answer(201, b"[]"), []),
        (answer(200, b"null"), None),
        (answer(204), None),
        (answer(200, b" \r\n"), None),
        (answer(204, Content_Type="text/html"), None),
        (answer(200, b"", Content_Type="text/html"), None),
        (answer(200, b'{"a": 1}', Content_Type="text/html; charset=utf-8"), {"a": 1}),
        (answer(200, b'{"a": 1}', Content_Type="text/plain"), {"a": 1}),
        (answer(200, '{"a": "ü"}'.encode()), {"a": "ü"}),
        (answer(200, '{"a": "ü"}'.encode("utf-8-sig")), {"a": "ü"}),
        (answer(200, '{"a": "ü"}'.encode("utf-16")), {"a": "ü"}),
        (answer(200, gzip.compress(b'{"a": 1}', mtime=0), Content_Encoding="gzip"), {"a": 1}),
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n0\r\n\r\n', {"a": 1}),
        (b'HTTP/1.1 200\r\nConnection: close\r\n\r\n{"a": 1}', {"a": 1}),
        (b'HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\nConnection: close\r\n\r\n{"a": 1}', {"a": 1}),
    ],
)
def test_answer_is_decoded(serve: Serve, connect: Connect, reply: bytes, decoded: Any) -> None:
    assert connect(serve(reply)).send("GET", "/p") == decoded


@pytest.mark.parametrize(
    ("reply", "cause", "tries"),
    [
        (answer(200, HTML, Content_Type="text/html"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b" <html>"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b"Sign in", Content_Type="TEXT/HTML"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b"OK"), "(200) with something that is not JSON", 1),
        (answer(200, b"\x00\xff"), "(200) with something that is not JSON", 1),
        (answer(200, b'{"a": 1'), "with JSON that is incomplete or invalid", 2),
        (answer(200, '{"a": "ü"}'.encode("latin-1")), "with JSON that is incomplete or invalid", 2),
        (answer(200, b"[" * 100_000), "with JSON that is incomplete or invalid", 2),
        (answer(200, b"{}", Content_Encoding="gzip"), "the connection broke before the response was complete", 2),
        (CUT, "", 2),
        (answer(200, b'{"a": 1}', Content_Length="99", Connection="close"), "", 2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{}", "", 2),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the connection broke", 2),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "the connection broke", 2),
    ],
)
def test_odd_answer_is_one_sentence(serve: Serve, connect: Connect, reply: bytes, cause: str, tries: int) -> None:
    server = serve(lambda _seen: reply if b"Content" in reply else _closing(reply))
    error = failure(connect(server, retries=1))
    assert error.msg.startswith(f"GET /p on 127.0.0.1:{server.port} ")
    assert cause in error.msg
    assert len(server.seen) == tries


def _closing(reply: bytes) -> bytes:
    """The reply as it is: the server closes the connection after what has no length."""
    head, separator, rest = reply.partition(b"\r\n\r\n")
    return head + b"\r\nConnection: close" + separator + rest


ODD_KEY = 'a"b\\c/d+e&f<g=-_.~%25'


def escaped(key: str) -> list[str]:
    """The key as servers may write it."""
    in_json = json.dumps(key)[1:-1]
    in_url = "".join(f"%{ord(char):02X}" if not char.isalnum() else char for char in key)
    in_html = key.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("/", "&#x2F;")
    return [
        key,
        in_json,
        in_json.replace("/", "\\/").replace("<", "\\u003c").replace("&", "\\u0026"),
        in_url,
        in_url.lower(),
        in_url.replace("%", "%25"),
        in_html,
        in_html.replace("&quot;", "&#34;").replace("&#x2F;", "&#47;"),
    ]


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
@pytest.mark.parametrize("form", range(8))
def test_echo_of_key_is_masked_in_every_form(serve: Serve, connect: Connect, key: str, form: int) -> None:
    echo = escaped(key)[form]
    body = {"error": {"message": f"The key {echo} is unknown", echo: [echo, {"x": f"Bearer {echo}"}]}}
    html = b"<html>" + echo.encode()
    for reply in (answer(401, body), answer(401, f"Bearer {echo}!".encode()), answer(401, html)):
        error = failure(connect(serve(reply), key=key))
        told = json.dumps(error.result(), ensure_ascii=False)
        assert "********" in told
        assert echo not in told
        assert json.dumps(echo)[1:-1] not in told


@pytest.mark.parametrize("place", range(MAX_RAW_TEXT - len(KEY) - 1, MAX_RAW_TEXT + 2))
def test_no_part_of_key_is_left_at_a_cut(serve: Serve, connect: Connect, place: int) -> None:
    text = "x" * place + KEY
    for body in (text.encode(), json.dumps({"message": text}).encode(), b"<" + text.encode()):
        assert KEY[:3] not in str(failure(connect(serve(answer(401, body)))).result())


def test_echo_of_key_in_status_line_is_masked(serve: Serve, connect: Connect) -> None:
    error = failure(connect(serve(f"HTTP/1.1 401 {KEY}\r\nContent-Length: 0\r\n\r\n".encode())))
    assert "failed: 401 ********." in error.msg


def test_echo_of_webhook_is_masked(serve: Serve, connect: Connect) -> None:
    url = "https://acme.tines.com/webhook/p/5ec2e7"
    for body in ({"error": f"{url} is taken"}, {"url": [url, {url: url}]}, json.dumps([url])[:-1]):
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        error = failure(connect(serve(answer(422, content))))
        assert "5ec2e7" not in str(error.result())
        assert "/webhook/p/********" in str(error.result())


@pytest.mark.parametrize(
    "content",
    [b"[" + b"1," * 2000 + b"1]", gzip.compress(b"[" + b"1," * 2000 + b"1]", mtime=0)],
    ids=["as it is", "compressed"],
)
def test_body_that_is_too_large_is_not_read(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(http_client, "MAX_BODY", 3000)
    encoding = {"Content_Encoding": "gzip"} if content[:1] != b"[" else {}
    server = serve(answer(200, content, **encoding))
    http = connect(server)
    assert "was answered with more than" in failure(http).msg
    assert (len(server.seen), http.sent) == (1, 1)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_response_that_drips_ends_after_ten_timeouts(connect: Connect, start: bytes) -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            channel, _address = server.accept()
            with channel, contextlib.suppress(OSError):
                channel.sendall(start)
                while not ended.wait(0.02):
                    channel.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        error = failure(connect(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.1, retries=0), "POST")
        ended.set()
        thread.join()
    assert "the response was not complete in time" in error.msg
    assert (error.outcome_unknown, error.timed_out) == (True, True)
