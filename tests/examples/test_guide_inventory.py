# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on plays over cases, followed to the letter: its inventories and its playbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.casework.cases.tests.examples import guides

from simulator.server import Simulator

BLOCKS = guides.blocks((guides.GUIDES / "guide_inventory.rst").read_text(encoding="utf-8"))
FILES = {block.file: block.text for block in BLOCKS if block.file}
LOOK, TRIAGE, ISOLATE = [block.text for block in BLOCKS if block.kind == "shell"]
(GRAPH,) = [block.text for block in BLOCKS if block.kind == "text"]

COMMENT = "{} was isolated by a playbook."
CASES = [
    {"case_id": 101, "priority": "CRITICAL", "tag_names": ["malware"], "assignee_emails": []},
    {"case_id": 102, "priority": "CRITICAL", "tag_names": ["malware"], "created_at": "2026-01-01T00:00:00Z"},
    {"case_id": 103, "priority": "LOW", "tag_names": ["isolate"], "metadata": {"host": ["ws-0815", "db01"]}},
    {"case_id": 104, "priority": "LOW", "tag_names": ["isolate"], "metadata": {"host": "ws-0815"}},
    {"case_id": 105, "priority": "LOW", "metadata": {"host": "ws-0816"}},
]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(data={"cases": CASES}) as running:
        yield running


def run(command: str, place: Path, simulator: Simulator) -> str:
    """Run a command of the guide in the directory as the guide has it written. Returns what it printed."""
    for name, text in FILES.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    variables = {
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        "TINES_TENANT": simulator.url,
        "TINES_API_KEY": simulator.api_key,
    }
    return guides.run(command, place, variables)


def changed(printed: str) -> dict[str, int]:
    """How many tasks changed something, by host."""
    return {host: int(count) for host, count in re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+)", printed, re.MULTILINE)}


def comments(simulator: Simulator) -> dict[int, list[str]]:
    cases = simulator.store.cases.items()
    return {number: [comment["value"] for comment in case.kept("comments").values()] for number, case in cases}


def test_the_graph_is_the_one_shown(simulator: Simulator, tmp_path: Path) -> None:
    assert sorted(run(LOOK, tmp_path, simulator).splitlines()) == sorted(GRAPH.splitlines())


@pytest.mark.parametrize(
    ("command", "first", "said"),
    [
        (TRIAGE, {"case-101": 3, "case-102": 2}, {101: ["Triaged by a playbook."], 102: ["Triaged by a playbook."]}),
        (ISOLATE, {"ws-0815": 1}, {103: [COMMENT.format("ws-0815")], 104: [COMMENT.format("ws-0815")]}),
    ],
    ids=["triage", "isolate"],
)
def test_playbook_does_what_check_mode_says_once(
    simulator: Simulator, tmp_path: Path, command: str, first: dict[str, int], said: dict[int, list[str]]
) -> None:
    assert changed(run(f"{command.strip()} --check", tmp_path, simulator)) == first
    assert not any(comments(simulator).values())
    assert changed(run(command, tmp_path, simulator)) == first
    assert {number: texts for number, texts in comments(simulator).items() if texts} == said
    assert changed(run(command, tmp_path, simulator)) == dict.fromkeys(first, 0)
