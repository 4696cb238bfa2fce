# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single values: as text, compared, and the name that is most like another one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.values import as_text, nearest, same_text


@pytest.mark.parametrize(("value", "text"), [(None, ""), (True, "true"), (False, "false"), (0, "0"), ("True", "True")])
def test_value_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a\r\nb", "a\nb", True),
        (" a\n", "a", True),
        (None, "", True),
        ("a\nb", "a b", False),
        ("a  b", "a b", False),
        ("A", "a", False),
    ],
)
def test_line_ends_and_outer_white_space_make_no_difference(left: Any, right: Any, same: bool) -> None:
    assert same_text(left, right) == same_text(right, left) == same


@pytest.mark.parametrize(
    ("name", "cutoff", "found"),
    [("intervall", 0.6, "interval"), ("timeouts", 0.6, "timeout"), ("zzz", 0.6, None), ("zzz", 0, "timeout")],
)
def test_nearest_name(name: str, cutoff: float, found: str | None) -> None:
    assert nearest(name, ["interval", "timeout"], cutoff) == found
    assert nearest(name, []) is None
