# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the real ansible-rulebook, for tests and measurements.

The environment variable ``ANSIBLE_RULEBOOK`` names another program than the one on the path.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

BESIDE = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
PROGRAM = os.environ.get("ANSIBLE_RULEBOOK") or shutil.which("ansible-rulebook", path=BESIDE)
ROOT = Path(__file__).absolute().parents[2]
COLLECTIONS = runpy.run_path(str(ROOT / "conftest.py"))["collections_path"]()
"""Where Ansible finds this checkout."""

PATIENCE = 240.0
"""Seconds to wait for what is sure to come, on however slow a machine."""

QUICK_START = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""What lets Java start sooner, and run slower, if no time is measured."""

SLOW_START = "PYTHONDONTWRITEBYTECODE"
"""Without compiled files, each start of a program takes a second longer than where it is installed."""


def version() -> tuple[int, int]:
    """The version of ansible-rulebook, its first two parts."""
    said = subprocess.run([str(PROGRAM), "--version"], capture_output=True, check=True, text=True).stdout
    found = re.search(r"(\d+)\.(\d+)\.\d+", said)
    assert found, said
    return int(found[1]), int(found[2])


def ruleset(source: dict[str, Any], action: Any, condition: str = "event.tines is defined") -> list[Any]:
    """A rulebook that does one thing with the events of one source."""
    rules = [{"name": "Any event", "condition": condition, "action": action}]
    return [{"name": "Test", "hosts": "localhost", "sources": [source], "rules": rules}]


class Rulebook:
    """One run of ansible-rulebook in a directory.

    rulebook: its content, or the name of one in the collection. arguments: further ones of the program. name: of the
    log. environment: variables beside those of this process.
    """

    _running: ClassVar[set[Rulebook]] = set()

    def __init__(
        self,
        place: Path,
        rulebook: list[Any] | str,
        *arguments: str,
        name: str = "log",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.log = place / f"{name}.txt"
        if not isinstance(rulebook, str):
            (place / f"{name}.yml").write_text(json.dumps(rulebook))
            rulebook = f"{name}.yml"
        (place / "inventory").write_text("localhost ansible_connection=local\n")
        variables = {
            **{name: value for name, value in os.environ.items() if name != SLOW_START},
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "PATH": f"{Path(str(PROGRAM)).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            **(environment or {}),
        }
        command = [str(PROGRAM), "-i", "inventory", "-r", rulebook, *arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=place, env=variables, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self._running.add(self)

    def __enter__(self) -> Rulebook:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def said(self) -> str:
        """What it has printed until now."""
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str, count: int = 1) -> str:
        """Wait until the output has so many matches."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            said = self.said()
            if len(re.findall(pattern, said)) >= count:
                return said
            assert self.is_alive(), said[-2000:]
            time.sleep(0.05)
        raise AssertionError(f"{pattern} did not come: {self.said()[-2000:]}")

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def kill(self) -> str:
        """End it without a chance to do anything, and return what it said."""
        if self.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._running.discard(self)
        return self.said()

    @classmethod
    def kill_all(cls) -> None:
        """End every one, so that whoever waits for it in another thread goes on."""
        for each in list(cls._running):
            each.kill()
