# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""How a request is sent: one kept-alive session, retries by method and phase, errors in words, nothing leaked.

`requests` does the work. Its session would follow redirects, read `~/.netrc` and let environment variables win over
options; `Http` switches each of these off. urllib3's `Retry` says what is repeated and how often; the loop around it
is here because a body is read outside of urllib3's own loop, and because all workers of a task share one wait.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import re
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from ansible_collections.casework.cases.plugins.module_utils._errors import (
    MAX_DEPTH,
    MAX_RAW_TEXT,
    OptionError,
    RequestError,
    server_message,
)
from ansible_collections.casework.cases.plugins.module_utils._plan import MASK, mask

try:
    import requests
    import urllib3
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import (
        ConnectTimeoutError,
        HTTPError,
        InvalidHeader,
        NewConnectionError,
        ProtocolError,
        ProxyError,
        ReadTimeoutError,
    )
    from urllib3.util import Retry
    from urllib3.util.ssl_ import create_urllib3_context

    if not hasattr(Retry, "DEFAULT_ALLOWED_METHODS"):
        raise ImportError("urllib3 1.26 or newer is needed")
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    HTTPAdapter = Retry = Session = object  # type: ignore[assignment,misc]  # so that the classes below can be defined at all
else:
    REQUESTS_IMPORT_ERROR = None

Client = TypeVar("Client")

VERSION = "1.0.0"
"""The collection's version; a test holds it against galaxy.yml."""

MAX_WAIT = 60.0
"""Seconds of one wait at the most, whatever a server's `Retry-After` says."""

RATE_LIMIT_PATIENCE = 300.0
"""Seconds that a request, or a task, goes on being answered 429 and nothing else, before it is given up."""

BACKOFF = 0.5
"""Seconds before the first further try where the server names no time; doubled for each one after it."""

CA_ENVIRONMENT = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The environment variables that name a CA bundle, in the order in which `requests` asks for them."""


def base_url(value: str, option: str, env: str) -> str:
    """The URL that paths are appended to, from what the user gave: a URL, or a bare host name, which means https.

    Raises `OptionError` where the key would be sent in clear over a network, or where it is no URL of a server.
    """
    source = f"{option} (or the environment variable {env})"
    url = value if "://" in value else f"https://{value}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or any(c.isspace() for c in url):
        raise OptionError(f"{source} is not a URL or host name: {mask(value)!r}.")
    if parts.scheme not in ("http", "https"):
        raise OptionError(f"{source} must be an https:// URL or a host name, not {parts.scheme}://.")
    if parts.username is not None or parts.query or parts.fragment:
        raise OptionError(f"{source} must be a plain URL, without user name, query or fragment.")
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(
            f"{source} must begin with https://: over http:// the API key would cross the network in clear. "
            "Only loopback hosts may be reached over http://."
        )
    shown_host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown_host}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether `host` (a name, or an address without brackets) is this machine by definition."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Product(Generic[Client]):
    """A vendor's API: the option and the environment variables that lead to it, and the class that speaks it.

    hints: what to do about a status.
    """

    url_option: str
    url_env: str
    key_env: str
    hints: Mapping[int, str]
    client: Callable[[Http], Client]


class Stopped(Exception):
    """The task is being ended: no further request is sent."""


class Gate:
    """The one door that all workers of a task pass before they send: when a server tells one to wait, all wait.

    While a rate limit lasts, one request at a time goes to see whether it is lifted, and the others go after it.
    """

    def __init__(self) -> None:
        self._opens_at = 0.0
        self._limited_since: float | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._stop = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; ended at once by `stop`."""
        if self._stop.wait(seconds):
            raise Stopped

    def close_for(self, seconds: float) -> None:
        with self._lock:
            self._opens_at = max(self._opens_at, self.now() + seconds)

    def wait(self) -> None:
        while True:
            rest = self._opens_at - self.now()
            self.sleep(max(rest, 0))
            if rest <= 0:
                return

    @contextmanager
    def passage(self, patient: bool) -> Iterator[None]:
        """Wait until a request may be sent, which the body does. patient: whether a 429 is waited out."""
        alone = self._enter()
        lifted = False
        try:
            yield
            lifted = True
        except RequestError as failure:
            if failure.status == 429 and patient:
                self._limit(failure.retry_after)
            lifted = failure.status not in (None, 429)
            raise
        finally:
            if alone:
                if lifted:
                    with self._lock:
                        self._limited_since = None
                self._turn.release()

    def _enter(self) -> bool:
        """Wait until a request may be sent, and tell whether it is the one that goes ahead of the others."""
        while True:
            self.wait()
            if self._limited_since is None:
                return False
            self._turn.acquire()
            if self._limited_since is not None and self._opens_at <= self.now():
                return True
            self._turn.release()

    def _limit(self, retry_after: float | None) -> None:
        """Close for the time that the server names; else so that the limit is overrun by a twentieth at the most.

        Or by half a second: "at once" would hammer a server that is busy.
        """
        with self._lock:
            now = self.now()
            if self._limited_since is None:
                self._limited_since = now
            lasted = now - self._limited_since
            wait = retry_after or max(BACKOFF, lasted / 20) * random.uniform(0.5, 1.0)
            self._opens_at = max(self._opens_at, now + min(wait, max(RATE_LIMIT_PATIENCE - lasted, 0)))

    @property
    def out_of_patience(self) -> bool:
        """Whether a rate limit has lasted for so long that it is waited for no longer."""
        since = self._limited_since
        return since is not None and self.now() - since >= RATE_LIMIT_PATIENCE

    def stop(self) -> None:
        self._stop.set()


