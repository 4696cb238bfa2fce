# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every Molecule scenario under extensions/molecule, each as one test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "extensions" / "molecule" / "config.yml"
SCENARIOS = sorted(file.parent.name for file in CONFIG.parent.glob("*/molecule.yml"))
RUN_SECONDS = 600

Runs = dict[str, Future[subprocess.CompletedProcess[str]]]


def run(scenario: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["molecule", "--base-config", str(CONFIG), "test", "--no-command-borders", "--scenario-name", scenario],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """The scenarios that are selected, under way, one a processor."""
    selected = [item for item in request.session.items if isinstance(item, pytest.Function)]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        names = [str(item.callspec.params["scenario"]) for item in selected]
        yield {name: pool.submit(run, name) for name in names}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str, runs: Runs) -> None:
    done = runs[scenario].result()
    assert done.returncode == 0, done.stdout
