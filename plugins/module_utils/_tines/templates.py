# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The case templates of a team: what cases made from them get, as the preview of such a case shows it.

A template shows nothing of that itself. Its preview is a case, so it is compared as cases are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.errors import NotDoneError, OptionError
from .._core.values import as_text, nearest
from .actions.apply import warn_of_odd_params
from .actions.fields import NEEDED, Button, differences, parse_actions, sendable, writable
from .actions.plan import restated
from .cases.fields import FIELDS
from .client import Json, Tines
from .endpoints import Endpoint, Item
from .subresource import DesiredItems, Field, Kind
from .subresource_apply import Context, ItemsResult, apply_items, item_result, read_and_plan
from .v1_format import BUTTON_NAMES, button_from_v1

BUTTON_KEYS = ("actions", "team_case_buttons")
"""Under which key a template's options take its buttons, likeliest first: the vendor's pages show only how they are
read. If a template does not get its buttons under one key, the next one is tried."""

UNKNOWN_KEY = (400, 422)
"""The statuses by which a server may refuse a key that it does not know."""

COMPARED = (
    *("name", "description", "status", "priority", "sub_status_id", "assignee_emails", "tag_names"),
    *("opened_at", "resolved_at", "closure_conditions"),
)
"""Options that are compared like the field of a case with that name."""

KNOWN = (*COMPARED, "blocks", "field_values", "metadata", "tasks")
"""Options that a new case has too. The vendor's list of a template's options is known only in part."""


# What a template has


def _same_emoji(shown: Any, desired: Any) -> bool:
    return str(shown or "").strip(":") == str(desired).strip(":")


def _same_buttons(shown: Sequence[Button] | None, desired: Sequence[Button]) -> bool:
    by_label = {button.get("label"): button for button in shown or ()}
    return len(shown or ()) == len(desired) and all(
        button["label"] in by_label and not differences(by_label[button["label"]], button) for button in desired
    )


def _same_options(shown: Json | None, desired: Json) -> bool:
    """Whether the options that the preview shows are as desired. Of the others nobody can tell."""
    if shown is None:
        return False
    return all(_same_option(name, shown[name], desired[name]) for name in desired if name in shown)


def _same_option(name: str, shown: Any, desired: Any) -> bool:
    if name in COMPARED and FIELDS[name].same(shown, desired):
        return True
    if isinstance(shown, dict) and isinstance(desired, dict) and shown.keys() != desired.keys():
        return False
    return _has(shown, desired)


def _has(shown: Any, desired: Any) -> bool:
    """Whether what is shown is what was sent: a server adds keys such as `id`, and may show some in another way."""
    if isinstance(desired, dict):
        return isinstance(shown, dict) and all(_has(shown[key], desired[key]) for key in desired if key in shown)
    if isinstance(desired, list):
        return isinstance(shown, list) and len(shown) == len(desired) and all(map(_has, shown, desired))
    return not isinstance(shown, (dict, list)) and as_text(shown) == as_text(desired)


def _options_of(preview: Json) -> Json:
    """What a preview shows, under the names of options."""
    fields = {
        name: FIELDS[name].show(preview) for name in COMPARED if FIELDS[name].show_as("").keys() <= preview.keys()
    }
    words = {name: str(fields[name]).lower() for name in ("priority", "status") if fields.get(name)}
    return {**{name: value for name, value in preview.items() if name not in COMPARED}, **fields, **words}


def _buttons_of(preview: Json) -> list[Button]:
    lists = [preview[key] for key in BUTTON_KEYS if isinstance(preview.get(key), list)]
    return [writable(button_from_v1(button)) for button in next(iter(lists), []) if isinstance(button, dict)]


@dataclass(frozen=True)
class TemplateKind(Kind):
    """Templates. button_key: one of `BUTTON_KEYS`."""

    button_key: str = BUTTON_KEYS[0]

    def differences(self, item: Item, desired: Item) -> Item:
        """The same, with the options that differ or are not shown, and with what is to stay of a button.

        An option that is sent replaces the old one as a whole, and so do the buttons.
        """
        wrong = super().differences(item, desired)
        if "options" in wrong:
            there = item.get("options") or {}
            wrong["options"] = {
                name: value
                for name, value in wrong["options"].items()
                if name not in there or not _same_option(name, there[name], value)
            }
        if "actions" in wrong:
            by_label = {button.get("label"): button for button in item.get("actions") or ()}
            wrong["actions"] = [{**restated(by_label.get(each["label"], {})), **each} for each in wrong["actions"]]
        return wrong

    def predicted(self, item: Item, desired: Item) -> Item:
        """The same; options that are not sent stay."""
        after = super().predicted(item, desired)
        return {**after, "options": {**item.get("options", {}), **after["options"]}} if "options" in after else after

    def body(self, desired: Item, create: bool) -> Item:
        """The same; buttons are one of the options."""
        body = super().body(desired, create)
        options = dict(body.pop("options", {}))
        if "actions" in body:
            options[self.button_key] = [self._button_body(button) for button in body.pop("actions")]
        return {**body, "options": options} if options else body

    def _button_body(self, button: Button) -> Button:
        if self.button_key == BUTTON_KEYS[0]:
            return button
        # Under the names of the first version of the API, which knows no query parameters.
        return {BUTTON_NAMES.get(key, key): value for key, value in button.items() if value != {}}


