# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an action asks for, what it sends, when it is needed, and what shows that it was not done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NotDoneError,
    OptionError,
)
from ansible_collections.casework.cases.plugins.module_utils._trustpair.case_state import (
    UNKNOWN_STATE,
    CaseState,
    Override,
)
from ansible_collections.casework.cases.plugins.module_utils._trustpair.plan import (
    Action,
    already_satisfied,
    check_answer,
    check_state,
    merged,
    parse_action,
    plan,
    request_body,
    was_applied,
)
from hypothesis import given
from hypothesis import strategies as st

CASE = "3f0c2f5e-8f5b-4d39-9c1c-2f6a7e1b9d10"
CREATOR = "0b6d1c1e-6d2c-4a55-9d51-0f0c4c3a7e10"
REVIEWER = "5f2a7a43-22cf-4a0f-8a53-0f7fb9d2f9aa"
OTHER = "11111111-22cf-4a0f-8a53-0f7fb9d2f9aa"
OPTIONS: dict[str, Any] = {
    "case_id": CASE,
    "action_type": "comment",
    "comment": "Called.",
    "documents": None,
    "override_state": None,
    "reviewer_ids": None,
    "user_id": None,
    "include": None,
    "language": None,
    "attributes": None,
    "relationships": None,
    "resource_type": "case_action",
    "unique": False,
    "precheck": True,
}
REQUEST = {
    "action_type": "override",
    "override_state": "favorable",
    "reviewer_ids": [REVIEWER.upper(), REVIEWER],
    "user_id": CREATOR,
}


def wanted(**options: Any) -> Action:
    return parse_action({**OPTIONS, **options}, ())


def action(kind: str, **options: Any) -> Action:
    return wanted(**{"action_type": kind, "comment": "Called." if kind == "comment" else None, **options})


OVERRIDE = wanted(**{**REQUEST, "comment": None})


def with_override(status: str | None, **known: Any) -> CaseState:
    return CaseState(read=True, status="open", overrides=(Override("o1", status, **known),))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"case_id": "42"}, "case_perform is for Trustpair"),
        ({"case_id": "case-42"}, "case_id must be a UUID"),
        ({"case_id": f"{{{CASE}}}"}, "case_id must be a UUID"),
        ({"case_id": CASE.replace("-", "")}, "case_id must be a UUID"),
        ({"user_id": "robin@example.com"}, "user_id must be a UUID"),
        ({**REQUEST, "reviewer_ids": ["robin"]}, "reviewer_ids must be a UUID"),
        ({**REQUEST, "reviewer_ids": None}, "override needs reviewer_ids"),
        ({**REQUEST, "reviewer_ids": []}, "override needs reviewer_ids"),
        ({**REQUEST, "override_state": None}, "override needs override_state"),
        ({**REQUEST, "user_id": REVIEWER.upper()}, "cannot review it"),
        ({"comment": None}, "comment needs comment"),
        ({"comment": ""}, "comment is empty"),
        ({"comment": " \n"}, "comment is empty"),
        ({"action_type": "close", "comment": ""}, "comment is empty"),
        ({"action_type": "close", "documents": [{}]}, "documents goes with action_type comment alone"),
        ({**REQUEST, "documents": [{}]}, "documents goes with action_type comment alone"),
        ({"override_state": "favorable"}, "override_state goes with action_type override alone"),
        ({"action_type": "accept", "reviewer_ids": [REVIEWER]}, "reviewer_ids goes with action_type override alone"),
        ({"unique": True, "precheck": False}, "unique needs the case to be read first"),
    ],
)
def test_options_that_do_not_go_together_are_refused_in_one_sentence(options: dict[str, Any], named: str) -> None:
    with pytest.raises(OptionError) as refused:
        wanted(**options)
    assert named in refused.value.msg
    assert "\n" not in refused.value.msg


def test_the_body_of_a_comment_has_nothing_that_was_not_asked_for() -> None:
    attributes = {"action_type": "comment", "comment": "Called."}
    assert request_body(wanted()) == {"data": {"type": "case_action", "attributes": attributes}}


def test_the_body_of_an_override_request_names_target_user_and_each_reviewer_once() -> None:
    assert request_body(OVERRIDE) == {
        "data": {
            "type": "case_action",
            "attributes": {"action_type": "override", "state": "favorable"},
            "relationships": {
                "user": {"data": {"type": "user", "id": CREATOR}},
                "assigned_reviewers": {"data": [{"type": "user", "id": REVIEWER}]},
            },
        }
    }


