# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example in a module's documentation runs, from the installed collection and against the simulator.

The examples of a module are the tasks of one play, since one may use what another has registered. The environment
variable ``CASEWORK_INSTALLED`` names the collections path to take them from.
"""

from __future__ import annotations

import ast
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

COLLECTION = Path(os.environ["CASEWORK_INSTALLED"]) / "ansible_collections" / "casework" / "cases"
DATA = Path(__file__).parent / "data.json"
START_SECONDS = 20
RUN_SECONDS = 120


def examples(module: Path) -> list[dict[str, Any]]:
    """Return the tasks in the EXAMPLES of a module."""
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "EXAMPLES":
            tasks = yaml.safe_load(ast.literal_eval(statement.value))
            assert isinstance(tasks, list)
            return tasks
    pytest.fail(f"{module.name} has no EXAMPLES")


@contextmanager
def simulator(place: Path) -> Iterator[str]:
    """Run a simulator that knows the cases of the examples, and give its URL."""
    port_file = place / "port"
    program = COLLECTION / "playbooks" / "files" / "simulator"
    arguments = ["--quiet", "--port-file", str(port_file), "--data", str(DATA), "--parent-pid", str(os.getpid())]
    with subprocess.Popen([sys.executable, str(program), *arguments]) as process:
        try:
            for _attempt in range(START_SECONDS * 50):
                if port_file.exists():
                    break
                assert process.poll() is None, "the simulator did not start"
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}"
        finally:
            process.terminate()


@functools.cache
def run(module: Path) -> tuple[dict[str, bool], str]:
    """Run a module's examples; return which of them, by name, ran and did not fail, and what the play printed."""
    play = {"hosts": "localhost", "gather_facts": False, "tasks": examples(module)}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        playbook = place / "examples.yml"
        playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        with simulator(place) as url:
            variables = {
                "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
                "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
                "JUNIT_OUTPUT_DIR": str(place / "junit"),
                "JUNIT_HIDE_TASK_ARGUMENTS": "true",
                "TINES_TENANT": url,
                "TINES_API_KEY": "sim-key-0000",
                "TRUSTPAIR_API_URL": url,
                "TRUSTPAIR_API_KEY": "sim-key-0000",
            }
            printed = subprocess.run(
                ["ansible-playbook", str(playbook)],
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=RUN_SECONDS,
            ).stdout
        passed: dict[str, bool] = {}
        for report in (place / "junit").glob("*.xml"):
            for case in ElementTree.parse(report).iter("testcase"):
                task = case.get("name", "").removeprefix("[localhost] localhost: ")
                passed[task] = all(case.find(bad) is None for bad in ("failure", "error", "skipped"))
        return passed, printed


ALL = [(module, task) for module in sorted(COLLECTION.glob("plugins/modules/*.py")) for task in examples(module)]


@pytest.mark.parametrize(
    ("module", "task"), ALL, ids=[f"{module.stem}: {task.get('name', '')}" for module, task in ALL]
)
def test_example_runs(module: Path, task: dict[str, Any]) -> None:
    passed, printed = run(module)
    assert passed.get(task["name"]), printed


@pytest.mark.parametrize("module", sorted({module for module, _task in ALL}), ids=lambda module: str(module.stem))
def test_examples_show_their_module_under_names_of_their_own(module: Path) -> None:
    tasks = examples(module)
    names = [task["name"] for task in tasks]
    assert len(set(names)) == len(names)
    assert any(f"casework.cases.{module.stem}" in task for task in tasks)
