# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guides that are followed to the letter: their files and commands, and how a command is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst"
BLOCK = re.compile(
    r"^\.\. code-block:: (?P<kind>\w+)\n(?:   :caption: (?P<file>.*)\n)?\n(?P<text>(?:   .*\n|\n)+)", re.MULTILINE
)


class Block(NamedTuple):
    """A block of code. file: the name of the file that it is, None if it is none."""

    kind: str
    file: str | None
    text: str


def blocks(text: str) -> list[Block]:
    """The blocks of code in the text of a guide, in order."""
    return [
        Block(match["kind"], match["file"], textwrap.dedent(match["text"]).strip() + "\n")
        for match in BLOCK.finditer(text)
    ]


def run(command: str, place: Path, variables: Mapping[str, str], typed: str = "") -> str:
    """Run a command in a directory, with these variables and no other of a tenant. Returns what it printed."""
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=place,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("TINES_")},
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
            **variables,
        },
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
