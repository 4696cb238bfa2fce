# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Cases: what a playbook can ask for, and how it compares with what a server shows. Pure.

Both versions of the API show the fields in the same way, so nothing here depends on the version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..._core.errors import NotDoneError, OptionError
from ..._core.redaction import redact
from ..._core.timestamps import format_timestamp, parse_timestamp, require_timestamp
from ..._core.values import as_text, same_text, tidy_text


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


Case = dict[str, Any]


PREDICTED_CASE = 0
"""In check mode, the ID of a case that would be new. Every module takes it there without a request."""


PRIORITIES = ("critical", "high", "medium", "low", "info")


STATUSES = ("open", "closed")


def same_word(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


def is_named(shown: Any, name: str) -> bool:
    """Whether a shown name is the one that was given, or what a server makes of it that cuts off outer white space."""
    return shown in (name, tidy_text(name))


def _same_instant(one: Any, other: Any) -> bool:
    return one == other or (parse_timestamp(one) is not None and parse_timestamp(one) == parse_timestamp(other))


def _same_people(one: Any, other: Any) -> bool:
    return {email.lower() for email in one or ()} == {email.lower() for email in other or ()}


def _same_set(one: Any, other: Any) -> bool:
    return set(map(str.strip, one or ())) == set(map(str.strip, other or ()))


def _same_conditions(one: Any, other: Any) -> bool:
    return sorted(closure_conditions_of(one)) == sorted(closure_conditions_of(other))


def closure_conditions_of(shown: Any) -> list[tuple[str, str]]:
    """Name and formula of each closure condition."""
    items = shown if isinstance(shown, list) else []
    return [(str(item.get("name")), str(item.get("formula"))) for item in items if isinstance(item, dict)]


def has_metadata(shown: Any, wanted: Any) -> bool:
    """Whether the keys asked for are there, and those asked for as null are not; others are nobody's concern.

    A server may keep values as text. A key that it shows as null counts as removed.
    """
    known = mapping(shown)
    return all(
        known.get(key) is None if value is None else key in known and _same_value(known[key], value)
        for key, value in wanted.items()
    )


def _same_value(one: Any, other: Any) -> bool:
    if isinstance(one, (dict, list)) or isinstance(other, (dict, list)):
        return bool(one == other)
    same_kind = isinstance(one, bool) == isinstance(other, bool)  # for Python, 0 is false and 1 is true
    return bool(same_kind and one == other) or same_text(as_text(one), as_text(other))


def mapping(shown: Any) -> Case:
    return shown if isinstance(shown, dict) else {}


def record_ids(case: Case) -> list[Any] | None:
    """The IDs of a case's records; None if they are not shown, not all shown, or in no known shape.

    Known shapes are the list of records of the first version of the API, and lists of records by type.
    """
    shown = case.get("records")
    if mapping(case.get("records_meta")).get("next_page_number"):
        return None
    if isinstance(shown, dict):
        shown = list(shown.values())
    if not isinstance(shown, list):
        return None
    found: list[Any] = []
    for item in shown:
        inner = item.get("records", [item]) if isinstance(item, dict) else item
        ids = [mapping(each).get("id") for each in inner] if isinstance(inner, list) else [None]
        if not all(isinstance(record_id, (int, str)) for record_id in ids):
            return None
        found += ids
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
    return Field(lambda case: mapping(case.get(name)).get(key), same, lambda value: {name: {key: value}})


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
    "name": _plain("name", is_named),
    "description": _plain("description", same_text),
    "priority": _plain("priority", same_word, str.upper),
    "status": _plain("status", same_word, str.upper),
    "sub_status_id": _inner("sub_status", "id"),
    "author_email": _inner("author", "email", same_word),
    "assignee_emails": _inner_list("assignees", "email", _same_people),
    "tag_names": _inner_list("tags", "name", _same_set),
    "opened_at": _plain("opened_at", _same_instant),
    "resolved_at": _plain("resolved_at", _same_instant),
    "metadata": _plain("metadata", has_metadata),
    "closure_conditions": _plain("closure_conditions", _same_conditions),
    "record_ids": Field(
        record_ids,
        lambda shown, wanted: shown is None or set(wanted) <= set(shown),
        lambda ids: {"records": [{"id": record_id} for record_id in ids]},
    ),
}
"""Every field that can be set and compared, under its name in requests."""


CREATION_ONLY = ("template_id",)
"""What counts when a case is created and is never compared."""


SET_FIELDS = {
    "assignee_emails": ("add_assignee_emails", "remove_assignee_emails"),
    "tag_names": ("add_tag_names", "remove_tag_names"),
}
"""Fields of which an update says what to add and what to remove."""


NORMALIZERS: dict[str, Callable[[str], str]] = {"assignee_emails": str.lower, "tag_names": str.strip}


def _members(name: str, present: bool) -> Field:
    """Some members of a set, which must be there or must not; the others are nobody's concern."""
    fold = NORMALIZERS[name]

    def same(shown: Any, wanted: Any) -> bool:
        here, asked = {fold(item) for item in shown or ()}, {fold(item) for item in wanted}
        return asked <= here if present else not asked & here

    return Field(FIELDS[name].show, same, FIELDS[name].show_as)


