# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases: v2, v1, and what both show of the same store."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

V2 = "/api/v2/cases"
V1 = "/api/v1/cases"
NEW = {"team_id": 2, "name": "Suspicious login"}
ME = "jane@example.com"

# The vendor's v1 sample: the request as it stands there, and the keys of the answer.
V1_SAMPLE = {
    "team_id": "team_id",
    "name": "Suspicious login detected",
    "priority": "high",
    "description": "This is a high priority case created via the API",
    "assignee_emails": ["jane@tines.io"],
    "tag_names": ["login", "security"],
    "record_ids": ["record_id"],
    "metadata": {"key": "value"},
    "team_case_buttons": [
        {
            "button_type": "page",
            "url": "https://tenant.tines.com/pages/55e9/",
            "label": "Isolate host and give reason",
            "button_text": "Open form",
        },
        {
            "button_type": "webhook",
            "url": "http://tenant.tines.com/webhook/e840/6144",
            "label": "Isolate host",
            "button_text": "Isolate",
        },
    ],
    "closure_conditions": [{"name": "has at least 1 assignee", "formula": "=SIZE(team_case.assignees) > 0"}],
}
SHARED_KEYS = {
    *("case_id", "name", "description", "status", "url", "metadata", "author", "opened_by", "resolved_by"),
    *("assignees", "tags", "team", "linked_cases", "opened_at", "resolved_at", "created_at", "updated_at"),
    *("records", "priority", "closure_conditions"),
}
V1_KEYS = SHARED_KEYS | {"team_case_actions", "team_case_buttons"}
V2_KEYS = SHARED_KEYS | {
    *("sub_status", "activities", "activities_meta", "actions", "records_meta", "fields", "tasks", "blocks"),
}
USER_KEYS = {"id", "first_name", "last_name", "email", "is_service_account"}


def emails(case: dict[str, Any]) -> list[str]:
    return [user["email"] for user in case["assignees"]]


def tags(case: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in case["tags"]]


def test_the_v1_sample_is_answered_in_the_form_of_the_sample(call: Any) -> None:
    reply = call("POST", V1 + "/", V1_SAMPLE)
    case = reply.json
    assert reply.status == 201
    assert set(case) == V1_KEYS
    assert (case["case_id"], case["status"], case["priority"], case["resolved_by"]) == (1, "OPEN", "HIGH", None)
    assert set(case["author"]) == set(case["opened_by"]) == set(case["assignees"][0]) == USER_KEYS
    assert emails(case) == ["jane@tines.io"]
    assert [set(tag) for tag in case["tags"]] == [{"id", "name"}, {"id", "name"}]
    assert tags(case) == ["login", "security"]
    assert set(case["team"]) == {"id", "name"}
    assert [set(line) for line in case["team_case_actions"]] == [{"id", "action", "value", "user"}]
    assert (case["team_case_actions"][0]["action"], case["team_case_actions"][0]["value"]) == ("CREATED", "1")
    assert [{key: button[key] for key in button if key != "id"} for button in case["team_case_buttons"]] == V1_SAMPLE[
        "team_case_buttons"
    ]
    assert case["closure_conditions"] == V1_SAMPLE["closure_conditions"]
    assert [set(record) for record in case["records"]] == [{"id", "results"}]
    assert set(case["records"][0]["results"][0]) == {"id", "name", "value"}
    assert case["metadata"] == {"key": "value"}
    assert case["url"].endswith(f"/team/{case['team']['id']}/cases/1")
    assert call("GET", V1 + "/1").json == case


def test_v2_create_fills_in_the_rest(call: Any) -> None:
    reply = call("POST", V2, NEW)
    case = reply.json
    assert reply.status == 201
    assert set(case) == V2_KEYS
    assert (case["status"], case["priority"], case["team"]["id"], case["actions"]) == ("OPEN", "LOW", 2, [])
    assert emails(case) == [ME]
    assert case["sub_status"] == {"id": 1, "name": "Open"}
    assert call("GET", V2 + "/1").json == case
    assert call("POST", V2 + "/", NEW).json["case_id"] == 2


