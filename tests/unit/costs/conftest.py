# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator, which counts, and the payload that Ansible makes of a module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.server import Simulator

BUTTONS = [
    {"label": f"Button {number}", "url": f"https://acme.tines.com/pages/{number}", "action_type": "page"}
    for number in range(5)
]
FEW, MANY = 1, 20
CONCURRENCY = 4


class Tenant:
    """What `case_actions` works on: cases of the simulator, from number 1 on."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def has(self, cases: int, actions: list[dict[str, Any]]) -> None:
        """Forget everything and have so many cases, each with these buttons."""
        self.simulator.reset()
        # Long enough for every worker to have a request under way, so that all connections are opened.
        self.simulator.settings.change({"latency_ms": 5})
        self.simulator.load({"cases": [{"count": cases, "actions": actions}]})

    def counted(self) -> list[str]:
        """The requests since the last time, each as its method and the end of its path."""
        seen = [f"{entry['method']} {entry['path'].rpartition('/')[2]}" for entry in self.simulator.requests]
        self.simulator.forget_requests()
        return seen


@pytest.fixture
def tenant(simulator: Simulator) -> Tenant:
    return Tenant(simulator)


@pytest.fixture(scope="session")
def payload(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The program that Ansible sends and runs for one task with so many cases, arguments included."""
    made: dict[int, Path] = {}

    def make(cases: int) -> Path:
        if cases not in made:
            remote = tmp_path_factory.mktemp("remote")
            arguments = {
                "tenant": simulator.url,
                "api_key": simulator.api_key,
                "case_ids": list(range(1, cases + 1)),
                "actions": BUTTONS,
                "concurrency": CONCURRENCY,
            }
            subprocess.run(
                [
                    *(sys.executable, "-m", "ansible", "adhoc", "localhost"),
                    *("-m", "casework.cases.case_actions", "-a", json.dumps(arguments)),
                ],
                env={**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "true", "ANSIBLE_REMOTE_TMP": str(remote)},
                capture_output=True,
                check=False,  # whether the task does its work is not the question here
            )
            (made[cases],) = remote.glob("*/AnsiballZ_case_actions.py")
        return made[cases]

    return make
