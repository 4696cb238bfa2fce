# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Buttons: what a playbook may ask for, and the plan that leads there from what a case has. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, NotDoneError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._plan import Call, Plan, mask

Button = dict[str, Any]

WRITABLE = ("label", "url", "action_type", "action_text", "query_params")
"""The keys that a request may set. Any other key of a button is the server's own and never makes a difference."""

NEEDED = ("label", "url", "action_type")
"""The keys that a new button needs."""

EMPTY: Button = {"action_text": "", "query_params": {}}
"""What the keys that may be cleared are cleared with."""

ACTION_TYPES = ("webhook", "page")
"""The types that the vendor's page documents for writing; other ones may be read."""

RESERVED_PARAMS = frozenset({"case_id", "user", "button", "case", "message"})
"""Names of query parameters that the vendor's payload page says "cannot be overwritten"."""


@dataclass(frozen=True)
class Goal:
    """What the buttons of a case should be.

    buttons: each with the keys that were given, and with `id` where it is to be found by that.
    exclusive: what is not listed is removed. batch: a case without buttons may get them in one request.
    unique: two buttons with a label are an error even where buttons are to be removed.
    """

    buttons: tuple[Button, ...]
    state: str = "present"
    exclusive: bool = False
    batch: bool = True
    unique: bool = False

    @property
    def asks_for_query_params(self) -> bool:
        return self.state == "present" and any("query_params" in button for button in self.buttons)


