# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All playbooks of the documentation run under ``--check`` and then for real, as they stand.

Two processes run all of them, one in check mode and one for real, so a play costs what its tasks cost.
``CASEWORK_INSTALLED`` names the collections path to take the collection from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.casework.cases.tests.examples.documentation import STARTS_ANEW, Documented, documented

from simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[2]
CALLBACKS = Path(__file__).parent / "callback_plugins"
RUN_SECONDS = 1200
ALL = list(documented(ROOT))
AGAIN = "again: "

pytestmark = pytest.mark.timeout(2 * RUN_SECONDS)

Notes = list[dict[str, Any]]
Runs = Callable[[str, bool], Notes]


def as_playbook(each: Documented, repeat: bool) -> list[dict[str, Any]]:
    """The play in a fresh world, and once more in what it has left. A failed task does not keep others from running."""
    variables = each.play.get("vars", {})
    play = {**each.play, "name": str(each), "ignore_errors": True}
    first = {**play, "vars": {**variables, "documented": each.world}}
    return [first, {**play, "name": f"{AGAIN}{each}"}] if repeat else [first]


def run(playbook: list[dict[str, Any]], place: Path, *arguments: str) -> tuple[dict[str, Notes], str]:
    """Run plays in one process. Returns what the tasks did, by the name of the play, and what was printed."""
    file, record = place / "playbook.yml", place / "record"
    file.write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
    record.touch()
    place.joinpath("letter.pdf").write_bytes(b"%PDF-1.4")  # the guide on Trustpair sends it
    with Simulator() as simulator:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), str(file), *arguments],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
                "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
                "ANSIBLE_CALLBACKS_ENABLED": "record",
                "CASEWORK_RECORD": str(record),
                "TINES_TENANT": simulator.url,
                "TINES_API_KEY": simulator.api_key,
                "TRUSTPAIR_API_URL": simulator.url,
                "TRUSTPAIR_API_KEY": simulator.api_key,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )
    notes: dict[str, Notes] = {}
    for line in record.read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        notes.setdefault(note.pop("play"), []).append(note)
    return notes, done.stdout


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The plays of the tests that are selected: runs(name, True) is what one did in check mode, False for real."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    chosen: dict[str, Documented] = {}
    for item in items:
        each = item.callspec.params.get("each")
        if isinstance(each, Documented):
            chosen[str(each)] = each

    @cache
    def result(check: bool) -> tuple[dict[str, Notes], str]:
        playbook = [play for each in chosen.values() for play in as_playbook(each, each.repeats and not check)]
        return run(playbook, tmp_path_factory.mktemp("plays"), *(["--check"] if check else []))

    def notes(each: str, check: bool) -> Notes:
        found, printed = result(check)
        return found.get(each) or pytest.fail(printed)

    return notes


def failures(notes: Notes) -> Notes:
    return [note for note in notes if note.get("status") == "failed"]


def changes(notes: Notes) -> list[tuple[str, bool]]:
    return [(note["task"], note["changed"]) for note in notes if "task" in note]


@pytest.mark.parametrize("each", ALL, ids=str)
def test_play_can_be_checked_before_its_first_run(each: Documented, runs: Runs) -> None:
    notes = runs(str(each), True)
    assert failures(notes) == []
    assert set(notes[-1]["methods"]) <= {"GET"}


@pytest.mark.parametrize("each", ALL, ids=str)
def test_play_runs(each: Documented, runs: Runs) -> None:
    assert failures(runs(str(each), False)) == []


# The tasks of EXAMPLES stand beside each other, and some see what others have done.
@pytest.mark.parametrize("each", [each for each in ALL if each.repeats], ids=str)
def test_play_does_what_check_mode_says(each: Documented, runs: Runs) -> None:
    assert changes(runs(str(each), False)) == changes(runs(str(each), True))


@pytest.mark.parametrize("each", [each for each in ALL if each.repeats and str(each) not in STARTS_ANEW], ids=str)
def test_play_changes_nothing_when_it_runs_again(each: Documented, runs: Runs) -> None:
    notes = runs(AGAIN + str(each), False)
    assert [task for task, changed in changes(notes) if changed] == []


@pytest.mark.parametrize("each", [each for each in ALL if not each.repeats], ids=lambda each: each.source)
def test_examples_show_their_plugin_under_names_of_their_own(each: Documented) -> None:
    names = [task["name"] for task in each.play["tasks"]]
    assert len(set(names)) == len(names)
    assert f"casework.cases.{each.source}" in yaml.safe_dump(each.play["tasks"])


def test_every_document_has_plays() -> None:
    assert {"README.md", "roles/case_buttons/README.md", "guide_first_steps", "case"} <= {each.source for each in ALL}
