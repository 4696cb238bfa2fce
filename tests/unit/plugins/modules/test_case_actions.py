# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case_actions`: what it refuses, what it says of a failure, and what it comes through."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Run,
    SimulatorTask,
    assert_failure,
)

A = {"label": "A", "url": "https://acme.tines.com/pages/a", "action_type": "page"}
B = {"label": "B", "url": "https://acme.tines.com/pages/b", "action_type": "page"}
SECRET_B = {
    "label": "B",
    "url": "https://acme.tines.com/webhook/b/s3cret",
    "action_type": "webhook",
    "query_params": {"a": "b"},
}
POST = {"method": "POST"}


# What is given, for case 7 if for no other.
BAD_INPUT = [
    BadInput(
        "two buttons of one label",
        options={
            "actions": [
                A,
                B,
                A,
            ]
        },
        says=r"actions.*\bA\b",
    ),
    BadInput(
        "two buttons of one label to remove",
        options={"state": "absent", "actions": [{"label": "A"}, {"label": "A"}]},
        says=r"actions.*\bA\b",
    ),
    BadInput("no value for the buttons", options={"actions": None}, says="^actions is required but empty"),
    BadInput(
        "a case given twice",
        options={"cases": [{"case_id": 7, "actions": [A]}, {"case_id": 7, "actions": [B]}]},
        says="^cases: a case is given more than once",
    ),
    BadInput(
        "one case by two options",
        options={"cases": [{"case_id": 7, "actions": [A]}], "case_ids": [7]},
        says="exclusive",
    ),
    BadInput("no case ID", options={"case_ids": [-1], "actions": [A]}, says="^case_ids: -1 is not a case ID"),
    BadInput(
        "an empty label",
        options={
            "actions": [
                A,
                {"label": "", "url": "https://a.example", "action_type": "page"},
            ]
        },
        says="actions.*2.*label",
    ),
    BadInput("no label", options={"actions": [{"url": "https://a.example", "action_type": "page"}]}, says="label"),
    BadInput(
        "another type",
        options={"actions": [{"label": "B", "url": "https://a.example", "action_type": "link"}]},
        says="action_type.*webhook.*page",
    ),
    BadInput(
        "a URL without scheme",
        options={
            "actions": [
                A,
                {"label": "B", "url": "a.example/b", "action_type": "page"},
            ]
        },
        says="actions.*B.*url",
    ),
    BadInput("an unknown key", options={"actions": [{"label": "B", "colour": "red"}]}, says="colour"),
    BadInput(
        "exclusive with absent",
        options={"state": "absent", "exclusive": True, "actions": [{"label": "A"}]},
        says="exclusive.*absent",
    ),
    BadInput(
        "no worker",
        options={
            "concurrency": 0,
            "actions": [A],
        },
        says="concurrency.*1 to 64",
    ),
    BadInput(
        "too many workers",
        options={
            "concurrency": 65,
            "actions": [A],
        },
        says="concurrency.*1 to 64",
    ),
]


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
def test_bad_input_is_refused_before_a_request(
    row: BadInput, check_mode: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    options = row.options if "cases" in row.options else {"case_ids": [7], **row.options}
    result = run("case_actions", options, check_mode)
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


@dataclass(frozen=True)
class Failure:
    """A fault that ends a task.

    says: a regular expression. host: what names the server. done: whether the server may have done what was asked.
    """

    what: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)
    faults: Any = None
    status: int | str | None = None
    details: Any = None
    host: str | None = None
    done: bool = False


