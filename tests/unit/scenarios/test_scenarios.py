# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every scenario file of the integration targets, in the process of the test.

The README of the target `setup_simulator` says how a scenario is written and what is proved for each. A module that
changes nothing runs twice, in check mode and for real; the others run four times.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result, module_spec
from ansible_collections.casework.cases.tests.unit.scenarios.playbook import fill_in, is_true, read_yaml

ROOT = Path(__file__).parents[3]
TARGETS = ROOT / "tests" / "integration" / "targets"
MODULES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py"))
PREFIX = "casework.cases."
NOT_IDEMPOTENT = ("api",)
"""Modules that do not know what they ask for, so they ask each time."""


def scenarios(module: str) -> list[Path]:
    """Returns the scenario files of a module."""
    return sorted((TARGETS / module / "scenarios").glob("*.yml"))


def variables_of(module: str) -> dict[str, Any]:
    """Returns the variables of a target."""
    file = TARGETS / module / "vars" / "main.yml"
    return dict(read_yaml(file)) if file.is_file() else {}


def cases() -> Iterator[Any]:
    """Yields each scenario of each module, in each of the worlds that the target's variables describe."""
    for module in MODULES:
        worlds = variables_of(module).get("worlds", [{"what": "", "scenarios": "*"}])
        for world in worlds:
            for file in scenarios(module):
                if world["scenarios"] in ("*", file.name):
                    name = "-".join(filter(None, (module, file.stem, world["what"].replace(" ", "_"))))
                    yield pytest.param(module, file, world, id=name)


class Scenario:
    """One scenario file with its variables, and how to run its parts."""

    def __init__(
        self, file: Path, variables: dict[str, Any], run: Callable[..., Result], simulator_task: Callable[..., Any]
    ) -> None:
        self.variables = {**variables, "scenario": str(file)}
        self._tasks = read_yaml(file)
        self._run = run
        self._simulator_task = simulator_task

    def set_up(self) -> None:
        for task in self._of("setup"):
            self._simulator_task(**fill_in(task["simulator"], self.variables))
        self.variables["before"] = self._simulator_task(forget=True)

    def do(self, check_mode: bool) -> tuple[Result, dict[str, Any]]:
        """Run the task. Returns its result and what the simulator saw of it."""
        (task,) = self._of("task")
        (action,) = task.keys() - {"name", "when", "register"}
        options = {**fill_in(self._defaults(), self.variables), **fill_in(task[action], self.variables)}
        result = self._run(action[len(PREFIX) :], options, check_mode=check_mode)
        seen = self._simulator_task()
        self._simulator_task(forget=True)
        return result, seen

    def verify(self, **results: Any) -> None:
        """Assert what the scenario says of itself."""
        self.variables.update(results)
        for task in self._of("verify"):
            for condition in task["ansible.builtin.assert"]["that"]:
                assert is_true(condition, self.variables), (
                    f"{condition} {self.variables['after']['sent']}\n{json.dumps(results['real'], indent=1)}"
                )

    def _of(self, phase: str) -> list[Any]:
        return [task for task in self._tasks if is_true(task["when"], {"phase": phase})]

    def _defaults(self) -> dict[str, Any]:
        """The options besides the connection that the target has in `module_defaults`."""
        return {"case_id": self.variables["case"]} if "case" in self.variables else {}


@pytest.mark.parametrize(("module", "file", "world"), list(cases()))
def test_scenario(
    module: str, file: Path, world: dict[str, Any], run: Callable[..., Result], simulator_task: Callable[..., Any]
) -> None:
    scenario = Scenario(file, {**variables_of(module), "world": world}, run, simulator_task)
    scenario.set_up()
    before = scenario.variables["before"]

    check, seen = scenario.do(check_mode=True)
    assert not check.failed, check
    assert set(seen["methods"]) <= {"GET"}
    assert state(seen) == state(before)
    assert check["api_requests"] == len(seen["requests"])

    real, after = scenario.do(check_mode=False)
    assert not real.failed, real
    assert check.changed == real.changed
    assert check.get("diff") == real.get("diff")
    assert sorted(check) == sorted(real)
    assert real["api_requests"] == len(after["requests"])
    assert real.changed or state(after) == state(before)
    assert "sim-key" not in json.dumps([check, real])
    assert "s3cret" not in json.dumps([check.get("diff"), real.get("diff")])

    again = real
    if not module.endswith("_info") and module not in NOT_IDEMPOTENT:
        for check_mode in (True, False):
            again, seen = scenario.do(check_mode)
            assert not again.failed, again
            assert not again.changed
            assert set(seen["methods"]) <= {"GET"}
            assert state(seen) == state(after)

    scenario.verify(check=dict(check), real=dict(real), again=dict(again), after=after)


def state(seen: dict[str, Any]) -> Any:
    """Returns what the simulator has, without what it was asked."""
    return seen["cases"], seen["trustpair"]


def needed_scenarios(module: str) -> Sequence[tuple[str, ...]]:
    """Returns how the names of a module's scenarios must begin: with one of each."""
    spec = module_spec(module).argument_spec
    if module.endswith("_info"):
        return [("all",)]
    if "action_type" in spec and "state" not in spec:  # actions that are carried out once
        return [(choice,) for choice in (*spec["action_type"]["choices"], "close_already")]
    needed: list[tuple[str, ...]] = [("modify",), ("same",)]
    if "state" in spec or "name" in spec:  # others change what is there
        needed.append(("create",))
    if "absent" in spec.get("state", {}).get("choices", ()):
        needed.append(("delete", "absent"))
    return needed


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_scenario_for_each_thing_that_it_does(module: str) -> None:
    names = [file.stem for file in scenarios(module)]
    missing = [starts for starts in needed_scenarios(module) if not any(name.startswith(starts) for name in names)]
    assert missing == []
