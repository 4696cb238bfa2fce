# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Cases: what a playbook may ask for, how it compares with what a server shows, and the plan. Pure.

Both versions of the API show the fields below in the same way, so nothing here depends on the version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, NotDoneError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._plan import Call, Plan

Case = dict[str, Any]

PRIORITIES = ("critical", "high", "medium", "low", "info")
STATUSES = ("open", "closed")

_ISO_8601 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:[Zz]|([+-]\d{2})(?::?(\d{2}))?)?)?"
)

_BEGINNING = datetime.min.replace(tzinfo=timezone.utc)


def instant(text: Any) -> datetime | None:
    """The moment that an ISO 8601 text names, to the second; without a time zone it is UTC. None: it names none."""
    match = _ISO_8601.fullmatch(str(text).strip())
    if not match:
        return None
    *numbers, hours, minutes = match.groups(default="0")
    try:
        zone = timezone(timedelta(hours=int(hours), minutes=int(hours[0] + minutes)))  # the sign is that of the hours
        moment = datetime(*map(int, numbers), tzinfo=zone)  # type: ignore[misc,arg-type]  # six numbers
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _written(moment: datetime) -> str:
    """A moment in UTC as requests have it."""
    return moment.isoformat().replace("+00:00", "Z")


# How a field compares


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