class _Policy(Retry):
    """urllib3's `Retry`: it counts, by phase, and knows which status is worth a further try.

    429 is not among them: it is waited out, not counted.
    """

    RETRY_AFTER_STATUS_CODES = frozenset({503})

    def spend(self, failure: RequestError, method: str) -> _Policy | None:
        """What is left after this failure; None where there is to be no further try."""
        error: HTTPError
        if failure.permanent:
            return None
        if failure.phase == "connect":
            error = ConnectTimeoutError()
        elif failure.phase == "lost":
            error = ProtocolError()
        elif self.is_retry(method, failure.status or 0, failure.retry_after is not None):
            error = HTTPError()
        else:
            return None
        try:
            return self.increment(method, error=error)
        except HTTPError:
            return None


class _Session(Session):
    """A session that follows no redirect, nor looks at where one leads, which could fail."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Adapter(HTTPAdapter):
    """At most `connections` connections, all with one TLS context: building one costs more than a request."""

    def __init__(self, connections: int, context: ssl.SSLContext | None) -> None:
        self._tls: dict[str, Any] = {} if context is None else {"ssl_context": context}
        super().__init__(pool_maxsize=connections, pool_block=True)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **kwargs, **self._tls)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the CA certificates alone: they are in the context, and would be loaded again for each connection."""
        conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"


def _tls_context(validate_certs: bool, ca_path: str | None) -> ssl.SSLContext:
    if not validate_certs:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return create_urllib3_context(cert_reqs=ssl.CERT_NONE)
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    path = ca_path or requests.utils.DEFAULT_CA_BUNDLE_PATH
    try:
        context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
    except OSError as error:  # ssl.SSLError is one
        raise OptionError(f"The CA certificates in {path} cannot be read: {error}") from error
    return context


def ca_bundle(ca_path: str | None) -> str | None:
    """The CA file or directory to use: the option, else the environment's; None means the library's own."""
    environment = [(f"The environment variable {name}", os.environ.get(name)) for name in CA_ENVIRONMENT]
    for source, path in [("ca_path", ca_path), *environment]:
        if path:
            if not os.path.exists(path):
                raise OptionError(f"{source} names {path}, which does not exist.")
            return path
    return None


