# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case_action`: what it refuses, and how it changes one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Run,
    SimulatorTask,
    assert_failure,
    run_module,
)

A = {"label": "A", "url": "https://acme.tines.com/pages/a", "action_type": "page"}


# What is given besides options that are right.
BAD_INPUT = [
    BadInput("an empty tenant", options={"tenant": ""}, says="tenant is missing.*TINES_TENANT"),
    BadInput("an empty key", options={"api_key": ""}, says="api_key is missing.*TINES_API_KEY"),
    BadInput("a key with a line break", options={"api_key": "a\nb"}, says="api_key.*TINES_API_KEY"),
    BadInput("a tenant of another scheme", options={"tenant": "ftp://x"}, says="tenant.*TINES_TENANT.*https://"),
    BadInput("a key over plain HTTP", options={"tenant": "http://acme.tines.com"}, says="tenant.*TINES_TENANT.*clear"),
    BadInput("a host that only looks like loopback", options={"tenant": "http://127.0.0.1.example.com"}, says="clear"),
    BadInput("a tenant with a user name", options={"tenant": "https://me@acme.tines.com"}, says="tenant.*TINES_TENANT"),
    BadInput("a tenant with a query", options={"tenant": "https://acme.tines.com/?a=b"}, says="tenant.*TINES_TENANT"),
    BadInput("a port that is none", options={"tenant": "https://acme.tines.com:99999"}, says="tenant.*TINES_TENANT"),
    BadInput(
        "a CA bundle that is not there", options={"ca_path": "/no/such/ca.pem"}, says="ca_path names /no/such/ca.pem"
    ),
    BadInput(
        "a CA bundle in the environment that is not there",
        options={"tenant": "https://acme.tines.com", "environment": {"REQUESTS_CA_BUNDLE": "/no/such/ca.pem"}},
        says="REQUESTS_CA_BUNDLE names /no/such/ca.pem",
    ),
    BadInput("no time", options={"timeout": 0}, says="timeout"),
    BadInput("fewer tries than none", options={"retries": -1}, says="retries"),
    BadInput("no label and no ID", options={"label": None}, says="^id or label is required but empty"),
    BadInput("an empty label", options={"label": ""}, says="label"),
    BadInput("a URL without scheme", options={"url": "acme.tines.com/pages/a"}, says="url.*https?://"),
    BadInput("a URL of another scheme", options={"url": "mailto:a@example.com"}, says="url"),
    BadInput("another type of button", options={"action_type": "link"}, says="action_type.*webhook.*page"),
]


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
def test_bad_input_is_refused_before_a_request(
    row: BadInput, check_mode: bool, run: Run, simulator_task: SimulatorTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"case_id": 7, **A, **row.options}
    for name, value in options.pop("environment", {}).items():
        monkeypatch.setenv(name, value)
    result = run("case_action", options, check_mode)
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


def test_the_connection_comes_from_the_environment(
    simulator: Any, simulator_task: SimulatorTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A]}]})
    monkeypatch.setenv("TINES_TENANT", simulator.url)
    monkeypatch.setenv("TINES_API_KEY", simulator.api_key)
    result = run_module("case_action", {"case_id": 7, **A})
    assert not result.failed, result
    assert result["api_requests"] == 1


@dataclass(frozen=True)
class Refused:
    """What the case does not allow, and a regular expression for what the module says."""

    what: str
    options: dict[str, Any]
    says: str


REFUSED = [
    Refused("two buttons of that label", options={"label": "Twin"}, says=r"Twin.*\bid\b"),
    Refused("no button of that number", options={"id": 999999}, says="999999"),
    Refused("no button of that label and no URL", options={"label": "New"}, says="New.*url"),
    Refused(
        "a server that shows no query_params",
        options={"label": "Other", "query_params": {"a": "b"}},
        says="query_params",
    ),
    Refused("no such case", options={"case_id": 8, "label": "Twin"}, says="Case 8 was not found"),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.what)
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
def test_what_the_case_does_not_allow_is_refused_before_a_write(
    row: Refused, check_mode: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    twin = {"label": "Twin", "url": "https://acme.tines.com/pages/twin", "action_type": "page"}
    other = {"label": "Other", "url": "https://acme.tines.com/pages/other", "action_type": "page"}
    before = simulator_task(
        settings={"omit_query_params": True}, load={"cases": [{"case_id": 7, "actions": [twin, twin, other]}]}
    )
    result = run("case_action", {"case_id": 7, "action_text": "Go", **row.options}, check_mode)
    after = simulator_task()
    assert_failure(result, row.says, after)
    assert set(after["methods"]) == {"GET"}
    assert after["cases"] == before["cases"]


def test_a_new_button_of_an_empty_case_is_one_post(run: Run, simulator_task: SimulatorTask) -> None:
    """A batch update would replace a button that somebody else adds at the same time."""
    simulator_task(load={"cases": [{"case_id": 7}]})
    assert run("case_action", {"case_id": 7, **A}).changed
    assert simulator_task()["sent"] == "1 GET, 1 POST"


def test_removing_a_label_that_two_buttons_have_needs_an_id(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A, A]}]})
    options = {"case_id": 7, "label": "A", "state": "absent"}
    result = run("case_action", options)
    after = simulator_task()
    assert_failure(result, r"\b1\b.*\b2\b.*\bid\b", after)
    assert len(after["cases"][0]["actions"]) == 2
    assert run("case_action", {**options, "id": 2}).changed
    assert [action["id"] for action in simulator_task()["cases"][0]["actions"]] == [1]


def test_an_answer_to_an_update_need_not_show_what_stayed(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [{**A, "action_text": "Go"}]}]})
    url = "https://acme.tines.com/pages/b"
    shown = {"id": 1, "url": url, "action_text": None}
    simulator_task(faults={"kind": "status", "status": 200, "json": shown, "after": True, "match": {"method": "PUT"}})
    result = run("case_action", {"case_id": 7, **A, "action_text": "Go", "url": url})
    assert not result.failed, result["msg"]
    assert result.changed
