# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case inputs and the values that cases have for them."""

from __future__ import annotations

from typing import Any

import pytest

INPUTS = "/api/v1/case_inputs"
FIELDS = "/api/v2/cases/1/fields"
BULK = "/api/v2/cases/bulk/fields"
CHOICE = {
    "name": "Verdict of the SOC",
    "input_type": "string",
    "team_id": 1,
    "validation_type": "options",
    "validation_options": {"options": ["good", "bad"]},
}


@pytest.fixture(autouse=True)
def cases(call: Any) -> None:
    call.load(cases=[{"count": 2}])


def values(call: Any, case_id: int = 1) -> dict[int, str]:
    listed = call("GET", f"/api/v2/cases/{case_id}/fields").json["fields"]
    return {field["case_input"]["id"]: field["value"] for field in listed}


def test_inputs(call: Any) -> None:
    reply = call("POST", INPUTS, CHOICE)
    made = reply.json["team_case_input"]
    assert (reply.status, made["key"], made["team"]["id"]) == (201, "verdict_of_the_soc", 1)
    assert call("GET", f"{INPUTS}/{made['id']}").json == {"case_input": made}
    call("POST", INPUTS, {**CHOICE, "team_id": 2})
    assert [item["id"] for item in call("GET", INPUTS).json["case_inputs"]] == [1, 2]
    assert [item["id"] for item in call("GET", INPUTS + "?team_id=2").json["case_inputs"]] == [2]
    call.load(hidden_teams=[2])
    assert [item["id"] for item in call("GET", INPUTS).json["case_inputs"]] == [1]
    assert call("POST", INPUTS, {**CHOICE, "team_id": 2}).status == 403


def test_values_are_text(call: Any) -> None:
    for input_id, value, text in ((5, 1, "1"), (6, True, "true"), (7, "a|b", "a|b")):
        field = call("POST", FIELDS, {"input_id": input_id, "value": value}).json["field"]
        assert (field["case_input"]["id"], field["value"]) == (input_id, text)
    assert call("PUT", FIELDS + "/1", {"value": 2}).json["field"]["value"] == "2"
    assert call("DELETE", FIELDS + "/1").status == 204
    assert values(call) == {6: "true", 7: "a|b"}


def test_an_input_has_one_value(call: Any) -> None:
    first, second = (call("POST", FIELDS, {"input_id": 5, "value": value}) for value in ("a", "b"))
    assert (second.status, second.json["field"]["id"]) == (201, first.json["field"]["id"])
    assert values(call) == {5: "b"}


def test_values_are_validated(call: Any) -> None:
    call("POST", INPUTS, CHOICE)
    call("POST", INPUTS, {**CHOICE, "validation_type": "regex", "validation_options": {"regex": "^[0-9]+$"}})
    assert call("POST", FIELDS, {"input_id": 1, "value": "fine"}).json["error"]["field"] == "value"
    assert call("POST", FIELDS, {"input_id": 1, "value": "good|bad"}).status == 201
    assert call("POST", FIELDS, {"input_id": 2, "value": "x"}).status == 422
    assert values(call) == {1: "good|bad"}


def test_unknown_inputs(call: Any) -> None:
    call.switch(unknown_ids=[9])
    assert call("POST", FIELDS, {"input_id": 9, "value": "x"}).json["error"]["field"] == "input_id"


def test_bulk(call: Any) -> None:
    call("POST", FIELDS, {"input_id": 5, "value": "a"})
    body = {"case_ids": [1, 2], "fields": [{"input_id": 5, "value": "b"}]}
    shown = call("POST", BULK, body).json["cases"]
    assert [(case["case_id"], len(case["fields"])) for case in shown] == [(1, 1), (2, 0)]
    assert (values(call, 1), values(call, 2)) == ({5: "b"}, {})
    body["fields"] = [{"input_id": 5, "value": "c", "upsert": True}]
    assert call("POST", BULK, body).status == 201
    assert (values(call, 1), values(call, 2)) == ({5: "c"}, {5: "c"})
    assert call("POST", BULK, {**body, "case_ids": [1, 9]}).status == 404


def test_values_given_at_creation(call: Any) -> None:
    body = {"team_id": 1, "name": "New", "field_values": {"5": "x"}}
    case = call("POST", "/api/v2/cases", body).json
    assert values(call, case["case_id"]) == {5: "x"}
    assert call.control("GET", "state")["cases"][2]["field_values"] == {"5": "x"}


def test_a_build_that_takes_no_bulk_or_a_small_one(call: Any) -> None:
    body = {"case_ids": [1, 2], "fields": [{"input_id": 5, "value": "b", "upsert": True}]}
    call.switch(bulk_fields_most=1)
    assert call("POST", BULK, body).status == 422
    call.switch(bulk_fields_most=0)
    assert call("POST", BULK, body).status == 404
    assert values(call) == {}


def test_a_build_that_lists_cleared_fields(call: Any) -> None:
    call.switch(cleared_fields_listed=True)
    call("POST", FIELDS, {"input_id": 5, "value": "a"})
    assert call("DELETE", FIELDS + "/1").status == 204
    assert values(call) == {5: None}


def test_a_key_without_the_permission_for_sensitive_inputs(call: Any) -> None:
    call("POST", INPUTS, {"name": "Secret", "input_type": "string", "team_id": 1, "sensitive": True})
    body = {"input_id": 1, "value": "a"}
    assert call("POST", FIELDS, body).json["field"]["value"] == "a"
    call.switch(sensitive_fields="hidden")
    assert call("POST", FIELDS, body).json["field"]["value"] is None
    assert values(call) == {}
    call.switch(sensitive_fields="refused")
    assert call("POST", FIELDS, body).status == 403
    assert call("PUT", FIELDS + "/1", {"value": "b"}).status == 403