def _kind(asked: Collection[str]) -> TemplateKind:
    """Templates of which these options are asked about."""

    def read(client: Tines, _team_id: int, item: Item) -> Item:
        """What a listing leaves out."""
        preview = client.preview_template(item["id"])
        options = {name: value for name, value in _options_of(preview).items() if name in asked}
        return {"options": options, "actions": _buttons_of(preview)}

    return TemplateKind(
        noun="template",
        plural="templates",
        endpoint=Endpoint("/api/v1/case_templates", items="case_templates"),
        key="name",
        fields={
            "name": Field("name"),
            "emoji": Field("emoji", same=_same_emoji),
            "options": Field("options", same=_same_options),
            "actions": Field("actions", same=_same_buttons),
            "team_id": Field("team_id", compared=False),
        },
        read=read,
    )


# What a task asks for


def parse_template(params: Mapping[str, Any]) -> tuple[TemplateKind, DesiredItems]:
    """How the template is found, and what it should be. Raises `OptionError`."""
    item = {name: params[name] for name in ("name", "emoji", "team_id") if params[name] is not None}
    if not item["name"].strip():
        raise OptionError("name is empty.")
    options = _parse_options(params["options"] or {})
    if options:
        item["options"] = options
    if params["actions"] is not None:
        item["actions"] = [sendable(button) for button in parse_actions(params["actions"], "actions", NEEDED)]
    return _kind(options.keys()), DesiredItems((item,), params["state"], unique=True)


def _parse_options(given: Mapping[str, Any]) -> Json:
    options = {str(name): value for name, value in given.items() if value is not None}
    for name in BUTTON_KEYS:
        if name in options:
            raise OptionError(f"options: {name} is not taken here. Give the buttons with actions, beside options.")
    for name in ("assignee_emails", "tag_names"):
        value = options.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise OptionError(f"options: {name} must be a list of texts.")
    try:
        json.dumps(options, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise OptionError("options cannot be written as JSON: a value such as .nan or .inf is in it.") from error
    return options


# The whole module


def run_on_team(context: Context, kind: TemplateKind, team_id: int, desired: DesiredItems) -> dict[str, Any]:
    """Make one template as desired. Returns the result of the module. Raises `CaseworkError`."""
    (wanted,) = desired.items
    present = desired.state == "present"
    if present:
        _warn_of_misspelt(context, wanted)
        warn_of_odd_params(context, wanted.get("actions", ()))
    plan = read_and_plan(context, kind, team_id, desired)
    done = apply_items(context, kind, team_id, desired, plan)
    for key in BUTTON_KEYS[1:] if present else ():
        if not _may_be_the_key(done, wanted):
            break
        again = apply_items(context, replace(kind, button_key=key), team_id, desired)
        done = done if again.error else replace(again, plan=plan)
    result = item_result(context, done, desired)
    if present:
        before = next((item for item in plan.before if kind.matches(item, wanted)), result["template"])
        _warn_of_hidden(context, wanted, before)
    return result


def _may_be_the_key(done: ItemsResult, wanted: Item) -> bool:
    """Whether the task may have failed because buttons are taken under another key."""
    if "actions" not in wanted or done.error is None:
        return False
    if isinstance(done.error, NotDoneError):
        return done.kind.differences(done.item(wanted), wanted).keys() == {"actions"}
    return getattr(done.error, "status", None) in UNKNOWN_KEY


def _warn_of_misspelt(context: Context, wanted: Item) -> None:
    for name in wanted.get("options", {}):
        near = None if name in KNOWN else nearest(name, KNOWN)
        if near:
            context.warn(f"options: {name} is not a known option of a template. Did you mean {near}?")


def _warn_of_hidden(context: Context, wanted: Item, shown: Item) -> None:
    hidden = [name for name in wanted.get("options", {}) if name not in shown.get("options", {})]
    if hidden:
        context.warn(
            f"options: {', '.join(hidden)} is not shown by the preview of the template, so it is not compared. "
            "It is sent to a new template, and if another option differs."
        )
