# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID of a case, in every module that takes one: 0 stands for a case that will exist, in check mode alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask, assert_failure, module_spec

MODULES = sorted(file.stem for file in (Path(__file__).parents[4] / "plugins" / "modules").glob("*.py"))
PAGE = {"label": "A", "url": "https://acme.tines.com/pages/a", "action_type": "page"}

OTHERS: dict[str, dict[str, Any]] = {
    "case": {"priority": "high"},
    "case_action": PAGE,
    "case_actions": {"actions": [PAGE]},
    "case_actions_info": {},
    "case_comment": {"value": "A"},
    "case_fields": {"field_values": {"1": "A"}},
    "case_file": {"filename": "a.txt", "content": "A"},
    "case_file_fetch": {"filename": "a.txt", "dest": "/nonexistent/a.txt"},
    "case_links": {"linked_case_ids": [9]},
    "case_note": {"title": "A", "content": "A"},
    "case_subscribers": {"emails": ["a@example.com"]},
    "case_tasks": {"tasks": [{"description": "A"}]},
    "cases": {"priority": "high"},
    "cases_info": {},
}
"""What each module needs besides the ID."""


def asked(module: str, case_id: int) -> dict[str, Any]:
    spec = module_spec(module).argument_spec
    return {**OTHERS[module], **({"case_ids": [case_id]} if "case_ids" in spec else {"case_id": case_id})}


def test_every_module_with_the_id_of_a_case_is_here() -> None:
    takes_one = [
        module
        for module in MODULES
        for name, kind in (("case_id", "type"), ("case_ids", "elements"))
        if module_spec(module).argument_spec.get(name, {}).get(kind) == "int"
    ]
    assert takes_one == sorted(OTHERS)


@pytest.mark.parametrize("module", OTHERS)
@pytest.mark.parametrize(("case_id", "check_mode"), [(0, False), (-5, False), (-5, True)])
def test_what_is_no_id_is_refused_before_a_request(
    module: str, case_id: int, check_mode: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    result = run(module, asked(module, case_id), check_mode)
    assert_failure(result, rf"^case_ids?: {case_id} is not a case ID")
    assert case_id or "It is what check mode returns for a case that would be new" in result["msg"]
    assert simulator_task()["requests"] == []


@pytest.mark.parametrize("module", OTHERS)
def test_a_case_that_will_exist_is_predicted_without_a_request(
    module: str, run: Run, simulator_task: SimulatorTask
) -> None:
    result = run(module, asked(module, 0), True)
    assert not result.failed, result
    assert result.changed == (not module.endswith("_info"))
    assert simulator_task()["sent"] == ""


def test_of_a_case_that_will_exist_nothing_is_found_but_its_id(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "tasks": [{"description": "A"}]}]})
    options = {"case_ids": [7, 0], "status": "open", "name": "Case 1", "tags": [], "include": ["tasks", "actions"]}
    found = run("cases_info", options, True)
    assert (found["count"], found["missing"]) == (2, [])
    assert found["cases"][1] == {"case_id": 0, "tasks": [], "actions": []}
    assert [request["path"][:15] for request in simulator_task()["requests"]] == ["/api/v2/cases/7"] * 3
