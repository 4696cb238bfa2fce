# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `cases_info`: what it refuses, and how a failure while reading is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Run,
    SimulatorTask,
    assert_failure,
)

BAD_INPUT = [
    BadInput(
        "no such priority",
        options={"priority": ["high", "urgent"]},
        says="^value of priority must be one or more of: critical, high, medium, low, info. Got no match for: urgent",
    ),
    BadInput(
        "no such status", options={"status": "done"}, says="^value of status must be one of: open, closed, got: done"
    ),
    BadInput("no timestamp", options={"opened_after": "yesterday"}, says="^opened_after must be an ISO 8601 timestamp"),
    BadInput(
        "no timestamp either",
        options={"opened_before": "2026-13-01"},
        says="^opened_before must be an ISO 8601 timestamp",
    ),
    BadInput("less than none", options={"limit": -1}, says="^limit must be 0 or more"),
    BadInput("no case number", options={"case_ids": [1, 0]}, says="^case_ids: 0 is not a case ID"),
    BadInput("no such order", options={"order": "NEWEST"}, says="order.*OPENED_DESC"),
]


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
def test_bad_input_is_refused_before_a_request(row: BadInput, run: Run, simulator_task: SimulatorTask) -> None:
    result = run("cases_info", row.options)
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


@dataclass(frozen=True)
class Failure:
    """A fault that ends a task, in a tenant of five cases with two on a page. requests: how many are sent."""

    what: str
    says: str
    status: int
    options: dict[str, Any] = field(default_factory=dict)
    faults: Any = None
    requests: int | None = None


FAILURES = [
    Failure(
        "a key that is refused",
        faults={"kind": "status", "status": 401, "times": -1},
        says="401.*TINES_API_KEY",
        status=401,
    ),
    Failure(
        "a key that is refused for one of many",
        options={"case_ids": [1, 2, 3, 4, 5]},
        faults={"kind": "status", "status": 401, "times": -1},
        says="5 of 5 cases failed.*TINES_API_KEY",
        status=401,
    ),
    Failure(
        "a case that may not be read",
        options={"case_ids": [1, 2, 3]},
        faults={"kind": "status", "status": 403, "match": {"path": "/2$"}},
        says="1 of 3 cases failed. 2: .*403",
        status=403,
    ),
    Failure(
        "pages without end", faults={"kind": "endless_paging", "times": -1}, says="never ends", status=200, requests=2
    ),
    Failure(
        "a page that does not advance",
        faults={"kind": "stuck_paging", "times": -1},
        says="never ends",
        status=200,
        requests=1,
    ),
    Failure(
        "a second page that fails",
        faults=[
            {"kind": "wrong_shape", "json": {"cases": [{"case_id": 1}], "meta": {"next_page_number": 2}}},
            {"kind": "status", "status": 500},
        ],
        says="GET /api/v2/cases .*500",
        status=500,
        requests=2,
    ),
    Failure(
        "a filter that the server does not know", options={"filters": {"colour": "red"}}, says="422.*colour", status=422
    ),
    Failure("no list of cases", faults={"kind": "wrong_shape"}, says="another shape", status=200),
    Failure(
        "a list of no cases",
        faults={"kind": "wrong_shape", "json": {"cases": [{"id": 7}]}},
        says="another shape",
        status=200,
    ),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.what)
def test_failure_while_reading_is_told(row: Failure, run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(settings={"per_page_cap": 2}, load={"cases": [{"case_id": 1, "count": 5}]}, faults=row.faults)
    result = run("cases_info", {"retries": 0, **row.options})
    assert_failure(result, row.says, simulator_task())
    assert result["status"] == row.status
    assert row.requests in (None, result["api_requests"])


@pytest.mark.parametrize(
    ("options", "count", "truncated"),
    [({}, 5, False), ({"limit": 0}, 5, False), ({"limit": 4}, 4, True), ({"limit": 5}, 5, False)],
)
@pytest.mark.parametrize("by_id", [False, True], ids=["searched", "by_id"])
def test_truncated_says_that_there_are_more(
    options: dict[str, Any], count: int, truncated: bool, by_id: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(load={"cases": [{"case_id": 1, "count": 5}]})
    result = run("cases_info", {**options, **({"case_ids": [1, 2, 3, 4, 5]} if by_id else {})})
    assert not result.failed, result
    assert (result["count"], len(result["cases"]), result["truncated"]) == (count, count, truncated)