def test_every_inferred_name_of_the_body_can_be_corrected() -> None:
    corrected = wanted(
        **REQUEST,
        resource_type="case_actions",
        attributes={"action_type": None, "kind": "override", "state": None, "target": {"value": "favorable"}},
        relationships={"user": None, "created_by": {"data": {"id": CREATOR}}, "assigned_reviewers": {"data": []}},
    )
    assert request_body(corrected) == {
        "data": {
            "type": "case_actions",
            "attributes": {"kind": "override", "comment": "Called.", "target": {"value": "favorable"}},
            "relationships": {"created_by": {"data": {"id": CREATOR}}, "assigned_reviewers": {"data": []}},
        }
    }


def test_relationships_that_are_all_removed_are_left_out() -> None:
    assert "relationships" not in request_body(wanted(user_id=CREATOR, relationships={"user": None}))["data"]


KEYS = st.sampled_from("abc")
LEAVES = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
OVERRIDE_STATES = st.dictionaries(KEYS, TREES, max_size=3)
PATCHES = st.dictionaries(
    KEYS,
    st.recursive(st.none() | LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8),
    max_size=3,
)


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in tree.items():
        found.update(leaves(value, (*path, key)) if isinstance(value, dict) else {(*path, key): value})
    return found


def at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return tree


