# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read out of a case's document, in every plausible shape of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._trustpair.case_state import (
    CaseState,
    Override,
    case_state,
    same_text,
)
from hypothesis import given
from hypothesis import strategies as st

REVIEWER = {"id": "5F2A", "type": "user"}
OVERRIDE = {
    "id": "o1",
    "type": "override",
    "attributes": {"status": "Pending", "state": "favorable"},
    "relationships": {
        "assigned_reviewers": {"data": [REVIEWER]},
        "created_by": {"data": {"id": "c1", "type": "user"}},
    },
}
RESPONSE_NAMES = Override("o1", "Pending", "favorable", frozenset({"5f2a"}), "c1")


def case(**attributes: Any) -> dict[str, Any]:
    return {"data": {"id": "1", "type": "case", "attributes": attributes}}


def linked(*overrides: dict[str, Any], name: str = "override", to_many: bool = False) -> dict[str, Any]:
    links = [{"id": each["id"], "type": each["type"]} for each in overrides]
    data = {"id": "1", "type": "case", "relationships": {name: {"data": links if to_many else links[0]}}}
    return {"data": data, "included": list(overrides)}


@pytest.mark.parametrize("status", ["closed", "CLOSED", "Closed"])
def test_a_closed_case_is_known_by_its_status(status: str) -> None:
    assert case_state(case(status=status)).is_closed


@pytest.mark.parametrize(
    ("attributes", "status", "closed"),
    [
        ({"status": "open"}, "open", False),
        ({"status": "archived"}, "archived", False),
        ({"status": "open", "closed_at": "2026-01-01"}, "open", False),
        ({"status": "open", "state": "closed"}, "open", False),
        ({"state": "closed"}, "closed", True),
        ({"state": "unfavorable"}, None, False),
        ({"closed_at": "2026-01-01"}, None, True),
        ({"closed_at": 1767225600}, None, True),
        ({"closed_at": None}, None, False),
        ({"status": 3}, None, False),
        ({"status": "pending"}, "pending", False),
        ({}, None, False),
    ],
)
def test_what_is_not_understood_is_not_closed(attributes: dict[str, Any], status: str | None, closed: bool) -> None:
    state = case_state(case(**attributes))
    assert (state.status, state.is_closed) == (status, closed)


def test_a_resource_without_the_wrapper_or_without_attributes_is_understood() -> None:
    assert case_state({"id": "1", "attributes": {"status": "closed"}}).is_closed
    assert case_state({"id": "1", "status": "closed"}).is_closed
    assert case_state({"data": {"status": "closed"}}).is_closed


@pytest.mark.parametrize(
    "document",
    [
        linked(OVERRIDE),
        linked(OVERRIDE, name="overrides", to_many=True),
        {**case(status="open"), "included": [OVERRIDE]},
        {**case(status="open"), "included": [{**OVERRIDE, "type": "Overrides"}]},
        case(override=OVERRIDE),
        case(override={"data": OVERRIDE}),
        case(overrides=[OVERRIDE]),
        {"id": "1", "override": OVERRIDE},
        case(
            override={
                "id": "o1",
                "status": "Pending",
                "target_state": "favorable",
                "reviewers": ["5f2a"],
                "created_by": "C1",
            }
        ),
    ],
)
def test_an_override_request_is_found_wherever_it_stands(document: dict[str, Any]) -> None:
    assert case_state(document).overrides == (RESPONSE_NAMES,)


def test_no_override_request_is_another_thing_than_none_shown() -> None:
    assert case_state(case()).overrides is None
    assert case_state(case(override=None)).overrides == ()
    assert case_state(case(overrides=[])).overrides == ()
    assert case_state({"data": {"relationships": {"override": {"data": None}}}}).overrides == ()
    assert case_state({"data": {"relationships": {"override": {"links": {"self": "/x"}}}}}).overrides is None


def test_a_request_of_which_only_the_id_is_shown_has_no_known_status() -> None:
    document = linked(OVERRIDE)
    del document["included"]
    assert case_state(document).overrides == (Override("o1"),)


def test_the_status_of_a_request_may_be_called_state() -> None:
    request = case_state(case(override={"id": "o1", "state": "accepted", "new_state": "unfavorable"})).override
    assert request == Override("o1", "accepted", "unfavorable")


