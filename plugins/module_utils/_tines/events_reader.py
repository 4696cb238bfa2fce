# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What an event source reads from the API: which cases changed, and what happened in them.

Nothing documents how filters are written, whether a filter by time means the second or the day, and in which order
activities come. So what comes back is looked at, and reading ends early only if that can lose nothing. One thing is
assumed: whatever happens in a case moves its `updated_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from .._core.errors import RequestError
from .._core.timestamps import EARLIEST, format_timestamp, parse_timestamp
from .cases.fields import Case
from .cases.search import Search
from .client import Tines
from .events import UPDATED, Event, activity_event, activity_type, event_name, updated_event
from .events_progress import Progress

ReadT = TypeVar("ReadT")

SECOND = timedelta(seconds=1)
"""How much later than its activity a case may be stamped: the timestamps of the API tell seconds."""

ENOUGH_TO_SHOW_ORDER = 10
"""Activities in descending order of their IDs after which a timeline is taken for one that begins with the newest."""

FACTS = ("case_id", "name", "team", "team_id", "status", "sub_status", "priority", "tags", "url", "updated_at")
"""What is kept of a case that is about to be looked at, unless all of it is wanted."""


@dataclass(frozen=True)
class Listing:
    """Cases that changed, the one that changed longest ago first. now: the server's time when it was asked."""

    cases: list[Case]
    now: datetime


@dataclass(frozen=True)
class News:
    """An event that was not handed on yet. moment: when it happened, on the server's clock."""

    moment: datetime
    event: Event

    @property
    def key(self) -> str:
        return str(self.event["meta"]["uuid"])


class Reader:
    """Reads the cases that a search finds. Methods block, and raise `RequestError`.

    types: activities and events to make events of; empty: all. origin: the host of the tenant, see `activity_event`.
    """

    def __init__(
        self, client: Tines, search: Search, *, types: Iterable[str] = (), origin: str = "", include_case: bool = False
    ) -> None:
        self.client = client
        self._search = search
        self._types = frozenset(types)
        self._origin = origin
        self._include_case = include_case
        self._order_is_kept: bool | None = None

    def check(self) -> datetime:
        """Ask the server once, which shows whether the key is any good. Returns the server's time."""
        first = next(self.client.list_cases(self._query("RECENTLY_EDITED", None)), {})
        newest = parse_timestamp(first.get("updated_at"))
        return self._server_time() or newest or datetime.now(timezone.utc).replace(microsecond=0)

    def changed_since(self, floor: datetime) -> Listing:
        """The cases with a change at this moment or later.

        The most recently edited come first: a case that is edited meanwhile moves to the front, where it moves others
        to later pages but none to an earlier one, and is found by the next reading. A case that leaves the listing
        moves others to earlier pages. So more than one page is read until a reading shows again every case that the
        one before showed: in that one, none was missed.
        """
        now: datetime | None = None
        found: dict[int, Case] = {}
        before: set[int] | None = None
        while True:
            sent = self.client.http.sent
            listed, time = self._read(floor)
            now = now or time
            found.update(listed)
            if self.client.http.sent - sent <= 1 or (before is not None and before <= listed.keys()):
                break
            before = set(listed)
        cases = sorted(found.values(), key=lambda case: (updated_at(case) or floor, case["case_id"]))
        return Listing([case for case in cases if self._search.matches(case)], now or floor)

    def _read(self, floor: datetime) -> tuple[dict[int, Case], datetime | None]:
        """One reading: the cases by ID, and the server's time when it began."""
        time: datetime | None = None
        newest: datetime | None = None
        found: dict[int, Case] = {}
        first_id: int | None = None
        for case in self.client.list_cases(self._query("RECENTLY_EDITED", floor)):
            time = time or self._server_time()
            first_id = case["case_id"] if first_id is None else first_id
            moment = updated_at(case)
            newest = max(filter(None, (newest, moment)), default=None)
            if moment is None or moment >= floor:
                found[case["case_id"]] = self._kept(case)
            elif self._is_order_kept(first_id):
                break
        return found, time or self._server_time() or newest

    def _kept(self, case: Case) -> Case:
        return (
            case if self._include_case else {key: case[key] for key in (*FACTS, "opened_at", "metadata") if key in case}
        )

    def _is_order_kept(self, first_id: int) -> bool:
        """Whether the server gives cases in the order asked for: then another one begins with another case."""
        if self._order_is_kept is None:
            last = next(self.client.list_cases(self._query("LEAST_RECENTLY_EDITED", None)), {})
            self._order_is_kept = last.get("case_id") != first_id
        return self._order_is_kept

    def _query(self, order: str, floor: datetime | None) -> list[tuple[str, str]]:
        since = {} if floor is None else {"updated_at_start_date": format_timestamp(floor)}
        return replace(self._search, order=order, filters={**(self._search.filters or {}), **since}).query()

    def _server_time(self) -> datetime | None:
        """The header `Date` of the last response; None if it had none."""
        try:
            moment = parsedate_to_datetime(self.client.http.server_date or "")
        except (TypeError, ValueError, IndexError):
            return None
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)

    def get(self, case_id: int) -> Case | None:
        """The case; None if it does not exist, or is none that is looked for."""
        case = _unless_missing(lambda: self.client.get_case(case_id))
        return case if case is not None and self._search.matches(case) else None

    def news(self, case: Case, progress: Progress, via: str) -> list[News]:
        """What happened in a case and was not handed on yet, the oldest first."""
        changed = updated_at(case) or progress.cursor
        shown: dict[str, Any] = {"origin": self._origin, "include_case": self._include_case, "via": via}
        found, newest = [], EARLIEST
        for activity in self._activities(case, progress.floor):
            moment = parse_timestamp(activity.get("created_at")) or changed
            newest = max(newest, moment)
            kind = activity_type(activity)
            if kind and self._is_wanted(kind, event_name(kind)):
                found.append(News(moment, activity_event(case, activity, **shown)))
        if changed - newest > SECOND and self._is_wanted(UPDATED):
            found.append(News(changed, updated_event(case, **shown)))
        fresh = [each for each in found if progress.is_new(each.key, each.moment)]
        return sorted(fresh, key=lambda each: (each.moment, _activity_id(each.event)))

    def _activities(self, case: Case, floor: datetime) -> Iterable[Case]:
        """The activities of a case that are not older than the floor, and some that are."""
        activities = _unless_missing(lambda: self._recent_activities(case["case_id"], floor))
        if activities is not None:
            return activities
        # Either the case is gone, or this server does not list activities on their own.
        whole = _unless_missing(lambda: self.client.get_case(case["case_id"]))
        return [each for each in (whole or {}).get("activities") or () if isinstance(each, dict)]

    def _recent_activities(self, case_id: int, floor: datetime) -> list[Case]:
        found: list[Case] = []
        newest_first = True
        for activity in self.client.list_activities(case_id):
            newest_first = newest_first and (not found or _id(activity) < _id(found[-1]))
            found.append(activity)
            moment = parse_timestamp(activity.get("created_at"))
            if newest_first and len(found) >= ENOUGH_TO_SHOW_ORDER and moment is not None and moment < floor:
                break
        return found

    def has_button(self, case_id: int, button: Case) -> bool:
        """Whether the case has a button with this ID and label."""
        wanted = (str(button["id"]), button["label"])
        shown = _unless_missing(lambda: self.client.list_actions(case_id)) or []
        return any((str(each["id"]), each["label"]) == wanted for each in shown)

    def _is_wanted(self, *names: str) -> bool:
        return not self._types or not self._types.isdisjoint(names)


def updated_at(case: Case) -> datetime | None:
    """When a case was changed last; None if it does not say."""
    return parse_timestamp(case.get("updated_at"))


def _id(activity: Case) -> int:
    return int(activity["id"]) if str(activity["id"]).isdecimal() else 0


def _activity_id(event: Event) -> int:
    """The ID of the activity that an event is about; what no activity tells of comes last."""
    activity = event["tines"].get("activity")
    return int(activity["id"] or 0) if activity else 1 << 63


def _unless_missing(read: Callable[[], ReadT]) -> ReadT | None:
    """What was read; None if it does not exist."""
    try:
        return read()
    except RequestError as error:
        if error.status != 404:
            raise
        return None
