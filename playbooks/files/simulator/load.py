# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads data for a test or a demo: cases with their buttons, what the key may not see, templates."""

from __future__ import annotations

from typing import Any

from . import checks
from .buttons import ACTION_FIELDS, ACTION_NEEDS
from .cases import V2_CREATE
from .store import Case, Store
from .tines import Tines
from .wire import Refusal

_ACTIONS = checks.list_of(checks.objects(ACTION_FIELDS, ACTION_NEEDS))
_CASE = {
    **V2_CREATE,
    "count": checks.number,
    "case_id": checks.number,
    "actions": _ACTIONS,
    "record_ids": checks.list_of(checks.number),
    "created_at": checks.timestamp,
    "updated_at": checks.timestamp,
}
_TEMPLATE = {**V2_CREATE, "id": V2_CREATE["template_id"], "actions": _ACTIONS}


def _template(store: Store, given: dict[str, Any]) -> None:
    store.templates[given.pop("id")] = given


def _case(store: Store, tines: Tines, given: dict[str, Any], number: int) -> Case:
    """One case; "{n}" in its name becomes the number."""
    wanted = {"team_id": 1, "name": "Case {n}", **given}
    wanted["name"] = wanted["name"].replace("{n}", str(number))
    if "case_id" in given:
        store.skip_to("case", given["case_id"])
    if "created_at" in given:
        wanted.setdefault("opened_at", given["created_at"])
    case = tines.cases.made(wanted)
    for action in given.get("actions", []):
        tines.buttons.add(case, action)
    case.created_at = given.get("created_at", case.created_at)
    case.updated_at = given.get("updated_at", case.updated_at)
    if number == 1 and case.case_id != given.get("case_id", case.case_id):
        raise Refusal(422, "case_id must be greater than every number before it", "case_id")
    return case


def load(data: Any, store: Store, tines: Tines) -> dict[str, Any]:
    """Adds the data and gives the numbers of the cases that were made, in order.

    Raises:
        Refusal: 422 for what cannot be taken; what stood before it is loaded then.
    """
    known = {
        "cases": checks.list_of(checks.objects(_CASE, ())),
        "hidden_teams": checks.list_of(checks.number),
        "templates": checks.list_of(checks.objects(_TEMPLATE, ("id",))),
    }
    given = checks.fields(data, known)
    for template in given.get("templates", []):
        _template(store, template)
    numbers: list[int] = []
    for wanted in given.get("cases", []):
        count = wanted.pop("count", 1)
        numbers.extend(_case(store, tines, wanted, index).case_id for index in range(1, count + 1))
    # Last, so that cases of hidden teams can be loaded.
    store.hidden_teams.extend(given.get("hidden_teams", []))
    return {"cases": numbers}
