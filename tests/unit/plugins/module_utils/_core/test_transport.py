# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections, TLS and proxies, over real sockets."""

from __future__ import annotations

import contextlib
import datetime
import errno
import gc
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import requests
import requests.adapters
import trustme
import urllib3.util.connection
from ansible_collections.casework.cases.plugins.module_utils._core.errors import NotSentError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.transport import (
    Transport,
    TransportSettings,
    _TimedSocket,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    HOST,
    KEY,
    Connect,
    Serve,
    failure,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import (
    Seen,
    Server,
    VirtualClock,
    answer,
)


def test_unknown_host_name(connect: Connect, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    http = connect(f"https://{HOST}", retries=2)
    error = failure(http, "POST")
    assert f"POST /p on {HOST} failed: the host name cannot be resolved." in error.msg
    assert (type(error), error.outcome_unknown, http.sent, len(clock.waits)) == (NotSentError, False, 0, 0)


def test_invalid_host_name(connect: Connect) -> None:
    error = failure(connect(f"https://{'x' * 64}.invalid", retries=0), "POST")
    assert "the host name cannot be resolved." in error.msg
    assert isinstance(error, NotSentError)


def test_connect_timeout(connect: Connect, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.timeout("timed out")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", late)
    http = connect("http://127.0.0.1:9", timeout=4.5, retries=1)
    error = failure(http, "POST")
    assert "no connection to the server within 4.5 seconds" in error.msg
    assert (type(error), error.timed_out, http.sent, len(clock.waits)) == (NotSentError, False, 0, 1)


def test_no_route(connect: Connect, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", unreachable)
    error = failure(connect("http://127.0.0.1:9", retries=1), "POST")
    assert "no connection to the server could be made" in error.msg
    assert "No route to host" in error.msg
    assert (type(error), len(clock.waits)) == (NotSentError, 1)


def test_connection_is_kept_alive(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}), answer(404, {}), answer(204), answer(302, Location="/x"), answer(200, {}))
    http = connect(server)
    for _each in range(6):
        with contextlib.suppress(RequestError):
            http.send("GET", "/p")
    assert (len(server.seen), server.accepted) == (6, 1)


def test_proxy_and_pool_are_looked_up_once(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def select_proxy(url: str, _proxies: object) -> None:
        looked_up.append(url)

    monkeypatch.setattr(requests.adapters, "select_proxy", select_proxy)
    server = serve(answer(200, {}))
    http = connect(server)
    for path in ("/one", "/two", "/three"):
        http.send("GET", path, query=[("a", "b c")])
    assert [seen.path for seen in server.seen] == ["/one?a=b+c", "/two?a=b+c", "/three?a=b+c"]
    assert {url.partition("?")[0][-4:] for url in looked_up} == {"/one"}


def test_connections_that_were_closed_are_made_anew(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}))
    http = connect(server)
    http.send("GET", "/p")
    http.close()
    http.send("GET", "/p")
    assert server.accepted == 2


def test_socket_is_closed_although_somebody_holds_its_response() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(b"all")
    theirs.close()
    response = _TimedSocket(ours, time.monotonic() + 30.0).makefile("rb")
    assert response.read() == b"all"
    response.close()
    ours.close()
    assert ours.fileno() == -1


def test_http_proxy_is_sent_whole_urls(serve: Serve) -> None:
    proxy = serve(answer(200, {}))
    settings = TransportSettings("http://tenant.example/x", proxies=(("http", f"http://127.0.0.1:{proxy.port}"),))
    transport = Transport(settings)
    for path in ("/one", "/two?a=b"):
        transport.send("GET", path, {}, None, 30.0).close()
    transport.close()
    assert [seen.path for seen in proxy.seen] == ["http://tenant.example/x/one", "http://tenant.example/x/two?a=b"]


def test_workers_share_the_allowed_connections(serve: Serve, connect: Connect) -> None:
    at_once = threading.Barrier(3)

    def together(_seen: Seen) -> bytes:
        at_once.wait(30)
        return answer(200, {})

    server = serve(together)
    http = connect(server, connections=3)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _each: http.send("GET", "/p"), range(12)))
    assert (len(server.seen), http.sent, server.accepted) == (12, 12, 3)


