# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every page is read, no listing goes on for ever, and an answer of another shape is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import create_autospec

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError, ResponseError
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.retry import Repeat
from ansible_collections.casework.cases.plugins.module_utils._tines import client as tines_client
from ansible_collections.casework.cases.plugins.module_utils._tines.client import ACTIONS_PER_PAGE, MAX_PAGES, Tines
from ansible_collections.casework.cases.plugins.module_utils._tines.client_v1 import TinesV1
from ansible_collections.casework.cases.plugins.module_utils._tines.endpoints import Endpoint

Json = dict[str, Any]
PATH = "/api/v2/cases/7/actions"


class Script:
    """A client whose server answers with what a test has written down; the last answer goes on for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        http = create_autospec(Http, instance=True, host="h.example", prefix="")
        http.send.side_effect = self._send
        self.client = Tines(http)

    def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        self.requests.append((method, path, kwargs))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(len(self.requests)) if callable(answer) else answer

    @property
    def pages(self) -> list[str]:
        return [dict(kwargs["query"])["page"] for _method, _path, kwargs in self.requests]


def button(number: int, **keys: Any) -> Json:
    return {"id": number, "label": str(number), **keys}


def page(*numbers: int, **meta: Any) -> Json:
    return {"case_id": 7, "actions": [button(number) for number in numbers], "meta": meta}


def refused(status: int) -> RequestError:
    return ResponseError("No.", method="GET", path=PATH, status=status)


def numbers(buttons: Sequence[Json]) -> list[int]:
    return [each["id"] for each in buttons]


# Pages


@pytest.mark.parametrize(
    ("answers", "found", "pages"),
    [
        ([page(next_page_number=None)], [], ["1"]),
        ([page(1, 2, next_page_number=None)], [1, 2], ["1"]),
        ([page(1, 2, next_page=None)], [1, 2], ["1"]),
        ([page(1, 2, next_page_number=0)], [1, 2], ["1"]),
        ([page(2, 1, next_page_number=2), page(3, next_page_number=None)], [2, 1, 3], ["1", "2"]),
        ([page(1, next_page_number="2"), page(3, next_page_number=None)], [1, 3], ["1", "2"]),
        ([page(1, next_page_number=5), page(3, next_page_number=None)], [1, 3], ["1", "5"]),
        ([page(1, next_page="https://elsewhere/?page=9"), page(3, next_page=None)], [1, 3], ["1", "2"]),
        ([page(next_page_number=2), page(3, next_page_number=None)], [3], ["1", "2"]),
        ([page(1, 2, next_page_number=2), page(2, 3, next_page_number=None)], [1, 2, 3], ["1", "2"]),
        ([page(1, 2, count=2), page()], [1, 2], ["1", "2"]),
        ([{"actions": [button(1)]}, {"actions": [button(2)]}, {"actions": []}], [1, 2], ["1", "2", "3"]),
        ([{"actions": [button(1)], "meta": None}], [1], ["1", "2"]),
        ([{"actions": [button(1)], "meta": "odd"}], [1], ["1", "2"]),
        ([[button(1), button(2)], [button(3)], []], [1, 2, 3], ["1", "2", "3"]),
        ([[button(1), button(2)]], [1, 2], ["1", "2"]),
        ([[]], [], ["1"]),
    ],
)
def test_every_page_is_read(answers: list[Any], found: list[int], pages: list[str]) -> None:
    script = Script(*answers)
    assert numbers(script.client.list_actions(7)) == found
    assert script.pages == pages


def test_a_listing_asks_for_long_pages() -> None:
    script = Script([])
    script.client.list_actions(7)
    query = [("per_page", str(ACTIONS_PER_PAGE)), ("page", "1")]
    assert script.requests == [("GET", PATH, {"query": query})]


@pytest.mark.parametrize(
    "answers",
    [
        [page(1, next_page_number=1)],
        [page(1, next_page_number=2), page(2, next_page_number=2)],
        [page(1, next_page_number=2), page(2, next_page_number=1)],
        [page(1, next_page_number="-1")],
        [page(1, next_page_number="next")],
        [page(1, next_page_number="\u00b2")],
        [page(1, next_page_number=1.5)],
        [page(1, next_page_number=[2])],
        [page(1, next_page_number=2), page(1, next_page_number=3)],
        [page(1, next_page="x")],
    ],
)
def test_a_listing_that_does_not_advance_is_an_error(answers: list[Any]) -> None:
    script = Script(*answers)
    with pytest.raises(RequestError, match=rf"^GET {PATH} on h\.example: the listing never ends") as caught:
        script.client.list_actions(7)
    assert caught.value.permanent
    assert len(script.requests) <= 3


def test_a_page_number_that_is_stuck_is_seen_at_once() -> None:
    script = Script(lambda turn: page(turn, next_page_number=1))
    with pytest.raises(RequestError, match="never ends"):
        script.client.list_actions(7)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda turn: page(turn, next_page_number=turn + 1),
        lambda turn: page(next_page_number=turn + 1),
        lambda turn: [button(turn)],
    ],
)
def test_a_listing_that_always_has_one_more_page_is_an_error(answer: Callable[[int], Any]) -> None:
    script = Script(answer)
    with pytest.raises(RequestError, match="never ends"):
        script.client.list_actions(7)
    assert len(script.requests) == MAX_PAGES


def test_a_listing_of_more_things_than_anybody_has_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tines_client, "MAX_ITEMS", 5)
    assert len(Script(page(1, 2, 3, 4, 5)).client.list_actions(7)) == 5
    script = Script(page(1, 2, 3, next_page_number=2), page(4, 5, 6, next_page_number=3))
    with pytest.raises(RequestError, match="the listing has more than 5 entries, which are not read"):
        script.client.list_actions(7)
    assert len(script.requests) == 2


# Shapes


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "odd",
        7,
        {},
        {"actions": None},
        {"actions": {}},
        {"actions": "odd"},
        {"actions": [1]},
        {"actions": [None]},
        {"actions": [{"label": "no id"}]},
        {"actions": [button(1), {"id": None}]},
        {"actions": [{"id": [1]}]},
        {"actions": [{"id": {}}]},
        {"actions": [{"id": "../../7"}]},
        {"actions": [button(1), {"id": True}]},
        ["odd"],
        [[button(1)]],
    ],
)
def test_a_listing_of_another_shape_is_an_error(answer: Any) -> None:
    client = Script(answer).client
    asks: list[Callable[[], object]] = [lambda: client.list_actions(7), lambda: client.replace_actions(7, [])]
    for ask, writes in zip(asks, (False, True)):
        with pytest.raises(RequestError, match="another shape than a list of actions with their id") as caught:
            ask()
        assert caught.value.permanent
        assert caught.value.outcome_unknown is writes


@pytest.mark.parametrize(
    "answer", [None, "odd", [], [button(1)], {}, {"id": None}, {"id": "../../7"}, {"id": True}, {"label": "no id"}]
)
def test_a_button_of_another_shape_is_an_error(answer: Any) -> None:
    client = Script(answer).client
    asks: list[Callable[[], object]] = [
        lambda: client.get_action(7, 1),
        lambda: client.update_action(7, 1, {}),
        lambda: client.create_action(7, {}),
    ]
    for ask, writes in zip(asks, (False, True, True)):
        with pytest.raises(RequestError, match="another shape than an object with id") as caught:
            ask()
        assert caught.value.outcome_unknown is writes


@pytest.mark.parametrize(
    ("shown", "label"), [({}, None), ({"label": None}, None), ({"label": 5}, "5"), ({"label": ["x"]}, "['x']")]
)
def test_a_label_is_a_text_or_none(shown: Json, label: str | None) -> None:
    assert Script([{"id": 1, **shown}]).client.list_actions(7)[0]["label"] == label


def test_a_button_belongs_to_the_case_that_was_asked_about() -> None:
    odd = button(1, case_id="other")
    script = Script([odd], [], odd, odd, odd, {"actions": [odd]})
    shown = script.client.list_actions(7)[0]
    assert shown == {**odd, "case_id": 7}
    assert script.client.get_action(7, 1) == shown
    assert script.client.create_action(7, {}) == shown
    assert script.client.update_action(7, 1, {}) == shown
    assert script.client.replace_actions(7, []) == [shown]


# Requests


def test_each_endpoint_has_its_method_path_and_body() -> None:
    script = Script(button(1))
    script.client.get_action(7, 1)
    script.client.create_action(7, {"label": "A"})
    script.client.update_action(7, 1, {"label": "B"})
    script.client.delete_action(7, 10**20)
    script.answers = [[]]
    script.client.replace_actions(7, ({"label": "C"},))
    assert script.requests == [
        ("GET", f"{PATH}/1", {"body": None}),
        ("POST", PATH, {"body": {"label": "A"}}),
        ("PUT", f"{PATH}/1", {"body": {"label": "B"}}),
        ("DELETE", f"{PATH}/100000000000000000000", {}),
        ("PUT", f"{PATH}/batch", {"body": {"actions": [{"label": "C"}]}, "repeat": Repeat.RECONCILE}),
    ]


def test_a_case_that_does_not_exist_is_named() -> None:
    with pytest.raises(RequestError, match=r"^Case 7 was not found: No\.$"):
        Script(refused(404)).client.list_actions(7)
    with pytest.raises(RequestError, match=r"^No\.$"):
        Script(refused(403)).client.list_actions(7)


def test_what_is_gone_already_need_not_be_deleted() -> None:
    Script(refused(404)).client.delete_action(7, 1)
    for status in (403, 500):
        with pytest.raises(RequestError):
            Script(refused(status)).client.delete_action(7, 1)


# Metadata


@pytest.mark.parametrize(("first", "method"), [(True, "POST"), (False, "PUT")])
def test_metadata_is_repeated_as_its_method_is(first: bool, method: str) -> None:
    script = Script({})
    script.client.set_metadata(7, {"a": "b"}, first)
    assert script.requests == [(method, "/api/v2/cases/7/metadata", {"body": {"metadata": {"a": "b"}}})]


@pytest.mark.parametrize("status", [None, 404])
def test_keys_of_the_metadata_are_removed_even_if_an_earlier_try_did_it(status: int | None) -> None:
    script = Script(refused(status) if status else None)
    script.client.remove_metadata(7, ["a", "b"], {"c": "1"})
    assert script.requests == [("DELETE", "/api/v2/cases/7/metadata", {"body": {"metadata": ["a", "b"]}})]
    with pytest.raises(RequestError):
        Script(refused(403)).client.remove_metadata(7, ["a"], {})


def test_the_first_version_removes_metadata_whether_it_merges_or_replaces() -> None:
    script = Script({"case_id": 7})
    TinesV1(script.client.http).remove_metadata(7, ["a"], {"c": "1"})
    assert script.requests == [("PUT", "/api/v1/cases/7", {"body": {"metadata": {"c": "1", "a": None}}})]


# What belongs to a team or a case


@pytest.mark.parametrize(
    "answer",
    [
        {"teams": [{"id": 1, "name": "SOC"}], "meta": {"next_page_number": None}},
        {"items": [{"id": 1, "name": "SOC"}], "meta": {"next_page_number": None}},
    ],
)
def test_a_listing_whose_key_is_not_documented_is_the_only_list_of_the_answer(answer: Json) -> None:
    assert Script(answer).client.list_teams() == [{"id": 1, "name": "SOC"}]


def test_of_two_lists_in_an_answer_neither_is_guessed() -> None:
    with pytest.raises(ResponseError, match="another shape than a list of teams"):
        Script({"one": [], "two": []}).client.list_teams()


def test_things_of_other_teams_are_left_out_if_the_server_ignores_the_filter() -> None:
    shown = [{"id": 1, "team": {"id": 1}}, {"id": 2, "team": {"id": "2"}}, {"id": 3}]
    script = Script({"webhooks": shown, "meta": {"next_page_number": None}})
    listed = script.client.list_items(Endpoint("/api/v1/case_webhooks", items="webhooks"), 1)
    assert [item["id"] for item in listed] == [1, 3]


def test_what_a_team_has_is_read_once_for_all_cases() -> None:
    script = Script({"case_sub_statuses": [{"id": 1}], "meta": {"next_page_number": None}})
    for team_id in (1, 2, 1):
        assert script.client.list_sub_statuses(team_id) == [{"id": 1}]
    assert [dict(kwargs["query"])["team_id"] for _method, _path, kwargs in script.requests] == ["1", "2"]


def test_a_part_of_a_case_need_not_have_ids() -> None:
    one, two = {"record_type_id": 1, "results": [1]}, {"record_type_id": 1, "results": [2]}
    script = Script(
        {"records": [one, two], "meta": {"next_page_number": 2}}, {"records": [two, one], "meta": {"next_page": None}}
    )
    assert script.client.list_part(7, "records") == [one, two]
    assert script.pages == ["1", "2"]


def test_texts_that_come_with_every_case_are_kept_once() -> None:
    """For the same buttons on 2000 cases that is 8 MB instead of 13."""
    answers = [json.loads(json.dumps({"actions": [button(1, story_name="EDR")], "meta": {}})) for _case in range(2)]
    first, second = (Script(answer).client.list_actions(7)[0] for answer in answers)
    assert first["story_name"] is second["story_name"]
