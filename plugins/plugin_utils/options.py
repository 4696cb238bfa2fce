# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Nested options, checked against an argument spec, with errors that name the place and the value. Pure.

ansible-core checks the options of modules, and its errors do not say which entry of a list is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_float,
    check_type_int,
    check_type_path,
    check_type_str,
)

from ..module_utils._core.errors import OptionError
from ..module_utils._core.values import nearest

Spec = Mapping[str, Any]

CONVERSIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "str": ("text", check_type_str),
    "path": ("a path", check_type_path),
    "int": ("a whole number", check_type_int),
    "float": ("a number", check_type_float),
    "bool": ("true or false", check_type_bool),
}
"""For each type of a single value: what it is called, and ansible-core's conversion, which raises `TypeError`."""


def parse_options(given: Any, spec: Spec, where: str) -> dict[str, Any]:
    """The options that were given, each with the type that its spec asks for.

    where: how an error names the place. What is null counts as not given. Raises `OptionError`.
    """
    if not isinstance(given, Mapping):
        raise OptionError(f"{where} must be a dictionary, not {given!r}.")
    for key in given:
        if key not in spec:
            raise OptionError(f"{where}: there is no key {key!r}.{suggestion(str(key), list(spec))}")
    missing = [key for key, option in spec.items() if option.get("required") and given.get(key) is None]
    if missing:
        raise OptionError(f"{where} needs {' and '.join(missing)}.")
    return {
        key: parse_value(given[key], option, f"{where}: {key}")
        for key, option in spec.items()
        if given.get(key) is not None
    }


def parse_value(given: Any, option: Spec, where: str) -> Any:
    """One value with the type that its spec asks for. Raises `OptionError`."""
    kind = option["type"]
    if kind == "list":
        item = {"type": option["elements"], "options": option.get("options")}
        entries = enumerate(_entries(given, item, where), start=1)
        return [parse_value(entry, item, f"{where}: entry {number}") for number, entry in entries]
    if kind == "dict" and option.get("options"):
        return parse_options(given, option["options"], where)
    if kind == "dict":
        if not isinstance(given, Mapping):
            raise OptionError(f"{where} must be a dictionary, not {given!r}.")
        return dict(given)
    value = _single(given, kind, where)
    if "choices" in option and value not in option["choices"]:
        raise OptionError(f"{where} must be {' or '.join(option['choices'])}, not {value!r}.")
    return value


def _entries(given: Any, item: Spec, where: str) -> Sequence[Any]:
    """The entries of a list. A list of single values may be one of them, or text with commas, as a survey gives it."""
    if isinstance(given, (list, tuple)):
        return given
    if item["type"] == "dict" or isinstance(given, Mapping):
        raise OptionError(f"{where} must be a list, not {given!r}.")
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else [given]


def _single(given: Any, kind: str, where: str) -> Any:
    name, convert = CONVERSIONS[kind]
    try:
        if given is None or isinstance(given, (Mapping, list, tuple)):
            raise TypeError
        return convert(given)
    except (TypeError, ValueError):
        raise OptionError(f"{where} must be {name}, not {given!r}.") from None


def suggestion(key: str, known: Sequence[str]) -> str:
    """What to say about a key that there is not."""
    near = nearest(key, known)
    return f" Did you mean {near!r}?" if near else f" The keys are {', '.join(known)}."