def test_every_field_is_stored(call: Any) -> None:
    given = {
        **NEW,
        "description": "**bold**",
        "priority": "CRITICAL",
        "sub_status_id": 7,
        "author_email": "a.author@example.com",
        "assignee_emails": [],
        "tag_names": ["b", "a", "b"],
        "opened_at": "2026-01-02T03:04:05+02:00",
        "metadata": {"ticket": "T-1"},
        "field_values": {"12": "x|y"},
        "closure_conditions": [{"name": "never", "formula": "=FALSE"}],
        "tasks": [{"description": "look"}],
        "blocks": [],
    }
    case = call("POST", V2, given).json
    assert (case["description"], case["priority"], case["sub_status"]["id"]) == ("**bold**", "CRITICAL", 7)
    assert (case["author"]["email"], case["author"]["last_name"]) == ("a.author@example.com", "Author")
    assert (case["assignees"], tags(case)) == ([], ["b", "a"])
    assert case["opened_at"] == "2026-01-02T01:04:05Z"
    assert (case["metadata"], case["closure_conditions"]) == ({"ticket": "T-1"}, given["closure_conditions"])
    assert [(field["case_input"]["id"], field["value"]) for field in case["fields"]] == [(12, "x|y")]
    assert [(task["description"], task["completed"]) for task in case["tasks"]] == [("look", False)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"team_id": "two"}, "team_id"),
        ({"team_id": 0}, "team_id"),
        ({"priority": "urgent"}, "priority"),
        ({"status": "CLOSE"}, "status"),
        ({"assignee_emails": "jane@example.com"}, "assignee_emails"),
        ({"assignee_emails": ["jane"]}, "assignee_emails[0]"),
        ({"opened_at": "yesterday"}, "opened_at"),
        ({"metadata": []}, "metadata"),
        ({"closure_conditions": [{"name": "x"}]}, "closure_conditions[0].formula"),
        ({"template_id": 9}, "template_id"),
        ({"actions": []}, "actions"),
        ({"team_case_buttons": []}, "team_case_buttons"),
        ({"record_ids": [1]}, "record_ids"),
    ],
)
def test_v2_create_refuses_what_the_page_does_not_have(call: Any, change: dict[str, Any], field: str) -> None:
    reply = call("POST", V2, {**NEW, **change})
    assert (reply.status, reply.json["error"]["field"]) == (422, field)
    assert call("GET", V2).json["cases"] == []


def test_v1_create_refuses_an_unknown_button_type(call: Any) -> None:
    button = {"button_type": "story", "url": "https://a.example", "label": "x"}
    reply = call("POST", V1, {**NEW, "team_case_buttons": [button]})
    assert (reply.status, reply.json["error"]["field"]) == (422, "team_case_buttons[0].button_type")
    assert call("GET", V1).json["cases"] == []


@pytest.mark.parametrize("missing", ["team_id", "name"])
@pytest.mark.parametrize("path", [V1, V2])
def test_two_fields_are_needed(call: Any, path: str, missing: str) -> None:
    reply = call("POST", path, {key: value for key, value in NEW.items() if key != missing})
    assert (reply.status, reply.json["error"]["field"]) == (422, missing)


def test_v2_update_is_partial(call: Any) -> None:
    call("POST", V2, {**NEW, "description": "stays", "tag_names": ["a", "b"]})
    case = call("PUT", V2 + "/1", {"name": "New", "add_tag_names": ["c", "a"], "remove_tag_names": ["b"]}).json
    assert (case["name"], case["description"], tags(case)) == ("New", "stays", ["a", "c"])
    case = call("PUT", V2 + "/1", {"add_assignee_emails": ["x@example.com"], "remove_assignee_emails": [ME]}).json
    assert emails(case) == ["x@example.com"]
    case = call("PUT", V2 + "/1", {"assignee_emails": ["y@example.com"]}).json
    assert emails(case) == ["y@example.com"]
    case = call("PUT", V2 + "/1", {"priority": "high", "team_id": 5, "author_email": "y@example.com"}).json
    assert (case["priority"], case["team"]["id"], case["author"]["email"]) == ("HIGH", 5, "y@example.com")


@pytest.mark.parametrize("field", ["metadata", "actions", "tag_names", "field_values", "template_id"])
def test_v2_update_refuses_what_the_page_does_not_have(call: Any, field: str) -> None:
    call("POST", V2, NEW)
    assert call("PUT", V2 + "/1", {field: {}}).json["error"]["field"] == field


def test_close_and_reopen(call: Any) -> None:
    call("POST", V2, NEW)
    closed = call("PUT", V2 + "/1", {"status": "closed"}).json
    assert (closed["status"], closed["sub_status"]["name"]) == ("CLOSED", "Closed")
    assert (closed["resolved_by"]["email"], closed["resolved_at"] is None) == (ME, False)
    assert [line["activity_type"] for line in closed["activities"]] == ["CREATED", "STATUS_UPDATED"]
    opened = call("PUT", V2 + "/1", {"status": "OPEN"}).json
    assert (opened["status"], opened["resolved_by"], opened["resolved_at"]) == ("OPEN", None, None)
    at = {"status": "closed", "resolved_at": "2026-03-01T00:00:00Z"}
    assert call("PUT", V2 + "/1", at).json["resolved_at"] == at["resolved_at"]


