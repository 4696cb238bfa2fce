# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on seeding, followed to the letter from an empty directory: its files, and every step of its pipelines.

The collection is installed already, where the environment variable ``CASEWORK_INSTALLED`` says, so that the steps which
install it and its requirements find nothing left to do and need no network.
"""

from __future__ import annotations

import json
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
from jinja2 import Template

from simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_seeding.rst").read_text(encoding="utf-8")
BLOCK = re.compile(r"^\.\. code-block:: \w+\n(?:   :caption: (?P<file>.*)\n)?\n(?P<text>(?:   .*\n|\n)+)", re.MULTILINE)
BLOCKS = [(match["file"], textwrap.dedent(match["text"]).strip() + "\n") for match in BLOCK.finditer(GUIDE)]
FILES = {file: text for file, text in BLOCKS if file}
COMMANDS = [
    line for file, text in BLOCKS if not file for line in text.splitlines() if line.startswith("ansible-playbook")
]

BOTH = ["Isolate host", "Runbook"]
CASES = [
    {"case_id": 1, "name": "Malware on a laptop"},
    {"case_id": 2, "name": "Invoice from an unknown sender", "tag_names": ["phishing"]},
    {"case_id": 3, "name": "Long known", "opened_at": "2020-01-01T00:00:00Z"},
]
RUN_SECONDS = 120


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(data={"cases": CASES}) as running:
        yield running


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory as the guide has it written."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


def shell(script: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the runners of pipelines do, with these variables and no other of ours."""
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=directory,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"], **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )


def connection(simulator: Simulator) -> dict[str, str]:
    return {"TINES_TENANT": simulator.url, "TINES_API_KEY": simulator.api_key}


def labels(simulator: Simulator) -> dict[int, list[str]]:
    return {number: [b.label for b in case.buttons.values()] for number, case in simulator.store.cases.items()}


def assert_seeded(simulator: Simulator) -> None:
    assert labels(simulator) == {1: BOTH, 2: [*BOTH, "Block sender"], 3: []}
    runbook = list(simulator.store.cases[2].buttons.values())[1]
    assert runbook.url == "https://wiki.example.com/runbook/phishing"


def assert_previewed(shown: str, simulator: Simulator) -> None:
    """A reviewer sees in colour and as YAML which buttons there would be, without a secret; nothing is written."""
    assert "\x1b[" in shown
    assert "label: Isolate host" in shown
    assert "2 to be seeded" in shown
    assert "0a1b2c3d4e5f" not in shown
    assert {request["method"] for request in simulator.requests} == {"GET"}


