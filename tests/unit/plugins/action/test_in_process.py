# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tasks run in Ansible's worker, which as modules, and that nobody can tell from the result."""

from __future__ import annotations

import datetime
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from ansible import constants
from ansible_collections.casework.cases.plugins.module_utils._core.execution import Outcome
from ansible_collections.casework.cases.plugins.module_utils._core.transport import Transport, TransportSettings
from ansible_collections.casework.cases.plugins.plugin_utils import action as plugin
from ansible_collections.casework.cases.plugins.plugin_utils import values
from ansible_collections.casework.cases.tests.unit.in_process import connection_defaults, module_spec
from ansible_collections.casework.cases.tests.unit.plugins.action.task import VERSION, Worker, template
from ansible_collections.casework.cases.tests.unit.scenarios.test_scenarios import (
    MODULES,
    ROOT,
    Scenario,
    cases,
    variables_of,
)

from simulator.server import Simulator

READ = {"case_ids": [7]}


@pytest.fixture(autouse=True)
def _empty_pool() -> Iterator[None]:
    """A worker begins without connections."""
    plugin.POOL.clear()
    yield
    plugin.POOL.clear()


@pytest.fixture
def worker(simulator: Simulator, simulator_task: Callable[..., dict[str, Any]]) -> Callable[..., Worker]:
    """Makes a worker with a task for the simulator, which has case 7."""
    simulator_task(load={"cases": [{"case_id": 7}]}, forget=True)

    def make(
        module: str = "case_actions_info", options: dict[str, Any] | None = None, *rest: Any, **keywords: Any
    ) -> Worker:
        known = module_spec(module).argument_spec
        defaults = {key: value for key, value in connection_defaults(simulator).items() if key in known}
        return Worker(module, {**defaults, **(READ if options is None else options)}, *rest, **keywords)

    return make


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_an_action_plugin_over_one_base(module: str) -> None:
    lines = (ROOT / "plugins" / "action" / f"{module}.py").read_text().splitlines()
    assert f"from ..modules.{module} import MODULE" in lines
    assert sum(bool(line) and not line.startswith("#") for line in lines) <= 8


@pytest.mark.parametrize(
    ("keywords", "variables"),
    [
        ({"async": 10}, {}),
        ({"environment": [{"https_proxy": "http://proxy.example:3128"}]}, {}),
        ({}, {"casework_cases_in_process": False}),
        ({}, {"casework_cases_in_process": template("{{ 1 == 2 }}")}),
        ({}, {"ansible_python_interpreter": "/usr/bin/python3.99"}),
        ({}, {"ansible_python_interpreter": template("{{ 'elsewhere' }}/python")}),
    ],
)
def test_what_needs_a_process_runs_as_module(
    worker: Callable[..., Worker], keywords: dict[str, Any], variables: dict[str, Any]
) -> None:
    task = worker(keywords=keywords, variables=variables)
    assert not task.run().get("failed")
    assert task.ways == ["module"]


@pytest.mark.parametrize("place", ["_connection", "_play_context"])
def test_become_runs_as_module(worker: Callable[..., Worker], place: str) -> None:
    task = worker()
    getattr(task.action, place).become = True
    task.run()
    assert task.ways == ["module"]


def test_other_connection_than_local_runs_as_module(worker: Callable[..., Worker]) -> None:
    task = worker(connection="ssh")
    task.run()
    assert task.ways == ["module"]


