# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of request bodies: each takes a field's name and its value, and gives the value as it is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Callable
from urllib.parse import urlsplit

from .messages import ApiError

Check = Callable[[str, Any], Any]

TIMESTAMP = "%Y-%m-%dT%H:%M:%SZ"


def fields(body: Any, known: Mapping[str, Check], required: Sequence[str] = (), prefix: str = "") -> dict[str, Any]:
    """The body's fields, checked.

    Args:
        body: the decoded body or a part of it.
        known: what the vendor's page allows.
        required: names that must be there.
        prefix: where the object stands in the body, for messages.

    Raises:
        ApiError: 422 for anything but an object, an unknown field, a missing one, or a value that its check refuses.
    """
    if not isinstance(body, dict):
        raise ApiError(
            422, "{} must be a JSON object".format(prefix.rstrip(".") or "the body"), prefix.rstrip(".") or None
        )
    for name in body:
        if name not in known:
            raise ApiError(422, f"{prefix}{name} is not a known parameter", prefix + name)
    for name in required:
        if name not in body:
            raise ApiError(422, f"{prefix}{name} is missing", prefix + name)
    return {name: known[name](prefix + name, value) for name, value in body.items()}


def _refuse(name: str, what: str) -> ApiError:
    return ApiError(422, f"{name} {what}", name)


def anything(name: str, value: Any) -> Any:
    """Whatever JSON has."""
    return value


def text(name: str, value: Any) -> str:
    """Any string."""
    if not isinstance(value, str):
        raise _refuse(name, "must be a string")
    return value


def full_text(name: str, value: Any) -> str:
    """A string with something in it."""
    if not text(name, value).strip():
        raise _refuse(name, "can't be blank")
    return str(value)


def email(name: str, value: Any) -> str:
    """Something with an @ inside."""
    if "@" not in full_text(name, value).strip("@"):
        raise _refuse(name, "must be an e-mail address")
    return str(value)


def url(name: str, value: Any) -> str:
    """An http(s) URL with a host."""
    try:
        parts = urlsplit(full_text(name, value))
    except ValueError:
        raise _refuse(name, "is not a valid URL") from None
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        raise _refuse(name, "is not a valid URL")
    return str(value)


def number(name: str, value: Any) -> int:
    """A positive whole number, as a number or as its digits."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _refuse(name, "must be a positive integer")
    return value


def whole_number(name: str, value: Any) -> int:
    """A whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _refuse(name, "must be an integer of at least 0")
    return value


def signed_number(name: str, value: Any) -> float:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refuse(name, "must be a number")
    return float(value)


def identifier(name: str, value: Any) -> str:
    """A number or a word, as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else full_text(name, value)


def duration(name: str, value: Any) -> float:
    """A span of time, 0 or more, in the unit that the field's name says."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise _refuse(name, "must be a number of at least 0")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """A boolean, or its name in a query."""
    if value in (True, False):
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise _refuse(name, "must be true or false")


def mapping(name: str, value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise _refuse(name, "must be an object")
    return value


def flat_mapping(name: str, value: Any) -> dict[str, Any]:
    """An object whose values are no containers."""
    for key, item in mapping(name, value).items():
        if isinstance(item, (dict, list)):
            raise _refuse(f"{name}.{key}", "must be a plain value")
    return dict(value)


def timestamp(name: str, value: Any) -> str:
    """An ISO 8601 instant, given back in UTC to the second."""
    return moment(name, value).strftime(TIMESTAMP)


def moment(name: str, value: Any) -> datetime:
    """An ISO 8601 date or instant as a time in UTC; without an offset it is taken as UTC."""
    written = full_text(name, value)
    if written[-1] in "Zz":
        written = written[:-1] + "+00:00"
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        raise _refuse(name, "must be an ISO 8601 timestamp") from None
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=timezone.utc)
    return parsed.astimezone(timezone.utc)


def plain(name: str, value: Any) -> Any:
    """A string, a number or a boolean."""
    if not isinstance(value, (str, int, float)):
        raise _refuse(name, "must be a plain value")
    return value


def one_of(*allowed: str) -> Check:
    """One of these words, exactly."""

    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise _refuse(name, "must be one of {}".format(", ".join(allowed)))
        return str(value)

    return check


def enum(*allowed: str) -> Check:
    """One of these upper-case words, in any case."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value.upper() not in allowed:
            raise _refuse(name, "must be one of {}".format(", ".join(allowed).lower()))
        return value.upper()

    return check


def upper_word(name: str, value: Any) -> str:
    """One word in upper case."""
    if not isinstance(value, str) or re.fullmatch("[A-Z]+(_[A-Z]+)*", value) is None:
        raise _refuse(name, "must be a word in upper case")
    return value


def list_of(item: Check) -> Check:
    """A list, each item of it checked."""

    def check(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _refuse(name, "must be an array")
        return [item(f"{name}[{index}]", entry) for index, entry in enumerate(value)]

    return check


def one_or_more(item: Check) -> Check:
    """A list, or a single value that stands for a list of one."""
    whole = list_of(item)

    def check(name: str, value: Any) -> list[Any]:
        return list(whole(name, value if isinstance(value, list) else [value]))

    return check


def nullable(item: Check) -> Check:
    """The same, or null."""

    def check(name: str, value: Any) -> Any:
        return None if value is None else item(name, value)

    return check


def objects(known: Mapping[str, Check], required: Sequence[str]) -> Check:
    """An object with these fields."""

    def check(name: str, value: Any) -> dict[str, Any]:
        return fields(value, known, required, prefix=name + ".")

    return check