@dataclass(frozen=True)
class _Request:
    """What is sent, and what may be done when it fails. See `Http.send`."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    body: Any
    headers: Mapping[str, str]
    repeatable: bool
    never_twice: bool


class Http:
    """One server, spoken to in JSON.

    base: what `base_url` gave. key: the API key, sent as a bearer token, shown nowhere. hints: what to do about a
    status. timeout: seconds. retries: further tries of a request. connections: how many at the most.
    read_only: refuse to send anything but GET, whoever asks.
    """

    def __init__(
        self,
        base: str,
        key: str,
        *,
        hints: Mapping[int, str] | None = None,
        validate_certs: bool = True,
        ca_path: str | None = None,
        timeout: float = 30.0,
        retries: int = 5,
        connections: int = 1,
        read_only: bool = False,
        gate: Gate | None = None,
    ) -> None:
        parts = urlsplit(base)
        self.host = parts.netloc
        self.timeout = timeout
        self.retries = retries
        self.gate = gate or Gate()
        self.sent = 0
        self._base = base
        self._key = key
        self._hints = hints or {}
        self._read_only = read_only
        self._counting = threading.Lock()
        self._repeatable = _Policy(total=retries, allowed_methods=None, status_forcelist={502, 503, 504})
        self._once = _Policy(total=retries, allowed_methods=None, read=False)
        self._never_twice = _Policy(total=retries, allowed_methods=None, read=False, respect_retry_after_header=False)
        tls = parts.scheme == "https"
        bundle = ca_bundle(ca_path) if ca_path or (tls and validate_certs) else None
        context = _tls_context(validate_certs, bundle) if tls else None
        session = _Session()
        session.trust_env = False  # no netrc, and no environment variable that beats an option
        session.verify = validate_certs
        if not is_loopback(parts.hostname or ""):
            session.proxies.update(requests.utils.get_environ_proxies(base))
        session.headers.update(
            {
                "Accept": "application/json",
                "Authorization": f"Bearer {key}",
                "User-Agent": f"casework.cases/{VERSION}",
            }
        )
        session.mount(f"{parts.scheme}://", _Adapter(connections, context))
        self._session = session

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        never_twice: bool = False,
        seen: Callable[[int], object] | None = None,
    ) -> Any:
        """Send one request, again where that is safe, and give the decoded JSON of the answer (None: empty body).

        repeatable: whether it may be sent again when it may have been carried out; unless said, all but POST may.
        never_twice: not even a 503 that names a time counts as "not carried out", only a 429 does.
        seen: is told the status of the answer. Raises `RequestError`.
        """
        if self._read_only and method != "GET":
            raise AssertionError(f"{method} {path} in check mode")
        if repeatable is None:
            repeatable = method != "POST" and not never_twice
        request = _Request(method, path, query, body, headers or {}, repeatable, never_twice)
        policy = self._never_twice if never_twice else self._repeatable if repeatable else self._once
        limited_since: float | None = None
        tries = 0
        while True:
            passage = self.gate.passage(patient=self.retries > 0)
            try:
                with passage:
                    status, answer = self._attempt(request)
                if seen:
                    seen(status)
                return answer
            except RequestError as failure:
                if failure.status == 429 and self.retries:
                    limited_since = self.gate.now() if limited_since is None else limited_since
                    if self.gate.out_of_patience or self.gate.now() - limited_since >= RATE_LIMIT_PATIENCE:
                        raise
                    continue
                left = policy.spend(failure, method)
                if left is None:
                    raise
                policy = left
                if failure.retry_after is None:
                    self.gate.sleep(backoff(tries))
                else:
                    self.gate.close_for(failure.retry_after)
                tries += 1

    def _attempt(self, request: _Request) -> tuple[int, Any]:
        """One try: the status and the decoded answer, or a `RequestError`."""
        try:
            response = self._session.request(
                request.method,
                self._base + request.path,
                params=list(request.query),
                json=request.body,
                headers=dict(request.headers),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except (OSError, HTTPError, ValueError) as error:  # every exception of requests is an OSError
            phase, cause, permanent = _diagnosis(error, self.timeout)
            if phase == "lost":
                self._count_one()
            raise self._failure(
                request,
                f"failed: {cause}",
                phase=phase,
                outcome_unknown=phase == "lost" and not request.repeatable,
                timed_out=any(isinstance(each, ReadTimeoutError) for each in _causes(error)),
                permanent=permanent,
            ) from error
        self._count_one()
        return response.status_code, self._judged(request, response)

    def _judged(self, request: _Request, response: requests.Response) -> Any:
        """The decoded answer, or a `RequestError` where it is none that the API gives on success."""
        status = response.status_code
        answer, undecoded = _decoded(response.content)
        page = undecoded is not None and (
            "html" in response.headers.get("Content-Type", "").lower() or undecoded.lstrip()[:1] == "<"
        )
        if 300 <= status < 400:
            location = response.headers.get("Location") or "nowhere"
            raise self._failure(
                request,
                f"was redirected ({status}) to {location}, which is not followed: give the address that answers.",
                status=status,
                permanent=True,
            )
        if status >= 400:
            raise self._refusal(request, response, answer if undecoded is None else undecoded, page)
        if page:
            raise self._failure(
                request,
                f"was answered ({status}) with an HTML page instead of JSON: something other than the API answers "
                "there, such as a login page or a proxy.",
                status=status,
                permanent=True,
            )
        if undecoded is None and not _cut_off(response):
            return answer
        if undecoded is None or undecoded.lstrip()[:1] in ("{", "["):
            raise self._failure(
                request,
                "was answered with JSON that breaks off or is not valid.",
                phase="lost",
                status=status,
                outcome_unknown=not request.repeatable,
            )
        raise self._failure(
            request, f"was answered ({status}) with something that is not JSON.", status=status, permanent=True
        )

    def _refusal(self, request: _Request, response: requests.Response, body: Any, page: bool) -> RequestError:
        """The error for a status of 400 or more, in the server's own words where it has any."""
        status, retry_after = response.status_code, _seconds(response.headers.get("Retry-After"))
        details = self._clean(body)  # before a cut leaves half a secret
        said = "an HTML page" if page else server_message(details)
        cause = ": ".join(filter(None, [f"failed: {status} {response.reason}".rstrip(), said]))
        hint = self._hints.get(status)
        put_off = status == 503 and retry_after is not None and not request.never_twice
        return self._failure(
            request,
            f"{cause.rstrip('.')}.{f' {hint}' if hint else ''}",
            status=status,
            details=details[:MAX_RAW_TEXT] if isinstance(details, str) else details,
            retry_after=retry_after,
            timed_out=status == 504,
            outcome_unknown=not request.repeatable and status >= 500 and not put_off,
        )

    def _failure(self, request: _Request, cause: str, phase: str = "answered", **facts: Any) -> RequestError:
        what = f"{request.method} {request.path} on {self.host}"
        return RequestError(
            self._clean(f"{what} {cause}"), method=request.method, path=request.path, phase=phase, **facts
        )

    def _count_one(self) -> None:
        with self._counting:
            self.sent += 1

    def _clean(self, value: Any, depth: int = MAX_DEPTH) -> Any:
        """`value` without the API key and without the secrets of webhook URLs, wherever a server echoed them."""
        if isinstance(value, str):
            return mask(_in_any_form(self._key).sub(MASK, value))
        if not isinstance(value, (dict, list)):
            return value
        if not depth:
            return "..."
        if isinstance(value, list):
            return [self._clean(item, depth - 1) for item in value]
        return {self._clean(key): self._clean(item, depth - 1) for key, item in value.items()}