@pytest.mark.parametrize(
    ("formula", "met"),
    [
        ("=SIZE(team_case.assignees) > 0", True),
        ("=SIZE(team_case.assignees) > 1", False),
        ("=SIZE( team_case.tags )>0", False),
        ("=SIZE(team_case.comments) > 0", False),
        ("=TRUE", True),
        ("=FALSE", False),
        ("=SOMETHING(team_case.else)", True),
    ],
)
@pytest.mark.parametrize("path", [V1, V2])
def test_closure_conditions(call: Any, path: str, formula: str, met: bool) -> None:
    call("POST", path, {**NEW, "closure_conditions": [{"name": "the rule", "formula": formula}]})
    reply = call("PUT", path + "/1", {"status": "closed", "name": "Changed"})
    assert reply.status == (200 if met else 422)
    if not met:
        assert "the rule" in reply.json["error"]["message"]
        case = call("GET", path + "/1").json
        assert (case["status"], case["name"], case["resolved_at"]) == ("OPEN", NEW["name"], None)


def test_a_closing_may_meet_the_condition_itself(call: Any) -> None:
    condition = {"name": "assigned", "formula": "=SIZE(team_case.assignees) > 0"}
    call("POST", V2, {**NEW, "assignee_emails": [], "closure_conditions": [condition]})
    assert call("PUT", V2 + "/1", {"status": "closed"}).status == 422
    assert call("PUT", V2 + "/1", {"status": "closed", "assignee_emails": [ME]}).status == 200


@pytest.mark.parametrize("path", [V1, V2])
def test_delete(call: Any, path: str) -> None:
    call("POST", path, NEW)
    assert (call("DELETE", path + "/1").status, call("DELETE", path + "/1").status) == (204, 404)
    assert (call("GET", path + "/1").status, call("PUT", path + "/1", {"name": "x"}).status) == (404, 404)
    assert call("POST", path, NEW).json["case_id"] == 2


def test_metadata(call: Any) -> None:
    path = V2 + "/1/metadata"
    call("POST", V2, {**NEW, "metadata": {"a": "1"}})
    reply = call("POST", path, {"metadata": {"b": "2"}})
    assert (reply.status, reply.json) == (201, {"case_id": 1, "metadata": {"a": "1", "b": "2"}})
    reply = call("PUT", path, {"metadata": {"a": "3"}})
    assert (reply.status, reply.json["metadata"]) == (200, {"a": "3", "b": "2"})
    assert call("DELETE", path, {"metadata": ["a", "none"]}).status == 204
    assert call("GET", path).json["metadata"] == call("GET", V2 + "/1").json["metadata"] == {"b": "2"}
    assert call("PUT", path, {"a": "b"}).status == 422
    assert call("DELETE", path, {"metadata": {"a": 1}}).status == 422


def test_records(call: Any) -> None:
    path = V2 + "/1/records"
    call("POST", V2, NEW)
    reply = call("POST", path, {"record_id": 187})
    assert (reply.status, reply.json["record"]["id"]) == (201, 187)
    assert call("POST", path, {"record_id": 187}).status == 422
    assert call("POST", path, {"record_id": "x"}).status == 422
    (group,) = call("GET", path).json["records"]
    assert [record["id"] for record in group["record_type_record_results"]] == [187]
    assert call("GET", path + "/187").json["record"]["id"] == 187
    assert call("GET", V2 + "/1").json["records"][0]["records"][0]["id"] == 187
    assert call("GET", V1 + "/1").json["records"][0]["id"] == 187
    assert (call("DELETE", path + "/187").status, call("DELETE", path + "/187").status) == (204, 404)
    linked = [call("POST", "/api/v2/records/187/cases", {"case_id": 1}).status for _twice in range(2)]
    assert (linked, call("GET", path).json["meta"]["count"]) == ([204, 204], 1)


def test_v1_update(call: Any) -> None:
    call("POST", V1, {**V1_SAMPLE, "team_id": 2, "record_ids": [1, 2]})
    button = {"button_type": "page", "url": "https://a.example", "label": "Only"}
    case = call("PUT", V1 + "/1", {"name": "New", "team_case_buttons": [button], "metadata": {"other": "x"}}).json
    assert (case["name"], case["priority"], case["metadata"]) == ("New", "HIGH", {"other": "x"})
    assert [shown["label"] for shown in case["team_case_buttons"]] == ["Only"]
    case = call("PUT", V1 + "/1", {"add_record_ids": [3], "remove_record_ids": [1], "tag_names": ["z"]}).json
    assert ([record["id"] for record in case["records"]], tags(case)) == ([2, 3], ["z"])
    assert call("PUT", V1 + "/1", {"sub_status_id": 1}).status == 422


