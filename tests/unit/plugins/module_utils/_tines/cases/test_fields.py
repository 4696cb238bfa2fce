# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the fields of a case compare, and what is sent to change them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import NotDoneError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import (
    FIELDS,
    Case,
    check_answer,
    differences,
    parse_case,
    record_ids,
    writable,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.plan import plan_update
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import (
    AddRecord,
    RemoveMetadata,
    SetMetadata,
    UpdateCase,
)


def test_what_is_given_is_checked_and_brought_into_one_form() -> None:
    given = {
        "team_id": 1,
        "name": "Mail",
        "priority": "HIGH",
        "status": "Open",
        "opened_at": "2026-01-31 08:30:00+01:00",
        "resolved_at": "2026-02-01",
        "assignee_emails": ["JANE@x.example", "jane@x.example", "jo@x.example"],
        "tag_names": ["a", "b", "a", "A"],
        "description": None,
        "template_id": "4",
        "state": "present",
    }
    assert parse_case(given) == {
        "team_id": 1,
        "name": "Mail",
        "priority": "high",
        "status": "open",
        "opened_at": "2026-01-31T07:30:00Z",
        "resolved_at": "2026-02-01T00:00:00Z",
        "assignee_emails": ["jane@x.example", "jo@x.example"],
        "tag_names": ["a", "b", "A"],
        "template_id": "4",
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"priority": "urgent"}, "priority must be critical, high, medium, low or info, not 'urgent'."),
        ({"status": "done"}, "status must be open or closed, not 'done'."),
        ({"opened_at": "yesterday"}, "opened_at must be an ISO 8601 timestamp such as"),
        ({"resolved_at": "31.01.2026"}, "resolved_at must be an ISO 8601 timestamp such as"),
        ({"opened_at": ""}, "opened_at must be"),
        ({"name": ""}, "name is empty"),
        ({"metadata": {"a": float("nan")}}, "metadata cannot be written as JSON"),
        ({"tag_names": [], "add_tag_names": ["a"]}, "add_tag_names cannot be combined with tag_names"),
        ({"assignee_emails": [], "remove_assignee_emails": []}, "remove_assignee_emails cannot be combined with"),
        (
            {"add_assignee_emails": ["Jo@x.example"], "remove_assignee_emails": ["jo@X.example"]},
            "'jo@x.example' is in add_assignee_emails and in remove_assignee_emails",
        ),
        ({"name": "  "}, "name is empty"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(given: Case, says: str) -> None:
    with pytest.raises(OptionError, match="^" + says.replace("(", r"\(")):
        parse_case(given)


SHOWN: Case = {
    "case_id": 7,
    "name": "Mail",
    "description": "One\r\ntwo\n",
    "priority": "HIGH",
    "status": "OPEN",
    "sub_status": {"id": 3, "name": "Open"},
    "team": {"id": 1, "name": "Team 1"},
    "author": {"id": 1, "email": "Jane@x.example"},
    "assignees": [{"id": 1, "email": "Jane@x.example"}, {"id": 2, "email": "jo@x.example"}],
    "tags": [{"id": 4, "name": "login"}, {"id": 5, "name": "vpn"}],
    "opened_at": "2026-01-31T08:30:00Z",
    "resolved_at": None,
    "metadata": {"text": "A-1", "number": 5, "yes": True, "nothing": None, "tree": {"a": [1]}},
    "closure_conditions": [{"name": "one", "formula": "=TRUE", "id": 9}, {"name": "two", "formula": "=FALSE"}],
    "records": [{"id": 1, "name": "Alerts", "records": [{"id": 187}, {"id": 188}]}],
    "url": "https://acme.tines.com/team/1/cases/7",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("team_id", 1),
        ("name", "Mail"),
        ("description", "One\ntwo"),
        ("description", "\nOne\ntwo\n\n"),
        ("priority", "high"),
        ("status", "open"),
        ("sub_status_id", 3),
        ("author_email", "jane@X.example"),
        ("assignee_emails", ["JO@x.example", "jane@x.example"]),
        ("tag_names", ["vpn", "login"]),
        ("opened_at", "2026-01-31T09:30:00.4+01:00"),
        ("metadata", {"text": "A-1"}),
        ("metadata", {"number": "5"}),
        ("metadata", {"yes": "true"}),
        ("metadata", {"nothing": None, "tree": {"a": [1]}}),
        ("metadata", {}),
        ("closure_conditions", [{"name": "two", "formula": "=FALSE"}, {"name": "one", "formula": "=TRUE"}]),
        ("record_ids", [188]),
        ("record_ids", []),
    ],
)
def test_a_field_that_is_as_asked_makes_no_difference(field: str, value: Any) -> None:
    assert differences(SHOWN, {field: value}) == {}
    assert not plan_update(SHOWN, {field: value}).changed


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("team_id", 2, UpdateCase(7, {"team_id": 2})),
        ("name", "mail", UpdateCase(7, {"name": "mail"})),
        ("description", "", UpdateCase(7, {"description": ""})),
        ("priority", "low", UpdateCase(7, {"priority": "low"})),
        ("status", "closed", UpdateCase(7, {"status": "closed"})),
        ("sub_status_id", 4, UpdateCase(7, {"sub_status_id": 4})),
        ("author_email", "jo@x.example", UpdateCase(7, {"author_email": "jo@x.example"})),
        (
            "assignee_emails",
            ["new@x.example", "JO@x.example"],
            UpdateCase(7, {"add_assignee_emails": ["new@x.example"], "remove_assignee_emails": ["Jane@x.example"]}),
        ),
        (
            "assignee_emails",
            [],
            UpdateCase(7, {"remove_assignee_emails": ["Jane@x.example", "jo@x.example"]}),
        ),
        ("tag_names", ["vpn", "login", "new"], UpdateCase(7, {"add_tag_names": ["new"]})),
        ("tag_names", ["VPN"], UpdateCase(7, {"add_tag_names": ["VPN"], "remove_tag_names": ["login", "vpn"]})),
        ("opened_at", "2026-01-31T08:30:01Z", UpdateCase(7, {"opened_at": "2026-01-31T08:30:01Z"})),
        ("resolved_at", "2026-01-31T08:30:00Z", UpdateCase(7, {"resolved_at": "2026-01-31T08:30:00Z"})),
        ("metadata", {"text": "a-1"}, SetMetadata(7, {**SHOWN["metadata"], "text": "a-1"}, False)),
        ("metadata", {"nothing": "none"}, SetMetadata(7, {**SHOWN["metadata"], "nothing": "none"}, False)),
        (
            "metadata",
            {"text": None},
            RemoveMetadata(7, ["text"], {key: value for key, value in SHOWN["metadata"].items() if key != "text"}),
        ),
        ("metadata", {"tree": {"a": [2]}}, SetMetadata(7, {**SHOWN["metadata"], "tree": {"a": [2]}}, False)),
        ("closure_conditions", [], UpdateCase(7, {"closure_conditions": []})),
        ("record_ids", [188, 189, 189], AddRecord(7, 189)),
    ],
)
def test_a_field_that_differs_is_one_request_with_nothing_else_in_it(field: str, value: Any, expected: Any) -> None:
    plan = plan_update(SHOWN, {field: value})
    assert list(plan.requests) == [expected]
    assert plan.before is SHOWN
    assert FIELDS[field].same(FIELDS[field].show(plan.after), value)
    assert {key: value for key, value in writable(plan.after).items() if key != field} == {
        key: value for key, value in writable(SHOWN).items() if key != field
    }


