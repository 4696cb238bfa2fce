# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a request is sent, by method and by what went wrong."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import NoResponseError, NotSentError
from ansible_collections.casework.cases.plugins.module_utils._core.retry import (
    MAX_WAIT,
    Repeat,
    backoff,
    parse_retry_after,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    BUSY,
    CUT,
    DROPPED,
    Connect,
    Serve,
    failure,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import (
    Reply,
    Seen,
    VirtualClock,
    answer,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("reply", [DROPPED, CUT, answer(200, b'{"a": '), answer(502), answer(503), BUSY, answer(504)])
def test_safe_request_is_retried(serve: Serve, connect: Connect, method: str, reply: Reply, retries: int) -> None:
    server = serve(reply)
    http = connect(server, retries=retries)
    error = failure(http, method)
    assert len(server.seen) == http.sent == retries + 1
    assert not error.outcome_unknown


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize(
    "reply", [DROPPED, CUT, answer(201, b'{"a": '), answer(500), answer(502), answer(503), answer(504)]
)
@pytest.mark.parametrize(("method", "settings"), [("POST", {}), ("PUT", {"repeat": Repeat.RECONCILE})])
def test_request_with_unknown_outcome_is_not_retried(
    serve: Serve, connect: Connect, method: str, settings: dict[str, Any], reply: Reply, retries: int
) -> None:
    server = serve(reply)
    http = connect(server, retries=retries)
    error = failure(http, method, **settings)
    assert len(server.seen) == http.sent == 1
    assert error.outcome_unknown


@pytest.mark.parametrize("retries", [0, 2])
def test_503_with_retry_after_was_not_carried_out(serve: Serve, connect: Connect, retries: int) -> None:
    server = serve(BUSY)
    assert not failure(connect(server, retries=retries), "POST").outcome_unknown
    assert len(server.seen) == retries + 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_request_never_to_be_repeated_is_not_even_after_503(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(BUSY)
    assert failure(connect(server), method, repeat=Repeat.NEVER).outcome_unknown
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_refusal_is_final(serve: Serve, connect: Connect, method: str, status: int) -> None:
    server = serve(answer(status, Retry_After="1"))
    error = failure(connect(server), method)
    assert (len(server.seen), error.status, error.outcome_unknown) == (1, status, False)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_500_is_final(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(answer(500))
    failure(connect(server), method)
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("repeat", list(Repeat))
def test_every_method_is_retried_if_nothing_was_sent(
    connect: Connect, clock: VirtualClock, method: str, repeat: Repeat
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    http = connect(f"http://127.0.0.1:{port}", retries=3)
    error = failure(http, method, repeat=repeat)
    assert "was refused" in error.msg
    assert (type(error), error.outcome_unknown, http.sent, len(clock.waits)) == (NotSentError, False, 0, 3)


def test_retry_that_succeeds_returns_the_answer(serve: Serve, connect: Connect) -> None:
    server = serve(DROPPED, answer(502), answer(429), answer(200, {"a": 1}))
    http = connect(server, retries=2)
    assert http.send("GET", "/p") == {"a": 1}
    assert http.sent == 4


def test_read_timeout_leaves_outcome_unknown(serve: Serve, connect: Connect) -> None:
    released = threading.Event()

    def late(_seen: Seen) -> bytes | None:
        released.wait(30)
        return None

    http = connect(serve(late), timeout=0.2, retries=0)
    error = failure(http, "POST")
    released.set()
    assert "no response within 0.2 seconds" in error.msg
    assert (type(error), error.outcome_unknown, error.timed_out, http.sent) == (NoResponseError, True, True, 1)


def test_504_counts_as_timeout(serve: Serve, connect: Connect) -> None:
    assert failure(connect(serve(answer(504))), "POST").timed_out
    assert not failure(connect(serve(answer(502))), "POST").timed_out


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("7", 7),
        pytest.param(" 7 ", 7),
        pytest.param("61", 60),
        pytest.param("9" * 400, 60, id="longer than a number"),
        pytest.param("Sun, 22 Nov 2026 00:00:30 GMT", 30),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(
    serve: Serve,
    connect: Connect,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    header: str,
    wait: float,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1795305600.0)
    connect(serve(answer(status, Retry_After=header), answer())).send("GET", "/p")
    assert clock.waits == [wait]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "0",
        "soon",
        "-1",
        "1.5",
        "Sun, 22 Nov 2026",
        f"Sun, 22 Nov {'9' * 30} 00:00:00 GMT",
        "Sun, 22 Nov 2020 00:00:30 GMT",
    ],
)
def test_unusable_retry_after_leads_to_a_short_wait(
    serve: Serve, connect: Connect, clock: VirtualClock, header: str
) -> None:
    connect(serve(answer(429, Retry_After=header), answer())).send("GET", "/p")
    assert 0.25 <= clock.waits[0] <= 0.5


@given(st.text() | st.from_regex(r"\w{3}, [\d ]+ \w+ \d+ [\d:]* \w*"))
def test_no_retry_after_breaks_the_parser(header: str) -> None:
    wait = parse_retry_after(header)
    assert wait is None or 0 <= wait <= MAX_WAIT


@pytest.mark.parametrize("tries", range(0, 2000, 7))
def test_backoff_grows_to_its_maximum(tries: int) -> None:
    most = min(0.5 * 2.0 ** min(tries, 50), MAX_WAIT)
    assert most / 2 <= backoff(tries) <= most