def _same_word(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


def _same_text(one: Any, other: Any) -> bool:
    """Line ends and outer white space are what servers tidy up."""
    return "\n".join(str(one or "").split("\r\n")).strip() == "\n".join(str(other or "").split("\r\n")).strip()


def _same_instant(one: Any, other: Any) -> bool:
    return one == other or (instant(one) is not None and instant(one) == instant(other))


def _same_people(one: Any, other: Any) -> bool:
    return {email.lower() for email in one or ()} == {email.lower() for email in other or ()}


def _same_set(one: Any, other: Any) -> bool:
    return set(one or ()) == set(other or ())


def _same_conditions(one: Any, other: Any) -> bool:
    return sorted(_conditions(one)) == sorted(_conditions(other))


def _conditions(shown: Any) -> list[tuple[str, str]]:
    """Name and formula of each closure condition."""
    items = shown if isinstance(shown, list) else []
    return [(str(item.get("name")), str(item.get("formula"))) for item in items if isinstance(item, dict)]


def _has_metadata(shown: Any, wanted: Any) -> bool:
    """Whether the keys asked for are there; others are nobody's concern. A server may keep values as text."""
    known = _mapping(shown)
    return all(key in known and _same_value(known[key], value) for key, value in wanted.items())


def _same_value(one: Any, other: Any) -> bool:
    if isinstance(one, (dict, list)) or isinstance(other, (dict, list)):
        return bool(one == other)
    same_kind = isinstance(one, bool) == isinstance(other, bool)  # for Python, 0 is false and 1 is true
    return bool(same_kind and one == other) or _text(one) == _text(other)


def _text(value: Any) -> str:
    """A single value as text: `true` for what is true, nothing for null."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mapping(shown: Any) -> Case:
    return shown if isinstance(shown, dict) else {}


def record_ids(case: Case) -> list[Any] | None:
    """The numbers of a case's records; None where they are not shown, not all shown, or in no known shape.

    Known shapes are the list of records of the first version of the API, and lists of records by type.
    """
    shown = case.get("records")
    if _mapping(case.get("records_meta")).get("next_page_number"):
        return None
    if isinstance(shown, dict):
        shown = list(shown.values())
    if not isinstance(shown, list):
        return None
    found: list[Any] = []
    for item in shown:
        inner = item.get("records", [item]) if isinstance(item, dict) else item
        numbers = [_mapping(each).get("id") for each in inner] if isinstance(inner, list) else [None]
        if not all(isinstance(number, (int, str)) for number in numbers):
            return None
        found += numbers
    return found


@dataclass(frozen=True)
class Field:
    """A field that can be set. show: where a case shows it; show_as: the same, for a case that is predicted."""

    show: Callable[[Case], Any]
    same: Callable[[Any, Any], bool]
    show_as: Callable[[Any], Case]


def _plain(
    name: str, same: Callable[[Any, Any], bool] = _same, shown: Callable[[Any], Any] = lambda value: value
) -> Field:
    return Field(lambda case: case.get(name), same, lambda value: {name: shown(value)})


def _inner(name: str, key: str, same: Callable[[Any, Any], bool] = _same) -> Field:
    """A field that is shown as one key of an object."""
    return Field(lambda case: _mapping(case.get(name)).get(key), same, lambda value: {name: {key: value}})


def _inner_list(name: str, key: str, same: Callable[[Any, Any], bool]) -> Field:
    """A list of objects of which one key counts; those without it, such as users without an address, do not."""

    def show(case: Case) -> list[str] | None:
        items = case.get(name)
        if not isinstance(items, list):
            return None
        shown = (item.get(key) if isinstance(item, dict) else item for item in items)
        return [each for each in shown if isinstance(each, str)]

    return Field(show, same, lambda values: {name: [{key: value} for value in values]})


FIELDS: dict[str, Field] = {
    "team_id": _inner("team", "id"),
    "name": _plain("name"),
    "description": _plain("description", _same_text),
    "priority": _plain("priority", _same_word, str.upper),
    "status": _plain("status", _same_word, str.upper),
    "sub_status_id": _inner("sub_status", "id"),
    "author_email": _inner("author", "email", _same_word),
    "assignee_emails": _inner_list("assignees", "email", _same_people),
    "tag_names": _inner_list("tags", "name", _same_set),
    "opened_at": _plain("opened_at", _same_instant),
    "resolved_at": _plain("resolved_at", _same_instant),
    "metadata": _plain("metadata", _has_metadata),
    "closure_conditions": _plain("closure_conditions", _same_conditions),
    "record_ids": Field(
        record_ids,
        lambda shown, wanted: shown is None or set(wanted) <= set(shown),
        lambda ids: {"records": [{"id": record_id} for record_id in ids]},
    ),
}
"""Every field that can be set and compared, under its name in requests."""

CREATION_ONLY = ("template_id", "field_values")
"""What counts when a case is created and is never compared."""

_SETS = {
    "assignee_emails": ("add_assignee_emails", "remove_assignee_emails"),
    "tag_names": ("add_tag_names", "remove_tag_names"),
}
"""Fields of which an update says what to add and what to remove."""

_FOLDED: dict[str, Callable[[str], str]] = {"assignee_emails": str.lower, "tag_names": str}

_WITH_STATUS = ("sub_status_id", "resolved_at")
"""Fields that a change of the status resets, so that they are sent along with it."""


def wanted_case(given: Case) -> Case:
    """The fields that were given, checked and in one form. Raises `OptionError`."""
    wanted = {key: given[key] for key in (*FIELDS, *CREATION_ONLY) if given.get(key) is not None}
    for key, words in (("priority", PRIORITIES), ("status", STATUSES)):
        if key in wanted:
            wanted[key] = one_word(key, wanted[key], words)
    for key in ("opened_at", "resolved_at"):
        if key in wanted:
            wanted[key] = _written(check_instant(key, wanted[key]))
    for key, fold in _FOLDED.items():
        if key in wanted:
            wanted[key] = list({fold(item): item for item in wanted[key]}.values())
    if not wanted.get("name", "some").strip():
        raise OptionError("name is empty: a case needs a name.")
    return wanted


def one_word(option: str, value: str, words: Iterable[str]) -> str:
    """The value in lower case. Raises `OptionError` where it is none of the words."""
    if value.lower() not in words:
        *most, last = words
        raise OptionError(f"{option} must be {', '.join(most)} or {last}, not {value!r}.")
    return value.lower()


def check_instant(option: str, value: str) -> datetime:
    """The moment. Raises `OptionError` where the text is no ISO 8601 timestamp."""
    moment = instant(value)
    if moment is None:
        raise OptionError(f"{option} must be an ISO 8601 timestamp such as 2026-01-31T08:30:00Z, not {value!r}.")
    return moment


def writable(case: Case) -> Case:
    """The fields of a case that a diff shows, under the names that options have."""
    fields = {"case_id": case.get("case_id"), **{name: field.show(case) for name, field in FIELDS.items()}}
    for name in ("priority", "status"):
        if fields[name] is not None:
            fields[name] = str(fields[name]).lower()
    return {name: value for name, value in fields.items() if value is not None and (value or name != "record_ids")}


def left_out(case: Case, wanted: Case) -> list[str]:
    """The wanted fields of which the case shows nothing at all, not even that they are empty.

    Metadata that is null may be left out too; to take it for empty could cost keys that are there.
    """
    shown = {key for key, value in case.items() if key != "metadata" or value is not None}
    return [name for name in FIELDS if name in wanted and not FIELDS[name].show_as(wanted[name]).keys() <= shown]


def differences(case: Case, wanted: Case) -> Case:
    """The wanted fields that the case does not have like that."""
    return {
        name: wanted[name]
        for name, field in FIELDS.items()
        if name in wanted and not field.same(field.show(case), wanted[name])
    }


def predicted(case: Case, wanted: Case) -> Case:
    """The case as it will be shown, as far as can be told beforehand."""
    after = {"case_id": None, **case}
    for name, value in wanted.items():
        if name == "metadata":
            value = _merged_metadata(case, value)
        if name == "record_ids":
            value = list(dict.fromkeys([*(record_ids(case) or ()), *value]))
        if name in _SETS:
            changes = _set_changes(name, FIELDS[name].show(case) or [], value)
            stay = [item for item in FIELDS[name].show(case) or [] if item not in changes[_SETS[name][1]]]
            value = [*stay, *changes[_SETS[name][0]]]
        if name in FIELDS:
            after.update(FIELDS[name].show_as(value))
    return after


def creation(wanted: Case, buttons: Sequence[Case] = ()) -> Plan:
    """The plan for a case that does not exist yet, with buttons where the API can create them along with it."""
    if wanted.get("status") == "closed":
        raise CaseworkError("There is no such case to close: neither an open nor a closed one was found.")
    missing = [key for key in ("team_id", "name") if key not in wanted]
    if missing:
        raise OptionError(f"A new case needs {' and '.join(missing)}.")
    return Plan({}, predicted({}, wanted), (Call("create_case", (wanted, buttons)),))


def update(case: Case, wanted: Case) -> Plan:
    """The plan for a case that exists.

    The case itself comes last: it may be closed, which its metadata and records may be a condition of.
    """
    changes = differences(case, wanted)
    case_id = case["case_id"]
    body = {name: wanted[name] for name in _WITH_STATUS if "status" in changes and name in wanted}
    for name, value in changes.items():
        if name in _SETS:
            changed = _set_changes(name, FIELDS[name].show(case) or [], value)
            body.update({key: items for key, items in changed.items() if items})
        elif name not in ("metadata", "record_ids"):
            body[name] = value
    calls = []
    if "metadata" in changes:
        first = not _mapping(case.get("metadata"))
        calls.append(Call("set_metadata", (case_id, _merged_metadata(case, changes["metadata"]), first)))
    present = record_ids(case) or ()
    missing = dict.fromkeys(record for record in changes.get("record_ids", ()) if record not in present)
    calls += [Call("add_record", (case_id, record)) for record in missing]
    if body:
        calls.append(Call("update_case", (case_id, body)))
    return Plan(case, predicted(case, changes), tuple(calls))


def _merged_metadata(case: Case, wanted: Case) -> Case:
    """The whole metadata with the keys asked for; what is the same already keeps its form."""
    known = _mapping(case.get("metadata"))
    return {**known, **{key: value for key, value in wanted.items() if not _has_metadata(known, {key: value})}}


def _set_changes(name: str, shown: list[str], wanted: list[str]) -> Case:
    fold = _FOLDED[name]
    here, there = {fold(item) for item in shown}, {fold(item) for item in wanted}
    add_key, remove_key = _SETS[name]
    return {
        add_key: [item for item in dict.fromkeys(wanted) if fold(item) not in here],
        remove_key: [item for item in shown if fold(item) not in there],
    }


def removal(case: Case) -> Plan:
    return Plan(case, {}, (Call("delete_case", (case["case_id"],)),))


def check_answer(case: Case, wanted: Case) -> None:
    """Raise `NotDoneError` with what differs where a case is not what was asked for."""
    wrong = differences(case, wanted)
    if not wrong:
        return
    said = ", ".join(f"{name} is {FIELDS[name].show(case)!r} instead of {value!r}" for name, value in wrong.items())
    hint = f" {closing_hint(case)}" if "status" in wrong else ""
    raise NotDoneError(
        f"Case {case.get('case_id')}: the server took the request but did not do all of it: {said}.{hint}".rstrip()
    )


def closing_hint(case: Case) -> str:
    """What to do about a case that does not close; empty where nothing is known of it."""
    names = [name for name, _formula in _conditions(case.get("closure_conditions"))]
    return f"A case closes only when its closure conditions are met: {', '.join(names)}." if names else ""


# Finding cases


@dataclass(frozen=True)
class Search:
    """What `cases_info` looks for. Empty and None: anything."""

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

    def query(self) -> list[tuple[str, str]]:
        """The search as a query string, the one place where the encoding of filters is decided.

        The vendor's page names the filters and not how they are written into a query string: here is how Rails
        writes nested objects. A filter is sent only where no reading of it could lose a case: not several priorities
        or teams, not several tags (any of them, or all?), no metadata but words and numbers, not `opened_before` (a
        date alone would end the day before), and `opened_after` a day early. `matches` decides in the end.
        """
        filters: Case = {}
        if self.status:
            filters["status"] = self.status.upper()
        if len(self.priorities) == 1:
            filters["priority"] = self.priorities[0].upper()
        if len(self.tags) == 1:
            filters["tags"] = list(self.tags)
        if self.text:
            filters["search"] = self.text
        if words := {key: value for key, value in (self.metadata or {}).items() if _is_word(value)}:
            filters["metadata"] = words
        if self.opened_after:
            early = min(timedelta(days=1), self.opened_after - _BEGINNING)
            filters["start_date"] = _written(self.opened_after - early)
        pairs = [("team_id", str(self.team_ids[0]))] if len(self.team_ids) == 1 else []
        pairs += [("order", self.order)] if self.order else []
        return [*pairs, *_nested("filters", {**filters, **(self.filters or {})})]

    def matches(self, case: Case) -> bool:
        """Whether a case is one that is looked for, going by what it shows itself."""
        opened = instant(case.get("opened_at"))
        shown = {name: field.show(case) for name, field in FIELDS.items()}
        return (
            (not self.team_ids or shown["team_id"] in (None, *self.team_ids))
            and (not self.status or shown["status"] is None or _same_word(shown["status"], self.status))
            and (not self.priorities or str(shown["priority"] or self.priorities[0]).lower() in self.priorities)
            and (not self.tags or shown["tag_names"] is None or bool(set(self.tags) & set(shown["tag_names"])))
            and (not self.metadata or shown["metadata"] is None or _has_metadata(shown["metadata"], self.metadata))
            and (not self.opened_after or opened is None or opened >= self.opened_after)
            and (not self.opened_before or opened is None or opened <= self.opened_before)
        )


def _nested(name: str, value: Any) -> list[tuple[str, str]]:
    """A value as Rails reads it out of a query string."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in _nested(f"{name}[{key}]", item)]
    if isinstance(value, (list, tuple)):
        return [pair for item in value for pair in _nested(f"{name}[]", item)]
    return [(name, _text(value))]


def _is_word(value: Any) -> bool:
    """Whether everyone would write the value in the same way."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


@dataclass(frozen=True)
class Identity:
    """What tells a case from the others of its team: its name, or the value of one metadata key."""

    team_id: int
    name: str | None = None
    key: str | None = None
    value: Any = None

    def __str__(self) -> str:
        return f"the name {self.name!r}" if self.key is None else f"the metadata {self.key}: {self.value!r}"

    def is_that_of(self, case: Case) -> bool:
        if FIELDS["team_id"].show(case) not in (None, self.team_id):
            return False
        if self.key is None:
            return bool(case.get("name") == self.name)
        return _has_metadata(case.get("metadata"), {self.key: self.value})

    def search(self, status: str) -> Search:
        """The search for such cases. The metadata is not sent: were it read otherwise, a second case would be made."""
        return Search(team_ids=(self.team_id,), status=status)


def identity(params: Case) -> Identity | None:
    """What the case is found by without its number; None where nothing identifies it. Raises `OptionError`."""
    match_by, key = params["match_by"], params["match_key"]
    if key and match_by != "metadata":
        raise OptionError("match_key goes with match_by: metadata.")
    if match_by == "none":
        return None
    if params["team_id"] is None:
        raise OptionError("team_id is needed to find or create a case; give it, or the number of the case in case_id.")
    if match_by == "name":
        if not params["name"]:
            raise OptionError("name is needed to find or create a case; give it, or the number of the case in case_id.")
        return Identity(params["team_id"], name=params["name"])
    if not key:
        raise OptionError("match_by: metadata needs match_key, the metadata key whose value identifies the case.")
    if (params["metadata"] or {}).get(key) in (None, ""):
        raise OptionError(f"match_key names {key!r}, so metadata needs a value for {key!r}.")
    return Identity(params["team_id"], key=key, value=params["metadata"][key])


def only_one(found: Iterable[Case], who: Identity) -> Case | None:
    """The one case found, None without any. Raises `CaseworkError` where there are more, naming them."""
    cases = list(found)
    if len(cases) > 1:
        numbers = ", ".join(str(case["case_id"]) for case in cases)
        raise CaseworkError(
            f"{len(cases)} open cases of team {who.team_id} have {who} (numbers {numbers}): "
            "say with case_id of casework.cases.case which one is meant."
        )
    return cases[0] if cases else None


def last_opened(cases: Iterable[Case]) -> Case | None:
    """The case that was opened last."""
    return max(cases, key=lambda case: (instant(case.get("opened_at")) or _BEGINNING, case["case_id"]), default=None)
