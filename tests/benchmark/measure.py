# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command's costs, and the simulator that it speaks to, which counts the other side."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEY = "sim-key-0000"
SAMPLE_SECONDS = 0.05
MIB = 1024


@dataclass(frozen=True)
class Cost:
    """What a command cost: seconds of wall time, seconds of CPU time, and MiB, these two with all its children.

    memory is the highest sum of the processes' proportional set sizes that was seen twice in a row; None where there is
    no /proc, and where it was over too soon.
    """

    wall: float
    cpu: float
    memory: float | None


class CommandFailed(Exception):
    """A rival ended with an error; the message has the end of what it printed."""


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end and say what it cost. Raises `CommandFailed`."""
    with log.open("wb") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=dict(environment)
        )
        memory = _Memory(process.pid)
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = memory.peak()
    if process.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)} ended with status {process.returncode}:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)


class _Memory:
    """Watches a process and its children from a thread of its own."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._highest = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        before = 0
        while not self._ended.wait(SAMPLE_SECONDS):
            now = sum(map(_proportional_kib, _family(self._pid)))
            # What is there for one look alone may be a process that is just being started and still shares all memory.
            self._highest = max(self._highest, min(before, now))
            before = now

    def peak(self) -> float | None:
        """MiB at the most until now; ends the watch."""
        self._ended.set()
        self._thread.join()
        return self._highest / MIB if self._highest else None


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        children = [Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii") for thread in threads]
    except OSError:  # it has just ended
        return
    for child in " ".join(children).split():
        yield from _family(int(child))


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Server:
    """A simulator in a process of its own. Use it as a context manager."""

    def __init__(self, scratch: Path) -> None:
        port_file = scratch / "port"
        simulator = ROOT / "playbooks" / "files" / "simulator"
        options = ["--port-file", str(port_file), "--quiet", "--parent-pid", str(os.getpid())]
        port_file.unlink(missing_ok=True)
        self._process = subprocess.Popen([sys.executable, str(simulator), *options])
        while not port_file.exists():
            if self._process.poll() is not None:
                raise CommandFailed("the simulator did not start")
            time.sleep(0.05)
        self._port = int(port_file.read_text(encoding="ascii"))
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        self._process.wait()

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Call one of the simulator's own endpoints."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(
                method, f"/_simulator/{name}", json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            raise CommandFailed(f"{method} {name}: {response.status} {content.decode()}")
        return json.loads(content) if content else None

    def cpu(self) -> float:
        """Seconds of CPU time that the simulator has taken, 0 where there is no /proc."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
