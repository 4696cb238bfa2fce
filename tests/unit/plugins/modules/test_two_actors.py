# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody else changes a case between a task's look at it and its first change.

The APIs have no conditional write, so the other's change can't be seen before. What must hold: nothing is sent twice,
what is theirs is left unless it is what the task is about, the result says what the server has, and a second run puts
right whatever a second run can.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask

from simulator.messages import Request, Response
from simulator.server import Simulator

CASE = "/api/v2/cases/7"


def page(label: str, **more: Any) -> dict[str, Any]:
    return {"label": label, "url": f"https://acme.tines.com/pages/{label.lower()}", "action_type": "page", **more}


@dataclass(frozen=True)
class Meanwhile:
    """What a task is for, and what somebody else does meanwhile.

    before: what case 7 has of these things. theirs: method, path below the case, and body. sent: what the task sends,
    the first listing left out. left: what the case has afterwards, as `name: text`. says: a part of the message,
    if the task fails. again: what a second run does: "nothing", "changed", or a part of the message that it fails with.
    """

    what: str
    module: str
    before: dict[str, Any]
    options: dict[str, Any]
    theirs: tuple[Any, ...]
    sent: list[str]
    left: list[str]
    says: str = ""
    again: str = "nothing"
    lists: dict[str, list[str]] = field(default_factory=dict)


A, B, C = map(page, "ABC")
BUTTON = {"actions": [A]}
TASK = {"tasks": [{"description": "A"}]}
NOTE = {"notes": [{"title": "A", "content": "1"}]}
GO = {**A, "action_text": "Go"}
TWO = "2 buttons with the label 'B' (ids 2, 3)"

