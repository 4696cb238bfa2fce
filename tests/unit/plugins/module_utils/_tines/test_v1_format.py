# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first version's shape of a case, from how the second one shows it; and when the first version is gone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import record_ids, writable
from ansible_collections.casework.cases.plugins.module_utils._tines.client_v1 import TinesV1
from ansible_collections.casework.cases.plugins.module_utils._tines.v1_format import (
    button_from_v1,
    button_to_v1,
    case_to_v1,
)
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]

JANE: Json = {"id": 1, "first_name": "Jane", "last_name": "Doe", "email": "jane@x.example", "is_service_account": False}
HOOK = "https://acme.tines.com/webhook/isolate/s3cret"
PAGE = "https://acme.tines.com/pages/reason"

# Every key that the vendor's page of 2024-04-23 describes in the answer to a creation through v1.
IN_BOTH: Json = {
    "case_id": 42,
    "name": "Odd login",
    "description": "Made through the API",
    "status": "OPEN",
    "url": "https://acme.tines.com/team/2/cases/42",
    "metadata": {"alert": "A-1"},
    "author": JANE,
    "opened_by": JANE,
    "resolved_by": None,
    "assignees": [JANE],
    "tags": [{"id": 4, "name": "login"}],
    "team": {"id": 2, "name": "Team 1"},
    "opened_at": "2023-12-18T22:29:22Z",
    "resolved_at": None,
    "created_at": "2023-12-18T22:29:22Z",
    "updated_at": "2023-12-18T22:29:23Z",
    "priority": "HIGH",
    "closure_conditions": [{"name": "has an owner", "formula": "=SIZE(team_case.assignees) > 0"}],
}
RECORD: Json = {"id": 187, "results": [{"id": 1871, "name": "Story name", "value": "Cases API"}]}
V1: Json = {
    **IN_BOTH,
    "team_case_actions": [{"id": 7508, "action": "CREATED", "value": "42", "user": {}}],
    "team_case_buttons": [
        {"id": 8, "button_type": "webhook", "url": HOOK, "label": "Isolate host", "button_text": "Isolate"},
        {"id": 9, "button_type": "page", "url": PAGE, "label": "Give a reason", "button_text": "Open form"},
    ],
    "linked_cases": [7, 8],
    "records": [RECORD],
}
V2: Json = {
    **IN_BOTH,
    "sub_status": {"id": 3, "name": "Open"},
    "activities": [
        {"id": 7508, "activity_type": "CREATED", "value": "42", "user": {}, "created_at": "2023-12-18T22:29:22Z"}
    ],
    "activities_meta": {"count": 1, "next_page_number": None},
    "actions": [
        {
            "id": 8,
            "case_id": 42,
            "action_type": "webhook",
            "url": HOOK,
            "label": "Isolate host",
            "action_text": "Isolate",
            "query_params": {"mode": "soft"},
            "story_name": "EDR",
            "story_emoji": ":fire:",
            "page_emoji": None,
            "created_at": "2023-12-18T22:29:22Z",
            "updated_at": "2023-12-18T22:29:22Z",
        },
        {"id": 9, "action_type": "page", "url": PAGE, "label": "Give a reason", "action_text": "Open form"},
    ],
    "linked_cases": [{"case_id": 7, "name": "Seven"}, {"id": 8, "name": "Eight"}],
    "records": [{"id": 1, "name": "Alerts", "records": [RECORD]}],
    "records_meta": {"count": 1, "next_page_number": None},
    "fields": [],
    "tasks": [],
    "blocks": [],
}


def test_a_case_of_v2_is_shown_as_v1_shows_it() -> None:
    assert case_to_v1(V2, V2["actions"]) == V1


@pytest.mark.parametrize("key", sorted(V1))
def test_each_key_of_v1_comes_from_v2_by_itself(key: str) -> None:
    sources = {"team_case_actions": "activities", "team_case_buttons": "actions"}
    without = {name: value for name, value in V2.items() if name != sources.get(key, key)}
    shown = case_to_v1(without, without.get("actions", ()))
    assert shown == {**{name: value for name, value in V1.items() if name != key}, **no_buttons(key)}


def no_buttons(key: str) -> Json:
    return {"team_case_buttons": []} if key == "team_case_buttons" else {}


def test_no_key_of_v2_alone_is_left_and_an_unknown_one_stays() -> None:
    assert set(case_to_v1({**V2, "risk": 5}, ())) == {*V1, "risk"}


def test_what_v2_does_not_show_stays_away() -> None:
    assert case_to_v1({"case_id": None, "name": "New"}, ()) == {"case_id": None, "name": "New", "team_case_buttons": []}
    assert case_to_v1({"case_id": 7, "records": None, "activities": None}, ()) == {
        "case_id": 7,
        "records": None,
        "team_case_buttons": [],
    }


