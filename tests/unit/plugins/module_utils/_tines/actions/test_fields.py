# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Buttons compare as a user means them, an entry that cannot be is named, and an answer that falls short is told."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    NotDoneError,
    OptionError,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.fields import (
    NEEDED,
    RESERVED_PARAMS,
    WRITABLE,
    check_answer,
    check_replacement,
    differences,
    params_in_values,
    parse_action,
    parse_actions,
    reserved_params,
    same,
    writable,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.actions.model import CASE, Button

HOOK = "https://acme.tines.com/webhook/p/5ec2e7"
PAGE = "https://acme.tines.com/pages/p"


def button(number: int, label: str = "A", url: str = PAGE, **keys: Any) -> Button:
    return {"id": number, "case_id": CASE, "label": label, "url": url, "action_type": "page", **keys}


PARAMS_OF_A = {"label": "A", "url": PAGE, "action_type": "page", "query_params": {"a": "1"}}


# Comparing


@pytest.mark.parametrize(
    ("key", "one", "other", "alike"),
    [
        ("url", PAGE, PAGE, True),
        ("url", PAGE, f"{PAGE}/", True),
        ("url", f"{PAGE}/", PAGE, True),
        ("url", PAGE, f"{PAGE}//", False),
        ("url", PAGE, PAGE.upper(), False),
        ("url", None, PAGE, False),
        ("label", "A", "A/", False),
        ("label", "A", "a", False),
        ("action_text", None, "", True),
        ("action_text", "", None, True),
        ("action_text", None, "Run", False),
        ("query_params", None, {}, True),
        ("query_params", [], {}, True),
        ("query_params", {"a": True}, {"a": "true"}, True),
        ("query_params", {"a": False}, {"a": "False"}, False),
        ("query_params", {"a": 1}, {"a": "1"}, True),
        ("query_params", {"a": 1.5}, {"a": "1.5"}, True),
        ("query_params", {"a": None}, {"a": ""}, True),
        ("query_params", {1: "x"}, {"1": "x"}, True),
        ("query_params", {"a": "1"}, {"a": "1", "b": "2"}, False),
        ("query_params", {"a": "1"}, {}, False),
        ("query_params", {"a": "1"}, {"A": "1"}, False),
        ("query_params", {"a": "1"}, {"a": "1 "}, False),
    ],
)
def test_values_are_the_same_or_not(key: str, one: Any, other: Any, alike: bool) -> None:
    for first, second in permutations((one, other)):
        assert same(key, first, second) is alike


def test_what_is_the_servers_own_makes_no_difference() -> None:
    shown = button(1, story_name="EDR", story_emoji=":fire:", page_emoji=None, created_at="x", updated_at="y")
    assert differences(shown, {**shown, "id": 2, "story_name": "Other", "created_at": "z"}) == {}
    assert set(writable(shown)) <= set(WRITABLE)


# Entries


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"url": PAGE, "action_type": "page"}, "actions: entry 2 needs label"),
        ({"label": "", "url": PAGE, "action_type": "page"}, "actions: entry 2 has an empty label"),
        ({"label": "B", "url": PAGE, "action_type": "story"}, r"entry 2 \(B\) has the action_type 'story'"),
        ({"label": "B", "url": PAGE, "action_type": ""}, r"entry 2 \(B\) has the action_type ''"),
        ({"label": "A", "url": PAGE, "action_type": "page"}, "the label 'A' is given more than once"),
        ({"label": "B", "url": "", "action_type": "page"}, "has the url ''"),
        ({"label": "B", "url": "acme.tines.com/pages/x", "action_type": "page"}, "has the url 'acme"),
        ({"label": "B", "url": "ftp://acme.tines.com", "action_type": "page"}, "must begin with http:// or https://"),
        ({"label": "B", "url": "javascript:alert(1)", "action_type": "page"}, "must begin with"),
        ({"label": "B", "url": "https://", "action_type": "page"}, "name a host"),
        ({"label": "B", "url": "https://[::1", "action_type": "page"}, "name a host"),
        ({"label": "B", "url": PAGE, "action_type": "page", "query_params": {"a": {}}}, "'a' in query_params must be"),
        ({"label": "B", "url": PAGE, "action_type": "page", "query_params": {"a": []}}, "'a' in query_params must be"),
    ],
)
def test_an_entry_that_cannot_be_is_named(entry: Button, said: str) -> None:
    first = {"label": "A", "url": PAGE, "action_type": "page"}
    with pytest.raises(OptionError, match=said):
        parse_actions([first, entry], "actions")


