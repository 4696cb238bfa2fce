# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task from options to result, without a process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.connection import Vendor
from ansible_collections.casework.cases.plugins.module_utils._core.diff import diff
from ansible_collections.casework.cases.plugins.module_utils._core.errors import CaseworkError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._core.execution import (
    ModuleContext,
    ModuleSpec,
    Outcome,
    execute,
    reject_null_options,
)
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.plan import Plan
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import KEY, Serve
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import VirtualClock, answer


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"one": "x"}, None),
        ({"other": "x", "partner": "y"}, None),
        ({"one": []}, None),
        ({}, "one or other"),
        ({"one": "x", "other": "y"}, "partner"),
        ({"one": "x", "partner": "y"}, "other"),
    ],
)
def test_required_options_must_have_a_value(given: dict[str, Any], said: str | None) -> None:
    params = {"one": None, "other": None, "partner": None, **given}
    rules: Any = {"required_one_of": [("one", "other")], "required_together": [("other", "partner")], "more": 1}
    if said is None:
        reject_null_options(params, **rules)
    else:
        with pytest.raises(OptionError, match=f"^{said} is required but empty"):
            reject_null_options(params, **rules)


class Client:
    def __init__(self, http: Http) -> None:
        self.http = http


VENDOR = Vendor(url_option="address", url_env="TEST_ADDRESS", key_env="TEST_KEY", hints={}, client=Client)


def perform(
    run: Callable[[ModuleContext[Client]], dict[str, Any]], url: str, clock: VirtualClock, **params: Any
) -> Outcome:
    """Execute a module with the virtual clock."""
    return execute(
        ModuleSpec(VENDOR, {}, run),
        {"address": url, "api_key": KEY, **params},
        check_mode=False,
        transports=lambda settings, _key: Transport(settings, RateLimiter(clock)),
    )


def get(context: ModuleContext[Client]) -> dict[str, Any]:
    return {"json": context.client.http.send("GET", "/p")}


@pytest.mark.parametrize(
    ("replies", "warned"),
    [
        ([answer(429, Retry_After="12")], "Waited 12 seconds in all"),
        ([answer(503, Retry_After="3")] * 2, "Waited 6 seconds in all"),
        ([answer(429, Retry_After="5")], None),
        ([answer(502)] * 5, None),
    ],
)
def test_long_wait_for_the_server_is_a_warning(
    serve: Serve, clock: VirtualClock, replies: list[bytes], warned: str | None
) -> None:
    outcome = perform(get, serve(*replies, answer(200, 1)).url, clock)
    assert outcome.result == {"json": 1, "api_requests": len(replies) + 1}
    assert [warning[: len(warned or "")] for warning in outcome.warnings] == ([warned] if warned else [])


def test_waits_of_a_task_stay_below_a_quarter_of_an_hour(serve: Serve, clock: VirtualClock) -> None:
    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        for _turn in range(100):
            with contextlib.suppress(CaseworkError):
                context.client.http.send("GET", "/p")
        return {}

    outcome = perform(run, serve(answer(503, Retry_After="60")).url, clock)
    assert 800 < sum(clock.waits) < 900
    assert not outcome.failed


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("requests", [(), (Mock(),)])
def test_plan_is_carried_out_if_something_differs_and_not_in_check_mode(
    serve: Serve, check: bool, requests: Any
) -> None:
    plan, send = Plan(1, 1, requests), Mock()

    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        context.apply(plan, send)
        return {}

    execute(ModuleSpec(VENDOR, {}, run), {"address": serve().url, "api_key": KEY}, check_mode=check)
    assert send.call_count == (plan.changed and not check)


@pytest.mark.parametrize("reveal", [False, True])
def test_result_is_masked_unless_reveal_urls(serve: Serve, clock: VirtualClock, reveal: bool) -> None:
    url = "https://acme.tines.com/webhook/p/5ec2e7"

    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        context.warn(f"{url} \x1b")
        return {"actions": [{"url": url}], "diff": diff({}, {"url": url})}

    outcome = perform(run, serve().url, clock, reveal_urls=reveal)
    assert outcome.result["actions"] == [{"url": url if reveal else "https://acme.tines.com/webhook/p/********"}]
    assert "5ec2e7" not in str([outcome.result["diff"], outcome.warnings])
    assert r"\x1b" in outcome.warnings[0]


@pytest.mark.parametrize("reveal", [False, True])
def test_result_has_no_key_that_ansible_takes_for_a_type(serve: Serve, clock: VirtualClock, reveal: bool) -> None:
    trusted = {"__ansible_type": "_AnsibleTaggedStr", "value": "{{ 1 }}", "tags": [{"__ansible_type": "Trusted"}]}

    def run(_context: ModuleContext[Client]) -> dict[str, Any]:
        return {"cases": [{"metadata": {"owner": trusted, "__ansible_vault": "x", "_own": 1}}]}

    result = perform(run, serve().url, clock, reveal_urls=reveal).result
    assert result["cases"] == [{"metadata": {"owner": {"value": "{{ 1 }}", "tags": [{}]}, "_own": 1}}]


def test_result_of_a_failed_task_is_masked(serve: Serve, clock: VirtualClock) -> None:
    def run(_context: ModuleContext[Client]) -> dict[str, Any]:
        raise CaseworkError("No.", cases=[{"query_params": {"token": "5ec2e7"}}])

    assert "5ec2e7" not in str(perform(run, serve().url, clock).result)


def test_cookie_of_an_answer_is_not_sent(serve: Serve, clock: VirtualClock) -> None:
    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        return {"answers": [context.client.http.send("GET", "/p") for _turn in range(2)]}

    server = serve(answer(200, 1, Set_Cookie="session=1; Path=/"))
    perform(run, server.url, clock)
    assert [seen.headers.get("cookie") for seen in server.seen] == [None, None]


@pytest.mark.parametrize(("shared", "closed"), [(False, 1), (True, 0)])
def test_connections_are_closed_unless_other_tasks_share_them(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, shared: bool, closed: int
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(Transport, "close", lambda transport: calls.append(transport.host))
    params = {"address": serve(answer(200, 1)).url, "api_key": KEY}
    transports = (lambda settings, _key: Transport(settings)) if shared else None
    assert not execute(ModuleSpec(VENDOR, {}, get), params, check_mode=False, transports=transports).failed
    assert len(calls) == closed


def test_rules_are_checked_before_the_connection(clock: VirtualClock) -> None:
    spec = ModuleSpec(VENDOR, {}, get, {"required_one_of": [("one", "other")]})
    outcome = execute(spec, {"one": None, "other": None}, check_mode=False)
    assert outcome.result["msg"].startswith("one or other is required but empty.")
    assert outcome.result["api_requests"] == 0