def test_environment_variable_switches_in_process_off(
    worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    for value, way in (("0", "module"), ("false", "module"), ("1", "in process"), ("", "in process")):
        monkeypatch.setenv(plugin.ENVIRONMENT, value)
        task = worker()
        task.run()
        assert task.ways == [way]


def test_keep_remote_files_runs_as_module(worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_KEEP_REMOTE_FILES", True, raising=False)
    task = worker()
    task.run()
    assert task.ways == ["module"]


def test_controller_without_requests_runs_as_module(
    worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "REQUESTS_IMPORT_ERROR", "Traceback ...")
    task = worker()
    task.run()
    assert task.ways == ["module"]


@pytest.mark.parametrize(
    ("keywords", "variables"),
    [
        ({}, {}),
        ({"environment": [{}]}, {}),
        ({"check_mode": True}, {}),
        ({"diff": True}, {}),
        ({"no_log": True}, {}),
        ({"timeout": 30}, {}),
        ({"throttle": 1}, {}),
        ({}, {"casework_cases_in_process": True}),
        ({}, {"casework_cases_in_process": template("{{ 1 == 1 }}")}),
        ({}, {"ansible_python_interpreter": sys.executable}),
        ({}, {"ansible_python_interpreter": "auto_silent"}),
        (
            {},
            {
                "ansible_python_interpreter": template("{{ ansible_playbook_python }}"),
                "ansible_playbook_python": sys.executable,
            },
        ),
    ],
)
def test_everything_else_runs_in_process(
    worker: Callable[..., Worker], keywords: dict[str, Any], variables: dict[str, Any]
) -> None:
    task = worker(keywords=keywords, variables=variables)
    assert not task.run().get("failed")
    assert task.ways == ["in process"]


def test_delegated_task_looks_at_variables_of_that_host(worker: Callable[..., Worker]) -> None:
    variables = {
        "ansible_python_interpreter": "/usr/bin/python3.99",
        "ansible_delegated_vars": {"localhost": {"ansible_python_interpreter": sys.executable}},
    }
    task = worker(variables=variables)
    task.action._task.delegate_to = "localhost"
    task.run()
    assert task.ways == ["in process"]


@pytest.mark.parametrize(
    "options",
    [
        {"case_ids": "seven"},
        {"case_ids": [7], "concurrency": "many"},
        {"case_ids": [7], "unknown": 1},
        {"label": "x"},
        {"case_ids": {7}},
    ],
)
def test_options_with_an_error_are_left_to_the_module(worker: Callable[..., Worker], options: dict[str, Any]) -> None:
    task = worker(options=options)
    if isinstance(options.get("case_ids"), set):  # no JSON, and so no module that could run here

        def module(**_settings: Any) -> dict[str, Any]:
            task.ways.append("module")
            return {"failed": True}

        task.action._execute_module = module
    assert task.run()["failed"]
    assert task.ways == ["module"]


def test_option_and_its_alias_at_once_are_left_to_the_module_which_warns(worker: Callable[..., Worker]) -> None:
    task = worker(options={"case_ids": [7], "case_id": [7]})
    assert not task.run().get("failed")
    assert task.ways == ["module"]


def test_option_that_will_be_removed_is_left_to_the_module(worker: Callable[..., Worker]) -> None:
    task = worker(options={"case_ids": [7], "label": "x"})
    spec = task.action.MODULE
    old = {**spec.argument_spec["label"], "removed_in_version": "9.0.0", "removed_from_collection": "casework.cases"}
    task.action.MODULE = replace(spec, argument_spec={**spec.argument_spec, "label": old})
    task.run()
    assert task.ways == ["module"]


def test_items_of_a_loop_share_connection_and_rate_limit(
    worker: Callable[..., Worker], simulator_task: Callable[..., dict[str, Any]]
) -> None:
    for _item in range(5):
        worker().run()
    seen = simulator_task()
    assert (seen["sent"], seen["connections"]) == ("5 GET", 1)


def test_other_key_or_tls_settings_get_connections_of_their_own(
    worker: Callable[..., Worker], simulator_task: Callable[..., dict[str, Any]]
) -> None:
    worker().run()
    assert worker(options={**READ, "api_key": "other-key-0000"}).run()["failed"]
    worker(options={**READ, "validate_certs": False}).run()
    worker().run()
    assert simulator_task()["connections"] == 3


def test_pool_closes_the_oldest_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(Transport, "close", lambda transport: closed.append(transport.host))
    pool, hosts = plugin.TransportPool(), [f"host-{number}" for number in range(12)]
    for host in hosts:
        pool.get(TransportSettings(f"http://{host}"), "key")
    assert closed == hosts[:4]
    pool.clear()
    assert sorted(closed) == sorted(hosts)


def test_counts_and_warnings_do_not_leak_into_the_next_item(worker: Callable[..., Worker]) -> None:
    absent = {"case_id": 999, "label": "x", "state": "absent"}
    assert worker("case_action", absent).run()["warnings"]
    result = worker().run()
    assert "warnings" not in result
    assert result["api_requests"] == 1


@pytest.mark.parametrize("shows", [True, False])
def test_result_has_the_invocation_if_ansible_shows_it(worker: Callable[..., Worker], shows: bool) -> None:
    task = worker()
    task.action._shows_invocation = lambda _variables: shows
    assert ("invocation" in task.run()) == shows


def test_ansible_shows_the_invocation_always_or_if_it_is_asked_for(worker: Callable[..., Worker]) -> None:
    shows = plugin.InProcessAction._shows_invocation
    always = VERSION < (2, 21)
    assert shows(worker().action, {}) == always
    assert shows(worker().action, {"ansible_inject_invocation": True})


def test_result_is_as_a_module_would_write_it() -> None:
    outcome = Outcome(failed=True, warnings=["One.", "Two.", "One."])
    result = plugin.finished({"ids": (1, 2), "by_id": {7: "x"}}, outcome)
    assert result == {"ids": [1, 2], "by_id": {"7": "x"}, "failed": True, "warnings": ["One.", "Two."]}


def test_working_directory_leaves_no_descriptor_open(tmp_path: Path) -> None:
    def lowest_that_is_free() -> int:
        descriptor = os.open(".", os.O_RDONLY)
        os.close(descriptor)
        return descriptor

    before = lowest_that_is_free()
    with plugin.working_directory(str(tmp_path)):
        pass
    assert lowest_that_is_free() == before


def test_relative_path_begins_at_the_playbook(
    worker: Callable[..., Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "evidence.txt").write_text("seen")
    task = worker("case_file", {"case_id": 7, "path": "evidence.txt"})
    task.action._loader.set_basedir(str(tmp_path))
    assert task.run()["file"]["filename"] == "evidence.txt"
    assert task.ways == ["in process"]
    assert Path.cwd() == tmp_path / "elsewhere"


def test_signal_handlers_and_environment_stay_as_they_are(worker: Callable[..., Worker]) -> None:
    before = ([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)], dict(os.environ))
    worker().run()
    assert ([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)], dict(os.environ)) == before


class Timeout(BaseException):
    """As Ansible raises it in the worker when a task's time is over."""


@pytest.mark.parametrize("error", [Timeout, RuntimeError])
def test_timeout_or_bug_reaches_ansible_and_closes_connections(
    worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    worker().run()
    monkeypatch.setattr(plugin, "execute", Mock(side_effect=error))
    with pytest.raises(error):
        worker().run()
    assert not plugin.POOL._transports


def test_ctrl_c_ends_the_task_with_a_result(
    worker: Callable[..., Worker], simulator_task: Callable[..., dict[str, Any]]
) -> None:
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    simulator_task(faults={"kind": "delay", "seconds": 5, "match": {"method": "GET"}})
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        result = worker().run()
    finally:
        timer.join()
        signal.signal(signal.SIGINT, previous)
    assert result["failed"]
    assert result["msg"].startswith("Interrupted")
    assert not plugin.POOL._transports


def test_text_of_a_server_is_never_a_template(worker: Callable[..., Worker]) -> None:
    button = {"case_id": 7, "label": "{{ 7 * 7 }}", "url": "https://acme.tines.com/pages/p", "action_type": "page"}
    result = worker("case_action", button).run()
    assert result["action"]["label"] == "{{ 7 * 7 }}"
    templar = worker().action._templar
    templar.available_variables = {"label": result["action"]["label"]}
    assert templar.template(template("{{ label }}")) == "{{ 7 * 7 }}"


class Text(str):
    """A text with something besides, as Ansible's tagged and unsafe texts are."""


class Vaulted:
    """As Ansible's vaulted values are before they are looked at."""

    __ENCRYPTED__ = True

    def __str__(self) -> str:
        return "secret"


class Number(int):
    """A number with something besides."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Text("a"), "a"),
        (Vaulted(), "secret"),
        (Number(5), 5),
        (True, True),
        (None, None),
        (1.5, 1.5),
        ((1, Text("b")), [1, "b"]),
        ({Text("k"): [Text("v")]}, {"k": ["v"]}),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        (datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "2024-01-02T03:04:05+00:00"),
    ],
)
def test_options_arrive_as_plain_data(value: Any, expected: Any) -> None:
    def kinds(data: Any) -> Any:
        if isinstance(data, dict):
            return [(kinds(key), kinds(item)) for key, item in data.items()]
        return [kinds(item) for item in data] if isinstance(data, list) else type(data)

    assert values.plain(value) == expected
    assert kinds(values.plain(value)) == kinds(expected)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object()])
def test_other_types_are_left_to_ansible(value: object) -> None:
    with pytest.raises(values.NotPlainError):
        values.plain(value)


def test_python_of_a_virtual_environment_is_not_the_one_that_it_links_to(tmp_path: Path) -> None:
    base, environment = tmp_path / "base", tmp_path / "environment"
    for directory in (base, environment):
        directory.mkdir()
    (base / "python3").touch()
    (base / "python").symlink_to(base / "python3")
    (environment / "python").symlink_to(base / "python3")
    assert plugin._same_program(str(base / "python"), str(base / "python3"))
    assert not plugin._same_program(str(environment / "python"), str(base / "python3"))


@pytest.mark.parametrize(("module", "file", "world"), list(cases()))
def test_scenario_gives_the_same_result_both_ways(
    module: str,
    file: Path,
    world: dict[str, Any],
    simulator: Simulator,
    simulator_task: Callable[..., Any],
) -> None:
    def outcome(in_process: bool) -> list[Any]:
        simulator.reset()
        (Path.home() / "findings.txt").unlink(missing_ok=True)  # what the other way saved

        def run(name: str, options: dict[str, Any], check_mode: bool) -> Any:
            known = module_spec(name).argument_spec
            defaults = {key: value for key, value in connection_defaults(simulator).items() if key in known}
            in_order = {"concurrency": 1} if "concurrency" in known else {}
            task = Worker(name, {**defaults, **options, **in_order}, {}, {"casework_cases_in_process": in_process})
            task.action._task.check_mode = check_mode
            result = task.run()
            ways.add(task.ways[0])
            return comparable(json.loads(json.dumps(result)))

        scenario = Scenario(file, {**variables_of(module), "world": world}, run, simulator_task)
        scenario.set_up()
        return [scenario.do(check_mode)[0] for check_mode in (True, False, False)]

    ways: set[str] = set()
    module_results = outcome(in_process=False)
    assert ways == {"module"}
    for here, there in zip(outcome(in_process=True), module_results):
        said = (
            {"warnings", "deprecations"} if VERSION >= (2, 19) else set()
        )  # there, the display of this process has them
        assert here.keys() - said == there.keys() - said
        for key in here.keys() - said:
            assert (key, here[key]) == (key, there[key])
    assert ways == {"module", "in process"}


def comparable(value: Any) -> Any:
    """The value without what differs from run to run: times, and IDs that are given out in the order of requests."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if key != "id" and not key.endswith("_at")}
    return [comparable(item) for item in value] if isinstance(value, list) else value
