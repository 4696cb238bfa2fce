# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""ISO 8601 timestamps, as options and servers write them. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from .errors import OptionError

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_ISO_8601 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?(?:[Zz]|([+-]\d{2})(?::?(\d{2}))?)?)?"
)


def parse_timestamp(text: Any) -> datetime | None:
    """The moment that an ISO 8601 text names, to the second; without a time zone it is UTC. None if it names none."""
    match = _ISO_8601.fullmatch(str(text).strip())
    if not match:
        return None
    *numbers, hours, minutes = match.groups(default="0")
    try:
        zone = timezone(timedelta(hours=int(hours), minutes=int(hours[0] + minutes)))  # the sign is that of the hours
        year, month, day, hour, minute, second = map(int, numbers)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def require_timestamp(option: str, value: str) -> datetime:
    """The moment. Raises `OptionError` if the text is not an ISO 8601 timestamp."""
    moment = parse_timestamp(value)
    if moment is None:
        raise OptionError(f"{option} must be an ISO 8601 timestamp such as 2026-01-31T08:30:00Z, not {value!r}.")
    return moment


def format_timestamp(moment: datetime) -> str:
    """A moment in UTC as requests have it."""
    return moment.isoformat().replace("+00:00", "Z")


def require_duration(option: str, value: str) -> timedelta:
    """The time that `30m`, `24h` or `7d` is. Raises `OptionError` for any other text."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", str(value).strip())
    if not match:
        raise OptionError(f"{option}: {value!r} is not a valid duration; use a number followed by s, m, h, d or w.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
