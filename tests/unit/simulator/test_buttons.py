# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Buttons: the v2 actions, and the v1 buttons on the same store."""

from __future__ import annotations

from typing import Any

import pytest

ACTIONS = "/api/v2/cases/1/actions"
BUTTON = {"url": "https://example.tines.com", "label": "label", "action_type": "webhook"}

# The vendor's sample requests and the keys of its sample answers.
SAMPLE_CREATE = {**BUTTON, "action_text": "Open form", "query_params": {"status": "open", "priority": "high"}}
SAMPLE_BATCH = [
    {
        "url": "https://tenant.tines.com/pages/123",
        "label": "Complete request",
        "action_type": "page",
        "action_text": "Open",
        "query_params": {"status": "done"},
    },
    {
        "url": "https://tenant.tines.com/webhook/abc",
        "label": "Claim case",
        "action_type": "webhook",
        "action_text": "Run",
        "query_params": {"status": "open"},
    },
]
LISTED_KEYS = {
    *("id", "url", "label", "story_name", "story_emoji", "page_emoji", "action_type", "action_text"),
    *("query_params", "created_at", "updated_at"),
}
META_KEYS = {"count", "current_page", "next_page", "next_page_number", "pages", "per_page", "previous_page"}


def labels(call: Any) -> list[str]:
    return [action["label"] for action in call("GET", ACTIONS).json["actions"]]


def test_create_answers_in_the_form_of_the_sample(call: Any, case: int) -> None:
    reply = call("POST", ACTIONS, SAMPLE_CREATE)
    assert reply.status == 201
    assert set(reply.json) == LISTED_KEYS | {"case_id"}
    assert {key: reply.json[key] for key in SAMPLE_CREATE} == SAMPLE_CREATE
    assert (reply.json["case_id"], reply.json["id"], reply.json["story_name"]) == (1, 3, None)
    assert labels(call) == ["Claim", "Form", "label"]


def test_batch_answers_in_the_form_of_the_sample_and_replaces_all(call: Any, case: int) -> None:
    reply = call("PUT", ACTIONS + "/batch", {"actions": SAMPLE_BATCH})
    assert reply.status == 200
    assert set(reply.json) == {"case_id", "actions"}
    assert [set(action) for action in reply.json["actions"]] == [LISTED_KEYS, LISTED_KEYS]
    assert [action["id"] for action in reply.json["actions"]] == [3, 4]
    assert labels(call) == ["Complete request", "Claim case"]


def test_list_answers_in_the_form_of_the_sample(call: Any, case: int) -> None:
    body = call("GET", ACTIONS).json
    assert set(body) == {"case_id", "actions", "meta"}
    assert body["case_id"] == 1
    assert set(body["actions"][0]) == LISTED_KEYS
    assert set(body["meta"]) == META_KEYS
    assert body["meta"]["current_page"].endswith("/api/v2/cases/1/actions?per_page=20&page=1")
    assert (body["meta"]["count"], body["meta"]["pages"], body["meta"]["next_page_number"]) == (2, 1, None)


def test_pages(call: Any) -> None:
    call.load(cases=[{"actions": [{**BUTTON, "label": str(number)} for number in range(25)]}])
    first, second = call("GET", ACTIONS).json, call("GET", ACTIONS + "?page=2").json
    assert (len(first["actions"]), first["meta"]["next_page_number"], first["meta"]["pages"]) == (20, 2, 2)
    assert first["meta"]["next_page"].endswith("?per_page=20&page=2")
    assert (len(second["actions"]), second["meta"]["next_page_number"]) == (5, None)
    assert second["meta"]["previous_page"].endswith("page=1")
    assert call("GET", ACTIONS + "?per_page=100").json["meta"]["pages"] == 1
    assert call("GET", ACTIONS + "?per_page=501").json["meta"]["per_page"] == 500
    assert call("GET", ACTIONS + "?page=3").json["actions"] == []


