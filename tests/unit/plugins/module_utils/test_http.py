# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests over real sockets: what is sent and how often, and what is said where it went wrong."""

from __future__ import annotations

import contextlib
import errno
import gc
import gzip
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
import urllib3.util.connection
from ansible_collections.casework.cases.plugins.module_utils import _http
from ansible_collections.casework.cases.plugins.module_utils._errors import MAX_RAW_TEXT, OptionError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._http import (
    MAX_WAIT,
    RATE_LIMIT_PATIENCE,
    VERSION,
    Gate,
    Http,
    Stopped,
    backoff,
    base_url,
    is_loopback,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import (
    Reply,
    Seen,
    Server,
    VirtualGate,
    answer,
)
from hypothesis import given
from hypothesis import strategies as st

Serve = Callable[..., Server]
Connect = Callable[..., Http]

KEY = "test-key-0000"
HOST = "some-name.invalid"
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def failure(http: Http, method: str = "GET", path: str = "/p", **kwargs: Any) -> RequestError:
    """The error that a request ends with."""
    with pytest.raises(RequestError) as caught:
        http.send(method, path, **kwargs)
    assert "Traceback" not in caught.value.msg
    return caught.value


# Where requests go


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://acme.tines.com", "https://acme.tines.com"),
        ("https://acme.tines.com/", "https://acme.tines.com"),
        ("HTTPS://Acme.Tines.com//", "https://acme.tines.com"),
        ("acme.tines.com", "https://acme.tines.com"),
        ("acme.tines.io:8443", "https://acme.tines.io:8443"),
        ("acme.tines.com/prefix/", "https://acme.tines.com/prefix"),
        ("https://soar.corp.example:8443/a/b/", "https://soar.corp.example:8443/a/b"),
        ("localhost:8080", "https://localhost:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.10:1/x", "http://127.8.9.10:1/x"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("https://acme.tines.com:0", "https://acme.tines.com:0"),
    ],
)
def test_an_address_is_understood(given: str, base: str) -> None:
    assert base_url(given, "tenant", "TINES_TENANT") == base


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("ftp://acme.tines.com", "https://"),
        ("file:///etc/passwd", "not a URL"),
        ("https://", "not a URL"),
        ("https:///path", "not a URL"),
        ("//acme.tines.com", "not a URL"),
        ("https://acme.tines.com:port", "not a URL"),
        ("https://acme.tines.com:99999", "not a URL"),
        ("https://[::1", "not a URL"),
        ("acme tines.com", "not a URL"),
        ("https://acme.tines.com\t/x", "not a URL"),
        ("https://user:word@acme.tines.com", "user name"),
        ("https://acme.tines.com/?a=1", "query"),
        ("https://acme.tines.com/#top", "fragment"),
        ("http://acme.tines.com", "in clear"),
        ("http://10.0.0.1", "in clear"),
        ("http://128.0.0.1", "in clear"),
        ("http://[::2]", "in clear"),
        ("http://localhost.acme.com", "in clear"),
        ("http://127.0.0.1.acme.com", "in clear"),
        ("http://0.0.0.0", "in clear"),
        (r"http://localhost\.acme.com", "in clear"),
        ("http://127.0.0.1@acme.com", "user name"),
        ("http://localhost:80@acme.com", "user name"),
    ],
)
def test_an_unusable_address_is_an_error_that_names_option_and_variable(given: str, word: str) -> None:
    with pytest.raises(OptionError) as caught:
        base_url(given, "tenant", "TINES_TENANT")
    assert word in caught.value.msg
    assert "tenant" in caught.value.msg
    assert "TINES_TENANT" in caught.value.msg


@given(st.text() | st.from_regex(r"https?://\S*", fullmatch=True))
def test_no_address_breaks_the_reader_and_none_sends_the_key_in_clear(text: str) -> None:
    with contextlib.suppress(OptionError):
        base = base_url(text, "tenant", "TINES_TENANT")
        assert base.startswith("https://") or is_loopback(re.split(r"http://\[?|\]?(?::\d+)?(?:/|$)", base)[1])


def test_a_prefix_of_the_address_comes_before_the_path(serve: Serve, connect: Connect) -> None:
    server = serve()
    connect(f"{server.url}/a/b").send("GET", "/api/x")
    assert server.seen[0].path == "/a/b/api/x"


