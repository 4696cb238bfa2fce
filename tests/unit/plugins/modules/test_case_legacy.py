# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case_legacy`: what it refuses, which version serves, failures, and what it comes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Run,
    SimulatorTask,
    assert_failure,
)

BUTTONS = [
    {"label": "Go", "url": "https://acme.tines.com/webhook/go/s3cret", "button_type": "webhook", "button_text": "Go"},
    {"label": "Stop", "url": "https://acme.tines.com/pages/stop", "button_type": "page"},
]
DROPPED = {"kind": "drop_after", "match": {"method": "POST"}}


def asked(**options: Any) -> dict[str, Any]:
    """The options of a task on the case 'Odd login' of team 1."""
    return {"team_id": 1, "name": "Odd login", **options}


# What is given besides a team and a name.
BAD_INPUT = [
    BadInput(
        "no such priority",
        options={"priority": "urgent"},
        says="^value of priority must be one of: critical, high, medium, low, info",
    ),
    BadInput("no timestamp", options={"opened_at": "yesterday"}, says="^opened_at must be an ISO 8601 timestamp"),
    BadInput("an empty name", options={"name": ""}, says="name is empty"),
    BadInput(
        "metadata without a key",
        options={"match_by": "metadata", "metadata": {"a": "b"}},
        says="^match_by: metadata requires match_key",
    ),
    BadInput("no record number", options={"record_ids": ["some"]}, says="record_ids"),
    BadInput(
        "another type of button",
        options={"team_case_buttons": [{"label": "A", "url": "https://a.example", "button_type": "story"}]},
        says="button_type must be one of: webhook, page, got: story",
    ),
    BadInput(
        "a button without URL",
        options={"team_case_buttons": [{"label": "A", "button_type": "page"}]},
        says="url.*team_case_buttons",
    ),
    BadInput(
        "a URL that is none",
        options={"team_case_buttons": [{"label": "A", "url": "a.example", "button_type": "page"}]},
        says="^team_case_buttons: entry 1 .A. has the url 'a.example'",
    ),
    BadInput(
        "two buttons of one label",
        options={
            "team_case_buttons": [
                {"label": "A", "url": "https://a.example", "button_type": "page"},
                {"label": "A", "url": "https://a.example", "button_type": "page"},
            ]
        },
        says="^team_case_buttons: the label 'A' is given more than once",
    ),
]


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
def test_bad_input_is_refused_before_a_request(row: BadInput, run: Run, simulator_task: SimulatorTask) -> None:
    result = run("case_legacy", asked(**row.options))
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


@dataclass(frozen=True)
class Failure:
    """A task that fails. done: the ID of the case that was made before, and that a further run finishes."""

    what: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)
    without_v1: int | None = None
    load: Any = None
    faults: Any = None
    sent: str | None = None
    done: int | None = None


