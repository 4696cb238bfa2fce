# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on loopback that says byte for byte what a test has written down, and a clock that nobody waits for."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, Union


@dataclass(frozen=True)
class Seen:
    """A request as it came in; the names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


Reply = Union[bytes, None, Callable[[Seen], Optional[bytes]]]
"""What a request is answered with: these bytes; None ends the connection without a word."""


def answer(status: int = 200, body: Any = None, /, **headers: str) -> bytes:
    """The bytes of an answer. body: sent as JSON unless it is bytes. headers: with underscores for hyphens."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + content


class Server(socketserver.ThreadingTCPServer):
    """Answers each request with the next of the replies, and with the last one for ever."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None, tunnel: bool = False) -> None:
        """tunnel: be a proxy, whose clients ask for a tunnel before they speak TLS."""
        super().__init__(("127.0.0.1", 0), _Connection)
        self.replies = list(replies) or [answer(200, {})]
        self.tls = tls
        self.tunnel = tunnel
        self.seen: list[Seen] = []
        self.accepted = 0
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.port: int = self.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the server, its connections and its threads."""
        self.shutdown()
        with self.lock:
            for connection in self.open:
                connection.close()
        self.server_close()
        self._thread.join()

    def next_reply(self, seen: Seen) -> bytes | None:
        """Note the request and give what it is answered with."""
        with self.lock:
            self.seen.append(seen)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(seen) if callable(reply) else reply

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to tell of."""


class _Connection(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        self.request.settimeout(30)
        with self.server.lock:
            self.server.accepted += 1
            self.server.open.add(self.request)
        channel = self.request
        try:
            if self.server.tunnel:
                seen = self._read(channel)
                reply = self.server.next_reply(seen) if seen else None
                if reply:
                    channel.sendall(reply)
                if not reply or b" 200 " not in reply.split(b"\r\n", 1)[0]:
                    return
            if self.server.tls:
                channel = self.server.tls.wrap_socket(channel, server_side=True)
            self._serve(channel)
        except OSError:
            pass
        finally:
            with self.server.lock:
                self.server.open.discard(self.request)
            channel.close()

    def _serve(self, channel: socket.socket) -> None:
        seen = self._read(channel)
        while seen:
            reply = self.server.next_reply(seen)
            if reply is None:
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not ended
                return
            channel.sendall(reply)
            if b"connection: close" in reply.split(b"\r\n\r\n", 1)[0].lower():
                return
            seen = self._read(channel)

    def _read(self, channel: socket.socket) -> Seen | None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = channel.recv(65536)
            if not more:
                return None
            head += more
            if not head[:1].isalpha():  # no HTTP: most likely a client that wants to speak TLS
                channel.sendall(answer(400))
                return None
        start, body = head.split(b"\r\n\r\n", 1)
        first, *lines = start.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += channel.recv(65536)
        return Seen(method, path, headers, body)


class VirtualClock:
    """A clock that jumps over each wait. waits: all of them, in seconds. after_wait: what happens meanwhile."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.waits: list[float] = []
        self.after_wait: Callable[[], object] = lambda: None

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            condition.wait()
        else:
            self.waits.append(seconds)
            self.time += seconds
            self.after_wait()