def test_an_unknown_name_is_told(connect: Connect, gate: VirtualGate, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    http = connect(f"https://{HOST}", retries=2)
    error = failure(http, "POST")
    assert f"POST /p on {HOST} failed: the host name cannot be resolved." in error.msg
    assert (error.phase, error.outcome_unknown, http.sent, len(gate.waits)) == ("connect", False, 0, 2)


def test_a_name_that_no_name_server_can_be_asked_for_is_told(connect: Connect) -> None:
    error = failure(connect(f"https://{'x' * 64}.invalid", retries=0), "POST")
    assert "the host name cannot be resolved." in error.msg
    assert error.phase == "connect"


# What is sent


def test_a_request_says_who_asks_and_what_it_takes(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {"a": 1}))
    assert connect(server).send("GET", "/p", query=[("page", "1"), ("tag", "a b"), ("tag", "ü")]) == {"a": 1}
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("GET", "/p?page=1&tag=a+b&tag=%C3%BC", b"")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"] == f"casework.cases/{VERSION}"
    assert seen.headers["accept"] == "application/json"


def test_a_body_is_sent_as_json(serve: Serve, connect: Connect) -> None:
    server = serve()
    connect(server).send("POST", "/p", body={"label": "Gr\u00fc\u00df \U0001f44b"}, headers={"Accept": "x/y"})
    assert server.seen[0].json == {"label": "Gr\u00fc\u00df \U0001f44b"}
    assert server.seen[0].headers["content-type"] == "application/json"
    assert server.seen[0].headers["accept"] == "x/y"


def test_nothing_but_get_is_sent_in_check_mode(serve: Serve, connect: Connect) -> None:
    server = serve()
    http = connect(server, read_only=True)
    http.send("GET", "/p")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with pytest.raises(AssertionError):
            http.send(method, "/p")
    assert [seen.method for seen in server.seen] == ["GET"]


