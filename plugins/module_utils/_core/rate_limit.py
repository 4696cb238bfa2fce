# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""One rate limit for all workers of a task: if the server tells one to wait, all wait.

While the limit lasts, one request at a time probes whether it was lifted, and the others go after it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from .errors import RequestError
from .retry import INITIAL_BACKOFF

RATE_LIMIT_TIMEOUT = 300.0
"""Seconds of nothing but 429 after which a request, or a task, gives up."""


class Cancelled(Exception):
    """The task is being ended: no more requests are sent."""


class Clock(Protocol):
    """Time, and the way to wait: a test has one that does not take any."""

    def now(self) -> float:
        """Seconds, from any start."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait until the condition is notified, or for so many seconds; the condition is held."""


class MonotonicClock:
    """The clock of the machine."""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        condition.wait(seconds)


class RateLimiter:
    """Lets requests through, one by one or all, depending on what the server answered last.

    It is in one of three states: open; closed until a time; or limited, which is open for one probe at a time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or MonotonicClock()
        self._changed = threading.Condition()
        self._opens_at = 0.0
        self._limited_since: float | None = None
        self._probing = False
        self._cancelled = False
        self._waiting = 0
        self._waiting_since = 0.0
        self._waited = 0.0

    def now(self) -> float:
        return self._clock.now()

    @property
    def waited(self) -> float:
        """Seconds, in all, in which at least one worker waited."""
        with self._changed:
            return self._waited + (self._clock.now() - self._waiting_since if self._waiting else 0.0)

    @property
    def gave_up(self) -> bool:
        """Whether a rate limit has lasted too long to be waited for."""
        with self._changed:
            since = self._limited_since
            return since is not None and self._clock.now() - since >= RATE_LIMIT_TIMEOUT

    @contextmanager
    def slot(self, patient: bool = True) -> Iterator[None]:
        """Wait until a request may be sent, which the body does. patient: whether a 429 is waited out."""
        probing = self._acquire()
        answered = False
        try:
            yield
            answered = True
        except RequestError as error:
            answered = error.status is not None and error.status != 429
            if error.status == 429 and patient:
                self._close(error.retry_after)
            raise
        finally:
            if probing:
                self._end_probe(lifted=answered)

    def pause(self, seconds: float) -> None:
        """Let nobody through for so many seconds."""
        with self._changed:
            self._opens_at = max(self._opens_at, self._clock.now() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait. Raises `Cancelled`."""
        with self._changed:
            self._wait_until(self._clock.now() + seconds)

    def cancel(self) -> None:
        """End every wait and let nobody through any more."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def _acquire(self) -> bool:
        """Wait until a request may be sent. Returns whether it is a probe. Raises `Cancelled`."""
        with self._changed:
            while True:
                self._wait_until(self._opens_at)
                if self._opens_at > self._clock.now():
                    continue  # the limit was renewed meanwhile
                if self._limited_since is None:
                    return False
                if not self._probing:
                    self._probing = True
                    return True
                self._wait(None)

    def _wait_until(self, moment: float) -> None:
        while True:
            if self._cancelled:
                raise Cancelled
            rest = moment - self._clock.now()
            if rest <= 0:
                return
            self._wait(rest)

    def _wait(self, seconds: float | None) -> None:
        if not self._waiting:
            self._waiting_since = self._clock.now()
        self._waiting += 1
        try:
            self._clock.wait(self._changed, seconds)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._waited += self._clock.now() - self._waiting_since

    def _close(self, retry_after: float | None) -> None:
        """Close for the time that the server names, else for 5 % of the time that the limit has lasted.

        Half a second at least: "at once" would hammer a server that is busy.
        """
        with self._changed:
            now = self._clock.now()
            if self._limited_since is None:
                self._limited_since = now
            lasted = now - self._limited_since
            wait = retry_after or max(INITIAL_BACKOFF, lasted / 20) * random.uniform(0.5, 1.0)
            self._opens_at = max(self._opens_at, now + min(wait, max(RATE_LIMIT_TIMEOUT - lasted, 0.0)))

    def _end_probe(self, lifted: bool) -> None:
        with self._changed:
            self._probing = False
            if lifted:
                self._limited_since = None
            self._changed.notify_all()
