# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hangs on a case: comments, notes, tasks, files, subscribers, linked cases, the time line."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

CASE = "/api/v2/cases/1"
ME = "jane@example.com"
CONTENT = b"%PDF-1.7 \x00\xff"
FILE = {"filename": "report.pdf", "file_contents": base64.b64encode(CONTENT).decode()}

# A path below a case, a body that makes one, and where the single one stands in the response.
CREATABLE: list[tuple[str, dict[str, Any], str]] = [
    ("comments", {"value": "Isolated."}, ""),
    ("notes", {"title": "Findings"}, ""),
    ("tasks", {"description": "Call the user"}, "task"),
    ("files", FILE, ""),
    ("subscribers", {"user_email": "a@example.com"}, ""),
    ("fields", {"input_id": 4, "value": "yes"}, "field"),
    ("linked_cases", {"id": 2}, ""),
    ("records", {"record_id": 7}, "record"),
]
NAMES = [name for name, _body, _wrapper in CREATABLE]


@pytest.fixture(autouse=True)
def cases(call: Any) -> None:
    """Three cases, the first of which the tests work on."""
    call.load(cases=[{"count": 3}])


def create(call: Any, name: str, body: dict[str, Any]) -> Any:
    reply = call("POST", f"{CASE}/{name}", body)
    assert reply.status == 201, reply.text
    return reply.json


def listed(call: Any, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = call("GET", f"{CASE}/{name}").json[name]
    return items


def lines(call: Any) -> list[str]:
    return [line["activity_type"] for line in listed(call, "activities")]


@pytest.mark.parametrize(("name", "body", "wrapper"), CREATABLE, ids=NAMES)
def test_life_of_an_item(call: Any, name: str, body: dict[str, Any], wrapper: str) -> None:
    reply = create(call, name, body)
    single = reply[wrapper] if wrapper else reply
    item_id = 2 if name == "linked_cases" else single["id"]
    assert len(listed(call, name)) == 1
    assert call("GET", f"{CASE}/{name}").json["meta"]["count"] == 1
    deleted = [call("DELETE", f"{CASE}/{name}/{item_id}") for _twice in range(2)]
    assert [reply.status for reply in deleted] == [204, 404]
    assert listed(call, name) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("subscribers", "linked_cases")])
def test_a_single_item_is_the_one_that_was_created(call: Any, name: str) -> None:
    _name, body, wrapper = CREATABLE[NAMES.index(name)]
    made = create(call, name, body)
    item_id = (made[wrapper] if wrapper else made)["id"]
    assert call("GET", f"{CASE}/{name}/{item_id}").json == made
    assert call("GET", f"{CASE}/{name}/999").status == 404


@pytest.mark.parametrize(("name", "body", "_wrapper"), CREATABLE, ids=NAMES)
def test_bad_requests(call: Any, name: str, body: dict[str, Any], _wrapper: str) -> None:
    path = f"{CASE}/{name}"
    needed = next(iter(body))
    assert call("POST", path, {**body, "other": 1}).json["error"]["field"] == "other"
    assert call("POST", path, {key: value for key, value in body.items() if key != needed}).status == 422
    assert call("POST", path, {**body, needed: None}).json["error"]["field"] == needed
    assert call("POST", f"/api/v2/cases/99/{name}", body).json["error"]["field"] == "case_id"
    assert call("GET", path + "?since=1").status == 422
    assert call("PATCH", path, {}).status == 405
    assert listed(call, name) == []


@pytest.mark.parametrize(("name", "body", "_wrapper"), CREATABLE, ids=NAMES)
def test_lists_have_pages(call: Any, name: str, body: dict[str, Any], _wrapper: str) -> None:
    create(call, name, body)
    page = call("GET", f"{CASE}/{name}?per_page=1&page=2").json
    assert (page[name], page["meta"]["pages"], page["meta"]["per_page"]) == ([], 1, 1)


