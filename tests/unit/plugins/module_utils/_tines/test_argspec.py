# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several modules share."""

from __future__ import annotations

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._tines.argspec import AnyCase, parse_case_ids


def test_case_ids_are_worked_on_once_in_the_order_given() -> None:
    assert parse_case_ids([9, 7, 9, 8]) == [9, 7, 8]
    assert parse_case_ids([]) == []


def test_a_case_that_would_be_new_is_taken_in_check_mode_only() -> None:
    assert parse_case_ids([0, 7, 0], check_mode=True) == [0, 7]
    with pytest.raises(OptionError, match=r"case_id: 0 is not a case ID\. It is what check mode returns for a case"):
        parse_case_ids([0], "case_id")


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_negative_number_is_not_a_case_id(check_mode: bool) -> None:
    with pytest.raises(OptionError, match="case_ids: -5 is not a case ID; case IDs begin with 1"):
        parse_case_ids([7, -5], check_mode=check_mode)


def test_choices_are_taken_in_any_case() -> None:
    words = AnyCase(["open", "closed"])
    assert [word in words for word in ("open", "Closed", "OPEN", "done", None, 1)] == [True, True, True, *[False] * 3]
    assert list(words) == ["open", "closed"]
