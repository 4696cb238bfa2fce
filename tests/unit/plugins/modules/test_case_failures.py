# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case`: what it refuses, what it says of a failure, and what it comes through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Run,
    SimulatorTask,
    assert_failure,
)

GO = {"label": "Go", "url": "https://acme.tines.com/webhook/go/s3cret", "action_type": "webhook"}
STAY = {"label": "A", "url": "https://acme.tines.com/webhook/a/s3cret", "action_type": "webhook"}
ODD_LOGIN = {"cases": [{"case_id": 7, "name": "Odd login"}]}
TWINS = {"cases": [{"case_id": 7, "name": "Odd login", "count": 2, "created_at": "2026-01-31T08:30:00Z"}]}
OWNED = {
    "cases": [
        {
            "case_id": 7,
            "name": "Odd login",
            "assignee_emails": [],
            "closure_conditions": [{"name": "has an owner", "formula": "=SIZE(team_case.assignees) > 0"}],
        }
    ]
}
DROPPED = {"kind": "drop_after", "match": {"method": "POST"}}


def asked(**options: Any) -> dict[str, Any]:
    """The options of a task on the case 'Odd login' of team 1, without those that are None."""
    return {name: value for name, value in {"team_id": 1, "name": "Odd login", **options}.items() if value is not None}


# What is given besides a team and a name.
BAD_INPUT = [
    BadInput(
        "no such priority",
        options={"priority": "urgent"},
        says="^value of priority must be one of: critical, high, medium, low, info, got: urgent",
    ),
    BadInput(
        "no such status", options={"status": "done"}, says="^value of status must be one of: open, closed, got: done"
    ),
    BadInput(
        "no timestamp",
        options={"opened_at": "yesterday"},
        says="^opened_at must be an ISO 8601 timestamp such as 2026.*'yesterday'",
    ),
    BadInput(
        "no timestamp either", options={"resolved_at": "31.01.2026"}, says="^resolved_at must be an ISO 8601 timestamp"
    ),
    BadInput(
        "a day that is none", options={"opened_at": "2026-02-30"}, says="^opened_at must be an ISO 8601 timestamp"
    ),
    BadInput(
        "metadata without a key",
        options={"match_by": "metadata", "metadata": {"a": "b"}},
        says="^match_by: metadata requires match_key",
    ),
    BadInput(
        "a key without its value",
        options={"match_by": "metadata", "match_key": "a", "metadata": {"b": "c"}},
        says="metadata needs a value for 'a'",
    ),
    BadInput(
        "a key with no value",
        options={"match_by": "metadata", "match_key": "a", "metadata": {"a": ""}},
        says="metadata needs a value for 'a'",
    ),
    BadInput(
        "a key that is not asked for",
        options={"match_key": "a", "metadata": {"a": "b"}},
        says="^match_key requires match_by: metadata",
    ),
    BadInput("no team", options={"team_id": None}, says="^team_id or team is required to find or create a case"),
    BadInput("an empty name", options={"name": ""}, says="name is empty"),
    BadInput("a blank name", options={"name": " "}, says="name is empty"),
    BadInput(
        "to delete what nothing identifies",
        options={"state": "absent", "match_by": "none"},
        says="^state: absent requires case_id",
    ),
    BadInput("no buttons to be alone", options={"actions_exclusive": True}, says="^actions_exclusive requires actions"),
    BadInput(
        "another type of button",
        options={"actions": [{"label": "A", "url": "https://a.example", "action_type": "url"}]},
        says="entry 1 .A. .*webhook or page",
    ),
    BadInput(
        "two buttons of one label",
        options={
            "actions": [
                {"label": "A", "url": "https://acme.tines.com/webhook/a/s3cret", "action_type": "webhook"},
                {"label": "A", "url": "https://acme.tines.com/webhook/a/s3cret", "action_type": "webhook"},
            ]
        },
        says="the label 'A' is given more than once",
    ),
    BadInput(
        "a URL that is none",
        options={"actions": [{"label": "A", "url": "x://h/webhook/a/s3cret", "action_type": "webhook"}]},
        says=r"url .x.//h/webhook/a/\*",
    ),
]


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
def test_bad_input_is_refused_before_a_request(
    row: BadInput, check_mode: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    result = run("case", asked(**row.options), check_mode)
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


def test_the_id_of_a_predicted_case_is_for_check_mode_only(run: Run, simulator_task: SimulatorTask) -> None:
    """A task before this one may have predicted a case that does not exist yet; its ID is 0."""
    predicted = run("case", asked(case_id=0, priority="high"), True)
    assert not predicted.failed, predicted
    assert predicted.changed
    result = run("case", asked(case_id=0, priority="high"))
    assert_failure(result, "^case_id: 0 is not a case ID")
    assert simulator_task()["requests"] == []


@dataclass(frozen=True)
class Failure:
    """A task that fails.

    says, unsaid: regular expressions. done: the ID of the case that was made or changed before the failure, and that
    a further run finishes, unless `unfinished` says that there is nothing to do then.
    """

    what: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)
    load: Any = None
    faults: Any = None
    unsaid: str | None = None
    sent: str | None = None
    done: int | None = None
    unfinished: bool = True


