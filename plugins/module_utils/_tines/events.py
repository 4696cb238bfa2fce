# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What happened in a case, as an event for ansible-rulebook. Pure.

An event is the same whichever way its news came: from the API, or in a payload that Tines posts.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .._core.redaction import redact
from .._core.timestamps import format_timestamp, parse_timestamp
from .cases.fields import Case, mapping

Event = dict[str, Any]

NAMESPACE = uuid.UUID("6ad57bd0-5e19-4c0d-9a4e-5d0f4a1d3c55")
"""The namespace of the UUIDs of events. To change it would make every event that is known a new one."""

CREATED, UPDATED, BUTTON = "case_created", "case_updated", "button"
"""The events that aren't named after an activity of the API."""

RESERVED_PARAMS = {"case", "case_id", "button", "message", "user"}
"""The keys of a click's payload that are not query parameters of the button."""

KEPT_META = ("source", "received_at")
"""What a filter keeps of the `meta` that a source wrote. The rest may hold headers, paths and names of hosts."""

MAX_DEPTH = 20
"""Levels of nested data that an event has at most."""

_TEMPLATE_MARK = re.compile(r"\{(?=[{%#])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TYPE_MARK = re.compile(r"^_+(?=ansible_)")


def neutralise(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The value with every template mark in it broken up (`{ {`), keys included, so that no text can run as a template.

    ansible-rulebook hands events to playbooks as variables that Ansible trusts. Numbers that JSON does not know, and
    characters that UTF-8 does not know, become ones that it knows: an engine that chokes on an event says nothing.
    """
    if isinstance(value, str):
        text = value if value.isascii() else _SURROGATE.sub("\ufffd", value)
        return _TEMPLATE_MARK.sub("{ ", text) if "{" in text else text
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if not depth:
        return "..."
    if isinstance(value, Mapping):
        return {_neutral_key(key): neutralise(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [neutralise(item, depth - 1) for item in value]
    return neutralise(str(value))


def _neutral_key(key: Any) -> str:
    """A key without template marks, and none that Ansible's JSON reader takes for a type, such as `__ansible_vault`."""
    name = str(neutralise(str(key)))
    return _TYPE_MARK.sub("", name) if name.startswith("_") else name


def is_notification(payload: Any) -> bool:
    """Whether it is a case notification as Tines posts it, of version 2.0 or 1.0."""
    return isinstance(payload, dict) and case_id_of(payload) is not None and bool(_activity_of(payload))


def is_click(payload: Any) -> bool:
    """Whether it is what Tines posts when somebody clicks on a button."""
    return isinstance(payload, dict) and case_id_of(payload) is not None and _int(button_of(payload)["id"]) is not None


def case_id_of(payload: Case) -> int | None:
    """The ID of the case that a payload is about; payloads have it under `id`, the API under `case_id`."""
    case = mapping(payload.get("case"))
    shown = _int(case.get("id"))
    return shown if shown is not None else _int(case.get("case_id"))


def button_of(payload: Case) -> Case:
    """ID and label of the button that a payload says was clicked."""
    button = mapping(payload.get("button"))
    return {"id": button.get("id"), "label": None if button.get("label") is None else str(button["label"])}


def _activity_of(payload: Case) -> Case:
    """The activity that a notification tells of, empty if it tells of none.

    The vendor's page shows version 2.0 alone. Of version 1.0 it is assumed that it has the same words, be it beside
    the case instead of in an object of their own.
    """
    activity = mapping(payload.get("activity")) or payload
    return activity if activity.get("activity_type") else {}


def notification_event(payload: Case, *, origin: str | None = None, include_case: bool = False) -> Event:
    """The event for a case notification."""
    case, activity = mapping(payload["case"]), _activity_of(payload)
    return activity_event(case, activity, via="webhook", origin=origin, include_case=include_case)


def activity_event(
    case: Case, activity: Case, *, via: str, origin: str | None = None, include_case: bool = False
) -> Event:
    """The event for an activity of a case, from the API or from a payload.

    origin: the host of the tenant, by default that of the case's URL. The UUID is made of it and the activity's ID.
    """
    kind = activity_type(activity)
    shown = {
        "id": _int(activity.get("id")),
        "type": kind,
        "at": _timestamp(activity.get("created_at")),
        "value": activity.get("value"),
        "user": _user(activity.get("user")),
    }
    facts = case_facts(case, event=event_name(kind), via=via, include_case=include_case)
    identity = None if shown["id"] is None else f"activity/{shown['id']}"
    return _event({**facts, "activity": shown}, identity, origin or _host(case))


def updated_event(case: Case, *, via: str, origin: str | None = None, include_case: bool = False) -> Event:
    """The event for a change of a case that no activity tells of."""
    facts = case_facts(case, event=UPDATED, via=via, include_case=include_case)
    return _event(facts, f"case/{facts['case_id']}/{facts['updated_at']}", origin or _host(case))


def click_event(payload: Case, case: Case | None = None, *, include_case: bool = False) -> Event:
    """The event for a click on a button. case: the case as the API shows it, by default as the payload does.

    Nothing in a click tells it from another click, so its UUID is random.
    """
    facts = case_facts(case or mapping(payload["case"]), event=BUTTON, via="webhook", include_case=include_case)
    params = {key: value for key, value in payload.items() if key not in RESERVED_PARAMS}
    button = button_of(payload)
    clicked = {"id": _int(button["id"]), "label": button["label"], "params": params, "user": _user(payload.get("user"))}
    return _event({**facts, "button": clicked}, None, "")


def event_of(payload: Any) -> Event | None:
    """The event for a payload that Tines posted; None if it is no such payload."""
    if is_click(payload):
        return click_event(payload)
    return notification_event(payload) if is_notification(payload) else None


def filtered(event: Any, *, strict: bool = False) -> Any:
    """What a filter makes of an event of any source.

    A payload of Tines, bare or under `payload` or `body`, becomes our event. Anything else passes unchanged, or is
    dropped if `strict`: the engine drops an event for an empty list only.
    """
    if isinstance(event, dict) and not isinstance(event.get("tines"), dict):
        for payload in (event, event.get("payload"), event.get("body")):
            ours = event_of(payload)
            if ours:
                meta = mapping(event.get("meta"))
                return {**ours, "meta": {**{key: meta[key] for key in KEPT_META if key in meta}, **ours["meta"]}}
        return [] if strict else event
    return [] if strict and not isinstance(event, dict) else event


def activity_type(activity: Case) -> str:
    """The type of an activity in lower case."""
    return str(activity.get("activity_type") or activity.get("type") or "").lower()


def event_name(kind: str) -> str:
    """The name of the event for an activity's type in lower case."""
    return CREATED if kind == "created" else kind


def case_facts(case: Case, *, event: str, via: str, include_case: bool) -> Case:
    """What an event says of its case."""
    shown = _int(case.get("case_id"))
    tags = case.get("tags")
    facts = {
        "event": event,
        "case_id": _int(case.get("id")) if shown is None else shown,
        "name": case.get("name"),
        "team_id": _int(mapping(case.get("team")).get("id", case.get("team_id"))),
        "status": _word(case.get("status")),
        "sub_status": _name(case.get("sub_status")),
        "priority": _word(case.get("priority", case.get("severity"))),
        "tags": [_name(tag) for tag in tags] if isinstance(tags, list) else [],
        "url": case.get("url"),
        "updated_at": _timestamp(case.get("updated_at")),
        "via": via,
    }
    return {**facts, "case": _without_button_urls(case)} if include_case else facts


def _event(facts: Case, identity: str | None, origin: str) -> Event:
    """An event that is safe to hand on: without the secrets of webhook URLs, and without templates."""
    key = uuid.uuid4() if identity is None else uuid.uuid5(NAMESPACE, f"{origin.lower()}/{identity}")
    return {"tines": neutralise(redact(facts)), "meta": {"uuid": str(key)}}


def _without_button_urls(case: Case) -> Case:
    """The case without the URLs of its buttons: whoever knows one can start what is behind it."""
    hidden = {"url", "query_params"}
    return {
        key: [{name: each for name, each in button.items() if name not in hidden} for button in map(mapping, value)]
        if key in ("actions", "team_case_buttons") and isinstance(value, list)
        else value
        for key, value in case.items()
    }


def _user(user: Any) -> Case | None:
    """A person: payloads have `id`, the API `user_id`."""
    shown = mapping(user)
    if not shown:
        return None
    name = " ".join(str(shown[key]) for key in ("first_name", "last_name") if shown.get(key))
    return {"id": _int(shown.get("user_id", shown.get("id"))), "email": shown.get("email"), "name": name}


def _host(case: Case) -> str:
    try:
        return urlsplit(str(case.get("url") or "")).netloc
    except ValueError:
        return ""


def _int(value: Any) -> int | None:
    """An ID as a number, None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value) if isinstance(value, int) else value.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _word(value: Any) -> str | None:
    return None if value is None else str(value).lower()


def _name(value: Any) -> str | None:
    """The name of a thing that is shown as an object or by its name alone."""
    shown = value.get("name") if isinstance(value, dict) else value
    return None if shown is None else str(shown)


def _timestamp(value: Any) -> str | None:
    moment: datetime | None = parse_timestamp(value)
    return None if moment is None else format_timestamp(moment)
