# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source in the real ansible-rulebook: texts that could run as templates, kills, and options that are wrong."""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from simulator.server import Simulator

from .conftest import SECRET
from .rulebook import PATIENCE, PROGRAM, Rulebook, ruleset

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="ansible-rulebook is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java, which ansible-rulebook needs, is not installed"),
    pytest.mark.timeout(600),
]

MARKS = [
    "{{{{ {lookup} }}}}",
    "{{%- set x = {lookup} -%}}",
    "{{{{{{ {lookup} }}}}}}",
    "{{{{'a' ~ {lookup}}}}}",
    "{{# #}}{{{{ {lookup} | string }}}}",
    "{{% if {lookup} %}}x{{% endif %}}",
    "!unsafe {{{{ {lookup} }}}}",
    "\\{{{{ {lookup} }}}}",
    "{{\u200b{{ {lookup} }}}} {{{{ {lookup} }}}}",
    "{{{{ query('ansible.builtin.pipe', 'touch {file}') }}}}",
]


def post(port: int, payload: Any) -> None:
    """Post to the source, as soon as it listens."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{SECRET}", json.dumps(payload).encode(), method="POST")
    until = time.monotonic() + 240
    while not is_open(port):
        assert time.monotonic() < until
        time.sleep(0.2)
    with urllib.request.urlopen(request) as response:
        assert response.status == 202


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as server:
        yield server


def listening(port: int, **more: Any) -> dict[str, Any]:
    listen = {"port": port, "path_secret": SECRET}
    return {"casework.cases.case_events": {"listen": listen, **more}}


def test_none_of_200_texts_runs_as_a_template(tmp_path: Path, port: int) -> None:
    """In names, comments, tags, keys and whole cases, in a playbook that prints all of the event."""
    ran = tmp_path / "ran"
    ran.mkdir()

    def text(number: int) -> str:
        file = ran / str(number)
        return MARKS[number % len(MARKS)].format(lookup=f"lookup('ansible.builtin.pipe', 'touch {file}')", file=file)

    texts = [text(number) for number in range(200)]
    payload = {
        "activity": {
            "id": 1,
            "activity_type": "commented",
            "value": texts[0],
            "user": {"id": 1, "first_name": texts[1]},
        },
        "case": {"id": 1, "name": texts[2], "tags": texts[3:100], "metadata": dict(zip(texts[100:150], texts[150:]))},
    }
    (tmp_path / "print.yml").write_text(
        json.dumps(
            [
                {
                    "hosts": "localhost",
                    "gather_facts": False,
                    "tasks": [
                        {"ansible.builtin.debug": {"var": "ansible_eda"}},
                        {"ansible.builtin.debug": {"msg": "{{ ansible_eda.event.tines.name }} is PRINTED"}},
                        {
                            "ansible.builtin.debug": {"msg": "{{ item }}"},
                            "loop": "{{ tines.tags + (known | list) + (known.values() | list) }}",
                            "vars": {"tines": "{{ ansible_eda.event.tines }}", "known": "{{ tines.case.metadata }}"},
                        },
                        {"ansible.builtin.debug": {"msg": "PLAYED"}},
                    ],
                }
            ]
        )
    )
    rulebook = ruleset(listening(port, include_case=True), {"run_playbook": {"name": "print.yml"}})
    with Rulebook(tmp_path, rulebook) as run:
        post(port, payload)
        said = run.wait_for('"msg": "PLAYED"')
    assert "is PRINTED" in said
    assert list(ran.iterdir()) == []


def told(said: str) -> list[str]:
    return re.findall(r"TOLD (\d+)\.", said)


def test_kill_in_a_burst_loses_nothing(tmp_path: Path, simulator: Simulator) -> None:
    """Killed three times while 60 comments are told: each is told, and what comes twice was in flight."""
    options = {
        "tenant": simulator.url,
        "api_key": "sim-key-0000",
        "since": "2020-01-01T00:00:00Z",
        "interval": 5,
        "state_file": str(tmp_path / "state.json"),
    }
    simulator.load({"cases": [{"team_id": 1, "name": "Case"}]})
    for number in range(60):
        body = json.dumps({"value": str(number)}).encode()
        request = urllib.request.Request(f"{simulator.url}/api/v2/cases/1/comments", body, method="POST")
        request.add_header("Authorization", "Bearer sim-key-0000")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request).close()
    rulebook = ruleset(
        {"casework.cases.case_events": options}, {"debug": {"msg": "TOLD {{ event.tines.activity.id }}."}}
    )
    all_told: list[str] = []
    for number, at_least in enumerate((5, 20, 10, 0)):
        with Rulebook(tmp_path, rulebook, name=f"log{number}") as run:
            if at_least:
                run.wait_for(r"TOLD \d+\.", at_least)
            else:
                until = time.monotonic() + PATIENCE
                while len({*all_told, *told(run.said())}) < 61 and time.monotonic() < until:
                    time.sleep(0.1)
            all_told += told(run.kill())
    counts = Counter(all_told)
    assert len(counts) == 61
    assert sum(count - 1 for count in counts.values()) <= 3 * 17


TICKS = """
import asyncio

async def main(queue, args):
    while True:
        await queue.put({"tick": True})
        await asyncio.sleep(0.05)
"""


def test_slow_api_holds_up_no_other_source(tmp_path: Path, simulator: Simulator) -> None:
    """While the first request of our source waits for its answer, another one goes on making events."""
    simulator.settings.change({"latency_ms": 20_000})
    (tmp_path / "ticks.py").write_text(TICKS)
    options = {"tenant": simulator.url, "api_key": "sim-key-0000", "timeout": 60}
    rulebook = ruleset({"casework.cases.case_events": options}, {"debug": {"msg": "TICK"}}, "event.tick is defined")
    rulebook[0]["sources"].append({"ticks": {}})
    with Rulebook(tmp_path, rulebook, "-S", str(tmp_path)) as run:
        until = time.monotonic() + PATIENCE
        while not simulator.requests:
            assert time.monotonic() < until
            time.sleep(0.05)
        run.wait_for("TICK", run.said().count("TICK") + 10)
        statuses = [entry["status"] for entry in simulator.requests]
    assert statuses == [None]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"intervall": 60}, "intervall is not an option of this source. Did you mean interval?"),
        ({"listen": {"port": 5000, "token": 1234567890123456}}, "quote it"),
    ],
)
def test_wrong_option_ends_ansible_rulebook_with_one_sentence(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with Rulebook(tmp_path, ruleset({"casework.cases.case_events": options}, {"none": None})) as run:
        assert run.process.wait(PATIENCE) == 1
        log = run.said()
    assert said in log
    assert "1234567890123456" not in log
