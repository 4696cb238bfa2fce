# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The variables of the role `case_buttons`: checked all at once, before the role sends anything. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..module_utils._core.errors import OptionError
from ..module_utils._core.limits import MAX_CONNECTIONS, MAX_TIMEOUT
from ..module_utils._core.timestamps import require_duration
from ..module_utils._core.values import nearest
from ..module_utils._tines.argspec import BUTTONS, SEARCH, parse_case_ids
from ..module_utils._tines.cases.search import parse_search
from .button_rules import RULE, parse_buttons, parse_rules
from .options import parse_value

PREFIX = "case_buttons_"

CONNECTION: dict[str, dict[str, Any]] = {
    "tenant": {"type": "str"},
    "api_key": {"type": "str"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool"},
    "timeout": {"type": "float"},
    "retries": {"type": "int"},
}

FILTER: dict[str, Any] = {
    "case_ids": {"type": "list", "elements": "int"},
    **SEARCH,
    "limit": {"type": "int"},
}
"""The options of `cases_info` that say which cases to find."""

VARIABLES: dict[str, dict[str, Any]] = {
    "actions": BUTTONS,
    "rules": {"type": "list", "elements": "dict", "options": RULE},
    "case_ids": {"type": "list", "elements": "int"},
    "filter": {"type": "dict", "options": FILTER},
    "new_within": {"type": "str"},
    "exclusive": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
    "concurrency": {"type": "int"},
    **CONNECTION,
}
"""Every variable of the role, without its prefix."""

DEFAULTS: dict[str, Any] = {
    "actions": [],
    "rules": [],
    "case_ids": [],
    "filter": {},
    "exclusive": False,
    "state": "present",
    "concurrency": 8,
}

LIMITS: dict[str, tuple[float, float]] = {"concurrency": (1, MAX_CONNECTIONS), "timeout": (0.001, MAX_TIMEOUT)}
"""The least and the greatest value of a number."""


def parse_settings(
    given: Mapping[str, Any], similar: Iterable[str] = (), *, check_mode: bool = False
) -> dict[str, Any]:
    """What the role's variables say, or only `problems`: sentences that say what is wrong with them.

    given: the variables that are set, under their full names. similar: names of variables that may be mistyped ones.
    An empty variable counts as not given, since that is what a survey makes of a question without an answer.
    """
    problems = [_did_you_mean(name) for name in sorted({*given, *similar}) if _is_mistyped(name)]
    values = {name: given[PREFIX + name] for name in VARIABLES if not _is_empty(given.get(PREFIX + name))}
    settings = dict(DEFAULTS)

    def parse(name: str) -> None:
        try:
            settings[name] = _parse(name, values[name], values, check_mode)
        except OptionError as error:
            problems.append(error.msg)

    for name in values:
        parse(name)
    problems = problems or list(_contradictions(settings))
    return {"problems": problems, **({} if problems else _for_tasks(settings))}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _parse(name: str, value: Any, values: Mapping[str, Any], check_mode: bool) -> Any:
    """The value of one variable. Raises `OptionError` that names it."""
    variable = PREFIX + name
    complete = values.get("state") != "absent"
    if name == "actions":
        return list(parse_buttons(value, variable, complete=complete))
    if name == "rules":
        return [rule.as_option() for rule in parse_rules(value, variable, complete=complete)]
    if name == "filter":
        return _parse_filter(value, variable)
    parsed = parse_value(value, VARIABLES[name], variable)
    if name == "case_ids":
        return parse_case_ids(parsed, variable, check_mode=check_mode)
    if name == "new_within":
        require_duration(variable, parsed)
    least, most = LIMITS.get(name, (parsed, parsed))
    if not least <= parsed <= most:
        raise OptionError(f"{variable} must be from {least:g} to {most:g}, not {value!r}.")
    return parsed


def _parse_filter(value: Any, variable: str) -> dict[str, Any]:
    """The options of `cases_info`. An empty list of IDs finds nothing; anything else that is empty is not given."""
    if isinstance(value, Mapping):
        value = {key: each for key, each in value.items() if each not in (None, "", [], {}) or key == "case_ids"}
        value = {**value, "case_ids": value["case_ids"] or []} if "case_ids" in value else value
    options: dict[str, Any] = parse_value(value, VARIABLES["filter"], variable)
    try:
        parse_search(options)
    except OptionError as error:
        raise OptionError(f"{variable}: {error.msg}") from None
    parse_case_ids(options.get("case_ids", ()), f"{variable}: case_ids")
    return options


def _contradictions(settings: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the settings as a whole."""
    lists = [settings["actions"], *(rule["actions"] for rule in settings["rules"])]
    if not any(lists):
        yield "No button is configured: set case_buttons_actions, case_buttons_rules, or both."
    if settings["exclusive"] and settings["state"] == "absent":
        yield "case_buttons_exclusive requires case_buttons_state: present."
    if "new_within" in settings and "opened_within" in settings["filter"]:
        yield "case_buttons_new_within and opened_within in case_buttons_filter mean the same: set one of them."
    labels = {button["label"] for buttons in lists for button in buttons}
    for button in (button for buttons in lists for button in buttons):
        for old in button.get("previous_labels") or ():
            if old in labels:
                yield f"{old!r} is both a button and a previous label of the button {button['label']!r}."


def _for_tasks(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings in the form that the role's tasks use. find: options of `cases_info`, None if no case is looked up.

    Given IDs are worked on whatever their status and age; they are looked up only if a rule needs to know more of them.
    """
    case_ids = settings["case_ids"]
    if case_ids:
        find = {"case_ids": case_ids} if settings["rules"] else None
    else:
        age = {"opened_within": settings["new_within"]} if "new_within" in settings else {}
        find = {"status": "open", **settings["filter"], **age}
    return {**settings, "find": find}


def _is_mistyped(name: str) -> bool:
    """Whether a variable looks like one of the role's and is none. `case_buttons_result` is what the role leaves."""
    known = [PREFIX + each for each in (*VARIABLES, "result")]
    if name in known:
        return False
    looks_alike = name.lower().replace("_", "").startswith(("casebutton", "casesbutton"))
    return looks_alike or nearest(name.lower(), known, cutoff=0.85) is not None


def _did_you_mean(name: str) -> str:
    near = nearest(name.lower(), [PREFIX + each for each in VARIABLES], cutoff=0)
    return f"{name} is not a variable of this role. Did you mean {near}?"
