# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""One task from options to result, without a process of its own: a module, an action plugin and a test all call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .connection import Vendor, connect
from .errors import CaseworkError, OptionError
from .http_client import Http
from .plan import Plan
from .redaction import escape_controls, redact
from .transport import Transport, TransportSettings
from .values import without_reserved_keys

ClientT = TypeVar("ClientT")

MAX_SILENT_WAIT = 5.0
"""Seconds of waiting for the server in all after which the user is told."""

INTERRUPTED = "Interrupted by a signal. What was done until then stays done; run the task again to finish it."


@dataclass(frozen=True)
class ModuleContext(Generic[ClientT]):
    """What a module's `run()` works with. params: the module's options. warn, deprecate: tell the user."""

    params: dict[str, Any]
    client: ClientT
    http: Http
    warn: Callable[[str], None]
    deprecate: Callable[[str, str], None]

    def apply(self, plan: Plan[Any], send: Callable[[], None]) -> None:
        """Carry a plan out, unless nothing differs or this is check mode. The one place that decides it."""
        if plan.changed and not self.http.read_only:
            send()


@dataclass(frozen=True)
class ModuleSpec(Generic[ClientT]):
    """What a module is.

    argument_spec: all options, those of the connection included. rules: the further arguments of `AnsibleModule` that
    tie options together. connections: how many at most, if the module has no option `concurrency`.
    """

    vendor: Vendor[ClientT]
    argument_spec: Mapping[str, Any]
    run: Callable[[ModuleContext[ClientT]], dict[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    connections: int = 1


@dataclass
class Outcome:
    """What became of a task.

    interrupted: whether a signal ended it, perhaps in the middle of a response. deprecations: message and the version
    in which what they speak of is removed.
    """

    result: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    interrupted: bool = False
    warnings: list[str] = field(default_factory=list)
    deprecations: list[tuple[str, str]] = field(default_factory=list)


def execute(
    spec: ModuleSpec[Any],
    params: dict[str, Any],
    *,
    check_mode: bool,
    transports: Callable[[TransportSettings, str], Transport] | None = None,
) -> Outcome:
    """Run a module with options that were checked against its argument spec.

    transports: see `connect`. Never raises `CaseworkError`: a failure is an outcome. Secrets in the result are masked,
    unless the option `reveal_urls` asks for them.
    """
    outcome = Outcome()

    def warn(text: str) -> None:
        outcome.warnings.append(escape_controls(redact(text)))

    def deprecate(text: str, version: str) -> None:
        outcome.deprecations.append((text, version))

    http: Http | None = None
    try:
        reject_null_options(params, **spec.rules)
        connections = params.get("concurrency", spec.connections)
        http = connect(spec.vendor, params, connections=connections, read_only=check_mode, transports=transports)
        outcome.result = spec.run(ModuleContext(params, spec.vendor.client(http), http, warn, deprecate))
    except CaseworkError as error:
        outcome.failed = True
        outcome.result = error.result()
    except KeyboardInterrupt:
        outcome.failed = outcome.interrupted = True
        outcome.result = {"msg": INTERRUPTED}
    if http and not transports:
        http.close()  # to write the result may take descriptors
    if http and http.throttled and http.waited > MAX_SILENT_WAIT:
        warn(f"Waited {http.waited:.0f} seconds in all, because the server limits requests or asked to wait.")
    if not params.get("reveal_urls"):
        outcome.result = redact(outcome.result)
    outcome.result = without_reserved_keys(outcome.result)
    outcome.result["api_requests"] = http.sent if http else 0
    return outcome


def reject_null_options(
    params: Mapping[str, Any],
    required_one_of: Sequence[Sequence[str]] = (),
    required_together: Sequence[Sequence[str]] = (),
    required_if: Sequence[tuple[str, Any, Sequence[str]]] = (),
    **_rules: Any,
) -> None:
    """Check that the rules of `AnsibleModule` hold for values too: for it, a null is given. Raises `OptionError`."""
    empty = {name for name, value in params.items() if value is None}
    missing = [" or ".join(names) for names in required_one_of if empty.issuperset(names)]
    missing += [name for names in required_together if not empty.issuperset(names) for name in names if name in empty]
    missing += [
        name for option, value, names in required_if if params.get(option) == value for name in names if name in empty
    ]
    if missing:
        raise OptionError(
            f"{missing[0]} is required but empty. A null often comes from the result of a task that was skipped."
        )