FAILURES = [
    Failure(
        "a team that the key may not see",
        options={"team_id": 9},
        load={"hidden_teams": [9]},
        says="403 .*You do not have access to this team.*check its role in the team",
        sent="1 GET, 1 POST",
    ),
    Failure(
        "two open cases of that name",
        options={"priority": "high"},
        load=TWINS,
        says="2 open cases of team 1 have the name 'Odd login' .IDs 7, 8.* case_id of casework.cases.case",
        sent="1 GET",
    ),
    Failure(
        "two open cases of that name to delete",
        options={"state": "absent"},
        load=TWINS,
        says="IDs 7, 8.*case_id",
        sent="1 GET",
    ),
    Failure(
        "two open cases of that metadata",
        options={"match_by": "metadata", "match_key": "alert", "metadata": {"alert": "A-1"}},
        load={
            "cases": [{"case_id": 7, "metadata": {"alert": "A-1"}, "count": 2, "created_at": "2026-01-31T08:30:00Z"}]
        },
        says="2 open cases of team 1 have the metadata alert: 'A-1' .IDs 7, 8",
        sent="1 GET",
    ),
    Failure("no such case", options={"case_id": 8}, says="Case 8 was not found.*404", sent="1 GET"),
    Failure("no case to close", options={"status": "closed"}, says="There is no such case to close", sent="2 GET"),
    Failure(
        "a closing that the conditions forbid",
        options={"status": "closed"},
        load=OWNED,
        says="422.*has an owner.*closes only when its closure conditions are met: has an owner",
        unsaid="Case 7 was changed",
        sent="1 GET, 1 PUT",
    ),
    Failure(
        "a closing that the conditions forbid, with metadata that comes first",
        options={"status": "closed", "metadata": {"verdict": "benign"}},
        load=OWNED,
        says="^Case 7 was changed, but not everything was done.*closes only when",
        done=7,
        unfinished=False,
    ),
    Failure("a key that is refused", faults={"kind": "status", "status": 401}, says="401.*TINES_API_KEY", sent="1 GET"),
    Failure(
        "a server that does nothing of it",
        options={"priority": "high"},
        load=ODD_LOGIN,
        faults={"kind": "ignore_field", "fields": ["priority"], "match": {"method": "PUT"}},
        says="Case 7.*the server took the request but did not do all of it: priority is 'LOW' instead of 'high'",
        done=7,
    ),
    Failure(
        "a creation that fails again and again",
        options={"retries": 1},
        faults={"kind": "status", "status": 500, "times": -1, "match": {"method": "POST"}},
        says="POST /api/v2/cases/.*500",
        sent="3 GET, 2 POST",
    ),
    Failure(
        "a lost creation on a server that is then down",
        options={"retries": 1},
        faults=[
            {"kind": "drop_before", "match": {"method": "POST"}},
            {"kind": "status", "status": 200, "json": {"cases": []}, "match": {"method": "GET"}},
            {"kind": "status", "status": 500, "times": -1},
        ],
        says="Whether the case 'Odd login' was created is unknown .looking for it failed: GET .*500.*Run the task",
    ),
    Failure(
        "a case whose buttons are refused",
        options={"actions": [GO]},
        faults={
            "kind": "status",
            "status": 422,
            "match": {"path": "/actions"},
            "json": {"error": {"message": "Too many buttons"}},
        },
        says="^Case 1 was created, but not everything was done.*422.*Too many buttons.*Run the task again to finish it",
        sent="2 GET, 1 POST, 1 PUT",
        done=1,
    ),
    Failure(
        "a case that nothing identifies whose buttons are refused",
        options={
            "match_by": "none",
            "actions": [GO],
        },
        faults={"kind": "status", "status": 422, "match": {"path": "/actions"}},
        says="^Case 1 was created, but.*Finish it with casework.cases.case and case_id: 1; running",
        done=1,
    ),
    Failure(
        "a case whose identifying metadata are refused",
        options={"match_by": "metadata", "match_key": "alert", "metadata": {"alert": "A-1"}},
        faults=[
            {"kind": "ignore_field", "fields": ["metadata"], "match": {"path": "/cases/$"}},
            {"kind": "status", "status": 403, "match": {"path": "/metadata"}},
        ],
        says="^Case 1 was created, but.*Finish it with casework.cases.case and case_id: 1",
        done=1,
    ),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.what)
