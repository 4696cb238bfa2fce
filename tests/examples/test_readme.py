# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README, the role's README and two guides show in YAML runs as it stands, and changes nothing when it runs again.

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
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "playbooks" / "files"))

from simulator.server import Simulator  # noqa: E402 (found on the path that is set above)

MARKDOWN = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RST = re.compile(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", re.MULTILINE)
DOCUMENTS = {
    "README.md": MARKDOWN,
    "roles/case_buttons/README.md": MARKDOWN,
    "docs/docsite/rst/guide_first_steps.rst": RST,
    "docs/docsite/rst/guide_scale.rst": RST,
}
CASES = [{"case_id": number, "name": f"Case {number}", "tag_names": ["phishing"]} for number in (101, 102, 103)]
BUTTONS = [{"label": "Runbook", "url": "https://wiki.example.com/runbook", "action_type": "page"}]
VARIABLES = {"case_ids": [101, 102, 103], "standard_buttons": BUTTONS, "incident_buttons": BUTTONS}
READS = "With the connection for all modules"
RUN_SECONDS = 120


def plays(block: str) -> list[dict[str, Any]]:
    """Return what a block shows as plays: as it stands, or around its tasks, or around its variables of the role."""
    shown = yaml.safe_load(block)
    play = {"hosts": "localhost", "gather_facts": False, "vars": VARIABLES}
    if isinstance(shown, list):
        return shown if "hosts" in shown[0] else [{**play, "name": shown[0]["name"], "tasks": shown}]
    if all(name.startswith("case_buttons_") for name in shown):
        role = {"role": "casework.cases.case_buttons", "vars": shown}
        return [{**play, "name": f"The role with {', '.join(shown)}", "roles": [role]}]
    return []  # the files of an installation


PLAYS = [
    pytest.param(play, id=f"{document}: {play['name']}")
    for document, block_of in DOCUMENTS.items()
    for block in block_of.findall((ROOT / document).read_text(encoding="utf-8"))
    for play in plays(textwrap.dedent(block))
]


@pytest.fixture
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
    assert len(PLAYS) == 12


@pytest.mark.parametrize("play", PLAYS)
def test_a_play_runs_and_changes_nothing_again(play: dict[str, Any], tmp_path: Path, simulator: Simulator) -> None:
    first = recap(play, tmp_path, simulator)
    assert f" changed={0 if play['name'] == READS else 1} " in first
    assert " changed=0 " in recap(play, tmp_path, simulator)