@pytest.mark.parametrize(
    "records",
    [
        [RECORD],
        [[RECORD]],
        {"Alerts": [RECORD]},
        {"Alerts": {"records": [RECORD]}},
        [{"id": 1, "records": [RECORD]}, {"id": 2, "records": []}],
    ],
)
def test_records_by_type_become_one_list(records: Any) -> None:
    assert case_to_v1({"records": records}, ())["records"] == [RECORD]


def test_both_versions_show_what_can_be_set_in_the_same_way() -> None:
    shown = writable(V2)
    del shown["sub_status_id"]
    assert writable(V1) == shown
    assert record_ids(V1) == record_ids(V2) == [187]


# There and back


WORDS = st.text(max_size=5)
NUMBERS = st.integers(1, 99)
BUTTONS_V1 = st.lists(
    st.fixed_dictionaries(
        {
            "label": WORDS,
            "url": st.sampled_from([HOOK, PAGE]),
            "button_type": st.sampled_from(["webhook", "page", "url"]),
        },
        optional={"id": NUMBERS, "button_text": WORDS},
    ),
    max_size=3,
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
RECORDS = st.lists(st.fixed_dictionaries({"id": NUMBERS, "results": st.just([])}), max_size=3)
CASES_V1 = st.fixed_dictionaries(
    {
        **dict.fromkeys(IN_BOTH, JSON),
        "team_case_actions": st.lists(st.fixed_dictionaries({"id": NUMBERS, "action": WORDS, "value": WORDS})),
        "linked_cases": st.lists(NUMBERS),
        "records": RECORDS,
        "team_case_buttons": BUTTONS_V1,
    }
)


@given(BUTTONS_V1)
def test_a_button_comes_back_from_v2_as_it_was(buttons: list[Json]) -> None:
    assert [button_to_v1(button_from_v1(button)) for button in buttons] == buttons


@given(BUTTONS_V1.map(lambda buttons: [button_from_v1(button) for button in buttons]))
def test_a_button_comes_back_from_v1_as_it_was_but_for_what_v1_has_not(buttons: list[Json]) -> None:
    richer = [{**button, "case_id": 7, "query_params": {"a": "b"}, "story_name": "EDR"} for button in buttons]
    assert [button_from_v1(button_to_v1(button)) for button in richer] == buttons
    allowed = {"id", "label", "url", "button_type", "button_text"}
    assert all(set(button_to_v1(button)) <= allowed for button in richer)


def as_v2(case: Json) -> Json:
    """How a tenant shows the same case through the second version, going by the vendor's pages."""
    by_type = [{"id": number, "name": "Type", "records": [record]} for number, record in enumerate(case["records"])]
    renamed = {"team_case_actions", "team_case_buttons"}
    return {
        **{key: value for key, value in case.items() if key not in renamed},
        "sub_status": {"id": 1},
        "activities": [
            {"id": each["id"], "activity_type": each["action"], "value": each["value"]}
            for each in case["team_case_actions"]
        ],
        "actions": [
            {
                {"button_type": "action_type", "button_text": "action_text"}.get(key, key): value
                for key, value in each.items()
            }
            for each in case["team_case_buttons"]
        ],
        "linked_cases": [{"case_id": number, "name": "Linked"} for number in case["linked_cases"]],
        "records": by_type,
        "records_meta": {},
        "blocks": [],
    }


@given(CASES_V1)
def test_a_case_comes_back_from_v2_as_it_was(case: Json) -> None:
    shown = as_v2(case)
    back = case_to_v1(shown, shown["actions"])
    assert back == case


@given(st.dictionaries(st.sampled_from([*V2, "other"]), JSON))
def test_no_shape_of_an_answer_makes_the_mapping_fail(case: Json) -> None:
    assert set(case_to_v1(case, ())) <= {*V1, "other"}


# Whether v1 is gone


def failure(status: int | None, method: str = "GET", path: str = "/api/v1/cases") -> RequestError:
    return RequestError("No.", method=method, path=path, status=status)


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (failure(404), True),
        (failure(410), True),
        (failure(403), False),
        (failure(401), False),
        (failure(500), False),
        (failure(None), False),
        (failure(404, path="/api/v1/cases/7"), False),
        (failure(410, path="/api/v1/cases/7/buttons"), False),
        (failure(404, "POST", "/api/v1/cases/"), False),
        (failure(404, path="/api/v2/cases"), False),
    ],
)
def test_v1_is_gone_where_the_collection_itself_is(error: RequestError, gone: bool) -> None:
    assert TinesV1.is_gone(error) is gone
