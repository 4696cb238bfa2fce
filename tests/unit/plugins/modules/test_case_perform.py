# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case_perform`: what it refuses, failures, and that no action is sent twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    BadInput,
    Result,
    Run,
    SimulatorTask,
    assert_failure,
)

CASE = "00000001-0000-4000-8000-000000000001"
CONTRIBUTOR = "00000000-0000-4000-8000-000000000001"
REVIEWER = "00000000-0000-4000-8000-000000000002"
OTHER_REVIEWER = "00000000-0000-4000-8000-000000000003"
COMMENT = {"action_type": "comment", "comment": "Called."}
REQUEST = {
    "action_type": "override",
    "override_state": "favorable",
    "user_id": CONTRIBUTOR,
    "reviewer_ids": [REVIEWER],
}
SENT = {"method": "POST"}


def perform(run: Run, options: dict[str, Any], check_mode: bool = False) -> Result:
    return run("case_perform", {"case_id": CASE, **options}, check_mode)


def trustpair(**case: Any) -> dict[str, Any]:
    """What to load into the simulator."""
    return {"trustpair": {"cases": [case]}}


# What is given. PLACE is a directory with two files.
BAD_INPUT = [
    BadInput("a case by a name", options={"case_id": "mine", "action_type": "close"}, says="case_id must be a UUID"),
    BadInput(
        "a case that is no UUID",
        options={"case_id": 42, "action_type": "close"},
        says="^case_id 42 is a number.*casework.cases.case ",
    ),
    BadInput(
        "a user that is no UUID", options={"action_type": "close", "user_id": "me"}, says="user_id must be a UUID"
    ),
    BadInput("an unknown action", options={"action_type": "reopen"}, says="action_type.*comment.*override"),
    BadInput("no comment", options={"action_type": "comment"}, says="needs comment"),
    BadInput("an empty comment", options={"action_type": "comment", "comment": ""}, says="comment is empty"),
    BadInput(
        "a blank comment with a decision", options={"action_type": "accept", "comment": " "}, says="comment is empty"
    ),
    BadInput(
        "an override without reviewers",
        options={
            **REQUEST,
            "reviewer_ids": [],
        },
        says="needs reviewer_ids",
    ),
    BadInput(
        "an override of no state",
        options={"action_type": "override", "reviewer_ids": [REVIEWER]},
        says="needs override_state",
    ),
    BadInput(
        "the creator among the reviewers",
        options={
            **REQUEST,
            "reviewer_ids": [REVIEWER, CONTRIBUTOR],
        },
        says="reviewer_ids names user_id",
    ),
    BadInput(
        "reviewers of a decision",
        options={"action_type": "accept", "reviewer_ids": [REVIEWER]},
        says="reviewer_ids goes with action_type override",
    ),
    BadInput(
        "documents with a closing",
        options={"action_type": "close", "documents": [{"content": "Minutes of the call", "filename": "a.txt"}]},
        says="documents goes with action_type comment",
    ),
    BadInput(
        "a document that does not exist",
        options={**COMMENT, "documents": [{"path": "PLACE/none.pdf"}]},
        says="entry 1.*none.pdf does not exist",
    ),
    BadInput(
        "a document that is a directory",
        options={**COMMENT, "documents": [{"path": "PLACE"}]},
        says="entry 1.*is a directory",
    ),
    BadInput(
        "a document that is empty",
        options={
            **COMMENT,
            "documents": [{"content": "Minutes of the call", "filename": "a.txt"}, {"path": "PLACE/empty"}],
        },
        says="entry 2.*is empty",
    ),
    BadInput(
        "documents that are too large",
        options={**COMMENT, "documents": [{"path": "PLACE/large"}]},
        says="large.*10 MiB",
    ),
    BadInput(
        "a document without a name",
        options={**COMMENT, "documents": [{"content": "Minutes of the call"}]},
        says="needs a filename",
    ),
    BadInput(
        "a document with two sources",
        options={
            **COMMENT,
            "documents": [{"content": "Minutes of the call", "path": "PLACE/empty"}],
        },
        says="mutually exclusive.*path.*content",
    ),
    BadInput(
        "unique without reading",
        options={**COMMENT, "unique": True, "precheck": False},
        says="unique needs the case to be read",
    ),
    BadInput(
        "an address in clear",
        options={"action_type": "close", "api_url": "http://app.example"},
        says="api_url.*TRUSTPAIR_API_URL.*clear",
    ),
    BadInput(
        "no address", options={"action_type": "close", "api_url": ""}, says="api_url is missing.*TRUSTPAIR_API_URL"
    ),
    BadInput("no key", options={"action_type": "close", "api_key": ""}, says="api_key is missing.*TRUSTPAIR_API_KEY"),
]


