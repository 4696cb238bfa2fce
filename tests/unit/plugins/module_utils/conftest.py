# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers and clients that are closed when a test ends, and an environment that is nobody's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.connection import transport_settings
from ansible_collections.casework.cases.plugins.module_utils._core.http import Http
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Reply, Server, VirtualClock

FOREIGN = ("PROXY", "TINES_", "TRUSTPAIR_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "SSL_CERT")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, key, CA bundle or netrc file but those that a test sets."""
    for name in list(os.environ):
        if any(part in name.upper() for part in FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    """What is put on this stack is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(until_the_end: ExitStack) -> Callable[..., Server]:
    """Starts a server with the replies of a test."""

    def start(*replies: Reply, **settings: Any) -> Server:
        return until_the_end.enter_context(closing(Server(*replies, **settings)))

    return start


@pytest.fixture
def clock() -> VirtualClock:
    """The clock of the test's connections."""
    return VirtualClock()


@pytest.fixture
def connect(until_the_end: ExitStack, clock: VirtualClock) -> Callable[..., Http]:
    """Makes a connection to a server or URL, with the virtual clock."""

    def make(
        to: Server | str,
        key: str = "test-key-0000",
        *,
        validate_certs: bool = True,
        ca_path: str | None = None,
        connections: int = 1,
        **settings: Any,
    ) -> Http:
        base = to if isinstance(to, str) else to.url
        options = {"validate_certs": validate_certs, "ca_path": ca_path}
        transport = Transport(transport_settings(base, options, connections), RateLimiter(clock))
        return until_the_end.enter_context(closing(Http(transport, key, **settings)))

    return make
