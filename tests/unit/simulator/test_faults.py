# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: each kind, what it matches, how often."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any

import pytest

ACTIONS = "/api/v2/cases/1/actions"
BUTTON = {"url": "https://a.example", "label": "New", "action_type": "page"}


def labels(call: Any) -> list[str]:
    return [action["label"] for action in call("GET", ACTIONS).json["actions"]]


def test_status_hits_matching_requests_so_many_times(call: Any, case: int) -> None:
    call.arm("status", path="/actions$", method="post", times=2, status=503, headers={"Retry-After": "1"}, json=[])
    assert call("GET", ACTIONS).status == 200
    for _time in range(2):
        reply = call("POST", ACTIONS, BUTTON)
        assert (reply.status, reply.headers["Retry-After"], reply.json) == (503, "1", [])
    assert labels(call) == ["Claim", "Form"]
    assert call("POST", ACTIONS, BUTTON).status == 201


def test_status_after_the_work(call: Any, case: int) -> None:
    call.arm("status", method="POST", status=500, after=True, body="Oops")
    reply = call("POST", ACTIONS, BUTTON)
    assert (reply.status, reply.text, reply.headers["Content-Type"]) == (500, "Oops", "text/plain")
    assert labels(call) == ["Claim", "Form", "New"]


def test_faults_are_taken_in_order_and_may_stay(call: Any, case: int) -> None:
    call.arm("status", status=500)
    call.arm("status", status=502, times=-1)
    assert [call("GET", ACTIONS).status for _time in range(4)] == [500, 502, 502, 502]
    assert [fault["times"] for fault in call.control("GET", "faults")["faults"]] == [0, -1]
    call.control("DELETE", "faults")
    assert call("GET", ACTIONS).status == 200


@pytest.mark.parametrize(
    ("kind", "expected"), [("drop_before", ["Claim", "Form"]), ("drop_after", ["Claim", "Form", "New"])]
)
def test_drop(call: Any, case: int, kind: str, expected: list[str]) -> None:
    call.arm(kind, method="POST")
    with pytest.raises(http.client.RemoteDisconnected):
        call("POST", ACTIONS, BUTTON)
    assert labels(call) == expected
    dropped = call.log()[0]
    assert (dropped["status"], dropped["fault"]) == (None, kind)


def test_cut_body(call: Any, case: int) -> None:
    call.arm("cut_body")
    with pytest.raises(http.client.IncompleteRead):
        call("GET", ACTIONS)
    assert call("GET", ACTIONS).status == 200


def test_truncated_json_has_the_right_length(call: Any, case: int) -> None:
    call.arm("truncated_json")
    reply = call("GET", ACTIONS)
    assert (reply.status, len(reply.text.encode())) == (200, int(reply.headers["Content-Length"]))
    with pytest.raises(json.JSONDecodeError):
        _body = reply.json


def test_html_redirect_and_empty_body(call: Any, case: int) -> None:
    call.arm("html")
    reply = call("GET", ACTIONS)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert reply.text.startswith("<!DOCTYPE html>")
    call.arm("redirect", location="https://other.example/")
    reply = call("GET", ACTIONS)
    assert (reply.status, reply.headers["Location"], reply.text) == (302, "https://other.example/", "")
    call.arm("empty_body", method="POST")
    reply = call("POST", ACTIONS, BUTTON)
    assert (reply.status, reply.text, reply.headers["Content-Length"]) == (201, "", "0")
    assert labels(call) == ["Claim", "Form", "New"]


def test_wrong_shape(call: Any, case: int) -> None:
    call.arm("wrong_shape")
    assert call("GET", ACTIONS).json == "unexpected"
    call.arm("wrong_shape", json={"actions": 7})
    assert call("GET", ACTIONS).json == {"actions": 7}


