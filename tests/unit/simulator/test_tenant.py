# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Teams and sub-statuses."""

from __future__ import annotations

from typing import Any

import pytest

TEAMS = "/api/v1/teams"
STATUSES = "/api/v1/case_sub_statuses"


@pytest.fixture(autouse=True)
def cases(call: Any) -> None:
    call.load(cases=[{"team_id": 2}, {"team_id": 4}, {"team_id": 9}], hidden_teams=[9])


def test_teams_are_those_that_something_belongs_to(call: Any) -> None:
    assert call("GET", TEAMS).json["teams"] == [{"id": 2, "name": "Team 2"}, {"id": 4, "name": "Team 4"}]
    assert call("GET", TEAMS + "/4").json == {"id": 4, "name": "Team 4"}
    assert (call("GET", TEAMS + "/9").status, call("POST", TEAMS, {}).status) == (404, 405)


def test_life_of_a_sub_status(call: Any) -> None:
    reply = call("POST", STATUSES, {"team_id": 2, "name": "False alarm", "parent_status": "closed"})
    made = reply.json
    assert (reply.status, made["id"], made["slug"], made["parent_status"]) == (201, 3, "false_alarm", "CLOSED")
    path = f"{STATUSES}/{made['id']}"
    assert call("GET", path).json == made
    case = call("PUT", "/api/v2/cases/1", {"status": "closed", "sub_status_id": 3}).json
    assert case["sub_status"] == {"id": 3, "name": "False alarm"}
    assert call("PUT", path, {"name": "Benign"}).json["slug"] == "benign"
    assert call("GET", "/api/v2/cases/1").json["sub_status"]["name"] == "Benign"
    assert call("PUT", path, {"parent_status": "open"}).status == 422
    assert call("DELETE", path).status == 204
    assert call("GET", "/api/v2/cases/1").json["sub_status"]["name"] == "Closed"


def test_sub_statuses_of_a_team(call: Any) -> None:
    call("POST", STATUSES, {"team_id": 2, "name": "Waiting"})
    call("POST", STATUSES, {"team_id": 4, "name": "Waiting"})

    def names(query: str) -> list[str]:
        return [status["name"] for status in call("GET", f"{STATUSES}?{query}").json["case_sub_statuses"]]

    assert names("team_id=2") == ["Open", "Closed", "Waiting"]
    assert names("team_id=2&parent_status=OPEN") == ["Open", "Waiting"]
    assert names("team_id=2&search=wait") == ["Waiting"]
    assert call("GET", STATUSES).json["error"]["field"] == "team_id"
    assert call("GET", STATUSES + "?team_id=9").status == 403


def test_a_name_is_taken_once_in_a_team(call: Any) -> None:
    body = {"team_id": 2, "name": "Waiting"}
    assert [call("POST", STATUSES, body).status for _twice in range(2)] == [201, 422]
    assert call("POST", STATUSES, {**body, "parent_status": "CLOSED"}).status == 201
