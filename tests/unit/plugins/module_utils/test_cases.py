# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a case differ, what is sent about it, how it is found; and plans carried out on a server in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils import _cases
from ansible_collections.casework.cases.plugins.module_utils._cases import (
    FIELDS,
    Identity,
    Search,
    creation,
    differences,
    identity,
    instant,
    last_opened,
    only_one,
    record_ids,
    removal,
    update,
    wanted_case,
    writable,
)
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, NotDoneError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._plan import Plan
from hypothesis import given
from hypothesis import strategies as st

Case = dict[str, Any]


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=timezone.utc)  # type: ignore[arg-type,misc]  # six numbers


# Moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T08:30:00Z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31t08:30:00z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31 08:30:00", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31 08:30:00+00:00", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30:00.987Z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30:00,5+01:00", utc(2026, 1, 31, 7, 30)),
        ("2026-01-31T00:30:00+0130", utc(2026, 1, 30, 23, 0)),
        ("2026-01-31T08:30:00-08", utc(2026, 1, 31, 16, 30)),
        ("2026-01-31", utc(2026, 1, 31)),
        (" 2026-01-31\n", utc(2026, 1, 31)),
        (20260131, None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("2026-02-30", None),
        ("2026-01-31T25:00:00Z", None),
        ("2026-01-31T08:30:00+99:00", None),
        ("0000-01-01", None),
        ("31.01.2026", None),
        ("2026-01-31T08:30:00Z; rm", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_a_moment_is_read_to_the_second(text: Any, moment: datetime | None) -> None:
    assert instant(text) == moment


@given(st.text(alphabet="0123456789-+:.TZ ", max_size=30) | st.text())
def test_no_text_makes_reading_a_moment_fail(text: str) -> None:
    moment = instant(text)
    assert moment is None or moment.tzinfo is not None


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES, min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)))
def test_a_moment_is_the_same_in_every_time_zone(moment: datetime) -> None:
    assert instant(moment.isoformat()) == moment.replace(microsecond=0)


