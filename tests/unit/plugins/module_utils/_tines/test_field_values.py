# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field values: how they compare, what is asked for, and what is shown of a secret."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._tines.field_values import (
    FIELD_VALUES,
    desired_values,
    parse_field_values,
    same_value,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.subresource import plan_items


def shown(number: int, input_id: Any, value: Any) -> dict[str, Any]:
    return FIELD_VALUES.endpoint.shape({"id": number, "value": value, "case_input": {"id": input_id}})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, "1", True),
        (True, "true", True),
        ("a|b", "b|a", True),
        (" a\r\n", "a", True),
        ("a|a", "a", False),
        ("A", "a", False),
        (None, "", True),
        ("1.0", 1, False),
    ],
)
def test_values_compare_as_text(one: Any, other: Any, same: bool) -> None:
    assert same_value(one, other) is same


def test_what_is_empty_is_cleared() -> None:
    given = {5: "a", "b": ["x", None, 1], "c": None, "d": "", "e": [], "f": False, "g": 0}
    expected = {"5": "a", "b": "x|1", "c": None, "d": None, "e": None, "f": "false", "g": "0"}
    assert parse_field_values(given) == expected


def test_an_id_as_number_and_as_text_is_given_twice() -> None:
    with pytest.raises(OptionError, match="more than once"):
        parse_field_values({5: "a", "5": "b"})


def test_one_plan_sets_and_clears_and_leaves_the_others() -> None:
    current = [shown(1, "5", "old"), shown(2, 6, "gone"), shown(3, 9, "theirs"), shown(4, 7, None)]
    plan = plan_items(FIELD_VALUES, 7, current, desired_values({5: "new", 6: None, 7: None, 8: "x"}))
    assert (plan.created, plan.updated, plan.deleted) == (("8",), ("5",), ("6",))
    assert [item["value"] for item in plan.after] == ["new", "theirs", None, "x"]
    again = plan_items(
        FIELD_VALUES, 7, [*plan.after[:-1], shown(5, 8, "x")], desired_values({5: "new", 6: None, 8: "x"})
    )
    assert not again.changed


def test_nothing_shows_the_value_of_a_sensitive_input() -> None:
    kind = replace(FIELD_VALUES, names={5: "password"}, sensitive=frozenset({5}))
    before, after = shown(1, 5, "old"), shown(1, 5, "new")
    assert kind.shown(after) == {"field": "password", "input_id": 5, "value": "********"}
    assert kind.shown(after, before)["value"] == "******** (changed)"
    assert kind.result(after)["value"] == "********"
    assert kind.compared(after) != kind.compared(before)
    assert kind.result(shown(1, 5, None))["value"] is None
    told = FIELD_VALUES.endpoint.shape({"id": 1, "value": "x", "case_input": {"id": 6, "sensitive": True}})
    assert FIELD_VALUES.result(told)["value"] == "********"
