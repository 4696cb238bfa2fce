# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of cases: one request for several cases, every kind of server, faults, secrets, and wrong options."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run

Simulate = Callable[..., dict[str, Any]]

INPUTS = [
    {"name": "Severity", "input_type": "string", "team_id": 1},
    {"name": "Hosts", "input_type": "string", "team_id": 1},
    {"name": "Password", "input_type": "string", "team_id": 1, "sensitive": True},
    {"name": "Severity", "input_type": "string", "team_id": 2},
]
CASES = [
    {"case_id": 7, "count": 2, "field_values": {"1": "low", "2": "web", "9": "theirs"}},
    {"case_id": 9, "count": 2},
]
WANTED = {"1": "high", "2": None, "5": ["a", "b"]}
OPTIONS: dict[str, Any] = {"case_ids": [7, 8, 9, 10], "field_values": WANTED}
VALUES = {7: {"1": "high", "5": "a|b", "9": "theirs"}, 8: {"1": "high", "5": "a|b", "9": "theirs"}}
VALUES.update({9: {"1": "high", "5": "a|b"}, 10: {"1": "high", "5": "a|b"}})
SECRET = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def cases(simulator_task: Simulate) -> None:
    simulator_task(load={"case_inputs": INPUTS, "cases": CASES}, forget=True)


def values(simulator_task: Simulate) -> dict[int, dict[str, Any]]:
    shown = {case["case_id"]: case["field_values"] for case in simulator_task()["cases"]}
    return {case: {str(name): value for name, value in each.items() if value} for case, each in shown.items()}


# One plan


def test_several_cases_are_set_with_one_request(run: Run, simulator_task: Simulate) -> None:
    predicted = run("case_fields", OPTIONS, check_mode=True)
    assert simulator_task()["sent"] == "4 GET"
    real = run("case_fields", OPTIONS)
    assert not real.failed, real["msg"]
    assert real["diff"] == predicted["diff"]
    assert simulator_task()["sent"] == "2 DELETE, 10 GET, 1 POST"
    assert values(simulator_task) == VALUES
    first, _second, third, _fourth = real["cases"]
    assert (first["created"], first["updated"], first["deleted"]) == (["5"], ["1"], ["2"])
    assert (third["created"], third["updated"], third["deleted"]) == (["1", "5"], [], [])
    simulator_task(forget=True)
    again = run("case_fields", OPTIONS)
    assert not again.changed
    assert again["api_requests"] == 4


def test_two_hundred_cases_take_two_requests_besides_the_listings(run: Run, simulator_task: Simulate) -> None:
    simulator_task(load={"cases": [{"case_id": 100, "count": 200}]}, forget=True)
    result = run("case_fields", {"case_ids": list(range(100, 300)), "field_values": {"1": "high"}})
    assert not result.failed, result["msg"]
    assert simulator_task()["sent"] == "200 GET, 2 POST"
    assert [case["created"] for case in result["cases"]] == [["1"]] * 200


def test_a_single_case_gets_a_request_for_each_value(run: Run, simulator_task: Simulate) -> None:
    assert run("case_fields", {**OPTIONS, "case_ids": [7]}).changed
    assert simulator_task()["sent"] == "1 DELETE, 2 GET, 1 POST, 1 PUT"


def test_keys_are_looked_up_once_for_all_cases(run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [7, 8, 9], "team_id": 1, "field_values": {"severity": "high", "5": "x"}}
    predicted = run("case_fields", options, check_mode=True)
    real = run("case_fields", options)
    assert predicted["diff"] == real["diff"]
    assert simulator_task()["sent"] == "8 GET, 1 POST"
    assert real["cases"][0]["updated"] == ["severity"]
    assert {"field": "severity", "input_id": 1, "value": "high"} in real["diff"][0]["after"]["field_values"]
    assert values(simulator_task)[9] == {"1": "high", "5": "x"}


def test_a_case_that_will_exist_takes_no_request(run: Run, simulator_task: Simulate) -> None:
    predicted = run("case_fields", {**OPTIONS, "case_ids": [0]}, check_mode=True)
    assert predicted.changed
    assert predicted["api_requests"] == 0
    assert "0 is not a case ID" in run("case_fields", {**OPTIONS, "case_ids": [0]})["msg"]


def test_without_cases_or_values_nothing_is_looked_up(run: Run, simulator_task: Simulate) -> None:
    assert run("case_fields", {"case_ids": [], "team_id": 1, "field_values": {"severity": "x"}})["api_requests"] == 0
    assert not run("case_fields", {"case_ids": [7], "team_id": 1, "field_values": {}}).changed


@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_value_clears_the_field(empty: Any, run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [7], "field_values": {"1": empty}}
    assert run("case_fields", options)["cases"][0]["deleted"] == ["1"]
    assert "1" not in values(simulator_task)[7]
    assert not run("case_fields", options).changed


# Every kind of server


