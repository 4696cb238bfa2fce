# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that starts the bundled simulator, tells it what to be, and says what it has seen. README.md has the options.

It runs on the controller, in a few milliseconds: a module would take longer than all that it has to tell a simulator.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

START_SECONDS = 20


class Control:
    """The control endpoints of one simulator."""

    def __init__(self, url: str, ca_path: str) -> None:
        place = urlsplit(url)
        if not place.hostname:
            raise AnsibleError(f"{url!r} is no URL of a simulator; is one started?")
        connection: http.client.HTTPConnection
        if place.scheme == "https":
            context = ssl.create_default_context(cafile=ca_path)
            connection = http.client.HTTPSConnection(place.hostname, place.port, timeout=30, context=context)
        else:
            connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        self._connection = connection

    def ask(self, method: str, endpoint: str, body: Any = None) -> Any:
        payload = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        self._connection.request(method, f"/_simulator/{endpoint}", payload, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise AnsibleError(f"The simulator answered {endpoint} with {answer.status}: {content.decode()}")
        return json.loads(content) if content else {}


def start(tls: bool) -> dict[str, str]:
    """Start a simulator that ends with this playbook run, and return where it is."""
    place = Path(tempfile.mkdtemp(prefix="simulator-"))
    collection = Path(import_module("ansible_collections.casework.cases").__path__[0])
    port_file = place / "port"
    command = [sys.executable, str(collection / "playbooks" / "files" / "simulator"), "--quiet"]
    # The process that runs this task is a child of the playbook run itself.
    command += ["--port", "0", "--port-file", str(port_file), "--parent-pid", str(os.getppid())]
    if tls:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(place / "ca.pem")
        certificate = authority.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(place / "key.pem")
        certificate.cert_chain_pems[0].write_to_path(place / "cert.pem")
        command += ["--tls-cert", str(place / "cert.pem"), "--tls-key", str(place / "key.pem")]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    for _attempt in range(START_SECONDS * 50):
        if port_file.exists():
            scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
            url = f"{scheme}://{host}:{port_file.read_text(encoding='ascii').strip()}"
            return {"simulator_url": url, "simulator_ca": str(place / "ca.pem") if tls else ""}
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AnsibleError(f"The simulator did not start: {(place / 'log').read_text(encoding='utf-8')}")


class ActionModule(ActionBase):
    """What a task gives is done in the order of the lines below; what the simulator then shows is the result."""

    _VALID_ARGS = frozenset(("start", "reset", "settings", "load", "forget", "faults", "disarm"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = self._task.args
        unknown = sorted(set(given) - self._VALID_ARGS)
        if unknown:
            raise AnsibleError(f"simulator: unknown options {unknown}")
        facts = {
            name: self._templar.template((task_vars or {}).get(name, "")) for name in ("simulator_url", "simulator_ca")
        }
        if "start" in given:
            # Not as facts of the host: used without `ansible_facts`, those are deprecated since ansible-core 2.20.
            facts = start(tls=given["start"] == "tls")
            result.update(facts)
        control = Control(facts["simulator_url"], facts["simulator_ca"])
        if given.get("reset"):
            control.ask("POST", "reset")
        if "settings" in given:
            control.ask("POST", "settings", given["settings"])
        if "load" in given:
            result["loaded"] = control.ask("POST", "load", given["load"])["cases"]
        if given.get("disarm"):
            control.ask("DELETE", "faults")
        if "faults" in given:
            control.ask("POST", "faults", given["faults"])
        if given.get("forget"):
            control.ask("DELETE", "requests")
        result.update(control.ask("GET", "requests"))
        result["sent"] = ", ".join(f"{count} {method}" for method, count in sorted(result["methods"].items()))
        result.update(control.ask("GET", "state"))
        return result