def test_no_request_is_missed_when_workers_count(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker lets the others go on between reading the number and writing it."""

    def slow(http: Http) -> int:
        number = int(http.__dict__["sent"])
        time.sleep(0.01)
        return number

    http = connect(serve(answer(200, {})), connections=4)
    counted = property(slow, lambda http, number: http.__dict__.update(sent=number))
    monkeypatch.setattr(Http, "sent", counted, raising=False)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _each: http.send("GET", "/p"), range(12)))
    assert http.sent == 12


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


def test_certificate_is_checked_against_ca_path(secure: Server, connect: Connect, ours: Authority) -> None:
    connect(secure, ca_path=str(ours.file)).send("GET", "/p")


def test_ca_path_may_be_a_directory(secure: Server, connect: Connect, ours: Authority, tmp_path: Path) -> None:
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(ours.file)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_text(ours.file.read_text())
    connect(secure, ca_path=str(tmp_path)).send("GET", "/p")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificate_is_checked_against_bundle_of_environment(
    secure: Server, connect: Connect, ours: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(ours.file))
    connect(secure).send("GET", "/p")


def test_requests_ca_bundle_overrides_curl_ca_bundle(
    secure: Server, connect: Connect, ours: Authority, theirs: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", str(theirs.file))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ours.file))
    connect(secure).send("GET", "/p")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_ca_path_overrides_environment(
    secure: Server, connect: Connect, ours: Authority, theirs: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(theirs.file))
    connect(secure, ca_path=str(ours.file)).send("GET", "/p")
    monkeypatch.setenv(variable, str(ours.file))
    assert "not trusted" in failure(connect(secure, ca_path=str(theirs.file))).msg


@pytest.mark.parametrize("bundle", ["there", "missing"])
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_validate_certs_false_overrides_environment(
    secure: Server, connect: Connect, theirs: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, bundle: str
) -> None:
    monkeypatch.setenv(variable, str(theirs.file) if bundle == "there" else "/nonexistent/ca.pem")
    connect(secure, validate_certs=False).send("GET", "/p")


def test_validate_certs_false_accepts_another_name(serve: Serve, connect: Connect, ours: Authority) -> None:
    connect(serve(tls=ours.context("other.example")), validate_certs=False).send("GET", "/p")


def test_untrusted_certificate_is_not_retried(secure: Server, connect: Connect, clock: VirtualClock) -> None:
    http = connect(secure)
    error = failure(http, "POST")
    assert "certificate is not trusted" in error.msg
    assert "ca_path" in error.msg
    assert (type(error), http.sent, clock.waits, secure.seen) == (NotSentError, 0, [], [])


def test_certificate_for_another_name(serve: Serve, connect: Connect, ours: Authority) -> None:
    error = failure(connect(serve(tls=ours.context("other.example")), ca_path=str(ours.file)))
    assert "certificate is not trusted" in error.msg
    assert "127.0.0.1" in error.msg


def test_expired_certificate_is_not_retried(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    authority.issue_cert("127.0.0.1", not_after=yesterday).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    http = connect(serve(tls=context), ca_path=str(tmp_path / "ca.pem"))
    error = failure(http, "POST")
    assert "certificate is not trusted (certificate has expired)" in error.msg
    assert (type(error), error.permanent, http.sent) == (NotSentError, True, 0)


def test_tls_to_a_plain_port_is_not_retried(serve: Serve, connect: Connect) -> None:
    server = serve()
    http = connect(f"https://127.0.0.1:{server.port}", retries=2)
    error = failure(http, "POST")
    assert "TLS handshake failed" in error.msg
    assert (type(error), error.outcome_unknown, http.sent, server.accepted) == (NotSentError, False, 0, 1)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize("validate_certs", [True, False])
def test_server_that_speaks_tls_1_0_alone_is_not_retried(
    serve: Serve, connect: Connect, clock: VirtualClock, ours: Authority, validate_certs: bool
) -> None:
    old = ours.context("127.0.0.1")
    old.set_ciphers("DEFAULT:@SECLEVEL=0")  # without it OpenSSL 3 has no signature that TLS 1.0 knows
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    server = serve(tls=old)
    error = failure(connect(server, ca_path=str(ours.file), validate_certs=validate_certs), "POST")
    assert re.search(r"the TLS handshake failed \(.*\)\. Check that the port speaks TLS 1\.2 or newer\.", error.msg)
    assert (type(error), error.permanent, error.hopeless) == (NotSentError, True, True)
    assert (server.accepted, server.seen, clock.waits) == (1, [], [])


@pytest.mark.parametrize(
    ("hello", "ends", "says"),
    [
        (b"", "at once", "the server broke off the TLS handshake"),
        (b"\x16\x03\x03\x00\x7a\x02\x00\x00", "in the middle", "the server broke off the TLS handshake"),
        (None, "by a reset", "no connection to the server could be made"),
    ],
)
def test_tls_handshake_that_breaks_off_is_retried_and_not_for_ever(
    serve: Serve, connect: Connect, clock: VirtualClock, hello: bytes | None, ends: str, says: str
) -> None:
    server = serve(tls=_BreaksOff(hello))  # wrapping is all that the server does with it
    error = failure(connect(server, retries=2), "POST")
    assert says in error.msg, ends
    assert (type(error), error.outcome_unknown, error.hopeless) == (NotSentError, False, True)
    assert (server.accepted, server.seen, len(clock.waits)) == (3, [], 2)


class _BreaksOff:
    """A server's side of TLS that ends in the handshake. hello: what it still says; None: it resets the connection."""

    def __init__(self, hello: bytes | None) -> None:
        self._hello = hello

    def wrap_socket(self, channel: socket.socket, server_side: bool) -> socket.socket:
        channel.recv(65536)
        if self._hello is None:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            channel.sendall(self._hello)
        raise ConnectionAbortedError


def test_certificates_are_read_once(
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


PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]


@pytest.mark.parametrize("variable", PROXY_VARIABLES)
def test_proxy_of_environment_is_used(
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
def test_proxy_that_refuses(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    proxy = serve(answer(status, b""), tunnel=True)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:word@127.0.0.1:{proxy.port}")
    http = connect(f"https://{HOST}", retries=2)
    error = failure(http, "POST")
    assert f"the proxy 127.0.0.1:{proxy.port} refused to connect (Tunnel connection failed: {status}" in error.msg
    assert "word" not in error.msg
    assert (type(error), http.sent, [seen.method for seen in proxy.seen]) == (NotSentError, 0, ["CONNECT"] * 3)
    del error
    gc.collect()


def test_proxy_that_is_down(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    error = failure(connect(f"https://{HOST}", retries=0), "POST")
    assert f"the connection to the proxy 127.0.0.1:{port} was refused" in error.msg
    assert isinstance(error, NotSentError)


def test_proxy_whose_name_is_unknown(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setenv("HTTPS_PROXY", "http://someone:word@proxy.example:3128")
    error = failure(connect(f"https://{HOST}", retries=2), "POST")
    assert "the host name of the proxy proxy.example:3128 cannot be resolved." in error.msg
    assert "word" not in error.msg
    assert (type(error), error.permanent) == (NotSentError, True)


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
def test_socks_proxy_needs_a_library(connect: Connect, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    def without_pysocks(*_args: Any, **_kwargs: Any) -> Any:  # what requests has in its place
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://someone:word@127.0.0.1:1080")
    http = connect(f"https://{HOST}", retries=2)
    error = failure(http, "POST")
    assert "the proxy 127.0.0.1:1080 is a SOCKS proxy, and the Python library PySocks is missing." in error.msg
    assert "word" not in error.msg
    assert (type(error), error.permanent, http.sent) == (NotSentError, True, 0)


def test_socks_proxy_keeps_connections_of_its_own(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Mock(pool_classes_by_scheme={"https": "its own"})
    manager.connection_from_host.side_effect = manager.connection_from_url.side_effect = OSError("No.")
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", Mock(return_value=manager))
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    failure(connect(f"https://{HOST}", retries=0))
    assert manager.pool_classes_by_scheme == {"https": "its own"}


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://", "http://someone:word@[::1"])
def test_proxy_url_that_cannot_be_used(connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = failure(connect(f"https://{HOST}", retries=0), "POST")
    assert "proxy" in error.msg
    assert "word" not in error.msg
    assert isinstance(error, NotSentError)


def test_no_proxy_is_honoured(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(tunnel=True)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", ".invalid")
    assert "cannot be resolved" in failure(connect(f"https://{HOST}", retries=0)).msg
    assert proxy.seen == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("tls", [False, True])
def test_loopback_host_is_never_reached_through_a_proxy(
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
