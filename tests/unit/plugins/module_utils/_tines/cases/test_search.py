# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How cases are searched for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import CaseworkError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import Case
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.search import (
    Search,
    find_cases,
    parse_search,
    take,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.cases.model import FOUND, TAGS, utc
from hypothesis import given
from hypothesis import strategies as st


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
    opened = parse_timestamp(case["opened_at"])
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


# From options to a search


def test_an_option_that_takes_a_list_takes_one_value() -> None:
    search = parse_search({"team_id": "2", "priority": "HIGH", "tags": "mail", "assignees": "Jane@x.example"})
    assert search == Search((2,), priorities=("high",), tags=("mail",), assignees=("jane@x.example",))
    assert parse_search({"team_id": [1, 2], "priority": ["low", "High"]}) == Search((1, 2), priorities=("low", "high"))


def test_what_is_missing_null_or_empty_is_any() -> None:
    assert parse_search({}) == Search()
    names = (*("team_id", "team", "name", "status", "priority", "tags", "assignees", "search", "metadata"), "filters")
    empties: tuple[Any, ...] = (None, "", [])
    for empty in empties:
        assert parse_search(dict.fromkeys((*names, "opened_within", "opened_after", "order"), empty)) == Search()


NOW = utc(2026, 1, 31, 8, 30)


@pytest.mark.parametrize(
    ("age", "since"),
    [
        ("90s", utc(2026, 1, 31, 8, 28, 30)),
        ("30m", utc(2026, 1, 31, 8)),
        ("24h", utc(2026, 1, 30, 8, 30)),
        (" 7d ", utc(2026, 1, 24, 8, 30)),
        ("2w", utc(2026, 1, 17, 8, 30)),
        ("999999w", utc(1, 1, 1)),
    ],
)
def test_opened_within_counts_from_now(age: str, since: datetime) -> None:
    assert parse_search({"opened_within": age}, NOW).opened_after == since


def test_of_opened_within_and_opened_after_the_later_counts() -> None:
    for moment in ("2026-01-31T08:00:00Z", "2026-01-29"):
        search = parse_search({"opened_within": "24h", "opened_after": moment}, NOW)
        assert search.opened_after == max(utc(2026, 1, 30, 8, 30), parse_timestamp(moment) or NOW)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"team_id": "SOC"}, "'SOC' is not a team's ID; give its name in team"),
        ({"team_id": [True]}, "not a team's ID"),
        ({"team_id": "9" * 20}, "not a team's ID"),
        ({"status": "done"}, "status must be open or closed, not 'done'"),
        ({"priority": ["low", "urgent"]}, "not 'urgent'"),
        ({"priority": 1}, "not 1"),
        ({"opened_within": "1day"}, "opened_within: '1day' is not a valid duration"),
        ({"opened_within": "-1d"}, "a number followed by s, m, h, d or w"),
        ({"opened_within": 7}, "not a valid duration"),
        ({"opened_after": "yesterday"}, "opened_after must be an ISO 8601 timestamp"),
        ({"metadata": "alert"}, "metadata must be a dictionary"),
        ({"filters": ["status"]}, "filters must be a dictionary"),
        ({"order": "newest"}, "order must be RECENTLY_EDITED"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_in_words(given: Case, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        parse_search(given)


@pytest.mark.parametrize(
    ("case", "people", "matches"),
    [
        ({"assignees": [{"email": "Jane@x.example", "id": 5}]}, ["jane@X.example", "jo@x.example"], True),
        ({"assignees": [{"email": "jane@x.example", "user_id": "5"}]}, [5], True),
        ({"assignees": [{"email": "jane@x.example"}]}, ["jo@x.example", "unassigned"], False),
        ({"assignees": []}, ["jo@x.example", "unassigned"], True),
        ({"assignees": []}, ["jo@x.example"], False),
        ({"assignees": ["odd"]}, ["jo@x.example"], False),
        ({}, ["jo@x.example"], True),
        ({"assignees": []}, [], True),
    ],
)
def test_a_case_is_looked_for_by_who_it_is_assigned_to(case: Case, people: list[Any], matches: bool) -> None:
    assert parse_search({"assignees": people}).matches(case) is matches


def test_a_name_is_compared_exactly_and_not_sent() -> None:
    search = parse_search({"name": "Mail"})
    assert search.query() == []
    assert [search.matches({"name": name}) for name in ("Mail", "mail", "Mail ", None)] == [True, False, False, True]


def test_one_assignee_is_sent_and_several_are_not() -> None:
    assert parse_search({"assignees": ["unassigned"]}).query() == [("filters[assignees][]", "unassigned")]
    assert parse_search({"assignees": ["unassigned", "jo@x.example"]}).query() == []


class Tenant(Tines):
    """Two teams, and a listing that ignores every filter."""

    def __init__(self) -> None:
        self.read = 0
        self.queries: list[Any] = []

    def list_teams(self) -> list[Case]:
        return [{"id": 1, "name": "SOC"}, {"id": 2, "name": "IR"}, {"id": 3, "name": "Two"}, {"id": 4, "name": "Two"}]

    def list_cases(self, query: Any) -> Iterator[Case]:
        self.queries.append(list(query))
        for number in range(1, 7):
            self.read += 1
            yield {"case_id": number, "team": {"id": number % 2 + 1}}


def test_cases_are_found_by_the_name_of_their_team() -> None:
    tenant = Tenant()
    found = find_cases(tenant, parse_search({"team": "IR"}))
    assert [case["case_id"] for case in found] == [1, 3, 5]
    assert tenant.queries == [[("team_id", "2")]]
    both = find_cases(tenant, parse_search({"team": "IR", "team_id": 1}))
    assert [case["case_id"] for case in both] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("soc", "No team has the name 'soc': those that this key may see are IR, SOC, Two"),
        ("Two", r"2 of the team names are 'Two' \(IDs 3, 4\): say with team_id which"),
    ],
)
def test_a_team_that_cannot_be_told_is_an_error_that_names_the_teams(team: str, says: str) -> None:
    with pytest.raises(CaseworkError, match=says):
        find_cases(Tenant(), parse_search({"team": team}))


def test_no_more_is_read_than_tells_whether_there_are_more() -> None:
    tenant = Tenant()
    assert take(tenant.list_cases([]), 0) == (list(Tenant().list_cases([])), False)
    tenant.read = 0
    cases, truncated = take(tenant.list_cases([]), 2)
    assert ([case["case_id"] for case in cases], truncated, tenant.read) == ([1, 2], True, 3)
    assert take(tenant.list_cases([]), 6) == (list(Tenant().list_cases([])), False)
