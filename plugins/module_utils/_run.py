# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The glue between Ansible and a module's `run()`: options in, client made, result or the one `fail_json` out."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, OptionError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._http import (
    REQUESTS_IMPORT_ERROR,
    Http,
    Product,
    Stopped,
    base_url,
)
from ansible_collections.casework.cases.plugins.module_utils._plan import mask

DAY = 86400.0
"""Seconds. Nobody waits longer, and a socket takes no more than some weeks."""

Client = TypeVar("Client")
Item = TypeVar("Item")
Value = TypeVar("Value")


def connection_options(product: Product[Any]) -> dict[str, Any]:
    """The connection options of a vendor's modules, as an argument spec."""
    return {
        product.url_option: {"type": "str", "fallback": (env_fallback, [product.url_env])},
        "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, [product.key_env])},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30.0},
        "retries": {"type": "int", "default": 5},
    }


@dataclass(frozen=True)
class Task(Generic[Client]):
    """What a module's `run()` works with.

    params: the module's options. apply: carries out what it is given, except in check mode. warn: tells the user.
    """

    params: dict[str, Any]
    client: Client
    http: Http
    apply: Callable[[Callable[[], object]], None]
    warn: Callable[[str], None]
    deprecate: Callable[..., None]


def main(
    product: Product[Client],
    run: Callable[[Task[Client]], dict[str, Any]],
    options: dict[str, Any],
    connections: int = 1,
    **rules: Any,
) -> None:
    """Run a module: `options` is its own argument spec, `rules` are further arguments of `AnsibleModule`.

    connections: how many at the most, where the module has no option `concurrency` that says so.
    """
    module = AnsibleModule(argument_spec={**connection_options(product), **options}, supports_check_mode=True, **rules)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    # A pipeline that is cancelled sends SIGTERM: ended like Ctrl-C, the task leaves a result instead of nothing.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def apply(work: Callable[[], object]) -> None:
        if not module.check_mode:
            work()

    def warn(text: str) -> None:
        module.warn(mask(text))

    sent = 0
    end = module.fail_json
    try:
        require_values(module.params, **rules)
        http = _connect(module, product, connections)
        try:
            result = run(Task(module.params, product.client(http), http, apply, warn, module.deprecate))
        finally:
            sent = http.sent
        end = module.exit_json
    except CaseworkError as error:
        result = error.result()
    except KeyboardInterrupt:
        result = {
            "msg": "Interrupted by a signal. What was done until then stays done; run the task again to finish it."
        }
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # one that comes now must not cut the result in half
    end(**result, api_requests=sent)


def require_values(
    params: dict[str, Any],
    required_one_of: Sequence[Sequence[str]] = (),
    required_together: Sequence[Sequence[str]] = (),
    **_rules: Any,
) -> None:
    """See that the rules of `AnsibleModule` hold for values too: for Ansible, a null is given. Raises `OptionError`."""
    empty = {name for name, value in params.items() if value is None}
    missing = [" or ".join(names) for names in required_one_of if empty.issuperset(names)]
    missing += [name for names in required_together if not empty.issuperset(names) for name in names if name in empty]
    if missing:
        raise OptionError(f"{missing[0]} is needed and has no value.")


def _connect(module: AnsibleModule, product: Product[Any], connections: int) -> Http:
    params = module.params
    address = _needed(module, product.url_option, product.url_env)
    key = _needed(module, "api_key", product.key_env)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise OptionError(f"api_key (or the environment variable {product.key_env}) has characters that no key has.")
    if not 0 < params["timeout"] <= DAY:
        raise OptionError("timeout must be more than 0 and at most 86400 seconds, a day.")
    if params["retries"] < 0:
        raise OptionError("retries must be 0 or more.")
    connections = params.get("concurrency", connections)
    if not 1 <= connections <= 64:
        raise OptionError("concurrency must be from 1 to 64.")
    return Http(
        base_url(address, product.url_option, product.url_env),
        key,
        hints=product.hints,
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
        timeout=params["timeout"],
        retries=params["retries"],
        connections=connections,
        read_only=module.check_mode,
    )


def _needed(module: AnsibleModule, option: str, env: str) -> str:
    """The value of a connection option. An empty one counts as missing, as an unset variable often gives one."""
    value = (module.params[option] or "").strip() or os.environ.get(env, "").strip()
    if not value:
        raise OptionError(f"{option} is missing: set the option {option} or the environment variable {env}.")
    if option == "api_key":
        module.no_log_values.add(value)  # stripped, or from the environment, it is another string than Ansible knows
    return str(value)


@dataclass(frozen=True)
class Done(Generic[Item, Value]):
    """What became of one item: a value, or the error; neither where it was not tried."""

    item: Item
    value: Value | None = None
    error: CaseworkError | None = None


def side_by_side(
    http: Http, items: Sequence[Item], work: Callable[[Item], Value], concurrency: int
) -> list[Done[Item, Value]]:
    """Do the work for every item, several at a time, and give what became of each in the order of the items.

    An item that fails does not stop the others, except that a key that is refused (401) is not tried again and again.
    """
    refused = threading.Event()

    def one(item: Item) -> Done[Item, Value]:
        if refused.is_set():
            return Done(item)
        try:
            return Done(item, value=work(item))
        except Stopped:
            return Done(item)
        except CaseworkError as error:
            if isinstance(error, RequestError) and error.status == 401:
                refused.set()
            return Done(item, error=error)

    if len(items) < 2 or concurrency == 1:
        return [one(item) for item in items]
    waiting = deque(enumerate(items))
    done: dict[int, Done[Item, Value]] = {}
    broken: list[BaseException] = []

    def worker() -> None:
        while not broken:
            try:
                place, item = waiting.popleft()
            except IndexError:
                return
            try:
                done[place] = one(item)
            except BaseException as error:
                broken.append(error)

    # Daemons, so that a task that is interrupted ends at once and not when the last server has answered.
    workers = [threading.Thread(target=worker, daemon=True) for _each in range(min(concurrency, len(items)))]
    try:
        for each in workers:
            each.start()
        for each in workers:
            each.join()
    except BaseException:
        http.gate.stop()
        raise
    if broken:
        raise broken[0]
    return [done[place] for place in range(len(items))]


def outcome_of_all(done: Sequence[Done[Any, Any]], result: dict[str, Any]) -> dict[str, Any]:
    """The result of a task for many cases.

    Raises `CaseworkError` where one failed: its message counts the failed cases, names them, and gives each reason
    once; the result comes with it.
    """
    reasons: dict[str, list[str]] = {}
    for each in done:
        if each.value is None:
            reasons.setdefault(each.error.msg if each.error else "not tried", []).append(str(each.item))
    if not reasons:
        return result
    errors = [each.error for each in done if each.error]
    number = sum(map(len, reasons.values()))
    said = " ".join(f"{', '.join(cases)}: {reason.rstrip('.')}." for reason, cases in reasons.items())
    facts = errors[0].facts if errors else {}
    raise CaseworkError(f"{number} of {len(done)} cases failed. {said}", **{**facts, **result})
