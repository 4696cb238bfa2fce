# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task as Ansible's worker runs it, by the action plugin in the worker or by the module's own `main`."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any
from unittest.mock import patch

import ansible.template
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.release import __version__
from ansible.template import Templar
from ansible_collections.casework.cases.plugins.module_utils._ansible.module import mask_values, secret_values
from ansible_collections.casework.cases.tests.unit.in_process import module_spec

VERSION = tuple(map(int, __version__.split(".")[:2]))
PREFIX = "casework.cases."


class Worker:
    """A worker with one task. `ways` tells which way it went.

    keywords: those of the task. variables: those of the host. connection: its connection plugin.
    """

    def __init__(
        self,
        module: str,
        options: Mapping[str, Any],
        keywords: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        connection: str = "local",
    ) -> None:
        self.module = module
        self.variables = dict(variables or {})
        self.ways: list[str] = []
        task = Task()
        task.action, task.args = PREFIX + module, dict(options)
        for keyword, value in (keywords or {}).items():
            setattr(task, {"async": "async_val"}.get(keyword, keyword), value)
        context = PlayContext()
        plugin = import_module(f"ansible_collections.casework.cases.plugins.action.{module}").ActionModule
        self.action = plugin(
            task=task,
            connection=connection_loader.get(connection, context, "/dev/null"),
            play_context=context,
            loader=DataLoader(),
            templar=Templar(loader=DataLoader(), variables=self.variables),
            shared_loader_obj=None,
        )
        self.action._execute_module = self._execute_module
        self.action._shows_invocation = lambda _variables: True
        self.action._remove_tmp_path = lambda _path: None

    def run(self) -> dict[str, Any]:
        """Returns the task's result as it would be registered."""
        result = dict(self.action.run(task_vars=self.variables))
        if not self.ways:
            self.ways.append("in process")
        return result

    def _execute_module(self, **_settings: Any) -> dict[str, Any]:
        self.ways.append("module")
        return run_main(self.module, self.action._task.args, bool(self.action._task.check_mode))


def template(text: str) -> str:
    """The text as one that Ansible templates: since ansible-core 2.19 it must be marked as trusted."""
    trust = getattr(ansible.template, "trust_as_template", str)
    trusted: str = trust(text)
    return trusted


def run_main(module: str, options: Mapping[str, Any], check_mode: bool = False) -> dict[str, Any]:
    """Returns the result that the module writes."""
    given = {**options, "_ansible_check_mode": check_mode}
    if VERSION >= (2, 21):
        given["_ansible_inject_invocation"] = True  # the default is to leave it out
    written = io.StringIO()
    for said in (warnings._global_warnings, warnings._global_deprecations):
        said.clear()  # of the module before: each usually has a process of its own
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": given}, default=lambda date: date.isoformat()).encode()
    try:
        with (
            patch.object(basic, "_ANSIBLE_ARGS", arguments),
            patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True),
            redirect_stdout(written),
        ):
            import_module(f"ansible_collections.casework.cases.plugins.modules.{module}").main()
    except SystemExit:
        pass
    written_result = json.loads(written.getvalue())
    # Since ansible-core 2.22 a module hands over what is to be masked, and the controller masks it. What this process
    # has handed over before is left out.
    handed_over = written_result.pop("_ansible_new_secrets", ())
    secrets = {*handed_over, *secret_values(module_spec(module).argument_spec, dict(options))}
    result: dict[str, Any] = mask_values(written_result, secrets)
    if "deprecations" in result:  # newer ones add more
        keys = ("msg", "version", "collection_name")
        result["deprecations"] = [{key: said[key] for key in keys if key in said} for said in result["deprecations"]]
    return result