@pytest.mark.parametrize(
    "settings",
    [
        {"string_ids": True},
        {"trim_text": True},
        {"created_status": 200},
        {"list_order": "newest_first"},
        {"meta": False},
        {"bare_array": True},
        {"per_page_cap": 1},
        {"bulk_fields_most": 0},
        {"bulk_fields_most": 1},
        {"cleared_fields_listed": True},
    ],
    ids=str,
)
def test_whatever_kind_of_server_it_is(settings: dict[str, Any], run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings=settings)
    options = {**OPTIONS, "team_id": 1, "field_values": {"severity": "high", "2": None, "5": [" a", "b\n"]}}
    predicted = run("case_fields", options, check_mode=True)
    real = run("case_fields", options)
    assert not real.failed, real["msg"]
    assert real["diff"] == predicted["diff"]
    assert not run("case_fields", options).changed


def test_a_server_that_passes_over_cases_without_the_field_gets_a_request_for_each(
    run: Run, simulator_task: Simulate
) -> None:
    simulator_task(faults={"kind": "ignore_field", "fields": ["upsert"], "times": 9, "match": {"method": "POST"}})
    real = run("case_fields", OPTIONS)
    assert not real.failed, real["msg"]
    assert values(simulator_task) == VALUES


@pytest.mark.parametrize("case_ids", [[7], [7, 8]])
def test_a_server_that_keeps_the_old_value_makes_the_task_fail(
    case_ids: list[int], run: Run, simulator_task: Simulate
) -> None:
    answer = {"case_id": 7, "field": {"id": 1, "value": "low", "case_input": {"id": 1}}}
    simulator_task(faults={"kind": "status", "status": 200, "json": answer, "match": {"method": "PUT"}, "times": 9})
    simulator_task(
        faults={"kind": "status", "status": 200, "json": {"cases": []}, "match": {"method": "POST"}, "times": 9}
    )
    result = run("case_fields", {"case_ids": case_ids, "field_values": {"1": "high"}})
    assert result.failed
    assert (
        "the server took the request for the field value '1' but did not do it: value is 'low' instead of"
        in (result["msg"])
    )
    assert not result.changed


# Faults


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("case_ids", [[7], [7, 8, 9, 10]])
def test_a_lost_response_changes_nothing_of_the_outcome(
    case_ids: list[int], method: str, when: str, run: Run, simulator_task: Simulate
) -> None:
    options = {**OPTIONS, "case_ids": case_ids}
    predicted = run("case_fields", options, check_mode=True)
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": method}})
    real = run("case_fields", options)
    assert not real.failed, real["msg"]
    assert real["diff"] == predicted["diff"]
    assert {case: values(simulator_task)[case] for case in case_ids} == {case: VALUES[case] for case in case_ids}
    assert not run("case_fields", options).changed


@pytest.mark.parametrize("seed", range(12))
def test_whatever_goes_wrong_nothing_is_doubled_or_lost(seed: int, run: Run, simulator_task: Simulate) -> None:
    dice = random.Random(seed)
    expected = run("case_fields", OPTIONS, check_mode=True)["diff"]
    kinds = dice.choices(("drop_before", "drop_after", "truncated_json", "empty_body", "wrong_shape"), k=4)
    faults: list[dict[str, Any]] = [
        {"kind": kind, "match": {"method": dice.choice(["POST", "PUT", "GET", "DELETE"])}} for kind in kinds
    ]
    faults.append({"kind": "status", "status": dice.choice([500, 502, 503]), "match": {"method": "POST"}})
    simulator_task(faults=faults)
    faulty = run("case_fields", OPTIONS)
    if not faulty.failed:
        assert faulty["diff"] == expected
    simulator_task(disarm=True)
    clean = run("case_fields", OPTIONS)
    assert not clean.failed, clean["msg"]
    assert values(simulator_task) == VALUES
    assert not run("case_fields", OPTIONS).changed


def test_a_closed_case_fails_alone(run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"closed_cases_read_only": True})
    assert run("case", {"case_id": 8, "status": "closed"}).changed
    result = run("case_fields", OPTIONS)
    assert result["msg"].startswith("1 of 4 cases failed.")
    assert "The case is closed" in result["msg"]
    assert [case["failed"] for case in result["cases"]] == [False, True, False, False]
    assert {case: values(simulator_task)[case] for case in (7, 9, 10)} == {case: VALUES[case] for case in (7, 9, 10)}


def test_a_case_that_does_not_exist_fails_alone(run: Run, simulator_task: Simulate) -> None:
    result = run("case_fields", {**OPTIONS, "case_ids": [404, 9, 10]})
    assert result["msg"].startswith("1 of 3 cases failed. 404: The case was not found:")
    assert values(simulator_task)[10] == VALUES[10]