def test_failure_says_what_was_done(row: Failure, run: Run, simulator_task: SimulatorTask) -> None:
    before = simulator_task(load=row.load, faults=row.faults)
    result = run("case", asked(**row.options))
    after = simulator_task(disarm=True)
    assert_failure(result, row.says, after)
    assert row.unsaid is None or not re.search(row.unsaid, result["msg"])
    assert result.changed == (row.done is not None)
    assert result.get("case_id") == row.done
    assert row.done is not None or after["cases"] == before["cases"]
    assert row.sent is None or after["sent"] == row.sent


@pytest.mark.parametrize("row", [row for row in FAILURES if row.done], ids=lambda row: row.what)
def test_a_further_run_finishes_what_a_failure_left(row: Failure, run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load=row.load, faults=row.faults)
    run("case", asked(**row.options))
    simulator_task(disarm=True)
    case_id = row.done if "match_by" in row.options else None
    wanted = {name: row.options.get(name) for name in ("priority", "metadata", "actions")}
    result = run("case", asked(case_id=case_id, **wanted))
    assert not result.failed, result
    assert result.changed == row.unfinished
    assert result["case_id"] == row.done
    (case,) = simulator_task()["cases"]
    assert [action["label"] for action in case["actions"]] == [a["label"] for a in wanted["actions"] or ()]
    assert case["metadata"] == (wanted["metadata"] or {})


@dataclass(frozen=True)
class Survived:
    """A fault that a task comes through with exactly one case, unless `names` says which there are then."""

    what: str
    faults: Any
    options: dict[str, Any] = field(default_factory=dict)
    load: Any = None
    sent: str | None = None
    names: tuple[str, ...] = ("Odd login",)