@cache  # made when the first error is worded: a run without one has no use for it
def _in_any_form(key: str) -> re.Pattern[str]:
    """Finds the key, also where its characters are escaped as in JSON, in a URL or in HTML."""
    import html

    def forms(char: str) -> str:
        code = ord(char)
        return (
            rf"(?:\\*{re.escape(char)}|\\+u{code:04x}|%(?:25)*{code:02x}"
            rf"|{re.escape(html.escape(char))}|&\#(?:x0*{code:x}|0*{code});)"
        )

    return re.compile("".join(map(forms, key)), re.IGNORECASE)


def backoff(tries: int) -> float:
    """Seconds to wait after the given number of tries (0: after the first), with jitter, growing to `MAX_WAIT`."""
    return min(BACKOFF * 2.0 ** min(tries, 16), MAX_WAIT) * random.uniform(0.5, 1.0)


def _seconds(header: str | None) -> float | None:
    """Seconds that a `Retry-After` (seconds or a date) asks for, up to `MAX_WAIT`; None without a readable one."""
    try:
        return None if header is None else float(min(Retry().parse_retry_after(header), MAX_WAIT))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _decoded(content: bytes) -> tuple[Any, str | None]:
    """What a body holds, and None; or None, and its text, where it is not JSON. An empty body holds None."""
    if not content.strip():
        return None, None
    try:
        return json.loads(content), None
    except (ValueError, RecursionError):
        return None, content.decode("utf-8", "replace")


