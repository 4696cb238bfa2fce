# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Polling over a tenant that changes meanwhile, with restarts: nothing is lost, and nothing is told twice."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.casework.cases.plugins.module_utils._tines import events_source
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.search import Search
from ansible_collections.casework.cases.plugins.module_utils._tines.events_options import parse_source_options
from ansible_collections.casework.cases.plugins.module_utils._tines.events_progress import MAX_IN_FLIGHT
from ansible_collections.casework.cases.plugins.module_utils._tines.events_reader import Reader
from ansible_collections.casework.cases.plugins.module_utils._tines.events_source import Source
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from .model import START, Tenant

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="on Python 3.9 a queue must be made inside the loop, as ansible-rulebook does"
)

CHANGES = st.tuples(st.sampled_from(["create", "comment", "comment", "touch", "delete", "pass"]), st.integers(0, 400))
OPTIONS = {"tenant": "http://127.0.0.1:9", "api_key": "sim-key-0000", "overlap": 30, "since": "2026-01-01"}


class Run:
    """A source in front of a tenant, which can be killed and started again."""

    def __init__(self, tenant: Tenant, state_file: Path) -> None:
        self.tenant = tenant
        self.options = replace(parse_source_options(OPTIONS), state_file=str(state_file))
        self.events: list[dict[str, Any]] = []
        self.start()

    def start(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.source = Source(self.queue, self.options)
        api: Any = self.source._api
        api.reader.client = self.tenant
        api.call = self._call
        self.source._delivery.resume(api.owner)
        self.begun = False
        self.before = len(self.events)

    @staticmethod
    async def _call(function: Callable[[], Any]) -> Any:
        return function()

    async def poll(self, steps: int = 1000) -> None:
        """Poll once, or a part of it."""
        if not self.begun:
            await self.source._begin(self.source._api)  # type: ignore[arg-type]  # there is one
            self.begun = True
        self.source._next_poll = 0.0
        for _step in range(steps):
            await self.source._step()
            if self.source._listing is None:
                await self.source._delivery.flush()  # as it does before it waits for the next poll
                break
        while not self.queue.empty():
            self.events.append(self.queue.get_nowait())

    async def kill(self) -> None:
        """End without a chance to write anything, with what the engine has not processed yet, and start again."""
        del self.events[max(len(self.events) - MAX_IN_FLIGHT, self.before) :]
        self.start()

    def told(self) -> set[int]:
        return {event["tines"]["activity"]["id"] for event in self.events if "activity" in event["tines"]}

    def repeated(self) -> set[str]:
        counts = Counter(event["meta"]["uuid"] for event in self.events)
        return {key for key, count in counts.items() if count > 1}


async def live(run: Run, rounds: list[tuple[list[tuple[str, int]], int, bool]]) -> None:
    """Let things happen between the requests of each poll, cut some polls short, and kill the process after some."""
    for between, steps, killed in rounds:
        run.tenant.between = list(between)
        await run.poll(steps)
        for what in run.tenant.between:
            run.tenant.happen(*what)
        run.tenant.between = []
        if killed:
            await run.kill()
    run.tenant.now += timedelta(seconds=10)
    for _poll in range(3):
        await run.poll()


ROUNDS = st.lists(
    st.tuples(st.lists(CHANGES, max_size=12), st.sampled_from([1, 2, 3, 1000]), st.booleans()), max_size=6
)


@settings(max_examples=60, phases=set(Phase) - {Phase.shrink})  # to shrink takes minutes
@given(
    rounds=ROUNDS,
    filter_by=st.sampled_from(["second", "day", "none"]),
    keeps_order=st.booleans(),
    has_date=st.booleans(),
)
def test_no_interleaving_loses_or_repeats_an_event(
    rounds: list[Any], filter_by: str, keeps_order: bool, has_date: bool
) -> None:
    tenant = Tenant(filter_by=filter_by, keeps_order=keeps_order, has_date=has_date)
    with TemporaryDirectory() as place, patch.object(events_source, "SLOW_WRITE", inf):
        run = Run(tenant, Path(place) / "state.json")
        asyncio.run(live(run, rounds))
    assert tenant.standing() <= run.told()
    assert not run.repeated()


def test_kill_repeats_what_was_in_flight_however_long_ago_it_happened(tmp_path: Path) -> None:
    run = Run(Tenant(), tmp_path / "state.json")
    create, later = [("create", 0)], [("pass", 299), ("create", 0)]
    asyncio.run(live(run, [(create, 1000, False), ([], 1000, False), (later, 1000, False), ([], 1000, True)]))
    assert run.told() == {1, 2}


def test_case_that_leaves_a_listing_while_it_is_read_hides_no_other() -> None:
    """Case 5 goes after the first page of two, so that case 3 moves from the second page to the first."""
    tenant = Tenant(filter_by="none")
    for _case in range(5):
        tenant.happen("create", 0)
    tenant.between = [("pass", 0), ("delete", 4)]
    reader = Reader(tenant, Search())  # type: ignore[arg-type]  # as far as a reader goes, it is one
    assert {3} < {case["case_id"] for case in reader.changed_since(START).cases}


def test_idle_poll_is_one_request(tmp_path: Path) -> None:
    tenant = Tenant()
    run = Run(tenant, tmp_path / "state.json")
    tenant.happen("create", 0)
    tenant.now += timedelta(seconds=60)
    asyncio.run(run.poll())
    before = tenant.http.sent
    asyncio.run(run.poll())
    assert tenant.http.sent - before == 1


@pytest.mark.parametrize(("filter_by", "pages"), [("second", 3), ("none", 3 + 1 + 3)])
def test_requests_grow_with_what_changed_and_not_with_what_there_is(tmp_path: Path, filter_by: str, pages: int) -> None:
    """Five of 400 cases changed: three pages of two, read twice if there is more than one, and five timelines."""
    tenant = Tenant(filter_by=filter_by)
    for _case in range(400):
        tenant.happen("create", 0)
    tenant.now += timedelta(days=2)
    run = Run(tenant, tmp_path / "state.json")
    asyncio.run(run.poll())
    tenant.now += timedelta(days=2)
    for number in range(0, 400, 80):
        tenant.happen("comment", number)
    tenant.now += timedelta(seconds=10)
    before = tenant.http.sent
    run.events.clear()
    asyncio.run(run.poll())
    assert len(run.events) == 5
    assert tenant.http.sent - before <= 2 * pages + 5


def test_change_that_no_activity_tells_of_is_case_updated(tmp_path: Path) -> None:
    tenant = Tenant()
    run = Run(tenant, tmp_path / "state.json")
    tenant.happen("create", 0)
    tenant.now += timedelta(seconds=60)
    asyncio.run(run.poll())
    tenant.happen("touch", 0)
    asyncio.run(run.poll())
    asyncio.run(run.poll())
    assert [event["tines"]["event"] for event in run.events] == ["case_created", "case_updated"]


def test_second_change_within_the_same_second_is_told(tmp_path: Path) -> None:
    tenant = Tenant()
    run = Run(tenant, tmp_path / "state.json")
    tenant.happen("create", 0)
    asyncio.run(run.poll())
    tenant.happen("comment", 0)
    asyncio.run(run.poll())
    assert [event["tines"]["event"] for event in run.events] == ["case_created", "commented"]


def test_what_happened_before_the_start_is_not_told(tmp_path: Path) -> None:
    tenant = Tenant(now=START - timedelta(days=1))
    tenant.happen("create", 0)
    tenant.now = START + timedelta(seconds=1)
    tenant.happen("comment", 0)
    run = Run(tenant, tmp_path / "state.json")
    asyncio.run(run.poll())
    assert [event["tines"]["event"] for event in run.events] == ["commented"]