def test_metadata_of_a_case_without_any_is_created() -> None:
    nothings: tuple[Case | None, ...] = ({}, None)
    for nothing in nothings:
        plan = plan_update({"case_id": 7, "metadata": nothing}, {"metadata": {"a": 1}})
        assert plan.requests == (SetMetadata(7, {"a": 1}, True),)


def test_metadata_that_is_the_same_keeps_its_form_beside_what_differs() -> None:
    plan = plan_update(SHOWN, {"metadata": {"number": "5", "text": "B-2"}})
    (request,) = plan.requests
    assert isinstance(request, SetMetadata)
    assert request.metadata == plan.after["metadata"] == {**SHOWN["metadata"], "text": "B-2"}


def test_what_a_change_of_status_resets_is_sent_along_with_it() -> None:
    case = {**SHOWN, "resolved_at": "2026-02-01T00:00:00Z"}
    wanted = {"status": "closed", "resolved_at": "2026-02-01T00:00:00Z", "sub_status_id": 3, "priority": "high"}
    assert plan_update(case, wanted).requests == (
        UpdateCase(7, {"status": "closed", "resolved_at": "2026-02-01T00:00:00Z", "sub_status_id": 3}),
    )


def test_a_case_is_closed_after_everything_that_a_closure_condition_may_ask_about() -> None:
    requests = plan_update(SHOWN, {"status": "closed", "metadata": {"verdict": "benign"}, "record_ids": [1]}).requests
    assert [type(each) for each in requests] == [SetMetadata, AddRecord, UpdateCase]