SURVIVED = [
    Survived("a listing that fails twice", faults={"kind": "status", "status": 502, "times": 2}, sent="4 GET, 1 POST"),
    Survived(
        "a creation that is lost", faults={"kind": "drop_before", "match": {"method": "POST"}}, sent="3 GET, 2 POST"
    ),
    Survived(
        "a creation that is carried out and dropped",
        faults=DROPPED,
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation that is carried out and dropped, found by metadata",
        options={"match_by": "metadata", "match_key": "alert", "metadata": {"alert": "A-1"}},
        faults=DROPPED,
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation whose answer breaks off",
        faults={"kind": "truncated_json", "match": {"method": "POST"}},
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation whose answer is cut off",
        faults={"kind": "cut_body", "match": {"method": "POST"}},
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation whose answer is empty",
        faults={"kind": "empty_body", "match": {"method": "POST"}},
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation whose answer is no case",
        faults={"kind": "wrong_shape", "match": {"method": "POST"}},
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation that is carried out and answered 500",
        faults={"kind": "status", "status": 500, "after": True, "match": {"method": "POST"}},
        sent="3 GET, 1 POST",
    ),
    Survived(
        "a creation that fails with 502",
        faults={"kind": "status", "status": 502, "match": {"method": "POST"}},
        sent="3 GET, 2 POST",
    ),
    Survived(
        "a creation that is carried out and answered too late",
        options={"timeout": 0.7},
        faults={"kind": "delay", "seconds": 1.5, "after": True, "match": {"method": "POST"}},
    ),
    Survived(
        "a creation that is answered too late",
        options={"timeout": 0.7},
        faults={"kind": "delay", "seconds": 1.2, "match": {"method": "POST"}},
    ),
    Survived(
        "a creation that is told to wait",
        faults={"kind": "rate_limit", "retry_after": 1, "match": {"method": "POST"}},
        sent="2 GET, 2 POST",
    ),
    Survived(
        "a creation that is told to come later",
        faults={"kind": "status", "status": 503, "retry_after": 1, "match": {"method": "POST"}},
        sent="2 GET, 2 POST",
    ),
    Survived(
        "buttons that are put on a new case and dropped",
        options={"actions": [GO]},
        faults={"kind": "drop_after", "match": {"method": "PUT"}},
        sent="3 GET, 1 POST, 1 PUT",
    ),
    Survived(
        "an update that is carried out and dropped",
        options={"priority": "high"},
        load=ODD_LOGIN,
        faults={"kind": "drop_after", "match": {"method": "PUT"}},
        sent="1 GET, 2 PUT",
    ),
    Survived(
        "a closing that is carried out and answered 503",
        options={"status": "closed"},
        load=ODD_LOGIN,
        faults={"kind": "status", "status": 503, "after": True, "match": {"method": "PUT"}},
        sent="1 GET, 2 PUT",
    ),
    Survived(
        "metadata that are set and dropped",
        options={"metadata": {"a": "b"}},
        load=ODD_LOGIN,
        faults=DROPPED,
    ),
    Survived(
        "a deletion that is carried out and dropped",
        options={"state": "absent"},
        load=ODD_LOGIN,
        faults={"kind": "drop_after", "match": {"method": "DELETE"}},
        sent="2 DELETE, 2 GET",
        names=(),
    ),
]


@pytest.mark.parametrize("row", SURVIVED, ids=lambda row: row.what)
def test_fault_is_survived_with_one_case(row: Survived, run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load=row.load, faults=row.faults)
    result = run("case", asked(**row.options))
    after = simulator_task(disarm=True)
    assert not result.failed, result
    assert result.changed
    assert result["api_requests"] == len(after["requests"])
    assert row.sent is None or after["sent"] == row.sent
    assert tuple(case["name"] for case in after["cases"]) == row.names
    for case in after["cases"]:
        assert case["case_id"] == result["case_id"]
        assert [action["label"] for action in case["actions"]] == [a["label"] for a in row.options.get("actions", ())]
        assert case["metadata"] == row.options.get("metadata", {})
        assert case["status"] == row.options.get("status", "open").upper()