def request(number: int, status: str, created_at: str | None = None) -> dict[str, Any]:
    return {"id": f"o{number}", "type": "override", "attributes": {"status": status, "created_at": created_at}}


def test_of_several_requests_the_pending_one_counts_else_the_latest() -> None:
    old, new = request(1, "refused", "2026-01-01"), request(2, "accepted", "2026-02-01")
    pending = request(3, "pending", "2025-01-01")

    def found(*requests: dict[str, Any]) -> Override | None:
        return case_state(linked(*requests, name="overrides", to_many=True)).override

    for one, other in ((old, new), (new, old)):
        latest = found(one, other)
        assert latest is not None
        assert latest.status == "accepted"
    active = found(old, pending, new)
    assert active is not None
    assert active.is_pending


def test_where_the_latest_request_cannot_be_told_nothing_is_known() -> None:
    undated = linked(request(1, "accepted"), request(2, "refused", "2026-01-01"), name="overrides", to_many=True)
    assert case_state(undated).overrides is None
    both = linked(request(1, "pending"), request(2, "pending"), name="overrides", to_many=True)
    assert case_state(both).overrides is None


def test_comments_are_found_linked_included_and_nested() -> None:
    comment = {"id": "7", "type": "comment", "attributes": {"content": "Called."}}
    link = {"data": {"relationships": {"comments": {"data": [{"id": "7", "type": "comment"}]}}}}
    assert case_state({**link, "included": [comment]}).comments == {"7": "Called."}
    assert case_state({**case(), "included": [comment]}).comments == {"7": "Called."}
    assert case_state(case(comments=[{"id": "7", "body": "Called."}])).comments == {"7": "Called."}
    assert case_state(case(comments=[{"text": "a"}, {"text": "a"}])).same_comments("a") == 2


@pytest.mark.parametrize(
    "document",
    [case(), case(comments=3), {"data": {"relationships": {"comments": {"data": [{"id": "7", "type": "comment"}]}}}}],
)
def test_comments_whose_text_is_not_shown_are_not_known(document: dict[str, Any]) -> None:
    assert case_state(document).comments is None
    assert case_state(document).same_comments("a") is None


def test_a_case_without_comments_has_none_with_that_text() -> None:
    assert case_state(case(comments=[])).same_comments("a") == 0


def test_line_endings_and_blanks_at_the_ends_make_no_other_comment() -> None:
    assert same_text("a\r\nb \n", "a\nb")
    assert not same_text("a b", "a  b")
    assert not same_text("A", "a")


@given(st.lists(st.sampled_from(["a", "b", " a", "a\n", "c"])), st.sampled_from(["a", "b"]))
def test_counting_comments(texts: list[str], text: str) -> None:
    state = case_state(case(comments=[{"id": str(number), "content": each} for number, each in enumerate(texts)]))
    assert state.same_comments(text) == [each.strip() for each in texts].count(text)
    more = {**(state.comments or {}), "new": text}
    assert CaseState(comments=more).same_comments(text) == (state.same_comments(text) or 0) + 1


JSON = st.sampled_from([None, True, 3, "", "x", [], {}, [None], ["x", {}], {"id": "x"}, {"data": None}, {"data": [3]}])
NAMES = ("id", "type", "attributes", "relationships", "data", "status", "state", "override", "comments", "created_by")
INNER = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)
ODD = st.dictionaries(st.sampled_from(NAMES), JSON | INNER, max_size=4)


@given(st.fixed_dictionaries({"data": ODD | JSON, "included": st.lists(ODD | JSON, max_size=3) | JSON}) | ODD)
def test_no_shape_makes_reading_fail_or_a_case_seem_closed(answer: dict[str, Any]) -> None:
    state = case_state(answer)
    assert state.read
    assert not state.is_closed  # there is neither a status "closed" nor a date of closing in what is made up here
    assert str(state)
    assert state.shown(with_override=True) is not None


def test_an_evaluation_is_what_is_a_word_for_one() -> None:
    assert case_state(case(state="open", evaluation="Unfavorable")).evaluation == "unfavorable"
    assert case_state(case(state="favorable", status="open")).evaluation == "favorable"
    assert case_state(case(state="open")).evaluation is None
