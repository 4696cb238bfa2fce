# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task costs, in numbers that are the same on every machine: imports, files, requests, connections, contexts."""

from __future__ import annotations

import ast
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.casework.cases.plugins.module_utils._http import Http
from ansible_collections.casework.cases.tests.unit.costs.conftest import BUTTONS, CONCURRENCY, FEW, MANY, Tenant

from simulator.server import Simulator

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
PACKAGE = "ansible_collections.casework.cases.plugins"
USED = {"_buttons", "_ensure", "_errors", "_http", "_options", "_plan", "_run", "_tines"}
"""What a task for the buttons of cases needs of `module_utils`."""

CASES = {"_cases", "_ensure_case", "_legacy", "_tines_v1"}
NEEDED_BY_NONE = (
    "asyncio",
    "concurrent.futures",
    "cryptography",
    "jinja2",
    "multiprocessing",
    "yaml",
    "ansible.module_utils.urls",
)

Payload = Callable[[int], Path]


def run(program: Path) -> tuple[dict[str, Any], set[str]]:
    """Run a payload: its result, and what it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(program)], capture_output=True, check=True, text=True, timeout=120
    )
    return json.loads(done.stdout), set(re.findall(r"^import time: .*\| +(\S+)$", done.stderr, re.MULTILINE))


def imported(statement: str) -> set[str]:
    """The names of all modules that a new process has after a statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=120)
    return set(done.stdout.split())


def used_by(module: str) -> set[str]:
    """The files of `module_utils` that a module's payload carries: Ansible follows every import, lazy ones too."""
    found: set[str] = set()
    rest = [PLUGINS / "modules" / f"{module}.py"]
    while rest:
        for node in ast.walk(ast.parse(rest.pop().read_text(encoding="utf-8"))):
            origin = node.module if isinstance(node, ast.ImportFrom) and node.module else ""
            package, _dot, name = origin.rpartition(".")
            names = [name] if package == f"{PACKAGE}.module_utils" else []
            if isinstance(node, ast.ImportFrom) and origin == f"{PACKAGE}.module_utils":
                names = [alias.name for alias in node.names]
            rest += [PLUGINS / "module_utils" / f"{new}.py" for new in set(names) - found]
            found.update(names)
    return found


# Imports


def test_a_module_imports_nothing_but_its_own_files_beside_ansible_and_requests() -> None:
    # dataclasses is what newer versions of ansible-core import themselves.
    known = imported("import dataclasses, runpy, ansible.module_utils.basic, requests")
    module = imported(f"import runpy; runpy.run_module('{PACKAGE}.modules.case_actions')")
    own = {f"{PACKAGE}.module_utils.{name}" for name in USED}
    packages = {"ansible_collections", "ansible_collections.casework", "ansible_collections.casework.cases", PACKAGE}
    assert module - known == own | packages | {f"{PACKAGE}.modules", f"{PACKAGE}.module_utils"}


def test_a_run_imports_nothing_that_it_does_not_use(tenant: Tenant, payload: Payload) -> None:
    program = payload(FEW)
    tenant.has(FEW, BUTTONS)
    _result, modules = run(program)
    assert f"{PACKAGE}.module_utils._http" in modules
    assert modules.isdisjoint(NEEDED_BY_NONE)


def test_a_run_for_many_cases_imports_no_more_than_one_for_one_case(tenant: Tenant, payload: Payload) -> None:
    programs = [payload(FEW), payload(MANY)]
    tenant.has(MANY, BUTTONS)
    (_few, few), (_many, many) = map(run, programs)
    assert many == few


# Files


def test_the_payload_has_no_other_file_of_this_collection_than_it_runs(payload: Payload) -> None:
    program = payload(FEW)
    subprocess.run([sys.executable, str(program), "explode"], capture_output=True, check=True, timeout=120)
    root = program.with_name("debug_dir") / "ansible_collections" / "casework" / "cases" / "plugins"
    files = {str(file.relative_to(root)) for file in root.rglob("*.py") if file.name != "__init__.py"}
    assert files == {"modules/case_actions.py", *(f"module_utils/{name}.py" for name in USED)}


@pytest.mark.parametrize(
    ("module", "carried"),
    [
        ("case_action", USED),
        ("case_actions", USED),
        ("case_actions_info", USED - {"_ensure"}),
        ("case", USED | CASES),
        ("case_legacy", USED | CASES),
    ],
)
def test_a_payload_carries_what_its_module_needs_and_no_more(module: str, carried: set[str]) -> None:
    assert used_by(module) <= carried


def test_what_speaks_to_trustpair_carries_nothing_of_tines() -> None:
    assert used_by("case_perform").isdisjoint(CASES | {"_buttons", "_ensure", "_tines"})


# Requests and connections


def test_a_new_case_takes_two_requests_and_then_one_over_one_connection(tenant: Tenant, payload: Payload) -> None:
    program = payload(FEW)
    tenant.has(FEW, [])
    for changed, expected in ((True, ["GET actions", "PUT batch"]), (False, ["GET actions"])):
        result, _modules = run(program)
        connections = tenant.simulator.connections
        assert (result["changed"], result["api_requests"], connections) == (changed, len(expected), 1)
        assert tenant.counted() == expected


def test_many_cases_take_as_many_requests_each_over_no_more_connections_than_workers(
    tenant: Tenant, payload: Payload
) -> None:
    program = payload(MANY)
    tenant.has(MANY, [])
    for changed, expected in ((True, ["GET actions", "PUT batch"]), (False, ["GET actions"])):
        result, _modules = run(program)
        connections = tenant.simulator.connections
        assert (result["changed"], result["api_requests"]) == (changed, MANY * len(expected))
        assert sorted(tenant.counted()) == sorted(expected * MANY)
        assert 1 < connections <= CONCURRENCY


def test_a_button_that_differs_takes_one_more_request(tenant: Tenant, payload: Payload) -> None:
    program = payload(FEW)
    tenant.has(FEW, [{**BUTTONS[0], "url": "https://acme.tines.com/pages/other"}, *BUTTONS[1:]])
    assert run(program)[0]["changed"]
    assert tenant.counted() == ["GET actions", "PUT 1"]


# TLS


def test_one_tls_context_with_its_certificates_loaded_once_serves_all_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    chain, key, trusted = tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(trusted)
    loads: list[ssl.SSLContext] = []
    handshakes: list[ssl.SSLContext] = []
    load, wrap = ssl.SSLContext.load_verify_locations, ssl.SSLContext.wrap_socket

    def counted_load(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> Any:
        loads.append(self)
        return load(self, *args, **kwargs)

    def counted_wrap(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("server_side"):
            handshakes.append(self)
        return wrap(self, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted_load)
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", counted_wrap)
    with Simulator(tls=(str(chain), str(key)), data={"cases": [{}]}, settings={"latency_ms": 50}) as server:
        http = Http(server.url, server.api_key, ca_path=str(trusted), connections=CONCURRENCY)
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda _turn: http.send("GET", "/api/v2/cases/1/actions"), range(3 * CONCURRENCY)))
        http.close()
        assert 1 < server.connections == len(handshakes) <= CONCURRENCY
    assert len(loads) == 1
    assert set(map(id, handshakes)) == {id(loads[0])}
