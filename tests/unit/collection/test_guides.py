# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides say what the code says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst"))
SOURCES = sorted(
    [
        *(ROOT / "plugins" / "modules").glob("*.py"),
        *(ROOT / "plugins" / "inventory").glob("*.py"),
        *(ROOT / "plugins" / "module_utils").rglob("*.py"),
        ROOT / "plugins" / "plugin_utils" / "inventory.py",
    ],
    key=lambda file: file.name,
)

SITE = ROOT / "docs" / "site" / "index.rst"
PAGES = [
    *(f"docsite/{guide.stem}" for guide in GUIDES),
    *(f"{module.stem}_module" for module in (ROOT / "plugins" / "modules").glob("*.py")),
    *(f"{each.stem}_{kind}" for kind in ("filter", "inventory") for each in (ROOT / "plugins" / kind).glob("*.py")),
    *(each.stem for each in (ROOT / "extensions" / "eda" / "plugins").glob("*/*.py")),
    *(f"{role.name}_role" for role in (ROOT / "roles").iterdir()),
    "changelog",
]
VARIABLES = re.compile(
    r"\bE\(([A-Z_]+)\)|[\"'](\w+_CA_BUNDLE|(?:TINES|TRUSTPAIR|CASEWORK)_[A-Z_]+)[\"']|\{\{ (CASE_[A-Z_]+)"
)
"""Environment variables in documentation, in the code, and in rulebooks."""

WORDS = 4
"""Words in a row from which on a text in the code is taken for a part of a message."""

DOCUMENTED = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def words(text: str) -> str:
    """The text as it is compared: quotation marks and the breaks of lines are no difference."""
    return " ".join(re.sub(r"[`'\"]", "", text).split())


def messages(file: Path) -> Iterator[str]:
    """Yield what stands in texts that are no documentation, in pieces between what is filled in."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)} | {
        id(node.value) for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DOCUMENTED
    }
    for node in nodes:  # what is said to programmers alone
        if isinstance(node, ast.ClassDef) and "Enum" in map(ast.unparse, node.bases):
            documentation |= set(map(id, ast.walk(node)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "AssertionError":
            documentation |= set(map(id, ast.walk(node)))
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            for part in re.split(r"%[sdg]", node.value):
                piece = words(part).strip(" .,;:()")
                if len(piece.split()) >= WORDS:
                    yield piece


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.stem))
def test_every_message_is_explained(file: Path) -> None:
    guides = words(" ".join(guide.read_text(encoding="utf-8") for guide in GUIDES))
    assert [piece for piece in messages(file) if piece not in guides] == []


def test_messages_are_found_in_the_code() -> None:
    found = [piece for file in SOURCES for piece in messages(file)]
    assert len(found) > 50


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_is_in_the_navigation_once(page: str) -> None:
    assert len(re.findall(rf"^   (?:.* <)?{page}>?$", SITE.read_text(encoding="utf-8"), re.MULTILINE)) == 1


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.stem))
def test_a_guide_is_in_a_section(guide: Path) -> None:
    assert f"      - {guide.stem}\n" in (ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8")


def test_every_environment_variable_is_explained() -> None:
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml")]
    named = {"".join(match) for file in files for match in VARIABLES.findall(file.read_text(encoding="utf-8"))}
    explained = (ROOT / "docs" / "docsite" / "rst" / "guide_environment.rst").read_text(encoding="utf-8")
    assert len(named) > 10
    assert [name for name in sorted(named) if f"* - ``{name}``" not in explained] == []


def test_a_loop_over_what_a_variable_holds_does_not_print_it() -> None:
    """Without `loop_control.label`, Ansible prints each item as a whole: URLs of webhooks, in a loop over buttons."""
    places = [ROOT / "README.md", *(ROOT / "roles").rglob("*.[my][dm]*"), *(ROOT / "playbooks").glob("*.yml")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in (*GUIDES, *SOURCES, *places))
    loops = re.findall(r"^ *loop: \"\{\{ (.*) \}\}\"\n *(\w*)", text, re.MULTILINE)
    assert len(loops) >= 5
    assert [items for items, following in loops if following != "loop_control"] == ["ports"]  # numbers
