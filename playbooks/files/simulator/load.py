# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads data for a test or a demo: cases with their buttons, what the key may not see, templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import checks
from .buttons import ACTION_FIELDS, ACTION_NEEDS
from .cases import V2_CREATE
from .messages import ApiError
from .resources import Resource
from .store import Case, Store
from .tines import Tines
from .trustpair import DECISIONS, PENDING, ROLES, TARGETS, Trustpair, uuid_text

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


def _entry(resource: Resource[Any]) -> checks.Check:
    """What an item takes: the fields of its creation and of an update."""
    return checks.objects({**resource.create_fields, **resource.update_fields}, resource.required)


def _add(resource: Resource[Any], owner: Case | Store, given: dict[str, Any]) -> None:
    """One item. What only an update takes is set by one."""
    later = {name: value for name, value in given.items() if name not in resource.create_fields}
    item = resource.add(owner, resource.made(owner, given))
    if later:
        resource.replace(owner, item, resource.changed(item, later))


def _lists(resources: Iterable[Resource[Any]]) -> dict[str, checks.Check]:
    return {resource.name: checks.list_of(_entry(resource)) for resource in resources if resource.create_fields}


def _case(store: Store, tines: Tines, given: dict[str, Any], number: int) -> Case:
    """One case; "{n}" in its name becomes the number."""
    wanted = {"team_id": 1, "name": "Case {n}", **given}
    wanted["name"] = wanted["name"].replace("{n}", str(number))
    if "case_id" in given:
        store.skip_to("case", given["case_id"])
    if "created_at" in given:
        wanted.setdefault("opened_at", given["created_at"])
    items = {resource: wanted.pop(resource.name, []) for resource in tines.of_case}
    case = tines.cases.create_case(wanted)
    for resource, entries in items.items():
        for entry in entries:
            _add(resource, case, entry)
    for action in given.get("actions", []):
        tines.buttons.add(case, action)
    case.created_at = given.get("created_at", case.created_at)
    case.updated_at = given.get("updated_at", case.updated_at)
    if number == 1 and case.case_id != given.get("case_id", case.case_id):
        raise ApiError(422, "case_id must be greater than every ID before it", "case_id")
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
    """Adds the data and gives the IDs of the cases that were made, and the UUIDs of Trustpair's, in order.

    Raises:
        ApiError: 422 for what cannot be taken; what stood before it is loaded then.
    """
    known = {
        "cases": checks.list_of(checks.objects({**_CASE, **_lists(tines.of_case)}, ())),
        **_lists(tines.of_tenant),
        "hidden_teams": checks.list_of(checks.number),
        "trustpair": checks.objects(_TRUSTPAIR, ()),
        "templates": checks.list_of(checks.mapping),
    }
    given = checks.fields(data, known)
    for resource in tines.of_tenant:
        for entry in given.get(resource.name, []):
            _add(resource, store, entry)
    for template in given.get("templates", []):
        tines.templates.load(checks.identifier("id", template.pop("id", None)), template)
    numbers: list[int] = []
    for wanted in given.get("cases", []):
        count = wanted.pop("count", 1)
        numbers.extend(_case(store, tines, wanted, index).case_id for index in range(1, count + 1))
    # Last, so that cases of hidden teams can be loaded.
    store.hidden_teams.extend(given.get("hidden_teams", []))
    return {"cases": numbers, "trustpair": _trustpair(trustpair, given.get("trustpair", {}))}
