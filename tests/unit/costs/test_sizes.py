# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much a run leaves behind: a controller keeps every result of every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.casework.cases.tests.unit.costs.conftest import BUTTONS, Tenant
from ansible_collections.casework.cases.tests.unit.in_process import Run

CASES = 300
BYTES = 1700
"""What a case with five buttons may take in the results of a run, all tasks together, besides 2,000 in all."""

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: casework.cases.case_buttons
"""


def test_role_shows_each_case_once(tenant: Tenant, tmp_path: Path) -> None:
    tenant.has(CASES, BUTTONS)
    tenant.simulator.settings.change({"latency_ms": 0})
    playbook, variables = tmp_path / "seed.yml", tmp_path / "buttons.json"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    given = {"case_buttons_actions": BUTTONS, "ansible_python_interpreter": sys.executable}
    variables.write_text(json.dumps(given), encoding="utf-8")
    connection = {"TINES_TENANT": tenant.simulator.url, "TINES_API_KEY": tenant.simulator.api_key}
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", str(playbook), "-v", "-e", f"@{variables}"],
        env={**os.environ, **connection},
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert f"Cases: 0 seeded, {CASES} unchanged, 0 failed" in done.stdout
    assert done.stdout.count(f'"label": "{BUTTONS[3]["label"]}"') == CASES
    assert len(done.stdout) < BYTES * CASES + 2000


def test_diff_of_many_cases_that_change_alike_adds_little(run: Run, tenant: Tenant) -> None:
    tenant.has(CASES, [])
    options = {"case_ids": list(range(1, CASES + 1)), "actions": BUTTONS}
    result = run("case_actions", options, check_mode=True)
    assert len(result["cases"]) == CASES
    assert len(json.dumps(result["diff"])) < 10 * CASES
    assert len(json.dumps(result)) < BYTES * CASES