def test_users_without_an_address_are_nobody_that_could_be_named() -> None:
    case = {"case_id": 7, "assignees": [{"id": 1, "email": None}, {"id": 2}, {"id": 3, "email": "jo@x.example"}]}
    assert not plan_update(case, {"assignee_emails": ["Jo@x.example"]}).changed
    assert plan_update(case, {"assignee_emails": []}).requests == (
        UpdateCase(7, {"remove_assignee_emails": ["jo@x.example"]}),
    )


@pytest.mark.parametrize(
    ("records", "meta", "numbers"),
    [
        ([], None, []),
        ([{"id": 187, "results": []}], None, [187]),
        ([{"id": 1, "name": "Alerts", "records": [{"id": 187}, {"id": 188}]}], {"next_page_number": None}, [187, 188]),
        ({"Alerts": [{"id": 187}], "Hosts": [{"id": 9}]}, None, [187, 9]),
        (None, None, None),
        ("187", None, None),
        ([187], None, None),
        ([{"name": "Alerts"}], None, None),
        ([{"id": 1, "records": "many"}], None, None),
        ([{"id": 187}], {"next_page_number": 2}, None),
    ],
)
def test_records_are_known_only_where_all_of_them_are_shown_in_a_known_shape(
    records: Any, meta: Any, numbers: list[int] | None
) -> None:
    assert record_ids({"records": records, "records_meta": meta}) == numbers


def test_records_that_cannot_be_read_count_at_creation_alone() -> None:
    assert not plan_update({"case_id": 7}, {"record_ids": [1]}).changed
    check_answer({"case_id": 7, "records": "some"}, {"record_ids": [1]})


# The answer


def test_an_answer_that_is_not_what_was_asked_for_says_what_differs() -> None:
    wanted = {"priority": "low", "tag_names": ["login", "vpn"], "description": "https://h/webhook/p/s3cret"}
    with pytest.raises(NotDoneError) as caught:
        check_answer(SHOWN, wanted)
    assert caught.value.msg.startswith("Case 7: the server took the request but did not do all of it:")
    assert "priority is 'HIGH' instead of 'low'" in caught.value.msg
    assert "tag_names" not in caught.value.msg
    assert "s3cret" not in caught.value.msg
    check_answer(SHOWN, {"priority": "high"})


def test_a_case_that_does_not_close_is_said_to_have_conditions() -> None:
    with pytest.raises(NotDoneError, match=r"closes only when its closure conditions are met: one, two\.$"):
        check_answer(SHOWN, {"status": "closed"})
    with pytest.raises(NotDoneError, match=r"instead of 'closed'\.$"):
        check_answer({**SHOWN, "closure_conditions": []}, {"status": "closed"})


def test_a_description_of_several_lines_is_shown_as_lines() -> None:
    assert writable({"description": "one\r\ntwo\n"})["description"] == ["one", "two"]
    assert writable({"description": "one"})["description"] == "one"
    assert writable({"description": ""})["description"] == ""


def test_an_answer_tells_which_members_are_wrong() -> None:
    case = {"case_id": 7, "tags": [{"name": "a"}]}
    with pytest.raises(NotDoneError, match=r"add_tag_names was \['b'\], and there is \['a'\]\.$"):
        check_answer(case, {"add_tag_names": ["b"], "remove_tag_names": ["c"]})


def test_an_answer_that_differs_shows_no_secret_and_no_other_metadata() -> None:
    url = "https://acme.tines.com/webhook/go/{}"
    with pytest.raises(NotDoneError) as caught:
        check_answer(
            {"case_id": 7, "metadata": {"hook": url.format("0ld"), "theirs": "kept"}},
            {"metadata": {"hook": url.format("n3w")}},
        )
    for text in ("n3w", "0ld", "kept"):
        assert text not in caught.value.msg
