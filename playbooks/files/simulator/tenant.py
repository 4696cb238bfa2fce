# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What belongs to the tenant and its teams: teams, sub-statuses of cases. Of these pages there is no second version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from . import checks, filters
from .messages import ApiError, Request
from .resources import Fields, Resource
from .store import SUB_STATUSES, Item, Store


def key_of(name: str) -> str:
    """The word that the server makes of a name, to look it up by."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


class TenantResource(Resource[Store]):
    """A list of the tenant's. The teams that the key may not see are left out."""

    path = "/api/v1"
    query: ClassVar[Fields] = {"team_id": checks.number}

    def owner(self, ids: Sequence[int]) -> Store:
        """The tenant."""
        return self._store

    def items(self, owner: Store) -> Mapping[int, Item]:
        """Those of teams that the key may see."""
        hidden = owner.hidden_teams
        return {number: item for number, item in owner.kept(self.name).items() if item["team"]["id"] not in hidden}

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """Those of the team that was asked for."""
        team = request.params.get("team_id")
        return [item for item in items if team is None or item["team"]["id"] == int(team)]

    def team(self, team_id: int) -> Item:
        """A team as the tenant's resources show it."""
        if team_id in self._store.hidden_teams:
            raise ApiError(403, "You do not have access to this team", "team_id")
        return {"id": team_id, "name": self._store.team_name(team_id)}


class Teams(TenantResource):
    """Teams, which can be read. Those exist that something belongs to."""

    name, noun = "teams", "Team"
    query: ClassVar[Fields] = {}

    def items(self, owner: Store) -> Mapping[int, Item]:
        """The teams by ID."""
        named = {case.team_id for case in owner.cases.values()}
        named.update(item["team"]["id"] for items in owner.items.values() for item in items.values())
        return {number: self.team(number) for number in sorted(named.difference(owner.hidden_teams))}

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """All."""
        return items


class CaseStatuses(TenantResource):
    """Sub-statuses: those that every team has, and those that were added."""

    name, noun = "case_sub_statuses", "Case status"
    create_fields: ClassVar[Fields] = {
        "team_id": checks.number,
        "name": checks.full_text,
        "parent_status": checks.enum(*filters.STATUSES),
        "description": checks.text,
    }
    required = ("team_id", "name")
    update_fields: ClassVar[Fields] = {"name": checks.full_text, "description": checks.text}
    query: ClassVar[Fields] = {
        "team_id": checks.number,
        "parent_status": checks.enum(*filters.STATUSES),
        "search": checks.text,
    }

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """Those of the team that was asked for, which must be said, with the ones that it had from the start."""
        if "team_id" not in request.params:
            raise ApiError(422, "team_id is missing", "team_id")
        team = self.team(checks.number("team_id", request.params["team_id"]))
        stamp = "2026-01-01T00:00:00.000Z"
        common = [
            {
                "id": number,
                "name": name,
                "slug": key_of(name),
                "description": "",
                "parent_status": parent,
                "default": True,
                "team": {"id": team["id"]},
                "created_at": stamp,
                "updated_at": stamp,
            }
            for parent, (number, name) in SUB_STATUSES.items()
        ]
        parent_status = str(request.params.get("parent_status", "")).upper()
        searched = str(request.params.get("search", "")).lower()
        return [
            item
            for item in [*common, *super().selected(items, request)]
            if parent_status in ("", item["parent_status"]) and searched in item["name"].lower()
        ]

    def made(self, owner: Store, given: Mapping[str, Any]) -> Item:
        """A sub-status. Its name must be new."""
        team = self.team(given["team_id"])
        parent_status = given.get("parent_status", "OPEN")
        for other in self.items(owner).values():
            if (other["team"]["id"], other["parent_status"], other["name"]) == (
                team["id"],
                parent_status,
                given["name"],
            ):
                raise ApiError(422, "name is taken", "name")
        stamp = self._store.now()[:-1] + ".000Z"
        return {
            "name": given["name"],
            "slug": key_of(given["name"]),
            "description": given.get("description", ""),
            "parent_status": parent_status,
            "default": False,
            "team": {"id": team["id"]},
            "created_at": stamp,
            "updated_at": stamp,
        }

    def updated(self, owner: Store, before: Item, after: Item) -> None:
        """The cases that have it show its new name."""
        for case in owner.cases.values():
            if case.sub_status_id == after["id"]:
                owner.set_sub_status(case, after["id"])

    def removed(self, owner: Store, item: Item) -> None:
        """The cases that had it get the one that goes with their status; that is assumed."""
        for case in owner.cases.values():
            if case.sub_status_id == item["id"]:
                owner.set_sub_status(case, None)

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """The slug goes with the name."""
        after = super().changed(item, given)
        return {**after, "slug": key_of(after["name"])}
