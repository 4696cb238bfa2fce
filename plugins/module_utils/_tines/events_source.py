# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What an event source does: it takes payloads from the listener and cases from the API, and hands on what is new."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .._core.connection import connect
from .._core.errors import OptionError, RequestError
from .._core.transport import REQUESTS_IMPORT_ERROR
from .client import TINES, Tines
from .events import button_of, case_id_of, click_event, is_click, notification_event
from .events_listener import Listener
from .events_options import SourceOptions
from .events_progress import MAX_IN_FLIGHT, MAX_UNCONFIRMED, Progress
from .events_reader import Listing, News, Reader, updated_at
from .events_state import read_state, write_state

ResultT = TypeVar("ResultT")

logger = logging.getLogger("casework.cases.case_events")

MAX_BACKOFF = 900.0
"""Seconds between two tries while the API fails, at most."""

DONE_AFTER = 300.0
"""Seconds after which an event counts as processed if the engine gives no feedback."""

CLICK_TRIES = 10
"""Failures in a row after which a click is given up: what somebody wanted long ago may no longer be wanted."""

SLOW_WRITE = 0.05
"""Seconds of writing the state file after which there is a pause as long before the next time."""

MAX_SKEW = timedelta(minutes=10)
"""How much the clock that stamps cases may be behind the one of the header `Date`."""

REMEMBERED = 10_000
"""Payloads that are known again if Tines posts them twice and there is no API to ask."""


