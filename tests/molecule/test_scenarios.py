# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every Molecule scenario under extensions/molecule, each as one test."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "extensions" / "molecule" / "config.yml"
SCENARIOS = sorted(file.parent.name for file in CONFIG.parent.glob("*/molecule.yml"))
RUN_SECONDS = 600


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


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    done = run(scenario)
    assert done.returncode == 0, done.stdout