FAILURES = [
    Failure("nobody listens", options={"tenant": "http://127.0.0.1:9"}, faults=[], says="refused", host="127.0.0.1:9"),
    Failure(
        "no such host",
        options={"tenant": "no-such-host.invalid"},
        faults=[],
        says="cannot be resolved",
        host="no-such-host.invalid",
    ),
    Failure(
        "no answer in time",
        options={"timeout": 0.3},
        faults={"kind": "delay", "seconds": 2},
        says="no response within 0.3 seconds",
    ),
    Failure("a connection that breaks", faults={"kind": "drop_before"}, says="connection broke"),
    Failure("an answer that is cut off", faults={"kind": "cut_body"}, says="connection broke|incomplete", status="any"),
    Failure("JSON that breaks off", faults={"kind": "truncated_json"}, says="incomplete or invalid", status=200),
    Failure("a page instead of JSON", faults={"kind": "html"}, says="HTML page", status=200),
    Failure("an error page", faults={"kind": "html", "status": 502}, says="502.*HTML page", status=502),
    Failure("JSON of another shape", faults={"kind": "wrong_shape"}, says="another shape", status=200),
    Failure(
        "an object of another shape",
        faults={"kind": "wrong_shape", "json": {"actions": {"a": "b"}}},
        says="another shape",
        status=200,
    ),
    Failure("an empty answer", faults={"kind": "empty_body"}, says="another shape", status=200),
    Failure("pages without end", faults={"kind": "endless_paging", "times": -1}, says="never ends", status=200),
    Failure(
        "a page that does not advance", faults={"kind": "stuck_paging", "times": -1}, says="never ends", status=200
    ),
    Failure(
        "a redirect",
        faults={"kind": "redirect", "location": "https://elsewhere.example/login"},
        says="redirected.*elsewhere.example",
        status=302,
    ),
    Failure(
        "a key that is refused",
        faults={"kind": "status", "status": 401, "json": {"error": "Invalid token"}},
        says="401.*Invalid token.*TINES_API_KEY",
        status=401,
        details={"error": "Invalid token"},
    ),
    Failure("a key that is refused and echoed", faults={"kind": "echo_key"}, says=r"401.*\*\*\*", status=401),
    Failure(
        "a key that is not allowed to",
        faults={"kind": "status", "status": 403, "json": {"errors": [{"title": "Forbidden", "detail": "No role"}]}},
        says="403.*Forbidden.*No role.*role",
        status=403,
    ),
    Failure(
        "a case that is gone",
        faults={"kind": "status", "status": 404, "json": {"message": "Record not found"}},
        says="Case 7 was not found.*Record not found",
        status=404,
    ),
    Failure(
        "a conflict",
        faults={
            "kind": "status",
            "status": 409,
            "match": POST,
            "json": {"errors": {"label": ["is taken"]}},
        },
        says="409.*is taken",
        status=409,
    ),
    Failure(
        "a body that the server refuses",
        faults={
            "kind": "status",
            "status": 422,
            "match": POST,
            "json": {"errors": [{"field": "url", "message": "is bad"}]},
        },
        says="422.*is bad",
        status=422,
        details={"errors": [{"field": "url", "message": "is bad"}]},
    ),
    Failure("a rate limit without end", faults={"kind": "rate_limit", "times": -1}, says="429", status=429),
    Failure(
        "an error of the server's",
        faults={"kind": "status", "status": 500, "body": "Oops"},
        says="500.*Oops",
        status=500,
    ),
    Failure("a server that is down", faults={"kind": "status", "status": 503, "times": -1}, says="503", status=503),
    Failure(
        "a server that does not do what it says",
        faults={"kind": "ignore_field", "fields": ["query_params"], "match": POST},
        says="query_params",
        host="query_params",
        done=True,
    ),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.what)
def test_failure_is_told(row: Failure, run: Run, simulator_task: SimulatorTask, simulator: Any) -> None:
    before = simulator_task(load={"cases": [{"case_id": 7, "actions": [A]}]}, faults=row.faults)
    result = run("case_actions", {"case_ids": [7], "actions": [SECRET_B], "retries": 0, **row.options})
    after = simulator_task(disarm=True)
    assert_failure(result, row.says, after)
    assert (row.host or f"127.0.0.1:{simulator.port}") in result["msg"]
    assert row.status in (result.get("status"), "any")
    if "status" in result:
        assert result["method"] in ("GET", "POST")
        assert result["path"].startswith("/api/v2/cases/7/actions")
    assert row.details is None or result["details"] == row.details
    assert result["cases"][0]["failed"]
    assert row.done or after["cases"] == before["cases"]


@dataclass(frozen=True)
class Survived:
    """A fault that a task comes through. actions: what the case has before. labels: what it has afterwards."""

    what: str
    faults: Any
    options: dict[str, Any] = field(default_factory=dict)
    actions: Any = ()
    labels: tuple[str, ...] = ("B",)
    sent: str | None = None


