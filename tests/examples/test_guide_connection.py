# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on connections, where it takes the key from a vault: its commands and files, followed to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.casework.cases.tests.examples.guides import GUIDES, blocks, run

from simulator.server import Simulator

GUIDE = (GUIDES / "guide_connection.rst").read_text(encoding="utf-8")
(CHAPTER,) = re.findall(r"^The key from Ansible Vault\n-+\n(.*?)^In AWX", GUIDE, re.MULTILINE | re.DOTALL)
BLOCKS = blocks(CHAPTER)
FILES = {block.file: block.text for block in BLOCKS if block.file}
ENCRYPT, FIND = [block.text for block in BLOCKS if not block.file]
ASK = " --ask-vault-pass"
ADDRESS = "https://acme.tines.com"


def test_the_key_comes_from_the_vault(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("of the vault\n", encoding="utf-8")
    variables = {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}
    with Simulator() as tenant:
        run(ENCRYPT, tmp_path, variables, typed=tenant.api_key)
        for name, text in FILES.items():
            (tmp_path / name).write_text(text.replace(ADDRESS, tenant.url), encoding="utf-8")
        assert FIND.endswith(f"{ASK}\n")
        printed = run(FIND.replace(ASK, ""), tmp_path, variables)
    assert "failed=0" in printed
    assert [request["status"] for request in tenant.requests] == [200]
    assert tenant.api_key not in (tmp_path / "group_vars" / "all" / "vault.yml").read_text(encoding="utf-8")
