# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the time of one module process goes: what it is made of, what it imports, what a request costs."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import ssl
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import requests
import urllib3
from ansible_collections.casework.cases.plugins.module_utils._core.connection import connect
from ansible_collections.casework.cases.plugins.module_utils._tines.client import TINES
from ansible_collections.casework.cases.tests.benchmark.measure import KEY, Server
from ansible_collections.casework.cases.tests.benchmark.work import BUTTONS

OWN = "ansible_collections"
GROUPS = {
    "this collection": (OWN,),
    "ansible.module_utils": ("ansible",),
    "requests": ("requests", "urllib3", "charset_normalizer", "chardet", "certifi", "idna"),
}
IMPORT = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", re.MULTILINE)


def profile(server: Server, scratch: Path, quick: bool) -> dict[str, Any]:
    """Milliseconds and bytes, by what they are spent on."""
    runs = 3 if quick else 15
    server.control("POST", "reset")
    server.control("POST", "load", {"cases": [{"case_id": 1, "actions": BUTTONS}]})
    module = _payload(server, scratch)
    files = _files(module)
    own = {name: size for name, size in files.items() if name.startswith(OWN)}
    return {
        "payload": {
            "bytes": module.stat().st_size,
            "files": len(files),
            "source_bytes": sum(files.values()),
            "own_files": sum(1 for size in own.values() if size),
            "own_source_bytes": sum(own.values()),
        },
        "process_ms": {
            "Python that does nothing": _process_ms(["-c", "pass"], runs),
            "the module, one unchanged case": _process_ms([str(module)], runs),
        },
        "imports_ms": _imports_ms(module, runs),
        "tls_context_ms": _milliseconds(_tls_context, 1, runs),
        "request_cpu_ms": _request_ms(server.url, runs),
        "json_ms": _json_ms(runs),
    }


def _payload(server: Server, scratch: Path) -> Path:
    """The file that Ansible sends to where a module runs, with the arguments in it."""
    arguments = {"tenant": server.url, "api_key": KEY, "case_ids": [1], "actions": BUTTONS}
    remote = scratch / "remote"
    subprocess.run(
        [
            *(sys.executable, "-m", "ansible", "adhoc", "localhost"),
            *("--module-name", "casework.cases.case_actions", "--args", json.dumps(arguments)),
        ],
        env={**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "true", "ANSIBLE_REMOTE_TMP": str(remote)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (payload,) = remote.glob("*/AnsiballZ_case_actions.py")
    return payload


def _files(module: Path) -> dict[str, int]:
    """The files inside, with their sizes."""
    literals = re.findall(r"[A-Za-z0-9+/=]{1000,}", module.read_text(encoding="utf-8"))
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(max(literals, key=len)))) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


def _process_ms(arguments: Sequence[str], runs: int) -> float:
    def process() -> None:
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)

    return _milliseconds(process, 1, runs)


def _imports_ms(module: Path, runs: int) -> dict[str, float]:
    """By group, without what a group's modules import themselves from another group."""
    seen: dict[str, list[float]] = defaultdict(list)
    for _run in range(runs):
        said = subprocess.run(
            [sys.executable, "-X", "importtime", str(module)], capture_output=True, text=True, check=True
        )
        spent: dict[str, float] = defaultdict(float)
        for microseconds, name in IMPORT.findall(said.stderr):
            top = name.partition(".")[0]
            group = next((group for group, names in GROUPS.items() if top in names), "the standard library")
            spent[group] += int(microseconds) / 1000
        for group, milliseconds in spent.items():
            seen[group].append(milliseconds)
    return {group: median(milliseconds) for group, milliseconds in seen.items()}


def _tls_context() -> None:
    ssl.create_default_context(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)


def _request_ms(url: str, runs: int) -> dict[str, float]:
    """CPU time on this side of one kept-alive GET, decoded, by what sends it."""
    path = "/api/v2/cases/1/actions"
    http = connect(TINES, {"tenant": url, "api_key": KEY})
    headers = {"Authorization": f"Bearer {KEY}"}
    session, bare = requests.Session(), requests.Session()
    bare.trust_env = False
    session.headers.update(headers)
    bare.headers.update(headers)
    pool = urllib3.PoolManager(headers=headers)
    ways: dict[str, Callable[[], Any]] = {
        "this collection": lambda: http.send("GET", path, query=[("per_page", "100")]),
        "requests.Session": lambda: session.get(url + path, params={"per_page": 100}, timeout=30).json(),
        "requests.Session, trust_env off": lambda: bare.get(url + path, params={"per_page": 100}, timeout=30).json(),
        "urllib3": lambda: json.loads(pool.request("GET", f"{url}{path}?per_page=100", timeout=30).data),
    }
    spent = {name: _milliseconds(way, 100, runs, time.process_time) for name, way in ways.items()}
    http.close()
    session.close()
    bare.close()
    pool.clear()
    return spent


def _json_ms(runs: int) -> dict[str, float]:
    text = json.dumps({"actions": BUTTONS * 20})
    return {
        "decode 100 buttons": _milliseconds(lambda: json.loads(text), 20, runs),
        "encode 100 buttons": _milliseconds(lambda: json.dumps({"actions": BUTTONS * 20}), 20, runs),
    }


def _milliseconds(
    work: Callable[[], Any], times: int, runs: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median over the runs of what one call takes."""
    spent = []
    for _run in range(runs):
        begun = clock()
        for _time in range(times):
            work()
        spent.append((clock() - begun) / times * 1000)
    return median(spent)
