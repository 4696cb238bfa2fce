# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task from options to result, without a process of its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._core.execution import reject_null_options


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"one": "x"}, None),
        ({"other": "x", "partner": "y"}, None),
        ({"one": []}, None),
        ({}, "one or other"),
        ({"one": "x", "other": "y"}, "partner"),
        ({"one": "x", "partner": "y"}, "other"),
    ],
)
def test_required_options_must_have_a_value(given: dict[str, Any], said: str | None) -> None:
    params = {"one": None, "other": None, "partner": None, **given}
    rules: Any = {"required_one_of": [("one", "other")], "required_together": [("other", "partner")], "more": 1}
    if said is None:
        reject_null_options(params, **rules)
    else:
        with pytest.raises(OptionError, match=f"^{said} is required but empty"):
            reject_null_options(params, **rules)