def test_a_netrc_file_never_replaces_the_key(
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


def test_the_status_is_told_to_who_asks(serve: Serve, connect: Connect) -> None:
    statuses: list[int] = []
    connect(serve(answer(201, {}))).send("POST", "/p", seen=statuses.append)
    assert statuses == [201]


# How often


DROPPED = None
BUSY = answer(503, Retry_After="1")
CUT = answer(200, b'{"a": ', Content_Length="99", Connection="close")


def test_what_json_cannot_say_is_not_sent(serve: Serve, connect: Connect) -> None:
    server = serve()
    with pytest.raises(RequestError, match="what is to be sent cannot be written as JSON") as caught:
        connect(server).send("POST", "/a", body={"n": float("nan")})
    assert (caught.value.outcome_unknown, server.seen) == (False, [])


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("reply", [DROPPED, CUT, answer(200, b'{"a": '), answer(502), answer(503), BUSY, answer(504)])
def test_what_may_be_repeated_is(serve: Serve, connect: Connect, method: str, reply: Reply, retries: int) -> None:
    server = serve(reply)
    http = connect(server, retries=retries)
    error = failure(http, method)
    assert len(server.seen) == http.sent == retries + 1
    assert not error.outcome_unknown


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize(
    "reply", [DROPPED, CUT, answer(201, b'{"a": '), answer(500), answer(502), answer(503), answer(504)]
)
@pytest.mark.parametrize(("method", "settings"), [("POST", {}), ("PUT", {"repeatable": False})])
def test_what_may_have_been_done_is_never_repeated(
    serve: Serve, connect: Connect, method: str, settings: dict[str, Any], reply: Reply, retries: int
) -> None:
    server = serve(reply)
    http = connect(server, retries=retries)
    error = failure(http, method, **settings)
    assert len(server.seen) == http.sent == 1
    assert error.outcome_unknown


@pytest.mark.parametrize("retries", [0, 2])
def test_a_503_that_names_a_time_was_not_carried_out(serve: Serve, connect: Connect, retries: int) -> None:
    server = serve(BUSY)
    assert not failure(connect(server, retries=retries), "POST").outcome_unknown
    assert len(server.seen) == retries + 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_never_sent_twice_is_not_even_after_that(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(BUSY)
    assert failure(connect(server), method, never_twice=True).outcome_unknown
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_final(serve: Serve, connect: Connect, method: str, status: int) -> None:
    server = serve(answer(status, Retry_After="1"))
    error = failure(connect(server), method)
    assert (len(server.seen), error.status, error.outcome_unknown) == (1, status, False)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_500_is_final_too(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(answer(500))
    failure(connect(server), method)
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("never_twice", [False, True])
def test_where_nothing_was_sent_every_method_is_repeated(
    connect: Connect, gate: VirtualGate, method: str, never_twice: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    http = connect(f"http://127.0.0.1:{port}", retries=3)
    error = failure(http, method, never_twice=never_twice)
    assert "the connection was refused" in error.msg
    assert (error.phase, error.outcome_unknown, http.sent, len(gate.waits)) == ("connect", False, 0, 3)


def test_a_repetition_that_goes_well_is_all_that_is_seen(serve: Serve, connect: Connect) -> None:
    server = serve(DROPPED, answer(502), answer(429), answer(200, {"a": 1}))
    http = connect(server, retries=2)
    assert http.send("GET", "/p") == {"a": 1}
    assert http.sent == 4


def test_without_an_answer_in_time_the_server_may_be_at_work_on_it(serve: Serve, connect: Connect) -> None:
    released = threading.Event()

    def late(_seen: Seen) -> bytes | None:
        released.wait(30)
        return None

    http = connect(serve(late), timeout=0.2, retries=0)
    error = failure(http, "POST")
    released.set()
    assert "no answer within 0.2 seconds" in error.msg
    assert (error.phase, error.outcome_unknown, error.timed_out, http.sent) == ("lost", True, True, 1)


def test_behind_a_gateway_that_waited_in_vain_it_may_be_too(serve: Serve, connect: Connect) -> None:
    assert failure(connect(serve(answer(504))), "POST").timed_out
    assert not failure(connect(serve(answer(502))), "POST").timed_out


def test_without_a_connection_in_time_nothing_was_sent(
    connect: Connect, gate: VirtualGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.timeout("timed out")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", late)
    http = connect("http://127.0.0.1:9", timeout=4.5, retries=1)
    error = failure(http, "POST")
    assert "no connection within 4.5 seconds" in error.msg
    assert (error.phase, error.timed_out, http.sent, len(gate.waits)) == ("connect", False, 0, 1)


def test_without_a_route_nothing_was_sent(connect: Connect, gate: VirtualGate, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", unreachable)
    error = failure(connect("http://127.0.0.1:9", retries=1), "POST")
    assert "no connection could be made" in error.msg
    assert "No route to host" in error.msg
    assert (error.phase, len(gate.waits)) == ("connect", 1)


# How long it is waited


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("7", 7),
        pytest.param(" 7 ", 7),
        pytest.param("61", 60),
        pytest.param("9" * 400, 60, id="longer than a number"),
        pytest.param("Sun, 22 Nov 2026 00:00:30 GMT", 30),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_names_a_time_is_obeyed(
    serve: Serve,
    connect: Connect,
    gate: VirtualGate,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    header: str,
    wait: float,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1795305600.0)
    connect(serve(answer(status, Retry_After=header), answer())).send("GET", "/p")
    assert gate.waits == [wait]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "0",
        "soon",
        "-1",
        "1.5",
        "Sun, 22 Nov 2026",
        f"Sun, 22 Nov {'9' * 30} 00:00:00 GMT",
        "Sun, 22 Nov 2020 00:00:30 GMT",
    ],
)
def test_where_it_names_none_or_none_to_come_the_first_wait_is_short(
    serve: Serve, connect: Connect, gate: VirtualGate, header: str
) -> None:
    connect(serve(answer(429, Retry_After=header), answer())).send("GET", "/p")
    assert 0.25 <= gate.waits[0] <= 0.5


@given(st.text() | st.from_regex(r"\w{3}, [\d ]+ \w+ \d+ [\d:]* \w*"))
def test_no_header_breaks_the_reader(header: str) -> None:
    wait = _http._seconds(header)
    assert wait is None or 0 <= wait <= MAX_WAIT


@pytest.mark.parametrize("tries", range(0, 2000, 7))
def test_a_wait_grows_and_has_an_end(tries: int) -> None:
    most = min(0.5 * 2.0 ** min(tries, 50), MAX_WAIT)
    assert most / 2 <= backoff(tries) <= most


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("headers", "tries"), [({"Retry_After": "60"}, 6), ({"Retry_After": "0"}, None), ({}, None)])
def test_a_rate_limit_is_waited_for_up_to_five_minutes(
    serve: Serve, connect: Connect, gate: VirtualGate, method: str, headers: dict[str, str], tries: int | None
) -> None:
    server = serve(answer(429, **headers))
    error = failure(connect(server, retries=1), method)
    assert error.status == 429
    assert sum(gate.waits) == pytest.approx(RATE_LIMIT_PATIENCE)
    assert len(server.seen) == len(gate.waits) + 1
    assert len(server.seen) == tries if tries else 8 < len(server.seen) < 200


def test_a_limit_that_outlasts_patience_is_not_waited_for_again(
    serve: Serve, connect: Connect, gate: VirtualGate
) -> None:
    server = serve(answer(429, Retry_After="60"))
    http = connect(server)
    failure(http)
    before = len(server.seen), list(gate.waits)
    assert failure(http).status == 429
    assert (len(server.seen), gate.waits) == (before[0] + 1, before[1])


def test_without_a_time_a_limit_is_overrun_by_a_twentieth_at_the_most(
    serve: Serve, connect: Connect, gate: VirtualGate
) -> None:
    def limited(_seen: Seen) -> bytes:
        return answer(429) if gate.clock < 1060 else answer(200, 1)

    assert connect(serve(limited)).send("GET", "/p") == 1
    assert gate.clock <= 1063.5
    assert all(wait <= max(0.5, sum(gate.waits[:place]) / 20 + 1e-9) for place, wait in enumerate(gate.waits))


def test_a_limit_of_one_path_is_not_waited_for_longer_because_of_others(
    serve: Serve, connect: Connect, gate: VirtualGate
) -> None:
    http = connect(serve(lambda seen: answer(429, Retry_After="60") if seen.path == "/p" else answer(200, 1)))
    sleep = gate.sleep

    def sleep_and_send(seconds: float) -> None:
        sleep(seconds)
        if seconds > 0 and gate._limited_since is not None:
            gate._limited_since = gate.now()  # as if another request had been answered and limited again

    gate.sleep = sleep_and_send  # type: ignore[method-assign]  # this gate alone
    assert failure(http).status == 429
    assert sum(gate.waits) == pytest.approx(RATE_LIMIT_PATIENCE)


def test_the_tries_of_a_limit_do_not_make_later_waits_long(serve: Serve, connect: Connect, gate: VirtualGate) -> None:
    assert connect(serve(*[answer(429)] * 20, answer(502), answer(200, 1))).send("GET", "/p") == 1
    assert 0.25 <= gate.waits[-1] <= 0.5


def test_while_a_limit_lasts_one_request_at_a_time_sees_whether_it_is_lifted(serve: Serve, gate: VirtualGate) -> None:
    everybody_sent, counting = threading.Barrier(4), threading.Lock()
    sent, under_way, at_once = 0, 0, []

    def limited(_seen: Seen) -> bytes:
        nonlocal sent, under_way
        with counting:
            sent += 1
            number = sent
        if number <= 4:
            everybody_sent.wait(30)
            return answer(429)
        with counting:
            under_way += 1
            at_once.append(under_way)
        threading.Event().wait(0.02)  # long enough for others to come too
        with counting:
            under_way -= 1
        return answer(429) if number <= 7 else answer(200, 1)

    http = Http(serve(limited).url, KEY, connections=4, gate=gate)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _each: http.send("GET", "/p"), range(4))) == [1] * 4
    assert (at_once[:4], sent) == ([1, 1, 1, 1], 11)
    http.close()


def test_a_limit_is_not_lifted_by_a_request_that_got_no_answer(
    serve: Serve, connect: Connect, gate: VirtualGate
) -> None:
    http = connect(serve(answer(429), DROPPED, answer(200, 1)), retries=1)
    assert http.send("GET", "/p") == 1
    assert gate._limited_since is None
    http = connect(serve(answer(429), DROPPED), retries=1)
    failure(http)
    assert gate._limited_since is not None


def test_a_rate_limit_does_not_count_as_a_try(serve: Serve, connect: Connect) -> None:
    limited = [answer(429, Retry_After="1")] * 5
    server = serve(*limited, answer(503), *limited, answer(503), answer(200, 1))
    assert connect(server, retries=2).send("GET", "/p") == 1


def test_without_retries_a_rate_limit_is_final(serve: Serve, connect: Connect, gate: VirtualGate) -> None:
    server = serve(answer(429, Retry_After="1"))
    assert failure(connect(server, retries=0)).status == 429
    assert (len(server.seen), gate.waits) == (1, [])


@pytest.mark.parametrize("reply", [answer(429, Retry_After="30"), answer(503, Retry_After="30")])
def test_when_one_worker_is_told_to_wait_all_wait(serve: Serve, reply: bytes) -> None:
    everybody_waits = threading.Barrier(3)

    class Meeting(VirtualGate):
        def sleep(self, seconds: float) -> None:
            if seconds > 0:
                assert seconds == 30
                everybody_waits.wait(30)
                with self._lock:
                    self.clock = 1030.0

    server = serve(reply, answer(200, 1))
    http = Http(server.url, KEY, connections=3, gate=Meeting())
    told = threading.Event()
    server.replies[0] = lambda _seen: told.set() or reply  # type: ignore[func-returns-value]  # None, so the reply follows

    def after_the_first() -> Any:
        told.wait(30)
        while http.gate._opens_at == 0:
            threading.Event().wait(0.001)
        return http.send("GET", "/p")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(http.send, "GET", "/p")
        others = [pool.submit(after_the_first) for _each in range(2)]
        assert [each.result() for each in (first, *others)] == [1, 1, 1]
    assert len(server.seen) == 4
    http.close()


def test_the_longest_wait_counts(gate: VirtualGate) -> None:
    gate.close_for(20)
    gate.close_for(5)
    gate.wait()
    assert gate.waits == [20]


def test_a_task_that_is_ended_sends_nothing_more(serve: Serve, connect: Connect, gate: VirtualGate) -> None:
    server = serve()
    http = connect(server)
    gate.stop()
    with pytest.raises(Stopped):
        http.send("GET", "/p")
    assert server.seen == []


def test_a_wait_ends_at_once_with_the_task() -> None:
    gate = Gate()
    gate.close_for(3600)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gate.wait)
        gate.stop()
        assert isinstance(waiting.exception(30), Stopped)


