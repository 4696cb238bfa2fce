# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side: connections, the request log, faults, and which API a path belongs to."""

from __future__ import annotations

import json
import math
import socket
import socketserver
import ssl
import sys
import threading
import time
import traceback
from collections import deque
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from . import faults, load
from .control import Control
from .deliveries import Deliveries
from .messages import ApiError, Request, Response
from .settings import Settings
from .store import Store
from .tines import Tines
from .trustpair import PATHS, Trustpair

CONTROL_PREFIX = "/_simulator/"
MOST_LOGGED = 2 * 1024 * 1024  # bytes of a body
SECRET_HEADERS = ("authorization", "x-user-token")


class Simulator:
    """The server and its state. Use it as a context manager, or call start() and stop().

    Args:
        api_key: the key that both APIs accept.
        host: address to listen on.
        port: 0 for any free one.
        settings: switches, in the form of the control API.
        data: what to load at the start and after a reset.
        tls: certificate and key file.
        verbose: one line a request on standard error.

    Raises:
        ApiError: for switches or data that cannot be taken.
        OSError: when the address cannot be bound or a TLS file not be read.
    """

    def __init__(
        self,
        api_key: str = "sim-key-0000",
        host: str = "127.0.0.1",
        port: int = 0,
        settings: dict[str, Any] | None = None,
        data: Any = None,
        tls: tuple[str, str] | None = None,
        verbose: bool = False,
    ) -> None:
        self.api_key = api_key
        self.verbose = verbose
        self.lock = threading.RLock()
        self._start_settings = settings or {}
        self._start_data = data
        self.deliveries = Deliveries([])
        self.reset()
        self._server = _Server((host, port), self, tls)
        self.port: int = self._server.server_address[1]
        shown_host = f"[{host}]" if ":" in host else host
        self.url = f"{self._server.scheme}://{shown_host}:{self.port}"

    def reset(self) -> None:
        """Everything as it was at the start."""
        with self.lock:
            self.settings = Settings()
            self.settings.change(self._start_settings)
            self.store = Store(self.settings)
            self.faults: list[faults.Fault] = []
            self.deliveries.stop()
            self.deliveries = Deliveries(self.faults)
            self.tines = Tines(self.store, self.settings, self.api_key, self.deliveries)
            self.trustpair = Trustpair(self.settings, self.api_key)
            self.control = Control(self)
            self._served: deque[float] = deque()
            self.forget_requests()
            if self._start_data is not None:
                self.load(self._start_data)

    def load(self, data: Any) -> dict[str, Any]:
        """Adds cases and other data; what was made is in the result."""
        try:
            return load.load(data, self.store, self.tines, self.trustpair)
        finally:
            self.store.happened.clear()  # what is loaded did not happen

    def forget_requests(self) -> None:
        """Empties the request log and counts connections from 0 again."""
        self.requests: list[dict[str, Any]] = []
        self._connections: dict[int, int] = {}

    @property
    def connections(self) -> int:
        """How many connections carried at least one request of the log."""
        return len(self._connections)

    def start(self) -> Simulator:
        """Serves in a thread of its own until stop()."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stops listening and posting."""
        self.deliveries.stop()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def serve(self, request: Request, connection: int) -> tuple[Response | None, bool]:
        """The response to a request, and whether its body is to be cut off; no answer closes the connection.

        Nothing that a response holds is changed later: what is stored is replaced, not altered. So it may be sent
        without the lock.
        """
        if request.path.startswith(CONTROL_PREFIX):
            with self.lock:
                return _respond(self.control, request), False
        with self.lock:
            entry = self._note(request, connection)
            request.move(self.settings.path_prefix)
            api = self._api(request)  # before any wait: a slow request must not change what is there after a reset
            latency = self.settings.latency_ms / 1000.0
            response = self._rate_limited(request)
            fault = faults.NONE if response else self._next_fault(request)
            entry["fault"] = fault.kind or None
        if latency:
            time.sleep(latency)
        if response is None:
            response = self._respond_with_fault(fault, request, api)
        entry["status"] = None if response is None else response.status
        return response, fault.kind == "cut_body"

    def _note(self, request: Request, connection: int) -> dict[str, Any]:
        number = self._connections.setdefault(connection, len(self._connections) + 1)
        entry: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "status": None,
            "headers": {
                name: "***" if name.lower() in SECRET_HEADERS else value for name, value in request.headers.items()
            },
            "body": _readable(request.content),
            "connection": number,
            "fault": None,
        }
        self.requests.append(entry)
        return entry

    def _rate_limited(self, request: Request) -> Response | None:
        limit = self.settings.rate_limit
        if limit is None:
            return None
        moment = time.monotonic()
        while self._served and self._served[0] <= moment - limit.seconds:
            self._served.popleft()
        if len(self._served) < limit.requests:
            self._served.append(moment)
            return None
        response = self._api(request).error_response(ApiError(429, "Rate limit exceeded"), request)
        if limit.retry_after:
            wait = self._served[0] + limit.seconds - moment
            response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return response

    def _next_fault(self, request: Request) -> faults.Fault:
        for fault in self.faults:
            if fault.hits(request):
                fault.take()
                return fault
        return faults.NONE

    def _respond_with_fault(self, fault: faults.Fault, request: Request, api: Api) -> Response | None:
        if not fault.after:
            if fault.seconds:  # even a sleep of 0 seconds costs as much as a short answer
                time.sleep(fault.seconds)
            if fault.kind == "drop_before":
                return None
            if fault.kind in faults.REPLACING:
                return fault.replacement(request)

        def work(wanted: Request) -> Response:
            with self.lock:
                return api.handle(wanted)

        try:
            response = fault.run(work, request)
        except ApiError as error:
            response = api.error_response(error, request)
        if fault.kind == "drop_after":
            return None
        if fault.after:
            time.sleep(fault.seconds)
            if fault.kind in faults.REPLACING:
                return fault.replacement(request)
        return fault.corrupt(response, request)

    def _api(self, request: Request) -> Api:
        return self.trustpair if PATHS.fullmatch(request.path) else self.tines