FAILURES = [
    Failure(
        "v1 asked for where it is gone",
        options={"api_version": "v1"},
        without_v1=410,
        says="410.*gone from this tenant.*leave api_version out.*casework.cases.case",
        sent="1 GET",
    ),
    Failure(
        "v1 asked for where it is gone",
        options={"api_version": "v1"},
        without_v1=404,
        says="404.*gone from this tenant.*leave api_version out.*casework.cases.case",
        sent="1 GET",
    ),
    Failure(
        "a creation that v1 answers with 404",
        faults={"kind": "status", "status": 404, "match": {"method": "POST"}},
        says="^POST /api/v1/cases/ .*404",
        sent="1 GET, 1 POST",
    ),
    Failure(
        "a v1 that is down",
        faults={"kind": "status", "status": 500, "times": -1, "match": {"path": "v1"}},
        says="^GET /api/v1/cases .*500",
        sent="1 GET",
    ),
    Failure("a key that v1 refuses", faults={"kind": "status", "status": 401}, says="401.*TINES_API_KEY", sent="1 GET"),
    Failure(
        "a team that the key may not see",
        options={"team_id": 9},
        load={"hidden_teams": [9]},
        says="^POST /api/v1.*403 .*You do not have access to this team",
    ),
    Failure(
        "a team that the key may not see",
        options={"team_id": 9},
        without_v1=410,
        load={"hidden_teams": [9]},
        says="^POST /api/v2.*403 .*You do not have access to this team",
    ),
    Failure(
        "no case to close",
        options={"status": "closed"},
        without_v1=404,
        says="There is no such case to close",
        sent="3 GET",
    ),
    Failure(
        "two open cases of that name",
        load={"cases": [{"case_id": 7, "name": "Odd login", "count": 2}]},
        says="2 open cases of team 1 have the name 'Odd login' .IDs 7, 8.* case_id of casework.cases.case",
    ),
    Failure(
        "a fallback whose buttons are refused",
        options={
            "record_ids": [187],
            "team_case_buttons": BUTTONS,
        },
        without_v1=410,
        faults={
            "kind": "status",
            "status": 422,
            "match": {"path": "/actions"},
            "json": {"error": {"message": "Too many buttons"}},
        },
        says="^Case 1 was created, but not everything was done.*422.*Too many buttons.*Run the task again to finish it",
        done=1,
    ),
    Failure(
        "a fallback whose records are refused",
        options={
            "record_ids": [187, 188],
            "team_case_buttons": BUTTONS,
        },
        without_v1=404,
        faults={
            "kind": "status",
            "status": 404,
            "match": {"path": "/records"},
            "json": {"error": {"message": "No such record"}},
        },
        says="^Case 1 was created, but not everything was done.*404.*No such record.*Run the task again to finish it",
        done=1,
    ),
    Failure(
        "a fallback that nothing identifies whose records are refused",
        options={
            "match_by": "none",
            "record_ids": [187],
            "team_case_buttons": BUTTONS,
            "retries": 0,
        },
        without_v1=404,
        faults={"kind": "status", "status": 500, "match": {"path": "/records"}},
        says="^Case 1 was created, but.*Finish it with casework.cases.case and case_id: 1; running the task again",
        done=1,
    ),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.what)
def test_failure_says_what_was_done(row: Failure, run: Run, simulator_task: SimulatorTask) -> None:
    before = simulator_task(settings={"without_v1": row.without_v1}, load=row.load, faults=row.faults)
    result = run("case_legacy", asked(**row.options))
    after = simulator_task(disarm=True)
    assert_failure(result, row.says, after)
    assert result.changed == (row.done is not None)
    assert result.get("case_id") == row.done
    assert row.sent is None or after["sent"] == row.sent
    if row.done is None:
        assert after["cases"] == before["cases"]
        return
    assert result["case"]["team_case_buttons"] == []
    unfinished = {name: value for name, value in row.options.items() if name in ("record_ids", "team_case_buttons")}
    finished = run("case_legacy", asked(**unfinished))
    assert finished.changed, finished
    assert finished["case_id"] == row.done
    (case,) = simulator_task()["cases"]
    assert sorted(case["record_ids"]) == sorted(unfinished["record_ids"])
    assert [action["label"] for action in case["actions"]] == ["Go", "Stop"]


@dataclass(frozen=True)
class Survived:
    """A fault that a task comes through with exactly one case. served: by which version of the API."""

    what: str
    faults: Any
    served: str
    options: dict[str, Any] = field(default_factory=dict)
    without_v1: int | None = None
    sent: str | None = None


SURVIVED = [
    Survived(
        "a creation that v1 carries out and drops",
        options={
            "record_ids": [187],
            "team_case_buttons": BUTTONS,
        },
        faults=DROPPED,
        sent="3 GET, 1 POST",
        served="v1",
    ),
    Survived(
        "a creation that v1 loses",
        faults={"kind": "drop_before", "match": {"method": "POST"}},
        sent="3 GET, 2 POST",
        served="v1",
    ),
    Survived(
        "a creation that v2 carries out and drops",
        options={
            "record_ids": [187],
            "team_case_buttons": BUTTONS,
        },
        without_v1=410,
        faults=DROPPED,
        served="v2",
    ),
    Survived(
        "a record that is added and dropped",
        options={"record_ids": [187, 188]},
        without_v1=410,
        faults={"kind": "drop_after", "match": {"path": "/records"}},
        served="v2",
    ),
    Survived(
        "a v1 that takes no buttons along",
        options={"team_case_buttons": BUTTONS},
        faults={
            "kind": "ignore_field",
            "fields": ["team_case_buttons"],
            "match": {"method": "POST", "path": "cases/$"},
        },
        sent="2 GET, 3 POST",
        served="v1",
    ),
    Survived(
        "a v1 that takes no records along",
        options={"record_ids": [187, 188]},
        faults={"kind": "ignore_field", "fields": ["record_ids"], "match": {"method": "POST", "path": "cases/$"}},
        sent="3 GET, 1 POST, 2 PUT",
        served="v1",
    ),
    Survived(
        "a listing of v1 that fails twice",
        faults={"kind": "status", "status": 502, "times": 2},
        sent="4 GET, 1 POST",
        served="v1",
    ),
]


