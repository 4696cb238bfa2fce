# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole modules in the process of the test, over real HTTP, and the simulator that they work on.

The fixtures `run` and `simulator_task` of `conftest.py` are the way to both:

    def test_an_unknown_case_is_named(run, simulator_task):
        simulator_task(load={"cases": [{"case_id": 7}]})
        result = run("case_action", {"case_id": 8, "label": "Block", "state": "absent"}, check_mode=True)
        assert result.failed
        assert result["msg"].startswith("Case 8 was not found")
        assert simulator_task()["sent"] == "1 GET"
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.message import Message
from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.casework.cases.plugins.module_utils._ansible.module import COLLECTION
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleSpec, Outcome, execute
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import Clock, RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport, TransportSettings
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import VirtualClock

from simulator.messages import Request
from simulator.server import Simulator


class Result(dict[str, Any]):
    """What a playbook has in a variable after `register`."""

    @property
    def failed(self) -> bool:
        return bool(self["failed"])

    @property
    def changed(self) -> bool:
        return bool(self["changed"])

    @property
    def warnings(self) -> list[str]:
        return list(self.get("warnings", ()))

    @property
    def deprecations(self) -> list[dict[str, str]]:
        return list(self.get("deprecations", ()))


Run = Callable[..., Result]
"""The fixture `run`: runs a module in front of the simulator."""

SimulatorTask = Callable[..., dict[str, Any]]
"""The fixture `simulator_task`: a task for the simulator, whose result it returns."""


@dataclass(frozen=True)
class BadInput:
    """What is given to a module, and a regular expression for what it says."""

    what: str
    options: dict[str, Any]
    says: str


def module_spec(name: str) -> ModuleSpec[Any]:
    """Returns what the module of that short name is."""
    spec: ModuleSpec[Any] = import_module(f"ansible_collections.casework.cases.plugins.modules.{name}").MODULE
    return spec


def run_module(
    name: str,
    options: Mapping[str, Any],
    check_mode: bool = False,
    *,
    defaults: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> Result:
    """Run a module as a task does: options checked by its argument spec, requests sent, and the result as JSON.

    name: without the collection's. defaults: as `module_defaults`, for modules that have these options. clock: what
    waits take their time from; by default they take none.
    """
    spec = module_spec(name)
    known = {key: value for key, value in (defaults or {}).items() if key in spec.argument_spec}
    checked = ArgumentSpecValidator(dict(spec.argument_spec), **spec.rules).validate({**known, **options})
    if checked.errors.errors:
        return Result(changed=False, failed=True, msg=checked.errors.errors[0].msg)
    with ExitStack() as stack:

        def transports(settings: TransportSettings, _key: str) -> Transport:
            limiter = RateLimiter(clock or VirtualClock())
            return stack.enter_context(closing(Transport(settings, limiter)))

        outcome = execute(spec, checked.validated_parameters, check_mode=check_mode, transports=transports)
    return _registered(outcome)


def _registered(outcome: Outcome) -> Result:
    result = {"changed": False, "failed": outcome.failed, **outcome.result}
    if outcome.warnings:
        result["warnings"] = outcome.warnings
    if outcome.deprecations:
        result["deprecations"] = [
            {"msg": text, "version": version, "collection_name": COLLECTION} for text, version in outcome.deprecations
        ]
    return Result(json.loads(json.dumps(result)))


def connection_defaults(simulator: Simulator) -> dict[str, Any]:
    """The connection options, of every vendor, that lead to the simulator."""
    return {"tenant": simulator.url, "api_url": simulator.url, "api_key": simulator.api_key}


def run_simulator_task(
    simulator: Simulator,
    *,
    reset: bool = False,
    settings: Any = None,
    load: Any = None,
    disarm: bool = False,
    faults: Any = None,
    forget: bool = False,
) -> dict[str, Any]:
    """Do what the task `simulator` of the integration tests does, with the same options in the same order.

    Returns what it returns: `requests`, `methods`, `sent`, `connections`, `cases`, `trustpair`, and `loaded`, the IDs
    of the cases that were loaded.
    """

    def control(method: str, endpoint: str, body: Any = None) -> Any:
        headers = Message()
        headers["Content-Type"] = "application/json"
        content = b"" if body is None else json.dumps(body).encode()
        response, _cut = simulator.serve(Request(method, f"/_simulator/{endpoint}", headers, content, simulator.url), 0)
        assert response is not None
        assert response.status < 300, response.body
        return json.loads(response.payload() or b"null")

    result: dict[str, Any] = {}
    if reset:
        control("POST", "reset")
    if settings is not None:
        control("POST", "settings", settings)
    if load is not None:
        result["loaded"] = control("POST", "load", load)["cases"]
    if disarm:
        control("DELETE", "faults")
    if faults is not None:
        control("POST", "faults", faults)
    if forget:
        control("DELETE", "requests")
    result.update(control("GET", "requests"))
    methods = Counter(result["methods"])
    result["sent"] = ", ".join(f"{count} {method}" for method, count in sorted(methods.items()))
    result.update(control("GET", "state"))
    return result


def assert_failure(result: Result, says: str, seen: Mapping[str, Any] | None = None) -> None:
    """Assert that a task failed in one sentence that a regular expression finds, and that it shows no secret.

    seen: what the simulator saw, if all of it was this task's.
    """
    assert result.failed, result
    assert re.search(says, result["msg"]), result["msg"]
    text = json.dumps(result)
    assert "Traceback" not in text
    assert "sim-key" not in text
    assert "s3cret" not in result["msg"]
    assert "\n" not in result["msg"]
    if seen is not None:
        assert result.get("api_requests", 0) == len(seen["requests"])
