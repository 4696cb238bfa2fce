# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The values that a case has for the inputs of its team, found by the ID of the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import OptionError
from .._core.values import as_text
from .client import Tines
from .endpoints import Endpoint, Item
from .names import find_input_id
from .subresource import DesiredItems, Field, Kind

SEPARATOR = "|"
"""What stands between the values of an input that takes several."""


def _with_input(shown: Item) -> Item:
    """A value with the ID of its input beside it."""
    case_input = shown.get("case_input")
    input_id = case_input.get("id") if isinstance(case_input, dict) else shown.get("case_input_id")
    return {**shown, "input_id": input_id}


def same_value(one: Any, other: Any) -> bool:
    """Whether two values are the same as text, several values in any order."""
    return sorted(as_text(one).split(SEPARATOR)) == sorted(as_text(other).split(SEPARATOR))


FIELD_VALUES = Kind(
    noun="field value",
    plural="field values",
    endpoint=Endpoint("/api/v2/cases/{parent}/fields", items="fields", item="field", shape=_with_input),
    key="input_id",
    key_of=str,
    fields={
        "input_id": Field("input_id", on_update=False, same=lambda one, other: str(one) == str(other)),
        "value": Field("value", same=same_value),
    },
)


def parse_field_values(given: Mapping[str, Any] | None) -> dict[str, str | None]:
    """The values by ID or key of the input, as text; None for what is to be cleared. Raises `OptionError`."""
    return {str(name): _text(str(name), value) for name, value in (given or {}).items()}


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return SEPARATOR.join(filter(None, (_text(name, each) for each in value)))
    if isinstance(value, dict):
        raise OptionError(f"field_values: the value of {name!r} must be a single value or a list.")
    return None if value is None else as_text(value)


def by_input_id(client: Tines, team_id: Any, values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The same with IDs in the place of keys. Raises `CaseworkError` if the team has no such input."""
    if team_id is None and not all(name.isdecimal() for name in values):
        raise OptionError("field_values requires IDs of inputs here: the server does not show the team of the case.")
    return {
        name if name.isdecimal() else str(find_input_id(client, team_id, name)): value for name, value in values.items()
    }


def desired_values(values: Mapping[str, str | None]) -> tuple[DesiredItems, DesiredItems]:
    """What is to be cleared, and what is to be there. values: by the ID of the input."""
    cleared = tuple({"input_id": int(name)} for name, value in values.items() if value is None)
    kept = tuple({"input_id": int(name), "value": value} for name, value in values.items() if value is not None)
    return DesiredItems(cleared, state="absent"), DesiredItems(kept)
