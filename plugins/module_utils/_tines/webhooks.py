# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The webhooks that a team's cases notify, found by their name or their URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._core.diff import diff
from .._core.errors import OptionError, RequestError
from .._core.redaction import redact, same_but_for_slash
from .._core.responses import REFUSALS
from .._core.values import refuse_masked, same_text, tidy_text
from .client import team_of
from .endpoints import Endpoint, Item
from .subresource import DesiredItems, Field, Kind, plan_items
from .subresource_apply import Context, run_on_case

MOST_WEBHOOKS = 5
"""Webhooks of a team at most, as the vendor documents it."""


class AtFirst(list[str]):
    """What a new webhook notifies of. One that exists may notify of other things."""


def _same_notifications(shown: Any, desired: Any) -> bool:
    return isinstance(desired, AtFirst) or set(shown or ()) == set(desired)


@dataclass(frozen=True)
class WebhookKind(Kind):
    """Webhooks. A message must not show their URLs, which are secrets."""

    def label(self, item: Item) -> Any:
        label = super().label(item)
        return _without_secret(label) if label == item.get("url") else label

    def label_of_desired(self, desired: Item) -> Any:
        label = super().label_of_desired(desired)
        return _without_secret(label) if label == desired.get("url") else label


def _without_secret(url: Any) -> Any:
    return redact({"url": url, "notifications": ()})["url"]


# https://www.tines.com/docs/api/cases/webhooks/ (2026-07-06)
BY_NAME = WebhookKind(
    noun="webhook",
    plural="webhooks",
    endpoint=Endpoint("/api/v1/case_webhooks", items="webhooks", item="webhook"),
    key="name",
    key_of=tidy_text,
    fields={
        "name": Field("name", same=same_text),
        "url": Field("url", same=same_but_for_slash),
        "notifications": Field("notifications", same=_same_notifications),
        "team_id": Field("team_id", compared=False),
    },
)
BY_URL = replace(BY_NAME, key="url", key_of=lambda url: str(url).rstrip("/"))


def parse_webhook(params: Mapping[str, Any]) -> tuple[Kind, DesiredItems]:
    """How the webhook is found, and what it should be. Raises `OptionError`."""
    item = {name: params[name] for name in ("id", *BY_NAME.fields) if params[name] is not None}
    if "id" not in item and not item.get("name", "-").strip():
        raise OptionError("name is empty.")
    if not {"id", "team_id"} & item.keys():
        raise OptionError("team_id is required, unless id is set.")
    if params["state"] == "present" and not {"id", "url"} & item.keys():
        raise OptionError("url is required, unless id is set.")
    if "url" in item:
        item["url"] = item["url"].strip()
        refuse_masked(item["url"], "url")
        if not re.match(r"https?://[^/\s]", item["url"]):
            raise OptionError("url must begin with https:// or http:// and a host.")
    item["notifications"] = _parse_notifications(params["notifications"])
    return BY_NAME if "name" in item else BY_URL, DesiredItems((item,), params["state"], unique=True)


def _parse_notifications(given: list[str] | None) -> list[str]:
    if given is None:
        return AtFirst(["ALL"])
    words = [word.strip().upper() for word in given]
    if not words:
        raise OptionError("notifications is empty. Leave it out, or remove the webhook with state: absent.")
    for word in words:
        if not re.fullmatch("[A-Z][A-Z0-9_]*", word):
            raise OptionError(f"notifications: {word!r} is not a type of activity, such as COMMENTED.")
    return list(dict.fromkeys(words))


def run_on_id(context: Context, kind: Kind, desired: DesiredItems) -> dict[str, Any]:
    """Make the webhook with this ID as desired, whatever its team is. Returns the result of the module.

    Raises `CaseworkError`.
    """
    (wanted,) = desired.items
    try:
        webhook = context.client.get_item(kind.endpoint, 0, wanted["id"])
    except RequestError as error:
        if error.status != 404:
            raise
        if desired.state == "present":
            raise error.explained(f"Webhook {wanted['id']} was not found:") from error
        context.warn(f"Webhook {wanted['id']} does not exist, or this key may not see it, so there is none to remove.")
        return {"changed": False, "webhook": {}, "team_id": None, "diff": diff({}, {})}
    team_id = team_of(webhook)
    if team_id is None:
        raise OptionError(f"team_id is required here: the server does not show the team of webhook {wanted['id']}.")
    webhook = {**webhook, **kind.endpoint.belongs_to(team_id)}
    return run_on_case(context, kind, team_id, desired, plan_items(kind, team_id, [webhook], desired))


def run_on_team(context: Context, kind: Kind, team_id: int, desired: DesiredItems) -> dict[str, Any]:
    """Make one webhook as desired. Returns the result of the module. Raises `CaseworkError`."""
    try:
        return run_on_case(context, kind, team_id, desired)
    except RequestError as error:
        if error.method != "POST" or error.status not in REFUSALS:
            raise
        there = context.client.list_items(kind.endpoint, team_id)
        if len(there) < MOST_WEBHOOKS:
            raise
        names = ", ".join(str(item.get("name") or _without_secret(item.get("url"))) for item in there)
        raise error.explained(after=f"The team has {len(there)} webhooks already: {names}.") from error