@pytest.mark.parametrize("case_ids", [[9], [9, 10]])
def test_an_unknown_input_is_named_and_the_other_fields_are_set(
    case_ids: list[int], run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"unknown_ids": [404]})
    result = run("case_fields", {"case_ids": case_ids, "field_values": {"404": "x", "1": "high"}})
    assert result.failed
    assert "field value '404'" in result["msg"]
    assert "There is no case input 404" in result["msg"]
    assert values(simulator_task)[9] == {"1": "high"}
    assert result["cases"][0]["created"] == ["1"]


# Secrets


def test_the_value_of_a_sensitive_input_is_hidden(run: Run, simulator_task: Simulate) -> None:
    options: dict[str, Any] = {"case_ids": [7, 8], "team_id": 1, "field_values": {"password": SECRET}}
    results = [run("case_fields", options, check_mode=check) for check in (True, False)]
    assert results[0]["diff"] == results[1]["diff"]
    assert results[1]["cases"][0]["created"] == ["password"]
    options["field_values"] = {"3": f"{SECRET}-new"}
    results.append(run("case_fields", options))
    assert results[2]["diff"][0]["after"]["field_values"][-1] == {"input_id": 3, "value": "******** (changed)"}
    assert values(simulator_task)[7]["3"] == f"{SECRET}-new"
    case = {"case_id": 7, "field_values": {"password": SECRET}}
    diffs = [run("case", case, check_mode=check)["diff"] for check in (True, False)]
    assert diffs[0] == diffs[1]
    assert diffs[0]["after"]["field_values"][-1]["value"] == "******** (changed)"
    assert SECRET not in json.dumps(diffs)
    assert SECRET not in json.dumps(results)


def test_a_sensitive_value_is_hidden_in_errors(run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [9], "team_id": 1, "field_values": {"password": "old"}}
    assert run("case_fields", options).changed
    answer = {"case_id": 9, "field": {"id": 7, "value": "old", "case_input": {"id": 3}}}
    simulator_task(faults={"kind": "status", "status": 200, "json": answer, "match": {"method": "PUT"}, "times": 9})
    result = run("case_fields", {**options, "field_values": {"password": SECRET}})
    assert "value is '********' instead of '******** (changed)'" in result["msg"]
    assert SECRET not in json.dumps(result)


def test_a_server_that_repeats_a_sensitive_value_in_an_error(run: Run, simulator_task: Simulate) -> None:
    body = {"error": {"message": f"{SECRET} is not allowed", "value": SECRET}}
    simulator_task(faults={"kind": "status", "status": 422, "json": body, "match": {"method": "POST"}, "times": 9})
    result = run("case_fields", {"case_ids": [9], "team_id": 1, "field_values": {"password": SECRET}})
    assert "is not allowed" in result["msg"]
    assert SECRET not in json.dumps(result)


@pytest.mark.parametrize(
    ("seen", "said"), [("hidden", "does not list it. If the field is sensitive"), ("refused", "403")]
)
def test_a_key_without_the_permission_for_sensitive_fields(
    seen: str, said: str, run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"sensitive_fields": seen})
    result = run("case_fields", {"case_ids": [9], "field_values": {"3": "x", "1": "high"}})
    assert result.failed
    assert said in result["msg"]
    assert values(simulator_task)[9]["1"] == "high"


# Options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"field_values": {"sevrity": "x"}, "team_id": 1}, "Did you mean 'severity'? Check the name, or give its ID."),
        ({"field_values": {"Severity": "x"}, "team_id": 1}, "Did you mean 'severity'?"),
        ({"field_values": {"severity": "x"}}, "field_values requires IDs of inputs here, not 'severity'"),
        ({"field_values": {"severity": "x", "1": "y"}, "team_id": 1}, "'severity' and '1' are the same field."),
        ({"field_values": {"1": "x", 1: "y"}}, "field_values: an ID is given more than once"),
        ({"field_values": {"1": {"a": "b"}}}, "field_values: the value of '1' must be a single value or a list."),
        ({"case_ids": [-1]}, "case_ids: -1 is not a case ID"),
        ({"team_id": 0}, "team_id: 0 is not a team ID"),
        ({"concurrency": 0}, "concurrency"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    options: dict[str, Any], said: str, run: Run, simulator_task: Simulate
) -> None:
    result = run("case_fields", {**OPTIONS, **options})
    assert result.failed
    assert said in result["msg"]
    assert "POST" not in simulator_task()["sent"]


@pytest.mark.parametrize(
    "text",
    ["{{ lookup('pipe', 'id') }} {% raw %}", "\x1b[31mred\x07", "\u202e 🚨 \x00", "x" * 2**20, "a\nb"],
    ids=["template", "escapes", "unicode", "1 MiB", "lines"],
)
def test_any_text_is_sent_and_compared_as_it_is(text: str, run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [9, 10], "field_values": {"1": text}}
    assert run("case_fields", options).changed
    assert values(simulator_task)[9] == {"1": text}
    assert not run("case_fields", options).changed


def test_half_a_character_is_sent_or_refused_in_one_sentence(run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [9, 10], "field_values": {"1": "\ud800"}}
    result = run("case_fields", options)
    assert result.failed or not run("case_fields", options).changed