def github_steps(directory: Path, context: dict[str, Any], name: str = "seed") -> list[tuple[str, dict[str, str]]]:
    """The scripts of the workflow's steps, each with its environment."""
    workflow = yaml.safe_load((directory / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    environment = {
        name: Template(value, variable_start_string="${{").render(context) for name, value in job["env"].items()
    }
    return [(step["run"], environment) for step in job["steps"] if "run" in step]


def test_github_actions(directory: Path, simulator: Simulator) -> None:
    known = connection(simulator)
    steps = github_steps(directory, {"vars": known, "secrets": known})
    assert len(steps) == 2
    for script, environment in steps:
        done = shell(script, directory, **environment)
        assert done.returncode == 0, done.stdout
    assert_seeded(simulator)


def test_github_actions_preview(directory: Path, simulator: Simulator) -> None:
    known = connection(simulator)
    *_install, (script, environment) = github_steps(directory, {"vars": known, "secrets": known}, "preview")
    done = shell(script, directory, **environment)
    assert done.returncode == 0, done.stdout
    assert_previewed(done.stdout, simulator)


def test_gitlab_ci(directory: Path, simulator: Simulator) -> None:
    pipeline = yaml.safe_load((directory / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    script = [*pipeline["default"]["before_script"], *pipeline["seed-case-buttons"]["script"]]
    done = shell("\n".join(script), directory, **connection(simulator))
    assert done.returncode == 0, done.stdout
    assert_seeded(simulator)


def test_gitlab_ci_preview(directory: Path, simulator: Simulator) -> None:
    job = yaml.safe_load((directory / ".gitlab-ci.yml").read_text(encoding="utf-8"))["preview-case-buttons"]
    done = shell("\n".join(job["script"]), directory, **connection(simulator), **job["variables"])
    assert done.returncode == 0, done.stdout
    assert_previewed(done.stdout, simulator)


@pytest.mark.parametrize("name", ["seed", "preview"])
def test_github_actions_caches_what_it_installs(name: str) -> None:
    (job,) = yaml.safe_load(FILES[f".github/workflows/{name}.yml"])["jobs"].values()
    given = {step["uses"].partition("@")[0]: step.get("with", {}) for step in job["steps"] if "uses" in step}
    assert given["actions/setup-python"]["cache"] == "pip"
    assert given["actions/cache"]["path"] == "~/.ansible/collections"
    assert "hashFiles('requirements.yml')" in given["actions/cache"]["key"]


def test_gitlab_ci_caches_what_every_job_installs() -> None:
    pipeline = yaml.safe_load(FILES[".gitlab-ci.yml"])
    cached = {f"$CI_PROJECT_DIR/{path}" for path in pipeline["default"]["cache"]["paths"]}
    assert {str(Path(place).parent) for place in pipeline["variables"].values()} == cached
    assert not {"cache", "before_script"} & {*pipeline["seed-case-buttons"], *pipeline["preview-case-buttons"]}


def test_cron(directory: Path, simulator: Simulator) -> None:
    lines = [f"{name}={value}\n" for name, value in connection(simulator).items()]
    assert [line.partition("=")[0] for line in FILES["connection.env"].splitlines()] == list(connection(simulator))
    (directory / "connection.env").write_text("".join(lines), encoding="utf-8")
    done = shell(f"cd /; sh {directory}/seed.sh", directory)
    assert done.returncode == 0, done.stdout
    assert_seeded(simulator)


def test_automation_platform(directory: Path, simulator: Simulator) -> None:
    fields = yaml.safe_load(FILES["credential-input.yml"])
    secret = {field["id"]: bool(field.get("secret")) for field in fields["fields"]}
    assert secret == {"tenant": False, "api_key": True}
    assert set(fields["required"]) == set(secret)
    filled = {"tenant": simulator.url, "api_key": simulator.api_key}
    injected = yaml.safe_load(FILES["credential-injector.yml"])["env"]
    environment = {name: Template(value).render(filled) for name, value in injected.items()}
    survey = {"case_buttons_case_ids": "3, 1", "case_buttons_new_within": "", "case_buttons_state": "present"}
    (directory / "group_vars" / "all").mkdir(parents=True)
    (directory / "buttons.yml").rename(directory / "group_vars" / "all" / "buttons.yml")
    (directory / "password").write_text("s3cret\n", encoding="utf-8")
    environment["ANSIBLE_VAULT_PASSWORD_FILE"] = "password"  # what the Vault credential comes down to
    encrypt = re.search(r"``(ansible-vault encrypt group_vars/\S+)``", GUIDE)
    assert encrypt
    play = f"ansible-playbook seed.yml -e '{json.dumps(survey)}'"
    done = shell(
        f"{encrypt[1]} && grep -q ANSIBLE_VAULT group_vars/all/buttons.yml && {play}", directory, **environment
    )
    assert done.returncode == 0, done.stdout
    assert labels(simulator) == {1: BOTH, 2: [], 3: BOTH}


def test_first_runs_and_the_way_back(directory: Path, simulator: Simulator) -> None:
    """The commands in the order of the guide: look, do, take away."""
    look, do, take_away = COMMANDS
    said = shell(look, directory, **connection(simulator)).stdout
    assert "Cases: 2 to be seeded, 0 unchanged, 0 failed" in said
    assert "0a1b2c3d4e5f" not in said
    assert labels(simulator) == {1: [], 2: [], 3: []}
    assert "Cases: 2 seeded, 0 unchanged, 0 failed" in shell(do, directory, **connection(simulator)).stdout
    assert_seeded(simulator)
    assert shell(take_away, directory, **connection(simulator)).returncode == 0
    assert labels(simulator) == {1: [], 2: [], 3: []}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("-e case_buttons_case_ids=1,99", 2, "1 of 2 cases failed. 99:"),
        ("-e @no-such-file.yml", 1, "no-such-file.yml"),
    ],
)
def test_exit_status(directory: Path, simulator: Simulator, arguments: str, status: int, said: str) -> None:
    done = shell(f"{COMMANDS[1]} {arguments}", directory, **connection(simulator))
    assert done.returncode == status, done.stdout
    assert said in done.stdout