MEMBERS: dict[str, Field] = {
    key: _members(name, present) for name, keys in SET_FIELDS.items() for key, present in zip(keys, (True, False))
}
"""What can be asked of single members of a set, under its name in requests."""


COMPARED: dict[str, Field] = {**FIELDS, **MEMBERS}


RESET_BY_STATUS = ("sub_status_id", "resolved_at")
"""Fields that a change of the status resets, so that they are sent along with it."""


def parse_case(given: Case) -> Case:
    """The fields that were given, checked and in one form. Raises `OptionError`."""
    wanted = {key: given[key] for key in (*COMPARED, *CREATION_ONLY) if given.get(key) is not None}
    for key, words in (("priority", PRIORITIES), ("status", STATUSES)):
        if key in wanted:
            wanted[key] = parse_choice(key, wanted[key], words)
    for key in ("opened_at", "resolved_at"):
        if key in wanted:
            wanted[key] = format_timestamp(require_timestamp(key, wanted[key]))
    for name, keys in SET_FIELDS.items():
        _parse_members(wanted, name, keys)
    if not wanted.get("name", "some").strip():
        raise OptionError("name is empty: a case needs a name.")
    odd = [name for name, value in wanted.items() if not _is_json(value)]
    if odd:
        raise OptionError(f"{odd[0]} cannot be written as JSON: it holds a value such as .nan or .inf.")
    return wanted


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _parse_members(wanted: Case, name: str, keys: tuple[str, str]) -> None:
    fold = NORMALIZERS[name]
    for key in (name, *keys):
        if key in wanted:
            wanted[key] = list({fold(item): item for item in wanted[key]}.values())
    both = [key for key in keys if key in wanted]
    if name in wanted and both:
        raise OptionError(f"{both[0]} cannot be combined with {name}, which is the whole set.")
    added, removed = ({fold(item) for item in wanted.get(key, ())} for key in keys)
    if added & removed:
        raise OptionError(f"{sorted(added & removed)[0]!r} is in {keys[0]} and in {keys[1]}.")


def parse_choice(option: str, value: Any, words: Iterable[str]) -> str:
    """The word that the value is, whatever its case. Raises `OptionError` if it is none of them."""
    by_lower = {word.lower(): word for word in words}
    word = by_lower.get(str(value).lower())
    if word is None:
        *most, last = words
        raise OptionError(f"{option} must be {', '.join(most)} or {last}, not {value!r}.")
    return word


def writable(case: Case) -> Case:
    """The fields of a case that a diff shows, under the names that options have."""
    fields = {"case_id": case.get("case_id") or None, **{name: field.show(case) for name, field in FIELDS.items()}}
    for name in ("priority", "status"):
        if fields[name] is not None:
            fields[name] = str(fields[name]).lower()
    lines = str(fields["description"]).splitlines()
    if len(lines) > 1:
        fields["description"] = lines  # a diff of lines can be read, one of a long text with \n cannot
    return {name: value for name, value in fields.items() if value is not None and (value or name != "record_ids")}


def missing_fields(case: Case, wanted: Case) -> list[str]:
    """The wanted fields of which the case shows nothing at all, not even that they are empty.

    Metadata that is null may be left out too; to take it for empty could cost keys that are there.
    """
    shown = {key for key, value in case.items() if key != "metadata" or value is not None}
    return [name for name in COMPARED if name in wanted and not COMPARED[name].show_as(wanted[name]).keys() <= shown]


def differences(case: Case, wanted: Case) -> Case:
    """The wanted fields that the case does not have like that."""
    return {
        name: wanted[name]
        for name, field in COMPARED.items()
        if name in wanted and not field.same(field.show(case), wanted[name])
    }


def check_answer(case: Case, wanted: Case) -> None:
    """Raise `NotDoneError` with what differs if a case is not what was asked for."""
    wrong = differences(case, wanted)
    if not wrong:
        return
    said = ", ".join(_told(name, COMPARED[name].show(case), value) for name, value in wrong.items())
    hint = f" {closing_hint(case)}" if "status" in wrong else ""
    raise NotDoneError(
        f"Case {case.get('case_id')}: the server took the request but did not do all of it: {said}.{hint}".rstrip()
    )


def _told(name: str, shown: Any, wanted: Any) -> str:
    if isinstance(wanted, dict):  # of the metadata, the keys that are asked for
        shown = {key: mapping(shown)[key] for key in wanted if key in mapping(shown)}
    shown, wanted = redact(shown), redact(wanted)
    if name in MEMBERS:
        return f"{name} was {wanted!r}, and there is {shown!r}"
    return f"{name} is {shown!r} instead of {wanted!r}"


def closing_hint(case: Case) -> str:
    """What to do about a case that does not close; empty if nothing is known of it."""
    names = [name for name, _formula in closure_conditions_of(case.get("closure_conditions"))]
    return f"A case closes only when its closure conditions are met: {', '.join(names)}." if names else ""