@given(OVERRIDE_STATES, PATCHES)
def test_merging_puts_every_value_in_removes_every_null_and_is_done_after_once(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    untouched = repr(target)
    result = merged(target, patch)
    assert repr(target) == untouched
    for path, value in leaves(patch).items():
        assert at(result, path) == value
    assert None not in leaves(result).values()
    assert merged(result, patch) == result


def touched(patch: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(patch, dict):
            return True
        if key not in patch:
            return False
        patch = patch[key]
    return True


@given(OVERRIDE_STATES, PATCHES)
def test_merging_leaves_alone_what_the_patch_does_not_name(target: dict[str, Any], patch: dict[str, Any]) -> None:
    result = merged(target, patch)
    for path, value in leaves(target).items():
        if not touched(patch, path):
            assert at(result, path) == value


@given(OVERRIDE_STATES)
def test_merging_nothing_changes_nothing(target: dict[str, Any]) -> None:
    assert merged(target, {}) == target
    assert merged({}, target) == target


CLOSED = CaseState(read=True, status="closed", is_closed=True)
OPEN = CaseState(read=True, status="open", overrides=(), comments={})


@pytest.mark.parametrize(
    ("done", "state"),
    [
        (action("close"), CLOSED),
        (action("accept"), with_override("approved")),
        (action("refuse"), with_override("REJECTED")),
        (action("cancel"), with_override("canceled")),
        (OVERRIDE, with_override("pending", target="favorable", reviewers=frozenset({REVIEWER}))),
        (OVERRIDE, with_override("accepted", target="favorable")),
        (wanted(unique=True), CaseState(read=True, comments={"1": "Called.\n"})),
    ],
)
def test_what_holds_already_changes_nothing(done: Action, state: CaseState) -> None:
    intended = plan(done, state)
    assert not intended.changed
    assert intended.before == intended.after


@pytest.mark.parametrize(
    ("needed", "state"),
    [
        (action("close"), OPEN),
        (action("close"), CaseState(read=True, status="archived")),
        (action("close"), UNKNOWN_STATE),
        (action("accept"), with_override("pending")),
        (action("accept"), with_override("in_review")),
        (action("accept"), with_override(None)),
        (action("accept"), CaseState(read=True, status="open")),
        (action("accept", user_id=OTHER), with_override("pending", creator=CREATOR)),
        (action("cancel", user_id=CREATOR), with_override("pending", creator=CREATOR)),
        (action("cancel"), with_override("pending", creator=CREATOR)),
        (OVERRIDE, OPEN),
        (OVERRIDE, with_override("pending", target="favorable")),
        (OVERRIDE, with_override("pending")),
        (OVERRIDE, with_override("refused", target="favorable", reviewers=frozenset({REVIEWER}))),
        (OVERRIDE, with_override("accepted", target="unfavorable")),
        (
            OVERRIDE,
            CaseState(read=True, evaluation="unfavorable", overrides=(Override("o1", "accepted", "favorable"),)),
        ),
        (wanted(), CaseState(read=True, comments={"1": "Called."})),
        (wanted(unique=True), CaseState(read=True, comments={"1": "Called them."})),
        (wanted(unique=True), CaseState(read=True)),
    ],
)
def test_what_is_not_known_to_hold_is_sent_once(needed: Action, state: CaseState) -> None:
    intended = plan(needed, state)
    assert len(intended.requests) == 1
    assert intended.before != intended.after


@pytest.mark.parametrize(
    ("impossible", "state", "found"),
    [
        (action("accept"), with_override("cancelled", target="favorable"), "cancelled (for favorable)"),
        (action("refuse"), with_override("approved"), "approved"),
        (action("cancel"), with_override("accepted"), "accepted"),
        (action("accept"), OPEN, "no override request"),
        (action("accept", user_id=CREATOR), with_override("pending", creator=CREATOR), "somebody else must decide"),
        (action("refuse", user_id=CREATOR), with_override("pending", creator=CREATOR), "somebody else must decide"),
        (action("cancel", user_id=OTHER), with_override("pending", creator=CREATOR), "nobody else can cancel"),
        (OVERRIDE, with_override("pending", target="unfavorable"), "only one can be active"),
        (OVERRIDE, with_override("pending", target="favorable", reviewers=frozenset({OTHER})), OTHER),
    ],
)
def test_what_can_no_longer_be_done_fails_with_the_state_found(
    impossible: Action, state: CaseState, found: str
) -> None:
    with pytest.raises(CaseworkError) as failed:
        plan(impossible, state)
    assert found in failed.value.msg
    assert "precheck" in failed.value.msg


def test_the_diff_shows_the_state_and_what_is_new() -> None:
    closing = plan(action("close", comment="Done."), OPEN)
    assert (closing.before, closing.after) == ({"status": "open"}, {"status": "closed", "comment": "Done."})
    accepting = plan(action("accept"), with_override("pending", target="favorable"))
    assert accepting.before == {"status": "open", "override": {"status": "pending", "state": "favorable"}}
    assert accepting.after == {"status": "open", "override": {"status": "accepted", "state": "favorable"}}
    requesting = plan(OVERRIDE, OPEN)
    assert requesting.before == {"status": "open", "override": None}
    request = {"status": "pending", "state": "favorable", "reviewer_ids": [REVIEWER]}
    assert requesting.after == {"status": "open", "override": request}
    documents = [{"filename": "letter.pdf", "content_type": "application/pdf", "content": "QQ=="}]
    commenting = plan(parse_action({**OPTIONS, "documents": [{}]}, documents), OPEN)
    assert commenting.after == {"status": "open", "comment": "Called.", "documents": ["letter.pdf"]}


@given(st.sampled_from([action("close"), action("accept"), action("refuse"), action("cancel"), OVERRIDE]))
def test_a_case_that_is_as_predicted_needs_nothing_more(done: Action) -> None:
    pending = Override("o1", "pending", "favorable", frozenset({REVIEWER}), CREATOR)
    state = OPEN if done in (OVERRIDE, action("close")) else CaseState(True, "open", overrides=(pending,))
    after = plan(done, state).after
    request = after.get("override")
    reached = CaseState(
        read=True,
        status=after["status"],
        is_closed=after["status"] == "closed",
        overrides=(Override("o2", request["status"], request["state"], frozenset(request["reviewer_ids"])),)
        if request
        else (),
    )
    assert not plan(done, reached).changed
    check_state(done, state, reached)


def comments(*texts: str) -> CaseState:
    return CaseState(read=True, comments={str(number): text for number, text in enumerate(texts)})


@pytest.mark.parametrize(
    ("done", "before", "after", "known"),
    [
        (wanted(), comments("Called."), comments("Called.", "Called."), True),
        (wanted(), comments(), comments("Called. "), True),
        (wanted(), comments("Called."), comments("Called."), False),
        (wanted(), comments("Called."), comments("Called.", "Another."), False),
        (wanted(), UNKNOWN_STATE, comments("Called."), False),
        (wanted(), comments(), UNKNOWN_STATE, False),
        (action("close"), OPEN, CLOSED, True),
        (action("close"), UNKNOWN_STATE, CLOSED, True),
        (action("close"), OPEN, OPEN, False),
        (action("accept"), with_override("pending"), with_override("accepted"), True),
        (action("accept"), with_override("pending"), with_override("refused"), False),
    ],
)
def test_after_a_lost_answer_only_what_the_case_shows_counts(
    done: Action, before: CaseState, after: CaseState, known: bool
) -> None:
    assert was_applied(done, before, after) is known


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        (action("close"), OPEN, OPEN),
        (action("close"), CaseState(status="odd"), CaseState(status="odd")),
        (wanted(), comments("a"), comments("a")),
        (wanted(), comments(), comments()),
        (action("accept"), with_override("pending"), with_override("pending")),
        (action("accept"), with_override("pending"), with_override("refused")),
        (action("accept"), with_override("pending"), with_override("pending", reviewers=frozenset({REVIEWER}))),
        (action("refuse"), OPEN, with_override("pending", reviewers=frozenset({OTHER, REVIEWER}))),
        (OVERRIDE, OPEN, OPEN),
        (OVERRIDE, with_override("refused"), with_override("refused")),
        (OVERRIDE, OPEN, with_override("pending", target="unfavorable")),
        (OVERRIDE, OPEN, with_override("pending", reviewers=frozenset({OTHER}))),
    ],
)
def test_a_case_that_shows_that_nothing_was_done_fails_the_task(
    asked: Action, before: CaseState, after: CaseState
) -> None:
    with pytest.raises(NotDoneError, match="Look at the case"):
        check_state(asked, before, after)


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        (action("close"), OPEN, CLOSED),
        (action("close"), OPEN, CaseState(status="archived")),
        (action("close"), OPEN, CaseState()),
        (wanted(), comments("a"), comments("a", "something else made of it")),
        (wanted(), comments("a"), UNKNOWN_STATE),
        (action("accept"), with_override("pending"), with_override("in effect")),
        (action("accept"), with_override("pending"), CaseState()),
        (action("accept"), with_override("pending"), with_override("pending", reviewers=frozenset({OTHER, REVIEWER}))),
        (OVERRIDE, OPEN, CaseState()),
        (OVERRIDE, OPEN, with_override(None)),
        (OVERRIDE, OPEN, with_override("accepted", target="favorable")),
    ],
)
def test_what_is_not_shown_does_not_fail_the_task(asked: Action, before: CaseState, after: CaseState) -> None:
    check_state(asked, before, after)


