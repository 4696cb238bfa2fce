# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The case listing: filters, orders, pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

CASES = [
    {
        "name": "Phishing mail",
        "priority": "high",
        "tag_names": ["mail", "phishing"],
        "metadata": {"ticket": "T-1", "round": 1},
        "assignee_emails": ["a@example.com"],
        "created_at": "2026-01-01T10:00:00Z",
        "record_ids": [7],
    },
    {
        "name": "Malware",
        "team_id": 2,
        "description": "came by Mail",
        "priority": "info",
        "tag_names": ["malware"],
        "assignee_emails": ["a@example.com", "b@example.com"],
        "created_at": "2026-01-02T10:00:00Z",
        "status": "closed",
        "resolved_at": "2026-01-05T00:00:00Z",
    },
    {
        "name": "Lost phone",
        "priority": "critical",
        "assignee_emails": [],
        "author_email": "b@example.com",
        "sub_status_id": 9,
        "created_at": "2026-01-03T10:00:00Z",
        "opened_at": "2025-12-31T23:00:00Z",
    },
    {"name": "Mine", "tag_names": ["mail"], "created_at": "2026-01-04T10:00:00Z"},
]


@pytest.fixture
def loaded(call: Any) -> Any:
    call.load(cases=CASES)
    return call


def numbers(call: Any, query: str, path: str = "/api/v2/cases") -> list[int]:
    reply = call("GET", f"{path}?{quote(query, safe='=&')}")
    assert reply.status == 200, reply.text
    return [case["case_id"] for case in reply.json["cases"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("team_id=2", [2]),
        ("filters[status]=OPEN", [4, 3, 1]),
        ("filters[status]=closed", [2]),
        ("filters[priority]=HIGH", [1]),
        ("filters[priority][]=high&filters[priority][]=INFO", [2, 1]),
        ("filters[tags][]=phishing&filters[tags][]=malware", [2, 1]),
        ("filters[tags]=mail", [4, 1]),
        ("filters[and_tags][]=mail&filters[and_tags][]=phishing", [1]),
        ("filters[or_tags][]=malware", [2]),
        ("filters[exclude_tags][]=mail", [3, 2]),
        ("filters[case_ids][]=3&filters[case_ids][]=1&filters[case_ids][]=99", [3, 1]),
        ("filters[metadata][ticket]=T-1&filters[metadata][round]=1", [1]),
        ("filters[metadata][ticket]=T-1&filters[metadata][round]=2", []),
        ("filters[search]=mail", [2, 1]),
        ("filters[search]=3", [3]),
        ("filters[assignees][]=b@example.com", [2]),
        ("filters[assignees][]=unassigned", [3]),
        ("filters[unassigned]=true", [3]),
        ("filters[assigned_to_me]=true", [4]),
        ("filters[assigned_to_me]=false", [3, 2, 1]),
        ("filters[and_assignees][]=a@example.com&filters[and_assignees][]=b@example.com", [2]),
        ("filters[exclude_assignees][]=a@example.com", [4, 3]),
        ("filters[authors][]=b@example.com", [3]),
        ("filters[exclude_authors][]=b@example.com", [4, 2, 1]),
        ("filters[sub_status_names][]=Closed", [2]),
        ("filters[records][]=7", [1]),
        ("filters[start_date]=2026-01-02T10:00:00Z", [4, 2]),
        ("filters[end_date]=2026-01-01", [3, 1]),
        ("filters[start_date]=2026-01-01T12:00:00+02:00&filters[end_date]=2026-01-02T09:00:00Z", [1]),
        ("filters[resolved_at_start_date]=2026-01-01", [2]),
        ("filters[resolved_at_end_date]=2026-12-31", [2]),
        ("filters[status]=OPEN&filters[tags][]=mail&filters[priority]=high", [1]),
        ("order=CREATED_ASC", [1, 2, 3, 4]),
        ("order=OPENED_ASC", [3, 1, 2, 4]),
        ("order=OPENED_DESC", [4, 2, 1, 3]),
        ("order=PRIORITY_ASC", [2, 4, 1, 3]),
        ("order=PRIORITY_DESC", [3, 1, 4, 2]),
        ("per_page=3", [4, 3, 2]),
        ("per_page=3&page=2", [1]),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v2/cases"])
def test_filters(loaded: Any, path: str, query: str, expected: list[int]) -> None:
    assert numbers(loaded, query, path) == expected


def test_order_by_edit(loaded: Any) -> None:
    loaded("PUT", "/api/v2/cases/2", {"name": "Edited"})
    assert numbers(loaded, "order=RECENTLY_EDITED") == [2, 4, 3, 1]
    assert numbers(loaded, "order=LEAST_RECENTLY_EDITED") == [1, 3, 4, 2]


def test_a_body_of_a_get_counts(loaded: Any) -> None:
    reply = loaded("GET", "/api/v2/cases", {"filters": {"tags": ["mail"], "case_ids": [1]}, "per_page": 5})
    assert [case["case_id"] for case in reply.json["cases"]] == [1]
    assert reply.json["meta"]["per_page"] == 5


@pytest.mark.parametrize(
    "query",
    [
        "filters[state]=OPEN",
        "filters[status]=NEW",
        "filters[priority]=urgent",
        "filters[start_date]=soon",
        "filters[case_ids][]=x",
        "filters=1",
        "order=NEWEST",
        "state=OPEN",
    ],
)
def test_unknown_filters_are_refused(loaded: Any, query: str) -> None:
    assert loaded("GET", f"/api/v2/cases?{query}").status == 422


def test_a_parameter_in_two_ways_is_refused(loaded: Any) -> None:
    assert loaded("GET", "/api/v2/cases?filters=1&filters[status]=OPEN").status == 400
    assert loaded("GET", "/api/v2/cases?filters[tags]=a&filters[tags][]=b").status == 400


def test_page_sizes(call: Any) -> None:
    call.load(cases=[{"count": 510, "name": "Case {n}"}])
    first = call("GET", "/api/v2/cases?per_page=999&filters[status]=OPEN").json
    assert (len(first["cases"]), first["meta"]["per_page"], first["meta"]["next_page_number"]) == (500, 500, 2)
    assert "filters%5Bstatus%5D=OPEN&per_page=500&page=2" in first["meta"]["next_page"]
    assert first["cases"][0]["name"] == "Case 510"
    assert call("GET", "/api/v1/cases?per_page=500").json["meta"]["per_page"] == 50
    assert len(call("GET", "/api/v2/cases").json["cases"]) == 20