@pytest.mark.parametrize("wait", [7, "7", "Sun, 22 Nov 2026 00:00:00 GMT"])
def test_rate_limit(call: Any, case: int, wait: Any) -> None:
    call.arm("rate_limit", retry_after=wait)
    reply = call("GET", ACTIONS)
    assert (reply.status, reply.headers["Retry-After"]) == (429, str(wait))


def test_echo_key(call: Any, case: int) -> None:
    call.arm("echo_key", status=403)
    reply = call("GET", ACTIONS)
    assert reply.status == 403
    assert "Bearer sim-key-0000" in reply.text


def test_ignore_field(call: Any, case: int) -> None:
    full = {**BUTTON, "query_params": {"a": "b"}, "action_text": "Go"}
    call.arm("ignore_field", fields=["query_params", "action_text"], times=2)
    reply = call("POST", ACTIONS, full).json
    assert (reply["query_params"], reply["action_text"]) == ({}, "Run")
    reply = call("PUT", ACTIONS + "/batch", {"actions": [full]}).json
    assert (reply["actions"][0]["query_params"], reply["actions"][0]["label"]) == ({}, "New")
    call.arm("ignore_field", fields="filters")
    assert len(call("GET", "/api/v2/cases?filters[status]=CLOSED").json["cases"]) == 1
    assert len(call("GET", "/api/v2/cases?filters[status]=CLOSED").json["cases"]) == 0


def test_endless_paging(call: Any, case: int) -> None:
    call.arm("endless_paging", times=-1)
    for page in (1, 2, 50):
        body = call("GET", f"{ACTIONS}?page={page}").json
        assert (len(body["actions"]), body["meta"]["next_page_number"]) == (2, page + 1)
        assert body["meta"]["next_page"].endswith(f"page={page + 1}")


def test_stuck_paging(call: Any, case: int) -> None:
    call.arm("stuck_paging", times=-1)
    body = call("GET", f"{ACTIONS}?per_page=1&page=2").json
    assert (len(body["actions"]), body["meta"]["next_page_number"]) == (1, 2)


def test_duplicate(call: Any, case: int) -> None:
    call.arm("duplicate", method="POST", path="/actions")
    assert call("POST", ACTIONS, BUTTON).status == 201
    assert labels(call) == ["Claim", "Form", "New", "New"]


@pytest.mark.parametrize("after", [False, True])
def test_delay_holds_nobody_else_up(call: Any, case: int, after: bool) -> None:
    call.arm("delay", method="POST", seconds=30, after=after)
    # A daemon: the delayed answer is never waited for.
    late = http.client.HTTPConnection("127.0.0.1", call.simulator.port)
    headers = {"Authorization": "Bearer sim-key-0000", "Content-Type": "application/json"}
    late.request("POST", ACTIONS, json.dumps(BUTTON), headers)
    arrived = threading.Event()
    while not any(entry["method"] == "POST" for entry in call.log()) or (after and len(labels(call)) == 2):
        arrived.wait(0.01)
    assert ("New" in labels(call)) is after
    assert call.log()[0]["status"] is None
    late.close()


def test_a_refusal_under_a_fault_is_still_a_refusal(call: Any, case: int) -> None:
    call.arm("ignore_field", fields=["label"], times=2)
    assert call("POST", ACTIONS, BUTTON).json["error"]["field"] == "label"
    assert call("POST", ACTIONS, raw=b"{").status == 400


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nonsense"},
        {"kind": "status"},
        {"kind": "redirect"},
        {"kind": "delay"},
        {"kind": "ignore_field"},
        {"kind": "html", "match": {"path": "("}},
        {"kind": "html", "match": {"verb": "GET"}},
        {"kind": "html", "times": "many"},
        {"kind": "delay", "seconds": -1},
        {"kind": "html", "when": "now"},
        {},
        "html",
    ],
)
def test_what_cannot_be_armed(call: Any, fault: Any) -> None:
    assert call("POST", "/_simulator/faults", [{"kind": "html"}, fault]).status == 422
    assert call.control("GET", "faults") == {"faults": []}
