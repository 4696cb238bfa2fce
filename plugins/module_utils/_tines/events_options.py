# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The options of the event source, checked before anything starts. Pure but for the environment.

ansible-rulebook checks no option, and renders templates to Python values: `"{{ token }}"` arrives as a number if the
token has nothing but digits.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._core.connection import is_loopback
from .._core.errors import OptionError
from .._core.timestamps import require_timestamp
from .._core.values import nearest
from .cases.search import Search, parse_search
from .client import TINES

MIN_INTERVAL = 5
MIN_SECRET = 16
"""Characters of a secret at least."""

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True)
class Option:
    """kind: what values it takes: str, secret, path, int, float, bool, list, dict. minimum: of a number."""

    kind: str
    default: Any = None
    minimum: float | None = None
    choices: tuple[str, ...] = ()


CONNECTION_OPTIONS = {
    "tenant": Option("str"),
    "api_key": Option("secret"),
    "validate_certs": Option("bool", True),
    "ca_path": Option("path"),
    "timeout": Option("float", 30.0),
    "retries": Option("int", 5, minimum=0),
}

LISTEN_OPTIONS = {
    "host": Option("str", "127.0.0.1"),
    "port": Option("int", minimum=0),
    "path_secret": Option("secret"),
    "token": Option("secret"),
    "hmac_secret": Option("secret"),
    "hmac_header": Option("str", "X-Hub-Signature-256"),
    "hmac_algorithm": Option("str", "sha256"),
    "hmac_format": Option("str", "hex", choices=("hex", "base64")),
    "certfile": Option("path"),
    "keyfile": Option("path"),
    "password": Option("secret"),
    "client_ca": Option("path"),
    "max_body": Option("int", 1024 * 1024, minimum=1024),
    "backlog": Option("int", 1000, minimum=1),
    "behind_proxy": Option("bool", False),
}
"""The options under `listen`."""

OPTIONS = {
    **CONNECTION_OPTIONS,
    "interval": Option("float", 60.0, minimum=MIN_INTERVAL),
    "since": Option("str"),
    "lookback": Option("float", 0.0, minimum=0),
    "overlap": Option("float", 120.0, minimum=0),
    "settle": Option("float", 2.0, minimum=1),
    "team_id": Option("list"),
    "status": Option("str"),
    "priority": Option("list"),
    "tags": Option("list"),
    "filters": Option("dict"),
    "activities": Option("list"),
    "state_file": Option("path"),
    "include_case": Option("bool", False),
    "feedback": Option("bool", False),
    "feedback_timeout": Option("float", 120.0, minimum=1),
    "listen": Option("dict"),
}

POLLING_ONLY = ("since", "lookback", "state_file", "filters")
"""Options that mean nothing to a source that has no tenant to ask."""

SECRETS = ("path_secret", "token", "hmac_secret")


@dataclass(frozen=True)
class ListenOptions:
    """Where to listen, and what a sender must know. See the documentation of the source."""

    host: str
    port: int
    path_secret: str | None
    token: str | None
    hmac_secret: str | None
    hmac_header: str
    hmac_algorithm: str
    hmac_format: str
    certfile: str | None
    keyfile: str | None
    password: str | None
    client_ca: str | None
    max_body: int
    backlog: int
    behind_proxy: bool


@dataclass(frozen=True)
class SourceOptions:
    """What the source does. connection: what `connect` takes; None: there is no tenant, so the source only listens."""

    connection: dict[str, Any] | None
    search: Search
    interval: float
    since: datetime | None
    lookback: float
    overlap: float
    settle: float
    activities: tuple[str, ...]
    state_file: str | None
    include_case: bool
    feedback: bool
    feedback_timeout: float
    listen: ListenOptions | None
    filters: dict[str, Any]
    """The options that say which cases are read, as they were given."""


def parse_source_options(given: Mapping[str, Any], *, has_feedback_queue: bool = False) -> SourceOptions:
    """The options, checked. Raises `OptionError`, in one sentence or two that name the option.

    has_feedback_queue: whether ansible-rulebook hands over its feedback.
    """
    values = _checked(given, OPTIONS, "")
    has_tenant = bool(values["tenant"] or os.environ.get(TINES.url_env, "").strip())
    listen = None if values["listen"] is None else parse_listen_options(values["listen"])
    if not has_tenant:
        if listen is None:
            raise OptionError(
                "tenant and listen are both missing: set tenant (or the environment variable TINES_TENANT) to poll "
                "the API, listen to receive what Tines posts, or both."
            )
        alone = [name for name in POLLING_ONLY if given.get(name)]
        if alone:
            raise OptionError(f"{alone[0]} needs a tenant: a source that only listens reads nothing from the API.")
    if values["feedback"] and not has_feedback_queue:
        raise OptionError(
            "feedback needs ansible-rulebook 1.3 or newer, started with --persistence-id: this one gives none."
        )
    names = ("team_id", "status", "priority", "tags", "filters")
    return SourceOptions(
        connection={name: values[name] for name in CONNECTION_OPTIONS} if has_tenant else None,
        search=parse_search({name: values[name] for name in names}),
        since=require_timestamp("since", values["since"]) if values["since"] else None,
        activities=tuple(str(each).lower() for each in values["activities"] or ()),
        listen=listen,
        filters={name: values[name] for name in names if values[name]},
        **{
            name: values[name]
            for name in (
                "interval",
                "lookback",
                "overlap",
                "settle",
                "state_file",
                "include_case",
                "feedback",
                "feedback_timeout",
            )
        },
    )