class Api(Protocol):
    """What a path is answered by."""

    def handle(self, request: Request) -> Response:
        """The response; raises ApiError."""

    def error_response(self, error: ApiError, request: Request) -> Response:
        """A ApiError in the form of this API."""


def _respond(api: Api, request: Request) -> Response:
    try:
        return api.handle(request)
    except ApiError as error:
        return api.error_response(error, request)


def _readable(content: bytes) -> Any:
    if not content:
        return None
    if len(content) > MOST_LOGGED:
        return f"{len(content)} bytes"
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


class _Server(socketserver.ThreadingTCPServer):
    """One thread a connection; none of them keeps the process alive."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], simulator: Simulator, tls: tuple[str, str] | None) -> None:
        self.simulator = simulator
        self.scheme = "https" if tls else "http"
        self._opened = 0
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(*tls)
            # The handshake is left to the connection's own thread: a silent client must not stop the others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def next_connection(self) -> int:
        """A number for a connection, never given twice."""
        with self.simulator.lock:
            self._opened += 1
            return self._opened

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away or refuses the certificate is not an error of the server."""
        if self.simulator.verbose or not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection until it ends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """Numbers the connection."""
        super().setup()
        self._connection_number = self.server.next_connection()

    def do_GET(self) -> None:  # the name is the base class's
        """Answers any method."""
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Response(411, {"error": {"type": "length_required", "message": "Send a Content-Length"}}), False)
            return
        content = self.rfile.read(int(length))
        origin = "{}://{}".format(self.server.scheme, self.headers.get("Host", "localhost"))
        request = Request(self.command, self.path, self.headers, content, origin)
        try:
            response, cut = self.server.simulator.serve(request, self._connection_number)
        except Exception:
            # A mistake in here must not look like a connection that broke.
            traceback.print_exc()
            response, cut = Response(500, {"error": {"type": "error", "message": "The simulator failed"}}), False
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(response, cut)
        if self.server.simulator.verbose:
            status = "dropped" if response is None else response.status
            sys.stderr.write(f"{self.command} {self.path} {status}\n")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _send(self, response: Response, cut: bool) -> None:
        payload = response.payload()
        lines = ["HTTP/1.1 {} {}".format(response.status, responses.get(response.status, "Unknown"))]
        clock = time.time() + self.server.simulator.settings.clock_offset
        lines.append(f"Date: {formatdate(clock, usegmt=True)}")
        lines.extend(f"{name}: {value}" for name, value in response.headers.items())
        if response.status != 204:
            lines.append(f"Content-Type: {response.content_type}")
            lines.append(f"Content-Length: {len(payload)}")
        if cut:
            payload = payload[: len(payload) // 2]
            self.close_connection = True
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines) + "\r\n\r\n"
        # One send: a head and a body in two packets would wait for each other's acknowledgement.
        self.wfile.write(head.encode("latin-1") + payload)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it)
        """The base class's own log is not wanted."""
