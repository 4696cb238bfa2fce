# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Buttons: what a playbook can ask for, and how they compare. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..._core.errors import NotDoneError, OptionError
from ..._core.redaction import redact
from ..._core.values import as_text, refuse_masked

Button = dict[str, Any]


WRITABLE = ("label", "url", "action_type", "action_text", "query_params")
"""The keys that a request may set. Any other key of a button is the server's own and never makes a difference."""


ABOUT = ("id", "state", "previous_labels", "rule")
"""The keys of an entry that say which button is meant, what about it, and why. No request has them in its body."""


NEEDED = ("label", "url", "action_type")
"""The keys that a new button needs."""


EMPTY: Button = {"action_text": "", "query_params": {}}
"""What the keys that may be cleared are cleared with."""


ACTION_TYPES = ("webhook", "page")
"""The types that the vendor's page documents for writing; other ones may be read."""


SECOND_PARAM = re.compile(r"&[^&=\s]+=")
"""The beginning of another parameter in the value of one."""


RESERVED_PARAMS = frozenset({"case_id", "user", "button", "case", "message"})
"""Names of query parameters that the vendor's payload page says "cannot be overwritten"."""


def parse_action(given: Button, where: str, needed: Sequence[str] = NEEDED) -> Button:
    """The keys of one entry that were given, ready to be sent and compared.

    where: how an error names the entry. Raises `OptionError`.
    """
    button = {key: given[key] for key in (*ABOUT, *WRITABLE) if given.get(key) is not None}
    missing = [key for key in needed if key not in button]
    if missing:
        raise OptionError(f"{where} needs {' and '.join(missing)}.")
    if not button.get("label", "-").strip():
        raise OptionError(f"{where} has an empty label.")
    if "url" in button:
        _check_url(button["url"], where)
        refuse_masked(button["url"], f"{where}: the url")
    if button.get("action_type", "page") not in ACTION_TYPES:
        raise OptionError(f"{where} has the action_type {button['action_type']!r}: it must be webhook or page.")
    if "query_params" in button:
        button["query_params"] = _wanted_params(button["query_params"], where)
    return button


def parse_actions(given: Iterable[Button], option: str, needed: Sequence[str] = ("label",)) -> tuple[Button, ...]:
    """Every entry of a list option. Raises `OptionError`, also where two have the same label."""
    buttons = []
    for number, entry in enumerate(given, start=1):
        label = entry.get("label")
        buttons.append(parse_action(entry, f"{option}: entry {number}{f' ({label})' if label else ''}", needed))
    labels = [label for button in buttons for label in (button["label"], *button.get("previous_labels", ()))]
    twice = [label for label, times in Counter(labels).items() if times > 1]
    if twice:
        raise OptionError(
            f"{option}: the label {twice[0]!r} is given more than once; a label is unique within a case, and so is a "
            "previous one."
        )
    return tuple(buttons)


def reserved_params(buttons: Iterable[Button]) -> list[str]:
    """The reserved names among the query parameters, in order."""
    return sorted({name for button in buttons for name in button.get("query_params", ()) if name in RESERVED_PARAMS})


def params_in_values(buttons: Iterable[Button]) -> list[str]:
    """The names of query parameters whose value looks as if it held further ones, in order.

    Ansible makes a dictionary of text, and of `a=1&b=2` one with a single key. A URL as a value may well look like it.
    """
    params = {name: value for button in buttons for name, value in button.get("query_params", {}).items()}
    return sorted(name for name, value in params.items() if "://" not in value and SECOND_PARAM.search(value))


def _check_url(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(parts.netloc.split()) == 1
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(
            f"{where} has the url {redact(url)!r}: it must begin with http:// or https:// and name a host."
        )


def _wanted_params(params: Any, where: str) -> dict[str, str]:
    for name, value in params.items():
        if isinstance(value, (dict, list, tuple)):
            raise OptionError(f"{where}: the value of {name!r} in query_params must be a single value.")
        refuse_masked(str(value), f"{where}: the value of {name!r} in query_params")
    return _as_strings(params)


def _as_strings(params: Any) -> dict[str, str]:
    """Query parameters as they are compared: a URL knows no types, `true` is `"true"`."""
    if not isinstance(params, dict):
        return {}
    return {str(name): as_text(value) for name, value in params.items()}


def same(key: str, one: Any, other: Any) -> bool:
    """Whether two values of a button's key are the same to a user."""
    if key == "query_params":
        return _as_strings(one) == _as_strings(other)
    one, other = one or "", other or ""  # a text that was cleared may be shown as null
    return one == other or (key == "url" and (f"{one}/" == other or f"{other}/" == one))


def differences(shown: Button, wanted: Button) -> Button:
    """The wanted keys that the button does not have like that."""
    return {key: wanted[key] for key in WRITABLE if key in wanted and not same(key, shown.get(key), wanted[key])}


def writable(button: Button) -> Button:
    """The part of a button that a diff shows."""
    return {key: button[key] for key in WRITABLE if button.get(key) is not None}


def sendable(wanted: Button) -> Button:
    """The part of an entry that a request takes."""
    return {key: wanted[key] for key in WRITABLE if key in wanted}


def matches(button: Button, wanted: Button) -> bool:
    """Whether this is the button that `wanted` is about, perhaps under a label that it had before."""
    if "id" in wanted:
        return bool(button.get("id") == wanted["id"])
    return button.get("label") in (wanted["label"], *wanted.get("previous_labels", ()))


def check_answer(case_id: int, wanted: Button, shown: Button) -> None:
    """Raise `NotDoneError` with what differs where an answer does not show what was asked for."""
    wrong = differences(shown, wanted)
    if wrong:
        said = ", ".join(f"{key} is {shown.get(key)!r} instead of {value!r}" for key, value in wrong.items())
        label = wanted.get("label") or shown.get("label")
        unsupported = "query_params" in wrong and "query_params" not in shown
        hint = " This tenant does not support query_params." if unsupported else ""
        raise NotDoneError(
            f"Case {case_id}: the server took the request for the button {label!r} but did not do it: "
            f"{redact(said)}.{hint}"
        )


def check_replacement(case_id: int, bodies: Sequence[Button], shown: Sequence[Button]) -> None:
    """The same for a replacement: every button once, as it was sent, and no other."""
    labels = Counter(button.get("label") for button in shown)
    expected = Counter(body["label"] for body in bodies)
    if labels != expected:
        raise NotDoneError(
            f"Case {case_id}: the server took the replacement of all buttons but did not do it: the case has "
            f"{sorted(map(str, labels.elements()))} instead of {sorted(expected.elements())}."
        )
    by_label = {button["label"]: button for button in shown}
    for body in bodies:
        check_answer(case_id, body, by_label[body["label"]])