SURVIVED = [
    Survived("a listing that fails twice", faults={"kind": "status", "status": 502, "times": 2}, sent="3 GET, 1 POST"),
    Survived("a listing that is cut off", faults={"kind": "cut_body"}, sent="2 GET, 1 POST"),
    Survived("a POST that is lost", faults={"kind": "drop_before", "match": POST}, sent="3 GET, 2 POST"),
    Survived(
        "a POST that is carried out and dropped",
        faults={"kind": "drop_after", "match": POST},
        sent="2 GET, 1 POST",
    ),
    Survived(
        "a POST whose answer breaks off",
        faults={"kind": "truncated_json", "match": POST},
        sent="2 GET, 1 POST",
    ),
    Survived(
        "a POST that is carried out and answered 500",
        faults={"kind": "status", "status": 500, "after": True, "match": POST},
        sent="2 GET, 1 POST",
    ),
    Survived("a POST that fails", faults={"kind": "status", "status": 500, "match": POST}, sent="3 GET, 2 POST"),
    Survived(
        "a POST that is answered too late",
        options={"timeout": 0.5},
        faults={"kind": "delay", "seconds": 3, "match": POST},
    ),
    Survived(
        "a POST that is told to wait",
        faults={"kind": "rate_limit", "retry_after": 1, "match": POST},
        sent="1 GET, 2 POST",
    ),
    Survived(
        "a POST that is told to come later",
        faults={"kind": "status", "status": 503, "retry_after": 1, "match": POST},
        sent="1 GET, 2 POST",
    ),
    Survived(
        "a batch update that is carried out and answered with nothing",
        options={"batch": True},
        faults={"kind": "empty_body", "match": {"method": "PUT"}},
        sent="2 GET, 1 PUT",
    ),
    Survived(
        "a batch update that is carried out and dropped",
        options={"batch": True},
        faults={"kind": "drop_after", "match": {"method": "PUT"}},
        sent="2 GET, 1 PUT",
    ),
    Survived(
        "a batch update that is lost",
        options={"batch": True},
        faults={"kind": "drop_before", "match": {"method": "PUT"}},
        sent="3 GET, 2 PUT",
    ),
    Survived(
        "an update that is carried out and dropped",
        actions=[B],
        faults={"kind": "drop_after", "match": {"method": "PUT"}},
        sent="1 GET, 2 PUT",
    ),
    Survived(
        "a removal that is carried out and dropped",
        options={"state": "absent"},
        actions=[B],
        faults={"kind": "drop_after", "match": {"method": "DELETE"}},
        labels=(),
        sent="2 DELETE, 2 GET",
    ),
    Survived(
        "a removal of what somebody else has removed",
        options={"state": "absent"},
        actions=[B],
        faults={"kind": "status", "status": 404, "after": True, "match": {"method": "DELETE"}},
        labels=(),
        sent="1 DELETE, 2 GET",
    ),
]


@pytest.mark.parametrize("row", SURVIVED, ids=lambda row: row.what)
def test_fault_is_survived_with_one_button(row: Survived, run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": list(row.actions)}]}, faults=row.faults)
    result = run("case_actions", {"case_ids": [7], "actions": [SECRET_B], "batch": False, **row.options})
    after = simulator_task(disarm=True)
    assert not result.failed, result
    assert result.changed
    actions = after["cases"][0]["actions"]
    assert tuple(action["label"] for action in actions) == row.labels
    assert [action["id"] for action in result["cases"][0]["actions"]] == [action["id"] for action in actions]
    assert row.sent is None or after["sent"] == row.sent
    assert result["api_requests"] == len(after["requests"])


def test_two_buttons_of_the_label_are_named(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A, A]}]})
    result = run("case_actions", {"case_ids": [7], "actions": [{**A, "action_text": "Go"}]})
    after = simulator_task()
    assert_failure(result, r"\b1\b.*\b2\b", after)
    assert after["sent"] == "1 GET"


def test_diff_names_the_cases_and_the_rule_of_a_button(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A]}, {"case_id": 8, "actions": [A]}, {"case_id": 9}]})
    changed = {**A, "action_text": "Now", "rule": "tags: mail"}
    new = {"label": "New", "url": "https://wiki.example.com/new", "action_type": "page"}
    entries = [
        {"case_id": 7, "name": "Mail", "actions": [changed, {**new, "rule": "priority: high"}]},
        {"case_id": 8, "name": "Invoice\x1b[2J", "actions": [changed, {**new, "rule": "priority: high"}]},
        {"case_id": 9, "actions": [changed]},
    ]
    result = run("case_actions", {"cases": entries}, check_mode=True)
    same, alone = result["diff"]
    assert same["after_header"] == "cases 7 (Mail), 8 (Invoice\\x1b[2J)"
    assert [each["rule"] for each in same["before"]["actions"]] == ["tags: mail"]
    assert [each["rule"] for each in same["after"]["actions"]] == ["tags: mail", "priority: high"]
    assert (alone["after_header"], alone["after"]["actions"][0]["rule"]) == ("case 9", "tags: mail")
    assert "rule" not in str(result["cases"])


