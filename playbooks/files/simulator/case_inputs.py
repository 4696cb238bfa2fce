# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case inputs, which a team defines, and the values that cases have for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from . import checks
from .case_items import CaseResource
from .messages import ApiError, Endpoint, Request, Response
from .resources import Fields
from .settings import HIDDEN, REFUSED
from .store import Case, Item, Store
from .tenant import TenantResource, key_of

_VALUE_SHOWN = ("id", "key", "name", "validation_type", "validation_options")


class CaseInputs(TenantResource):
    """Definitions of fields. They can be created and read."""

    name, noun, wrapper = "case_inputs", "Case input", "case_input"
    create_fields: ClassVar[Fields] = {
        "name": checks.full_text,
        "input_type": checks.one_of("string", "number", "boolean", "timestamp"),
        "team_id": checks.number,
        "sensitive": checks.flag,
        "validation_type": checks.one_of("options", "regex"),
        "validation_options": checks.mapping,
    }
    required = ("name", "input_type", "team_id")

    def made(self, owner: Store, given: Mapping[str, Any]) -> Item:
        """A case input."""
        return {
            "name": given["name"],
            "key": key_of(given["name"]),
            "input_type": given["input_type"],
            "sensitive": given.get("sensitive", False),
            "validation_type": given.get("validation_type"),
            "validation_options": given.get("validation_options", {}),
            "team": self.team(given["team_id"]),
            "team_case_input_group": None,
        }

    def create(self, request: Request, *ids: int) -> Response:
        """POST, whose response has a wrapper of its own"""
        response = super().create(request, *ids)
        return Response(response.status, {"team_case_input": response.body[self.wrapper]})

    def named(self, input_id: int, team_id: int) -> Item:
        """The case input with this ID, which comes into being when first named.

        Raises:
            ApiError: 422 if it is one of the unknown IDs.
        """
        known = self._store.kept(self.name)
        if input_id in self._settings.unknown_ids:
            raise ApiError(422, f"There is no case input {input_id}", "input_id")
        if input_id not in known:
            given = {"name": f"Input {input_id}", "input_type": "string", "team_id": team_id}
            known[input_id] = {"id": input_id, **self.made(self._store, given)}
            self._store.skip_to(self.name, input_id + 1)
        return known[input_id]


class CaseFields(CaseResource):
    """Values of case inputs, one for each input. Every value is kept as text."""

    name, noun, wrapper = "fields", "Field", "field"
    create_fields: ClassVar[Fields] = {"input_id": checks.number, "value": checks.plain}
    required = ("input_id", "value")
    update_fields: ClassVar[Fields] = {"value": checks.plain}
    told = "value"
    lines: ClassVar[Mapping[str, str]] = {
        "created": "FIELD_UPDATED",
        "updated": "FIELD_UPDATED",
        "deleted": "FIELD_UPDATED",
    }

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """Fields of several cases."""
        yield "/api/v2/cases/bulk/fields", {"POST": self.bulk}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A value that its input allows."""
        case_input = CaseInputs(self._store, self._settings).named(given["input_id"], owner.team_id)
        self._check_permission(case_input["id"])
        shown = {name: case_input[name] for name in _VALUE_SHOWN}
        return {"value": _allowed(case_input, given["value"]), "case_input": shown}

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """The field with another value."""
        self._check_permission(item["case_input"]["id"])
        return {**item, "value": _allowed(item["case_input"], given["value"])}

    def add(self, owner: Case, item: Item) -> Item:
        """Stores the value, over the one that the input may have."""
        known = self._of(owner, item["case_input"]["id"])
        return self.replace(owner, known, {**known, **item}) if known else super().add(owner, item)

    def drop(self, owner: Case, item_id: int) -> None:
        """Forgets the value, and perhaps not the field."""
        if self._settings.cleared_fields_listed:
            kept = owner.kept(self.name)
            kept[item_id] = {**kept[item_id], "value": None}
        else:
            super().drop(owner, item_id)

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """Those that the key may see."""
        return [item for item in items if not self._is_hidden(item["case_input"]["id"])]

    def show(self, item: Item) -> Item:
        """A field, without a value that the key may not see."""
        return {**item, "value": None} if self._is_hidden(item["case_input"]["id"]) else item

    def _is_hidden(self, input_id: int) -> bool:
        sensitive = self._store.kept(CaseInputs.name)[input_id]["sensitive"]
        return bool(sensitive) and self._settings.sensitive_fields in (HIDDEN, REFUSED)

    def _check_permission(self, input_id: int) -> None:
        if self._settings.sensitive_fields == REFUSED and self._is_hidden(input_id):
            raise ApiError(403, "You do not have permission to edit sensitive fields", "input_id")

    def _of(self, case: Case, input_id: int) -> Item | None:
        return next((item for item in self.items(case).values() if item["case_input"]["id"] == input_id), None)

    def bulk(self, request: Request) -> Response:
        """POST /api/v2/cases/bulk/fields: without ``upsert``, cases that lack the field are passed over."""
        entry = checks.objects({**self.create_fields, "upsert": checks.flag}, self.required)
        known = {"case_ids": checks.list_of(checks.number), "fields": checks.list_of(entry)}
        given = checks.fields(request.json, known, list(known))
        most = self._settings.bulk_fields_most
        if most == 0:
            raise ApiError(404, "Not found")
        if most and len(given["case_ids"]) > most:
            raise ApiError(422, f"case_ids can have {most} entries at most", "case_ids")
        cases = [self._store.case(case_id) for case_id in given["case_ids"]]
        for case in cases:
            self.check_writable(case)
        made = [
            (case, self.made(case, field))
            for case in cases
            for field in given["fields"]
            if field.get("upsert") or self._of(case, field["input_id"])
        ]
        for case, item in made:
            self.add(case, item)
        asked = [field["input_id"] for field in given["fields"]]
        shown = [
            {
                "case_id": case.case_id,
                "fields": [
                    item
                    for item in self.selected(list(self.items(case).values()), request)
                    if item["case_input"]["id"] in asked
                ],
            }
            for case in cases
        ]
        return Response(201, {"cases": shown})


def _allowed(case_input: Item, value: Any) -> str:
    """The value as text; several stand in one text, with bars between them."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    options = case_input["validation_options"] or {}
    pattern = options.get("regex")
    for part in written.split("|"):
        if "options" in options and part not in options["options"]:
            raise ApiError(422, f"{case_input['name']} does not allow the value", "value")
        if pattern and re.search(pattern, part) is None:
            raise ApiError(422, f"{case_input['name']} does not allow the value", "value")
    return written
