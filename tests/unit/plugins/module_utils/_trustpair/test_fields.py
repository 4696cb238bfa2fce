# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users are told of names on the wire is what the table has."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.casework.cases.plugins.module_utils._trustpair.fields import (
    ACTIONS,
    DOCUMENTED,
    INFERRED,
    REQUEST_NAMES,
    STATUS_ALIASES,
    Name,
)

ROOT = Path(__file__).resolve().parents[5]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_trustpair.rst").read_text(encoding="utf-8")
MODULE = (ROOT / "plugins" / "modules" / "case_perform.py").read_text(encoding="utf-8")
NAMES = [*REQUEST_NAMES.values(), *ACTIONS.values()]


def test_every_name_is_documented_or_inferred() -> None:
    assert {name.source for name in NAMES} == {DOCUMENTED, INFERRED}


def test_the_table_of_the_guide_has_every_name_with_how_it_is_known() -> None:
    rows = re.findall(r"^   \* - .+\n     - ``(.+)``\n     - (documented|inferred)\n", GUIDE, re.MULTILINE)
    assert Counter(rows) == Counter(map(tuple, NAMES))


@pytest.mark.parametrize("word", STATUS_ALIASES)
def test_the_guide_has_every_word_that_is_understood(word: str) -> None:
    assert f"``{word}``" in GUIDE


@pytest.mark.parametrize("name", [name for name in NAMES if name.source == INFERRED])
def test_the_notes_of_the_module_name_what_is_inferred(name: Name) -> None:
    notes = " ".join(MODULE.split("\nnotes:\n")[1].split("\nseealso:\n")[0].split())
    inferred = notes.split("Inferred are:")[1].split("Unknown are")[0]
    for part in name.text.replace("{case_id}", "{id}").split(","):
        assert re.search(rf"\b[CV]\({re.escape(part)}\)", inferred)
