# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays in README and in the guide to the first steps run as they stand, and change nothing when they run again.

``CASEWORK_INSTALLED`` names the collections path to take the collection from.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "playbooks" / "files"))

from simulator.server import Simulator  # noqa: E402 (found on the path that is set above)

README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_STEPS = (ROOT / "docs" / "docsite" / "rst" / "guide_first_steps.rst").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL) + [
    textwrap.dedent(block)
    for block in re.findall(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", FIRST_STEPS, re.MULTILINE)
]
PLAYS = {play["name"]: play for block in BLOCKS for play in yaml.safe_load(block) if "hosts" in play}
CASES = [{"case_id": number, "name": f"Case {number}", "tag_names": ["phishing"]} for number in (101, 102, 103)]
READS = "With the connection for all modules"
RUN_SECONDS = 120


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(data={"cases": CASES}) as running:
        yield running


def recap(play: object, place: Path, simulator: Simulator) -> str:
    """Run a play and return its last line."""
    playbook = place / "play.yml"
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    connection = {"TINES_TENANT": simulator.url, "TINES_API_KEY": simulator.api_key}
    done = subprocess.run(
        ["ansible-playbook", str(playbook)],
        env={**os.environ, **connection, "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_there_are_plays() -> None:
    assert len(PLAYS) == 6


@pytest.mark.parametrize("name", PLAYS)
def test_a_play_runs_and_changes_nothing_again(name: str, tmp_path: Path, simulator: Simulator) -> None:
    first = recap(PLAYS[name], tmp_path, simulator)
    assert f" changed={0 if name == READS else 1} " in first
    assert " changed=0 " in recap(PLAYS[name], tmp_path, simulator)


def test_the_task_at_the_top_of_readme_runs(tmp_path: Path, simulator: Simulator) -> None:
    tasks = yaml.safe_load(BLOCKS[0])
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    assert " changed=1 " in recap(play, tmp_path, simulator)
