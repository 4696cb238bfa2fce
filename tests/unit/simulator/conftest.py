# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running simulator and a client for it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from simulator.server import Simulator

KEY = "sim-key-0000"


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.text)


class Client:
    """One kept-alive connection, opened anew after the server closed it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=60)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, raw: bytes | None = None
    ) -> Reply:
        """Sends a request with the right key, unless the headers say otherwise."""
        sent = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **(headers or {})}
        content = json.dumps(body).encode() if raw is None and body is not None else raw
        try:
            self._connection.request(method, path, content, {name: value for name, value in sent.items() if value})
            response = self._connection.getresponse()
            received = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        return Reply(response.status, dict(response.headers), received)

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Calls one of the server's own endpoints, which must go well."""
        reply = self(method, f"/_simulator/{name}", body)
        assert reply.status < 300, reply.text
        return reply.json if reply.text else None

    def load(self, **data: Any) -> Any:
        """Loads data; the result holds the numbers."""
        return self.control("POST", "load", data)

    def arm(self, kind: str, path: str = "", method: str = "", **fault: Any) -> None:
        """Arms one fault."""
        self.control("POST", "faults", {"kind": kind, "match": {"path": path, "method": method}, **fault})

    def switch(self, **settings: Any) -> None:
        """Changes settings."""
        self.control("POST", "settings", settings)

    def log(self) -> list[dict[str, Any]]:
        """The requests that the APIs received."""
        seen: list[dict[str, Any]] = self.control("GET", "requests")["requests"]
        return seen


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    """One server for all tests."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def call(running: Simulator) -> Iterator[Client]:
    """A client of a server that has forgotten everything."""
    running.reset()
    client = Client(running)
    yield client
    client.close()


@pytest.fixture
def case(call: Client) -> int:
    """The number of a case with two buttons, which have the ids 1 and 2."""
    webhook = {"url": "https://tenant.tines.com/webhook/p/s", "label": "Claim", "action_type": "webhook"}
    page = {
        "url": "https://tenant.tines.com/pages/1",
        "label": "Form",
        "action_type": "page",
        "query_params": {"a": "1"},
    }
    number: int = call.load(cases=[{"team_id": 2, "actions": [webhook, page]}])["cases"][0]
    return number