def test_reviewers_that_the_user_names_in_another_way_are_not_compared() -> None:
    asked = wanted(**REQUEST, relationships={"assigned_reviewers": None, "by_mail": {"data": []}})
    check_state(asked, OPEN, with_override("pending", reviewers=frozenset({OTHER})))


def answered(relationships: Any = None, **attributes: Any) -> dict[str, Any]:
    data = {"id": "a1", "type": "case_action", "attributes": attributes, "relationships": relationships or {}}
    return {"data": data}


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (wanted(), answered(action_type="close")),
        (wanted(), answered({"comment": {"data": None}})),
        (wanted(), {"errors": [{"detail": "Le dossier est clôturé."}]}),
        (OVERRIDE, answered({"override": {"data": None}})),
        (OVERRIDE, answered(override={"status": "pending", "state": "unfavorable"})),
        (action("accept"), answered(override={"status": "refused"})),
        (action("close"), {"data": {"type": "case", "attributes": {"status": "pending"}}}),
    ],
)
def test_an_answer_that_shows_something_else_fails_the_task(asked: Action, answer: dict[str, Any]) -> None:
    with pytest.raises(NotDoneError):
        check_answer(asked, answer)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        answered(),
        answered(action_type="COMMENT", status="pending"),
        answered(action_type="comment_added"),
        answered({"comment": {"data": {"id": "c1", "type": "comment"}}}),
        {"id": "a1", "type": "case_action", "attributes": {"comment": "Called."}},
        {"data": [1]},
    ],
)
def test_an_answer_that_shows_less_than_hoped_for_is_no_failure(answer: dict[str, Any]) -> None:
    check_answer(wanted(), answer)


def test_an_action_type_that_the_user_has_corrected_is_not_compared() -> None:
    check_answer(wanted(attributes={"action_type": None, "kind": "comment"}), answered(action_type="close"))


def test_a_comment_that_may_be_repeated_never_holds() -> None:
    assert not already_satisfied(wanted(), CaseState(read=True, comments={"1": "Called."}))