# What is given


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
    assert wanted_case(given) == {
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
        ({"name": "  "}, "name is empty"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(given: Case, says: str) -> None:
    with pytest.raises(OptionError, match="^" + says.replace("(", r"\(")):
        wanted_case(given)


# How fields compare

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
    assert not update(SHOWN, {field: value}).changed


@pytest.mark.parametrize(
    ("field", "value", "call"),
    [
        ("team_id", 2, ("update_case", (7, {"team_id": 2}))),
        ("name", "mail", ("update_case", (7, {"name": "mail"}))),
        ("description", "", ("update_case", (7, {"description": ""}))),
        ("priority", "low", ("update_case", (7, {"priority": "low"}))),
        ("status", "closed", ("update_case", (7, {"status": "closed"}))),
        ("sub_status_id", 4, ("update_case", (7, {"sub_status_id": 4}))),
        ("author_email", "jo@x.example", ("update_case", (7, {"author_email": "jo@x.example"}))),
        (
            "assignee_emails",
            ["new@x.example", "JO@x.example"],
            (
                "update_case",
                (7, {"add_assignee_emails": ["new@x.example"], "remove_assignee_emails": ["Jane@x.example"]}),
            ),
        ),
        (
            "assignee_emails",
            [],
            ("update_case", (7, {"remove_assignee_emails": ["Jane@x.example", "jo@x.example"]})),
        ),
        ("tag_names", ["vpn", "login", "new"], ("update_case", (7, {"add_tag_names": ["new"]}))),
        ("tag_names", ["VPN"], ("update_case", (7, {"add_tag_names": ["VPN"], "remove_tag_names": ["login", "vpn"]}))),
        ("opened_at", "2026-01-31T08:30:01Z", ("update_case", (7, {"opened_at": "2026-01-31T08:30:01Z"}))),
        ("resolved_at", "2026-01-31T08:30:00Z", ("update_case", (7, {"resolved_at": "2026-01-31T08:30:00Z"}))),
        ("metadata", {"text": "a-1"}, ("set_metadata", (7, {**SHOWN["metadata"], "text": "a-1"}, False))),
        ("metadata", {"nothing": "none"}, ("set_metadata", (7, {**SHOWN["metadata"], "nothing": "none"}, False))),
        ("metadata", {"new": None}, ("set_metadata", (7, {**SHOWN["metadata"], "new": None}, False))),
        ("metadata", {"tree": {"a": [2]}}, ("set_metadata", (7, {**SHOWN["metadata"], "tree": {"a": [2]}}, False))),
        ("closure_conditions", [], ("update_case", (7, {"closure_conditions": []}))),
        ("record_ids", [188, 189, 189], ("add_record", (7, 189))),
    ],
)
def test_a_field_that_differs_is_one_request_with_nothing_else_in_it(field: str, value: Any, call: Any) -> None:
    plan = update(SHOWN, {field: value})
    assert [(each.endpoint, each.args) for each in plan.calls] == [call]
    assert plan.before is SHOWN
    assert FIELDS[field].same(FIELDS[field].show(plan.after), value)
    assert {key: value for key, value in writable(plan.after).items() if key != field} == {
        key: value for key, value in writable(SHOWN).items() if key != field
    }


def test_metadata_of_a_case_without_any_is_created() -> None:
    nothings: tuple[Case | None, ...] = ({}, None)
    for nothing in nothings:
        plan = update({"case_id": 7, "metadata": nothing}, {"metadata": {"a": 1}})
        assert [each.args for each in plan.calls] == [(7, {"a": 1}, True)]


def test_metadata_that_is_the_same_keeps_its_form_beside_what_differs() -> None:
    plan = update(SHOWN, {"metadata": {"number": "5", "text": "B-2"}})
    assert plan.calls[0].args[1] == plan.after["metadata"] == {**SHOWN["metadata"], "text": "B-2"}


def test_what_a_change_of_status_resets_is_sent_along_with_it() -> None:
    case = {**SHOWN, "resolved_at": "2026-02-01T00:00:00Z"}
    wanted = {"status": "closed", "resolved_at": "2026-02-01T00:00:00Z", "sub_status_id": 3, "priority": "high"}
    assert [each.args for each in update(case, wanted).calls] == [
        (7, {"status": "closed", "resolved_at": "2026-02-01T00:00:00Z", "sub_status_id": 3})
    ]


def test_a_case_is_closed_after_everything_that_a_closure_condition_may_ask_about() -> None:
    calls = update(SHOWN, {"status": "closed", "metadata": {"verdict": "benign"}, "record_ids": [1]}).calls
    assert [each.endpoint for each in calls] == ["set_metadata", "add_record", "update_case"]


def test_users_without_an_address_are_nobody_that_could_be_named() -> None:
    case = {"case_id": 7, "assignees": [{"id": 1, "email": None}, {"id": 2}, {"id": 3, "email": "jo@x.example"}]}
    assert not update(case, {"assignee_emails": ["Jo@x.example"]}).changed
    assert [each.args for each in update(case, {"assignee_emails": []}).calls] == [
        (7, {"remove_assignee_emails": ["jo@x.example"]})
    ]


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
    assert not update({"case_id": 7}, {"record_ids": [1]}).changed
    _cases.check_answer({"case_id": 7, "records": "some"}, {"record_ids": [1]})


# The answer


def test_an_answer_that_is_not_what_was_asked_for_says_what_differs() -> None:
    wanted = {"priority": "low", "tag_names": ["login", "vpn"], "description": "https://h/webhook/p/s3cret"}
    with pytest.raises(NotDoneError) as caught:
        _cases.check_answer(SHOWN, wanted)
    assert caught.value.msg.startswith("Case 7: the server took the request but did not do all of it:")
    assert "priority is 'HIGH' instead of 'low'" in caught.value.msg
    assert "tag_names" not in caught.value.msg
    assert "s3cret" not in caught.value.msg
    _cases.check_answer(SHOWN, {"priority": "high"})


def test_a_case_that_does_not_close_is_said_to_have_conditions() -> None:
    with pytest.raises(NotDoneError, match=r"closes only when its closure conditions are met: one, two\.$"):
        _cases.check_answer(SHOWN, {"status": "closed"})
    with pytest.raises(NotDoneError, match=r"instead of 'closed'\.$"):
        _cases.check_answer({**SHOWN, "closure_conditions": []}, {"status": "closed"})


# A server in memory


DEFAULT_SUB_STATUS = {"OPEN": 100, "CLOSED": 200}
UPDATE = {
    *("name", "team_id", "description", "priority", "status", "sub_status_id", "author_email", "closure_conditions"),
    *("add_assignee_emails", "remove_assignee_emails", "add_tag_names", "remove_tag_names"),
    *("opened_at", "resolved_at"),
}
CREATE = {
    *("team_id", "name", "template_id", "description", "priority", "status", "sub_status_id", "author_email"),
    *("assignee_emails", "tag_names", "opened_at", "resolved_at", "metadata", "closure_conditions", "field_values"),
}


class Server:
    """One case. It takes what the vendor's pages document, and nothing else.

    as_text: metadata is kept as text. replaces: metadata is replaced as a whole.
    """

    def __init__(self, case: Case | None = None, as_text: bool = False, replaces: bool = False) -> None:
        self.case: Case | None = copy.deepcopy(case)
        self._as_text = as_text
        self._replaces = replaces

    def carry_out(self, plan: Plan) -> None:
        for call in plan.calls:
            getattr(self, call.endpoint)(*copy.deepcopy(call.args))

    def create_case(self, wanted: Case, _buttons: Any) -> None:
        assert self.case is None
        assert set(wanted) - {"record_ids"} <= CREATE
        self.case = {"case_id": 1, "status": "OPEN", "priority": "LOW", "metadata": {}, "records": [], "url": "u"}
        self.case["sub_status"] = {"id": 100}
        self.case["assignees"] = [{"email": email} for email in wanted.get("assignee_emails", ["key@x.example"])]
        self.case["tags"] = [{"name": name} for name in wanted.get("tag_names", [])]
        self._keep_metadata(wanted.get("metadata", {}))
        self._set({key: value for key, value in wanted.items() if key in UPDATE})

    def update_case(self, case_id: int, body: Case) -> None:
        assert body
        assert set(body) <= UPDATE
        assert self._own["case_id"] == case_id
        self._set(body)

    def set_metadata(self, case_id: int, metadata: Case, first: bool) -> None:
        assert first is not bool(self._own.get("metadata"))
        if self._replaces:
            self._own["metadata"] = {}
        self._keep_metadata(metadata)

    def add_record(self, case_id: int, record_id: int) -> None:
        assert record_id not in (record_ids(self._own) or ())
        self._own["records"] = [*self._own["records"], {"id": record_id}]

    def delete_case(self, case_id: int) -> None:
        assert self._own["case_id"] == case_id
        self.case = None

    @property
    def _own(self) -> Case:
        assert self.case is not None
        return self.case

    def _keep_metadata(self, given: Case) -> None:
        words = {None: "", True: "true", False: "false"}
        texts = {
            key: value
            if isinstance(value, dict)
            else words[value]
            if value is None or isinstance(value, bool)
            else str(value)
            for key, value in given.items()
        }
        self._own["metadata"] = {**self._own["metadata"], **(texts if self._as_text else given)}

    def _set(self, body: Case) -> None:
        case = self._own
        status = str(body.get("status", case["status"])).upper()
        if status != case["status"]:
            case["resolved_at"] = "2026-11-22T00:00:00Z" if status == "CLOSED" else None
            case["sub_status"] = {"id": DEFAULT_SUB_STATUS[status]}
        for name in ("name", "description", "opened_at", "resolved_at", "closure_conditions"):
            if name in body:
                case[name] = body[name]
        for name in ("status", "priority"):
            if name in body:
                case[name] = body[name].upper()
        for name, shown, key in (
            ("team_id", "team", "id"),
            ("sub_status_id", "sub_status", "id"),
            ("author_email", "author", "email"),
        ):
            if name in body:
                case[shown] = {key: body[name]}
        for name, shown, key in (("assignee_emails", "assignees", "email"), ("tag_names", "tags", "name")):
            items = [item for item in case[shown] if item[key] not in body.get(f"remove_{name}", ())]
            case[shown] = [*items, *({key: each} for each in body.get(f"add_{name}", ()))]


EMAILS = st.sampled_from(["jane@x.example", "Jane@X.example", "jo@x.example", "JO@x.example", "bo@x.example"])
TAGS = st.sampled_from(["a", "A", "b", "c"])
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text("aAbB1 ", max_size=2)
METADATA = st.dictionaries(st.sampled_from("abc"), SCALARS | st.dictionaries(st.just("x"), SCALARS), max_size=3)
CONDITIONS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("mn"), "formula": st.sampled_from(["=TRUE", "=FALSE"])}), max_size=2
)
TEXTS = st.sampled_from(["", "a", "A", "a\r\nb", "a\nb\n", " a "])
SETTABLE: dict[str, st.SearchStrategy[Any]] = {
    "team_id": st.integers(1, 2),
    "description": TEXTS,
    "priority": st.sampled_from(["low", "HIGH"]),
    "sub_status_id": st.sampled_from([100, 200, 300]),
    "author_email": EMAILS,
    "assignee_emails": st.lists(EMAILS, max_size=3),
    "tag_names": st.lists(TAGS, max_size=3),
    "opened_at": MOMENTS | st.just("2026-01-31"),
    "resolved_at": MOMENTS,
    "metadata": METADATA,
    "closure_conditions": CONDITIONS,
    "record_ids": st.lists(st.integers(1, 4), max_size=3),
}
WANTED = st.fixed_dictionaries(
    {}, optional={"name": st.sampled_from(["Mail", "mail"]), "status": st.sampled_from(["open", "CLOSED"]), **SETTABLE}
).map(wanted_case)
NEW = st.fixed_dictionaries(
    {"name": st.just("Mail"), **SETTABLE, "team_id": st.just(1)}, optional={"template_id": st.just("4")}
).map(wanted_case)
CASES = st.fixed_dictionaries(
    {
        "case_id": st.just(7),
        "name": st.sampled_from(["Mail", "mail"]),
        "description": TEXTS | st.none(),
        "priority": st.sampled_from(["LOW", "HIGH"]),
        "status": st.sampled_from(["OPEN", "CLOSED"]),
        "sub_status": st.fixed_dictionaries({"id": st.sampled_from([100, 200, 300])}),
        "team": st.fixed_dictionaries({"id": st.integers(1, 2)}),
        "author": st.fixed_dictionaries({"email": EMAILS}),
        "assignees": st.lists(
            st.fixed_dictionaries({"email": EMAILS}), max_size=3, unique_by=lambda u: u["email"].lower()
        ),
        "tags": st.lists(
            st.fixed_dictionaries({"id": st.just(1), "name": TAGS}), max_size=3, unique_by=lambda t: t["name"]
        ),
        "opened_at": MOMENTS,
        "resolved_at": MOMENTS | st.none(),
        "metadata": METADATA,
        "closure_conditions": CONDITIONS,
        "records": st.lists(st.fixed_dictionaries({"id": st.integers(1, 4)}), max_size=3, unique_by=lambda r: r["id"]),
        "url": st.just("https://acme.tines.com/team/1/cases/7"),
        "activities": st.just([{"id": 1}]),
    }
)


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
    server, plan = Server(case, as_text, replaces), update(case, wanted)
    server.carry_out(plan)
    after = server.case
    assert after is not None
    assert plan.changed == bool(differences(case, wanted))
    assert differences(after, wanted) == {}
    assert not update(after, wanted).changed
    closing = "status" in wanted and wanted["status"].upper() != case["status"]
    reset = {"sub_status_id", "resolved_at"} - set(wanted) if closing else set()
    for name in FIELDS:
        if name not in wanted and name not in reset:
            assert FIELDS[name].show(after) == FIELDS[name].show(case), name
    for key in set(case["metadata"]) - set(wanted.get("metadata", ())):
        was, now = case["metadata"][key], after["metadata"][key]
        assert was == now or (as_text and _cases._has_metadata({key: now}, {key: was}))
    assert set(record_ids(case) or ()) <= set(record_ids(after) or ())
    assert (after["url"], after["activities"]) == (case["url"], case["activities"])
    same_side(plan.after, after, reset)