def test_the_secret_of_an_unusable_url_is_not_shown() -> None:
    with pytest.raises(OptionError) as caught:
        parse_action({"label": "A", "url": HOOK.replace("https", "ftp"), "action_type": "webhook"}, "The button")
    assert "has the url 'ftp://acme.tines.com/webhook/p/********': it must begin" in caught.value.msg


def test_of_an_entry_only_what_was_given_is_taken() -> None:
    given = dict.fromkeys((*WRITABLE, "id", "state", "api_key"))
    assert parse_action({**given, "label": "A"}, "The button", needed=()) == {"label": "A"}
    full = {"label": "A", "url": PAGE, "action_type": "page", "action_text": "", "query_params": {}}
    assert parse_action({**given, **full}, "The button") == full
    assert parse_action({**given, "id": 0}, "The button", needed=()) == {"id": 0}


def test_query_params_are_taken_as_strings() -> None:
    given = {"label": "A", "query_params": {"a": 1, "b": 1.5, "c": True, "d": None, "e": "x", 6: 10**30}}
    assert parse_action(given, "The button", needed=())["query_params"] == {
        "a": "1",
        "b": "1.5",
        "c": "true",
        "d": "",
        "e": "x",
        "6": "1000000000000000000000000000000",
    }


def test_labels_that_differ_in_anything_are_two() -> None:
    entries = [{"label": label} for label in ("A", "a", "A ", "\u00c4", "A\u0308")]
    assert len(parse_actions(entries, "actions", needed=("label",))) == 5


@pytest.mark.parametrize(
    ("value", "found"),
    [("1&b=2", ["a"]), ("1&", []), ("&=", []), ("1 & b = 2", []), ("https://x.example.com/?x=1&b=2", []), ("", [])],
)
def test_value_that_holds_further_parameters_is_found(value: str, found: list[str]) -> None:
    assert params_in_values([{"query_params": {"a": value}}, {"label": "A"}]) == found


def test_reserved_names_are_found_once_each() -> None:
    wanted = [{"query_params": params} for params in ({"user": "1", "x": "1"}, {"user": "2", "case": "3"})]
    assert reserved_params([*wanted, {"label": "A"}]) == ["case", "user"]
    assert reserved_params([{"query_params": dict.fromkeys(RESERVED_PARAMS, "")}]) == sorted(RESERVED_PARAMS)
    assert set(NEEDED) == {"label", "url", "action_type"}


# Answers


def test_an_answer_that_shows_what_was_asked_for_is_right() -> None:
    check_answer(CASE, PARAMS_OF_A, button(1, url=f"{PAGE}/", query_params={"a": 1}, story_name="EDR"))


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (button(1, label="B", query_params={"a": "1"}), "label is 'B' instead of 'A'."),
        (button(1, query_params={}), "query_params is {} instead of {'a': '1'}."),
        (button(1), "query_params is None instead of {'a': '1'}. This tenant does not support query_params."),
    ],
)
def test_an_answer_that_does_not_is_told(shown: Button, said: str) -> None:
    with pytest.raises(NotDoneError) as caught:
        check_answer(CASE, PARAMS_OF_A, shown)
    assert said in caught.value.msg
    assert "Case 7: the server took the request for the button 'A' but did not do it: " in caught.value.msg


def test_an_answer_with_another_secret_is_told_without_it() -> None:
    with pytest.raises(NotDoneError) as caught:
        check_answer(CASE, {"url": HOOK}, button(1, url=f"{HOOK}99"))
    assert "button 'A'" in caught.value.msg
    assert "5ec2e7" not in caught.value.msg


KEYS: Button = {"url": PAGE, "action_type": "page"}
TWO = [{"label": "A", **KEYS}, {"label": "B", **KEYS}]


def test_a_replacement_may_come_back_in_any_order() -> None:
    check_replacement(CASE, TWO, [button(2, "B"), button(1, "A")])


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [button(1, "A")],
        [button(1, "A"), button(2, "A"), button(3, "B")],
        [button(1, "A"), button(2, "B"), button(3, "C")],
        [button(1, "A"), {**button(2), "label": None}],
        [button(1, "A"), button(2, "B", url=HOOK)],
    ],
)
def test_a_replacement_that_is_not_what_was_sent_is_told(shown: list[Button]) -> None:
    with pytest.raises(NotDoneError, match="but did not do it"):
        check_replacement(CASE, TWO, shown)
