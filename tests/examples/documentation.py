# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows in YAML, as plays: modules' and filters' EXAMPLES, READMEs, and guides."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MARKDOWN = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RST = re.compile(r"^\.\. code-block:: yaml\n(?:   :[^\n]*\n)*\n((?:   .*\n|\n)+)", re.MULTILINE)

BUTTONS = [{"label": "Runbook", "url": "https://wiki.example.com/runbook", "action_type": "page"}]

ISOLATE = [
    {"label": "Isolate host", "url": "https://acme.tines.com/webhook/isolate-host/old", "action_type": "webhook"},
    {"label": "Give a reason", "url": "https://acme.tines.com/pages/give-a-reason", "action_type": "page"},
]

REQUESTED = {
    "state": "favorable",
    "created_by": "00000000-0000-4000-8000-000000000001",
    "assigned_reviewers": ["00000000-0000-4000-8000-000000000002"],
}

SAMPLE = {"filename": "sample.txt", "file_contents": "QSBzYW1wbGUu"}

EXAMPLES_WORLD: dict[str, Any] = {
    "cases": [
        {"case_id": 7, "name": "Malware on ws-0815", "tag_names": ["phishing"], "actions": ISOLATE, "files": [SAMPLE]},
        {"case_id": 8, "count": 2, "name": "Phishing {n}", "tag_names": ["phishing"], "actions": BUTTONS},
    ],
    "case_sub_statuses": [{"name": "Waiting for customer", "team_id": 1}],
    "trustpair": {"cases": [{}, {"override": REQUESTED}, {}]},
}
"""The cases that EXAMPLES name by their IDs, and no other."""

THREE_CASES = {"cases": [{"case_id": 101, "count": 3, "name": "Case {n}", "tag_names": ["phishing"]}]}

RESPONSE = {
    "cases": [
        {"case_id": 101, "name": "Port scan", "metadata": {"alert": "A-1088"}, "tag_names": ["false-alarm"]},
        {
            "case_id": 102,
            "name": "Malware on ws-0815",
            "metadata": {"alert": "A-1093"},
            "assignee_emails": [],
            "files": [SAMPLE],
            "tasks": [{"description": "Isolate the host"}, {"description": "Inform the owner"}],
            "closure_conditions": [{"name": "Somebody is assigned", "formula": "=SIZE(team_case.assignees) > 0"}],
        },
    ]
}

WORLDS: dict[str, dict[str, Any]] = {
    "README.md": THREE_CASES,
    "roles/case_buttons/README.md": THREE_CASES,
    "guide_connection": THREE_CASES,
    "guide_scale": THREE_CASES,
    "guide_first_steps": THREE_CASES,
    "guide_respond": RESPONSE,
    "guide_respond: Open a case for an alert": {"cases": []},
    "guide_trustpair": {"trustpair": {"cases": [{}]}},
    "guide_trustpair: Accept the override as a reviewer, and close the case": {
        "trustpair": {"cases": [{"override": REQUESTED}]}
    },
}
"""What there is before the plays of a document begin, or one of its plays, if they speak of what is there already."""

ELSEWHERE = {
    # Its names of fields are those of another server than the simulator.
    "guide_trustpair: Request an override of a server that has other names",
    # They run on the hosts of the files beside them, and are tested with them.
    "guide_inventory: Triage the critical cases",
    "guide_inventory: Isolate the machines of the cases with the tag",
    # It takes its buttons from the files beside it, and is tested with them.
    "guide_seeding: Seed the standard buttons on new cases",
    # It takes its connection from the files beside it, and is tested with them.
    "guide_connection: Take the key from the vault",
}
"""Plays that do not run against the simulator."""

STARTS_ANEW = {
    # It says again that it has started.
    "guide_respond: Report the progress of a job",
}
"""Plays that change something whenever they run."""

VARIABLES = {"case_ids": [101, 102, 103], "standard_buttons": BUTTONS, "incident_buttons": BUTTONS}
"""What tasks that stand alone take from around them."""


@dataclass(frozen=True)
class Documented:
    """A play of the documentation.

    world: what the simulator is loaded with. repeats: whether the play changes nothing when it runs again.
    """

    source: str
    play: dict[str, Any]
    world: dict[str, Any] = field(default_factory=dict)
    repeats: bool = True

    def __str__(self) -> str:
        return f"{self.source}: {self.play['name']}"


def documented(root: Path) -> Iterator[Documented]:
    """Every play of the documentation of the collection that lies there."""
    for file in sorted([*root.glob("plugins/modules/*.py"), *root.glob("plugins/filter/*.py")]):
        play = {"name": "EXAMPLES", "hosts": "localhost", "gather_facts": False, "tasks": examples(file)}
        yield Documented(file.stem, play, EXAMPLES_WORLD, repeats=False)
    for file in (root / "README.md", root / "roles" / "case_buttons" / "README.md"):
        yield from _blocks(str(file.relative_to(root)), file, MARKDOWN)
    for file in sorted(root.glob("docs/docsite/rst/*.rst")):
        yield from _blocks(file.stem, file, RST)


def examples(file: Path) -> list[dict[str, Any]]:
    """The tasks in the EXAMPLES of a module or a filter."""
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "EXAMPLES":
            tasks = yaml.safe_load(ast.literal_eval(statement.value))
            assert isinstance(tasks, list)
            return tasks
    raise AssertionError(f"{file.name} has no EXAMPLES")


def _blocks(source: str, file: Path, pattern: re.Pattern[str]) -> Iterator[Documented]:
    for block in pattern.findall(file.read_text(encoding="utf-8")):
        for play in _plays(yaml.safe_load(textwrap.dedent(block))):
            name = f"{source}: {play['name']}"
            if name not in ELSEWHERE:
                yield Documented(source, play, WORLDS.get(name) or WORLDS.get(source, {}))


def _plays(shown: Any) -> list[dict[str, Any]]:
    """What a block shows as plays: as it stands, or around its tasks, or around its variables of the role."""
    play = {"hosts": "localhost", "gather_facts": False, "vars": VARIABLES}
    if isinstance(shown, list) and all(isinstance(each, dict) for each in shown):
        if "sources" in shown[0]:
            return []  # a rulebook
        if "hosts" in shown[0]:
            return shown
        # A playbook that imports another one is tested with its guide.
        if any("." in key and not key.endswith("import_playbook") for key in shown[0]):
            return [{**play, "name": shown[0]["name"], "tasks": shown}]
    if isinstance(shown, dict) and shown and all(name.startswith("case_buttons_") for name in shown):
        role = {"role": "casework.cases.case_buttons", "vars": shown}
        return [{**play, "name": f"The role with {', '.join(shown)}", "roles": [role]}]
    return []  # a file of a pipeline, an installation or a credential