@given(wanted=NEW, as_text=st.booleans())
def test_a_new_case_is_what_is_wanted_after_what_the_creation_left_undone(wanted: Case, as_text: bool) -> None:
    server, plan = Server(as_text=as_text), creation(wanted)
    assert (plan.before, plan.changed, plan.after["case_id"]) == ({}, True, None)
    server.carry_out(plan)
    assert server.case is not None
    server.carry_out(update(server.case, wanted))
    assert differences(server.case, wanted) == {}
    assert not update(server.case, wanted).changed
    same_side(plan.after, server.case, set(FIELDS) - set(wanted))


@given(case=CASES)
def test_a_removal_is_one_request(case: Case) -> None:
    server, plan = Server(case), removal(case)
    server.carry_out(plan)
    assert (server.case, plan.after, len(plan.calls)) == (None, {}, 1)


def test_a_case_is_not_created_closed_or_without_team_and_name() -> None:
    with pytest.raises(CaseworkError, match="no such case to close"):
        creation({"team_id": 1, "name": "Mail", "status": "closed"})
    with pytest.raises(OptionError, match=r"A new case needs team_id and name\."):
        creation({"priority": "low"})
    with pytest.raises(OptionError, match=r"A new case needs name\."):
        creation({"team_id": 1})


def test_a_new_case_is_shown_as_far_as_it_can_be_told() -> None:
    wanted = {"team_id": 1, "name": "Mail", "priority": "low", "tag_names": ["a"], "template_id": "4"}
    assert creation(wanted).after == {
        "case_id": None,
        "team": {"id": 1},
        "name": "Mail",
        "priority": "LOW",
        "tags": [{"name": "a"}],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "email"]), inner),
    max_leaves=6,
)
ODD = st.fixed_dictionaries({"case_id": st.integers(1, 9)}, optional=dict.fromkeys([*SHOWN][1:], JSON))


