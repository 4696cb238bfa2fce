# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ISO 8601 timestamps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.timestamps import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T08:30:00Z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31t08:30:00z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31 08:30:00", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31 08:30:00+00:00", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30:00.987Z", utc(2026, 1, 31, 8, 30)),
        ("2026-01-31T08:30:00,5+01:00", utc(2026, 1, 31, 7, 30)),
        ("2026-01-31T00:30:00+0130", utc(2026, 1, 30, 23, 0)),
        ("2026-01-31T08:30:00-08", utc(2026, 1, 31, 16, 30)),
        ("2026-01-31", utc(2026, 1, 31)),
        (" 2026-01-31\n", utc(2026, 1, 31)),
        (20260131, None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("2026-02-30", None),
        ("2026-01-31T25:00:00Z", None),
        ("2026-01-31T08:30:00+99:00", None),
        ("0000-01-01", None),
        ("31.01.2026", None),
        ("2026-01-31T08:30:00Z; rm", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_a_moment_is_read_to_the_second(text: Any, moment: datetime | None) -> None:
    assert parse_timestamp(text) == moment


@given(st.text(alphabet="0123456789-+:.TZ ", max_size=30) | st.text())
def test_no_text_makes_reading_a_moment_fail(text: str) -> None:
    moment = parse_timestamp(text)
    assert moment is None or moment.tzinfo is not None


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES, min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)))
def test_a_moment_is_the_same_in_every_time_zone(moment: datetime) -> None:
    assert parse_timestamp(moment.isoformat()) == moment.replace(microsecond=0)
