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
from ansible_collections.casework.cases.plugins.module_utils._core.connection import connect
from ansible_collections.casework.cases.plugins.module_utils._tines.client import TINES
from ansible_collections.casework.cases.tests.unit.costs.conftest import BUTTONS, CONCURRENCY, FEW, MANY, Tenant

from simulator.server import Simulator

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
PACKAGE = "ansible_collections.casework.cases.plugins"
MODULE_UTILS = f"{PACKAGE}.module_utils"
CORE = {
    "_ansible.argspec",
    "_ansible.module",
    "_core.connection",
    "_core.errors",
    "_core.execution",
    "_core.http_client",
    "_core.plan",
    "_core.rate_limit",
    "_core.redaction",
    "_core.responses",
    "_core.retry",
    "_core.transport",
    "_core.transport_errors",
}
"""What every task needs of `module_utils`."""

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
    rest = [f"{PACKAGE}.modules.{module}"]
    while rest:
        name = rest.pop()
        file = PLUGINS.joinpath(*name.removeprefix(f"{PACKAGE}.").split(".")).with_suffix(".py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = name.split(".")[: -node.level]
                origin = ".".join([*package, *filter(None, [node.module])]).removeprefix(f"{MODULE_UTILS}.")
                rest += [f"{MODULE_UTILS}.{origin}"] if origin not in found else []
                found.add(origin)
    return found


# Imports


def test_a_module_imports_nothing_but_its_own_files_beside_ansible_and_requests() -> None:
    # dataclasses is what newer versions of ansible-core import themselves.
    known = imported("import dataclasses, runpy, ansible.module_utils.basic, requests")
    module = imported(f"import runpy; runpy.run_module('{PACKAGE}.modules.case_actions')")
    own = {f"{MODULE_UTILS}.{name}" for name in used_by("case_actions")}
    packages = {own_or_module.rpartition(".")[0] for own_or_module in own}
    parents = {name.rsplit(".", depth)[0] for name in packages for depth in range(6)}
    assert module - known - {"gc"} == own | parents | {f"{PACKAGE}.modules"}  # gc is built in: no file is read


def test_a_run_imports_nothing_that_it_does_not_use(tenant: Tenant, payload: Payload) -> None:
    program = payload(FEW)
    tenant.has(FEW, BUTTONS)
    _result, modules = run(program)
    assert f"{MODULE_UTILS}._core.http_client" in modules
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
    assert files == {
        "modules/case_actions.py",
        *(f"module_utils/{name.replace('.', '/')}.py" for name in used_by("case_actions")),
    }


@pytest.mark.parametrize("module", ["case_action", "case_actions", "case_actions_info"])
def test_a_payload_for_buttons_carries_nothing_that_changes_cases(module: str) -> None:
    others = {"_tines.cases.apply", "_tines.cases.plan", "_tines.client_v1", "_tines.v1_format"}
    assert used_by(module).isdisjoint(others)


@pytest.mark.parametrize("module", sorted(file.stem for file in PLUGINS.joinpath("modules").glob("*.py")))
def test_a_payload_carries_the_core_and_nothing_of_another_vendor(module: str) -> None:
    used = used_by(module)
    assert used >= CORE
    vendors = {name.split(".")[0] for name in used} - {"_ansible", "_core"}
    assert vendors == ({"_trustpair"} if module == "case_perform" else {"_tines"})


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
        options = {"tenant": server.url, "api_key": server.api_key, "ca_path": str(trusted)}
        http = connect(TINES, options, connections=CONCURRENCY)
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda _turn: http.send("GET", "/api/v2/cases/1/actions"), range(3 * CONCURRENCY)))
        http.close()
        assert 1 < server.connections == len(handshakes) <= CONCURRENCY
    assert len(loads) == 1
    assert set(map(id, handshakes)) == {id(loads[0])}
