# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks of a team: faults, secrets, and options that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run

Simulate = Callable[..., dict[str, Any]]

URL = "https://events.example.com/s3cret"
HOOK = {"team_id": 1, "name": "Responder", "url": URL}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("key", ["name", "url"])
def test_a_lost_response_never_gives_two(when: str, key: str, run: Run, simulator_task: Simulate) -> None:
    hook = HOOK if key == "name" else {"team_id": 1, "url": URL}
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "POST"}})
    predicted = run("case_webhook", hook, check_mode=True)
    real = run("case_webhook", hook)
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]
    assert not run("case_webhook", hook).changed
    listed = run("api_info", {"path": "v1/case_webhooks", "paginate": True})
    assert len(listed["items"]) == 1


def test_the_sixth_is_refused_and_the_five_are_named(run: Run) -> None:
    for number in range(4):
        assert run("case_webhook", {**HOOK, "name": f"Hook {number}"}).changed
    assert run("case_webhook", {"team_id": 1, "url": "https://other.example/s3cret"}).changed
    result = run("case_webhook", HOOK)
    assert result.failed
    assert "A team can have 5 case webhooks at most" in result["msg"]
    named = "Hook 0, Hook 1, Hook 2, Hook 3, https://other.example/********."
    assert f"The team has 5 webhooks already: {named}" in result["msg"]


@pytest.mark.parametrize("field", ["url", "notifications"])
def test_a_server_that_ignores_a_field_makes_the_task_fail_without_the_secret(
    field: str, run: Run, simulator_task: Simulate
) -> None:
    run("case_webhook", HOOK)
    simulator_task(settings={"ignored_fields": [field]})
    change = {"url": f"{URL}-new"} if field == "url" else {"notifications": ["COMMENTED"]}
    result = run("case_webhook", {**HOOK, **change})
    assert result.failed
    assert f"did not do it: {field} is " in result["msg"]
    assert "s3cret" not in json.dumps(result)


def test_the_url_is_shown_only_if_asked_for(run: Run) -> None:
    hidden = [run("case_webhook", HOOK), run("case_webhook", {**HOOK, "url": f"{URL}2"})]
    assert "s3cret" not in json.dumps(hidden)
    assert hidden[1]["diff"]["after"]["webhooks"][0]["url"] == "https://events.example.com/******** (changed)"
    assert run("case_webhook", {**HOOK, "url": f"{URL}2", "reveal_urls": True})["webhook"]["url"] == f"{URL}2"


def test_what_a_webhook_is_told_of_is_left_alone_unless_given(run: Run) -> None:
    assert run("case_webhook", {**HOOK, "notifications": ["COMMENTED"]}).changed
    left = run("case_webhook", HOOK)
    assert not left.changed
    assert left["webhook"]["notifications"] == ["COMMENTED"]


def test_a_webhook_of_another_team_is_left_alone(run: Run) -> None:
    other = run("case_webhook", {**HOOK, "team_id": 2})["webhook"]
    assert run("case_webhook", {**HOOK, "state": "absent"}).changed is False
    assert run("case_webhook", {**HOOK, "team_id": 2})["webhook"] == other


def test_a_webhook_is_renamed_by_its_id_and_two_with_a_name_are_an_error(run: Run) -> None:
    first = run("case_webhook", HOOK)["webhook"]["id"]
    second = run("case_webhook", {**HOOK, "name": "B"})["webhook"]["id"]
    assert run("case_webhook", {"team_id": 1, "id": second, "name": "Responder"}).changed
    result = run("case_webhook", HOOK)
    assert f"Team 1 has 2 webhooks with the name 'Responder' (IDs {first}, {second})." in result["msg"]
    result = run("case_webhook", {"team_id": 1, "url": URL})
    assert "with the url 'https://events.example.com/********'" in result["msg"]
    assert run("case_webhook", {"team_id": 1, "id": second, "name": ""}).changed
    assert not run("case_webhook", {"team_id": 1, "id": second, "name": ""}).changed


@pytest.mark.parametrize("settings", [{}, {"string_ids": True}])
def test_an_id_is_enough(settings: dict[str, Any], run: Run, simulator_task: Simulate) -> None:
    number = int(run("case_webhook", {**HOOK, "team_id": 2})["webhook"]["id"])
    other = run("case_webhook", {**HOOK, "name": "Other"})["webhook"]
    simulator_task(settings=settings, forget=True)
    options = {"id": number, "name": "Renamed", "notifications": ["COMMENTED"]}
    predicted = run("case_webhook", options, check_mode=True)
    assert simulator_task()["sent"] == "1 GET"
    real = run("case_webhook", options)
    assert not real.failed, real["msg"]
    assert (predicted["diff"], predicted["team_id"]) == (real["diff"], 2)
    assert real["webhook"]["name"] == "Renamed"
    simulator_task(forget=True)
    assert not run("case_webhook", options).changed
    assert simulator_task()["sent"] == "1 GET"
    assert run("case_webhook", {"id": number, "state": "absent"}).changed
    gone = run("case_webhook", {"id": number, "state": "absent"})
    assert (gone.failed, gone.changed, gone["team_id"]) == (False, False, None)
    assert gone.warnings == [
        f"Webhook {number} does not exist, or this key may not see it, so there is none to remove."
    ]
    simulator_task(settings={"string_ids": False})
    assert run("case_webhook", {**HOOK, "name": "Other"})["webhook"] == other


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("change", [{"name": "Renamed"}, {"state": "absent"}])
def test_a_lost_response_to_a_change_by_id(
    change: dict[str, Any], when: str, run: Run, simulator_task: Simulate
) -> None:
    options = {"id": run("case_webhook", HOOK)["webhook"]["id"], **change}
    predicted = run("case_webhook", options, check_mode=True)
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "DELETE" if "state" in change else "PUT"}})
    real = run("case_webhook", options)
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]


def test_a_webhook_that_shows_no_team_needs_one(run: Run, simulator_task: Simulate) -> None:
    shown = {"webhook": {"id": 3, "name": "A", "url": URL}}
    simulator_task(faults={"kind": "status", "status": 200, "json": shown, "match": {"method": "GET"}})
    result = run("case_webhook", {"id": 3, "name": "B"})
    assert "team_id is required here: the server does not show the team of webhook 3." in result["msg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": None}, "url is required, unless id is set."),
        ({"url": "events.example.com"}, "url must begin with https://"),
        ({"url": "https://events.example.com/********"}, "url contains ********"),
        ({"name": " "}, "name is empty."),
        ({"notifications": []}, "notifications is empty."),
        ({"notifications": ["a b"]}, "notifications: 'A B' is not a type of activity"),
        ({"team_id": 0}, "team_id: 0 is not a team ID"),
        ({"team_id": None}, "team_id is required, unless id is set."),
        ({"team_id": None, "id": 99}, "Webhook 99 was not found:"),
        ({"id": 99}, "Team 1 has no webhook with the ID 99."),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(options: dict[str, Any], said: str, run: Run) -> None:
    result = run("case_webhook", {**HOOK, **options})
    assert result.failed
    assert said in result["msg"]
