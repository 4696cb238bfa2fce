# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server posts by itself: notifications and clicks. One thread sends them, in the order that they came."""

from __future__ import annotations

import http.client
import json
import queue
import ssl
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .faults import Fault

TIMEOUT = 10.0

_Entry = dict[str, Any]


class Deliveries:
    """Requests on their way out. A fault that is armed for deliveries decides what becomes of one.

    Args:
        faults: what is armed; the list is read for each delivery.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = faults
        self._waiting: queue.Queue[_Entry | None] = queue.Queue()
        self._held: list[_Entry] = []
        self._started = False
        self.log: list[_Entry] = []

    def post(self, url: str, payload: Any) -> None:
        """Takes a JSON payload for a URL; the caller doesn't wait, and holds the lock of the server."""
        fault = next((fault for fault in self._faults if fault.hits_delivery(url)), None)
        kind = fault.take() if fault else None
        entry: _Entry = {"url": url, "body": payload, "status": None, "error": None, "fault": kind}
        self.log.append(entry)
        if fault and kind == "deliver_late":
            timer = threading.Timer(fault.seconds, self._send_soon, [entry])
            timer.daemon = True
            timer.start()
        elif kind == "deliver_out_of_order":
            self._held.append(entry)
        elif kind != "deliver_lost":
            for _copy in range(2 if kind == "deliver_twice" else 1):
                self._send_soon(entry)
            while self._held:
                self._send_soon(self._held.pop(0))

    def stop(self) -> None:
        """Sends nothing more than what is on its way."""
        self._waiting.put(None)

    def _send_soon(self, entry: _Entry) -> None:
        if not self._started:
            self._started = True
            threading.Thread(target=self._send_all, daemon=True).start()
        self._waiting.put(entry)

    def _send_all(self) -> None:
        while True:
            entry = self._waiting.get()
            if entry is None:
                return
            try:
                entry["status"] = _post(entry["url"], json.dumps(entry["body"]).encode("utf-8"))
            except (OSError, http.client.HTTPException, ValueError) as error:
                entry["error"] = f"{type(error).__name__}: {error}"


def _post(url: str, content: bytes) -> int:
    """Posts once, without following a redirect or checking a certificate; gives the status."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, content, {"Content-Type": "application/json", "User-Agent": "simulator"})
        return connection.getresponse().status
    finally:
        connection.close()