# Connections


def test_a_connection_is_kept_alive(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}), answer(404, {}), answer(204), answer(302, Location="/x"), answer(200, {}))
    http = connect(server)
    for _each in range(6):
        with contextlib.suppress(RequestError):
            http.send("GET", "/p")
    assert (len(server.seen), server.accepted) == (6, 1)


def test_workers_have_as_many_connections_as_allowed_and_no_more(serve: Serve, connect: Connect) -> None:
    at_once = threading.Barrier(3)

    def together(_seen: Seen) -> bytes:
        at_once.wait(30)
        return answer(200, {})

    server = serve(together)
    http = connect(server, connections=3)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _each: http.send("GET", "/p"), range(12)))
    assert (len(server.seen), http.sent, server.accepted) == (12, 12, 3)


# TLS


class Authority:
    """A certificate authority, its file, and a server's side of TLS."""

    def __init__(self, place: Path, name: str) -> None:
        self.ca = trustme.CA(organization_name=name)
        self.file = place / f"{name}.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("theirs"), "theirs")


@pytest.fixture
def secure(serve: Serve, ours: Authority) -> Server:
    return serve(tls=ours.context("127.0.0.1"))


def test_a_certificate_is_checked_against_ca_path(secure: Server, connect: Connect, ours: Authority) -> None:
    connect(secure, ca_path=str(ours.file)).send("GET", "/p")


