# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all unit tests share: an environment that is nobody's, the simulator, and modules that run against it.

Property tests are not timed: how fast a machine is that runs them says nothing about the code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    Result,
    connection_defaults,
    run_module,
    run_simulator_task,
)
from hypothesis import HealthCheck, settings

from simulator.server import Simulator

settings.register_profile(
    "untimed",
    deadline=None,
    # What continuous integration says of a commit is the same each time; whoever develops looks further each time.
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")

FOREIGN = ("PROXY", "TINES_", "TRUSTPAIR_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "SSL_CERT")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, key, CA bundle or netrc file but those that a test sets."""
    for name in list(os.environ):
        if any(part in name.upper() for part in FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One simulator for all tests. A test that uses it resets it first; `run` and `simulator_task` do."""
    with Simulator() as server:
        yield server


@pytest.fixture
def simulator_task(simulator: Simulator) -> Callable[..., dict[str, Any]]:
    """Tells the simulator what to be and returns what it has seen; see `run_simulator_task`."""
    simulator.reset()
    return partial(run_simulator_task, simulator)


@pytest.fixture
def run(simulator: Simulator, simulator_task: Callable[..., dict[str, Any]]) -> Callable[..., Result]:
    """Runs a module with the simulator in its defaults; see `run_module`."""
    return partial(run_module, defaults=connection_defaults(simulator))
