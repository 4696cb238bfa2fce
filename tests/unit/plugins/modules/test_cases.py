# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `cases` over HTTP: many cases in one task, and those that fail alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask

CLOSE: dict[str, Any] = {"status": "closed", "add_tag_names": ["false-alarm"], "metadata": {"by": "cleanup"}}


def test_many_cases_are_changed_in_one_task(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"count": 20, "tag_names": ["scanner"]}]})
    options = {"case_ids": [*range(1, 21), 1], **CLOSE}
    check, real = (run("cases", options, check_mode=mode) for mode in (True, False))
    assert (check.failed, real.failed) == (False, False), real
    assert check["diff"] == real["diff"]
    assert [case["case_id"] for case in real["cases"]] == list(range(1, 21))
    assert all(case["changed"] and not case["failed"] for case in real["cases"])
    shown = real["cases"][0]["case"]
    assert (shown["status"], shown["tag_names"], shown["metadata"]) == (
        "closed",
        ["scanner", "false-alarm"],
        {"by": "cleanup"},
    )
    simulator_task(forget=True)
    again = run("cases", options)
    assert (again.changed, again["diff"]) == (False, [])
    assert simulator_task()["sent"] == "20 GET"


@pytest.mark.parametrize("status", [422, 403])
def test_a_case_that_its_closure_conditions_keep_open_fails_alone(
    run: Run, simulator_task: SimulatorTask, status: int
) -> None:
    conditions = [{"name": "has a report", "formula": "=FALSE"}]
    stuck = [{"case_id": number, "closure_conditions": conditions} for number in (2, 3, 4, 5)]
    simulator_task(load={"cases": [{"case_id": 1}, *stuck, {"case_id": 6}]})
    if status == 403:
        fault = {"kind": "status", "status": 403, "times": -1, "match": {"method": "PUT", "path": "/cases/[2-5]$"}}
        simulator_task(faults=fault)
    result = run("cases", {"case_ids": [1, 2, 3, 4, 5, 6, 99], "status": "closed", "concurrency": 1})
    assert result.failed
    assert [case["failed"] for case in result["cases"]] == [False, True, True, True, True, False, True]
    assert [case["changed"] for case in result["cases"]] == [True, False, False, False, False, True, False]
    assert "conditions are met: has a report" in result["cases"][1]["msg"]
    assert "5 of 7 cases failed" in result["msg"]
    assert [diff["before_header"].split()[1] for diff in result["diff"]] == ["1", "6"]


def test_what_was_done_before_a_case_failed_is_told(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "closure_conditions": [{"name": "x", "formula": "=FALSE"}]}]})
    (case,) = run("cases", {"case_ids": [7], **CLOSE})["cases"]
    assert (case["failed"], case["changed"]) == (True, True)
    assert "Case 7 was changed, but not everything was done" in case["msg"]


def test_names_are_looked_up_once_for_all_cases(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"count": 6, "team_id": 1}, {"case_id": 9, "team_id": 2}]})
    result = run("cases", {"case_ids": [1, 2, 3, 4, 5, 6], "team": "Team 2", "sub_status": "Open", "concurrency": 1})
    assert not result.failed, result
    assert {case["team_id"] for case in simulator_task()["cases"]} == {2}
    assert simulator_task()["sent"] == "8 GET, 6 PUT"


def test_no_case_and_a_case_that_would_be_new_need_no_request(run: Run, simulator_task: SimulatorTask) -> None:
    assert not run("cases", {"case_ids": [], "priority": "high", "team": "Team 1"}).changed
    assert run("cases", {"case_ids": [0], "priority": "high"}, check_mode=True).changed
    assert simulator_task()["sent"] == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"case_ids": [7]}, "one of the following is required"),
        ({"case_ids": [7, 0], "priority": "high"}, "case_ids: 0 is not a case ID"),
        ({"case_ids": [7], "add_tag_names": ["a"], "remove_tag_names": ["a"]}, "'a' is in add_tag_names and in"),
        ({"case_ids": [7], "priority": "urgent"}, "must be one of"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_request(
    run: Run, simulator_task: SimulatorTask, options: Any, says: str
) -> None:
    result = run("cases", options)
    assert result.failed
    assert says in result["msg"]
    assert simulator_task()["sent"] == ""
