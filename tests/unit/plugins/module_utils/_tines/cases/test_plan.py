# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan for a case, carried out on a server in memory."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NotDoneError,
    OptionError,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import (
    FIELDS,
    SET_FIELDS,
    Case,
    check_answer,
    differences,
    has_metadata,
    record_ids,
    writable,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.find import Identity, best_closed
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.plan import (
    plan_create,
    plan_delete,
    plan_update,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.search import Search
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import (
    CreateCase,
    RemoveMetadata,
    SetMetadata,
    UpdateCase,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.cases.model import (
    CASES,
    NEW,
    WANTED,
    Server,
    utc,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.cases.test_fields import SHOWN
from hypothesis import given
from hypothesis import strategies as st


def same_side(predicted: Case, shown: Case, left_out: set[str]) -> None:
    """Assert that a diff's side after was the truth."""
    for name in FIELDS:
        if name not in left_out:
            one, other = FIELDS[name].show(predicted), FIELDS[name].show(shown)
            if name in ("metadata", "record_ids"):
                assert len(one or ()) == len(other or ()), name
                assert not other or FIELDS[name].same(one, other), name
            assert one == other or FIELDS[name].same(other, one), name


@pytest.mark.parametrize(("shown", "wanted", "same"), [(0, False, False), (1, True, False), ("true", True, True)])
def test_a_truth_is_no_number(shown: Any, wanted: bool, same: bool) -> None:
    assert (differences({"metadata": {"a": shown}}, {"metadata": {"a": wanted}}) == {}) is same


@given(case=CASES, wanted=WANTED, as_text=st.booleans(), replaces=st.booleans())
def test_a_plan_carried_out_reaches_what_is_wanted_and_leaves_the_rest(
    case: Case, wanted: Case, as_text: bool, replaces: bool
) -> None:
    server, plan = Server(case, as_text, replaces), plan_update(case, wanted)
    server.apply(plan)
    after = server.case
    assert after is not None
    assert plan.changed == bool(differences(case, wanted))
    assert differences(after, wanted) == {}
    assert not plan_update(after, wanted).changed
    closing = "status" in wanted and wanted["status"].upper() != case["status"]
    reset = {"sub_status_id", "resolved_at"} - set(wanted) if closing else set()
    touched = {*wanted, *reset, *(name for name, keys in SET_FIELDS.items() if set(keys) & set(wanted))}
    for name in FIELDS:
        if name not in touched:
            assert FIELDS[name].show(after) == FIELDS[name].show(case), name
    for key in set(case["metadata"]) - set(wanted.get("metadata", ())):
        was, now = case["metadata"][key], after["metadata"][key]
        assert was == now or (as_text and has_metadata({key: now}, {key: was}))
    assert set(record_ids(case) or ()) <= set(record_ids(after) or ())
    assert (after["url"], after["activities"]) == (case["url"], case["activities"])
    same_side(plan.after, after, reset)


@given(wanted=NEW, as_text=st.booleans())
def test_a_new_case_is_what_is_wanted_after_what_the_creation_left_undone(wanted: Case, as_text: bool) -> None:
    server, plan = Server(as_text=as_text), plan_create(wanted)
    assert (plan.before, plan.changed, plan.after["case_id"]) == ({}, True, 0)
    server.apply(plan)
    assert server.case is not None
    server.apply(plan_update(server.case, wanted))
    assert differences(server.case, wanted) == {}
    assert not plan_update(server.case, wanted).changed
    same_side(plan.after, server.case, set(FIELDS) - set(wanted))


@given(case=CASES)
def test_a_removal_is_one_request(case: Case) -> None:
    server, plan = Server(case), plan_delete(case)
    server.apply(plan)
    assert (server.case, plan.after, len(plan.requests)) == (None, {}, 1)


def test_a_case_is_not_created_closed_or_without_team_and_name() -> None:
    with pytest.raises(CaseworkError, match="no such case to close"):
        plan_create({"team_id": 1, "name": "Mail", "status": "closed"})
    with pytest.raises(OptionError, match=r"A new case needs team_id and name\."):
        plan_create({"priority": "low"})
    with pytest.raises(OptionError, match=r"A new case needs name\."):
        plan_create({"team_id": 1})


def test_a_new_case_is_shown_as_far_as_it_can_be_told() -> None:
    wanted = {"team_id": 1, "name": "Mail", "priority": "low", "tag_names": ["a"], "template_id": "4"}
    assert plan_create(wanted).after == {
        "case_id": 0,
        "team": {"id": 1},
        "name": "Mail",
        "priority": "LOW",
        "tags": [{"name": "a"}],
    }


def test_members_of_a_set_are_created_along_unless_a_template_gives_others() -> None:
    wanted = {"team_id": 1, "name": "Mail", "add_tag_names": ["a"], "remove_tag_names": ["b"], "metadata": {"x": None}}
    (alone,) = plan_create(wanted).requests
    assert alone == CreateCase({"team_id": 1, "name": "Mail", "tag_names": ["a"], "metadata": {}})
    (from_template,) = plan_create({**wanted, "template_id": "4"}).requests
    assert from_template == CreateCase({"team_id": 1, "name": "Mail", "template_id": "4", "metadata": {}})
    templated = {"case_id": 1, "team": {"id": 1}, "name": "Mail", "tags": [{"name": "b"}, {"name": "c"}]}
    rest = plan_update(templated, wanted).requests
    assert rest == (UpdateCase(1, {"add_tag_names": ["a"], "remove_tag_names": ["b"]}),)


def test_a_key_of_the_metadata_given_as_null_is_removed_and_no_other() -> None:
    case = {"case_id": 7, "metadata": {"a": "1", "b": "2", "c": None}}
    gone = plan_update(case, {"metadata": {"a": None, "c": None, "d": None}})
    assert gone.requests == (RemoveMetadata(7, ["a"], {"b": "2", "c": None}),)
    assert gone.after["metadata"] == {"b": "2", "c": None}
    both = plan_update(case, {"metadata": {"a": None, "b": "3"}})
    assert both.requests == (
        RemoveMetadata(7, ["a"], {"b": "3", "c": None}),
        SetMetadata(7, {"b": "3", "c": None}, first=False),
    )
    last = plan_update({"case_id": 7, "metadata": {"a": "1"}}, {"metadata": {"a": None, "b": "3"}})
    assert last.requests == (RemoveMetadata(7, ["a"], {"b": "3"}), SetMetadata(7, {"b": "3"}, first=True))
    assert not plan_update(case, {"metadata": {"c": None, "d": None}}).changed


def test_adding_and_removing_members_sends_those_that_differ_and_no_more() -> None:
    case = {"case_id": 7, "tags": [{"name": "a"}, {"name": "b"}], "assignees": [{"email": "Jane@x.example"}]}
    wanted = {
        "add_tag_names": ["a", "c"],
        "remove_tag_names": ["b", "d"],
        "add_assignee_emails": ["jane@x.example"],
        "remove_assignee_emails": ["jo@x.example"],
    }
    plan = plan_update(case, wanted)
    assert plan.requests == (UpdateCase(7, {"add_tag_names": ["c"], "remove_tag_names": ["b"]}),)
    assert [tag["name"] for tag in plan.after["tags"]] == ["a", "c"]
    removed = plan_update(case, {"remove_assignee_emails": ["jane@x.example"]})
    assert removed.requests == (UpdateCase(7, {"remove_assignee_emails": ["Jane@x.example"]}),)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "email"]), inner),
    max_leaves=6,
)
ODD = st.fixed_dictionaries({"case_id": st.integers(1, 9)}, optional=dict.fromkeys([*SHOWN][1:], JSON))


@given(case=ODD, wanted=WANTED)
def test_no_shape_of_an_answer_makes_a_comparison_fail(case: Case, wanted: Case) -> None:
    writable(case)
    plan_update(case, wanted)
    search = Search((1,), "open", ("low",), ("a",), "x", {"a": 1}, utc(2026, 1, 1), utc(2026, 2, 1))
    assert search.matches(case) in (True, False)
    assert Identity(1, name="Mail").matches(case) in (True, False)
    assert best_closed([case], wanted) == case
    with suppress(NotDoneError):  # any other exception is a defect
        check_answer(case, wanted)
