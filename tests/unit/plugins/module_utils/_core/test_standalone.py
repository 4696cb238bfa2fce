# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core and the clients run in a process that has neither Ansible nor this collection's name."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

MODULE_UTILS = Path(__file__).parents[5] / "plugins" / "module_utils"
PACKAGES = ("requests", "urllib3", "certifi", "idna", "charset_normalizer", "chardet")
PROGRAM = """
import importlib, importlib.util, json, sys
packages, module_utils, name, vendors = sys.argv[1:]
sys.path.append(packages)
spec = importlib.util.spec_from_loader(name, None, is_package=True)
spec.submodule_search_locations = [module_utils]
sys.modules[name] = importlib.util.module_from_spec(spec)
for vendor in vendors.split():
    importlib.import_module(f"{name}.{vendor}")
execution = importlib.import_module(f"{name}._core.execution")
tines = importlib.import_module(f"{name}._tines.client").TINES
module = execution.ModuleSpec(tines, {}, lambda context: context.client.get_case(7))
outcome = execution.execute(module, {"tenant": "http://127.0.0.1:1", "api_key": "k", "retries": 0}, check_mode=True)
foreign = [each for each in sys.modules if each.partition(".")[0] in ("ansible", "ansible_collections")]
print(json.dumps([outcome.result["msg"], foreign]))
"""


@pytest.mark.parametrize("name", ["casework_cases", "any_other_name"])
def test_core_and_clients_load_by_path_without_ansible(tmp_path: Path, name: str) -> None:
    for package in PACKAGES:
        found = find_spec(package)
        if found and found.origin:
            (tmp_path / package).symlink_to(Path(found.origin).parent)
    core = [f"_core.{file.stem}" for file in (MODULE_UTILS / "_core").glob("*.py")]
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(tmp_path), str(MODULE_UTILS), name]
    modules = " ".join([*core, "_tines.client", "_trustpair.client"])
    done = subprocess.run([*command, modules], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    msg, foreign = json.loads(done.stdout)
    assert "the connection to the server was refused" in msg
    assert foreign == []