@pytest.mark.parametrize(("name", "most"), [("activities", 50), ("tasks", 50), ("comments", 500)])
def test_larger_pages_are_cut(call: Any, name: str, most: int) -> None:
    assert call("GET", f"{CASE}/{name}?per_page=501").json["meta"]["per_page"] == most


def test_comment(call: Any) -> None:
    made = create(call, "comments", {"value": "Isolated."})
    assert set(made) == {"case_id", "id", "activity_type", "value", "created_at", "user", "reactions"}
    assert (made["case_id"], made["activity_type"], made["user"]["email"]) == (1, "COMMENTED", ME)
    path = f"{CASE}/comments/{made['id']}"
    changed = call("PUT", path, {"value": "Released."})
    assert (changed.status, changed.json["value"]) == (200, "Released.")
    assert call("PUT", path, {"value": "x", "author_email": ME}).status == 422
    assert call("GET", f"{CASE}/activities/{made['id']}").json["value"] == "Released."
    assert call("DELETE", path).status == 204
    assert [line["value"] for line in listed(call, "activities")] == ["1", "Released."]
    assert lines(call) == ["CREATED", "DELETED_COMMENT"]


def test_reactions(call: Any) -> None:
    path = "{}/comments/{}".format(CASE, create(call, "comments", {"value": "x"})["id"])
    added = [call("POST", path + "/reactions", {"value": "eyes"}) for _twice in range(2)]
    assert [reply.status for reply in added] == [201, 201]
    assert [reaction["emoji"] for reaction in added[1].json["reactions"]] == [":eyes:"]
    assert call("POST", path + "/reactions", {"value": "smile"}).status == 422
    removed = call("POST", path + "/remove_reaction", {"value": "eyes"})
    assert (removed.status, removed.json["reactions"]) == (200, [])


def test_note(call: Any) -> None:
    made = create(call, "notes", {"title": "Findings", "content": "a", "color": "mint", "position": 0})
    assert (made["title"], made["content"], made["color"]) == ("Findings", "a", "mint")
    assert (made["sensitive"], made["hidden"]) == (False, False)
    assert "position" not in made
    path = f"{CASE}/notes/{made['id']}"
    changed = call("PUT", path, {"hidden": True, "author_email": "b@example.com"}).json
    assert (changed["hidden"], changed["content"], changed["author"]["email"]) == (True, "a", "b@example.com")
    assert call("POST", path + "/content", {"content": "b"}).json["content"] == "ab"
    assert call("PUT", path, {"color": "pink"}).json["error"]["field"] == "color"
    assert call("DELETE", path).status == 204
    assert lines(call)[1:] == ["NOTE_ADDED", "NOTE_UPDATED", "NOTE_UPDATED", "NOTE_DELETED"]


def test_task(call: Any) -> None:
    made = create(call, "tasks", {"description": "Call", "assignee_emails": ["a@example.com"]})["task"]
    assert set(made) == {"id", "description", "completed", "assignees", "created_at", "updated_at"}
    assert [set(user) for user in made["assignees"]] == [{"id", "email", "first_name", "last_name"}]
    assert (made["completed"], type(made["assignees"][0]["id"])) == (False, str)
    path = f"{CASE}/tasks/{made['id']}"
    done = call("PUT", path, {"completed": True, "assignee_emails": []}).json["task"]
    assert (done["completed"], done["assignees"], done["description"]) == (True, [], "Call")
    call("PUT", path, {"completed": False, "description": "Mail", "assignee_emails": [ME]})
    assert create_refused(call, "tasks", {"description": "x", "completed": True}) == "completed"
    assert lines(call)[1:] == [
        *("TASK_CREATED", "TASK_COMPLETED", "TASK_UNASSIGNED"),
        *("TASK_UPDATED", "TASK_INCOMPLETE", "TASK_ASSIGNED"),
    ]


def create_refused(call: Any, name: str, body: dict[str, Any]) -> Any:
    reply = call("POST", f"{CASE}/{name}", body)
    assert reply.status == 422
    return reply.json["error"].get("field")


