# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Which failed request is sent again, and after what wait. Pure."""

from __future__ import annotations

import random
import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from enum import Enum

from .errors import NoResponseError, NotSentError, RequestError

INITIAL_BACKOFF = 0.5
"""Seconds before the first retry if the server names no time; doubled for each retry after it."""

MAX_WAIT = 60.0
"""Seconds of one wait at most, whatever a server's `Retry-After` says."""


class Repeat(Enum):
    """What may be done with a request that may have been carried out."""

    SAFE = "send it again: twice is as good as once"
    RECONCILE = "look what became of it first, which the caller does"
    NEVER = "do not send it again, even if the server says 503 and asks to"


def may_retry(error: RequestError, repeat: Repeat, tries: int, retries: int) -> bool:
    """Whether a request that failed with `error` is sent again, after so many retries of at most `retries`.

    429 is not decided here: a rate limit is waited out and not counted.
    """
    if error.permanent or tries >= retries:
        return False
    if isinstance(error, NotSentError):
        return True
    if error.status == 503 and error.retry_after is not None:
        return repeat is not Repeat.NEVER
    if repeat is not Repeat.SAFE:
        return False
    return isinstance(error, NoResponseError) or error.status in (502, 503, 504)


def is_outcome_unknown(repeat: Repeat, status: int | None, retry_after: float | None) -> bool:
    """Whether a request that was sent may have been carried out and must not simply be sent again."""
    if repeat is Repeat.SAFE:
        return False
    put_off = status == 503 and retry_after is not None and repeat is not Repeat.NEVER
    return status is None or (status >= 500 and not put_off)


def backoff(tries: int) -> float:
    """Seconds to wait after so many retries (0: after the first try), with jitter, growing to `MAX_WAIT`."""
    return min(INITIAL_BACKOFF * 2.0 ** min(tries, 16), MAX_WAIT) * random.uniform(0.5, 1.0)


def parse_retry_after(header: str | None) -> float | None:
    """Seconds that a `Retry-After` (seconds or a date) asks for, up to `MAX_WAIT`; None if it cannot be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, min(moment.timestamp() - time.time(), MAX_WAIT))
