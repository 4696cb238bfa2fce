# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The values that a case has for the inputs of its team, found by the ID of the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._core.errors import OptionError
from .._core.redaction import MASK
from .._core.values import as_text, tidy_text
from .client import Tines
from .endpoints import Bulk, Endpoint, Item, parse_item_id
from .names import find_input_id
from .subresource import DesiredItems, Field, Kind

SEPARATOR = "|"
"""What stands between the values of an input that takes several."""

BULK_SIZE = 100
"""Cases in one request at most. The vendor states no maximum; if this is more than a server takes, it says so."""


def _with_input(shown: Item) -> Item:
    """A value with the ID of its input beside it."""
    return {**shown, "input_id": parse_item_id(_input_of(shown).get("id", shown.get("case_input_id")))}


def _input_of(shown: Item) -> Item:
    case_input = shown.get("case_input")
    return case_input if isinstance(case_input, dict) else {}


def same_value(one: Any, other: Any) -> bool:
    """Whether two values are the same as text, several values in any order."""
    return _parts(one) == _parts(other)


def _parts(value: Any) -> list[str]:
    return sorted(tidy_text(part) for part in as_text(value).split(SEPARATOR))


@dataclass(frozen=True)
class FieldValues(Kind):
    """Values of inputs. names: by the ID of the input, what the task calls it. sensitive: inputs with secret values."""

    names: Mapping[int, str] = field(default_factory=dict)
    sensitive: frozenset[int] = frozenset()

    def label(self, item: Item) -> Any:
        return self.names.get(item["input_id"], str(item["input_id"]))

    def label_of_desired(self, desired: Item) -> Any:
        return self.label(desired)

    def is_blank(self, item: Item) -> bool:
        return as_text(item.get("value")) == ""

    def result(self, item: Item) -> Item:
        return {**item, "value": MASK} if self._is_secret(item) else item

    def shown(self, item: Item, before: Item | None = None) -> Item:
        shown = super().shown(item)
        if self._is_secret(item):
            same = before is None or self.is_blank(before) or same_value(before["value"], item["value"])
            shown["value"] = MASK if same else f"{MASK} (changed)"
        name = self.names.get(item["input_id"], "")
        return shown if name in ("", str(item["input_id"])) else {"field": name, **shown}

    def _is_secret(self, item: Item) -> bool:
        sensitive = item["input_id"] in self.sensitive or bool(_input_of(item).get("sensitive"))
        return sensitive and not self.is_blank(item)


# https://www.tines.com/docs/api/cases/fields/ (2026-06-02). Whether a listing shows inputs without a value is not
# documented, nor what a key sees of a sensitive one that it may not read.
FIELD_VALUES = FieldValues(
    noun="field value",
    plural="field values",
    endpoint=Endpoint(
        "/api/v2/cases/{parent}/fields",
        items="fields",
        item="field",
        shape=_with_input,
        bulk=Bulk(
            "/api/v2/cases/bulk/fields",
            BULK_SIZE,
            lambda case_ids, values: {"case_ids": case_ids, "fields": [{**value, "upsert": True} for value in values]},
        ),
    ),
    key="input_id",
    fields={
        "input_id": Field("input_id"),
        "value": Field("value", same=same_value),
    },
    unseen="If the field is sensitive, the key may lack the permission to read it.",
)


def parse_field_values(given: Mapping[Any, Any] | None) -> dict[str, str | None]:
    """The values by ID or key of the input, as text; None for what is to be cleared. Raises `OptionError`."""
    values = {str(name): _text(str(name), value) or None for name, value in (given or {}).items()}
    if len(values) < len(given or {}):
        raise OptionError("field_values: an ID is given more than once, as a number and as text.")
    return values


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return SEPARATOR.join(filter(None, (_text(name, each) for each in value)))
    if isinstance(value, dict):
        raise OptionError(f"field_values: the value of {name!r} must be a single value or a list.")
    return None if value is None else as_text(value)


def find_inputs(
    client: Tines, team_id: Any, values: Mapping[str, str | None], always: bool = False
) -> tuple[FieldValues, DesiredItems]:
    """The values by the ID of the input, and how to name and to show them. Raises `CaseworkError` if there is none.

    The inputs of the team are read if there is a key among the names, or always.
    """
    keys = [name for name in values if parse_item_id(name) is None]
    if team_id is None and keys:
        raise OptionError(
            f"field_values requires IDs of inputs here, not {keys[0]!r}: which team defines them is not known."
        )
    names: dict[int, str] = {}
    for name in values:
        number = parse_item_id(name)
        input_id = find_input_id(client, team_id, name) if number is None else number
        if input_id in names:
            raise OptionError(f"field_values: {names[input_id]!r} and {name!r} are the same field.")
        names[input_id] = name
    inputs = client.list_case_inputs(team_id) if keys or (always and team_id is not None) else ()
    sensitive = frozenset(parse_item_id(each["id"]) or 0 for each in inputs if each.get("sensitive"))
    by_id = {input_id: values[name] for input_id, name in names.items()}
    client.http.hide(part for input_id in sensitive for part in (by_id.get(input_id) or "").split(SEPARATOR))
    return replace(FIELD_VALUES, names=names, sensitive=sensitive), desired_values(by_id)


def desired_values(values: Mapping[int, str | None]) -> DesiredItems:
    """What is to be there, and what is not. values: by the ID of the input."""
    kept = tuple({"input_id": input_id, "value": value} for input_id, value in values.items() if value is not None)
    gone = tuple({"input_id": input_id} for input_id, value in values.items() if value is None)
    return DesiredItems(kept, gone=gone)
