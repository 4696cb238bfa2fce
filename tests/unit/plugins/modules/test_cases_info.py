# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `cases_info` over HTTP: what is found, what is read with it, and how many requests that takes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.parts import PARTS
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask


def test_each_part_is_one_listing_a_case(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"count": 3}]}, forget=True)
    result = run("cases_info", {"include": list(PARTS)})
    assert not result.failed, result
    assert all(isinstance(case[part], list) for case in result["cases"] for part in PARTS)
    asked = Counter(request["path"] for request in simulator_task()["requests"])
    assert asked == {
        "/api/v2/cases": 1,
        **{f"/api/v2/cases/{number}/{part}": 1 for number in (1, 2, 3) for part in PARTS},
    }
    assert result["api_requests"] == 31


def test_every_page_of_a_part_is_read(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7}]})
    for number in range(5):
        made = run("case_comment", {"case_id": 7, "value": f"Comment {number}"})
        assert not made.failed, made
    simulator_task(settings={"per_page_cap": 2}, forget=True)
    (case,) = run("cases_info", {"case_ids": [7], "include": ["comments"]})["cases"]
    assert [comment["value"] for comment in case["comments"]] == [f"Comment {number}" for number in range(5)]
    assert simulator_task()["sent"] == "4 GET"


def test_the_timeline_is_narrowed_by_type_and_time(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7}]})
    run("case", {"case_id": 7, "status": "closed"})
    options = {"case_ids": [7], "include": ["activities"]}
    (all_of_it,) = run("cases_info", options)["cases"]
    assert len(all_of_it["activities"]) > 1
    (some,) = run("cases_info", {**options, "activity_types": ["status_updated"]})["cases"]
    assert {entry["activity_type"] for entry in some["activities"]} == {"STATUS_UPDATED"}
    (late,) = run("cases_info", {**options, "activities_since": "2126-01-01"})["cases"]
    assert late["activities"] == []


def test_a_server_that_ignores_the_filter_of_the_timeline_does_not_widen_it(
    run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(
        load={"cases": [{"case_id": 7}]}, faults={"kind": "ignore_field", "fields": ["activity_type"], "times": -1}
    )
    run("case", {"case_id": 7, "status": "closed"})
    options = {"case_ids": [7], "include": ["activities"], "activity_types": ["STATUS_UPDATED"]}
    (case,) = run("cases_info", options)["cases"]
    assert [entry["activity_type"] for entry in case["activities"]] == ["STATUS_UPDATED"]


def test_a_part_that_cannot_be_read_is_named(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(
        load={"cases": [{"count": 2}]},
        faults={"kind": "status", "status": 500, "times": -1, "match": {"path": "2/comments"}},
    )
    result = run("cases_info", {"include": ["comments", "tasks"], "retries": 0})
    assert result.failed
    assert "2 (comments)" in result["msg"]


def test_fields_keep_the_result_small_and_what_is_included_stays(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "name": "Mail"}]})
    (case,) = run("cases_info", {"fields": ["name", "no_such_key"], "include": ["tasks"]})["cases"]
    assert case == {"case_id": 7, "name": "Mail", "tasks": []}


def test_cases_are_found_by_team_name_and_who_they_are_assigned_to(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(
        load={
            "cases": [
                {"case_id": 1, "team_id": 1, "assignee_emails": ["jo@example.com"]},
                {"case_id": 2, "team_id": 2, "assignee_emails": ["jo@example.com"]},
                {"case_id": 3, "team_id": 2, "assignee_emails": []},
                {"case_id": 4, "team_id": 2, "assignee_emails": ["bo@example.com"]},
            ]
        }
    )

    def found(**options: Any) -> list[int]:
        return sorted(case["case_id"] for case in run("cases_info", options)["cases"])

    assert found(team="Team 2", assignees=["JO@example.com"]) == [2]
    assert found(team="Team 2", assignees=["jo@example.com", "unassigned"]) == [2, 3]
    assert found(team="Team 1", team_id=[2]) == [1, 2, 3, 4]
    assert found(case_ids=[1, 2], team="Team 2") == [2]
    assert found(opened_within="1h") == [1, 2, 3, 4]
    result = run("cases_info", {"team": "Nobody"})
    assert "No team has the name 'Nobody'" in result["msg"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"include": ["buttons"]}, "must be one or more of"),
        ({"activity_types": ["COMMENTED"]}, "require activities in include"),
        ({"include": ["activities"], "activities_since": "today"}, "activities_since must be an ISO 8601"),
        ({"opened_within": "1day"}, "not a valid duration"),
        ({"priority": ["high", "urgent"]}, "must be one or more of"),
    ],
)
def test_bad_options_are_refused_before_any_request(
    run: Run, simulator_task: SimulatorTask, options: Any, says: str
) -> None:
    result = run("cases_info", options)
    assert result.failed
    assert says in result["msg"]
    assert simulator_task()["sent"] == ""
