# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One plan for every kind of thing: it reaches what is asked for, touches nothing else, and predicts the outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import CaseworkError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._tines.comments import (
    BY_FIRST_LINE,
    BY_NOTHING,
    BY_VALUE,
    first_line,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.endpoints import Endpoint, parse_item_id
from ansible_collections.casework.cases.plugins.module_utils._tines.links import LINKS
from ansible_collections.casework.cases.plugins.module_utils._tines.notes import NOTES
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import CreateItems, DeleteItem, UpdateItem
from ansible_collections.casework.cases.plugins.module_utils._tines.subresource import (
    DesiredItems,
    Field,
    Kind,
    duplicates_of_retry,
    ids_to_read,
    parse_items,
    plan_items,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.subscribers import SUBSCRIBERS
from ansible_collections.casework.cases.plugins.module_utils._tines.tasks import TASKS, parse_tasks
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.shelf import CASE, Item, Shelf
from hypothesis import given
from hypothesis import strategies as st

IDS = st.lists(st.integers(1, 999), unique=True, max_size=6)
EMAILS = ["a@x.example", "A@x.example", "b@x.example", "c@x.example"]


def task(number: int, description: str = "A", completed: bool = False, *emails: str) -> Item:
    people = [{"id": "9", "email": email} for email in emails]
    return {"id": number, "description": description, "completed": completed, "assignees": people}


def desired(*items: Item, **settings: Any) -> DesiredItems:
    return DesiredItems(items, **settings)


@st.composite
def tasks(draw: st.DrawFn) -> list[Item]:
    return [
        task(number, draw(st.sampled_from("ABCa")), draw(st.booleans()), *draw(st.lists(st.sampled_from(EMAILS))))
        for number in draw(IDS)
    ]


ASKED = st.lists(
    st.fixed_dictionaries(
        {"description": st.sampled_from("ABCD")},
        optional={
            "completed": st.booleans(),
            "assignee_emails": st.lists(st.sampled_from(EMAILS), unique_by=str.lower, max_size=2),
        },
    ),
    max_size=4,
    unique_by=lambda item: str(item["description"]),
).map(tuple)


def descriptions(items: Any) -> list[str]:
    return [item["description"] for item in items]


@given(tasks(), ASKED, st.sampled_from(["present", "absent", "exclusive"]))
def test_every_plan_reaches_its_goal_and_touches_nothing_else(
    current: list[Item], asked: tuple[Item, ...], mode: str
) -> None:
    goal = DesiredItems(asked, "absent" if mode == "absent" else "present", mode == "exclusive")
    wanted = {item["description"] for item in asked}
    if mode == "present":
        current = [item for at, item in enumerate(current) if item["description"] not in descriptions(current[:at])]
    plan = plan_items(TASKS, CASE, current, goal)
    shelf = Shelf(TASKS, current)
    client = shelf.context().client
    for request in plan.requests:
        request.send(client)
    second = plan_items(TASKS, CASE, client.list_items(TASKS.endpoint, CASE), goal)
    assert all(isinstance(request, UpdateItem) and request.body == {"completed": True} for request in second.requests)
    for request in second.requests:
        request.send(client)
    assert not plan_items(TASKS, CASE, client.list_items(TASKS.endpoint, CASE), goal).changed
    # What was predicted is there.
    assert descriptions(plan.after) == descriptions(shelf.items)
    for predicted, real in zip(plan.after, shelf.items):
        assert TASKS.differences(real, TASKS.shown(predicted)) == {}
    # What was not asked about is as it was.
    others = [item for item in current if item["description"] not in wanted]
    left = [item for item in shelf.items if item["description"] not in wanted]
    assert left == ([] if mode == "exclusive" else others)
    # What is said to be done is done.
    counted = Counter(descriptions(current)) + Counter(plan.created) - Counter(plan.deleted)
    assert counted == Counter(descriptions(shelf.items))
    assert plan.changed == bool(plan.created or plan.updated or plan.deleted)


def test_new_things_come_in_batches() -> None:
    goal = desired(*({"description": str(number)} for number in range(60)))
    requests = plan_items(TASKS, CASE, [], goal).requests
    assert [len(request.bodies) for request in requests if isinstance(request, CreateItems)] == [25, 25, 10]
    links = plan_items(LINKS, CASE, [], desired(*({"case_id": number} for number in range(10, 161))))
    assert [len(request.bodies) for request in links.requests if isinstance(request, CreateItems)] == [150, 1]


def test_only_what_differs_is_sent() -> None:
    current = [task(1, "A", False, "a@x.example")]
    goal = desired({"description": "A", "completed": True, "assignee_emails": ["A@X.example"]})
    assert plan_items(TASKS, CASE, current, goal).requests == (
        UpdateItem(TASKS.endpoint, CASE, 1, {"completed": True}),
    )


def test_a_new_thing_is_sent_without_what_a_creation_cannot_set() -> None:
    plan = plan_items(TASKS, CASE, [], desired({"description": "A", "completed": True, "assignee_emails": []}))
    assert plan.requests == (CreateItems(TASKS.endpoint, CASE, [{"description": "A", "assignee_emails": []}]),)
    assert plan.after == ({"case_id": CASE, "id": None, "description": "A", "completed": True, "assignees": []},)


def test_two_things_with_one_key_are_an_error_that_names_them() -> None:
    current = [task(1), task(2), task(3, "B")]
    with pytest.raises(CaseworkError, match=r"^Case 7 has 2 tasks with the description 'A' \(IDs 1, 2\)\."):
        plan_items(TASKS, CASE, current, desired({"description": "A"}))
    with pytest.raises(CaseworkError, match=r"IDs 1, 2"):
        plan_items(TASKS, CASE, current, desired({"description": "A"}, state="absent", unique=True))
    removed = plan_items(TASKS, CASE, current, desired({"description": "A"}, state="absent"))
    assert removed.deleted == ("A", "A")
    assert plan_items(TASKS, CASE, current, desired({"description": "A"}, exclusive=True)).deleted == ("A", "B")


def test_a_thing_is_found_by_its_id_and_may_get_another_key() -> None:
    current = [{"id": 1, "title": "Old", "content": "x"}]
    plan = plan_items(NOTES, CASE, current, desired({"id": 1, "title": "New"}))
    assert plan.requests == (UpdateItem(NOTES.endpoint, CASE, 1, {"title": "New"}),)
    assert not plan_items(NOTES, CASE, current, desired({"id": 2}, state="absent")).changed
    with pytest.raises(CaseworkError, match=r"^Case 7 has no note with the ID 2\.$"):
        plan_items(NOTES, CASE, current, desired({"id": 2, "title": "New"}))


@pytest.mark.parametrize(
    ("kind", "item", "wanted", "same"),
    [
        (NOTES, {"color": "GOLD"}, {"color": "gold"}, True),
        (NOTES, {"content": " a\r\nb\n"}, {"content": "a\nb"}, True),
        (NOTES, {"content": "a  b"}, {"content": "a b"}, False),
        (NOTES, {}, {"hidden": False, "sensitive": False}, True),
        (NOTES, {}, {"hidden": True}, False),
        (NOTES, {"position": 3}, {"position": 1, "author_email": "b@x.example"}, True),
        (TASKS, {"completed": 1}, {"completed": True}, True),
        (TASKS, {"assignees": [{"email": "A@x.example"}, {"id": 1}]}, {"assignee_emails": ["a@X.example"]}, True),
        (TASKS, {"assignees": None}, {"assignee_emails": []}, True),
        (TASKS, {"assignees": [{"email": "a@x.example"}]}, {"assignee_emails": []}, False),
    ],
)
def test_fields_compare_as_a_user_means_them(kind: Kind, item: Item, wanted: Item, same: bool) -> None:
    assert (kind.differences({"id": 1, **item}, wanted) == {}) is same


def test_people_are_found_by_their_address_whatever_its_case() -> None:
    current = [{"id": 3, "email": "Jane@x.example"}]
    assert not plan_items(SUBSCRIBERS, CASE, current, desired({"email": "jane@X.example"})).changed
    plan = plan_items(SUBSCRIBERS, CASE, current, desired({"email": "jane@X.example"}, state="absent"))
    assert plan.requests == (DeleteItem(SUBSCRIBERS.endpoint, CASE, 3),)


# Comments


def comment(number: int, value: str, email: str = "bot@x.example") -> Item:
    return {"id": number, "value": value, "user": {"email": email}}


def test_the_same_text_by_anybody_counts_as_there() -> None:
    current = [comment(1, "Done.\r\n", "jane@x.example"), comment(2, "Done.")]
    assert not plan_items(BY_VALUE, CASE, current, desired({"value": "Done."})).changed
    assert plan_items(BY_VALUE, CASE, current, desired({"value": "Done. Again."})).created == ("Done. Again.",)


def test_the_first_line_finds_a_comment_and_the_rest_is_updated() -> None:
    current = [comment(1, "Job 8\n1 of 3"), comment(2, "Other")]
    plan = plan_items(BY_FIRST_LINE, CASE, current, desired({"value": "Job 8\n2 of 3"}))
    assert plan.requests == (UpdateItem(BY_FIRST_LINE.endpoint, CASE, 1, {"value": "Job 8\n2 of 3"}),)
    assert first_line("  a \r\nb") == "a"


def test_nothing_identifies_a_comment_that_is_always_added() -> None:
    plan = plan_items(BY_NOTHING, CASE, [comment(1, "Done.")], desired({"value": "Done."}))
    assert plan.requests == (CreateItems(BY_NOTHING.endpoint, CASE, [{"value": "Done."}]),)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_comment_of_somebody_elses_is_not_changed(state: str) -> None:
    current = [comment(1, "Job 8\n1 of 3", "jane@x.example")]
    goal = desired({"value": "Job 8\n2 of 3"}, state=state, author="bot@x.example")
    with pytest.raises(CaseworkError, match=r"The comment 1 of case 7 is by jane@x\.example, and author_email is bot@"):
        plan_items(BY_FIRST_LINE, CASE, current, goal)
    assert plan_items(BY_FIRST_LINE, CASE, current, replace(goal, author="Jane@x.example")).changed


# Things that cannot be changed are replaced

PIECES = Kind(
    noun="piece",
    plural="pieces",
    endpoint=Endpoint("/api/v1/pieces", items="pieces"),
    key="name",
    fields={"name": Field("name"), "content": Field("content")},
    updates=False,
)


def test_a_thing_that_cannot_be_changed_gets_a_successor_before_it_goes() -> None:
    current = [{"id": 1, "name": "A", "content": "x"}, {"id": 2, "name": "B", "content": "x"}]
    goal = desired({"name": "A", "content": "y"})
    plan = plan_items(PIECES, 3, current, goal)
    assert plan.requests == (
        CreateItems(PIECES.endpoint, 3, [{"name": "A", "content": "y"}]),
        DeleteItem(PIECES.endpoint, 3, 1),
    )
    assert (plan.created, plan.updated, plan.deleted) == ((), ("A",), ())
    assert [item["id"] for item in plan.after] == [2, None]
    # The successor is there, and the answer was lost: what it replaces still has to go.
    now = [*current, {"id": 3, "name": "A", "content": "y"}]
    assert plan_items(PIECES, 3, now, goal, plan.replaced).requests == (DeleteItem(PIECES.endpoint, 3, 1),)
    assert duplicates_of_retry(PIECES, plan, goal, [*now, {"id": 4, "name": "A", "content": "y"}]) == [4]


def test_a_list_of_a_team_names_the_team_in_its_query() -> None:
    assert (PIECES.endpoint.path_of(3), PIECES.endpoint.query_of(3)) == ("/api/v1/pieces", [("team_id", "3")])
    assert (PIECES.endpoint.parent_noun, NOTES.endpoint.parent_noun) == ("team", "case")
    assert NOTES.endpoint.query_of(3) == []


# Details


@pytest.mark.parametrize(
    ("current", "wanted", "ids"),
    [
        ([{"id": 1, "title": "A"}, {"id": 2, "title": "B"}], {"title": "A", "content": "x"}, [1]),
        ([{"id": 1, "title": "A", "content": None}], {"title": "A", "content": "x"}, []),
        ([{"id": 1, "title": "A"}], {"title": "A"}, []),
        ([{"id": 1, "title": "A"}], {"title": "A", "position": 1, "author_email": "a@x.example"}, []),
        ([{"id": 1, "title": "A"}], {"id": 1, "content": "x"}, [1]),
    ],
)
def test_a_thing_is_read_by_its_id_if_the_listing_leaves_out_what_counts(
    current: list[Item], wanted: Item, ids: list[int]
) -> None:
    assert ids_to_read(NOTES, current, desired(wanted)) == ids
    assert ids_to_read(NOTES, current, desired(wanted, state="absent")) == []


def test_of_two_that_came_out_of_one_task_one_is_surplus() -> None:
    goal = desired({"description": "A", "completed": True}, {"description": "B"})
    plan = plan_items(TASKS, CASE, [task(1, "B")], goal)
    now = [task(1, "B"), task(2, "A"), task(3, "A"), task(4, "B"), task(5, "A", False, "b@x.example")]
    assert duplicates_of_retry(TASKS, plan, goal, now) == [3, 5]
    strict = desired({"description": "A", "assignee_emails": []})
    assert duplicates_of_retry(TASKS, plan_items(TASKS, CASE, [], strict), strict, now) == [3]


def test_of_two_tasks_that_came_twice_the_one_that_is_done_stays() -> None:
    goal = desired({"description": "A", "completed": True})
    plan = plan_items(TASKS, CASE, [], goal)
    assert duplicates_of_retry(TASKS, plan, goal, [task(1, "A", False), task(2, "A", True)]) == [1]


def test_the_same_comment_by_somebody_else_is_not_surplus() -> None:
    goal = desired({"value": "Done."})
    plan = plan_items(BY_VALUE, CASE, [], goal)
    now = [comment(1, "Done."), comment(2, "Done.", "jane@x.example"), comment(3, "Done.")]
    assert duplicates_of_retry(BY_VALUE, plan, goal, now) == [3]


# Options


def test_an_entry_given_twice_is_an_error() -> None:
    with pytest.raises(OptionError, match=r"emails: entry 2: the email 'A@x' is given more than once\."):
        parse_items(SUBSCRIBERS, [{"email": "a@x"}, {"email": "A@x"}], "emails")


def test_of_an_entry_only_what_was_given_is_taken() -> None:
    given = [{"description": "A", "completed": False, "assignee_emails": None, "other": 1}]
    assert parse_tasks(given, "tasks") == ({"description": "A", "completed": False},)
    with pytest.raises(OptionError, match=r"^tasks: entry 1 has an empty description\.$"):
        parse_tasks([{"description": " "}], "tasks")


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), (True, None), ("../../7", None), ("", None), ("\u00b2", None), ("9" * 50, None), (1.5, None)],
)
def test_only_an_integer_becomes_part_of_a_path(value: Any, number: int | None) -> None:
    assert parse_item_id(value) == number