def parse_listen_options(given: Mapping[str, Any]) -> ListenOptions:
    """The options under `listen`, checked. Raises `OptionError`."""
    options = ListenOptions(**_checked(given, LISTEN_OPTIONS, "listen."))
    if options.port is None or options.port > 65535:
        raise OptionError("listen.port must be a port, from 0 (any free one) to 65535.")
    secrets = [name for name in SECRETS if getattr(options, name)]
    if len(secrets) != 1:
        raise OptionError(
            "listen needs exactly one of path_secret, token and hmac_secret, so that only who knows it can make "
            f"events; there {'are ' + ' and '.join(secrets) if secrets else 'is none'}."
        )
    secret = getattr(options, secrets[0])
    if len(secret) < MIN_SECRET:
        raise OptionError(f"listen.{secrets[0]} is too short: it must have {MIN_SECRET} characters or more.")
    if options.path_secret and not re.fullmatch(r"[A-Za-z0-9._~-]+", secret):
        raise OptionError("listen.path_secret must have letters, digits and . _ ~ - alone, as it is part of a URL.")
    if not secret.isascii() or not secret.isprintable():
        raise OptionError(f"listen.{secrets[0]} must have printable ASCII characters alone.")
    _check_hmac(options)
    _check_tls(options)
    return options


def _check_hmac(options: ListenOptions) -> None:
    algorithm = options.hmac_algorithm.lower()
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith(("shake", "md5")):
        raise OptionError(f"listen.hmac_algorithm: {options.hmac_algorithm!r} is not known; sha256 is usual.")


def _check_tls(options: ListenOptions) -> None:
    for name in ("keyfile", "password", "client_ca"):
        if getattr(options, name) and not options.certfile:
            raise OptionError(f"listen.{name} needs listen.certfile, the certificate to show.")
    for name in ("certfile", "keyfile", "client_ca"):
        path = getattr(options, name)
        if path and not os.path.isfile(path):
            raise OptionError(f"listen.{name} names {path}, which is no file.")
    if not (options.certfile or options.behind_proxy or is_loopback(options.host)):
        raise OptionError(
            f"listen.host {options.host} can be reached over a network, so listen.certfile is needed; without it, "
            "secrets and cases would cross the network in clear. If a proxy in front speaks TLS, set "
            "listen.behind_proxy: true."
        )


def _checked(given: Mapping[str, Any], table: Mapping[str, Option], prefix: str) -> dict[str, Any]:
    """The value of every option in the table. Raises `OptionError`."""
    for name in given:
        if name not in table:
            near = nearest(str(name), table)
            there = f" Did you mean {prefix}{near}?" if near else f" There are: {', '.join(table)}."
            raise OptionError(f"{prefix}{name} is not an option of this source.{there}")
    return {name: _value(prefix + name, given.get(name), option) for name, option in table.items()}


def _value(name: str, value: Any, option: Option) -> Any:
    if value is None or value == "":
        return option.default
    parsed = _PARSERS[option.kind](name, value)
    if option.minimum is not None and parsed < option.minimum:
        raise OptionError(f"{name} must be {option.minimum:g} or more, not {parsed:g}.")
    if option.choices and parsed not in option.choices:
        raise OptionError(f"{name} must be {' or '.join(option.choices)}, not {parsed!r}.")
    return parsed


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    raise OptionError(f"{name} must be text, not {value!r}.")


def _secret(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    raise OptionError(
        f"{name} came as {type(value).__name__} instead of text, and may have been changed by that: quote it. "
        'ansible-rulebook reads even a quoted "{{ variable }}" as a number if it has digits alone, so use letters too.'
    )


def _path(name: str, value: Any) -> str:
    return os.path.expanduser(_text(name, value))


def _integer(name: str, value: Any) -> int:
    if not isinstance(value, bool):
        text = str(value).strip()
        if re.fullmatch(r"[+-]?\d{1,15}", text):
            return int(text)
    raise OptionError(f"{name} must be a whole number, not {value!r}.")


def _number(name: str, value: Any) -> float:
    if not isinstance(value, bool):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if abs(number) <= 1e9:
            return number
    raise OptionError(f"{name} must be a number, not {value!r}.")


def _boolean(name: str, value: Any) -> bool:
    text = str(value).lower()
    if text in (*_TRUE, *_FALSE):
        return text in _TRUE
    raise OptionError(f"{name} must be true or false, not {value!r}.")


def _list(name: str, value: Any) -> list[Any]:
    """A list; one value stands for a list of one, and text may have several between commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, (list, tuple)) and not any(isinstance(each, (dict, list)) for each in value):
        return list(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    raise OptionError(f"{name} must be a list, not {value!r}.")


def _dict(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise OptionError(f"{name} must be a dictionary, not {value!r}.")


_PARSERS: dict[str, Callable[[str, Any], Any]] = {
    "str": _text,
    "secret": _secret,
    "path": _path,
    "int": _integer,
    "float": _number,
    "bool": _boolean,
    "list": _list,
    "dict": _dict,
}