ROWS = [
    Meanwhile(
        "adds the same button",
        "case_actions",
        BUTTON,
        {"actions": [B]},
        ("POST", "/actions", B),
        ["POST"],
        ["A: Run", "B: Run", "B: Run"],
        again=TWO,
        lists={"created": ["B"]},
    ),
    Meanwhile(
        "adds the same button to a case without buttons",
        "case_actions",
        {},
        {"actions": [B]},
        ("POST", "/actions", B),
        ["PUT"],
        ["B: Run"],
        lists={"created": ["B"]},
    ),
    Meanwhile(
        "adds another button to a case without buttons",
        "case_actions",
        {},
        {"actions": [B], "batch": False},
        ("POST", "/actions", C),
        ["POST"],
        ["C: Run", "B: Run"],
        lists={"created": ["B"]},
    ),
    Meanwhile(
        "adds a button that exclusive does not list",
        "case_actions",
        BUTTON,
        {"actions": [B], "exclusive": True},
        ("POST", "/actions", C),
        ["PUT"],
        ["B: Run"],
        lists={"created": ["B"], "deleted": ["A"]},
    ),
    Meanwhile(
        "removes another button",
        "case_actions",
        BUTTON,
        {"actions": [B]},
        ("DELETE", "/actions/1", None),
        ["POST"],
        ["B: Run"],
        lists={"created": ["B"]},
    ),
    Meanwhile(
        "removes the button that is to be changed",
        "case_actions",
        BUTTON,
        {"actions": [GO]},
        ("DELETE", "/actions/1", None),
        ["PUT"],
        [],
        says="404 Not Found",
        again="changed",
        lists={"updated": []},
    ),
    Meanwhile(
        "makes the same change",
        "case_actions",
        BUTTON,
        {"actions": [GO]},
        ("PUT", "/actions/1", GO),
        ["PUT"],
        ["A: Go"],
        lists={"updated": ["A"]},
    ),
    Meanwhile(
        "changes what nobody asked about",
        "case_actions",
        BUTTON,
        {"actions": [{"label": "A", "action_text": "Go"}]},
        ("PUT", "/actions/1", page("A", url="https://x.example/")),
        ["PUT"],
        ["A: Go"],
        lists={"updated": ["A"]},
    ),
    Meanwhile(
        "changes what was as asked",
        "case_actions",
        BUTTON,
        {"actions": [GO]},
        ("PUT", "/actions/1", page("A", url="https://x.example/")),
        ["PUT"],
        ["A: Go"],
        says="url is 'https://x.example/' instead of",
        again="changed",
        lists={"updated": ["A"]},
    ),
    Meanwhile(
        "renames the button that is to be changed",
        "case_actions",
        BUTTON,
        {"actions": [GO]},
        ("PUT", "/actions/1", page("Z")),
        ["PUT"],
        ["Z: Go"],
        says="label is 'Z' instead of 'A'",
        again="changed",
        lists={"updated": ["A"]},
    ),
    Meanwhile(
        "removes the button that is to be removed",
        "case_actions",
        BUTTON,
        {"actions": [A], "state": "absent"},
        ("DELETE", "/actions/1", None),
        ["DELETE", "GET"],
        [],
        lists={"deleted": ["A"]},
    ),
    Meanwhile(
        "puts a new button in the place of the removed",
        "case_actions",
        BUTTON,
        {"actions": [A], "state": "absent"},
        ("POST", "/actions", A),
        ["DELETE"],
        ["A: Run"],
        again="changed",
        lists={"deleted": ["A"]},
    ),
    Meanwhile(
        "deletes the case",
        "case_actions",
        BUTTON,
        {"actions": [B]},
        ("DELETE", "", None),
        ["POST"],
        [],
        says="404 Not Found",
        again="Case 7 was not found",
        lists={"created": []},
    ),
    Meanwhile(
        "adds the same task",
        "case_tasks",
        TASK,
        {"tasks": [{"description": "B"}]},
        ("POST", "/tasks", {"description": "B"}),
        ["POST"],
        ["A: False", "B: False", "B: False"],
        again="2 tasks with the description 'B' (IDs 2, 3)",
        lists={"created": ["B"]},
    ),
    Meanwhile(
        "removes the task that is to be ticked off",
        "case_tasks",
        TASK,
        {"tasks": [{"description": "A", "completed": True}]},
        ("DELETE", "/tasks/1", None),
        ["PUT"],
        [],
        says="404 Not Found",
        again="changed",
        lists={"updated": []},
    ),
    Meanwhile(
        "ticks the same task off",
        "case_tasks",
        TASK,
        {"tasks": [{"description": "A", "completed": True}]},
        ("PUT", "/tasks/1", {"completed": True}),
        ["PUT"],
        ["A: True"],
        lists={"updated": ["A"]},
    ),
    Meanwhile(
        "removes the task that is to be removed",
        "case_tasks",
        TASK,
        {"tasks": [{"description": "A"}], "state": "absent"},
        ("DELETE", "/tasks/1", None),
        ["DELETE", "GET"],
        [],
        lists={"deleted": ["A"]},
    ),
    Meanwhile(
        "adds the same note",
        "case_note",
        NOTE,
        {"title": "B", "content": "2"},
        ("POST", "/notes", {"title": "B", "content": "2"}),
        ["POST"],
        ["A: 1", "B: 2", "B: 2"],
        again="2 notes with the title 'B' (IDs 2, 3)",
    ),
    Meanwhile(
        "removes the note that is to be changed",
        "case_note",
        NOTE,
        {"title": "A", "content": "2"},
        ("DELETE", "/notes/1", None),
        ["PUT"],
        [],
        says="404 Not Found",
        again="changed",
    ),
    Meanwhile(
        "renames the note that is to be changed",
        "case_note",
        NOTE,
        {"title": "A", "content": "2"},
        ("PUT", "/notes/1", {"title": "Z"}),
        ["PUT", "GET"],
        ["Z: 2"],
        says="does not list it",
        again="changed",
    ),
    Meanwhile(
        "adds the same comment",
        "case_comment",
        {},
        {"value": "B"},
        ("POST", "/comments", {"value": "B"}),
        ["POST"],
        ["B", "B"],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.module}: {row.what}")
def test_somebody_else_changes_the_case_meanwhile(
    row: Meanwhile, run: Run, simulator_task: SimulatorTask, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator_task(load={"cases": [{"case_id": 7, **row.before}]})
    with monkeypatch.context() as patched:
        patched.setattr(simulator, "serve", _Between(simulator, *row.theirs))
        result = run(row.module, _options(row))
    requests = [each["method"] for each in simulator.requests]
    assert result.failed == bool(row.says), result.get("msg")
    assert row.says in result.get("msg", "")
    assert requests == ["GET", row.theirs[0], *row.sent]
    assert _things(simulator_task()["cases"]) == row.left
    done = result["cases"][0] if "cases" in result else {}
    assert {name: done[name] for name in row.lists} == row.lists
    again = run(row.module, _options(row))
    assert row.again in again.get("msg", "changed" if again.changed else "nothing")


def _options(row: Meanwhile) -> dict[str, Any]:
    return {"case_id": 7 if row.module in ("case_note", "case_comment") else [7], **row.options}


def _things(cases: list[dict[str, Any]]) -> list[str]:
    """What the cases have, in words."""
    return [
        *(f"{button['label']}: {button['action_text']}" for case in cases for button in case["actions"]),
        *(f"{task['description']}: {task['completed']}" for case in cases for task in case["tasks"]),
        *(f"{note['title']}: {note['content']}" for case in cases for note in case["notes"]),
        *(comment["value"] for case in cases for comment in case["comments"]),
    ]


class _Between:
    """Lets somebody else send a request before the first one of the task that writes."""

    def __init__(self, simulator: Simulator, method: str, path: str, body: Any) -> None:
        headers = Message()
        headers["Content-Type"] = "application/json"
        headers["Authorization"] = f"Bearer {simulator.api_key}"
        content = b"" if body is None else json.dumps(body).encode()
        self._theirs: Request | None = Request(method, CASE + path, headers, content, simulator.url)
        self._serve = simulator.serve

    def __call__(self, request: Request, connection: int) -> tuple[Response | None, bool]:
        if self._theirs and request.method != "GET":
            answer, _cut = self._serve(self._theirs, 0)
            self._theirs = None
            assert answer
            assert answer.status < 300
        return self._serve(request, connection)