def test_a_template_fills_in_what_is_not_given(call: Any) -> None:
    action = {"url": "https://a.example", "label": "From template", "action_type": "page"}
    call.load(templates=[{"id": 4, "priority": "high", "description": "standard", "actions": [action]}])
    case = call("POST", V2, {**NEW, "template_id": 4, "description": "own"}).json
    assert (case["priority"], case["description"], case["actions"][0]["label"]) == ("HIGH", "own", "From template")


@pytest.mark.parametrize("path", [V1, V2])
def test_hidden_teams(call: Any, path: str) -> None:
    call.load(cases=[{"team_id": 1}, {"team_id": 3}], hidden_teams=[3])
    assert [case["case_id"] for case in call("GET", path).json["cases"]] == [1]
    assert call("GET", path + "?team_id=3").json["cases"] == []
    assert (call("GET", path + "/2").status, call("DELETE", path + "/2").status) == (404, 404)
    reply = call("POST", path, {**NEW, "team_id": 3})
    assert (reply.status, reply.json["error"]["field"]) == (403, "team_id")
    assert call("PUT", path + "/1", {"team_id": 3}).status == 403


@pytest.mark.parametrize("status", [404, 410])
def test_v1_can_go(call: Any, status: int) -> None:
    call("POST", V1, NEW)
    call.switch(without_v1=status)
    for method, path in (("GET", V1), ("POST", V1 + "/"), ("GET", V1 + "/1"), ("GET", V1 + "/1/buttons")):
        assert call(method, path, {} if method == "POST" else None).status == status
    assert call("GET", V2 + "/1").status == 200
    call.switch(without_v1=False)
    assert call("GET", V1 + "/1").status == 200


def test_the_time_line_tells_what_changed(call: Any) -> None:
    call("POST", V2, {**NEW, "tag_names": ["a"]})
    body = {
        "name": "New",
        "description": "text",
        "priority": "high",
        "status": "closed",
        "sub_status_id": 7,
        "team_id": 5,
        "assignee_emails": ["x@example.com"],
        "add_tag_names": ["b", "c"],
        "remove_tag_names": ["a"],
    }
    call("PUT", V2 + "/1", body)
    call("PUT", V2 + "/1", body)
    call("PUT", V2 + "/1/metadata", {"metadata": {"k": "v", "l": "w"}})
    call("PUT", V2 + "/1/metadata", {"metadata": {"k": "v"}})
    listed = call("GET", V2 + "/1/activities").json["activities"]
    assert [(line["activity_type"], line["value"]) for line in listed] == [
        ("CREATED", "1"),
        ("TITLE_UPDATED", "New"),
        ("DESCRIPTION_UPDATED", "text"),
        ("SEVERITY_UPDATED", "HIGH"),
        ("STATUS_UPDATED", "CLOSED"),
        ("SUB_STATUS_UPDATED", "Sub-status 7"),
        ("TEAM_UPDATED", "5"),
        ("ASSIGNED", "2"),
        ("UNASSIGNED", "1"),
        ("TAGS_ADDED", "b,c"),
        ("TAGS_REMOVED", "a"),
        ("METADATA_UPDATED", "k,l"),
    ]


def test_buttons_leave_no_line_and_move_the_case(call: Any) -> None:
    call.load(cases=[{"updated_at": "2026-01-01T00:00:00Z"}])
    call("POST", V2 + "/1/actions", {"url": "https://a.example", "label": "x", "action_type": "page"})
    case = call("GET", V2 + "/1").json
    assert [line["activity_type"] for line in case["activities"]] == ["CREATED"]
    assert case["updated_at"] > "2026-01-01T00:00:00Z"


def test_order_by_the_last_edit(call: Any) -> None:
    call.load(cases=[{"updated_at": f"2026-01-0{day}T00:00:00Z"} for day in (2, 3, 1)])

    def ids(query: str) -> list[int]:
        return [case["case_id"] for case in call("GET", f"{V2}?{query}").json["cases"]]

    assert ids("order=RECENTLY_EDITED") == [2, 1, 3]
    assert ids("order=LEAST_RECENTLY_EDITED&filters[updated_at_start_date]=2026-01-02T00:00:00Z") == [1, 2]
    call("PUT", V2 + "/3", {"name": "Edited"})
    assert ids("order=LEAST_RECENTLY_EDITED") == [1, 2, 3]


def test_the_clock_of_the_server_may_differ(call: Any) -> None:
    call.switch(clock_offset=3600)
    ahead = call("POST", V2, NEW)
    call.switch(clock_offset=-3600)
    behind = call("POST", V2, NEW)
    assert ahead.json["created_at"] > behind.json["created_at"]
    ahead_at, behind_at = (parsedate_to_datetime(reply.headers["Date"]) for reply in (ahead, behind))
    assert ahead_at > behind_at
