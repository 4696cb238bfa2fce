# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many items are worked on at the same time, and one message says what failed."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    OptionError,
    ResponseError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._core.workers import (
    ItemResult,
    fail_if_any_failed,
    run_concurrently,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import Connect, Serve
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Seen, VirtualClock, answer


def unauthorized() -> ResponseError:
    return ResponseError("Refused.", method="GET", path="/", status=401)


@pytest.fixture
def limiter() -> RateLimiter:
    return RateLimiter()


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_results_are_in_the_order_of_items(limiter: RateLimiter, concurrency: int) -> None:
    done = run_concurrently(limiter, range(50), lambda item: (item * item, None), concurrency)
    assert done == [ItemResult(item, item * item) for item in range(50)]


def test_items_are_worked_on_at_the_same_time(limiter: RateLimiter) -> None:
    met = threading.Barrier(4)
    threads = run_concurrently(limiter, range(8), lambda _item: ((met.wait(30), threading.get_ident())[1], None), 4)
    assert len({done.value for done in threads}) == 4


def test_no_more_threads_than_items(limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    run_concurrently(limiter, [1, 2], lambda item: (item, None), 64)
    assert len(started) == 2


def test_one_item_needs_no_thread(limiter: RateLimiter) -> None:
    (result,) = run_concurrently(limiter, [1], lambda _item: (threading.current_thread(), None), 8)
    assert result.value is threading.main_thread()
    assert run_concurrently(limiter, [], lambda _item: (None, None), 8) == []


@pytest.mark.parametrize("concurrency", [1, 3])
def test_error_does_not_stop_the_others(limiter: RateLimiter, concurrency: int) -> None:
    errors = {3: OptionError("three"), 5: ResponseError("five", method="GET", path="/", status=500)}

    def work(item: int) -> tuple[int, None]:
        if item in errors:
            raise errors[item]
        return item, None

    done = run_concurrently(limiter, range(8), work, concurrency)
    assert [each.error for each in done if each.error] == [errors[3], errors[5]]
    assert [each.value for each in done if not each.error] == [0, 1, 2, 4, 6, 7]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_refused_key_stops_at_once(limiter: RateLimiter, concurrency: int) -> None:
    tried: list[int] = []
    met = threading.Barrier(concurrency)

    def work(item: int) -> tuple[int, None]:
        tried.append(item)
        if item < concurrency:
            met.wait(30)
            raise unauthorized()
        return item, None

    done = run_concurrently(limiter, range(20), work, concurrency)
    assert sorted(tried) == list(range(concurrency))
    assert [done.index(each) for each in done if each.error] == sorted(tried)
    assert done[concurrency:] == [ItemResult(item) for item in range(concurrency, 20)]


def test_defect_in_a_worker_is_raised(limiter: RateLimiter) -> None:
    def work(item: int) -> tuple[int, None]:
        if item == 3:
            raise ZeroDivisionError
        return item, None

    with pytest.raises(ZeroDivisionError):
        run_concurrently(limiter, range(8), work, 3)


def test_interrupted_task_does_not_wait_for_workers(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Barrier(3)
    released, all_tried = threading.Event(), threading.Event()
    tried: list[int] = []

    def join(_thread: threading.Thread) -> None:
        at_work.wait(30)
        raise KeyboardInterrupt

    def slow(_seen: Seen) -> bytes:
        at_work.wait(30)
        released.wait(30)
        return answer(200, {})

    def work(item: int) -> Any:
        tried.append(item)
        if len(tried) == 50:
            all_tried.set()
        return client.send("GET", "/p"), None

    server = serve(slow)
    client = connect(server, connections=2)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "join", join)
        with pytest.raises(KeyboardInterrupt):
            run_concurrently(client.limiter, range(50), work, 2)
    assert not released.is_set()
    released.set()
    # The workers find the gate shut for whatever is left.
    assert all_tried.wait(30)
    assert len(server.seen) == 2


def test_result_is_returned_if_none_failed() -> None:
    result = {"changed": True}
    assert fail_if_any_failed([ItemResult(1, "x"), ItemResult(2, [])], result) is result
    assert fail_if_any_failed([], result) is result


def test_failed_items_are_counted_and_named_by_reason() -> None:
    error = ResponseError("No.", method="GET", path="/p", status=404, details={"a": 1})
    done = [
        ItemResult(7, "x"),
        ItemResult(8, error=OptionError("Bad")),
        ItemResult(9, error=error),
        ItemResult(10, error=OptionError("Bad")),
    ]
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed([*done, ItemResult(11)], {"changed": True, "cases": [1]})
    assert caught.value.msg == "4 of 5 cases failed. 8, 10: Bad. 9: No. 11: not tried."
    assert caught.value.facts == {"changed": True, "cases": [1]}


def test_facts_of_first_error_are_in_the_result() -> None:
    error = ResponseError("No.", method="GET", path="/p", status=404, details={"a": 1})
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed([ItemResult(8, error=error), ItemResult(9, error=unauthorized())], {"cases": []})
    assert caught.value.facts == {"status": 404, "method": "GET", "path": "/p", "details": {"a": 1}, "cases": []}


def test_result_of_task_overrides_facts_of_one_item() -> None:
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed([ItemResult(8, error=CaseworkError("No.", changed=False))], {"changed": True})
    assert caught.value.facts == {"changed": True}


def refused(case: int, status: int = 403) -> ResponseError:
    path = f"/api/v2/cases/{case}/actions"
    return ResponseError(f"GET {path} on h failed: {status} No.", method="GET", path=path, status=status)


def test_reasons_are_grouped_without_the_path_and_name_five_items() -> None:
    done: list[ItemResult[int, None]] = [ItemResult(case, error=refused(case)) for case in range(100, 250)]
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed(done, {"cases": []})
    assert caught.value.msg == (
        "150 of 150 cases failed. 100, 101, 102, 103, 104 and 145 more: GET on h failed: 403 No."
    )


def test_reasons_that_name_the_case_are_grouped() -> None:
    errors = {case: refused(case, 404).explained(f"Case {case} was not found:") for case in (7, 8)}
    done: list[ItemResult[int, None]] = [ItemResult(case, error=error) for case, error in errors.items()]
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed(done, {})
    assert caught.value.msg == "2 of 2 cases failed. 7, 8: The case was not found: GET on h failed: 404 No."


def test_message_about_many_reasons_stays_short() -> None:
    errors = {case: CaseworkError(f"{case} " + "x" * 600) for case in range(50)}
    done: list[ItemResult[int, None]] = [ItemResult(case, error=error) for case, error in errors.items()]
    with pytest.raises(CaseworkError) as caught:
        fail_if_any_failed(done, {})
    assert len(caught.value.msg) < 1000
    assert "48 more reasons" in caught.value.msg


def test_error_of_a_single_item_is_its_own() -> None:
    error = refused(7)
    with pytest.raises(ResponseError) as caught:
        fail_if_any_failed([ItemResult(7, error=error)], {"changed": False})
    assert caught.value.msg == error.msg
    assert (caught.value.facts["status"], caught.value.facts["changed"]) == (403, False)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_server_that_is_down_costs_the_retries_of_one_item(
    connect: Connect, clock: VirtualClock, concurrency: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    http = connect(f"http://127.0.0.1:{port}", connections=concurrency, retries=5)
    done = run_concurrently(http.limiter, range(150), lambda _case: (http.send("GET", "/p"), None), concurrency)
    assert sum(each.error is not None for each in done) <= 3 + concurrency
    assert len(clock.waits) <= 5 * concurrency


@pytest.mark.parametrize("status", [401, 403])
def test_refusal_of_every_item_stops_the_task(limiter: RateLimiter, status: int) -> None:
    def work(case: int) -> tuple[None, ResponseError]:
        return None, refused(case, status)

    done: list[ItemResult[int, None]] = run_concurrently(limiter, range(150), work, 1)
    tried = [each for each in done if each.error]
    assert len(tried) == (1 if status == 401 else 3)


def test_defect_stops_the_other_workers(limiter: RateLimiter) -> None:
    started: list[int] = []

    def work(item: int) -> tuple[int, None]:
        started.append(item)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_concurrently(limiter, range(50), work, 3)
    assert len(started) <= 3
