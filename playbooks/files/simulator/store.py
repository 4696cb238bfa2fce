# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything the server knows. Callers hold the lock of the server; nothing here is safe without it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from .checks import TIMESTAMP
from .messages import ApiError
from .settings import Settings

Item = dict[str, Any]

KEY_USER_EMAIL = "jane@example.com"

# What a case has lists of.
KINDS = ("activities", "comments", "fields", "files", "notes", "subscribers", "tasks")

# The sub-status that goes with a status, by ID and name.
SUB_STATUSES = {"OPEN": (1, "Open"), "CLOSED": (2, "Closed")}


def now(offset: float = 0) -> str:
    """This moment as the APIs write it, by a clock that is so many seconds ahead."""
    return _written(int(time.time() + offset))


@lru_cache(maxsize=8)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, timezone.utc).strftime(TIMESTAMP)


@dataclass(frozen=True)
class User:
    """A person or service account of the tenant."""

    id: int
    email: str
    first_name: str
    last_name: str


@dataclass
class Button:
    """A case action of v2, a case button of v1. ``query_params`` is None if the build does not know them."""

    id: int
    url: str
    label: str
    action_type: str
    action_text: str
    query_params: dict[str, Any] | None
    created_at: str
    updated_at: str


@dataclass
class Case:
    """A case. ``edited`` counts the store's changes, since timestamps tell only seconds apart."""

    case_id: int
    team_id: int
    name: str
    author: User
    opened_by: User
    opened_at: str
    created_at: str
    updated_at: str
    edited: int
    description: str = ""
    priority: str = "LOW"
    status: str = "OPEN"
    sub_status_id: int | None = None
    sub_status_name: str = ""
    resolved_by: User | None = None
    resolved_at: str | None = None
    assignees: list[User] = field(default_factory=list)
    tag_names: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    closure_conditions: list[dict[str, str]] = field(default_factory=list)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    record_ids: list[int] = field(default_factory=list)
    linked_cases: list[int] = field(default_factory=list)
    buttons: dict[int, Button] = field(default_factory=dict)
    items: dict[str, dict[int, Item]] = field(default_factory=lambda: {name: {} for name in KINDS})

    def kept(self, name: str) -> dict[int, Item]:
        """What the case has of one of the KINDS, by ID and oldest first."""
        return self.items[name]

    @property
    def sub_status(self) -> Item:
        """The sub-status: the one that was set, else the one that goes with the status."""
        common_id, common_name = SUB_STATUSES[self.status]
        if self.sub_status_id in (None, common_id):
            return {"id": common_id, "name": common_name}
        return {"id": self.sub_status_id, "name": self.sub_status_name or f"Sub-status {self.sub_status_id}"}

    @property
    def activities(self) -> list[Item]:
        """The time line, oldest first. Comments and files are entries of it, under the same IDs."""
        entries = [*self.kept("activities").values(), *self.kept("comments").values(), *self.kept("files").values()]
        return sorted(entries, key=lambda entry: int(entry["id"]))


def shown_user(user: User) -> Item:
    """A user as the resources below a case show one."""
    return {
        "user_id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "avatar_url": "",
        "is_service_account": False,
    }


class Store:
    """Cases by ID and what they refer to. IDs count up from 1 in every kind."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.items: dict[str, dict[int, Item]] = {}
        self.contents: dict[int, bytes] = {}
        # What case webhooks have not been told yet: case IDs and entries of time lines.
        self.happened: list[tuple[int, Item]] = []
        self.cases: dict[int, Case] = {}
        self.hidden_teams: list[int] = []
        self.templates: dict[str, dict[str, Any]] = {}
        self._words: dict[str, dict[str, int]] = {"team": {}, "record": {}}
        self._users: dict[str, User] = {}
        self._tags: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self.skip_to("case_sub_statuses", len(SUB_STATUSES) + 1)
        self.key_user = self.user(KEY_USER_EMAIL)

    def set_sub_status(self, case: Case, sub_status_id: int | None) -> None:
        """Gives the case this sub-status; any ID is taken, and None is the one that goes with the status."""
        known = self.kept("case_sub_statuses").get(sub_status_id or 0, {})
        case.sub_status_id = sub_status_id
        case.sub_status_name = known.get("name", "")

    def now(self) -> str:
        """This moment by the server's clock."""
        return now(self._settings.clock_offset)

    def next_id(self, kind: str) -> int:
        """The next ID of this kind."""
        self._last[kind] = self._last.get(kind, 0) + 1
        return self._last[kind]

    def skip_to(self, kind: str, number: int) -> None:
        """Makes this the next ID of the kind, if it is not behind the last one."""
        self._last[kind] = max(self._last.get(kind, 0), number - 1)

    def user(self, email: str) -> User:
        """The user of this address, who comes into being when first named."""
        known = self._users.get(email.lower())
        if known is None:
            first, _dot, last = email.partition("@")[0].partition(".")
            known = User(self.next_id("user"), email, first.capitalize(), last.capitalize())
            self._users[email.lower()] = known
        return known

    def known_user(self, email: str, name: str) -> User:
        """The user of this address.

        Raises:
            ApiError: 422 if the tenant has nobody of this address.
        """
        if email.lower() in (address.lower() for address in self._settings.unknown_emails):
            raise ApiError(422, f"There is no user {email}", name)
        return self.user(email)

    def author(self, given: Mapping[str, Any]) -> User:
        """Who writes. An ``author_email`` that nobody has counts as none: it is the key's user."""
        try:
            return self.known_user(given.get("author_email", KEY_USER_EMAIL), "author_email")
        except ApiError:
            return self.key_user

    def kept(self, name: str) -> dict[int, Item]:
        """What the tenant has of one kind (case inputs, ...), by ID and oldest first."""
        return self.items.setdefault(name, {})

    def log_activity(self, case: Case, kind: str, value: str | None, user: User | None = None) -> None:
        """Adds a line to the time line, unless the build knows no such line."""
        if kind in self._settings.silent_activities:
            return
        entry: Item = {
            "id": self.next_id("activity"),
            "activity_type": kind,
            "value": value,
            "user": shown_user(user or self.key_user),
            "created_at": self.now(),
            "reactions": [],
        }
        case.kept("activities")[entry["id"]] = entry
        self.happened.append((case.case_id, entry))

    def tag_id(self, name: str) -> int:
        """The ID of a tag."""
        if name not in self._tags:
            self._tags[name] = self.next_id("tag")
        return self._tags[name]

    def _word_id(self, kind: str, word: str) -> int:
        words = self._words[kind]
        return words.setdefault(word, len(words) + 1)

    def team_id(self, word: str) -> int:
        """The ID of a team that a word stands for."""
        return self._word_id("team", word)

    def record_id(self, word: str) -> int:
        """The ID of a record that a word stands for."""
        return self._word_id("record", word)

    def team_name(self, team_id: int) -> str:
        """What the team is called."""
        return f"Team {team_id}"

    def case(self, case_id: int) -> Case:
        """The case with this ID.

        Raises:
            ApiError: 404 if there is none, or none that the key may see.
        """
        case = self.cases.get(case_id)
        if case is None or case.team_id in self.hidden_teams:
            raise ApiError(404, "Case not found", "case_id")
        return case

    def visible(self) -> list[Case]:
        """The cases that the key may see, oldest first."""
        if not self.hidden_teams:
            return list(self.cases.values())
        return [case for case in self.cases.values() if case.team_id not in self.hidden_teams]

    def touch(self, case: Case) -> None:
        """Notes that the case was changed now."""
        case.updated_at = self.now()
        case.edited = self.next_id("edit")
