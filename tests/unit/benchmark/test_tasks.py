# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of which the benchmark measures single tasks."""

from __future__ import annotations

from typing import Any

from ansible_collections.casework.cases.tests.benchmark.tasks import FURTHER, TASKS, Task, playbook

DEBUG = TASKS["debug"]


def play_of(task: Task | None, form: str | None = None) -> dict[str, Any]:
    (play,) = playbook(task, form)
    return play


def test_empty_playbook_has_no_task() -> None:
    assert play_of(None)["tasks"] == []


def test_playbook_has_the_task_once() -> None:
    (task,) = play_of(DEBUG)["tasks"]
    assert task["ansible.builtin.debug"] == DEBUG.options
    assert "loop" not in task


def test_further_tasks_are_counted_beside_the_first() -> None:
    assert len(play_of(DEBUG, "tasks")["tasks"]) == 1 + FURTHER


def test_further_items_are_counted_beside_the_first() -> None:
    (task,) = play_of(DEBUG, "items")["tasks"]
    assert len(task["loop"]) == 1 + FURTHER


def test_same_task_is_measured_in_process_and_as_a_module() -> None:
    for name in ("case_action", "case_actions"):
        inside, module = play_of(TASKS[name]), play_of(TASKS[f"{name}-module"])
        assert module["tasks"] == inside["tasks"]
        assert module["vars"] == {"casework_cases_in_process": False}
        assert inside["vars"] == {}
