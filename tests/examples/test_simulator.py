# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that runs the simulator: it says how to connect, and takes the simulator with it when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_simulator/health", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def case_name(url: str, case_id: int) -> str:
    request = urllib.request.Request(f"{url}/api/v2/cases/{case_id}", headers={"Authorization": "Bearer sim-key-0000"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return str(json.load(response)["name"])


def test_simulator_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    url, log = f"http://127.0.0.1:{free_port()}", tmp_path / "log"
    (tmp_path / "data.json").write_text(json.dumps({"cases": [{"case_id": 7, "name": "Loaded"}]}), encoding="utf-8")
    with (
        log.open("w") as output,
        subprocess.Popen(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                *("casework.cases.simulator", "--extra-vars", f"simulator_port={url.rpartition(':')[2]}"),
                *("--extra-vars", "simulator_data=data.json"),
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"],
                "PWD": str(tmp_path),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            # A runner may ignore Ctrl-C, and a process inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as playbook,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_up(url):
                assert playbook.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            assert case_name(url, 7) == "Loaded"
            said = re.findall(r"export [^\"]+", log.read_text())
            assert said == [
                f"export TINES_TENANT={url} TINES_API_KEY=sim-key-0000",
                f"export TRUSTPAIR_API_URL={url} TRUSTPAIR_API_KEY=sim-key-0000",
            ]
        finally:
            playbook.send_signal(signal.SIGINT)
            playbook.wait(START_SECONDS)
    deadline = time.monotonic() + START_SECONDS
    while is_up(url):
        assert time.monotonic() < deadline, "the simulator is still there"
        time.sleep(0.1)
