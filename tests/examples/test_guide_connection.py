# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on connections, where it takes the key from a vault: its commands and files, followed to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_connection.rst").read_text(encoding="utf-8")
(CHAPTER,) = re.findall(r"^The key from Ansible Vault\n-+\n(.*?)^In AWX", GUIDE, re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^\.\. code-block:: \w+\n(?:   :caption: (?P<file>.*)\n)?\n(?P<text>(?:   .*\n|\n)+)", re.MULTILINE)
BLOCKS = [(match["file"], textwrap.dedent(match["text"]).strip() + "\n") for match in BLOCK.finditer(CHAPTER)]
FILES = {file: text for file, text in BLOCKS if file}
ENCRYPT, FIND = [text for file, text in BLOCKS if not file]
ASK = " --ask-vault-pass"
ADDRESS = "https://acme.tines.com"


def run(command: str, place: Path, typed: str = "") -> str:
    """Run a command of the guide, with the password of the vault in a file. Returns what it printed."""
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=place,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("TINES_")},
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
            "ANSIBLE_VAULT_PASSWORD_FILE": str(place / "password"),
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


def test_the_key_comes_from_the_vault(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("of the vault\n", encoding="utf-8")
    with Simulator() as tenant:
        run(ENCRYPT, tmp_path, typed=tenant.api_key)
        for name, text in FILES.items():
            (tmp_path / name).write_text(text.replace(ADDRESS, tenant.url), encoding="utf-8")
        assert FIND.endswith(f"{ASK}\n")
        printed = run(FIND.replace(ASK, ""), tmp_path)
    assert "failed=0" in printed
    assert [request["status"] for request in tenant.requests] == [200]
    assert tenant.api_key not in (tmp_path / "group_vars" / "all" / "vault.yml").read_text(encoding="utf-8")
