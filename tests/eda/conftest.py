# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source and the filter as ansible-rulebook loads them, with a queue that a test reads."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="aiohttp, which ansible-rulebook brings, is not installed")

PLUGINS = Path(__file__).parents[2] / "extensions" / "eda" / "plugins"
FOREIGN = ("PROXY", "TINES_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")
SECRET = "path-secret-0123456789"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tenant, key or proxy but those that a test names."""
    for name in list(os.environ):
        if any(part in name.upper() for part in FOREIGN):
            monkeypatch.delenv(name)


def load(kind: str, name: str) -> dict[str, Any]:
    """The names in a plugin's file, loaded as the engine does it."""
    return runpy.run_path(str(PLUGINS / f"event_{kind}" / f"{name}.py"))


def call(simulator: Any, method: str, path: str, body: Any = None) -> Any:
    """A request to the simulator, as anybody else makes it."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {simulator.api_key}", "Content-Type": "application/json"}
    request = urllib.request.Request(simulator.url + path, content, headers, method=method)
    with urllib.request.urlopen(request) as response:
        answer = response.read()
    return json.loads(answer) if answer else None


class Running:
    """A source at work. port: where it listens."""

    def __init__(self, queue: asyncio.Queue[Any], source: Any, task: asyncio.Task[None]) -> None:
        self.queue = queue
        self.source = source
        self.task = task

    @property
    def port(self) -> int:
        return int(self.source.listener.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def event(self) -> dict[str, Any]:
        """The next event."""
        event: dict[str, Any] = (await asyncio.wait_for(self.queue.get(), 20))["tines"]
        return event


@asynccontextmanager
async def running(options: dict[str, Any], queue_size: int = 0, **more: Any) -> AsyncIterator[Running]:
    """A source that runs. options: as in a rulebook. more: attributes of its checked options to replace."""
    names = load("source", "case_events")
    parsed = names["_events_options"].parse_source_options(options)
    queue: asyncio.Queue[Any] = asyncio.Queue(queue_size)
    source = names["_events_source"].Source(queue, replaced(parsed, **more))
    task = asyncio.create_task(source.run())
    while source.listener and source.listener.port is None and not task.done():
        await asyncio.sleep(0.01)
    try:
        if task.done():
            task.result()
        yield Running(queue, source, task)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def replaced(options: Any, **more: Any) -> Any:
    from dataclasses import replace

    return replace(options, **more)
