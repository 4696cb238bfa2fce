# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case webhooks, and the payloads of notifications and of clicks on buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from . import checks
from .deliveries import Deliveries
from .messages import ApiError
from .resources import Fields
from .store import Button, Case, Item, Store, User
from .tenant import TenantResource

MOST_WEBHOOKS = 5
RESERVED = ("case_id", "user", "button", "case", "message")

_NOTIFICATIONS = checks.list_of(checks.upper_word)


class CaseWebhooks(TenantResource):
    """Subscriptions of a team to what happens in its cases."""

    name, key, noun, wrapper = "case_webhooks", "webhooks", "Case webhook", "webhook"
    create_fields: ClassVar[Fields] = {
        "team_id": checks.number,
        "url": checks.url,
        "name": checks.text,
        "notifications": _NOTIFICATIONS,
    }
    required = ("team_id", "url")
    update_fields: ClassVar[Fields] = {"url": checks.url, "name": checks.text, "notifications": _NOTIFICATIONS}
    most_per_page = 50

    def made(self, owner: Store, given: Mapping[str, Any]) -> Item:
        """A webhook; a team has five at most."""
        team = self.team(given["team_id"])
        if sum(item["team"]["id"] == team["id"] for item in self.items(owner).values()) >= MOST_WEBHOOKS:
            raise ApiError(422, f"A team can have {MOST_WEBHOOKS} case webhooks at most", "team_id")
        return {
            "name": given.get("name") or None,
            "url": given["url"],
            "version_number": 2.0,
            "notifications": given.get("notifications") or ["ALL"],
            "team": team,
        }

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """An empty name clears it."""
        after = super().changed(item, given)
        return {**after, "name": after["name"] or None}


class Notifier:
    """Posts what happens to whoever asked for it."""

    def __init__(self, store: Store, deliveries: Deliveries) -> None:
        self._store = store
        self._deliveries = deliveries

    def notify(self, origin: str) -> None:
        """Posts what happened since the last time. What the case has become meanwhile is in each payload."""
        happened, self._store.happened = self._store.happened, []
        webhooks = list(self._store.kept(CaseWebhooks.name).values())
        for case_id, entry in happened if webhooks else ():
            case = self._store.cases.get(case_id)
            for webhook in webhooks:
                if case and case.team_id == webhook["team"]["id"] and _wanted(webhook, entry):
                    self._deliveries.post(webhook["url"], self._notification(case, entry, origin))

    def _notification(self, case: Case, entry: Item, origin: str) -> Item:
        kind, value = entry["activity_type"].lower(), entry["value"]
        user = entry["user"]
        return {
            "activity": {
                "id": entry["id"],
                "activity_type": kind,
                "value": value.lower() if kind in ("status_updated", "severity_updated") else value,
                "created_at": _with_milliseconds(entry["created_at"]),
                "user": {
                    "id": user["user_id"],
                    **{name: user[name] for name in ("first_name", "last_name", "email")},
                },
            },
            "case": self._case(case, origin),
            "version": 2.0,
        }

    def click(self, case: Case, button: Button, user: User, origin: str) -> Item:
        """Posts what a click on the button posts, and gives the payload."""
        params = button.query_params or {}
        payload = {
            **{name: value for name, value in params.items() if name not in RESERVED},
            "user": _person(user),
            "button": {"id": button.id, "label": button.label, "type": button.action_type, "url": button.url},
            "case": self._case(case, origin),
            "message": f"Triggered by {button.label} in case {case.case_id}",
        }
        separator = "&" if "?" in button.url else "?"
        self._deliveries.post(button.url + (separator + urlencode(params) if params else ""), payload)
        return payload

    def _case(self, case: Case, origin: str) -> Item:
        """The whole case, as payloads have it: other names than the API's, enums in lower case, milliseconds."""
        return {
            "id": case.case_id,
            "name": case.name,
            "description": case.description,
            "status": case.status.lower(),
            "sub_status": case.sub_status,
            "severity": case.priority.lower(),
            "priority": case.priority.lower(),
            "url": f"{origin}/cases/{case.case_id}",
            "team": {"id": case.team_id, "name": self._store.team_name(case.team_id)},
            "tags": [{"id": self._store.tag_id(name), "name": name} for name in case.tag_names],
            "author": _person(case.author),
            "assignees": [_person(user) for user in case.assignees],
            "metadata": case.metadata,
            "comments": [
                {
                    "id": comment["id"],
                    "value": comment["value"],
                    "created_at": _with_milliseconds(comment["created_at"]),
                }
                for comment in case.kept("comments").values()
            ],
            "actions": [
                {"id": button.id, "label": button.label, "type": button.action_type, "url": button.url}
                for button in case.buttons.values()
            ],
            "tasks": list(case.kept("tasks").values()),
            "record_ids": case.record_ids,
            "fields": list(case.kept("fields").values()),
            "blocks": case.blocks,
            **{
                name: _with_milliseconds(getattr(case, name))
                for name in ("opened_at", "resolved_at", "created_at", "updated_at")
            },
        }


def _wanted(webhook: Item, entry: Item) -> bool:
    return "ALL" in webhook["notifications"] or entry["activity_type"] in webhook["notifications"]


def _person(user: User) -> Item:
    return {"id": user.id, "first_name": user.first_name, "last_name": user.last_name, "email": user.email}


def _with_milliseconds(moment: str | None) -> str | None:
    return moment[:-1] + ".000Z" if moment else None
