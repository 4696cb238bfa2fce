# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to do the same work: how each is called."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.casework.cases.tests.benchmark.measure import KEY
from ansible_collections.casework.cases.tests.benchmark.tasks import FORMS, TASKS, TENANT, Task, playbook
from ansible_collections.casework.cases.tests.benchmark.work import BUTTONS, DIFFERING, Work

HERE = Path(__file__).resolve().parent
CONCURRENCY = 8

SMALL = 20
"""The most cases that a loop of tasks is measured with; its cost for each case is carried on from there."""

ONE_AT_ONCE = Work(1, "unchanged", 0)
"""The work around which Ansible's own costs are measured: one case that needs nothing, a server that takes no time."""


@dataclass(frozen=True)
class Rival:
    """One way. command: what is run for a piece of work that stands at this URL, given a directory for its files.

    takes: whether it is measured with this work.
    """

    name: str
    title: str
    command: Callable[[Work, str, Path], list[str]]
    takes: Callable[[Work], bool]

    def row(self, work: Work) -> str:
        """The name of what is measured of it with this work, such as `c/100/new/20`."""
        return f"{self.name}/{work.name}"


def _job(work: Work, url: str, scratch: Path) -> Path:
    job = {
        "tenant": url,
        "api_key": KEY,
        "case_ids": work.case_ids,
        "buttons": BUTTONS,
        "concurrency": CONCURRENCY,
    }
    file = scratch / "job.json"
    file.write_text(json.dumps(job), encoding="utf-8")
    return file


def _ansible_playbook(file: Path, work: Work, url: str, scratch: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("ansible-playbook")), str(file), "-e", f"@{_job(work, url, scratch)}"]


def _playbook(name: str) -> Callable[[Work, str, Path], list[str]]:
    def command(work: Work, url: str, scratch: Path) -> list[str]:
        return _ansible_playbook(HERE / "playbooks" / name, work, url, scratch)

    return command


def _made(task: Task | None, form: str | None = None) -> Callable[[Work, str, Path], list[str]]:
    def command(work: Work, url: str, scratch: Path) -> list[str]:
        file = scratch / "playbook.json"
        file.write_text(json.dumps(playbook(task, form)).replace(TENANT, url), encoding="utf-8")
        return _ansible_playbook(file, work, url, scratch)

    return command


def _threads(work: Work, url: str, scratch: Path) -> list[str]:
    return [sys.executable, str(HERE / "threads.py"), str(_job(work, url, scratch))]


def _curl(work: Work, url: str, scratch: Path) -> list[str]:
    """Two calls of curl: every listing, then every writing request, which is known beforehand instead of worked out."""
    cases = f"{url}/api/v2/cases"
    listing = [f"{cases}/{case_id}/actions?per_page=100" for case_id in work.case_ids]
    writing: list[str] = []
    body: Any = {}
    if work.kind == "new":
        writing = [f"{cases}/{case_id}/actions/batch" for case_id in work.case_ids]
        body = {"actions": BUTTONS}
    elif work.kind == "changed":
        # A fresh simulator numbers buttons from 1 on, case by case.
        first = {case_id: (case_id - 1) * len(BUTTONS) + 1 for case_id in work.changed_ids}
        writing = [f"{cases}/{case_id}/actions/{number + DIFFERING}" for case_id, number in first.items()]
        body = BUTTONS[DIFFERING]
    (scratch / "body.json").write_text(json.dumps(body), encoding="utf-8")
    calls = [_curl_call(scratch / "list.curl", listing, [])]
    if writing:
        sending = ["request = PUT", 'header = "Content-Type: application/json"', f'data = "@{scratch / "body.json"}"']
        calls.append(_curl_call(scratch / "write.curl", writing, sending))
    return ["sh", "-c", " && ".join(calls)]


def _curl_call(file: Path, urls: Sequence[str], further: Sequence[str]) -> str:
    lines = [
        *("parallel", f"parallel-max = {CONCURRENCY}", "no-progress-meter", "fail", "retry = 50"),
        f'header = "Authorization: Bearer {KEY}"',
        *further,
    ]
    for url in urls:
        lines += [f'url = "{url}"', 'output = "/dev/null"']
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"curl --config '{file}'"


def _loops(work: Work) -> bool:
    """A loop of tasks takes long: all kinds of work at one latency, new cases alone at the others."""
    return work.cases <= SMALL and work.limit is None and (work.kind == "new" or work.latency == 20)


def _always(work: Work) -> bool:
    return True


def _one_at_once(work: Work) -> bool:
    return work == ONE_AT_ONCE


SEEDING = [
    Rival("a", "loops of `ansible.builtin.uri`", _playbook("uri.yml"), _loops),
    Rival("b", "loop of `case_action`", _playbook("case_action.yml"), _loops),
    Rival("c", "one `case_actions`", _playbook("case_actions.yml"), _always),
    Rival("d", "threads and `requests`, by hand", _threads, _always),
    Rival("e", "`curl`, parallel transfers", _curl, _always),
]
"""Ways to seed buttons."""

TASK_RUNS = [
    Rival("empty", "no task", _made(None), _one_at_once),
    *(Rival(name, task.title, _made(task), _one_at_once) for name, task in TASKS.items()),
    *(
        Rival(f"{name}-{form}", task.title, _made(task, form), _one_at_once)
        for form in FORMS
        for name, task in TASKS.items()
    ),
]
"""Whole runs of a task that changes nothing: once, and many times in each form."""

RIVALS = [*SEEDING, *TASK_RUNS]
