# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source in front of the simulator, over real HTTP: what it tells, and what becomes of failures."""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.server import Simulator

from .conftest import SECRET, call, load, running

LONG_AGO = "2020-01-01T00:00:00Z"
OLD = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
CASES = {
    "cases": [
        {"team_id": 1, "name": "{{ lookup('pipe', 'id') }}", **OLD},
        {"team_id": 2, "name": "Another team's", **OLD},
    ]
}
COMMENTS = {"activities": ["commented"]}  # the simulator has made its cases just now
BUTTON = {"label": "Isolate", "url": "https://acme.example/webhook/isolate/0a1b2c3d", "action_type": "webhook"}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(data=CASES) as server:
        yield server


@pytest.fixture
def options(simulator: Simulator) -> dict[str, Any]:
    return {"tenant": simulator.url, "api_key": "sim-key-0000", "retries": 0, "timeout": 5}


async def work(function: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.to_thread(function, *arguments)


def test_polled_event_tells_what_happened(simulator: Simulator, options: dict[str, Any]) -> None:
    async def go() -> list[dict[str, Any]]:
        async with running({**options, "since": LONG_AGO, "team_id": 1}, interval=0.1) as source:
            created = await source.event()
            await work(call, simulator, "POST", "/api/v2/cases/1/comments", {"value": "seen {% x %}"})
            await work(call, simulator, "PUT", "/api/v2/cases/1", {"status": "CLOSED"})
            return [created, await source.event(), await source.event()]

    created, commented, closed = asyncio.run(go())
    assert [created["event"], commented["event"], closed["event"]] == ["case_created", "commented", "status_updated"]
    assert created["name"] == "{ { lookup('pipe', 'id') }}"
    assert commented["activity"]["value"] == "seen { % x %}"
    assert (created["status"], closed["status"]) == ("open", "closed")
    assert {event["via"] for event in (created, commented, closed)} == {"poll"}


def test_only_the_activities_asked_for_are_told(simulator: Simulator, options: dict[str, Any]) -> None:
    async def go() -> dict[str, Any]:
        wanted = {**options, "since": LONG_AGO, "activities": ["Commented"]}
        async with running(wanted, interval=0.1) as source:
            await work(call, simulator, "POST", "/api/v2/cases/2/comments", {"value": "x"})
            return await source.event()

    assert asyncio.run(go())["event"] == "commented"


def note(simulator: Simulator, case_id: int) -> dict[str, Any]:
    return {"activity": {"id": 999, "activity_type": "invented"}, "case": {"id": case_id, "name": "invented"}}


def test_notification_makes_it_look_at_the_case_and_a_forged_one_gains_nothing(
    simulator: Simulator, options: dict[str, Any]
) -> None:
    async def go() -> dict[str, Any]:
        both = {**options, **COMMENTS, "listen": {"port": 0, "path_secret": SECRET}}
        async with running(both, interval=3600) as source, aiohttp.ClientSession() as session:
            while not source.source._next_poll:
                await asyncio.sleep(0.01)
            await work(call, simulator, "POST", "/api/v2/cases/2/comments", {"value": "true"})
            for case_id in (1, 77, 2, 2):
                await session.post(source.url + SECRET, json=note(simulator, case_id))
            return await source.event()

    event = asyncio.run(go())
    assert (event["event"], event["via"], event["activity"]["value"]) == ("commented", "webhook", "true")


def test_click_is_told_if_the_case_has_the_button(
    simulator: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    button = call(simulator, "POST", "/api/v2/cases/1/actions", BUTTON)
    forged = [
        {"id": button["id"] + 1, "label": "Isolate"},
        {"id": button["id"], "label": "Other"},
        {"id": button["id"], "label": "Isolate"},
    ]

    async def go() -> tuple[dict[str, Any], int]:
        both = {**options, **COMMENTS, "listen": {"port": 0, "path_secret": SECRET}}
        async with running(both, interval=3600) as source, aiohttp.ClientSession() as session:
            for each in forged:
                payload = {"button": each, "case": {"id": 1, "name": "invented"}, "user": {"id": 3}}
                await session.post(source.url + SECRET, json=payload)
            event = await source.event()
            return event, source.queue.qsize()

    event, more = asyncio.run(go())
    assert (event["event"], event["button"]["label"], event["name"], more) == (
        "button",
        "Isolate",
        "{ { lookup('pipe', 'id') }}",
        0,
    )
    assert caplog.text.count("A click was ignored") == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_refused_key_at_the_start_ends_the_source(simulator: Simulator, options: dict[str, Any], status: int) -> None:
    call(simulator, "POST", "/_simulator/faults", {"kind": "status", "status": status, "times": -1})
    main = load("source", "case_events")["main"]
    with pytest.raises(Exception, match=f"GET /api/v2/cases on .* failed: {status}") as caught:
        asyncio.run(asyncio.wait_for(main(asyncio.Queue(), options), 20))
    assert "sim-key-0000" not in str(caught.value)


def test_later_failure_is_said_once_and_so_is_its_end(
    simulator: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    async def go() -> dict[str, Any]:
        async with running({**options, **COMMENTS}, interval=0.05) as source:
            while not source.source._next_poll:
                await asyncio.sleep(0.01)
            fault = {"kind": "status", "status": 401, "times": 2}
            await work(call, simulator, "POST", "/_simulator/faults", fault)
            while len(simulator.faults) and simulator.faults[0].times:
                await asyncio.sleep(0.05)
            await work(call, simulator, "POST", "/api/v2/cases/1/comments", {"value": "x"})
            return await source.event()

    assert asyncio.run(go())["event"] == "commented"
    assert [record.getMessage().split()[-1] for record in caplog.records] == ["works.", "again."]


class Waits:
    """Stands for `asyncio.sleep`: notes the waits of seconds, and does not wait for them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._sleep = asyncio.sleep

    async def __call__(self, seconds: float) -> None:
        if seconds >= 0.5:
            self.seconds.append(seconds)
        await self._sleep(min(seconds, 0.01))


def test_time_that_a_429_names_is_waited(
    simulator: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Waits()
    monkeypatch.setattr(asyncio, "sleep", waits)

    async def go() -> dict[str, Any]:
        async with running({**options, **COMMENTS}, interval=0.05) as source:
            while not source.source._next_poll:
                await asyncio.sleep(0.01)
            fault = {"kind": "status", "status": 429, "retry_after": "40", "times": 1}
            await work(call, simulator, "POST", "/_simulator/faults", fault)
            while simulator.faults and simulator.faults[0].times:
                await asyncio.sleep(0.01)
            await work(call, simulator, "POST", "/api/v2/cases/1/comments", {"value": "x"})
            return await source.event()

    assert asyncio.run(go())["event"] == "commented"
    assert waits.seconds == [40.0]
    assert caplog.text.count("It will be tried again") == 1


def test_429_that_passes_within_the_retries_is_no_failure(
    simulator: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    call(simulator, "POST", "/_simulator/faults", {"kind": "status", "status": 429, "retry_after": "1", "times": 1})

    async def go() -> dict[str, Any]:
        async with running({**options, "since": LONG_AGO, "retries": 1}, interval=0.1) as source:
            return await source.event()

    assert asyncio.run(go())["event"] == "case_created"
    assert caplog.text == ""


def test_waits_grow_to_fifteen_minutes(
    simulator: Simulator, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Waits()
    monkeypatch.setattr(asyncio, "sleep", waits)
    call(simulator, "POST", "/_simulator/faults", {"kind": "status", "status": 500, "times": -1})

    async def go() -> None:
        async with running(options):
            while len(waits.seconds) < 15:
                await asyncio.sleep(0.01)

    asyncio.run(go())
    for number, seconds in enumerate(waits.seconds):
        longest = min(2.0**number, 900)
        assert longest / 2 <= seconds <= longest


def test_environment_names_tenant_and_key(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINES_TENANT", simulator.url)
    monkeypatch.setenv("TINES_API_KEY", simulator.api_key)

    async def go() -> dict[str, Any]:
        async with running({"since": LONG_AGO}) as source:
            return await source.event()

    assert asyncio.run(go())["event"] == "case_created"


def test_source_ends_only_when_it_is_cancelled(options: dict[str, Any]) -> None:
    async def go() -> None:
        task = asyncio.create_task(load("source", "case_events")["main"](asyncio.Queue(), options))
        await asyncio.wait([task], timeout=0.5)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())


def test_server_that_is_down_at_the_start_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> bool:
        nowhere = {"tenant": "http://127.0.0.1:9", "api_key": "k", "retries": 0}
        async with running({**nowhere, "listen": {"port": 0, "path_secret": SECRET}}) as source:
            while not caplog.records:
                await asyncio.sleep(0.05)
            async with aiohttp.ClientSession() as session:
                async with session.post(source.url + SECRET, json=note(None, 1)) as response:  # type: ignore[arg-type]  # none runs
                    assert response.status == 202
            return source.task.done()

    assert not asyncio.run(go())
    assert "It will be tried again" in caplog.text


def test_slow_api_holds_up_neither_the_loop_nor_an_answer(simulator: Simulator, options: dict[str, Any]) -> None:
    """While the API takes three seconds for each answer, a hundred posts are answered before it has given one."""
    call(simulator, "POST", "/_simulator/settings", {"latency_ms": 3000})

    async def go() -> int:
        both = {**options, "listen": {"port": 0, "path_secret": SECRET}}
        async with running(both) as source, aiohttp.ClientSession() as session:
            for _post in range(100):
                async with session.post(source.url + SECRET, json=note(simulator, 1)) as response:
                    assert response.status == 202
            return sum(entry["status"] is not None for entry in simulator.requests)

    assert asyncio.run(go()) == 0


def test_port_that_is_taken_is_said() -> None:
    async def go() -> None:
        async with running({"listen": {"port": 0, "path_secret": SECRET}}) as source:
            main = load("source", "case_events")["main"]
            await main(asyncio.Queue(), {"listen": {"port": source.port, "path_secret": SECRET}})

    with pytest.raises(Exception, match=r"listen\.port .* cannot be used: .*in use"):
        asyncio.run(go())


def test_state_file_is_private_and_goes_on_after_a_restart(
    simulator: Simulator, options: dict[str, Any], tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    kept = {**options, **COMMENTS, "state_file": str(state), "team_id": 1}

    async def go(first: bool) -> str:
        async with running(kept, interval=0.1) as source:
            while not source.source._next_poll:
                await asyncio.sleep(0.01)
            return "" if first else str((await source.event())["event"])

    asyncio.run(go(True))
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    call(simulator, "POST", "/api/v2/cases/1/comments", {"value": "while it was down"})
    assert asyncio.run(go(False)) == "commented"
    assert list(tmp_path.iterdir()) == [state]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"team_id": 2}, "team_id was different"), ({"tenant": "http://127.0.0.1:9"}, "tenant was different")],
)
def test_state_file_of_other_cases_is_refused(
    options: dict[str, Any], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    kept = {**options, "state_file": str(tmp_path / "state.json"), "team_id": 1}

    async def first() -> None:
        async with running(kept) as source:
            while not source.source._next_poll:
                await asyncio.sleep(0.01)

    asyncio.run(first())
    main = load("source", "case_events")["main"]
    with pytest.raises(Exception, match=said):
        asyncio.run(main(asyncio.Queue(), {**kept, **change}))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 2}'])
def test_damaged_state_file_is_refused(options: dict[str, Any], tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    main = load("source", "case_events")["main"]
    with pytest.raises(Exception, match=r"state\.json cannot be"):
        asyncio.run(main(asyncio.Queue(), {**options, "state_file": str(tmp_path / "state.json")}))


def test_state_file_in_no_directory_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    main = load("source", "case_events")["main"]
    with pytest.raises(Exception, match=r"cannot be written: No such file or directory"):
        asyncio.run(main(asyncio.Queue(), {**options, "state_file": str(tmp_path / "no" / "state.json")}))


def test_with_feedback_the_state_follows_what_the_engine_has_processed(
    simulator: Simulator, options: dict[str, Any], tmp_path: Path
) -> None:
    """The engine takes three events and processes two: the third one comes again, and no other."""
    state = tmp_path / "state.json"
    kept = {**options, "since": LONG_AGO, "state_file": str(state), "feedback": True, "team_id": 1}
    for _comment in range(3):
        call(simulator, "POST", "/api/v2/cases/1/comments", {"value": "x"})

    async def go(processed: int) -> list[int]:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        feedback: asyncio.Queue[Any] = asyncio.Queue(1)
        main = load("source", "case_events")["main"]
        task = asyncio.create_task(main(queue, {**kept, "eda_feedback_queue": feedback}))
        told = []
        for number in range(processed + 1):
            event = await asyncio.wait_for(queue.get(), 20)
            told.append(event["tines"]["activity"]["id"])
            if number < processed:
                await feedback.put(event)
        await asyncio.sleep(0.2)
        assert queue.empty()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return told

    first, second = asyncio.run(go(2)), asyncio.run(go(1))
    assert first[2:] == second[:1]
    assert len({*first, *second}) == 4


def test_engine_that_gives_no_feedback_does_not_stop_the_source(
    simulator: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> int:
        parsed = load("source", "case_events")
        given = {**options, "since": LONG_AGO, "feedback": True, "feedback_timeout": 1}
        checked = parsed["_events_options"].parse_source_options(given, has_feedback_queue=True)
        queue: asyncio.Queue[Any] = asyncio.Queue()
        task = asyncio.create_task(parsed["_events_source"].Source(queue, checked, asyncio.Queue(1)).run())
        for _event in range(2):
            await asyncio.wait_for(queue.get(), 20)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return caplog.text.count("The engine did not say within 1 seconds")

    assert asyncio.run(go()) == 1


def test_two_sources_of_different_collections_do_not_meet() -> None:
    """Both files bring their modules under a package of their own, which is the same for both."""
    source, event_filter = load("source", "case_events"), load("filter", "case_event")
    package = source["_events_source"].__name__.partition(".")[0]
    assert package.startswith("_casework_cases_")
    assert event_filter["_events"].__name__.partition(".")[0] == package
