# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that do a small thing once, in many tasks or in a loop: what Ansible itself takes for a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.casework.cases.tests.benchmark.measure import KEY
from ansible_collections.casework.cases.tests.benchmark.work import BUTTONS

FURTHER = 20
"""How many more tasks or loop items there are in the playbooks with many: their cost is spread over so many."""

FORMS = ("tasks", "items")
"""What there can be many of."""

MODULE = "-module"
"""The end of the name of a task of this collection that is run as a module."""

TENANT = "https://tenant.example"
"""What stands for the address of the simulator. No task has a template: to compile one would be measured too."""

CONNECTION = {"tenant": TENANT, "api_key": KEY}
LISTING = {
    "url": f"{TENANT}/api/v2/cases/1/actions?per_page=100",
    "headers": {"Authorization": f"Bearer {KEY}"},
}


@dataclass(frozen=True)
class Task:
    """A task, by the title that the tables have for it. in_process: whether it may run in Ansible's worker."""

    title: str
    action: str
    options: dict[str, Any]
    in_process: bool = True


CASE_ACTION = Task(
    "`case_action`, in process",
    "casework.cases.case_action",
    {**CONNECTION, "case_id": 1, **BUTTONS[0]},
)
CASE_ACTIONS = Task(
    "`case_actions`, in process",
    "casework.cases.case_actions",
    {**CONNECTION, "case_ids": [1], "actions": BUTTONS},
)

TASKS = {
    "debug": Task("`ansible.builtin.debug`", "ansible.builtin.debug", {"msg": TENANT}),
    "ping": Task("`ansible.builtin.ping`", "ansible.builtin.ping", {}),
    "uri": Task("`ansible.builtin.uri`, one GET", "ansible.builtin.uri", LISTING),
    "case_action": CASE_ACTION,
    "case_actions": CASE_ACTIONS,
    f"case_action{MODULE}": Task("`case_action`, as a module", CASE_ACTION.action, CASE_ACTION.options, False),
    f"case_actions{MODULE}": Task("`case_actions`, as a module", CASE_ACTIONS.action, CASE_ACTIONS.options, False),
}
"""The tasks that are measured. None changes anything: the case that there is has all buttons already."""


def playbook(task: Task | None, form: str | None = None) -> list[dict[str, Any]]:
    """A playbook with this task once, or 1 + `FURTHER` times in this form, as JSON, which is YAML. None: no task."""
    tasks: list[dict[str, Any]] = []
    if task:
        once: dict[str, Any] = {"name": "Do it", task.action: task.options}
        if form == "items":
            once["loop"] = list(range(1 + FURTHER))
        tasks = [once] * (1 + FURTHER if form == "tasks" else 1)
    variables = {} if task is None or task.in_process else {"casework_cases_in_process": False}
    return [{"name": "Measure", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]