def test_a_case_lives(run: Run, simulator_task: SimulatorTask) -> None:
    """Create, change, close, reopen, delete: each is predicted, done, and then nothing is left to do."""
    page = {**GO, "url": "https://acme.tines.com/pages/go", "action_type": "page"}
    by_id = {"case_id": 1}
    life: list[tuple[dict[str, Any], list[int]]] = [
        ({"priority": "low", "actions": [GO]}, [1, 4, 2, 2]),
        ({"priority": "high"}, [1, 2, 1, 1]),
        ({"actions": [page]}, [2, 3, 2, 2]),
        ({"status": "closed"}, [1, 2, 2, 2]),
        ({"status": "open", **by_id}, [1, 2, 1, 1]),
        ({"state": "absent", **by_id}, [1, 2, 1, 1]),
    ]
    for options, requests in life:
        tried = [run("case", asked(**options), check_mode) for check_mode in (True, False, True, False)]
        assert [result.changed for result in tried] == [True, True, False, False], tried
        assert [result["api_requests"] for result in tried] == requests
        assert tried[0]["diff"] == tried[1]["diff"]
    assert simulator_task()["cases"] == []


UNIDENTIFIED = {"match_by": "none", "opened_at": "2026-01-30T08:30:00Z"}


def test_without_identity_each_run_creates_a_case(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"name": "Odd login", "created_at": "2026-01-31T08:30:00Z"}]})
    made = [run("case", asked(**UNIDENTIFIED), check_mode) for check_mode in (True, False, False)]
    assert [result.changed for result in made] == [True, True, True]
    assert [result["case_id"] for result in made] == [0, 2, 3]
    assert made[0]["diff"] == made[1]["diff"]
    after = simulator_task()
    assert after["sent"] == "2 POST"
    assert len(after["cases"]) == 3


def test_without_identity_a_lost_answer_names_the_cases_that_may_be_new(
    run: Run, simulator_task: SimulatorTask
) -> None:
    """A case of long ago is none of them. One that this machine's clock dates a little before the task may be."""
    now = datetime.now(timezone.utc)
    simulator_task(
        load={
            "cases": [
                {"name": "Odd login", "created_at": timestamp(now - timedelta(hours=1))},
                {"name": "Odd login", "created_at": timestamp(now - timedelta(seconds=30))},
            ]
        },
        faults=DROPPED,
    )
    result = run("case", asked(**UNIDENTIFIED))
    after = simulator_task()
    assert_failure(result, "^Whether the case 'Odd login' was created is unknown", after)
    assert_failure(result, r"\(open cases of that name made since then: 3, 2\)")
    assert_failure(result, "Look before running the task again")
    assert after["sent"] == "1 GET, 1 POST"
    assert len(after["cases"]) == 3


def test_without_identity_a_lost_request_is_not_sent_again(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(faults={"kind": "drop_before", "match": {"method": "POST"}})
    result = run("case", asked(**UNIDENTIFIED))
    after = simulator_task()
    assert_failure(result, "is unknown .open cases of that name made since then: none", after)
    assert after["sent"] == "1 GET, 1 POST"
    assert after["cases"] == []


def test_without_identity_an_answer_that_is_no_case_names_the_case(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(faults={"kind": "empty_body", "match": {"method": "POST"}})
    result = run("case", asked(**UNIDENTIFIED))
    assert_failure(result, "is unknown .open cases of that name made since then: 1", simulator_task())


def test_buttons_that_were_changed_before_a_failure_are_progress(run: Run, simulator_task: SimulatorTask) -> None:
    """The case itself has nothing to change. One of its buttons is updated, then the other one is refused."""
    simulator_task(
        load={"cases": [{"case_id": 7, "name": "Odd login", "actions": [GO]}]},
        faults={"kind": "status", "status": 422, "match": {"method": "POST", "path": "/actions$"}},
    )
    result = run("case", asked(actions=[{**GO, "action_text": "Go"}, STAY]))
    after = simulator_task()
    assert_failure(result, "^Case 7 was changed, but not everything was done.*422.*Run the task again to finish", after)
    assert result.changed
    assert result["case_id"] == 7
    assert [action["action_text"] for action in after["cases"][0]["actions"]] == ["Go"]


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
