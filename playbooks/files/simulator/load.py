# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads data for a test or a demo: cases with their buttons, what the key may not see, templates."""

from __future__ import annotations

from typing import Any

from . import checks
from .buttons import ACTION_FIELDS, ACTION_NEEDS
from .case_items import Comments, LinkedCases, Notes, Subscribers
from .cases import V2_CREATE
from .messages import ApiError
from .store import Case, Store
from .tines import Tines
from .trustpair import DECISIONS, PENDING, ROLES, TARGETS, Trustpair, uuid_text

_ITEMS = (Comments, Notes, Subscribers, LinkedCases)
_ACTIONS = checks.list_of(checks.objects(ACTION_FIELDS, ACTION_NEEDS))
_CASE = {
    **V2_CREATE,
    "count": checks.number,
    "case_id": checks.number,
    "actions": _ACTIONS,
    "record_ids": checks.list_of(checks.number),
    "created_at": checks.timestamp,
    "updated_at": checks.timestamp,
    **{kind.name: checks.list_of(checks.objects(kind.create_fields, kind.required)) for kind in _ITEMS},
}
_PERSON = {
    "id": uuid_text,
    "first_name": checks.full_text,
    "last_name": checks.full_text,
    "roles": checks.list_of(checks.one_of(*ROLES)),
}
_OVERRIDE = {
    "state": checks.one_of(*TARGETS),
    "status": checks.one_of(PENDING, *DECISIONS.values()),
    "created_by": uuid_text,
    "assigned_reviewers": checks.list_of(uuid_text),
}
_TRUSTPAIR_CASE = {
    "id": uuid_text,
    "count": checks.number,
    "status": checks.one_of("open", "closed"),
    "state": checks.full_text,
    "created_at": checks.timestamp,
    "user": uuid_text,
    "comments": checks.list_of(checks.full_text),
    "override": checks.objects(_OVERRIDE, ("state", "assigned_reviewers")),
}
_TRUSTPAIR = {
    "users": checks.list_of(checks.objects(_PERSON, ("first_name", "last_name", "roles"))),
    "default_user": uuid_text,
    "cases": checks.list_of(checks.objects(_TRUSTPAIR_CASE, ())),
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
    case = tines.cases.create_case(wanted)
    for action in given.get("actions", []):
        tines.buttons.add(case, action)
    for kind in _ITEMS:
        items = tines.resource(kind)
        for item in given.get(kind.name, []):
            items.add(case, items.made(case, item))
    case.created_at = given.get("created_at", case.created_at)
    case.updated_at = given.get("updated_at", case.updated_at)
    if number == 1 and case.case_id != given.get("case_id", case.case_id):
        raise ApiError(422, "case_id must be greater than every number before it", "case_id")
    return case


def _trustpair(trustpair: Trustpair, given: dict[str, Any]) -> dict[str, Any]:
    users = [
        trustpair.add_user(user["first_name"], user["last_name"], user["roles"], user.get("id")).id
        for user in given.get("users", [])
    ]
    trustpair.default_user = given.get("default_user", trustpair.default_user)
    cases = [trustpair.add_case(case).id for case in given.get("cases", []) for _one in range(case.pop("count", 1))]
    return {"users": users, "cases": cases}


def load(data: Any, store: Store, tines: Tines, trustpair: Trustpair) -> dict[str, Any]:
    """Adds the data and gives the numbers of the cases that were made, and the UUIDs of Trustpair's, in order.

    Raises:
        ApiError: 422 for what cannot be taken; what stood before it is loaded then.
    """
    known = {
        "cases": checks.list_of(checks.objects(_CASE, ())),
        "hidden_teams": checks.list_of(checks.number),
        "trustpair": checks.objects(_TRUSTPAIR, ()),
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
    return {"cases": numbers, "trustpair": _trustpair(trustpair, given.get("trustpair", {}))}
