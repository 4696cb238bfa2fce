# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""How requests of a plan are sent so that a response that got lost never leads to two of a thing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from .._core.errors import RequestError
from .._core.http_client import Http
from .._core.plan import Plan
from .._core.retry import backoff

PlanT = TypeVar("PlanT", bound=Plan[Any])

MIN_SETTLE_TIME = 10.0
"""Seconds at least that a server gets to finish what it did not answer in time, before it is asked what it did."""


def wait_before_recheck(http: Http, error: RequestError, tries: int) -> None:
    """Wait before asking what became of a request: a server that did not answer in time may still be working on it."""
    http.limiter.sleep(max(2 * http.timeout, MIN_SETTLE_TIME) if error.timed_out else backoff(tries))


def send_reconciled(http: Http, plan: PlanT, send: Callable[[PlanT], None], replan: Callable[[], PlanT]) -> bool:
    """Send what is planned. After an ambiguous failure it is planned anew, on what the server has by then.

    Returns whether something was sent twice. Then what was carried out late may be there twice too, so look.
    """
    for tries in count():
        try:
            send(plan)
            return tries > 0
        except RequestError as error:  # noqa: PERF203  # to try again is what the loop is for
            if error.outcome_unknown:
                wait_before_recheck(http, error, tries)
            elif not tries:
                raise
            plan = replan()
            if not plan.changed:
                return tries > 0
            if not error.outcome_unknown or tries >= http.retries:
                raise
    raise AssertionError("not reached: count() does not end")
