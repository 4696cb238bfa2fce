# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task never leaves two of a thing, whatever gets lost; check mode says what will be; what is refused is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NotDoneError,
    RequestError,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.comments import BY_FIRST_LINE, BY_NOTHING, BY_VALUE
from ansible_collections.casework.cases.plugins.module_utils._tines.links import LINKS
from ansible_collections.casework.cases.plugins.module_utils._tines.notes import NOTES
from ansible_collections.casework.cases.plugins.module_utils._tines.subresource import DesiredItems, Kind
from ansible_collections.casework.cases.plugins.module_utils._tines.subresource_apply import (
    ItemsResult,
    apply_items,
    run_on_cases,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.subscribers import SUBSCRIBERS
from ansible_collections.casework.cases.plugins.module_utils._tines.tasks import TASKS
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.shelf import (
    CASE,
    Fault,
    Item,
    Shelf,
    refused,
)
from hypothesis import given
from hypothesis import strategies as st

A, B, C = ({"description": name} for name in "ABC")
OTHER = {"id": 1, "description": "Other", "completed": False, "assignees": []}


def desired(*items: Item, **settings: Any) -> DesiredItems:
    return DesiredItems(items, **settings)


def apply(shelf: Shelf, goal: DesiredItems, check: bool = False) -> ItemsResult:
    """The result of the task, which may have failed."""
    return apply_items(shelf.context(check), shelf.kind, CASE, goal)


def succeed(shelf: Shelf, goal: DesiredItems, check: bool = False) -> ItemsResult:
    result = apply(shelf, goal, check)
    if result.error:
        raise result.error
    return result


def fail(shelf: Shelf, goal: DesiredItems) -> tuple[CaseworkError, ItemsResult]:
    result = apply(shelf, goal)
    assert result.error
    return result.error, result


def descriptions(items: Sequence[Item]) -> list[str]:
    return [item["description"] for item in items]


# Requests


def test_nothing_is_sent_but_the_listing_if_nothing_differs() -> None:
    shelf = Shelf(TASKS, [OTHER])
    assert not succeed(shelf, desired({"description": "Other", "completed": False})).plan.changed
    assert [method for method, _rest, _body in shelf.requests] == ["GET"]


def test_sixty_new_tasks_take_four_requests() -> None:
    shelf = Shelf(TASKS)
    result = succeed(shelf, desired(*({"description": str(number)} for number in range(60))))
    assert [(method, rest) for method, rest, _body in shelf.requests] == [("GET", ""), *[("POST", "batch")] * 3]
    assert [item["id"] for item in result.items] == list(range(1001, 1061))


def test_a_new_task_that_is_done_takes_a_second_request() -> None:
    shelf = Shelf(TASKS, [OTHER])
    result = succeed(shelf, desired({**A, "completed": True}, B))
    assert shelf.written == [("POST", "batch"), ("PUT", "1001")]
    assert [item.get("completed") for item in result.items] == [False, True, None]
    assert (result.plan.created, result.plan.updated) == (("A", "B"), ())


@pytest.mark.parametrize("check", [False, True])
def test_all_pages_are_read(check: bool) -> None:
    shelf = Shelf(TASKS, [{**OTHER, "id": number, "description": str(number)} for number in range(1, 121)])
    assert succeed(shelf, desired({"description": "120"}, state="absent"), check).plan.deleted == ("120",)
    assert [method for method, _rest, _body in shelf.requests][:3] == ["GET"] * 3


def test_nothing_is_written_in_check_mode() -> None:
    shelf = Shelf(TASKS, [OTHER])
    result = succeed(shelf, desired(A, exclusive=True), check=True)
    assert (result.plan.changed, result.items, shelf.written) == (True, result.plan.after, [])


def test_a_case_that_will_exist_has_nothing_yet_and_is_not_asked() -> None:
    shelf = Shelf(TASKS)
    result = apply_items(shelf.context(check=True), TASKS, 0, desired(A))
    assert (result.plan.created, shelf.requests) == (("A",), [])


def test_ids_that_are_text_are_as_good() -> None:
    shelf = Shelf(TASKS, [OTHER], text_ids=True)
    succeed(shelf, desired({"description": "Other", "completed": True}))
    assert shelf.written == [("PUT", "1")]
    assert shelf.items[0]["completed"] is True


# Never two


@pytest.mark.parametrize(
    ("faults", "requests"),
    [
        ([""], ["GET", "POST"]),
        (["after"], ["GET", "POST", "GET"]),
        (["before"], ["GET", "POST", "GET", "POST", "GET"]),
        ([1], ["GET", "POST", "GET"]),
        ([2], ["GET", "POST", "GET", "POST", "GET", "DELETE"]),
        ([3], ["GET", "POST", "GET", "POST", "GET", "DELETE"]),
    ],
)
@pytest.mark.parametrize(
    ("kind", "item", "wanted"),
    [
        (TASKS, OTHER, A),
        (NOTES, {"id": 1, "title": "Other"}, {"title": "A", "content": "x"}),
        (BY_VALUE, {"id": 1, "value": "Other"}, {"value": "A"}),
        (BY_FIRST_LINE, {"id": 1, "value": "Other"}, {"value": "A\nx"}),
    ],
)
def test_a_creation_that_gets_lost_gives_one_thing(
    kind: Kind, item: Item, wanted: Item, faults: list[Fault], requests: list[str]
) -> None:
    shelf = Shelf(kind, [item], faults)
    result = succeed(shelf, desired(wanted))
    assert len(shelf.items) == len(result.items) == 2
    assert result.item(wanted)["id"] > 1
    assert [method for method, _rest, _body in shelf.requests] == requests


@given(
    st.integers(0, 3),
    st.lists(st.sampled_from(["", "before", "after", 1, 2, 3, "unavailable"]), max_size=6),
    st.sampled_from(
        [
            desired(A),
            desired({**A, "completed": True}, B),
            desired(*({"description": f"{number}"} for number in range(30))),
            desired({"description": "Other", "completed": True}, C, exclusive=True),
            desired({"description": "Other"}, A, state="absent"),
        ]
    ),
    st.booleans(),
    st.integers(0, 6),
)
def test_whatever_gets_lost_there_is_never_one_too_many(
    found: int, faults: list[Fault], goal: DesiredItems, silent: bool, retries: int
) -> None:
    before = [OTHER, {**OTHER, "id": 2, "description": "A"}, {**OTHER, "id": 3, "description": "D"}][:found]
    predicted = succeed(Shelf(TASKS, before), goal, check=True)
    shelf = Shelf(TASKS, before, faults, silent=silent, retries=retries)
    result = apply(shelf, goal)
    if result.error:
        assert isinstance(result.error, RequestError)
        assert "unavailable" in faults or len(faults) > retries or any(isinstance(fault, int) for fault in faults)
    else:
        assert result.change() == predicted.change()
        assert (result.plan.created, result.plan.deleted) == (predicted.plan.created, predicted.plan.deleted)
        again = Shelf(TASKS, shelf.items)
        assert shelf.late or not succeed(again, goal).plan.changed
    if not shelf.late and not shelf.unseen:
        assert set(Counter(descriptions(shelf.items)).values()) <= {1}
    wanted = {item["description"] for item in goal.items}
    if not goal.exclusive:
        theirs = [item for item in before if item["description"] not in wanted]
        assert [item for item in shelf.items if item["description"] not in wanted] == theirs


def test_what_cannot_be_told_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(TASKS, [OTHER], ["before"] * 9)
    error, result = fail(shelf, desired(A, B))
    assert (error.msg, result.plan.changed, result.unknown) == ("Lost.", False, ())

    lost = Shelf(TASKS, [OTHER], ["after"])
    send, context = lost.send, lost.context()

    def gone_after_the_creation(method: str, path: str, **kwargs: Any) -> Any:
        if lost.written:
            raise RequestError("Down.", method="GET", path="/")
        return send(method, path, **kwargs)

    monkeypatch.setattr(lost, "send", gone_after_the_creation)
    result = apply_items(context, TASKS, CASE, desired(A, B))
    assert (result.plan.created, result.unknown) == ((), ("A", "B"))


def test_a_comment_that_nothing_identifies_is_not_sent_again() -> None:
    for fault in ("before", "after"):
        shelf = Shelf(BY_NOTHING, [], [fault])
        error, _result = fail(shelf, desired({"value": "Hello"}))
        assert "Whether the comment was added is unknown" in error.msg
        assert len(shelf.written) == 1
    assert succeed(Shelf(BY_NOTHING), desired({"value": "Hello"})).item({"value": "Hello"})["id"] == 1001


# Verification


def test_a_server_that_ignores_a_field_makes_the_task_fail() -> None:
    for shelf in (Shelf(NOTES, deaf=["hidden"]), Shelf(NOTES, [{"id": 1, "title": "A"}], deaf=["hidden"])):
        error, _result = fail(shelf, desired({"title": "A", "hidden": True}))
        assert isinstance(error, NotDoneError)
        assert error.msg == (
            "Case 7: the server took the request for the note 'A' but did not do it: hidden is None instead of True."
        )
        assert len(shelf.written) == 1


def test_an_answer_that_shows_nothing_is_looked_up() -> None:
    shelf = Shelf(SUBSCRIBERS, silent=True)
    result = succeed(shelf, desired({"email": "a@x.example"}, {"email": "b@x.example"}))
    assert [method for method, _rest, _body in shelf.requests] == ["GET", "POST", "GET"]
    assert [item["email"] for item in result.items] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize("kind", [TASKS, BY_NOTHING])
def test_a_server_that_creates_nothing_makes_the_task_fail(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(kind)
    monkeypatch.setattr(shelf, "_create_one", lambda body: {})
    wanted = {"description": "A"} if kind is TASKS else {"value": "A"}
    error, _result = fail(shelf, desired(wanted))
    assert "does not list it" in error.msg


@pytest.mark.parametrize("status", [204, 404])
def test_a_thing_that_is_still_listed_was_not_deleted(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    goal = desired({"description": "Other"}, {"description": "Another"}, state="absent")
    shelf = Shelf(TASKS, [OTHER, {**OTHER, "id": 2, "description": "Another"}])
    delete = shelf._delete
    answer = Mock(side_effect=refused(404, "DELETE") if status == 404 else None)
    monkeypatch.setattr(shelf, "_delete", lambda item_id: delete(item_id) if item_id == 2 else answer())
    error, result = fail(shelf, goal)
    assert isinstance(error, NotDoneError)
    assert error.msg == "Case 7: the server answered that the task 'Other' is gone, and still lists it."
    assert result.plan.deleted == ("Another",)
    assert descriptions(shelf.items) == ["Other"]


def test_a_thing_that_somebody_else_deleted_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(TASKS, [OTHER])
    monkeypatch.setattr(shelf, "_delete", lambda item_id: shelf._find(shelf.items.pop()["id"], "DELETE"))
    assert succeed(shelf, desired({"description": "Other"}, state="absent")).plan.deleted == ("Other",)


def test_all_deletions_of_a_case_are_verified_with_one_listing() -> None:
    shelf = Shelf(TASKS, [OTHER, {**OTHER, "id": 2, "description": "Another"}])
    succeed(shelf, desired(exclusive=True))
    assert [method for method, _rest, _body in shelf.requests] == ["GET", "DELETE", "DELETE", "GET"]


# Refusals


def test_one_thing_that_is_refused_is_named_and_the_others_are_done() -> None:
    shelf = Shelf(SUBSCRIBERS, refuses=lambda body: "nobody" in body["user_email"])
    emails = ["a@x.example", "nobody@x.example", "b@x.example", "nobody2@x.example"]
    error, result = fail(shelf, desired(*({"email": email} for email in emails)))
    assert error.msg == "Case 7, subscriber 'nobody@x.example': Refused. 1 more subscriber failed too."
    assert result.plan.created == ("a@x.example", "b@x.example")
    assert [rest for _method, rest in shelf.written] == ["batch", "", "", "", ""]


def test_a_thing_that_is_refused_does_not_make_exclusive_remove_others() -> None:
    shelf = Shelf(TASKS, [OTHER, {**OTHER, "id": 2, "description": "A"}], owned=[2])
    error, result = fail(shelf, desired({**A, "completed": True}, B, exclusive=True))
    assert error.msg == "Case 7, task 'A': Refused."
    assert descriptions(shelf.items) == ["A", "B"]
    assert (result.plan.created, result.plan.updated, result.plan.deleted) == (("B",), (), ("Other",))


@pytest.mark.parametrize(("state", "verb"), [("present", "change"), ("absent", "delete")])
def test_a_comment_of_somebody_else_that_the_server_protects_is_told(state: str, verb: str) -> None:
    theirs = {"id": 1, "value": "Job\n1", "user": {"email": "jane@x.example"}}
    shelf = Shelf(BY_FIRST_LINE, [theirs], owned=[1])
    error, result = fail(shelf, desired({"value": "Job\n2"}, state=state))
    said = f"The comment 1 is by jane@x.example, and the server refused to {verb} it: Refused."
    assert said in error.msg
    assert (result.plan.changed, shelf.items) == (False, [theirs])


def test_what_a_server_did_not_do_is_told_though_it_names_another_author() -> None:
    kind = replace(NOTES, owner=lambda _item: "jane@x.example")
    error, _result = fail(Shelf(kind, deaf=["content"]), desired({"title": "A", "content": "b"}, author="me@x.example"))
    assert isinstance(error, NotDoneError)
    assert "the note 'A' but did not do it: content is None instead of 'b'" in error.msg


def test_a_key_that_may_not_write_is_refused_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(TASKS)
    refusal = RequestError("No.", method="POST", path="/", status=403)
    monkeypatch.setattr(shelf, "_faulty", Mock(side_effect=refusal))
    error, _result = fail(shelf, desired(A, B, C))
    assert (error.msg, len(shelf.written)) == ("No.", 1)


def test_a_case_that_does_not_exist_has_nothing_to_remove(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(TASKS)
    refusal = RequestError("No.", method="GET", path="/", status=404)
    monkeypatch.setattr(shelf, "_read", Mock(side_effect=refusal))
    assert not succeed(shelf, desired(A, state="absent")).plan.changed
    assert len(shelf.warnings) == 1
    assert "Case 7 does not exist" in shelf.warnings[0]
    with pytest.raises(RequestError, match=r"^Case 7 was not found: No\.$"):
        apply(shelf, desired(A))


# Many cases


def test_the_result_of_a_task_for_many_cases() -> None:
    shelf = Shelf(TASKS, [OTHER])
    result = run_on_cases(shelf.context(), TASKS, {CASE: desired(A)}, "tasks")
    (case,) = result["cases"]
    assert (result["changed"], case["case_id"], case["created"], case["failed"]) == (True, 7, ["A"], False)
    assert descriptions(case["tasks"]) == ["Other", "A"]
    assert result["diff"][0]["after"]["tasks"] == [
        {"description": "Other", "completed": False, "assignee_emails": []},
        {"description": "A"},
    ]


@pytest.mark.parametrize("check", [False, True])
def test_links_are_all_read_before_the_first_is_made(check: bool) -> None:
    shelf = Shelf(LINKS, [])
    result = run_on_cases(shelf.context(check), LINKS, {CASE: desired({"case_id": 8})}, "linked_cases")
    assert result["cases"][0]["created"] == [8]
    assert [method for method, _rest, _body in shelf.requests] == (["GET"] if check else ["GET", "POST"])


def test_a_failed_case_has_its_reason_and_what_was_done() -> None:
    shelf = Shelf(SUBSCRIBERS, refuses=lambda body: "nobody" in body["user_email"])
    goal = desired({"email": "a@x.example"}, {"email": "nobody@x.example"})
    with pytest.raises(CaseworkError) as caught:
        run_on_cases(shelf.context(), SUBSCRIBERS, {CASE: goal}, "subscribers")
    (case,) = caught.value.facts["cases"]
    assert (case["failed"], case["created"], case["changed"]) == (True, ["a@x.example"], True)
    assert "nobody@x.example" in case["msg"]
