# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trustpair: cases, actions, roles, the life of an override request."""

from __future__ import annotations

from typing import Any

import pytest

CONTRIBUTOR, REVIEWER, OTHER_REVIEWER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
NOBODY = "00000000-0000-4000-8000-000000000099"
REVIEWERS = "/data/relationships/assigned_reviewers"


@pytest.fixture
def path(call: Any) -> str:
    """The path of an open case."""
    return f"/api/v1/cases/{call.load(trustpair={'cases': [{}]})['trustpair']['cases'][0]}"


def payload(action_type: str, user: str = "", reviewers: Any = None, **attributes: Any) -> dict[str, Any]:
    """The body of an action."""
    data: dict[str, Any] = {"type": "case_action", "attributes": {"action_type": action_type, **attributes}}
    relationships: dict[str, Any] = {}
    if user:
        relationships["user"] = {"data": {"type": "user", "id": user}}
    if reviewers is not None:
        relationships["assigned_reviewers"] = {"data": [{"type": "user", "id": reviewer} for reviewer in reviewers]}
    if relationships:
        data["relationships"] = relationships
    return {"data": data}


def request_override(call: Any, path: str) -> None:
    body = payload("override", CONTRIBUTOR, [REVIEWER], state="favorable", comment="Bank letter received.")
    assert call("POST", path + "/actions", body).status == 200


def code(reply: Any) -> tuple[int, str]:
    return reply.status, reply.json["errors"][0]["code"]


def test_a_comment_with_documents(call: Any, path: str) -> None:
    document = {"filename": "letter.pdf", "content_type": "application/pdf", "content": "aGVsbG8="}
    body = payload("comment", comment="Called them.", documents=[document])
    reply = call("POST", path + "/actions?include=user,comment.documents", body)
    data = reply.json["data"]
    assert reply.status == 200
    assert set(data) == {"id", "type", "attributes", "relationships"}
    assert (data["type"], data["attributes"]["action_type"]) == ("case_action", "comment")
    assert data["relationships"]["user"] == {"data": {"type": "user", "id": CONTRIBUTOR}}
    assert data["relationships"]["override"] == {"data": None}
    included = {item["type"]: item for item in reply.json["included"]}
    assert set(included) == {"user", "comment", "document"}
    assert included["comment"]["attributes"]["content"] == "Called them."
    assert included["document"]["attributes"] == {
        "filename": "letter.pdf",
        "content_type": "application/pdf",
        "byte_size": 5,
    }


def test_without_include_nothing_is_included(call: Any, path: str) -> None:
    assert set(call("POST", path + "/actions", payload("comment", comment="x")).json) == {"data"}


def test_four_eyes(call: Any, path: str) -> None:
    request_override(call, path)
    case = call("GET", path).json
    assert case["data"]["attributes"] == {**case["data"]["attributes"], "status": "open", "state": "unfavorable"}
    override, reviewer, comment = case["included"]
    assert (override["attributes"]["state"], override["attributes"]["status"]) == ("favorable", "pending")
    assert case["data"]["relationships"]["override"]["data"] == {"type": "override", "id": override["id"]}
    assert override["relationships"]["created_by"]["data"]["id"] == CONTRIBUTOR
    assert (reviewer["id"], comment["attributes"]["content"]) == (REVIEWER, "Bank letter received.")
    assert code(call("POST", path + "/actions", payload("accept", CONTRIBUTOR))) == (403, "own_override")
    assert code(call("POST", path + "/actions", payload("cancel", REVIEWER))) == (403, "not_creator")
    assert code(call("POST", path + "/actions", payload("close"))) == (422, "override_pending")
    reply = call("POST", path + "/actions?include=override", payload("accept", REVIEWER))
    assert reply.json["included"][0]["attributes"]["status"] == "accepted"
    case = call("GET", path + "?include=actions.user").json
    assert case["data"]["attributes"]["state"] == "favorable"
    logged = [item["attributes"]["action_type"] for item in case["included"] if item["type"] == "case_action"]
    assert logged == ["override", "accept"]
    assert code(call("POST", path + "/actions", payload("refuse", REVIEWER))) == (422, "no_pending_override")


