# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that runs the simulator: it says how to connect, and takes the simulator with it when it ends."""

from __future__ import annotations

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


def test_simulator_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    url, log = f"http://127.0.0.1:{free_port()}", tmp_path / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                *("casework.cases.simulator", "--extra-vars", f"simulator_port={url.rpartition(':')[2]}"),
            ],
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.environ["CASEWORK_INSTALLED"]},
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