@pytest.mark.parametrize("changes", [{"action_text": "Now"}, {"url": "https://wiki.example.com/b"}, {"rule": "x"}])
def test_every_hunk_has_the_label(run: Run, simulator_task: SimulatorTask, changes: dict[str, str]) -> None:
    params = {f"name{number}": "value" for number in range(9)}
    before = {**A, "action_text": "Before", "query_params": params}
    simulator_task(load={"cases": [{"case_id": 7, "actions": [before]}]})
    wanted = {**before, "rule": "tags: mail", "url": "https://wiki.example.com/new", **changes}
    (made,) = run("case_actions", {"cases": [{"case_id": 7, "actions": [wanted]}]}, check_mode=True)["diff"]
    old, new = (json.dumps(made[side], indent=4, sort_keys=True).splitlines() for side in ("before", "after"))
    hunks = "\n".join(unified_diff(old, new, lineterm="")).split("@@ -")[1:]
    assert hunks
    assert all('"label"' in hunk for hunk in hunks)


def test_query_params_as_text_are_warned_of(run: Run) -> None:
    result = run("case_actions", {"case_ids": [0], "actions": [{**A, "query_params": "a=1&b=2"}]}, check_mode=True)
    (warning,) = result.warnings
    assert warning.startswith("query_params: the value of a has further parameters in it.")


@pytest.mark.parametrize(("status", "most"), [(401, 8), (403, 16), (404, 150), (500, 150)])
def test_many_cases_that_fail_alike_are_a_short_message(
    run: Run, simulator_task: SimulatorTask, status: int, most: int
) -> None:
    simulator_task(faults={"kind": "status", "status": status, "times": -1})
    result = run("case_actions", {"case_ids": list(range(1, 151)), "actions": [SECRET_B], "retries": 0})
    assert result.failed
    assert result["msg"].startswith("150 of 150 cases failed.")
    assert len(result["msg"]) < 1000
    assert result["api_requests"] <= most
    assert [case["case_id"] for case in result["cases"] if case["failed"]] == list(range(1, 151))
    assert "s3cret" not in json.dumps(result)


def test_many_cases_and_a_closed_port_cost_the_retries_of_few(run: Run) -> None:
    with socket.socket() as closed:  # bound, so that no other takes the port, and not listening
        closed.bind(("127.0.0.1", 0))
        tenant = f"http://127.0.0.1:{closed.getsockname()[1]}"
        result = run("case_actions", {"case_ids": list(range(1, 151)), "actions": [A], "tenant": tenant})
    assert result.failed
    assert len(result["msg"]) < 1000
    assert sum(case["msg"] != "not tried" for case in result["cases"]) <= 16
    assert result["api_requests"] == 0


def test_one_case_of_fifty_fails(run: Run, simulator_task: SimulatorTask) -> None:
    theirs = {**SECRET_B, "label": "Theirs", "url": "https://hooks.example.com/T0/s3cret"}
    simulator_task(load={"cases": [{"case_id": 1, "count": 48}, {"case_id": 49, "actions": [theirs]}]})
    result = run("case_actions", {"case_ids": list(range(1, 51)), "actions": [SECRET_B]})
    after = simulator_task()
    assert_failure(result, r"1 of 50 cases failed.*\b50\b", after)
    assert "s3cret" not in json.dumps(result)  # Ansible prints the whole result of a failed task
    assert result.changed
    assert result["status"] == 404
    assert [case["case_id"] for case in result["cases"]] == list(range(1, 51))
    assert [case["case_id"] for case in result["cases"] if case["failed"]] == [50]
    assert re.search("Case 50 was not found", result["cases"][49]["msg"])
    assert [len(case["actions"]) for case in after["cases"]] == [1] * 48 + [2]
    assert [each["before_header"] for each in result["diff"]] == ["48 cases", "case 49"]
    assert result["diff"][0]["after_header"] == f"cases {', '.join(map(str, range(1, 49)))}"
    assert after["connections"] <= 8
    assert after["sent"] == "50 GET, 1 POST, 48 PUT"


def test_a_refused_key_stops_the_task_at_once(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(faults={"kind": "status", "status": 401, "times": -1, "json": {"error": {"message": "Bad key"}}})
    result = run("case_actions", {"case_ids": list(range(1, 51)), "actions": [A]})
    assert_failure(result, "Bad key.*TINES_API_KEY", simulator_task())
    assert result["api_requests"] <= 8
    assert [case["failed"] for case in result["cases"]] == [True] * 50
    assert len([case for case in result["cases"] if case["msg"] == "not tried"]) >= 42


def test_no_request_and_no_connection_is_wasted(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 1, "count": 25}, {"case_id": 26, "count": 25, "actions": [A]}]})
    result = run("case_actions", {"case_ids": list(range(1, 51)), "actions": [A], "concurrency": 4})
    after = simulator_task()
    assert len([case for case in result["cases"] if case["changed"]]) == 25
    assert after["sent"] == "50 GET, 25 PUT"
    assert after["connections"] <= 4