@pytest.mark.parametrize(
    ("action_type", "user", "status"), [("refuse", OTHER_REVIEWER, "refused"), ("cancel", CONTRIBUTOR, "cancelled")]
)
def test_an_override_that_comes_to_nothing(call: Any, path: str, action_type: str, user: str, status: str) -> None:
    request_override(call, path)
    assert call("POST", path + "/actions", payload(action_type, user, comment="No.")).status == 200
    case = call("GET", path + "?include=override,comments").json
    assert case["included"][0]["attributes"]["status"] == status
    assert [item["attributes"].get("content") for item in case["included"][1:]] == ["Bank letter received.", "No."]
    assert case["data"]["attributes"]["state"] == "unfavorable"
    request_override(call, path)


def test_close(call: Any, path: str) -> None:
    assert call("POST", path + "/actions", payload("close")).status == 200
    attributes = call("GET", path).json["data"]["attributes"]
    assert (attributes["status"], attributes["closed_at"] is None) == ("closed", False)
    for action_type in ("comment", "close"):
        assert code(call("POST", path + "/actions", payload(action_type, comment="x"))) == (422, "case_closed")


@pytest.mark.parametrize(
    ("reviewers", "attributes", "expected", "pointer"),
    [
        (None, {"state": "favorable"}, "reviewers_missing", REVIEWERS),
        ([], {"state": "favorable"}, "reviewers_missing", REVIEWERS),
        ([REVIEWER, CONTRIBUTOR], {"state": "favorable"}, "creator_reviews", REVIEWERS),
        ([NOBODY], {"state": "favorable"}, "user_unknown", REVIEWERS),
        ([REVIEWER], {}, "state_missing", "/data/attributes/state"),
        ([REVIEWER], {"state": "maybe"}, "invalid", "/data/attributes/state"),
        ([REVIEWER], {"state": "favorable", "documents": []}, "documents_misplaced", "/data/attributes/documents"),
    ],
)
def test_override_requests_that_are_refused(
    call: Any, path: str, reviewers: Any, attributes: dict[str, Any], expected: str, pointer: str
) -> None:
    reply = call("POST", path + "/actions", payload("override", CONTRIBUTOR, reviewers, **attributes))
    assert code(reply) == (422, expected)
    assert reply.json["errors"][0]["source"] == {"pointer": pointer}
    assert call("GET", path).json["data"]["relationships"]["override"] == {"data": None}


def test_one_override_at_a_time(call: Any, path: str) -> None:
    request_override(call, path)
    body = payload("override", CONTRIBUTOR, [REVIEWER], state="unfavorable")
    assert code(call("POST", path + "/actions", body)) == (422, "override_pending")


def test_roles(call: Any, path: str) -> None:
    users = [
        {"first_name": "No", "last_name": "Role", "roles": []},
        {"first_name": "B", "last_name": "Oth", "roles": ["contributor", "reviewer"]},
    ]
    nobody, both = call.load(trustpair={"users": users})["trustpair"]["users"]
    assert code(call("POST", path + "/actions", payload("comment", nobody, comment="x"))) == (403, "no_role")
    assert code(call("POST", path + "/actions", payload("close", nobody))) == (403, "no_role")
    body = payload("override", REVIEWER, [OTHER_REVIEWER], state="favorable")
    assert code(call("POST", path + "/actions", body)) == (403, "not_contributor")
    body = payload("override", both, [CONTRIBUTOR], state="favorable")
    assert code(call("POST", path + "/actions", body)) == (422, "reviewer_role")
    assert call("POST", path + "/actions", payload("override", both, [REVIEWER], state="favorable")).status == 200
    assert code(call("POST", path + "/actions", payload("accept", both))) == (403, "own_override")
    assert code(call("POST", path + "/actions", payload("accept", CONTRIBUTOR))) == (403, "not_reviewer")
    assert code(call("POST", path + "/actions", payload("comment", NOBODY, comment="x"))) == (422, "user_unknown")