@pytest.mark.parametrize(
    ("name", "key", "most", "entry"),
    [
        ("tasks", "tasks", 25, lambda number: {"description": f"Task {number}"}),
        ("subscribers", "user_emails", 50, lambda number: f"user{number}@example.com"),
        ("linked_cases", "ids", 150, lambda number: str(number + 2)),
    ],
)
def test_batch(call: Any, name: str, key: str, most: int, entry: Any) -> None:
    call.load(cases=[{"count": 150}])
    path = f"{CASE}/{name}/batch"
    assert call("POST", path, {key: [entry(number) for number in range(most + 1)]}).json["error"]["field"] == key
    assert call("POST", path, {key: []}).status == 422
    assert call("GET", path).status == 405
    assert listed(call, name) == []
    reply = call("POST", path, {key: [entry(number) for number in range(most)]})
    assert (reply.status, len(reply.json[name])) == (201, most)
    assert call("GET", f"{CASE}/{name}").json["meta"]["count"] == most


def test_a_batch_with_a_bad_entry_adds_nothing(call: Any) -> None:
    call.switch(unknown_emails=["ghost@example.com"])
    tasks = [{"description": "one"}, {"description": "two", "assignee_emails": ["ghost@example.com"]}]
    reply = call("POST", f"{CASE}/tasks/batch", {"tasks": tasks})
    assert (reply.status, reply.json["error"]["field"]) == (422, "assignee_emails")
    assert call("POST", f"{CASE}/linked_cases/batch", {"ids": [2, 99]}).status == 422
    assert (listed(call, "tasks"), listed(call, "linked_cases")) == ([], [])


