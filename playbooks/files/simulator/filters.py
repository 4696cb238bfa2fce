# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters and orders of the case listing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Callable

from . import checks
from .checks import Check
from .messages import ApiError
from .store import KEY_USER_EMAIL, Case, User

Predicate = Callable[[Case], bool]

PRIORITIES = ("INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL")
STATUSES = ("OPEN", "CLOSED")

DEFAULT_ORDER = "CREATED_DESC"
_ORDER_KEYS: dict[str, Callable[[Case], Any]] = {
    "PRIORITY": lambda case: (PRIORITIES.index(case.priority), case.case_id),
    "OPENED": lambda case: (case.opened_at, case.case_id),
    "CREATED": lambda case: (case.created_at, case.case_id),
}
ORDERS = (
    "RECENTLY_EDITED",
    "LEAST_RECENTLY_EDITED",
    *tuple(f"{key}_{direction}" for key in _ORDER_KEYS for direction in ("ASC", "DESC")),
)


def ordered(cases: Iterable[Case], order: str) -> list[Case]:
    """The cases in one of the ORDERS; the case ID settles ties."""
    if order.endswith("RECENTLY_EDITED"):
        return sorted(cases, key=lambda case: (case.updated_at, case.edited), reverse=order == "RECENTLY_EDITED")
    key, _underscore, direction = order.partition("_")
    return sorted(cases, key=_ORDER_KEYS[key], reverse=direction == "DESC")


def _is_one_of(user: User, wanted: set[str]) -> bool:
    return user.email.lower() in wanted or str(user.id) in wanted


def _words(values: Sequence[Any]) -> set[str]:
    return {str(value).lower() for value in values}


def _any_assignee(values: Sequence[Any]) -> Predicate:
    wanted = _words(values)

    def holds(case: Case) -> bool:
        if not case.assignees:
            return "unassigned" in wanted
        return any(_is_one_of(user, wanted) for user in case.assignees)

    return holds


def _all_assignees(values: Sequence[Any]) -> Predicate:
    return lambda case: all(any(_is_one_of(user, _words([value])) for user in case.assignees) for value in values)


def _author(values: Sequence[Any]) -> Predicate:
    wanted = _words(values)
    return lambda case: _is_one_of(case.author, wanted)


def _any_tag(values: Sequence[str]) -> Predicate:
    return lambda case: any(tag in values for tag in case.tag_names)


def _all_tags(values: Sequence[str]) -> Predicate:
    return lambda case: all(tag in case.tag_names for tag in values)


def _metadata(wanted: dict[str, Any]) -> Predicate:
    return lambda case: all(
        key in case.metadata and str(case.metadata[key]) == str(value) for key, value in wanted.items()
    )


def _search(wanted: str) -> Predicate:
    needle = wanted.lower()
    return lambda case: needle in case.name.lower() or needle in case.description.lower() or needle == str(case.case_id)


def _negated(make: Callable[[Any], Predicate]) -> Callable[[Any], Predicate]:
    def negated(value: Any) -> Predicate:
        holds = make(value)
        return lambda case: not holds(case)

    return negated


def _assigned(wanted: bool, make: Callable[[Any], Predicate], value: Any) -> Predicate:
    return make(value) if wanted else _negated(make)(value)


def _from(attribute: str) -> Callable[[str], Predicate]:
    """Not before a moment. Moments are compared as they are written: in UTC, to the second, in one form."""
    return lambda start: lambda case: (getattr(case, attribute) or "") >= start


def _until(attribute: str) -> Callable[[str], Predicate]:
    """Not after a moment; what never was does not match."""
    return lambda end: lambda case: bool(getattr(case, attribute)) and getattr(case, attribute) <= end


def _end(name: str, value: Any) -> str:
    """A date without a time means the whole day."""
    moment = checks.moment(name, value)
    if len(str(value)) == len("2026-01-01"):
        moment += timedelta(days=1, seconds=-1)
    return moment.strftime(checks.TIMESTAMP)


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ApiError(422, f"{name} must be a string or a number", name)
    return value


_PEOPLE = checks.one_or_more(_plain)
_TAGS = checks.one_or_more(checks.text)

FILTERS: dict[str, tuple[Check, Callable[[Any], Predicate]]] = {
    "assignees": (_PEOPLE, _any_assignee),
    "and_assignees": (_PEOPLE, _all_assignees),
    "exclude_assignees": (_PEOPLE, _negated(_any_assignee)),
    "assignee_emails": (_PEOPLE, _any_assignee),
    "assigned_to_me": (checks.flag, lambda wanted: _assigned(wanted, _any_assignee, [KEY_USER_EMAIL])),
    "unassigned": (checks.flag, lambda wanted: _assigned(wanted, _any_assignee, ["unassigned"])),
    "authors": (_PEOPLE, _author),
    "exclude_authors": (_PEOPLE, _negated(_author)),
    "author_emails": (_PEOPLE, _author),
    "tags": (_TAGS, _any_tag),
    "or_tags": (_TAGS, _any_tag),
    "and_tags": (_TAGS, _all_tags),
    "exclude_tags": (_TAGS, _negated(_any_tag)),
    "case_ids": (checks.one_or_more(checks.number), lambda wanted: lambda case: case.case_id in wanted),
    "metadata": (checks.flat_mapping, _metadata),
    "priority": (checks.one_or_more(checks.enum(*PRIORITIES)), lambda wanted: lambda case: case.priority in wanted),
    "status": (checks.one_or_more(checks.enum(*STATUSES)), lambda wanted: lambda case: case.status in wanted),
    "sub_status_names": (_TAGS, lambda wanted: lambda case: case.sub_status["name"] in wanted),
    "records": (
        checks.one_or_more(checks.number),
        lambda wanted: lambda case: any(record in wanted for record in case.record_ids),
    ),
    "search": (checks.text, _search),
    "start_date": (checks.timestamp, _from("opened_at")),
    "end_date": (_end, _until("opened_at")),
    "resolved_at_start_date": (checks.timestamp, _from("resolved_at")),
    "resolved_at_end_date": (_end, _until("resolved_at")),
    "updated_at_start_date": (checks.timestamp, _from("updated_at")),
    "updated_at_end_date": (_end, _until("updated_at")),
}
_CHECKS = {name: check for name, (check, _make) in FILTERS.items()}


def predicates(given: Any) -> list[Predicate]:
    """What a case must fulfil.

    Raises:
        ApiError: 422 for an unknown filter or a value that it does not take.
    """
    wanted = checks.fields(given, _CHECKS, prefix="filters.")
    return [FILTERS[name][1](value) for name, value in wanted.items()]