@dataclass(frozen=True)
class ButtonsPlan(Plan):
    """A plan for one case; `created`, `updated` and `deleted` are labels."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def wanted_button(given: Button, where: str, needed: Sequence[str] = NEEDED) -> Button:
    """The keys of one entry that were given, ready to be sent and compared.

    where: how an error names the entry. Raises `OptionError`.
    """
    button = {key: given[key] for key in ("id", *WRITABLE) if given.get(key) is not None}
    missing = [key for key in needed if key not in button]
    if missing:
        raise OptionError(f"{where} needs {' and '.join(missing)}.")
    if not button.get("label", "-").strip():
        raise OptionError(f"{where} has an empty label.")
    if "url" in button:
        _check_url(button["url"], where)
    if button.get("action_type", "page") not in ACTION_TYPES:
        raise OptionError(f"{where} has the action_type {button['action_type']!r}: it must be webhook or page.")
    if "query_params" in button:
        button["query_params"] = _wanted_params(button["query_params"], where)
    return button


def wanted_buttons(given: Iterable[Button], option: str, needed: Sequence[str] = NEEDED) -> tuple[Button, ...]:
    """Every entry of a list option. Raises `OptionError`, also where two have the same label."""
    buttons = []
    for number, entry in enumerate(given, start=1):
        label = entry.get("label")
        buttons.append(wanted_button(entry, f"{option}: entry {number}{f' ({label})' if label else ''}", needed))
    twice = [label for label, times in Counter(button["label"] for button in buttons).items() if times > 1]
    if twice:
        raise OptionError(f"{option}: the label {twice[0]!r} is given more than once; a label is unique within a case.")
    return tuple(buttons)


def reserved_params(buttons: Iterable[Button]) -> list[str]:
    """The reserved names among the query parameters, in order."""
    return sorted({name for button in buttons for name in button.get("query_params", ()) if name in RESERVED_PARAMS})


def _check_url(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(parts.netloc.split()) == 1
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(f"{where} has the url {mask(url)!r}: it must begin with http:// or https:// and name a host.")


def _wanted_params(params: Any, where: str) -> dict[str, str]:
    for name, value in params.items():
        if isinstance(value, (dict, list, tuple)):
            raise OptionError(f"{where}: the value of {name!r} in query_params must be a single value.")
    return _as_strings(params)


def _as_strings(params: Any) -> dict[str, str]:
    """Query parameters as they are compared: a URL knows no types, `true` is `"true"`."""
    if not isinstance(params, dict):
        return {}
    return {str(name): _as_string(value) for name, value in params.items()}


def _as_string(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


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


def plan(case_id: int, now: Sequence[Button], goal: Goal) -> ButtonsPlan:
    """What leads from `now` to the goal. Raises `CaseworkError` where that cannot be told."""
    if goal.state == "absent":
        doomed = [button for button in now if any(matches(button, wanted) for wanted in goal.buttons)]
        if goal.unique:
            _check_unique(case_id, doomed)
        return _removal(case_id, now, doomed)
    pairs = [(wanted, _counterpart(case_id, now, wanted, goal.exclusive)) for wanted in goal.buttons]
    if goal.exclusive:
        kept = [id(current) for _wanted, current in pairs]
        surplus = [button for button in now if id(button) not in kept]
        if not pairs:
            return _removal(case_id, now, surplus)
    else:
        surplus = []
    changes = [
        (wanted, current, wanted if current is None else differences(current, wanted)) for wanted, current in pairs
    ]
    changes = [change for change in changes if change[2]]
    if not changes and not surplus:
        return ButtonsPlan(tuple(now), tuple(now))
    for wanted, current, _change in changes:
        if current is None:
            _check_new(case_id, wanted)
    # Where others' buttons would be lost, one request a button is the price of not losing them.
    at_once = goal.batch if not now else goal.exclusive
    result = ButtonsPlan(
        before=tuple(now),
        after=(),
        calls=_replacement(case_id, pairs) if at_once else tuple(_call(case_id, *change) for change in changes),
        created=tuple(wanted["label"] for wanted, current, _change in changes if current is None),
        updated=tuple(current["label"] for _wanted, current, _change in changes if current is not None),
        deleted=tuple(button["label"] for button in surplus),
    )
    return replace(result, after=predicted(case_id, now, pairs, at_once))


def matches(button: Button, wanted: Button) -> bool:
    """Whether this is the button that `wanted` is about."""
    key = "id" if "id" in wanted else "label"
    return bool(button.get(key) == wanted[key])


def _counterpart(case_id: int, now: Sequence[Button], wanted: Button, exclusive: bool) -> Button | None:
    """The button of the case that `wanted` is about, None where there is none."""
    twins = [button for button in now if matches(button, wanted)]
    if "id" in wanted:
        if not twins:
            raise CaseworkError(f"Case {case_id} has no button with the id {wanted['id']}.")
        renamed = "label" in wanted and twins[0].get("label") != wanted["label"]
        taken = [button["id"] for button in now if renamed and button.get("label") == wanted["label"]]
        if taken:
            raise CaseworkError(
                f"Case {case_id} has another button with the label {wanted['label']!r} (id {taken[0]}); "
                "a label must stay unique within the case."
            )
    elif not exclusive:
        _check_unique(case_id, twins)
    return next((button for button in twins if not differences(button, wanted)), twins[0] if twins else None)


def _check_unique(case_id: int, twins: Sequence[Button]) -> None:
    if len(twins) > 1:
        ids = ", ".join(str(button["id"]) for button in twins)
        raise CaseworkError(
            f"Case {case_id} has {len(twins)} buttons with the label {twins[0]['label']!r} (ids {ids}). "
            "Say which one is meant with the option id of casework.cases.case_action, or remove the others."
        )


def _check_new(case_id: int, wanted: Button) -> None:
    missing = [key for key in NEEDED if key not in wanted]
    if missing:
        raise OptionError(
            f"Case {case_id} has no button {wanted['label']!r} yet, and a new one needs {' and '.join(missing)} too."
        )


def _removal(case_id: int, now: Sequence[Button], doomed: Sequence[Button]) -> ButtonsPlan:
    return ButtonsPlan(
        before=tuple(now),
        after=tuple(button for button in now if button not in doomed),
        calls=tuple(Call("delete_action", (case_id, button["id"])) for button in doomed),
        deleted=tuple(button["label"] for button in doomed),
    )


def _call(case_id: int, wanted: Button, current: Button | None, change: Button) -> Call:
    if current is None:
        return Call("create_action", (case_id, wanted))
    return Call("update_action", (case_id, current["id"], change))


def _replacement(case_id: int, pairs: Sequence[tuple[Button, Button | None]]) -> tuple[Call, ...]:
    """One request with complete buttons: what it leaves out would be lost, so it has what the server showed."""
    bodies = [{**_restated(current or {}), **wanted} for wanted, current in pairs]
    return (Call("replace_actions", (case_id, bodies)),)


def _restated(button: Button) -> Button:
    """What has to be sent so that a button stays as it is shown: to leave a cleared key out would not clear it."""
    return {**{key: empty for key, empty in EMPTY.items() if key in button}, **writable(button)}


def predicted(
    case_id: int, now: Sequence[Button], pairs: Sequence[tuple[Button, Button | None]], at_once: bool
) -> tuple[Button, ...]:
    """The buttons that the case will have, as far as can be told beforehand: a new one has no id yet."""

    def merged(wanted: Button, current: Button | None) -> Button:
        if current is None:
            return {"case_id": case_id, "id": None, **wanted}
        return {**current, **differences(current, wanted)}

    if at_once:
        return tuple(merged(*pair) for pair in pairs)
    targets = {id(current): (wanted, current) for wanted, current in pairs if current is not None}
    kept = [merged(*targets[id(button)]) if id(button) in targets else button for button in now]
    return (*kept, *(merged(wanted, None) for wanted, current in pairs if current is None))


def unread(now: Sequence[Button], goal: Goal) -> list[int]:
    """The ids of buttons to be read one by one, because the goal names keys that the listing does not show.

    Where none of them is asked about, one button still shows whether the server supports query_params at all.
    """
    if goal.state == "absent":
        return []

    def is_blank(button: Button, wanted: Button) -> bool:
        return matches(button, wanted) and any(key in wanted and key not in button for key in WRITABLE)

    asked = [button["id"] for button in now if any(is_blank(button, wanted) for wanted in goal.buttons)]
    probe = goal.asks_for_query_params and now and not any("query_params" in button for button in now)
    return asked or ([now[0]["id"]] if probe else [])


def unread_kept(intended: ButtonsPlan) -> list[int]:
    """The ids of buttons that a replacement would strip of query_params which the listing does not show."""
    if not any(call.endpoint == "replace_actions" for call in intended.calls):
        return []
    return [button["id"] for button in intended.after if button["id"] and "query_params" not in button]


def require_query_params(case_id: int, read: Iterable[Button]) -> None:
    """Raise `CaseworkError` where a button that was read by its id shows no query_params either."""
    for button in read:
        if "query_params" not in button:
            raise CaseworkError(
                f"This tenant does not support query_params: button {button['id']} of case {case_id} shows none. "
                "Leave query_params out, or update the tenant."
            )


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
            f"{mask(said)}.{hint}"
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


def accomplished(intended: ButtonsPlan, actual: Sequence[Button]) -> ButtonsPlan:
    """The part of a plan that was carried out before it failed, going by the buttons that there are now."""
    was = {button["label"]: button for button in intended.before}
    now = {button["label"]: button for button in actual}
    gone = Counter(button["label"] for button in intended.before) - Counter(button["label"] for button in actual)
    created = tuple(label for label in intended.created if label in now)
    updated = tuple(label for label in intended.updated if label in now and differences(was[label], now[label]))
    deleted = tuple((Counter(intended.deleted) & gone).elements())
    calls = intended.calls if created or updated or deleted else ()
    return ButtonsPlan(intended.before, tuple(actual), calls, created, updated, deleted)


def twins(intended: ButtonsPlan, goal: Goal, now: Sequence[Button]) -> list[int]:
    """The ids of surplus buttons that came twice out of one task: new, as it was asked for, and there already.

    A button that differs from what was asked for is not the task's, so it is left alone.
    """
    known = {button["id"] for button in intended.before}
    new = [button for button in now if button["id"] not in known]
    surplus: list[int] = []
    for wanted in goal.buttons:
        if wanted.get("label") in intended.created:
            ours = [b for b in new if matches(b, wanted) and not differences({**wanted, **b}, wanted)]
            surplus += [button["id"] for button in ours[1:]]
    return surplus
