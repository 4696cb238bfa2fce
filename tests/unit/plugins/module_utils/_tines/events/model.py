# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant that changes while it is read, page by page, and that may ignore what it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError
from ansible_collections.casework.cases.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
PER_PAGE = 2


@dataclass
class Connection:
    """What a reader asks its connection for."""

    sent: int = 0
    server_date: str | None = None
    host: str = "acme.example"


@dataclass
class Tenant:
    """Cases, and what happens to them between two pages.

    filter_by: how exact the filter by time is: second, day, or not at all. has_date: whether responses have `Date`.
    between: what happens before each page that is given, one entry a page.
    """

    filter_by: str = "second"
    keeps_order: bool = True
    has_date: bool = True
    now: datetime = START
    between: list[tuple[str, int]] = field(default_factory=list)
    cases: dict[int, dict[str, Any]] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    http: Connection = field(default_factory=Connection)

    def happen(self, what: str, number: int) -> None:
        """One change: a new case, a comment, a change that no activity tells of, a deletion, or time that passes."""
        case = self.cases.get(1 + number % max(len(self.told), 1))
        if what == "create":
            self._create()
        elif what == "pass":
            self.now += timedelta(seconds=number % 300)
        elif case and what == "comment":
            self._tell(case, "COMMENTED")
        elif case and what == "touch":
            case["updated_at"] = format_timestamp(self.now)
        elif case and what == "delete":
            del self.cases[case["case_id"]]

    def _create(self) -> None:
        case_id = max(self.cases, default=0) + 1
        case = {"case_id": case_id, "name": f"Case {case_id}", "created": len(self.told), "activities": []}
        self.cases[case_id] = case
        self._tell(case, "CREATED")

    def _tell(self, case: dict[str, Any], kind: str) -> None:
        number = len(self.told) + 1
        self.told[number] = case["case_id"]
        stamp = format_timestamp(self.now)
        case["activities"] = [*case["activities"], {"id": number, "activity_type": kind, "created_at": stamp}]
        case["updated_at"] = stamp

    def standing(self) -> set[int]:
        """The IDs of all activities that the API shows."""
        return {activity["id"] for case in self.cases.values() for activity in case["activities"]}

    def list_cases(self, query: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """As the client does it: page after page, each case once."""
        asked = dict(query)
        floor = parse_timestamp(asked.get("filters[updated_at_start_date]")) or START - timedelta(days=9)
        floor = floor.replace(hour=0, minute=0, second=0) if self.filter_by == "day" else floor
        known: set[int] = set()
        page = 0
        while True:
            self._request()
            found = [case for case in self.cases.values() if self.filter_by == "none" or self._moment(case) >= floor]
            if self.keeps_order:
                backwards = asked.get("order") == "RECENTLY_EDITED"
                found.sort(key=lambda case: (case["updated_at"], case["case_id"]), reverse=backwards)
            else:
                found.sort(key=lambda case: -int(case["created"]))
            shown = [dict(case) for case in found[page * PER_PAGE : (page + 1) * PER_PAGE]]
            yield from (case for case in shown if case["case_id"] not in known)
            known |= {case["case_id"] for case in shown}
            page += 1
            if page * PER_PAGE >= len(found):
                return

    def list_activities(self, case_id: int) -> Iterator[dict[str, Any]]:
        self._request()
        yield from self.get_case(case_id)["activities"]

    def get_case(self, case_id: int) -> dict[str, Any]:
        if case_id not in self.cases:
            raise RequestError("no such case", method="GET", path="/", status=404)
        return dict(self.cases[case_id])

    def _moment(self, case: dict[str, Any]) -> datetime:
        return parse_timestamp(case["updated_at"]) or START

    def _request(self) -> None:
        """Answer a request, after what happens before it."""
        if self.between:
            self.happen(*self.between.pop(0))
        self.http.sent += 1
        self.http.server_date = format_datetime(self.now, usegmt=True) if self.has_date else None