def test_file(call: Any) -> None:
    made = create(call, "files", {**FILE, "value": "the report"})
    assert (made["activity_type"], made["file"]["filename"]) == ("FILE_ATTACHED_AND_COMMENTED", "report.pdf")
    assert "size" not in str(made)
    path = f"{CASE}/files/{made['id']}"
    info = call("GET", path + "/info").json
    assert (info["sizeinbytes"], info["sha256"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert info["md5"] == hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert info["content_type"] == "application/pdf"
    download = call("GET", path + "/download")
    assert download.content == CONTENT
    assert download.headers["Content-Type"] == "application/pdf"
    assert 'filename="report.pdf"' in download.headers["Content-Disposition"]
    assert call("PUT", path, {"filename": "x"}).status == 405
    assert call("DELETE", path).status == 204
    assert [call("GET", path + end).status for end in ("", "/info", "/download")] == [404, 404, 404]
    assert lines(call) == ["CREATED", "FILE_DELETED"]
    assert create(call, "files", FILE)["activity_type"] == "FILE_ATTACHED"


def test_what_is_no_base64_is_refused(call: Any) -> None:
    assert create_refused(call, "files", {**FILE, "file_contents": "a b*"}) == "file_contents"


def test_two_files_may_have_one_name(call: Any) -> None:
    create(call, "files", FILE)
    create(call, "files", FILE)
    assert [entry["file"]["filename"] for entry in listed(call, "files")] == ["report.pdf", "report.pdf"]


def test_linked_cases(call: Any) -> None:
    reply = create(call, "linked_cases", {"id": "2"})
    assert reply == {"case_id": 1, "name": "Case 1", "linked_cases": [{"case_id": 2, "name": "Case 2"}]}
    assert create(call, "linked_cases", {"id": 2}) == reply
    assert call("GET", "/api/v2/cases/2").json["linked_cases"] == [{"case_id": 1, "name": "Case 1"}]
    assert create_refused(call, "linked_cases", {"id": 1}) == "id"
    assert create_refused(call, "linked_cases", {"id": 99}) == "id"
    assert call("DELETE", "/api/v2/cases/2/linked_cases/1").status == 204
    assert listed(call, "linked_cases") == []
    assert lines(call)[1:] == ["LINKED_CASE_ADDED", "LINKED_CASE_REMOVED"]
    create(call, "linked_cases", {"id": 3})
    call("DELETE", "/api/v2/cases/3")
    assert listed(call, "linked_cases") == []


def test_subscribers(call: Any) -> None:
    made = create(call, "subscribers", {"user_email": "a@example.com"})
    assert (made["case_id"], made["user"]["email"]) == (1, "a@example.com")
    assert create(call, "subscribers", {"user_email": "a@example.com"}) == made
    assert listed(call, "subscribers") == [{**made["user"], "id": made["id"]}]


def test_activities(call: Any) -> None:
    create(call, "comments", {"value": "one"})
    create(call, "files", FILE)
    create(call, "notes", {"title": "two"})
    shown = listed(call, "activities")
    assert [line["activity_type"] for line in shown] == ["CREATED", "COMMENTED", "FILE_ATTACHED", "NOTE_ADDED"]
    assert [line["id"] for line in shown] == sorted(line["id"] for line in shown)
    chosen = call("GET", f"{CASE}/activities?activity_type[]=COMMENTED&activity_type[]=CREATED").json
    assert [line["value"] for line in chosen["activities"]] == ["1", "one"]
    assert call("GET", f"{CASE}/activities/{shown[1]['id']}").json["value"] == "one"
    assert call("POST", f"{CASE}/activities", {}).status == 405


def test_only_the_author_may_delete(call: Any) -> None:
    other = {"author_email": "b@example.com"}
    comment = create(call, "comments", {"value": "x", **other})
    file = create(call, "files", {**FILE, **other})
    note = create(call, "notes", {"title": "x", **other})
    comment_path, file_path = f"{CASE}/comments/{comment['id']}", f"{CASE}/files/{file['id']}"
    assert comment["user"]["email"] == "b@example.com"
    assert [call("DELETE", path).status for path in (comment_path, file_path)] == [403, 403]
    assert call("PUT", comment_path, {"value": "y"}).status == 403
    assert call("DELETE", f"{CASE}/notes/{note['id']}").status == 204
    call.switch(author_rule=404)
    assert call("DELETE", comment_path).status == 404
    call.switch(author_rule=None)
    assert [call("DELETE", path).status for path in (comment_path, file_path)] == [204, 204]


def test_an_unknown_author_is_replaced_by_the_key(call: Any) -> None:
    call.switch(unknown_emails=["ghost@example.com"])
    assert create(call, "comments", {"value": "x", "author_email": "ghost@example.com"})["user"]["email"] == ME
    assert create_refused(call, "subscribers", {"user_email": "ghost@example.com"}) == "user_email"


def test_order_of_lists(call: Any) -> None:
    for value in ("one", "two", "three"):
        create(call, "comments", {"value": value})
    call.switch(list_order="newest_first")
    assert [comment["value"] for comment in listed(call, "comments")] == ["three", "two", "one"]
    assert [line["value"] for line in call("GET", f"{CASE}/activities?per_page=1").json["activities"]] == ["three"]


def test_other_builds(call: Any) -> None:
    call.switch(created_status=200, string_ids=True, trim_text=True, ignored_fields=["hidden", "sensitive"])
    reply = call("POST", f"{CASE}/notes", {"title": " x ", "hidden": True})
    assert (reply.status, reply.json["id"], reply.json["title"]) == (200, "1", "x")
    assert "hidden" not in reply.json
    call.switch(ignored_fields=[])
    assert call("GET", f"{CASE}/notes/1").json["hidden"] is False


def test_links_may_show_on_one_side(call: Any) -> None:
    call.switch(links_on_both_sides=False)
    create(call, "linked_cases", {"id": 2})
    assert call("GET", "/api/v2/cases/2/linked_cases").json["linked_cases"] == []
    assert len(listed(call, "linked_cases")) == 1


def test_file_info_may_lack_hashes_or_be_missing(call: Any) -> None:
    path = "{}/files/{}/info".format(CASE, create(call, "files", FILE)["id"])
    call.switch(file_info_hashes=[])
    assert set(call("GET", path).json) == {"filename", "content_type", "guid", "sizeinbytes"}
    call.switch(file_info=False)
    assert call("GET", path).status == 404


def test_files_may_have_a_limit(call: Any) -> None:
    call.switch(max_file_bytes=len(CONTENT) - 1)
    assert create_refused(call, "files", FILE) == "file_contents"


def test_closed_cases_may_be_read_only(call: Any) -> None:
    call("PUT", CASE, {"status": "closed"})
    create(call, "comments", {"value": "x"})
    call.switch(closed_cases_read_only=True)
    assert create_refused(call, "comments", {"value": "y"}) == "case_id"
    assert len(listed(call, "comments")) == 1


def test_a_build_may_not_know_a_line(call: Any) -> None:
    call.switch(silent_activities=["NOTE_ADDED"])
    create(call, "notes", {"title": "x"})
    assert lines(call) == ["CREATED"]


@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_comment_moves_the_case(call: Any, moves: bool) -> None:
    call.switch(children_touch_case=moves)
    create(call, "comments", {"value": "x"})
    recent = call("GET", "/api/v2/cases?order=RECENTLY_EDITED").json["cases"]
    assert recent[0]["case_id"] == (1 if moves else 3)


def test_reading_leaves_the_state_as_it_is(call: Any) -> None:
    before = call.control("GET", "state")
    for name in (*NAMES, "activities"):
        listed(call, name)
    call("GET", CASE)
    assert call.control("GET", "state") == before
    assert before["cases"][0]["comments"] == []


def test_what_hangs_on_a_case_can_be_loaded(call: Any) -> None:
    bodies = {name: [body] for name, body, _wrapper in CREATABLE}
    bodies["tasks"] = [{"description": "Call", "completed": True}]
    case_id = call.load(cases=[{**bodies, "updated_at": "2026-01-01T00:00:00Z"}])["cases"][0]
    path = f"/api/v2/cases/{case_id}"
    assert [len(call("GET", f"{path}/{name}").json[name]) for name in NAMES] == [1] * len(NAMES)
    assert call("GET", path + "/tasks").json["tasks"][0]["completed"] is True
    assert call("GET", path).json["updated_at"] == "2026-01-01T00:00:00Z"
    reply = call("POST", "/_simulator/load", {"cases": [{"comments": [{"text": "x"}]}]})
    assert (reply.status, "cases[0].comments[0].text" in reply.text) == (422, True)


def test_what_the_tenant_has_can_be_loaded(call: Any) -> None:
    call.load(
        case_inputs=[{"name": "Verdict", "input_type": "string", "team_id": 1}],
        case_sub_statuses=[{"name": "Waiting", "team_id": 1}],
        case_webhooks=[{"url": "http://127.0.0.1:1/", "team_id": 1}],
    )
    assert call("GET", "/api/v1/case_inputs/1").json["case_input"]["key"] == "verdict"
    assert call("GET", "/api/v1/case_sub_statuses/3").json["name"] == "Waiting"
    assert call("GET", "/api/v1/case_webhooks/1").json["webhook"]["notifications"] == ["ALL"]


def test_a_large_file_goes_up_and_down_and_stays_out_of_the_log(call: Any) -> None:
    content = bytes(range(256)) * 4096 * 3
    made = create(call, "files", {**FILE, "file_contents": base64.b64encode(content).decode()})
    assert call("GET", f"{CASE}/files/{made['id']}/download").content == content
    assert call.log()[0]["body"].endswith(" bytes")


@pytest.mark.parametrize("text", ["{{ 1 }}", "\x1b[31m\x07\x00", "\ud800 half a pair", "é\u2028\U0001f681"])
def test_text_is_kept_as_it_is(call: Any, text: str) -> None:
    create(call, "comments", {"value": text})
    assert listed(call, "comments")[0]["value"] == text
