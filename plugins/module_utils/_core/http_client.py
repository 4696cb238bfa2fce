# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""How a request is sent: over kept-alive connections, retried by method and phase, errors in words, nothing leaked.

The loop around `requests` is here because a body is read outside of urllib3's own loop, and because all workers of a
task share one rate limit.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .download import Download
from .errors import CaseworkError, NoResponseError, NotSentError, OptionError, RequestError, TooLargeError
from .rate_limit import RATE_LIMIT_TIMEOUT, RateLimiter
from .redaction import redactor
from .responses import HttpRequest, HttpResponse, Wording, is_success, parse_response
from .retry import MAX_WAIT, Repeat, backoff, is_outcome_unknown, may_retry
from .transport import Transport
from .transport_errors import classify, free_sockets
from .values import size_text

VERSION = "1.0.0"
"""The collection's version; a test compares it with galaxy.yml."""

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a response after decompression."""

MAX_TASK_WAIT = 900.0
"""Seconds that a task waits in all, for rate limits and between retries."""

MIN_SECRET = 4
"""Characters of a secret at least that is masked in any text."""

_CHUNK = 64 * 1024


class Http:
    """One task's way to one server, in JSON but for downloads.

    key: the API key, sent as a bearer token and shown nowhere. hints: what to do about a status. timeout: seconds to
    connect, and between two bytes of a response. retries: how often a request is retried. read_only: refuse to send
    anything but GET, whoever asks; check mode is such a connection.

    sent: how many requests were sent. server_date: the header `Date` of the last response.
    """

    def __init__(
        self,
        transport: Transport,
        key: str,
        *,
        hints: Mapping[int, str] | None = None,
        timeout: float = 30.0,
        retries: int = 5,
        read_only: bool = False,
    ) -> None:
        self.transport = transport
        self.timeout = timeout
        self.retries = retries
        self.read_only = read_only
        self.sent = 0
        self.server_date: str | None = None
        self._hints = hints or {}
        self._secrets = [key]
        self.prefix = urlsplit(transport.settings.base).path  # before each path
        self.throttled = False  # whether the server asked to wait
        self._counting = threading.Lock()
        self._waited_before = transport.limiter.waited
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": f"Bearer {key}",
            "Connection": "keep-alive",
            "User-Agent": f"casework.cases/{VERSION}",
        }

    @property
    def host(self) -> str:
        return self.transport.host

    @property
    def limiter(self) -> RateLimiter:
        return self.transport.limiter

    @property
    def waited(self) -> float:
        """Seconds that this task has waited in all, for rate limits and between retries."""
        return self.limiter.waited - self._waited_before

    def close(self) -> None:
        self.transport.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Iterable[tuple[str, str]] = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeat: Repeat | None = None,
        on_status: Callable[[int], object] | None = None,
    ) -> Any:
        """Send one request, again if that is safe. Returns the decoded JSON of the response (None: empty body).

        repeat: what may be done with it if it may have been carried out; by default POST is reconciled by the caller
        and all else is sent again. on_status: is told the status of the response. Raises `RequestError`.
        """
        if self.read_only and method != "GET":
            raise AssertionError(f"{method} {path} in check mode")
        if repeat is None:
            repeat = Repeat.RECONCILE if method == "POST" else Repeat.SAFE
        status, answer = self._send(HttpRequest(method, path, tuple(query), body, headers, repeat))
        if on_status:
            on_status(status)
        return answer

    def download(self, path: str, download: Download) -> None:
        """Read a file with GET, again if that is of use; each try begins anew. Its size makes no difference to memory.

        Raises `RequestError`, `TooLargeError` among them, and whatever the download raises.
        """
        # A file that is encoded anyway would lose its size on the way.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        self._send(HttpRequest("GET", path, headers=headers, download=download))

    def _send(self, request: HttpRequest) -> tuple[int, Any]:
        """Send one request, again if that is safe. Returns the status and the decoded answer."""
        url = self._url(request)
        content = None if request.body is None else self._encode(request)
        limited_since: float | None = None
        tries = 0
        while True:
            try:
                with self.limiter.slot(patient=self.retries > 0):
                    return self._attempt(request, url, content)
            except RequestError as error:  # noqa: PERF203  # to try again is what the loop is for
                self.throttled = self.throttled or error.status == 429 or error.retry_after is not None
                if self.waited >= MAX_TASK_WAIT - MAX_WAIT:
                    raise
                if error.status == 429 and self.retries:
                    limited_since = self.limiter.now() if limited_since is None else limited_since
                    if self.limiter.gave_up or self.limiter.now() - limited_since >= RATE_LIMIT_TIMEOUT:
                        raise
                    continue
                if not may_retry(error, request.repeat, tries, 0 if self.transport.unreachable else self.retries):
                    self.transport.unreachable = error.status is None
                    raise
                if error.retry_after is None:
                    self.limiter.sleep(backoff(tries))
                else:
                    self.limiter.pause(error.retry_after)
                tries += 1

    def _attempt(self, request: HttpRequest, url: str, content: bytes | None) -> tuple[int, Any]:
        """One try: the status and the decoded answer, or a `RequestError`."""
        headers = self._headers
        if content is not None:
            headers = {**headers, "Content-Type": "application/json"}
        if request.headers:
            headers = {**headers, **request.headers}
        try:
            response = self.transport.send(request.method, url, headers, content, self.timeout)
            try:
                received = _receive(response, request.download)
            finally:
                response.close()
        except CaseworkError:  # the download cannot be written
            self._count_one()
            raise
        except _TooLarge as error:
            self._count_one()
            raise TooLargeError(
                self._message(request, f"was answered with more than {size_text(error.most)}, which is not read."),
                method=request.method,
                path=self._path(request),
                outcome_unknown=request.repeat is not Repeat.SAFE,
                permanent=True,
            ) from None
        except Exception as error:
            failed = self._transport_error(request, error)
            if not isinstance(failed, NotSentError):
                self._count_one()
            free_sockets(error)
            raise failed from error
        self._count_one()
        self.transport.unreachable = False
        self.server_date = received.headers.get("Date")
        return received.status, parse_response(request, received, self._wording(request))

    def _transport_error(self, request: HttpRequest, error: Exception) -> RequestError:
        """The error for a request that got no complete response."""
        failure = classify(error, self.timeout, self.transport.proxy)
        kind = NoResponseError if failure.sent else NotSentError
        return kind(
            self._message(request, f"failed: {failure.cause}"),
            method=request.method,
            path=self._path(request),
            outcome_unknown=failure.sent and is_outcome_unknown(request.repeat, None, None),
            timed_out=failure.timed_out,
            permanent=failure.permanent,
        )

    def _url(self, request: HttpRequest) -> str:
        try:
            query = f"?{urlencode(request.query)}" if request.query else ""
            return quote(request.path, safe="/:@!$&'()*+,;=~%") + query
        except UnicodeEncodeError as error:
            raise OptionError(self._message(request, "was not sent: its query has half a character in it.")) from error

    def _encode(self, request: HttpRequest) -> bytes:
        try:
            return json.dumps(request.body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise OptionError(
                self._message(request, f"was not sent: its body cannot be written as JSON ({error}).")
            ) from error

    def _message(self, request: HttpRequest, cause: str) -> str:
        return str(self._redact(f"{request.method} {self._path(request)} on {self.host} {cause}"))

    def _path(self, request: HttpRequest) -> str:
        return self.prefix + request.path

    def _wording(self, request: HttpRequest) -> Wording:
        return Wording(self.host, self._path(request), self._redact, self._hints)

    def _redact(self, value: Any) -> Any:
        return self._redactor(value)

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these texts too in errors from now on. Those of few characters stand in any text, and are left."""
        self._secrets += [secret for secret in secrets if len(secret) >= MIN_SECRET]
        self.__dict__.pop("_redactor", None)

    @cached_property
    def _redactor(self) -> Callable[[Any], Any]:
        return redactor(*self._secrets)  # made for the first error: a run without one has no use for it

    def _count_one(self) -> None:
        with self._counting:
            self.sent += 1


class _TooLarge(Exception):
    """A body is larger than so many bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def _receive(response: Any, download: Download | None = None) -> HttpResponse:
    """Read a response of `requests` whole; a download takes a body that is no error.

    Raises `_TooLarge`, and whatever `requests` or the download raises.
    """
    chunks: list[bytes] = []
    keep, most, size = chunks.append, MAX_BODY, 0
    if download and is_success(response.status_code):
        download.restart()
        keep, most = download.write, download.most
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            raise _TooLarge(most)
        keep(chunk)
    announced = response.headers.get("Content-Length", "")
    # urllib3 1.26 does not complain by itself if fewer bytes came than were announced.
    truncated = announced.isdecimal() and len(announced) < 20 and response.raw.tell() < int(announced)
    return HttpResponse(response.status_code, response.reason or "", response.headers, b"".join(chunks), truncated)
