# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many hosts, and the keywords of plays and tasks that change who does a task and when: all of it in process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from ansible_collections.casework.cases.tests.unit.in_process import SimulatorTask

from simulator.server import Simulator

HOSTS = 20
INVENTORY = f"""
[near]
near-[1:{HOSTS}] ansible_connection=local
[far]
far-[1:3] ansible_connection=ssh ansible_python_interpreter=/usr/bin/python3.99
"""
PLAYBOOK = """
- name: Free
  hosts: near
  gather_facts: false
  strategy: free
  module_defaults:
    group/casework.cases.tines:
      api_key: "{{ key }}"
  tasks:
    - casework.cases.case_action: &button
        case_id: "{{ case }}"
        label: Isolate
        url: https://acme.tines.com/pages/isolate
        action_type: page
      vars: &case
        case: "{{ inventory_hostname.split('-')[1] }}"
      register: made
    - ansible.builtin.assert:
        that: made is changed
- name: Serial
  hosts: near
  gather_facts: false
  serial: 7
  module_defaults:
    casework.cases.case_action:
      api_key: "{{ key }}"
  tasks:
    - casework.cases.case_action:
      args: *button
      vars: *case
      check_mode: true
      no_log: true
      throttle: 2
      timeout: 60
      register: again
    - ansible.builtin.assert:
        that: again is not changed
- name: Elsewhere
  hosts: far
  gather_facts: false
  environment: {}
  tasks:
    - casework.cases.case_actions_info:
        case_ids: [1, 2]
        api_key: "{{ key }}"
      delegate_to: localhost
      run_once: true
      register: all_hosts
      until: all_hosts.actions | length == 2
      retries: 1
      delay: 0
    - casework.cases.case_actions_info:
        case_ids: [4040]
        api_key: "{{ key }}"
      delegate_to: localhost
      ignore_errors: true
      when: inventory_hostname == 'far-3'
      register: unknown
    - ansible.builtin.assert:
        that:
          - all_hosts.actions | length == 2
          - inventory_hostname != 'far-3' or unknown.status == 404
      delegate_to: localhost
"""


def test_keywords_of_plays_and_tasks_work_in_process(
    simulator: Simulator, simulator_task: SimulatorTask, tmp_path: Path
) -> None:
    simulator_task(load={"cases": [{"case_id": number} for number in range(1, HOSTS + 1)]})
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "hosts").write_text(INVENTORY, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ansible", "playbook", "-vvv", "--forks", str(HOSTS)),
            *("-i", str(tmp_path / "hosts"), "-e", f"key={simulator.api_key}", str(tmp_path / "play.yml")),
        ],
        env={**os.environ, "TINES_TENANT": simulator.url},
        capture_output=True,
        check=False,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert Counter(re.findall(r"casework\.cases\.(\w+): (in process|as a module)", done.stdout)) == {
        ("case_action", "in process"): 2 * HOSTS,
        ("case_actions_info", "in process"): 2,
    }
    assert Counter(request["method"] for request in simulator_task()["requests"]) == {
        "GET": 2 * HOSTS + 2 + 1,
        "POST": HOSTS,
    }
