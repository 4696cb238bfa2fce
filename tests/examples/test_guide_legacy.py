# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on the end of v1, step after step: the old call and each task in its place, before and after the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_legacy.rst").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:   .*\n|\n)+)", GUIDE, re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


OLD, *NEW = [task for block in blocks("yaml") for task in yaml.safe_load(block)]
(WARNING,) = [" ".join(block.split()) for block in blocks("text")]


def test_the_guide_leads_from_the_call_through_both_modules() -> None:
    assert "ansible.builtin.uri" in OLD
    assert [next(key for key in task if "." in key) for task in NEW] == [
        "casework.cases.case_legacy",
        "casework.cases.case_legacy",
        "casework.cases.case",
    ]


@pytest.mark.parametrize(
    ("lost", "tasks", "changed"),
    [
        (None, [OLD, *NEW], 0),
        (None, NEW, 1),
        (404, NEW, 1),
        (410, NEW, 1),
    ],
)
def test_each_step_finds_the_case_of_the_step_before(
    lost: int | None, tasks: list[dict[str, object]], changed: int, tmp_path: Path
) -> None:
    playbook = tmp_path / "guide.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    with Simulator(settings={"without_v1": lost}) as tenant:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook)],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
                "TINES_TENANT": tenant.url,
                "TINES_API_KEY": tenant.api_key,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        (case,) = list(tenant.store.cases.values())
    assert done.returncode == 0, done.stdout
    assert f"changed={changed} " in done.stdout
    assert (WARNING in " ".join(done.stdout.split())) is (lost is None)
    assert (case.record_ids, case.metadata, case.tag_names) == ([187], {"alert": "A-1093"}, ["login", "security"])
    assert [(button.label, button.action_text, button.query_params) for button in case.buttons.values()] == [
        ("Isolate host and give reason", "Open form", {}),
        ("Isolate host", "Isolate", {}),
    ]
