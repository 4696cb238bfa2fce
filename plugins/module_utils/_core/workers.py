# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Work on many items at the same time, and what became of each."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .errors import CaseworkError, RequestError
from .rate_limit import Cancelled, RateLimiter
from .redaction import MAX_MESSAGE, shorten

ItemT = TypeVar("ItemT")
ValueT = TypeVar("ValueT")

MAX_FAILURES_IN_A_ROW = 3
"""After so many items in a row that failed because of the server or the key, the others are not tried."""

MAX_NAMED = 5
"""Items that a message names for each reason; the others are counted."""

MAX_REASON = 400
"""Characters of one reason of several."""


@dataclass(frozen=True)
class ItemResult(Generic[ItemT, ValueT]):
    """What became of one item: a value, or the error, or both if something was done before it failed.

    Neither, if it was not tried.
    """

    item: ItemT
    value: ValueT | None = None
    error: CaseworkError | None = None

    @property
    def failed(self) -> bool:
        return self.error is not None or self.value is None

    @property
    def msg(self) -> str:
        return self.error.msg if self.error else "not tried"


class _Breaker:
    """Tells when to stop: at once if the key is refused, else after some failures in a row that are not the item's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.is_open = False

    def note(self, error: CaseworkError | None) -> None:
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if error and error.hopeless else 0
            refused = isinstance(error, RequestError) and error.status == 401
            self.is_open = self.is_open or refused or self._in_a_row >= MAX_FAILURES_IN_A_ROW


def run_concurrently(
    limiter: RateLimiter,
    items: Sequence[ItemT],
    work: Callable[[ItemT], tuple[ValueT | None, CaseworkError | None]],
    concurrency: int,
) -> list[ItemResult[ItemT, ValueT]]:
    """Do the work for every item, several at a time. Returns the results in the order of the items.

    work: returns a value, or an error, or both; or raises `CaseworkError`. An item that fails does not stop the others,
    unless the reason is the server or the key: then the rest is not tried.
    """
    breaker = _Breaker()
    results: dict[int, ItemResult[ItemT, ValueT]] = {}
    crashes: list[BaseException] = []
    queue = deque(enumerate(items))

    def attempt(item: ItemT) -> ItemResult[ItemT, ValueT]:
        if breaker.is_open:
            return ItemResult(item)
        try:
            value, error = work(item)
        except Cancelled:
            return ItemResult(item)
        except CaseworkError as failure:
            value, error = None, failure
        breaker.note(error)
        return ItemResult(item, value, error)

    def worker() -> None:
        while not crashes:
            try:
                place, item = queue.popleft()
            except IndexError:
                return
            try:
                results[place] = attempt(item)
            except BaseException as error:
                crashes.append(error)

    if len(items) < 2 or concurrency == 1:
        return [attempt(item) for item in items]
    _run_in_threads(limiter, worker, min(concurrency, len(items)))
    if crashes:
        raise crashes[0]
    return [results[place] for place in range(len(items))]


def _run_in_threads(limiter: RateLimiter, worker: Callable[[], None], number: int) -> None:
    """Run the worker in so many threads, and return when each of them has ended.

    The threads are daemons and not those of `concurrent.futures`, which joins its threads when the interpreter exits: a
    task that is interrupted ends at once, not when the last server has responded.
    """
    threads = [threading.Thread(target=worker, daemon=True) for _each in range(number)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        limiter.cancel()
        raise


def fail_if_any_failed(results: Sequence[ItemResult[Any, Any]], result: dict[str, Any]) -> dict[str, Any]:
    """The result of a task for many cases.

    Raises `CaseworkError` if one failed: its message counts the failed cases, and gives each reason once with the first
    of them; the result comes with it, and tells all. The error of a task for one case is that of the case.
    """
    failed = [each for each in results if each.failed]
    if not failed:
        return result
    error = next((each.error for each in failed if each.error), None)
    if error and len(results) == 1:
        raise error.explained(**result) from error
    reasons: dict[str, list[str]] = {}
    for each in failed:
        reasons.setdefault(_reason(each), []).append(str(each.item))
    said = f"{len(failed)} of {len(results)} cases failed."
    for place, (reason, cases) in enumerate(reasons.items()):
        more = f" {_name_some(cases)}: {reason.rstrip('.')}."
        if len(said) + len(more) > MAX_MESSAGE - 100:
            said += f" {len(reasons) - place} more reasons stand in cases."
            break
        said += more
    raise CaseworkError(said, **{**(error.facts if error else {}), **result})


def _reason(result: ItemResult[Any, Any]) -> str:
    """Why an item failed, in the same words for each item: without the path and its own name."""
    text = result.msg
    if isinstance(result.error, RequestError):
        text = text.replace(f" {result.error.path} on ", " on ")
    return shorten(text.replace(f"Case {result.item} ", "The case ").replace(f"Case {result.item}: ", ""), MAX_REASON)


def _name_some(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
