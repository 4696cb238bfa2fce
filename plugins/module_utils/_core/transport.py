# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Kept-alive connections to one server: the pool, TLS, proxies, and a time limit for a response as a whole.

`requests` sends, through its adapter alone. What its session adds is what must not happen here: it follows redirects,
keeps cookies, reads `~/.netrc`, and lets environment variables override options.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from .errors import OptionError
from .rate_limit import RateLimiter

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.structures import CaseInsensitiveDict
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy, should_bypass_proxies
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.util import Timeout
    from urllib3.util.ssl_ import create_urllib3_context

    if not hasattr(urllib3.util.Retry, "DEFAULT_ALLOWED_METHODS"):
        raise ImportError("urllib3 1.26 or newer is needed")
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    # So that the classes below can be defined at all.
    HTTPAdapter = HTTPConnection = HTTPConnectionPool = object  # type: ignore[assignment,misc]  # they are classes
    HTTPSConnection = HTTPSConnectionPool = object  # type: ignore[assignment,misc]  # the same
else:
    REQUESTS_IMPORT_ERROR = None

TOTAL_TIMEOUT_FACTOR = 10
"""A response ends after so many times the timeout as a whole, however slowly it comes."""

CA_ENVIRONMENT = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The environment variables that name a CA bundle, in the order in which `requests` reads them."""


class ConnectError(OSError):
    """No connection was made, so nothing was sent. `__cause__` says why."""


class TotalTimeout(socket.timeout):
    """The response went on for too long as a whole."""


class _Reader(io.RawIOBase):
    """What a socket receives until a moment."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        rest = self._deadline - time.monotonic()
        if rest <= 0:
            raise TotalTimeout
        timeout = self._sock.gettimeout()
        if timeout is None or rest < timeout:
            self._sock.settimeout(rest)
        try:
            return self._raw.readinto(buffer)
        except socket.timeout as error:
            if time.monotonic() >= self._deadline:
                raise TotalTimeout from error
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()


@dataclass(frozen=True)
class _TimedSocket:
    """What `HTTPResponse` needs of a socket."""

    sock: socket.socket
    deadline: float

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.sock, self.deadline))


class _Connection:
    """Says of a failure to connect that it is one, and limits the time of a response as a whole."""

    timeout: Any

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]  # that of HTTPConnection
        except Exception as error:
            raise ConnectError(str(error)) from error

    def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        deadline = time.monotonic() + TOTAL_TIMEOUT_FACTOR * float(self.timeout)
        return HTTPResponse(_TimedSocket(sock, deadline), *args, **kwargs)  # type: ignore[arg-type]  # it only reads


class _HTTPConnection(_Connection, HTTPConnection):  # type: ignore[misc]  # response_class is a method, not a class
    pass


class _HTTPSConnection(_Connection, HTTPSConnection):  # type: ignore[misc]  # the same
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """At most `connections` connections to a server, all with one TLS context: building one costs more than a request.

    What all requests have in common is found once: the pool, and at which place of the URL the request line begins.
    """

    def __init__(self, connections: int, context: ssl.SSLContext | None) -> None:
        self._tls: dict[str, Any] = {} if context is None else {"ssl_context": context}
        self._pool: Any = None
        self._line_begins: int | None = None
        super().__init__(pool_connections=1, pool_maxsize=connections, pool_block=True)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs, **self._tls)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        return manager

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        """The same for a `requests` before 2.32.2."""
        if self._pool is None:
            self._pool = super().get_connection(*args, **kwargs)
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        url = str(request.url)
        if self._line_begins is None:
            self._line_begins = len(url) - len(super().request_url(request, proxies))
        return url[self._line_begins :]

    def close(self) -> None:
        self._pool = None
        super().close()

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the CA certificates alone: they are in the context, and would be loaded again for each connection."""
        conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"


@dataclass(frozen=True)
class TransportSettings:
    """What makes connections interchangeable. Two tasks with the same settings can share them.

    base: the URL that paths are appended to. ca_bundle: a file or directory, None for the library's own.
    proxies: URL by scheme, as `requests` takes them. connections: how many at most.
    """

    base: str
    validate_certs: bool = True
    ca_bundle: str | None = None
    proxies: tuple[tuple[str, str], ...] = ()
    connections: int = 1


class Transport:
    """Connections to one server, and the rate limit that all requests over them share."""

    def __init__(self, settings: TransportSettings, limiter: RateLimiter | None = None) -> None:
        self.settings = settings
        self.limiter = limiter or RateLimiter()
        self.unreachable = False  # after a request got no response at its last try: those after it are tried once
        parts = urlsplit(settings.base)
        self.host = parts.netloc
        self._proxies = dict(settings.proxies)
        context = None
        if parts.scheme == "https":
            context = _tls_context(settings.validate_certs, settings.ca_bundle)
        self._adapter = _Adapter(settings.connections, context)

    @property
    def proxy(self) -> str | None:
        """Host and port of the proxy that requests go through."""
        url = select_proxy(self.settings.base, self._proxies)
        return url.rpartition("://")[2].partition("/")[0].rpartition("@")[2] if url else None

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> requests.Response:
        """Send one request, once. path: escaped, with the query. timeout: seconds, see `Http`.

        Returns the response, whose body is not read yet. Raises whatever `requests` raises.
        """
        request = requests.PreparedRequest()
        request.method = method
        request.url = self.settings.base + path
        request.headers = CaseInsensitiveDict(headers)
        request.body = body
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        return self._adapter.send(
            request,
            stream=True,
            timeout=Timeout(connect=timeout, read=timeout),  # type: ignore[arg-type]  # it may be one of urllib3, too
            verify=self.settings.validate_certs,
            proxies=self._proxies,
        )

    def close(self) -> None:
        self._adapter.close()


def environment_proxies(base: str) -> tuple[tuple[str, str], ...]:
    """The proxies that the environment names for this URL.

    The environment alone: to ask macOS for its settings aborts a process that was forked, as Ansible's workers are.
    """
    proxies = getproxies_environment()
    if not proxies or should_bypass_proxies(base, no_proxy=None):
        return ()
    return tuple(proxies.items())


def ca_bundle(ca_path: str | None) -> str | None:
    """The CA file or directory to use: the option, else the environment's; None means the library's own.

    Raises `OptionError` if it does not exist.
    """
    environment = [(f"The environment variable {name}", os.environ.get(name)) for name in CA_ENVIRONMENT]
    for source, path in [("ca_path", ca_path), *environment]:
        if path:
            if not os.path.exists(path):
                raise OptionError(f"{source} names {path}, which does not exist.")
            return path
    return None


def _tls_context(validate_certs: bool, bundle: str | None) -> ssl.SSLContext:
    if not validate_certs:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if validate_certs else ssl.CERT_NONE)
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)  # urllib3 1.26 leaves it to OpenSSL
    if not validate_certs:
        return context
    path = bundle or DEFAULT_CA_BUNDLE_PATH
    try:
        context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
    except OSError as error:  # ssl.SSLError is one
        raise OptionError(f"The CA certificates in {path} cannot be read: {error}") from error
    return context
