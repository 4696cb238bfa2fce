# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""A module inside Ansible's worker, without a process of its own, if nothing about the task needs one.

The module stays complete: whatever the worker cannot do in the same way is left to it. That includes options that are
wrong, so that what Ansible says of them is the same either way.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ..module_utils._ansible.module import COLLECTION, invocation, mask_values, secret_values
from ..module_utils._core.execution import ModuleSpec, Outcome, execute
from ..module_utils._core.transport import REQUESTS_IMPORT_ERROR, Transport, TransportSettings
from .values import NotPlainError, plain, untrusted

VARIABLE = "casework_cases_in_process"
ENVIRONMENT = "CASEWORK_CASES_IN_PROCESS"

display = Display()


class TransportPool:
    """The open connections of this worker, which the items of a loop share.

    A worker is a process that Ansible forks for one task and one host, so nothing here outlives the task. Connections
    are shared only by the same settings and the same key.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._transports: dict[tuple[TransportSettings, bytes], Transport] = {}

    def get(self, settings: TransportSettings, key: str) -> Transport:
        """The connections for these settings and this key."""
        name = (settings, hashlib.sha256(key.encode()).digest())
        if name not in self._transports:
            while len(self._transports) >= self._most:
                self._transports.pop(next(iter(self._transports))).close()
            self._transports[name] = Transport(settings)
        return self._transports[name]

    def clear(self) -> None:
        """Close everything: the next task or item begins anew."""
        while self._transports:
            self._transports.popitem()[1].close()


POOL = TransportPool()


class InProcessAction(NormalAction):  # type: ignore[misc]  # ansible-core comes without types
    """The action plugin of a module. A subclass names the module's spec."""

    MODULE: ModuleSpec[Any]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        reason = self._needs_process(task_vars)
        params = None if reason else self._parameters()
        if params is None:
            display.vvv(f"{self._task.action}: as a module, because {reason or 'of its options'}", self._host())
            return dict(super().run(tmp, task_vars))
        display.vvv(f"{self._task.action}: in process", self._host())
        result = ActionBase.run(self, tmp, task_vars)  # the checks that every action makes, not the module
        outcome = self._execute(params)
        result.update(outcome.result)
        if self._shows_invocation(task_vars):
            result["invocation"] = invocation(params)
        secrets = secret_values(self.MODULE.argument_spec, params)
        return untrusted(mask_values(finished(result, outcome), secrets))

    def _execute(self, params: dict[str, Any]) -> Outcome:
        interrupted = True
        try:
            with working_directory(self._loader.get_basedir()):
                outcome = execute(self.MODULE, params, check_mode=bool(self._task.check_mode), transports=POOL.get)
            interrupted = outcome.interrupted
            return outcome
        finally:
            # Ansible's timeout of a task, a signal or a bug: a connection may be in the middle of a response.
            if interrupted:
                POOL.clear()

    def _needs_process(self, task_vars: dict[str, Any]) -> str | None:
        """Why the task needs a process of its own, None if nothing does."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        variables = self._variables(task_vars)
        reasons = {
            "requests cannot be imported": REQUESTS_IMPORT_ERROR,
            "of async": self._task.async_val,
            "of become": self._connection.become or self._play_context.become,
            "of its environment": environment,
            f"of the connection {self._connection.transport}": self._connection.transport != "local",
            "of ANSIBLE_KEEP_REMOTE_FILES": C.DEFAULT_KEEP_REMOTE_FILES,
            f"of {ENVIRONMENT}": not boolean(os.environ.get(ENVIRONMENT) or True, strict=False),
            f"of {VARIABLE}": not boolean(self._templar.template(task_vars.get(VARIABLE, True)), strict=False),
            "of ansible_python_interpreter": not self._is_this_python(variables),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _variables(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The variables of the host that the task runs for, of the one it is delegated to if it is."""
        delegated: dict[str, Any] = task_vars.get("ansible_delegated_vars") or {}
        return dict(delegated.get(self._task.delegate_to) or task_vars) if self._task.delegate_to else task_vars

    def _is_this_python(self, variables: dict[str, Any]) -> bool:
        """Whether the interpreter that is configured is the one that runs here. One to be discovered may be any."""
        configured = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON")
        path = str(self._templar.template(configured) or "auto")
        return path.startswith("auto") or _same_program(path, sys.executable)

    def _parameters(self) -> dict[str, Any] | None:
        """The options, checked, with their defaults; None if there is something to be said about them."""
        try:
            args = plain(self._task.args)
        except NotPlainError:
            return None
        validator = ArgumentSpecValidator(dict(self.MODULE.argument_spec), **self.MODULE.rules)
        checked = validator.validate(args)
        if checked.error_messages or checked._warnings or checked._deprecations:
            return None
        return dict(checked.validated_parameters)

    def _shows_invocation(self, task_vars: dict[str, Any]) -> bool:
        try:
            return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
        except AnsibleError:  # an ansible-core that always does
            return True

    def _host(self) -> str:
        return str(self._play_context.remote_addr or "")


@contextmanager
def working_directory(path: str) -> Iterator[None]:
    """Be in a directory for a while, as a module is in the playbook's: a relative path begins there."""
    before = os.open(".", os.O_RDONLY)  # it may have no name any more
    try:
        os.chdir(path)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def finished(result: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The result as Ansible would have it from a module."""
    if outcome.failed:
        result["failed"] = True
    if outcome.warnings:
        result["warnings"] = list(dict.fromkeys(outcome.warnings))
    if outcome.deprecations:
        result["deprecations"] = [
            {"msg": text, "version": version, "collection_name": COLLECTION} for text, version in outcome.deprecations
        ]
    return dict(json.loads(json.dumps(result)))


def _same_program(one: str, other: str) -> bool:
    """Whether two paths are one Python. That of a virtual environment is a link to another, but not the same."""
    return one == other or (
        os.path.realpath(os.path.dirname(one)) == os.path.realpath(os.path.dirname(other))
        and os.path.realpath(one) == os.path.realpath(other)
    )
