# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback that gives every play a fresh simulator and writes down what its tasks did, one JSON object a line.

The variable ``documented`` of a play names its world: what the simulator is loaded with before the play begins. A play
without a world goes on with what the play before has left.
"""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Write down what the tasks of documented plays did
description: For the tests of this collection alone.
"""


def control(endpoint: str, body: Any = None, method: str = "POST") -> Any:
    """Tell the simulator something, or ask it."""
    request = urllib.request.Request(
        f"{os.environ['TINES_TENANT']}/_simulator/{endpoint}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        content = response.read()
    return json.loads(content) if content else None


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core comes without types
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"

    def __init__(self) -> None:
        super().__init__()
        self._play = ""
        self._file = Path(os.environ["CASEWORK_RECORD"])

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._note_requests()
        self._play = play.get_name()
        world = play.get_vars().get("documented")
        if world is not None:
            control("reset")
            control("load", world)
        control("requests", method="DELETE")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._note_requests()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._note_task(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note_task(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._note_task(result, "skipped")

    def _note_task(self, result: Any, status: str) -> None:
        outcome = result._result
        note = {"task": result._task.get_name(), "status": status, "changed": bool(outcome.get("changed"))}
        self._write(note | ({"msg": str(outcome.get("msg"))} if status == "failed" else {}))

    def _note_requests(self) -> None:
        if self._play:
            self._write({"methods": control("requests", method="GET")["methods"]})

    def _write(self, note: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as record:
            print(json.dumps({"play": self._play, **note}), file=record)