def test_get_update_delete(call: Any, case: int) -> None:
    assert call("GET", ACTIONS + "/2").json["query_params"] == {"a": "1"}
    reply = call("PUT", ACTIONS + "/2", {"label": "Renamed"})
    assert (reply.status, reply.json["label"], reply.json["query_params"]) == (200, "Renamed", {"a": "1"})
    assert call("PUT", ACTIONS + "/2", {"query_params": {"b": "2"}}).json["query_params"] == {"b": "2"}
    assert call("PUT", ACTIONS + "/2", {"query_params": {}}).json["query_params"] == {}
    reply = call("DELETE", ACTIONS + "/2")
    assert (reply.status, reply.text) == (204, "")
    assert call("DELETE", ACTIONS + "/2").status == 404
    assert call("GET", ACTIONS + "/2").status == 404
    assert labels(call) == ["Claim"]


def test_a_left_out_text_gets_the_servers_own(call: Any, case: int) -> None:
    assert call("POST", ACTIONS, BUTTON).json["action_text"] == "Run"
    assert call("PUT", ACTIONS + "/1", {"action_text": ""}).json["action_text"] == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": " "}, "label"),
        ({"label": 7}, "label"),
        ({"label": None}, "label"),
        ({"url": "nowhere"}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://["}, "url"),
        ({"action_type": "story"}, "action_type"),
        ({"action_text": 5}, "action_text"),
        ({"query_params": []}, "query_params"),
        ({"query_params": {"a": {"b": "c"}}}, "query_params.a"),
        ({"lable": "x"}, "lable"),
    ],
)
def test_what_the_page_does_not_allow_is_refused(call: Any, case: int, change: dict[str, Any], field: str) -> None:
    for method, path in (("POST", ACTIONS), ("PUT", ACTIONS + "/1")):
        reply = call(method, path, {**BUTTON, **change})
        assert (reply.status, reply.json["error"]["field"]) == (422, field)
    reply = call("PUT", ACTIONS + "/batch", {"actions": [BUTTON, {**BUTTON, **change}]})
    assert (reply.status, reply.json["error"]["field"]) == (422, f"actions[1].{field}")
    assert labels(call) == ["Claim", "Form"]


@pytest.mark.parametrize("missing", ["url", "label", "action_type"])
def test_a_new_button_needs_three_fields(call: Any, case: int, missing: str) -> None:
    body = {key: value for key, value in BUTTON.items() if key != missing}
    assert call("POST", ACTIONS, body).json["error"]["field"] == missing
    assert call("PUT", ACTIONS + "/batch", {"actions": [body]}).status == 422
    assert labels(call) == ["Claim", "Form"]


@pytest.mark.parametrize("body", [{"actions": []}, {"actions": {}}, {}, [], "text", {"actions": [1]}])
def test_a_batch_without_buttons_is_refused(call: Any, case: int, body: Any) -> None:
    assert call("PUT", ACTIONS + "/batch", body).status == 422
    assert labels(call) == ["Claim", "Form"]


def test_a_case_that_is_not_there(call: Any) -> None:
    paths = [("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1"), ("PUT", "/batch")]
    for method, path in paths:
        reply = call(method, ACTIONS + path, {} if method != "GET" else None)
        assert (reply.status, reply.json["error"]["field"]) == (404, "case_id")


def test_unknown_query_parameters_are_refused(call: Any, case: int) -> None:
    assert call("GET", ACTIONS + "?perpage=5").status == 422
    assert call("GET", ACTIONS + "?per_page=0").status == 422
    assert call("GET", ACTIONS + "?page=x").status == 422


def test_v1_buttons_share_the_store(call: Any, case: int) -> None:
    path = "/api/v1/cases/1/buttons"
    listed = call("GET", path).json
    assert listed["team_case_buttons"][0] == {
        "id": 1,
        "button_type": "webhook",
        "url": "https://tenant.tines.com/webhook/p/s",
        "label": "Claim",
    }
    reply = call("POST", path, {"url": "https://a.example", "label": "Old", "button_type": "page", "button_text": "Go"})
    assert (reply.status, reply.json["case_id"], reply.json["button_text"]) == (201, 1, "Go")
    assert call("PUT", path + "/3", {"label": "Newer"}).json["label"] == "Newer"
    assert call("GET", ACTIONS + "/3").json["action_text"] == "Go"
    assert call("DELETE", path + "/3").status == 204
    assert call("GET", path + "/3").status == 404
    assert call("POST", path, BUTTON).json["error"]["field"] == "action_type"
