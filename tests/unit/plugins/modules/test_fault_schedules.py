# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that create, change and remove at once, on any kind of server, while anything goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result

Run = Callable[..., Result]
Simulate = Callable[..., dict[str, Any]]

# For each: the module, what is asked for, and in which options what was asked for before differs from it.
TASKS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a comment by its first line": (
        "case_comment",
        {"case_id": 7, "value": "Job 8\n2 of 2", "match_by": "first_line"},
        {"value": "Job 8\n1 of 2"},
    ),
    "a file": (
        "case_file",
        {"case_id": 7, "filename": "a.txt", "content": "2"},
        {"content": "1"},
    ),
    "a note": ("case_note", {"case_id": 7, "title": "A", "content": "2", "hidden": True}, {"content": "1"}),
    "an exclusive list of tasks": (
        "case_tasks",
        {
            "case_ids": [7, 8],
            "tasks": [{"description": "A", "completed": True}, {"description": "B"}],
            "exclusive": True,
        },
        {"tasks": [{"description": "A"}, {"description": "C"}, {"description": "B", "completed": True}]},
    ),
    "an exclusive list of links": (
        "case_links",
        {"case_ids": [7, 8], "linked_case_ids": [7, 8, 9], "exclusive": True},
        {"linked_case_ids": [10, 9]},
    ),
    "links with one of the cases": (
        "case_links",
        {"case_ids": [7, 8, 9], "linked_case_ids": [7], "exclusive": True},
        {"linked_case_ids": [8, 9, 10]},
    ),
    "an exclusive list of subscribers": (
        "case_subscribers",
        {"case_ids": [7, 8], "emails": ["a@x.example", "b@x.example"], "exclusive": True},
        {"emails": ["c@x.example", "B@x.example"]},
    ),
    "fields": (
        "case_fields",
        {"case_ids": [7, 8, 9], "field_values": {"1": "a", "2": None, "3": ["x", "y"]}},
        {"field_values": {"1": "b", "2": "z"}},
    ),
    "a webhook by its name": (
        "case_webhook",
        {"team_id": 1, "name": "A", "url": "https://x.example/b", "notifications": ["COMMENTED"]},
        {"url": "https://x.example/a"},
    ),
    "a webhook by its URL": (
        "case_webhook",
        {"team_id": 1, "url": "https://x.example/b", "notifications": ["COMMENTED"]},
        {"notifications": ["ALL"]},
    ),
    "a template": (
        "case_template",
        {
            "team_id": 1,
            "name": "A",
            "options": {"name": "New", "priority": "high", "tag_names": ["x"]},
            "actions": [{"label": "B", "url": "https://x.example/b", "action_type": "page"}],
        },
        {"options": {"priority": "low"}, "actions": []},
    ),
    "many cases": (
        "cases",
        {
            "case_ids": [7, 8, 9],
            "priority": "high",
            "add_tag_names": ["x"],
            "metadata": {"a": "1", "b": None},
            "field_values": {"1": "v", "2": None},
            "status": "closed",
        },
        {"metadata": {"b": "2", "a": "3"}, "field_values": {"2": "o"}, "status": "open"},
    ),
}
FAULTS = ("drop_before", "drop_after", "cut_body", "truncated_json", "empty_body", "wrong_shape", "html", "status")
STATUSES = (403, 404, 408, 409, 422, 429, 500, 502, 503, 504)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("task", TASKS)
def test_whatever_goes_wrong_nothing_is_doubled_or_lost(
    task: str, seed: int, run: Run, simulator_task: Simulate
) -> None:
    module, wanted, before = TASKS[task]
    dice = random.Random(f"{task} {seed}")
    simulator_task(
        load={"cases": [{"case_id": 7, "count": 4}]},
        settings={
            "links_on_both_sides": dice.choice([True, False]),
            "string_ids": dice.choice([True, False]),
            "created_status": dice.choice([200, 201]),
            "list_order": dice.choice(["newest_first", "oldest_first"]),
            "template_button_key": dice.choice(["actions", "team_case_buttons"]),
        },
    )
    if dice.random() < 0.7:
        assert not run(module, {**wanted, **before}).failed
    predicted = run(module, wanted, check_mode=True)
    simulator_task(faults=[_fault(dice) for _each in range(dice.randint(1, 5))])
    faulty = run(module, wanted)
    assert faulty.failed or faulty["diff"] == predicted["diff"]
    simulator_task(disarm=True)
    after = run(module, wanted)
    assert not after.failed, after["msg"]
    assert faulty.failed or not after.changed
    assert not run(module, wanted).changed
    assert _twins(simulator_task) == []
    for path in ("v1/case_webhooks", "v1/case_templates"):
        assert len(run("api_info", {"path": path, "paginate": True})["items"]) < 2


def _fault(dice: random.Random) -> dict[str, Any]:
    method = dice.choice(["GET", "POST", "PUT", "DELETE"])
    fault = {"kind": dice.choice(FAULTS), "match": {"method": method}, "times": dice.choice([1, 1, 2])}
    return {**fault, "status": dice.choice(STATUSES)} if fault["kind"] == "status" else fault


def _twins(simulator_task: Simulate) -> list[str]:
    """What a case has twice: two comments with one first line, two notes with one title and so on."""
    keys = {"comments": "value", "notes": "title", "tasks": "description"}
    twins = []
    for case in simulator_task()["cases"]:
        names = [item["file"]["filename"] for item in case.get("files", ())]
        twins += [f"files of case {case['case_id']}: {name}" for name in set(names) if names.count(name) > 1]
        for name, key in keys.items():
            lines = [item[key].split("\n")[0] for item in case[name]]
            twins += [f"{name} of case {case['case_id']}: {line}" for line in set(lines) if lines.count(line) > 1]
    return twins
