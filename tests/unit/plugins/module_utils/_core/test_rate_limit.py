# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One rate limit for all workers of a task."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    NoResponseError,
    RequestError,
    ResponseError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import (
    RATE_LIMIT_TIMEOUT,
    Cancelled,
    RateLimiter,
)
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport, TransportSettings
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    KEY,
    Connect,
    Serve,
    failure,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Seen, VirtualClock, answer

LOST = NoResponseError("Lost.", method="GET", path="/p")


def refusal(status: int) -> RequestError:
    return ResponseError("No.", method="GET", path="/p", status=status)


class Blocked(Exception):
    """Somebody would have to wait for another worker."""


class Impatient(VirtualClock):
    """A clock for one thread: to wait for another would take for ever."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            raise Blocked
        super().wait(condition, seconds)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("headers", "tries"), [({"Retry_After": "60"}, 6), ({"Retry_After": "0"}, None), ({}, None)])
def test_rate_limit_is_waited_out_for_five_minutes(
    serve: Serve, connect: Connect, clock: VirtualClock, method: str, headers: dict[str, str], tries: int | None
) -> None:
    server = serve(answer(429, **headers))
    error = failure(connect(server, retries=1), method)
    assert error.status == 429
    assert sum(clock.waits) == pytest.approx(RATE_LIMIT_TIMEOUT)
    assert len(server.seen) == len(clock.waits) + 1
    assert len(server.seen) == tries if tries else 8 < len(server.seen) < 200


def test_rate_limit_that_outlasted_the_wait_is_not_waited_for_again(
    serve: Serve, connect: Connect, clock: VirtualClock
) -> None:
    server = serve(answer(429, Retry_After="60"))
    http = connect(server)
    failure(http)
    before = len(server.seen), list(clock.waits)
    assert failure(http).status == 429
    assert (len(server.seen), clock.waits) == (before[0] + 1, before[1])


def test_rate_limit_without_a_time_is_overrun_by_a_twentieth(
    serve: Serve, connect: Connect, clock: VirtualClock
) -> None:
    def limited(_seen: Seen) -> bytes:
        return answer(429) if clock.time < 1060 else answer(200, 1)

    assert connect(serve(limited)).send("GET", "/p") == 1
    assert clock.time <= 1063.5
    assert all(wait <= max(0.5, sum(clock.waits[:place]) / 20 + 1e-9) for place, wait in enumerate(clock.waits))


def test_rate_limit_of_one_path_is_not_extended_by_others(serve: Serve, connect: Connect, clock: VirtualClock) -> None:
    http = connect(serve(lambda seen: answer(429, Retry_After="60") if seen.path == "/p" else answer(200, 1)))
    clock.after_wait = lambda: http.send("GET", "/free")  # which lifts the limit, so that the next 429 begins another
    assert failure(http).status == 429
    assert sum(clock.waits) == pytest.approx(RATE_LIMIT_TIMEOUT)


def test_rate_limit_does_not_lengthen_later_backoff(serve: Serve, connect: Connect, clock: VirtualClock) -> None:
    assert connect(serve(*[answer(429)] * 20, answer(502), answer(200, 1))).send("GET", "/p") == 1
    assert 0.25 <= clock.waits[-1] <= 0.5


def test_rate_limit_is_probed_by_one_request_at_a_time(serve: Serve, connect: Connect) -> None:
    everybody_sent, counting = threading.Barrier(4), threading.Lock()
    sent, under_way, at_once = 0, 0, []

    def limited(_seen: Seen) -> bytes:
        nonlocal sent, under_way
        with counting:
            sent += 1
            number = sent
        if number <= 4:
            everybody_sent.wait(30)
            return answer(429)
        with counting:
            under_way += 1
            at_once.append(under_way)
        threading.Event().wait(0.02)  # long enough for others to come too
        with counting:
            under_way -= 1
        return answer(429) if number <= 7 else answer(200, 1)

    http = connect(serve(limited), connections=4)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _each: http.send("GET", "/p"), range(4))) == [1] * 4
    assert (at_once[:4], sent) == ([1, 1, 1, 1], 11)


@pytest.mark.parametrize(
    ("error", "lifted"), [(None, True), (refusal(404), True), (LOST, False), (refusal(429), False)]
)
def test_rate_limit_is_lifted_by_an_answer_alone(error: RequestError | None, lifted: bool) -> None:
    limiter = RateLimiter(Impatient())
    for each in (refusal(429), error):
        with contextlib.suppress(RequestError), limiter.slot():
            if each:
                raise each
    with limiter.slot():
        if lifted:
            with limiter.slot():
                return
        with pytest.raises(Blocked), limiter.slot():
            pass


def test_rate_limit_renewed_during_a_wait_is_waited_for(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock)
    limiter.pause(10)
    clock.after_wait = lambda: limiter.pause(60) if len(clock.waits) == 1 else None
    with limiter.slot():
        assert clock.waits == [10, 60]


def test_rate_limit_does_not_count_as_a_retry(serve: Serve, connect: Connect) -> None:
    limited = [answer(429, Retry_After="1")] * 5
    server = serve(*limited, answer(503), *limited, answer(503), answer(200, 1))
    assert connect(server, retries=2).send("GET", "/p") == 1


def test_rate_limit_is_final_without_retries(serve: Serve, connect: Connect, clock: VirtualClock) -> None:
    server = serve(answer(429, Retry_After="1"))
    assert failure(connect(server, retries=0)).status == 429
    assert (len(server.seen), clock.waits) == (1, [])


@pytest.mark.parametrize("reply", [answer(429, Retry_After="30"), answer(503, Retry_After="30")])
def test_all_workers_wait_if_one_is_told_to(serve: Serve, until_the_end: ExitStack, reply: bytes) -> None:
    first_waits, everybody_waits = threading.Event(), threading.Barrier(3)

    class Meeting(VirtualClock):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            if seconds is None:
                condition.wait()
                return
            assert seconds == 30
            first_waits.set()
            condition.release()
            everybody_waits.wait(30)
            condition.acquire()
            self.time = 1030.0

    server = serve(reply, answer(200, 1))
    transport = Transport(TransportSettings(server.url, connections=3), RateLimiter(Meeting()))
    http = until_the_end.enter_context(closing(Http(transport, KEY)))

    def after_the_first() -> Any:
        first_waits.wait(30)
        return http.send("GET", "/p")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(http.send, "GET", "/p")
        others = [pool.submit(after_the_first) for _each in range(2)]
        assert [each.result() for each in (first, *others)] == [1, 1, 1]
    assert len(server.seen) == 4


def test_longest_pause_counts(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock)
    limiter.pause(20)
    limiter.pause(5)
    with limiter.slot():
        assert clock.waits == [20]


def test_waits_of_many_workers_at_the_same_time_count_once(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock)
    limiter.sleep(7)
    limiter.pause(30)
    with limiter.slot(), limiter.slot():
        assert limiter.waited == 37


def test_cancelled_limiter_lets_nothing_through(serve: Serve, connect: Connect) -> None:
    server = serve()
    http = connect(server)
    http.limiter.cancel()
    with pytest.raises(Cancelled):
        http.send("GET", "/p")
    assert server.seen == []


def test_cancel_ends_a_wait() -> None:
    limiter = RateLimiter()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(limiter.sleep, 3600)
        limiter.cancel()
        assert isinstance(waiting.exception(30), Cancelled)
