# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Listening for what Tines posts: who sends a request is found out before its body is read."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import math
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from .._core.errors import OptionError
from .events import is_click, is_notification
from .events_options import ListenOptions

try:
    from aiohttp import web
    from aiohttp.web import RequestHandler, Server
except ImportError:
    HAS_AIOHTTP = False
    RequestHandler = Server = object
else:
    HAS_AIOHTTP = True

logger = logging.getLogger("casework.cases.case_events")

REQUEST_TIMEOUT = 10.0
"""Seconds within which a request must be there as a whole."""

LINGERING_TIME = 1.0
"""Seconds for which the rest of a refused request is read, so that its sender gets to read the answer."""

MAX_CONNECTIONS = 500
"""Connections that are held at a time."""


class Listener:
    """Takes what Tines posts into the inbox."""

    def __init__(self, options: ListenOptions, inbox: asyncio.Queue[Any]) -> None:
        self._options = options
        self._inbox = inbox
        self._path = f"/{options.path_secret or ''}".encode()
        self._server: asyncio.Server | None = None
        self._http_server: _HttpServer | None = None

    @property
    def port(self) -> int | None:
        """The port that it listens on, None before `start`."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else None

    async def start(self) -> None:
        """Begin to listen. Raises `OptionError`."""
        if not HAS_AIOHTTP:
            raise OptionError("The Python library aiohttp, which ansible-rulebook brings, is missing: install it.")
        options, tls = self._options, self._tls_context()
        self._http_server = _HttpServer(self._handle, options.max_body)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._http_server,
                options.host,
                options.port,
                ssl=tls,
                ssl_handshake_timeout=REQUEST_TIMEOUT if tls else None,
                backlog=128,
            )
        except OSError as error:
            message = f"listen.port {options.port} on {options.host} cannot be used: {error.strerror or error}."
            raise OptionError(message) from error
        logger.info("Listening on %s port %s", options.host, self.port)

    async def stop(self) -> None:
        """Stop listening, and close what is open."""
        if self._server:
            self._server.close()
        if self._http_server:
            await self._http_server.shutdown(0.5)

    def _tls_context(self) -> ssl.SSLContext | None:
        options = self._options
        if not options.certfile:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # Without a password, OpenSSL would ask the terminal for one.
            context.load_cert_chain(options.certfile, options.keyfile, options.password or "")
            if options.client_ca:
                context.load_verify_locations(options.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ValueError) as error:
            message = (
                "listen.certfile, listen.keyfile, listen.password or listen.client_ca cannot be used: "
                f"{getattr(error, 'reason', None) or error}."
            )
            raise OptionError(message) from error
        return context

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request: who sends it is found out before its body is read."""
        connection: Any = request.protocol  # one of ours, since `_HttpServer` makes no other
        connection.has_request()
        try:
            self._check_sender(request)
            body = await _body(request)
            self._check_signature(request, body)
            self._inbox.put_nowait(_payload(body))
        except asyncio.QueueFull:
            return web.Response(status=503, headers={"Retry-After": "5"})
        except _RefusedError as refused:
            return refused.response
        else:
            return web.Response(status=202)
        finally:
            connection.has_answered()

    def _check_sender(self, request: web.BaseRequest) -> None:
        """Find out who sends a request, before its body is read. Raises `_RefusedError`."""
        options = self._options
        if not hmac.compare_digest(request.rel_url.raw_path.encode(), self._path):
            raise _RefusedError(404)
        if request.method != "POST":
            raise _RefusedError(405, headers={"Allow": "POST"})
        if options.token:
            scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
            same = hmac.compare_digest(token.strip().encode("utf-8", "replace"), options.token.encode())
            if scheme.lower() != "bearer" or not same:
                raise _RefusedError(401, headers={"WWW-Authenticate": "Bearer"})
        if options.hmac_secret and options.hmac_header not in request.headers:
            raise _RefusedError(401)
        if (request.content_length or 0) > options.max_body:
            raise _RefusedError(413)

    def _check_signature(self, request: web.BaseRequest, body: bytes) -> None:
        """Find out who has sent a body that is signed. Raises `_RefusedError`."""
        options = self._options
        if not options.hmac_secret:
            return
        algorithm = options.hmac_algorithm.lower()
        digest = hmac.new(options.hmac_secret.encode(), body, algorithm).digest()
        given, prefix = request.headers[options.hmac_header].strip(), f"{algorithm}="
        if given.lower().startswith(prefix):
            given = given[len(prefix) :]
        if options.hmac_format == "hex":
            given, expected = given.lower(), digest.hex()
        else:
            expected = b64encode(digest).decode()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            raise _RefusedError(401)


class _RefusedError(Exception):
    """A request is refused. The connection is closed, since the rest of the request has no meaning."""

    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = web.Response(status=status, text=text, headers=headers)
        self.response.force_close()


class _HttpServer(Server):  # type: ignore[misc]  # aiohttp need not be installed where types are checked
    """Makes a connection of ours for each sender. No access log: it would have the secret path."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], max_body: int) -> None:
        super().__init__(handler, request_factory=self._request)
        self._max_body = max_body

    def __call__(self) -> _Connection:
        loop = asyncio.get_running_loop()
        return _Connection(self, loop=loop, access_log=None, keepalive_timeout=75, lingering_time=LINGERING_TIME)

    def _request(self, *parts: object) -> web.BaseRequest:
        loop = asyncio.get_running_loop()
        return web.BaseRequest(*parts, loop, client_max_size=self._max_body)


class _Connection(RequestHandler):  # type: ignore[misc]  # the same
    """Ends if a request does not become whole in time: aiohttp itself waits for ever."""

    __slots__ = ("_answering", "_waiting")

    def __init__(self, server: _HttpServer, **options: object) -> None:
        super().__init__(server, **options)
        self._waiting: asyncio.TimerHandle | None = None
        self._answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self._manager.connections) > MAX_CONNECTIONS:
            self.force_close()
            transport.close()
        else:
            self._await_request()

    def data_received(self, data: bytes) -> None:
        if self._waiting is None and not self._answering:
            self._await_request()
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def has_request(self) -> None:
        """Note that the headers of a request are there."""
        self._answering = True
        self._stop_waiting()

    def has_answered(self) -> None:
        """Note that the request is answered."""
        self._answering = False

    def _await_request(self) -> None:
        self._waiting = asyncio.get_running_loop().call_later(REQUEST_TIMEOUT, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if self.transport:
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.force_close()


async def _body(request: web.BaseRequest) -> bytes:
    """Read the body of a request. Raises `_RefusedError`."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    try:
        reading = request.read()
        body: bytes = await (reading if request.content.is_eof() else asyncio.wait_for(reading, REQUEST_TIMEOUT))
    except asyncio.TimeoutError:
        raise _RefusedError(408) from None
    except web.HTTPRequestEntityTooLarge:
        raise _RefusedError(413) from None
    except (OSError, ValueError, web.PayloadAccessError, web.RequestPayloadError):
        raise _RefusedError(400) from None
    return body


def _payload(body: bytes) -> dict[str, Any]:
    """Parse a body. Raises `_RefusedError` if it is nothing that Tines posts."""
    try:
        payload: dict[str, Any] = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise _RefusedError(400, "The body is not JSON.") from None
    if is_click(payload) or is_notification(payload):
        return payload
    raise _RefusedError(400, "The body is neither a case notification nor a click on a button.")


def _refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python takes for JSON and the engine drops without a word."""
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number
