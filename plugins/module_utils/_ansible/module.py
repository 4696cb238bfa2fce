# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""A module as a process of its own: options in, `execute`, and the result or the one `fail_json` out."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._core.execution import ModuleSpec, execute
from .._core.redaction import MASK, redact
from .._core.transport import REQUESTS_IMPORT_ERROR

COLLECTION = "casework.cases"

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CaseworkModule(AnsibleModule):  # type: ignore[misc]  # ansible-core comes without types
    """AnsibleModule that shows no secret, whatever is wrong with the options.

    ansible-core collects the values that must not be logged while it checks the options, and stops at the first one
    that has a wrong type. So they are collected here again, from what was given, before anything is shown.
    """

    def _return_formatted(self, kwargs: dict[str, Any]) -> None:
        self.no_log_values.update(secret_values(self.argument_spec, self.params))
        odd = [name for name, option in self.argument_spec.items() if option.get("no_log") and name in self.params]
        masks = {name: MASK for name in odd if isinstance(self.params[name], (dict, list))}
        kwargs.setdefault("invocation", invocation({**self.params, **masks}))
        if "msg" in kwargs:
            kwargs["msg"] = redact(kwargs["msg"])  # that of ansible-core quotes the value of an option
        super()._return_formatted(kwargs)


def invocation(params: Mapping[str, Any]) -> dict[str, Any]:
    """What a result shows of the options. Values that must not be logged are still in it: see `mask_values`."""
    return {"module_args": redact(dict(params))}


def secret_values(argument_spec: Mapping[str, Any], params: Any) -> set[str]:
    """The values of options that must not be logged, of suboptions too, from the task or from the environment."""
    secrets: set[str] = set()
    for name, option in argument_spec.items():
        given = params.get(name) if isinstance(params, Mapping) else None
        if option.get("no_log"):
            environment = map(os.environ.get, option.get("fallback", ((), ()))[1])
            texts = [str(value) for value in (given, *_texts(given), *environment) if value]
            secrets.update(form for text in texts for form in (text, text.strip()) if form)
        for entry in given if isinstance(given, list) else [given]:
            secrets |= secret_values(option.get("options") or {}, entry)
    return secrets


def _texts(value: Any) -> list[str]:
    """The texts in a value that should be one and is a list or dictionary."""
    if isinstance(value, dict):
        return _texts([*value, *value.values()])
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def mask_values(value: Any, secrets: Collection[str]) -> Any:
    """A result without these values, as `AnsibleModule` masks it: a function of ansible-core that 2.22 deprecates."""
    longest_first = sorted(secrets, key=len, reverse=True)

    def mask(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: mask(item) for key, item in part.items()}
        if isinstance(part, list):
            return [mask(item) for item in part]
        if part is None or isinstance(part, bool):
            return part
        if str(part) in secrets:
            return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        if isinstance(part, str):
            for secret in longest_first:
                part = part.replace(secret, MASK)
        return part

    return mask(value)


def run_module(spec: ModuleSpec[Any]) -> None:
    """Run a module and end its process."""
    module = CaseworkModule(argument_spec=dict(spec.argument_spec), supports_check_mode=True, **spec.rules)
    if REQUESTS_IMPORT_ERROR:
        hint = f"Install it with: {sys.executable} -m pip install requests"
        module.fail_json(msg=f"{missing_required_lib('requests')}. {hint}", exception=REQUESTS_IMPORT_ERROR)
    with _signal_handlers_restored():
        with _signals_end_the_task():
            outcome = execute(spec, module.params, check_mode=module.check_mode)
        for text in outcome.warnings:
            module.warn(text)
        for text, version in outcome.deprecations:
            module.deprecate(text, version=version, collection_name=COLLECTION)
        end = module.fail_json if outcome.failed else module.exit_json
        end(**outcome.result)


@contextmanager
def _signal_handlers_restored() -> Iterator[None]:
    """Leave the process with the handlers that it had, once the result is written."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        sys.stdout.flush()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals_end_the_task() -> Iterator[None]:
    """Let SIGTERM end the task like Ctrl-C, so that a pipeline that is cancelled still gets a result.

    A signal that comes after the work must not cut the result in half, so both are ignored from then on.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