@given(case=ODD, wanted=WANTED)
def test_no_shape_of_an_answer_makes_a_comparison_fail(case: Case, wanted: Case) -> None:
    writable(case)
    update(case, wanted)
    search = Search((1,), "open", ("low",), ("a",), "x", {"a": 1}, utc(2026, 1, 1), utc(2026, 2, 1))
    assert search.matches(case) in (True, False)
    assert Identity(1, name="Mail").is_that_of(case) in (True, False)
    assert last_opened([case]) == case
    try:
        _cases.check_answer(case, wanted)
    except NotDoneError as error:
        assert error.msg  # noqa: PT017 (raising it is right, any other exception is not)


# Finding


def parsed(pairs: list[tuple[str, str]]) -> Case:
    """A query string's pairs as Rails reads them."""
    tree: Case = {}
    for name, value in pairs:
        first, *inner = name.replace("]", "").split("[")
        place: Any = tree
        keys = [first, *inner]
        is_list = keys[-1] == ""
        for key in keys[: -2 if is_list else -1]:
            place = place.setdefault(key, {})
        if is_list:
            place.setdefault(keys[-2], []).append(value)
        else:
            place[keys[-1]] = value
    return tree


WORDS = st.text("abc å&=[]", min_size=1, max_size=3).filter(lambda word: not set(word) & set("[]"))
NESTED = st.recursive(
    WORDS | st.lists(WORDS, min_size=1, max_size=3),
    lambda inner: st.dictionaries(WORDS, inner, min_size=1, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(WORDS, NESTED, min_size=1, max_size=3))
def test_filters_are_written_as_rails_reads_them(filters: Case) -> None:
    assert parsed(Search(filters=filters).query()) == {"filters": filters}


def test_values_of_filters_are_written_as_json_has_them() -> None:
    query = Search(filters={"unassigned": True, "case_ids": [7, 8], "x": None}).query()
    assert query == [
        ("filters[unassigned]", "true"),
        ("filters[case_ids][]", "7"),
        ("filters[case_ids][]", "8"),
        ("filters[x]", ""),
    ]


def test_a_whole_search_on_the_wire() -> None:
    search = Search(
        team_ids=(2,),
        status="open",
        priorities=("high",),
        tags=("mail",),
        text="login",
        metadata={"alert": "A-1", "n": 5, "yes": True, "tree": {}},
        opened_after=utc(2026, 1, 31, 8, 30),
        opened_before=utc(2026, 2, 1),
        filters={"authors": [1], "status": "CLOSED"},
        order="OPENED_DESC",
    )
    assert search.query() == [
        ("team_id", "2"),
        ("order", "OPENED_DESC"),
        ("filters[status]", "CLOSED"),
        ("filters[priority]", "HIGH"),
        ("filters[tags][]", "mail"),
        ("filters[search]", "login"),
        ("filters[metadata][alert]", "A-1"),
        ("filters[metadata][n]", "5"),
        ("filters[start_date]", "2026-01-30T08:30:00Z"),
        ("filters[authors][]", "1"),
    ]


def test_what_could_be_read_in_two_ways_is_not_sent() -> None:
    search = Search((1, 2), None, ("high", "low"), ("a", "b"), opened_before=utc(2026, 1, 31), metadata={"a": None})
    assert search.query() == []
    assert Search().query() == []


@pytest.mark.parametrize("moment", [utc(1, 1, 1), utc(987, 6, 5)])
def test_moments_of_long_ago_can_be_searched_for(moment: datetime) -> None:
    assert all(len(value) == len("2026-01-30T08:30:00Z") for _name, value in Search(opened_after=moment).query())


SEARCHES = st.builds(
    Search,
    team_ids=st.lists(st.integers(1, 2), max_size=2, unique=True).map(tuple),
    status=st.none() | st.sampled_from(["open", "closed"]),
    priorities=st.lists(st.sampled_from(["low", "high"]), max_size=2, unique=True).map(tuple),
    tags=st.lists(TAGS, max_size=2, unique=True).map(tuple),
    metadata=st.none()
    | st.dictionaries(st.sampled_from("abc"), st.text("aA1", max_size=1) | st.integers(0, 1), max_size=1),
    opened_after=st.none() | st.just(utc(2026, 1, 31, 8, 30)),
    opened_before=st.none() | st.just(utc(2026, 2, 1)),
)
FOUND = st.fixed_dictionaries(
    {
        "team": st.fixed_dictionaries({"id": st.integers(1, 2)}),
        "status": st.sampled_from(["OPEN", "CLOSED", "open"]),
        "priority": st.sampled_from(["LOW", "HIGH"]),
        "tags": st.lists(TAGS, max_size=2).map(lambda names: [{"name": name} for name in names]),
        "metadata": st.dictionaries(st.sampled_from("abc"), st.text("aA1", max_size=1) | st.integers(0, 1), max_size=2),
        "opened_at": st.sampled_from(
            [
                "2026-01-30T08:30:00Z",
                "2026-01-31T08:29:59Z",
                "2026-01-31T08:30:00Z",
                "2026-02-01",
                "2026-02-01T00:00:01Z",
            ]
        ),
    }
)
HONOURED = ("team_id", "status", "priority", "tags", "metadata", "start_date")


def on_the_server(case: Case, query: Case, honoured: set[str]) -> bool:
    """What a server finds that takes only these filters for something."""
    filters = {"team_id": query.get("team_id"), **query.get("filters", {})}
    tests: dict[str, Callable[[Any], bool]] = {
        "team_id": lambda value: str(case["team"]["id"]) == value,
        "status": lambda value: case["status"].upper() == value,
        "priority": lambda value: case["priority"] == value,
        "tags": lambda value: all(tag in [each["name"] for each in case["tags"]] for tag in value),
        "metadata": lambda value: all(str(case["metadata"].get(key, value)) == text for key, text in value.items()),
        "start_date": lambda value: str(case["opened_at"])[:10] > value[:10],
    }
    return all(tests[name](filters[name]) for name in honoured if filters.get(name) is not None)


def looked_for(case: Case, search: Search) -> bool:
    opened = instant(case["opened_at"])
    assert opened is not None
    tags = {each["name"] for each in case["tags"]}
    return all(
        (
            case["team"]["id"] in (search.team_ids or (1, 2)),
            case["status"].lower() == (search.status or case["status"].lower()),
            case["priority"].lower() in (search.priorities or ("low", "high")),
            not search.tags or tags & set(search.tags),
            all(str(case["metadata"].get(key, "no")) == str(text) for key, text in (search.metadata or {}).items()),
            search.opened_after is None or opened >= search.opened_after,
            search.opened_before is None or opened <= search.opened_before,
        )
    )


@given(search=SEARCHES, cases=st.lists(FOUND, max_size=6), honoured=st.sets(st.sampled_from(HONOURED)))
def test_what_a_server_ignores_or_honours_neither_widens_nor_narrows_what_is_found(
    search: Search, cases: list[Case], honoured: set[str]
) -> None:
    query = parsed(search.query())
    found = [case for case in cases if on_the_server(case, query, honoured) and search.matches(case)]
    assert found == [case for case in cases if looked_for(case, search)]


@given(search=SEARCHES)
def test_what_a_case_does_not_show_is_not_held_against_it(search: Search) -> None:
    assert search.matches({"case_id": 7})


# Identity


def asked(**given: Any) -> Case:
    return {"match_by": "name", "match_key": None, "team_id": 1, "name": "Mail", "metadata": None, **given}


def test_a_case_is_identified_as_asked() -> None:
    assert identity(asked()) == Identity(1, name="Mail")
    assert identity(asked(match_by="none", team_id=None)) is None
    by_metadata = asked(match_by="metadata", match_key="alert", metadata={"alert": 0}, name=None)
    assert identity(by_metadata) == Identity(1, key="alert", value=0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"team_id": None}, "team_id is needed"),
        ({"name": None}, "name is needed"),
        ({"match_by": "metadata"}, "match_by: metadata needs match_key"),
        ({"match_by": "metadata", "match_key": ""}, "match_by: metadata needs match_key"),
        ({"match_by": "metadata", "match_key": "alert"}, "metadata needs a value for 'alert'"),
        ({"match_by": "metadata", "match_key": "alert", "metadata": {"a": 1}}, "metadata needs a value for 'alert'"),
        ({"match_by": "metadata", "match_key": "a", "metadata": {"a": None}}, "metadata needs a value for 'a'"),
        ({"match_by": "metadata", "match_key": "a", "metadata": {"a": ""}}, "metadata needs a value for 'a'"),
        ({"match_key": "alert"}, "match_key goes with match_by: metadata"),
    ],
)
def test_what_identifies_no_case_is_refused_in_words(given: Case, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        identity(asked(**given))


@pytest.mark.parametrize(
    ("case", "by_name", "by_metadata"),
    [
        ({"team": {"id": 1}, "name": "Mail", "metadata": {"alert": "A-1"}}, True, True),
        ({"name": "Mail", "metadata": {"alert": "A-1", "more": 1}}, True, True),
        ({"team": {"id": 2}, "name": "Mail", "metadata": {"alert": "A-1"}}, False, False),
        ({"team": {"id": 1}, "name": "mail", "metadata": {"alert": "a-1"}}, False, False),
        ({"team": {"id": 1}, "name": "Mail ", "metadata": {"other": "A-1"}}, False, False),
        ({"team": {"id": 1}, "name": None, "metadata": None}, False, False),
    ],
)
def test_only_the_case_itself_has_its_identity(case: Case, by_name: bool, by_metadata: bool) -> None:
    assert Identity(1, name="Mail").is_that_of(case) is by_name
    assert Identity(1, key="alert", value="A-1").is_that_of(case) is by_metadata


@given(st.integers(1, 3), st.sampled_from(["open", "closed"]))
def test_a_search_for_an_identity_sends_neither_name_nor_metadata(team: int, status: str) -> None:
    query = [("team_id", str(team)), ("filters[status]", status.upper())]
    assert Identity(team, name="Mail").search(status).query() == query
    assert Identity(team, key="alert", value="A-1").search(status).query() == query


def test_one_match_is_it_and_more_are_named() -> None:
    who = Identity(1, name="Mail")
    assert only_one([], who) is None
    assert only_one([{"case_id": 7}], who) == {"case_id": 7}
    with pytest.raises(CaseworkError, match=r"2 open cases of team 1 have the name 'Mail' \(numbers 7, 8\).*case_id"):
        only_one([{"case_id": 7}, {"case_id": 8}], who)
    with pytest.raises(CaseworkError, match=r"have the metadata alert: 'A-1'"):
        only_one([{"case_id": 7}, {"case_id": 8}], Identity(1, key="alert", value="A-1"))


def test_the_case_opened_last_is_the_one() -> None:
    cases: list[Case] = [
        {"case_id": 9},
        {"case_id": 8, "opened_at": "2026-01-31T10:00:00+02:00"},
        {"case_id": 7, "opened_at": "2026-01-31T08:30:00Z"},
    ]
    assert last_opened(cases) == cases[2]
    assert last_opened(reversed(cases)) == cases[2]
    assert last_opened(cases[:1]) == cases[0]
    assert last_opened([]) is None
    same = [{"case_id": number, "opened_at": "2026-01-31"} for number in (2, 10, 3)]
    assert last_opened(same) == {"case_id": 10, "opened_at": "2026-01-31"}


@given(st.lists(FOUND, min_size=1, max_size=4))
def test_no_case_was_opened_after_the_one_opened_last(cases: list[Case]) -> None:
    numbered = [{**case, "case_id": number} for number, case in enumerate(cases)]
    last = last_opened(numbered)
    assert last is not None
    assert all(str(instant(case["opened_at"])) <= str(instant(last["opened_at"])) for case in numbered)