def placed(value: Any, place: Path) -> Any:
    """The value with the directory instead of PLACE."""
    if isinstance(value, dict):
        return {key: placed(item, place) for key, item in value.items()}
    if isinstance(value, list):
        return [placed(item, place) for item in value]
    return value.replace("PLACE", str(place)) if isinstance(value, str) else value


@pytest.mark.parametrize("row", BAD_INPUT, ids=lambda row: row.what)
def test_bad_input_is_refused_before_a_request(
    row: BadInput, run: Run, simulator_task: SimulatorTask, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    with (tmp_path / "large").open("wb") as large:
        large.truncate(11 * 1024 * 1024)
    result = perform(run, placed(row.options, tmp_path))
    seen = simulator_task()
    assert_failure(result, row.says, seen)
    assert seen["requests"] == []


@dataclass(frozen=True)
class Failure:
    """An action in a case, what the module says, and the requests that it sends."""

    what: str
    says: str
    options: dict[str, Any]
    sent: str
    case: dict[str, Any] = field(default_factory=dict)
    faults: Any = None
    status: int | None = None


FAILURES = [
    Failure(
        "a comment in a closed case",
        options=COMMENT,
        case={"status": "closed"},
        says="422.*The case is closed",
        status=422,
        sent="1 GET, 1 POST",
    ),
    Failure(
        "the same in French",
        options={**COMMENT, "language": "fr"},
        case={"status": "closed"},
        says="Le dossier est clôturé",
        status=422,
        sent="1 GET, 1 POST",
    ),
    Failure(
        "a decision on a cancelled request",
        options={"action_type": "accept", "user_id": REVIEWER},
        case={
            "override": {
                "state": "favorable",
                "created_by": CONTRIBUTOR,
                "assigned_reviewers": [REVIEWER],
                "status": "cancelled",
            }
        },
        says="accept cannot be done.*cancelled",
        sent="1 GET",
    ),
    Failure(
        "a decision on no request",
        options={"action_type": "refuse", "user_id": REVIEWER},
        case={},
        says="refuse cannot be done.*no override request",
        sent="1 GET",
    ),
    Failure(
        "a decision by whoever requested it",
        options={"action_type": "accept", "user_id": CONTRIBUTOR},
        case={
            "override": {
                "state": "favorable",
                "created_by": CONTRIBUTOR,
                "assigned_reviewers": [REVIEWER],
            }
        },
        says="somebody else must decide",
        sent="1 GET",
    ),
    Failure(
        "another request while one is pending",
        options={
            "action_type": "override",
            "override_state": "unfavorable",
            "user_id": CONTRIBUTOR,
            "reviewer_ids": [REVIEWER],
        },
        case={
            "override": {
                "state": "favorable",
                "created_by": CONTRIBUTOR,
                "assigned_reviewers": [REVIEWER],
            }
        },
        says="only one can be active",
        sent="1 GET",
    ),
    Failure(
        "a decision by someone without the role",
        options={"action_type": "accept", "user_id": CONTRIBUTOR},
        case={
            "override": {
                "state": "favorable",
                "created_by": OTHER_REVIEWER,
                "assigned_reviewers": [REVIEWER],
            }
        },
        says="403.*reviewer role.*cases_write.*cases feature.*role",
        status=403,
        sent="2 GET, 1 POST",
    ),
    Failure(
        "a case that does not exist",
        options={**COMMENT, "case_id": CONTRIBUTOR},
        case={},
        says="was not found.*404.*case_id and api_url.*precheck",
        status=404,
        sent="1 GET",
    ),
    Failure(
        "a key that is refused",
        options={**COMMENT, "api_key": "another-key"},
        case={},
        says="401.*TRUSTPAIR_API_KEY",
        status=401,
        sent="1 GET",
    ),
    Failure(
        "a server that echoes the key",
        options=COMMENT,
        case={},
        faults={"kind": "echo_key", "match": SENT},
        says="401.*[*]{8}",
        status=401,
        sent="1 GET, 1 POST",
    ),
    Failure(
        "a server that says yes and does nothing",
        options={"action_type": "accept", "user_id": REVIEWER},
        case={
            "override": {
                "state": "favorable",
                "created_by": CONTRIBUTOR,
                "assigned_reviewers": [REVIEWER],
            }
        },
        faults={"kind": "status", "status": 200, "json": {"data": {}}, "match": SENT},
        says="seems not to have done it.*pending",
        sent="2 GET, 1 POST",
    ),
    Failure(
        "a rate limit that is not lifted",
        options={**COMMENT, "retries": 0},
        case={},
        faults={"kind": "rate_limit", "match": SENT},
        says="429.*100 requests in 10 seconds",
        status=429,
        sent="1 GET, 1 POST",
    ),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.what)
def test_failure_is_told_and_changes_nothing(row: Failure, run: Run, simulator_task: SimulatorTask) -> None:
    before = simulator_task(load=trustpair(**row.case), faults=row.faults)
    result = perform(run, row.options)
    after = simulator_task()
    assert_failure(result, row.says, after)
    assert result.get("status") == row.status
    assert row.status is None or result["path"].startswith("/api/v1/cases/")
    assert after["sent"] == row.sent
    assert after["trustpair"] == before["trustpair"]


@dataclass(frozen=True)
class Once:
    """A fault, whether the comment is known to be added then, and how often it is sent. quiet: without a warning."""

    what: str
    faults: Any
    done: bool
    quiet: bool = False
    posts: int = 1


ONCE = [
    Once("an answer that is lost", faults={"kind": "drop_after", "match": SENT}, done=True),
    Once("a request that is lost", faults={"kind": "drop_before", "match": SENT}, done=False),
    Once("an error of the server", faults={"kind": "status", "status": 500, "match": SENT}, done=False),
    Once(
        "an error of a gateway after the work",
        faults={"kind": "status", "status": 504, "after": True, "match": SENT},
        done=True,
    ),
    Once(
        "a server that asks for another try",
        faults={"kind": "status", "status": 503, "headers": {"Retry-After": "0"}, "match": SENT},
        done=False,
    ),
    Once("half an answer", faults={"kind": "truncated_json", "match": SENT}, done=True),
    Once("a page instead of an answer", faults={"kind": "html", "after": True, "match": SENT}, done=True),
    Once("an answer of another shape", faults={"kind": "wrong_shape", "match": SENT}, done=True),
    Once(
        "an answer after the time",
        faults={"kind": "delay", "seconds": 2, "after": True, "match": SENT},
        done=True,
    ),
    Once("an empty answer", faults={"kind": "empty_body", "match": SENT}, done=True, quiet=True),
    Once(
        "a rate limit",
        faults={"kind": "rate_limit", "retry_after": 0, "times": 2, "match": SENT},
        done=True,
        quiet=True,
        posts=3,
    ),
]


@pytest.mark.parametrize("row", ONCE, ids=lambda row: row.what)
def test_an_action_is_never_sent_twice(row: Once, run: Run, simulator_task: SimulatorTask) -> None:
    """The case has a comment of the same text already."""
    simulator_task(load=trustpair(comments=["Called."]), faults=row.faults)
    result = perform(run, {**COMMENT, "timeout": 1})
    after = simulator_task(disarm=True)
    assert result.failed != row.done, result
    assert result.changed == row.done
    assert after["methods"]["POST"] == row.posts
    assert len(after["trustpair"]["cases"][0]["comments"]) == (2 if row.done else 1)
    told = [warning for warning in result.warnings if "the case shows that it was done" in warning]
    assert len(told) == (1 if row.done and not row.quiet else 0)
    assert result["api_requests"] == len(after["requests"])
    if not row.done:
        assert_failure(result, "outcome of comment is unknown")


def test_a_case_that_may_not_be_read_is_warned_of(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load=trustpair(), faults={"kind": "status", "status": 403, "times": -1, "match": {"method": "GET"}})
    check, real = (perform(run, {"action_type": "close"}, check_mode) for check_mode in (True, False))
    after = simulator_task()
    assert (check.changed, real.changed) == (True, True)
    assert check["diff"] == real["diff"]
    (warning,) = real.warnings
    assert check.warnings == [warning]
    assert "could not be read" in warning
    assert after["sent"] == "2 GET, 1 POST"
    assert after["trustpair"]["cases"][0]["status"] == "closed"


def test_without_precheck_nothing_is_read(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load=trustpair())
    result = perform(run, {"action_type": "close", "precheck": False})
    assert result.changed
    assert result.warnings == []
    assert result["case"] == {}
    assert simulator_task()["sent"] == "1 POST"


def test_a_comment_is_added_each_time_unless_it_is_unique(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load=trustpair(comments=["Called."]))
    result = perform(run, COMMENT)
    assert result.changed
    assert len(result["case"]["relationships"]["comments"]["data"]) == 2
    assert not perform(run, {**COMMENT, "unique": True}).changed


def test_check_mode_does_not_guess_about_an_unknown_case(run: Run, simulator_task: SimulatorTask) -> None:
    result = run("case_perform", {"uuid": CONTRIBUTOR, "action_type": "close"}, True)
    assert_failure(result, "was not found.*precheck", simulator_task())
