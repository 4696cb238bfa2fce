# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers and clients that are closed when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.connection import transport_settings
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Reply, Server, VirtualClock


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