def test_the_keys_own_user_can_be_loaded(call: Any, path: str) -> None:
    call.load(trustpair={"default_user": REVIEWER})
    reply = call("POST", path + "/actions", payload("comment", comment="x"))
    assert reply.json["data"]["relationships"]["user"]["data"]["id"] == REVIEWER


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": []},
        {"data": {"type": "case_action"}},
        {"data": {"type": "case_actions", "attributes": {"action_type": "close"}}},
        {"data": {"type": "case_action", "attributes": {"action_type": "reopen"}}},
        {"data": {"type": "case_action", "attributes": {"action": "close"}}},
        {"data": {"type": "case_action", "attributes": {"action_type": "close"}, "id": "1"}},
        {"data": {"type": "case_action", "attributes": {"action_type": "close"}}, "meta": {}},
        payload("close", "not-a-uuid"),
        payload("close", reviewers=[REVIEWER]),
        payload("close", state="favorable"),
        payload("comment"),
        payload("comment", comment="  "),
        payload("comment", comment="x", documents=[{"filename": "a"}]),
        payload("comment", comment="x", documents=[{"filename": "a", "content_type": "b", "content": "?"}]),
        payload("comment", comment="x", external_reference="R-1"),
    ],
)
def test_bodies_that_are_refused(call: Any, path: str, body: Any) -> None:
    reply = call("POST", path + "/actions", body)
    assert reply.status == 422
    assert {"status", "code", "title", "detail"} <= set(reply.json["errors"][0])
    case = call("GET", path).json["data"]
    assert (case["attributes"]["status"], case["relationships"]["actions"]["data"]) == ("open", [])


def test_attributes_that_the_reference_does_not_know(call: Any, path: str) -> None:
    call.switch(extra_attributes=["external_reference"])
    body = payload("comment", comment="x", external_reference="R-1")
    assert call("POST", path + "/actions", body).status == 200


@pytest.mark.parametrize(
    ("language", "detail"), [("fr-FR", "Le dossier est introuvable."), ("en", "The case was not found.")]
)
def test_languages(call: Any, language: str, detail: str) -> None:
    reply = call("GET", f"/api/v1/cases/{NOBODY}", headers={"Accept-Language": language})
    assert (reply.status, reply.json["errors"][0]["detail"]) == (404, detail)
    reply = call("POST", f"/api/v1/cases/{NOBODY}/actions", {}, headers={"Accept-Language": language})
    assert reply.json["errors"][0]["detail"] == detail


def test_keys_paths_and_methods(call: Any, path: str) -> None:
    assert code(call("GET", path, headers={"Authorization": "Bearer no"})) == (401, "unauthorized")
    assert call("GET", path, headers={"Authorization": "", "X-User-Token": "sim-key-0000"}).status == 401
    assert code(call("GET", path + "/overrides")) == (404, "path_not_found")
    assert call("GET", path + "/actions").status == 405
    assert call("GET", path.upper().replace("/API/V1/CASES", "/api/v1/cases")).status == 200
    call.switch(without_v1=404)
    assert call("GET", path).status == 200


@pytest.mark.parametrize("query", ["include=everything", "include=user,comments", "fields=a"])
def test_unknown_includes(call: Any, path: str, query: str) -> None:
    assert call("POST", f"{path}/actions?{query}", payload("close")).status == 422
    assert call("GET", path).json["data"]["attributes"]["status"] == "open"


def test_loaded_cases(call: Any) -> None:
    override = {"state": "favorable", "created_by": CONTRIBUTOR, "assigned_reviewers": [REVIEWER], "status": "refused"}
    wanted = {"id": NOBODY, "status": "closed", "comments": ["a", "b"], "override": override, "user": REVIEWER}
    assert call.load(trustpair={"cases": [wanted]})["trustpair"]["cases"] == [NOBODY]
    case = call("GET", f"/api/v1/cases/{NOBODY}?include=user,override,comments").json
    assert case["data"]["attributes"]["status"] == "closed"
    assert [item["type"] for item in case["included"]] == ["user", "override", "comment", "comment"]
    assert case["included"][1]["attributes"]["status"] == "refused"


def test_rate_limit(call: Any, path: str) -> None:
    call.switch(rate_limit={"requests": 1, "seconds": 60})
    assert call("GET", path).status == 200
    reply = call("GET", path)
    assert code(reply) == (429, "rate_limit")
    assert reply.json["errors"][0]["detail"] == "Too many requests."