def test_ca_path_may_be_a_directory(secure: Server, connect: Connect, ours: Authority, tmp_path: Path) -> None:
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(ours.file)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_text(ours.file.read_text())
    connect(secure, ca_path=str(tmp_path)).send("GET", "/p")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_or_against_what_the_environment_names(
    secure: Server, connect: Connect, ours: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(ours.file))
    connect(secure).send("GET", "/p")


def test_the_environment_variable_of_requests_comes_first(
    secure: Server, connect: Connect, ours: Authority, theirs: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", str(theirs.file))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ours.file))
    connect(secure).send("GET", "/p")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_ca_path_beats_the_environment(
    secure: Server, connect: Connect, ours: Authority, theirs: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(theirs.file))
    connect(secure, ca_path=str(ours.file)).send("GET", "/p")
    monkeypatch.setenv(variable, str(ours.file))
    assert "not trusted" in failure(connect(secure, ca_path=str(theirs.file))).msg


@pytest.mark.parametrize("bundle", ["there", "missing"])
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_without_validation_no_environment_variable_counts(
    secure: Server, connect: Connect, theirs: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, bundle: str
) -> None:
    monkeypatch.setenv(variable, str(theirs.file) if bundle == "there" else "/nonexistent/ca.pem")
    connect(secure, validate_certs=False).send("GET", "/p")


def test_without_validation_another_name_is_taken_too(serve: Serve, connect: Connect, ours: Authority) -> None:
    connect(serve(tls=ours.context("other.example")), validate_certs=False).send("GET", "/p")


def test_a_certificate_of_an_unknown_authority_is_told_once(
    secure: Server, connect: Connect, gate: VirtualGate
) -> None:
    http = connect(secure)
    error = failure(http, "POST")
    assert "certificate is not trusted" in error.msg
    assert "ca_path" in error.msg
    assert (error.phase, http.sent, gate.waits, secure.seen) == ("connect", 0, [], [])


def test_a_certificate_for_another_name_is_told(serve: Serve, connect: Connect, ours: Authority) -> None:
    error = failure(connect(serve(tls=ours.context("other.example")), ca_path=str(ours.file)))
    assert "certificate is not trusted" in error.msg
    assert "127.0.0.1" in error.msg


def test_a_server_that_speaks_no_tls_was_sent_nothing(serve: Serve, connect: Connect) -> None:
    server = serve()
    http = connect(f"https://127.0.0.1:{server.port}", retries=2)
    error = failure(http, "POST")
    assert "TLS handshake failed" in error.msg
    assert (error.phase, error.outcome_unknown, http.sent, server.accepted) == ("connect", False, 0, 3)


def test_the_certificates_are_read_once(
    secure: Server, connect: Connect, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        read.append(args or kwargs)
        load(self, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    at_once = threading.Barrier(3)
    secure.replies = [lambda _seen: answer(200, at_once.wait(30))]
    http = connect(secure, ca_path=str(ours.file), connections=3)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _each: http.send("GET", "/p"), range(3)))
    assert secure.accepted == 3
    assert len(read) == 1


@pytest.mark.parametrize("base", ["https://127.0.0.1:9", "http://127.0.0.1:9"])
@pytest.mark.parametrize("validate_certs", [True, False])
def test_a_ca_path_that_does_not_exist_is_an_error(base: str, validate_certs: bool) -> None:
    with pytest.raises(OptionError, match=r"^ca_path names /nonexistent/ca\.pem, which does not exist\.$"):
        Http(base, KEY, ca_path="/nonexistent/ca.pem", validate_certs=validate_certs)


def test_so_is_one_in_the_environment_where_tls_is_spoken(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    with pytest.raises(OptionError, match="REQUESTS_CA_BUNDLE names /nonexistent"):
        Http("https://127.0.0.1:9", KEY)
    connect(serve()).send("GET", "/p")


def test_a_ca_path_without_certificates_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind")
    with pytest.raises(OptionError, match=r"CA certificates in .*/ca\.pem cannot be read"):
        Http("https://127.0.0.1:9", KEY, ca_path=str(tmp_path / "ca.pem"))


# Proxies


PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]


@pytest.mark.parametrize("variable", PROXY_VARIABLES)
def test_another_host_is_reached_through_the_proxy_of_the_environment(
    serve: Serve, connect: Connect, ours: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    proxy = serve(answer(200, b""), answer(200, {"a": 1}), tls=ours.context(HOST), tunnel=True)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
    assert connect(f"https://{HOST}", ca_path=str(ours.file)).send("GET", "/p") == {"a": 1}
    tunnel, request = proxy.seen
    assert (tunnel.method, tunnel.path) == ("CONNECT", f"{HOST}:443")
    assert KEY not in str(tunnel)
    assert (request.method, request.headers["authorization"]) == ("GET", f"Bearer {KEY}")


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # http.client of Python 3.9 does not close the tunnel
@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_was_sent_nothing_else(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    proxy = serve(answer(status, b""), tunnel=True)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:word@127.0.0.1:{proxy.port}")
    http = connect(f"https://{HOST}", retries=2)
    error = failure(http, "POST")
    assert f"the proxy did not let it through (Tunnel connection failed: {status}" in error.msg
    assert "word" not in error.msg
    assert (error.phase, http.sent, [seen.method for seen in proxy.seen]) == ("connect", 0, ["CONNECT"] * 3)
    del error
    gc.collect()


def test_a_proxy_that_is_not_there_is_told(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    error = failure(connect(f"https://{HOST}", retries=0), "POST")
    assert "the proxy did not let it through" in error.msg
    assert error.phase == "connect"


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://", "http://someone:word@[::1"])
def test_a_proxy_that_cannot_be_used_is_told(connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = failure(connect(f"https://{HOST}", retries=0), "POST")
    assert "proxy" in error.msg
    assert "word" not in error.msg
    assert error.phase == "connect"


def test_a_host_that_needs_no_proxy_gets_none(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(tunnel=True)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", ".invalid")
    assert "cannot be resolved" in failure(connect(f"https://{HOST}", retries=0)).msg
    assert proxy.seen == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("tls", [False, True])
def test_a_loopback_host_is_never_reached_through_a_proxy(
    serve: Serve,
    connect: Connect,
    ours: Authority,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    host: str,
    tls: bool,
) -> None:
    proxy = serve(tunnel=True)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
    server = serve(tls=ours.context(host)) if tls else serve()
    base = server.url.replace("127.0.0.1", host)
    connect(base, ca_path=str(ours.file)).send("GET", "/p")
    assert (len(server.seen), proxy.seen) == (1, [])


# Redirects


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve: Serve, connect: Connect, method: str, status: int) -> None:
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
        ("https://login/?to=https%3A%2F%2Fh%2Fwebhook%2Fp%2Fs3cret", "%2Fwebhook%2Fp%2F********"),
    ],
)
def test_where_it_leads_is_told_whatever_it_is(serve: Serve, connect: Connect, location: str, shown: str) -> None:
    server = serve(answer(302, Location=location))
    error = failure(connect(server), "POST")
    assert "was redirected (302) to" in error.msg
    assert shown in error.msg
    assert "s3cret" not in error.msg
    assert KEY not in error.msg
    assert len(server.seen) == 1


# Answers


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
        (answer(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip"), {"a": 1}),
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n0\r\n\r\n', {"a": 1}),
        (b'HTTP/1.1 200\r\nConnection: close\r\n\r\n{"a": 1}', {"a": 1}),
        (b'HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\nConnection: close\r\n\r\n{"a": 1}', {"a": 1}),
    ],
)
def test_an_answer_is_decoded(serve: Serve, connect: Connect, reply: bytes, decoded: Any) -> None:
    assert connect(serve(reply)).send("GET", "/p") == decoded


@pytest.mark.parametrize(
    ("reply", "cause", "tries"),
    [
        (answer(200, HTML, Content_Type="text/html"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b" <html>"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b"Sign in", Content_Type="TEXT/HTML"), "(200) with an HTML page instead of JSON", 1),
        (answer(200, b"OK"), "(200) with something that is not JSON", 1),
        (answer(200, b"\x00\xff"), "(200) with something that is not JSON", 1),
        (answer(200, b'{"a": 1'), "with JSON that breaks off or is not valid", 2),
        (answer(200, '{"a": "ü"}'.encode("latin-1")), "with JSON that breaks off or is not valid", 2),
        (answer(200, b"[" * 100_000), "with JSON that breaks off or is not valid", 2),
        (answer(200, b"{}", Content_Encoding="gzip"), "the connection broke before the whole answer was there", 2),
        (CUT, "", 2),
        (answer(200, b'{"a": 1}', Content_Length="99", Connection="close"), "", 2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{}", "", 2),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the connection broke", 2),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "the connection broke", 2),
    ],
)
def test_an_odd_answer_is_told_in_one_sentence(
    serve: Serve, connect: Connect, reply: bytes, cause: str, tries: int
) -> None:
    server = serve(lambda _seen: reply if b"Content" in reply else _closing(reply))
    error = failure(connect(server, retries=1))
    assert error.msg.startswith(f"GET /p on 127.0.0.1:{server.port} ")
    assert cause in error.msg
    assert len(server.seen) == tries


def _closing(reply: bytes) -> bytes:
    """The reply as it is: the server closes the connection after what has no length."""
    head, separator, rest = reply.partition(b"\r\n\r\n")
    return head + b"\r\nConnection: close" + separator + rest


@given(st.binary())
def test_no_body_breaks_the_reader(content: bytes) -> None:
    _http._decoded(content)


@pytest.mark.parametrize(
    ("reply", "said", "details"),
    [
        (answer(403, {"error": {"message": "No"}}), "failed: 403 Said: No. Ask.", {"error": {"message": "No"}}),
        (answer(403, ["No"]), "failed: 403 Said: No. Ask.", ["No"]),
        (
            answer(403, b"Not  allowed.", Content_Type="text/plain"),
            "failed: 403 Said: Not allowed. Ask.",
            "Not  allowed.",
        ),
        (answer(403), "failed: 403 Said. Ask.", None),
        (answer(403, Content_Type="text/html"), "failed: 403 Said. Ask.", None),
        (answer(403, HTML), "failed: 403 Said: an HTML page. Ask.", HTML.decode()),
        (answer(403, HTML * 20), "failed: 403 Said: an HTML page. Ask.", (HTML * 20)[:MAX_RAW_TEXT].decode()),
        (answer(403, b"\xff\xfe\xfa"), "failed: 403 Said: ", "\ufffd\ufffd\ufffd"),
        (b"HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n", "failed: 403. Ask.", None),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(
    serve: Serve, connect: Connect, reply: bytes, said: str, details: Any
) -> None:
    server = serve(reply)
    error = failure(connect(server, hints={403: "Ask."}), "DELETE")
    assert f"DELETE /p on 127.0.0.1:{server.port} {said}" in error.msg
    assert error.facts == {"status": 403, "method": "DELETE", "path": "/p", "details": details}


@pytest.mark.parametrize("body", [b"[" * 490 + b"]" * 490, b'{"errors":' * 490 + b"1" + b"}" * 490])
def test_a_bottomless_refusal_is_told_as_well(serve: Serve, connect: Connect, body: bytes) -> None:
    error = failure(connect(serve(answer(422, body))))
    assert "failed: 422 Said" in error.msg
    assert len(json.dumps(error.facts)) < 1500


# Secrets


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
def test_an_echo_of_the_key_is_masked_in_every_form(serve: Serve, connect: Connect, key: str, form: int) -> None:
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
def test_no_part_of_the_key_is_left_where_a_text_is_cut(serve: Serve, connect: Connect, place: int) -> None:
    text = "x" * place + KEY
    for body in (text.encode(), json.dumps({"message": text}).encode(), b"<" + text.encode()):
        assert KEY[:3] not in str(failure(connect(serve(answer(401, body)))).result())


def test_an_echo_in_the_status_line_is_masked(serve: Serve, connect: Connect) -> None:
    error = failure(connect(serve(f"HTTP/1.1 401 {KEY}\r\nContent-Length: 0\r\n\r\n".encode())))
    assert "failed: 401 ********." in error.msg


def test_an_echo_of_a_webhook_is_masked(serve: Serve, connect: Connect) -> None:
    url = "https://acme.tines.com/webhook/p/5ec2e7"
    for body in ({"error": f"{url} is taken"}, {"url": [url, {url: url}]}, json.dumps([url])[:-1]):
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        error = failure(connect(serve(answer(422, content))))
        assert "5ec2e7" not in str(error.result())
        assert "/webhook/p/********" in str(error.result())
