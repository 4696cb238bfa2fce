# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What identifies a case, and which of several it is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import CaseworkError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import Case
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.find import (
    DesiredCase,
    Identity,
    best_closed,
    parse_identity,
    resolve_sub_status,
    resolve_team,
    single_match,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.cases.model import FOUND
from hypothesis import given
from hypothesis import strategies as st


def asked(**given: Any) -> Case:
    return {"match_by": "name", "match_key": None, "team_id": 1, "name": "Mail", "metadata": None, **given}


def test_a_case_is_identified_as_asked() -> None:
    assert parse_identity(asked()) == Identity(1, name="Mail")
    assert parse_identity(asked(match_by="none", team_id=None)) is None
    by_metadata = asked(match_by="metadata", match_key="alert", metadata={"alert": 0}, name=None)
    assert parse_identity(by_metadata) == Identity(1, key="alert", value=0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"team_id": None}, "team_id or team is required"),
        ({"name": None}, "name is required"),
        ({"match_by": "metadata"}, "match_by: metadata requires match_key"),
        ({"match_by": "metadata", "match_key": ""}, "match_by: metadata requires match_key"),
        ({"match_by": "metadata", "match_key": "alert"}, "metadata needs a value for 'alert'"),
        ({"match_by": "metadata", "match_key": "alert", "metadata": {"a": 1}}, "metadata needs a value for 'alert'"),
        ({"match_by": "metadata", "match_key": "a", "metadata": {"a": None}}, "metadata needs a value for 'a'"),
        ({"match_by": "metadata", "match_key": "a", "metadata": {"a": ""}}, "metadata needs a value for 'a'"),
        ({"match_key": "alert"}, "match_key requires match_by: metadata"),
    ],
)
def test_what_identifies_no_case_is_refused_in_words(given: Case, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        parse_identity(asked(**given))


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
    assert Identity(1, name="Mail").matches(case) is by_name
    assert Identity(1, key="alert", value="A-1").matches(case) is by_metadata


@given(st.integers(1, 3), st.sampled_from(["open", "closed"]))
def test_a_search_for_an_identity_sends_neither_name_nor_metadata(team: int, status: str) -> None:
    query = [("team_id", str(team)), ("filters[status]", status.upper())]
    assert Identity(team, name="Mail").search(status).query() == query
    assert Identity(team, key="alert", value="A-1").search(status).query() == query


def test_one_match_is_it_and_more_are_named() -> None:
    who = Identity(1, name="Mail")
    assert single_match([], who) is None
    assert single_match([{"case_id": 7}], who) == {"case_id": 7}
    with pytest.raises(CaseworkError, match=r"2 open cases of team 1 have the name 'Mail' \(IDs 7, 8\).*case_id"):
        single_match([{"case_id": 7}, {"case_id": 8}], who)
    with pytest.raises(CaseworkError, match=r"have the metadata alert: 'A-1'"):
        single_match([{"case_id": 7}, {"case_id": 8}], Identity(1, key="alert", value="A-1"))


def test_which_of_several_open_cases_is_meant_can_be_said() -> None:
    who = Identity(1, name="Mail")
    cases: list[Case] = [
        {"case_id": 9, "opened_at": "2026-01-31T08:30:00Z"},
        {"case_id": 7, "opened_at": "2026-01-31T09:30:00Z"},
        {"case_id": 8, "opened_at": "2026-01-31T09:30:00Z"},
    ]
    for order in (cases, cases[::-1]):
        assert single_match(order, who, "oldest") == cases[0]
        assert single_match(order, who, "newest") == cases[2]
        with pytest.raises(CaseworkError, match=r"IDs 9, 7, 8\)\. Say with case_id .* or with on_multiple\."):
            single_match(order, who, "fail")
    assert single_match([], who, "newest") is None


def test_of_closed_cases_that_differ_the_one_opened_last_is_meant() -> None:
    cases: list[Case] = [
        {"case_id": 9},
        {"case_id": 8, "opened_at": "2026-01-31T10:00:00+02:00"},
        {"case_id": 7, "opened_at": "2026-01-31T08:30:00Z"},
    ]
    low = {"priority": "low"}
    assert best_closed(cases, low) == cases[2]
    assert best_closed(cases[::-1], low) == cases[2]
    assert best_closed(cases[:1], low) == cases[0]
    assert best_closed([], low) is None
    same = [{"case_id": number, "opened_at": "2026-01-31"} for number in (2, 10, 3)]
    assert best_closed(same, low) == {"case_id": 10, "opened_at": "2026-01-31"}


def test_of_closed_cases_one_that_is_as_asked_comes_first_and_of_those_the_one_closed_last() -> None:
    older = {"case_id": 7, "priority": "LOW", "opened_at": "2026-01-31", "resolved_at": "2026-02-03"}
    newer = {"case_id": 8, "priority": "LOW", "opened_at": "2026-02-01", "resolved_at": "2026-02-02"}
    other = {"case_id": 9, "priority": "HIGH", "opened_at": "2026-02-05", "resolved_at": "2026-02-05"}
    for order in ([older, newer, other], [other, newer, older]):
        assert best_closed(order, {"priority": "low"}) == older
        assert best_closed(order, {"priority": "info"}) == other


@given(st.lists(FOUND, min_size=1, max_size=4))
def test_no_case_was_opened_after_the_one_opened_last(cases: list[Case]) -> None:
    numbered = [{**case, "case_id": number} for number, case in enumerate(cases)]
    last = best_closed(numbered, {"name": "as no case has it"})
    assert last is not None
    assert all(str(parse_timestamp(case["opened_at"])) <= str(parse_timestamp(last["opened_at"])) for case in numbered)


# Names that are looked up


class Names(Tines):
    """Teams and sub-statuses, and how often they were asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def list_teams(self) -> list[Case]:
        self.asked.append("teams")
        return [{"id": 1, "name": "SOC"}, {"id": 2, "name": "IR"}]

    def list_sub_statuses(self, team_id: int) -> list[Case]:
        self.asked.append(team_id)
        return [
            {"id": 11, "name": "Waiting", "parent_status": "OPEN"},
            {"id": 12, "name": "Done", "parent_status": "OPEN"},
            {"id": 21, "name": "Done", "parent_status": "CLOSED"},
            {"id": 22, "name": "Twice", "parent_status": "CLOSED"},
            {"id": 23, "name": "Twice", "parent_status": "CLOSED"},
        ]


def test_the_name_of_a_team_becomes_its_id_wherever_it_counts() -> None:
    client = Names()
    desired = resolve_team(client, DesiredCase({"name": "Mail"}, identity=Identity(None, name="Mail"), team="IR"))
    assert (desired.fields, desired.identity) == ({"name": "Mail", "team_id": 2}, Identity(2, name="Mail"))
    assert resolve_team(client, desired) == desired
    assert client.asked == ["teams"]


@pytest.mark.parametrize(
    ("case", "fields", "name", "sub_status_id", "asked"),
    [
        ({"status": "OPEN", "team": {"id": 3}}, {}, "Waiting", 11, [3]),
        ({"status": "OPEN", "team": {"id": 3}}, {}, "Done", 12, [3]),
        ({"status": "OPEN", "team": {"id": 3}}, {"status": "closed", "team_id": 4}, "Done", 21, [4]),
        ({"status": "CLOSED", "team": {"id": 3}}, {}, "Waiting", 11, [3]),
        ({}, {"team_id": 4}, "Done", 12, [4]),
        ({"status": "OPEN", "sub_status": {"id": 5, "name": "Own"}}, {}, "Own", 5, []),
        ({"status": "OPEN", "sub_status": {"id": 5, "name": "Own"}}, {"status": "open"}, "Own", 5, []),
        ({"case_id": 0}, {}, "Waiting", 0, []),
    ],
)
def test_the_name_of_a_sub_status_becomes_its_id(
    case: Case, fields: Case, name: str, sub_status_id: int, asked: list[int]
) -> None:
    client = Names()
    desired = resolve_sub_status(client, case, DesiredCase(fields, sub_status=name))
    assert desired.fields == {**fields, "sub_status_id": sub_status_id}
    assert client.asked == asked


@pytest.mark.parametrize(
    ("case", "name", "says"),
    [
        ({"team": {"id": 3}}, "done", "No sub-status has the name 'done'.* Done, Twice, Waiting"),
        ({"team": {"id": 3}, "status": "CLOSED"}, "Twice", r"IDs 22, 23\): say with sub_status_id"),
        ({}, "Done", "sub_status requires team_id or team"),
    ],
)
def test_a_sub_status_that_cannot_be_told_is_an_error(case: Case, name: str, says: str) -> None:
    with pytest.raises(CaseworkError, match=says):
        resolve_sub_status(Names(), case, DesiredCase({}, sub_status=name))
