# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""How cases are searched for. Whoever finds cases does it here: modules, inventory, events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..._core.errors import OptionError
from ..._core.timestamps import EARLIEST, format_timestamp, parse_timestamp, require_duration, require_timestamp
from ..._core.values import as_text
from ..names import find_team_id
from .fields import FIELDS, PRIORITIES, STATUSES, Case, has_metadata, is_named, mapping, parse_choice, same_word

if TYPE_CHECKING:
    from ..client import Tines

ORDERS = (
    "RECENTLY_EDITED",
    "LEAST_RECENTLY_EDITED",
    "PRIORITY_ASC",
    "PRIORITY_DESC",
    "OPENED_ASC",
    "OPENED_DESC",
    "CREATED_ASC",
    "CREATED_DESC",
)

UNASSIGNED = "unassigned"
"""The vendor's word for a case that nobody is assigned to, among `assignees`."""


@dataclass(frozen=True)
class Search:
    """Which cases are looked for. Empty and None: any.

    team: the name of one more team, whose ID `find_cases` looks up. assignees: email addresses, IDs of users, or
    `UNASSIGNED`.
    """

    team_ids: tuple[int, ...] = ()
    status: str | None = None
    priorities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str | None = None
    metadata: Case | None = None
    opened_after: datetime | None = None
    opened_before: datetime | None = None
    filters: Case | None = None
    order: str | None = None
    team: str | None = None
    name: str | None = None
    assignees: tuple[str, ...] = ()

    def query(self) -> list[tuple[str, str]]:
        """The search as a query string, the one place where the encoding of filters is decided.

        The vendor's page names the filters and not how they are written into a query string: here is how Rails
        writes nested objects. A filter is sent only if no reading of it could lose a case: not several priorities
        or teams, not several tags or assignees (any of them, or all?), not the name, which only a search in several
        fields would take, no metadata but words and numbers, not `opened_before` (a date alone would end the day
        before), and `opened_after` a day early. `matches` decides in the end.
        """
        filters: Case = {}
        if self.status:
            filters["status"] = self.status.upper()
        if len(self.priorities) == 1:
            filters["priority"] = self.priorities[0].upper()
        if len(self.tags) == 1:
            filters["tags"] = list(self.tags)
        if len(self.assignees) == 1:
            filters["assignees"] = list(self.assignees)
        if self.text:
            filters["search"] = self.text
        if words := {key: value for key, value in (self.metadata or {}).items() if _is_word(value)}:
            filters["metadata"] = words
        if self.opened_after:
            early = min(timedelta(days=1), self.opened_after - EARLIEST)
            filters["start_date"] = format_timestamp(self.opened_after - early)
        pairs = [("team_id", str(self.team_ids[0]))] if len(self.team_ids) == 1 else []
        pairs += [("order", self.order)] if self.order else []
        return [*pairs, *_nested("filters", {**filters, **(self.filters or {})})]

    def matches(self, case: Case) -> bool:
        """Whether a case is one that is looked for, going by what it shows itself."""
        opened = parse_timestamp(case.get("opened_at"))

        def shown(name: str) -> Any:
            return FIELDS[name].show(case)

        return (
            (not self.team_ids or shown("team_id") in (None, *self.team_ids))
            and (not self.name or shown("name") is None or is_named(shown("name"), self.name))
            and (not self.status or shown("status") is None or same_word(shown("status"), self.status))
            and (not self.priorities or str(shown("priority") or self.priorities[0]).lower() in self.priorities)
            and (not self.tags or shown("tag_names") is None or bool(set(self.tags) & set(shown("tag_names"))))
            and (not self.assignees or self._matches_assignees(case))
            and (not self.metadata or shown("metadata") is None or has_metadata(shown("metadata"), self.metadata))
            and (not self.opened_after or opened is None or opened >= self.opened_after)
            and (not self.opened_before or opened is None or opened <= self.opened_before)
        )

    def _matches_assignees(self, case: Case) -> bool:
        people = case.get("assignees")
        if not isinstance(people, list):
            return True
        words = {str(mapping(each).get(key)).lower() for each in people for key in ("email", "id", "user_id")}
        return bool(set(self.assignees) & (words or {UNASSIGNED}))


def parse_search(options: Mapping[str, Any], now: datetime | None = None) -> Search:
    """The search that options of `cases_info` ask for. Raises `OptionError`.

    options: from a module, or as a person wrote them: what is missing, null or empty is any, and what is a list may
    be one value. now: what `opened_within` counts from, by default this moment.
    """
    given = {key: value for key, value in options.items() if value not in (None, "", [], {})}
    moments = {key: require_timestamp(key, given[key]) for key in ("opened_after", "opened_before") if key in given}
    if "opened_within" in given:
        now = now or datetime.now(timezone.utc)
        age = min(require_duration("opened_within", given["opened_within"]), now - EARLIEST)
        moments["opened_after"] = max(now - age, moments.get("opened_after", EARLIEST))
    for key in ("metadata", "filters"):
        if not isinstance(given.get(key, {}), dict):
            raise OptionError(f"{key} must be a dictionary, not {given[key]!r}.")
    return Search(
        team_ids=tuple(_team_id(each) for each in _each(given.get("team_id"))),
        status=parse_choice("status", given["status"], STATUSES) if "status" in given else None,
        priorities=tuple(parse_choice("priority", each, PRIORITIES) for each in _each(given.get("priority"))),
        tags=tuple(map(str, _each(given.get("tags")))),
        text=given.get("search"),
        metadata=given.get("metadata"),
        filters=given.get("filters"),
        order=parse_choice("order", given["order"], ORDERS) if "order" in given else None,
        team=given.get("team"),
        name=given.get("name"),
        assignees=tuple(str(each).lower() for each in _each(given.get("assignees"))),
        **moments,
    )


def _each(value: Any) -> tuple[Any, ...]:
    """The values of an option that takes one or a list."""
    return () if value is None else tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _team_id(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 18:
        raise OptionError(f"team_id: {value!r} is not a team's ID; give its name in team.")
    return int(value)


def find_cases(client: Tines, search: Search) -> Iterator[Case]:
    """The cases that are looked for, page after page, each once, in the server's order.

    What the server finds is checked again, so a server that ignores a filter never widens the set. Raises
    `CaseworkError`.
    """
    search = resolve_team(client, search)
    return (case for case in client.list_cases(search.query()) if search.matches(case))


def resolve_team(client: Tines, search: Search) -> Search:
    """The search with the team's ID instead of its name. Raises `CaseworkError`."""
    if search.team is None:
        return search
    return replace(search, team=None, team_ids=(*search.team_ids, find_team_id(client, search.team)))


def take(cases: Iterable[Case], limit: int) -> tuple[list[Case], bool]:
    """As many cases as the limit lets through (0: all), and whether there are more.

    One more than asked for is read, which tells whether there are more without reading all of them.
    """
    taken = list(islice(cases, limit + 1 if limit else None))
    return (taken[:limit], len(taken) > limit) if limit else (taken, False)


def _nested(name: str, value: Any) -> list[tuple[str, str]]:
    """A value as Rails reads it out of a query string."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in _nested(f"{name}[{key}]", item)]
    if isinstance(value, (list, tuple)):
        return [pair for item in value for pair in _nested(f"{name}[]", item)]
    return [(name, as_text(value))]


def _is_word(value: Any) -> bool:
    """Whether everyone would write the value in the same way."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
