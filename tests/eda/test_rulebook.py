# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source, the filter and the rulebooks in the real ansible-rulebook, the oldest and the newest that is supported.

What can differ from one version to the next is here: how plugins are found and started, what becomes of an event on its
way to a playbook, and how it all ends.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from simulator.server import Simulator

from .conftest import SECRET, call
from .rulebook import COLLECTIONS, PATIENCE, PROGRAM, QUICK_START, ROOT, SLOW_START, Rulebook, ruleset, version

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


@pytest.fixture(autouse=True)
def quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in QUICK_START.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(SLOW_START, raising=False)


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


BUTTON = {"label": "Isolate", "url": "https://acme.example/x", "action_type": "webhook"}

RAW = """
import asyncio, json

async def main(queue, args):
    for event in json.load(open(args["file"])):
        await queue.put(event)
    await asyncio.Event().wait()
"""


def test_filter_behind_another_source(tmp_path: Path) -> None:
    """It makes an event of what Tines posts, drops the rest, and the last event ends the rulebook."""
    case = {"id": 1, "name": "{{ 6 * 7 }}"}
    click = {"button": {"id": 5, "label": "Isolate"}, "user": {"id": 3}, "case": case}
    note = {"activity": {"id": 1, "activity_type": "commented"}, "case": case}
    (tmp_path / "raw.py").write_text(RAW)
    (tmp_path / "raw.json").write_text(json.dumps([{"other": 1}, {"payload": click}, {"body": note}]))
    filters = [{"casework.cases.case_event": {"strict": True}}]
    told = {"debug": {"msg": "TOLD {{ event.tines.button.label }} {{ event.tines.name }}."}}
    rulebook = ruleset(
        {"raw": {"file": str(tmp_path / "raw.json")}, "filters": filters}, told, 'event.tines.event == "button"'
    )
    others = {
        "event.other is defined": {"debug": {"msg": "OTHER"}},
        'event.tines.event == "commented"': {"shutdown": None},
    }
    for condition, action in others.items():
        rulebook[0]["rules"].append({"name": condition, "condition": condition, "action": action})
    with Rulebook(tmp_path, rulebook, "-S", str(tmp_path)) as run:
        status, said = run.process.wait(PATIENCE), run.said()
    assert status == 0, said
    assert "TOLD Isolate { { 6 * 7 }}." in said
    assert "OTHER" not in said


def test_click_starts_an_action_and_shutdown_ends_the_source(tmp_path: Path, port: int, simulator: Simulator) -> None:
    """Polling and listening are under way when the rulebook ends, without a word about them."""
    simulator.load({"cases": [{"team_id": 1, "name": "Case"}]})
    shown = call(simulator, "POST", "/api/v2/cases/1/actions", BUTTON)
    connection = {"tenant": simulator.url, "api_key": simulator.api_key, "interval": 5, "activities": ["none"]}
    rulebook = ruleset(listening(port, **connection), {"shutdown": None}, 'event.tines.event == "button"')
    with Rulebook(tmp_path, rulebook) as run:
        button = {"id": shown["id"], "label": "Isolate"}
        post(port, {"button": button, "user": {"id": 3}, "case": {"id": 1, "name": "Case"}})
        status, said = run.process.wait(PATIENCE), run.said()
    assert status == 0, said
    assert not is_open(port)
    assert "Traceback" not in said
    assert "Error" not in said


def told(said: str) -> list[str]:
    return re.findall(r"TOLD (\d+)\.", said)


@pytest.mark.parametrize("with_feedback", [False, True])
def test_kill_in_a_burst_loses_nothing(tmp_path: Path, simulator: Simulator, with_feedback: bool) -> None:
    """Killed twice while 60 comments are told: each is told, and with feedback, what the engine was at comes twice."""
    arguments = ["-S", str(ROOT / "extensions" / "eda" / "plugins" / "event_source")]
    if with_feedback:
        if version() < (1, 3):
            pytest.skip("ansible-rulebook gives feedback since 1.3")
        database = {"drools_db_file_path": f"{tmp_path}/h2;WRITE_DELAY=0", "drools_deduplication_window_size": 100}
        (tmp_path / "variables.yml").write_text(json.dumps(database))
        arguments += ["--persistence-id", "1", "--vars", "variables.yml"]
    options = {
        "tenant": simulator.url,
        "api_key": simulator.api_key,
        "since": "2020-01-01T00:00:00Z",
        "interval": 5,
        "state_file": str(tmp_path / "state.json"),
        "feedback": with_feedback,
    }
    simulator.load({"cases": [{"team_id": 1, "name": "Case"}]})
    for number in range(60):
        call(simulator, "POST", "/api/v2/cases/1/comments", {"value": str(number)})
    rulebook = ruleset({"case_events": options}, {"debug": {"msg": "TOLD {{ event.tines.activity.id }}."}})
    all_told: list[str] = []
    for number, at_least in enumerate((10, 30, 61)):
        with Rulebook(tmp_path, rulebook, *arguments, name=f"log{number}") as run:
            until = time.monotonic() + PATIENCE
            while len({*all_told, *told(run.said())}) < at_least and run.is_alive() and time.monotonic() < until:
                time.sleep(0.05)
            all_told += told(run.kill())
    counts = Counter(all_told)
    assert len(counts) == 61
    if with_feedback:
        assert sum(count - 1 for count in counts.values()) <= 2


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
        ({"tenant": "https://acme.example", "api_key": "key", "feedback": True}, "--persistence-id"),
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


def test_rulebooks_of_the_collection_tell_the_story_of_the_demo() -> None:
    """Both rulebooks and their playbooks: a new case gets its button, and a click on it closes the case."""
    beside = Path(str(PROGRAM)).parent
    path = os.pathsep.join((str(beside), os.environ.get("PATH", os.defpath)))
    run = subprocess.run(
        [str(beside / "ansible-playbook"), "casework.cases.respond_demo"],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PATH": path},
        capture_output=True,
        check=False,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-5000:]
    assert "5. The case is closed." in run.stdout