@pytest.mark.parametrize("row", SURVIVED, ids=lambda row: row.what)
def test_fault_is_survived_with_one_case(row: Survived, run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(settings={"without_v1": row.without_v1}, faults=row.faults)
    result = run("case_legacy", asked(**row.options))
    after = simulator_task(disarm=True)
    assert not result.failed, result
    assert result.changed
    assert result["api_version"] == row.served
    assert result["api_requests"] == len(after["requests"])
    assert row.sent is None or after["sent"] == row.sent
    (case,) = after["cases"]
    assert case["case_id"] == result["case_id"]
    assert case["record_ids"] == row.options.get("record_ids", [])
    labels = [button["label"] for button in row.options.get("team_case_buttons", ())]
    assert [action["label"] for action in case["actions"]] == labels


def test_a_case_is_shown_alike_by_both_versions(run: Run, simulator_task: SimulatorTask) -> None:
    options = asked(
        record_ids=[187],
        metadata={"alert": "A-1093"},
        tag_names=["login"],
        assignee_emails=["jo@example.com"],
        team_case_buttons=[
            {
                "button_type": "page",
                "url": "https://acme.tines.com/pages/reason",
                "label": "Give a reason",
                "button_text": "Open form",
            }
        ],
    )
    shown = []
    for without_v1, version in ((None, "auto"), (410, "auto"), (404, "auto"), (None, "v1"), (None, "v2")):
        simulator_task(reset=True, settings={"without_v1": without_v1})
        result = run("case_legacy", {**options, "api_version": version})
        assert not result.failed, result
        assert result["case"]["team_case_actions"][0]["action"] == "CREATED"
        # The clock differs, and the time line tells in which steps the case was made.
        differing = ("opened_at", "created_at", "updated_at", "team_case_actions")
        shown.append({key: value for key, value in result["case"].items() if key not in differing})
    for case in shown:
        assert case == shown[0]


@pytest.mark.parametrize(("without_v1", "served", "sent"), [(None, "v1", "1 GET"), (404, "v2", "1 GET")])
def test_without_identity_v1_is_probed_before_a_write(
    without_v1: int | None, served: str, sent: str, run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(settings={"without_v1": without_v1})
    options = asked(match_by="none")
    check = run("case_legacy", options, True)
    assert (check["api_version"], check["case_id"]) == (served, 0)
    assert simulator_task()["sent"] == sent
    simulator_task(forget=True)
    real = run("case_legacy", options)
    assert (real["api_version"], real["case_id"]) == (served, 1)
    after = simulator_task()
    assert after["sent"] == "1 GET, 1 POST"
    assert [request["method"] for request in after["requests"]] == ["GET", "POST"]


def test_without_identity_a_lost_answer_names_the_cases_that_may_be_new(
    run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(settings={"without_v1": 404}, faults=DROPPED)
    result = run("case_legacy", asked(match_by="none"))
    assert_failure(result, "Whether the case 'Odd login' was created is unknown .*since then: 1.*Look before")


def test_v1_gets_no_batch_update(run: Run, simulator_task: SimulatorTask) -> None:
    """v1 has none. A case without buttons is where the module would use it."""
    simulator_task(load={"cases": [{"case_id": 7, "name": "Odd login"}]})
    result = run("case_legacy", asked(team_case_buttons=BUTTONS))
    assert not result.failed, result
    assert simulator_task()["sent"] == "2 GET, 2 POST"


def test_only_v1_is_deprecated(run: Run, simulator_task: SimulatorTask) -> None:
    (deprecation,) = run("case_legacy", asked()).deprecations
    assert deprecation["version"] == "2.0.0"
    assert run("case_legacy", asked(api_version="v2")).deprecations == []
