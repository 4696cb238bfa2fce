# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests of one's own: what is sent, what is accepted, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run

Simulate = Callable[..., dict[str, Any]]

NOTE = {"path": "v2/cases/7/notes", "method": "POST", "body": {"title": "A"}}


@pytest.fixture(autouse=True)
def case(simulator_task: Simulate) -> None:
    simulator_task(load={"cases": [{"case_id": 7}]}, forget=True)


def test_a_write_counts_as_change_each_time(run: Run, simulator_task: Simulate) -> None:
    predicted = run("api", NOTE, check_mode=True)
    assert predicted.changed
    assert (predicted["status"], predicted["json"], predicted["api_requests"]) == (None, None, 0)
    for _turn in range(2):
        real = run("api", NOTE)
        assert real.changed
        assert (real["status"], real["json"]["title"]) == (201, "A")
    assert simulator_task()["sent"] == "2 POST"


def test_an_empty_answer_is_null(run: Run) -> None:
    note = run("api", NOTE)["json"]["id"]
    deleted = run("api", {"path": f"v2/cases/7/notes/{note}", "method": "DELETE"})
    assert (deleted["status"], deleted["json"]) == (204, None)


@pytest.mark.parametrize("name", ["api", "api_info"])
def test_every_page_is_read(name: str, run: Run, simulator_task: Simulate) -> None:
    for _turn in range(3):
        run("api", NOTE)
    simulator_task(forget=True)
    options = {"path": "v2/cases/7/notes", "paginate": True, "items_key": "notes", "query": {"per_page": 2}}
    result = run(name, options, check_mode=True)
    assert not result.changed
    assert [note["title"] for note in result["items"]] == ["A", "A", "A"]
    assert simulator_task()["sent"] == "2 GET"


@pytest.mark.parametrize("paginate", [False, True])
def test_a_status_that_is_accepted_is_no_failure(paginate: bool, run: Run) -> None:
    options = {"path": "v2/cases/404/notes", "paginate": paginate}
    refused = run("api_info", options)
    assert refused.failed
    assert refused["status"] == 404
    accepted = run("api_info", {**options, "status_codes": [200, 404]})
    assert not accepted.failed
    assert accepted["status"] == 404
    assert accepted["json"] == refused["details"]


def test_a_success_that_is_not_accepted_is_a_failure(run: Run) -> None:
    result = run("api", {**NOTE, "status_codes": [204]})
    assert result.failed
    assert "was answered with the status 201, which is not in status_codes." in result["msg"]
    assert result["status"] == 201


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_post_whose_response_is_lost_is_sent_once(when: str, run: Run, simulator_task: Simulate) -> None:
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "POST"}})
    result = run("api", NOTE)
    assert result.failed
    assert "Whether the request was carried out is unknown." in result["msg"]
    assert simulator_task()["sent"] == "1 POST"


def test_a_put_whose_response_is_lost_is_sent_again(run: Run, simulator_task: Simulate) -> None:
    simulator_task(faults={"kind": "drop_after", "match": {"method": "PUT"}})
    result = run("api", {"path": "v2/cases/7", "method": "PUT", "body": {"name": "B"}})
    assert not result.failed, result["msg"]
    assert simulator_task()["sent"] == "2 PUT"


def test_secrets_in_an_answer_are_masked_unless_asked_for(run: Run) -> None:
    button = {"label": "Block", "url": "https://acme.tines.com/webhook/block/s3cret", "action_type": "webhook"}
    run("case_action", {"case_id": 7, **button})
    read = {"path": "v2/cases/7/actions"}
    assert "s3cret" not in str(run("api_info", read))
    assert "s3cret" in str(run("api_info", {**read, "reveal_urls": True}))


def test_a_list_in_the_query_is_sent_as_several_parameters(run: Run, simulator_task: Simulate) -> None:
    query = {"activity_type[]": ["CREATED", "COMMENTED"], "per_page": 5, "page": None}
    assert not run("api_info", {"path": "v2/cases/7/activities", "query": query}).failed
    assert simulator_task()["requests"][0]["query"].count("COMMENTED") == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api/",
        "..",
        "v2/../../admin",
        "v2/%2e%2e/x",
        "v2/x%2f..%2f..",
        "v2/%2E%5c",
        "https://evil.example/",
        "v1/teams?a=b",
        "v1\\x",
        "a b",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, run: Run, simulator_task: Simulate) -> None:
    result = run("api_info", {"path": path})
    assert result.failed
    assert "is not a path below /api/" in result["msg"]
    assert simulator_task()["sent"] == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"body": {}}, "body cannot be combined with method: GET."),
        ({"method": "POST", "paginate": True}, "paginate requires method: GET."),
        ({"items_key": "cases"}, "items_key requires paginate."),
        ({"paginate": True, "query": {"page": 2}}, "query cannot have page with paginate"),
        ({"query": {"filters": {"status": "OPEN"}}}, "query: the value of 'filters' must be a single value or a list."),
        ({"status_codes": [302]}, "status_codes: 302 cannot be accepted"),
        ({"method": "PUT", "body": [{"url": "https://x.example/********"}]}, "body contains ********"),
        ({"path": None}, "path is required but empty."),
        ({"query": {"search": "\ud800"}}, "was not sent: its query has half a character in it."),
        ({"query": {"\ud800": "x"}}, "was not sent: its query has half a character in it."),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    options: dict[str, Any], said: str, run: Run, simulator_task: Simulate
) -> None:
    result = run("api", {"path": "v2/cases", **options})
    assert result.failed
    assert said in result["msg"]
    assert simulator_task()["sent"] == ""


def test_a_body_that_is_no_json_is_refused_in_check_mode_too(run: Run, simulator_task: Simulate) -> None:
    options = {"path": "v2/cases/7", "method": "PUT", "body": {"name": float("nan")}}
    for check_mode in (True, False):
        result = run("api", options, check_mode=check_mode)
        assert result.failed
        assert result["msg"].startswith("body cannot be written as JSON:")