def _cut_off(response: requests.Response) -> bool:
    """Whether fewer bytes came than were announced: urllib3 1.26 does not complain of that by itself."""
    announced = response.headers.get("Content-Length", "")
    return announced.isdecimal() and response.raw.tell() < int(announced)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was raised from: requests wraps urllib3's, which wraps the socket's."""
    each: BaseException | None = error
    while each is not None and not isinstance(each, RequestError):  # that is of a request before this one
        yield each
        each = each.__cause__ or each.__context__


def _diagnosis(error: Exception, timeout: float) -> tuple[str, str, bool]:
    """What became of a request that got no answer: its phase, the cause in words, whether a further try is useless."""
    causes = list(_causes(error))

    def first(*kinds: type[BaseException]) -> BaseException | None:
        return next((each for each in causes if isinstance(each, kinds)), None)

    # Before a request is sent, the proxy's tunnel and the TLS handshake must have succeeded: no library says in which
    # of the two phases its error arose, the frame in which the error was raised does.
    frames = {frame.f_code.co_name for each in causes for frame, _line in traceback.walk_tb(each.__traceback__)}
    root = causes[-1]
    reason = str(root) or type(root).__name__
    untrusted = first(ssl.SSLCertVerificationError)
    if untrusted or "_match_hostname" in frames:  # urllib3 1.26 compares the names itself
        verdict = getattr(untrusted, "verify_message", "") or reason
        return "connect", f"the server's certificate is not trusted ({verdict}). Name its CA with ca_path.", True
    if first(socket.gaierror, UnicodeError):
        return "connect", "the host name cannot be resolved. Check its spelling and this machine's DNS.", False
    if "_tunnel" in frames or (
        first(ProxyError, requests.exceptions.ProxyError) and first(NewConnectionError, ConnectTimeoutError)
    ):
        return "connect", f"the proxy did not let it through ({reason}). Check the proxy environment variables.", False
    if first(ConnectionRefusedError):
        return "connect", "the connection was refused. Check host and port, and whether the server runs.", False
    if first(NewConnectionError):
        return "connect", f"no connection could be made ({reason}). Check host, port and the network's route.", False
    if first(ConnectTimeoutError):
        return "connect", f"no connection within {timeout:g} seconds. Check host, port and firewalls.", False
    if "do_handshake" in frames:
        return "connect", f"the TLS handshake failed ({reason}). Check that the port speaks TLS 1.2 or newer.", False
    if isinstance(error, requests.exceptions.InvalidJSONError):
        return "connect", f"what is to be sent cannot be written as JSON ({reason}).", True
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return "connect", f"the address or the proxy's cannot be used ({reason}).", True
    if first(ReadTimeoutError):
        return "lost", f"no answer within {timeout:g} seconds. The option timeout sets how long to wait.", False
    return "lost", f"the connection broke before the whole answer was there ({reason}).", False
