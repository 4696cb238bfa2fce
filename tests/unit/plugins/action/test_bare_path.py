# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible in a virtual environment that is not activated: what a module finds is the Python of the system."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import SimulatorTask

from simulator.server import Simulator

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - casework.cases.case_action:
        case_id: 1
        label: Isolate
        url: https://acme.tines.com/pages/isolate
        action_type: page
"""

Playbook = Callable[..., str]


@pytest.fixture
def play(simulator: Simulator, simulator_task: SimulatorTask, tmp_path: Path) -> Playbook:
    """Runs the playbook with localhost in the inventory and nothing of a virtual environment in PATH."""
    simulator_task(load={"cases": [{"case_id": 1}]})
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")

    def run(in_process: bool, variables: str = "") -> str:
        inventory = tmp_path / "hosts"
        inventory.write_text(f"localhost ansible_connection=local {variables}\n", encoding="utf-8")
        environment = {
            "PATH": "/usr/bin:/bin",
            "TINES_TENANT": simulator.url,
            "TINES_API_KEY": simulator.api_key,
            "CASEWORK_CASES_IN_PROCESS": str(int(in_process)),
        }
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory), str(tmp_path / "play.yml")],
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
            text=True,
            timeout=100,
        )
        return done.stdout + done.stderr

    return run


def test_task_works_whatever_python_is_found(play: Playbook) -> None:
    assert "changed=1" in play(in_process=True)


def test_module_on_the_python_of_ansible_works(play: Playbook) -> None:
    assert "changed=1" in play(in_process=False, variables='ansible_python_interpreter="{{ ansible_playbook_python }}"')


def test_module_on_a_python_without_requests_says_how_to_install_it(play: Playbook, tmp_path: Path) -> None:
    bare = tmp_path / "python3"
    bare.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    said = play(in_process=False, variables=f"ansible_python_interpreter={bare}")
    assert "failed=1" in said
    assert "Failed to import the required Python library (requests)" in said
    assert " -m pip install requests" in said
    assert "ansible_python_interpreter" in said
