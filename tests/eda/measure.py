# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures events a second through the source and through eda.builtin.webhook, in one run.

    python tests/eda/measure.py /path/of/ansible-rulebook [events]

It is run by the Python that has aiohttp. Each source takes clicks of half a kilobyte, a rule matches all of them with
the action none, and the last one is printed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

COLLECTIONS = Path(__file__).absolute().parents[5]
SECRET = "path-secret-0123456789"
CONNECTIONS = 8


def payload(label: str) -> dict[str, Any]:
    case = {"id": 42, "name": "Phishing", "description": "x" * 300, "status": "open", "tags": []}
    return {"user": {"id": 1}, "button": {"id": 5, "label": label}, "case": case, "message": "x"}


def rulebook(source: dict[str, Any], label: str) -> list[Any]:
    rules = [
        {"name": "last", "condition": f'event.{label} == "last"', "action": {"debug": {"msg": "LAST"}}},
        {"name": "any", "condition": f'event.{label} == "one"', "action": {"none": None}},
    ]
    return [{"name": "Measure", "hosts": "localhost", "sources": [source], "rules": rules}]


async def measure(program: str, source: dict[str, Any], label: str, port: int, path: str, count: int) -> list[float]:
    """Events a second that were accepted and that were processed, and the median of seconds from POST to response."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "rulebook.yml").write_text(json.dumps(rulebook(source, label)))
        log = Path(place) / "log"
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "PATH": f"{Path(program).parent}:{os.environ['PATH']}",
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [program, "-r", "rulebook.yml"], cwd=place, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            url = f"http://127.0.0.1:{port}/{path}"
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
                while True:
                    try:
                        async with session.post(url, json=payload("one")):
                            break
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.2)
                waits: list[float] = []

                async def send(number: int) -> None:
                    for _each in range(number):
                        began, status = time.monotonic(), 503
                        while status == 503:
                            async with session.post(url, json=payload("one")) as response:
                                status = response.status
                        waits.append(time.monotonic() - began)

                began = time.monotonic()
                await asyncio.gather(*(send(count // CONNECTIONS) for _connection in range(CONNECTIONS)))
                accepted = count / (time.monotonic() - began)
                async with session.post(url, json=payload("last")):
                    pass
                while b"LAST" not in log.read_bytes():
                    await asyncio.sleep(0.02)
                processed = count / (time.monotonic() - began)
                return [accepted, processed, sorted(waits)[len(waits) // 2]]
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


async def main(program: str, count: int) -> None:
    listen = {"port": 5871, "path_secret": SECRET, "backlog": 100000}
    ours = {"casework.cases.case_events": {"listen": listen}}
    builtin = {"eda.builtin.webhook": {"host": "127.0.0.1", "port": 5872}}
    for name, *how in (
        ("eda.builtin.webhook", builtin, "payload.button.label", 5872, "endpoint"),
        ("casework.cases.case_events", ours, "tines.button.label", 5871, SECRET),
    ):
        accepted, processed, wait = await measure(program, *how, count)
        print(f"{name}: {accepted:.0f} accepted/s, {processed:.0f} processed/s, {wait * 1000:.1f} ms to the response")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000))
