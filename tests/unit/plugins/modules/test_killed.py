# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that is killed in the middle of its work, and run again: nothing is there twice, and nothing is missing."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask

from simulator.messages import Request, Response
from simulator.server import Simulator

IDS = list(range(1, 13))


def page(label: str, **more: Any) -> dict[str, Any]:
    return {"label": label, "url": f"https://acme.tines.com/pages/{label.lower()}", "action_type": "page", **more}


LOAD = {
    "cases": [
        {"case_id": 1, "count": 4},
        {
            "case_id": 5,
            "count": 8,
            "actions": [page("B", action_text="Old"), page("Theirs")],
            "tasks": [{"description": "B"}, {"description": "Theirs"}],
        },
    ]
}
BUTTONS = [page("A"), page("B", action_text="New"), page("C", query_params={"a": "1"})]
WORK: dict[str, tuple[str, dict[str, Any]]] = {
    "buttons": ("case_actions", {"case_ids": IDS, "actions": BUTTONS}),
    "buttons one by one": ("case_actions", {"case_ids": IDS, "actions": BUTTONS, "batch": False}),
    "all buttons": ("case_actions", {"case_ids": IDS, "actions": BUTTONS, "exclusive": True}),
    "tasks": (
        "case_tasks",
        {"case_ids": IDS, "tasks": [{"description": "A"}, {"description": "B", "completed": True}], "exclusive": True},
    ),
    "a case with its buttons": ("case", {"team_id": 1, "name": "New", "actions": BUTTONS, "tag_names": ["a"]}),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("work", WORK)
def test_run_after_a_kill_finishes_the_work(
    work: str, seed: int, run: Run, simulator_task: SimulatorTask, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, options = WORK[work]
    simulator_task(load=LOAD)
    assert not run(module, options).failed
    undisturbed = simulator_task()
    dice = random.Random(f"{work} {seed}")
    last = dice.randint(1, len(undisturbed["requests"]))

    simulator_task(reset=True, load=LOAD)
    with monkeypatch.context() as patched:
        killer = _Killer(simulator.serve, last, after=dice.choice([True, False]))
        patched.setattr(simulator, "serve", killer)
        killer.run(module, {"tenant": simulator.url, "api_key": simulator.api_key, **options})
    again = run(module, options)
    assert not again.failed, again
    assert _things(simulator_task()) == _things(undisturbed)
    assert not run(module, options).changed


def _things(state: dict[str, Any]) -> list[Any]:
    """What the cases have, without the IDs, which tell of the way."""
    return [
        (
            case["name"],
            case["tag_names"] if "tag_names" in case else case["tags"],
            sorted((button["label"], button["action_text"], str(button["query_params"])) for button in case["actions"]),
            sorted((task["description"], task["completed"]) for task in case["tasks"]),
        )
        for case in state["cases"]
    ]


class _Killer:
    """Kills a module at its request number `last`, which is still carried out. after: not before it is.

    Whatever comes in afterwards was sent by a process that is gone, and gets no further.
    """

    def __init__(self, serve: Callable[[Request, int], Any], last: int, after: bool) -> None:
        self._serve = serve
        self._last = last
        self._after = after
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, options: dict[str, Any]) -> None:
        """Run a module as a process until it is killed."""
        with self._lock:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"ansible_collections.casework.cases.plugins.modules.{module}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        out, _err = self._process.communicate(json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode(), timeout=60)
        with self._lock:  # nothing is being carried out
            assert (self._last, out) == (0, b"")

    def __call__(self, request: Request, connection: int) -> tuple[Response | None, bool]:
        with self._lock:
            assert self._process
            if not self._last:
                return None, False
            self._last -= 1
            if not self._last and not self._after:
                self._process.kill()
            answer: tuple[Response | None, bool] = self._serve(request, connection)
            if not self._last:
                self._process.kill()
            return answer