class Source:
    """Takes payloads from the listener and cases from the API, one step at a time, and hands on what is new."""

    def __init__(
        self,
        queue: asyncio.Queue[Any],
        options: SourceOptions,
        feedback_queue: asyncio.Queue[Any] | None = None,
    ) -> None:
        self._options = options
        self._inbox: asyncio.Queue[Any] = asyncio.Queue(options.listen.backlog if options.listen else 1)
        self.listener = Listener(options.listen, self._inbox) if options.listen else None
        self._delivery = _Delivery(queue, options, feedback_queue if options.feedback else None)
        self._api = _Api(options) if options.connection else None
        self._clicks: deque[Any] = deque()
        self._noticed: OrderedDict[int, None] = OrderedDict()
        self._listed: deque[Any] = deque()
        self._listing: Listing | None = None
        self._unread: datetime | None = None
        self._next_poll = 0.0
        self._failures = 0
        self._known: OrderedDict[str, None] = OrderedDict()

    async def run(self) -> None:
        """Work until cancelled. Raises `CaseworkError` for what makes it pointless to begin."""
        try:
            if self._api:
                self._delivery.resume(self._api.owner)
            if self.listener:
                await self.listener.start()
            if self._api:
                await self._begin(self._api)
            while True:
                await self._try(self._step)
        finally:
            if self.listener:
                await self.listener.stop()
            if self._api:
                self._api.close()

    async def _begin(self, api: _Api) -> None:
        """Learn whether the key is any good, and the server's time."""

        async def check() -> None:
            try:
                now = await self._ask(api, api.reader.check)
            except RequestError as error:
                if error.status in (401, 403, 404):
                    raise OptionError(error.msg) from error
                raise
            await self._delivery.begin(now)

        while self._delivery.progress is None:
            await self._try(check)

    async def _try(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do one step; if the API fails, say so once and wait, longer each time."""
        try:
            await step()
        except RequestError as error:
            if not self._failures:
                logger.warning("%s It will be tried again until it works.", error.msg)
            delay = min(2.0 ** min(self._failures, 16), MAX_BACKOFF) * random.uniform(0.5, 1.0)
            self._failures += 1
            await self._delivery.flush()
            await asyncio.sleep(max(delay, error.retry_after or 0.0))

    async def _ask(self, api: _Api, function: Callable[[], ResultT]) -> ResultT:
        """Call a function that reads from the API."""
        result = await api.call(function)
        if self._failures:
            logger.warning("The tenant answers again.")
        self._failures = 0
        return result

    async def _step(self) -> None:
        """Do what is most urgent: a click, a case that was heard of, a case that the poll found, the next poll."""
        # No further click is taken in: the inbox is what has a limit.
        while not self._clicks and not self._inbox.empty():
            self._sort(self._inbox.get_nowait())
        if self._api is None:
            await self._hand_on_payload()
        elif self._clicks:
            await self._click(self._api)
        elif self._noticed:
            await self._look_at_noticed(self._api)
        elif self._listing:
            await self._look_at_listed(self._api, self._listing)
        elif time.monotonic() >= self._next_poll:
            await self._poll(self._api)
        else:
            await self._wait(self._next_poll - time.monotonic())

    async def _wait(self, seconds: float | None) -> None:
        """Wait for a payload, for so many seconds at most."""
        await self._delivery.flush()
        try:
            self._sort(await asyncio.wait_for(self._inbox.get(), seconds))
        except asyncio.TimeoutError:
            return

    def _sort(self, payload: dict[str, Any]) -> None:
        if self._api is None or is_click(payload):
            self._clicks.append(payload)
        else:
            self._noticed[case_id_of(payload) or 0] = None

    async def _hand_on_payload(self) -> None:
        """Without an API to ask, the payload is all there is to tell."""
        if not self._clicks:
            self._sort(await self._inbox.get())
        payload = self._clicks.popleft()
        if not self._options.search.matches(payload["case"]):
            return
        include_case = self._options.include_case
        if is_click(payload):
            await self._delivery.put(click_event(payload, include_case=include_case))
            return
        event = notification_event(payload, include_case=include_case)
        wanted, key = self._options.activities, event["meta"]["uuid"]
        names = (event["tines"]["event"], event["tines"]["activity"]["type"])
        if key in self._known or (wanted and not set(wanted) & set(names)):
            return
        self._known[key] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        await self._delivery.put(event)

    async def _click(self, api: _Api) -> None:
        payload = self._clicks.popleft()
        case_id, button = case_id_of(payload) or 0, button_of(payload)

        def read() -> dict[str, Any] | None:
            case = api.reader.get(case_id)
            return case if case and api.reader.has_button(case_id, button) else None

        try:
            case = await self._ask(api, read)
        except RequestError as error:
            if _is_lasting(error) or self._failures >= CLICK_TRIES:
                logger.error("A click on a button of case %s was given up: %s", case_id, error.msg)
            else:
                self._clicks.append(payload)
            raise
        if case is None:
            logger.warning("A click was ignored: case %s has no such button, or is not looked for.", case_id)
            return
        await self._delivery.put(click_event(payload, case, include_case=self._options.include_case))

    async def _look_at_noticed(self, api: _Api) -> None:
        case_id, _nothing = self._noticed.popitem(last=False)
        progress = self._progress

        def read() -> list[News]:
            case = api.reader.get(case_id)
            return api.reader.news(case, progress, "webhook") if case else []

        try:
            news = await self._ask(api, read)
        except RequestError as error:
            if not _is_lasting(error):
                self._noticed[case_id] = None
            raise
        await self._delivery.put_all(news)

    async def _poll(self, api: _Api) -> None:
        progress = self._progress
        self._delivery.confirm_old()
        listing = await self._ask(api, lambda: api.reader.changed_since(progress.floor))
        self._next_poll = time.monotonic() + self._options.interval
        self._listing, self._unread = listing, None
        self._listed.extend(
            case for case in listing.cases if progress.needs_look(case["case_id"], case.get("updated_at"))
        )

    async def _look_at_listed(self, api: _Api, listing: Listing) -> None:
        """Look at the next case of a poll; after the last one, everything up to then is known."""
        progress = self._progress
        settled = listing.now - timedelta(seconds=self._options.settle)
        if not self._listed:
            self._listing = None
            newest = max(filter(None, map(updated_at, listing.cases)), default=progress.cursor)
            read_up_to = min(settled, max(newest, listing.now - MAX_SKEW))
            self._delivery.advance(min(read_up_to, self._unread or read_up_to))
            return
        case = self._listed.popleft()
        try:
            news = await self._ask(api, lambda: api.reader.news(case, progress, "poll"))
        except RequestError:
            # The next poll begins with it, and the others are told meanwhile.
            self._unread = self._unread or updated_at(case) or progress.cursor
            raise
        await self._delivery.put_all(news)
        progress.look(case["case_id"], case.get("updated_at"), settled)

    @property
    def _progress(self) -> Progress:
        if self._delivery.progress is None:
            raise AssertionError("a step before `_begin`")
        return self._delivery.progress


class _Api:
    """The tenant, read in one thread: `requests` would stop every other source while it waits."""

    def __init__(self, options: SourceOptions) -> None:
        if REQUESTS_IMPORT_ERROR:
            message = "The Python library requests 2.27 or newer is missing where ansible-rulebook runs: install it."
            raise OptionError(message)
        self._http = connect(TINES, options.connection or {}, read_only=True)
        base = self._http.transport.settings.base
        self.owner = {"tenant": base, **options.filters}
        self.reader: Reader = Reader(
            Tines(self._http),
            options.search,
            types=options.activities,
            origin=self._http.host,
            include_case=options.include_case,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="case_events")

    async def call(self, function: Callable[[], ResultT]) -> ResultT:
        """Call a function in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def close(self) -> None:
        """End waits in the thread, so that nothing holds up the end of the process but a request that is under way."""
        self._http.limiter.cancel()
        self._thread.shutdown(wait=False)


class _Delivery:
    """Hands events to the engine, and keeps in the state file how far it has come."""

    def __init__(
        self,
        queue: asyncio.Queue[Any],
        options: SourceOptions,
        feedback_queue: asyncio.Queue[Any] | None,
    ) -> None:
        self.progress: Progress | None = None
        self._queue = queue
        self._options = options
        self._feedback_queue = feedback_queue
        self._owner: dict[str, Any] = {}
        self._handed_on: deque[tuple[float, str]] = deque()
        self._dirty = False
        self._next_save = 0.0
        self._saved: Progress | None = None

    def resume(self, owner: dict[str, Any]) -> None:
        """Read the state file. Raises `OptionError` if it is no good, before anything else begins."""
        self._owner = owner
        path = self._options.state_file
        state = read_state(path) if path else None
        if state is not None:
            try:
                overlap = timedelta(seconds=self._options.overlap)
                self._saved = Progress.from_state(state, owner, overlap)
            except OptionError as error:
                message = f"state_file {path} cannot be used: {error.msg} Name another file, or remove this one."
                raise OptionError(message) from error

    async def begin(self, now: datetime) -> None:
        """Go on from the state file, else from `since`, else from now."""
        begin = (self._options.since or now) - timedelta(seconds=self._options.lookback)
        self.progress = self._saved or Progress(begin, begin, timedelta(seconds=self._options.overlap))
        if self._options.state_file:
            write_state(self._options.state_file, self.progress.to_state(self._owner))

    async def put_all(self, news: Iterable[Any]) -> None:
        for each in news:
            await self.put(each.event, each.moment)

    async def put(self, event: dict[str, Any], moment: datetime | None = None) -> None:
        """Hand on one event. moment: when it happened; None for an event that no state file knows."""
        key = event["meta"]["uuid"]
        if self.progress and moment is not None:
            self.progress.hand_on(key, moment)
            self._handed_on.append((time.monotonic(), key))
        await self._queue.put(event)
        if self._feedback_queue:
            await self._wait_for_feedback(self._feedback_queue, key)
        if self.progress and moment is not None:
            at_most = MAX_UNCONFIRMED if self._feedback_queue else MAX_IN_FLIGHT
            self.progress.confirm_all_but(at_most)
            self._dirty = True
            await self._save()

    async def _wait_for_feedback(self, feedback_queue: asyncio.Queue[Any], key: str) -> None:
        deadline = time.monotonic() + self._options.feedback_timeout
        while True:
            try:
                event = await asyncio.wait_for(feedback_queue.get(), max(0.0, deadline - time.monotonic()))
            except asyncio.TimeoutError:
                logger.warning(
                    "The engine did not say within %g seconds that it processed event %s. The next one is handed over.",
                    self._options.feedback_timeout,
                    key,
                )
                return
            done = event.get("meta", {}).get("uuid")
            if self.progress:
                self.progress.confirm(done)
            if done == key:
                return

    def confirm_old(self) -> None:
        """Without feedback, take for processed what was handed on long ago."""
        while self._handed_on and (self._feedback_queue or self._handed_on[0][0] < time.monotonic() - DONE_AFTER):
            _moment, key = self._handed_on.popleft()
            if self.progress and not self._feedback_queue:
                self._dirty = self.progress.confirm(key) or self._dirty

    def advance(self, moment: datetime) -> None:
        """Note that everything up to this moment was handed on."""
        if self.progress:
            before = self.progress.cursor
            self.progress.advance(moment)
            self._dirty = self._dirty or self.progress.cursor != before

    async def flush(self) -> None:
        """Write the state file if anything has changed."""
        self._next_save = 0.0
        await self._save()

    async def _save(self) -> None:
        """Write the state file, unless writing it takes so long that this would be all that is done."""
        path, started = self._options.state_file, time.monotonic()
        if not (path and self.progress and self._dirty) or started < self._next_save:
            return
        content = self.progress.to_state(self._owner)
        try:
            await asyncio.get_running_loop().run_in_executor(None, write_state, path, content)
        except OptionError as error:
            logger.error("%s A restart will repeat events until this works again.", error.msg)
            self._next_save = started + DONE_AFTER
            return
        self._dirty = False
        took = time.monotonic() - started
        self._next_save = time.monotonic() + (took if took > SLOW_WRITE else 0.0)


def _is_lasting(error: RequestError) -> bool:
    """Whether the server refuses this request for good, so that a further try is no use."""
    return error.status is not None and error.status // 100 == 4 and error.status not in (401, 403, 408, 429)
