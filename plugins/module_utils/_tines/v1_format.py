# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What the first version of the Tines cases API calls by another name or shows in another shape. Pure tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

BUTTON_NAMES = {"action_type": "button_type", "action_text": "button_text"}
"""Keys of a button: the second version's name, the first one's. Other keys have one name in both."""

_FROM_V1 = {old: new for new, old in BUTTON_NAMES.items()}

_TIMELINE_NAMES = {"activity_type": "action"}

BUTTON_V2_ONLY = ("case_id", "query_params", "story_name", "story_emoji", "page_emoji", "created_at", "updated_at")
TIMELINE_V2_ONLY = ("created_at",)
V2_ONLY = ("activities", "activities_meta", "records_meta", "actions", "sub_status", "fields", "tasks", "blocks")
"""Keys of a button, of an entry of the timeline, and of a case that the first version does not have."""


def button_to_v1(button: Json) -> Json:
    return {BUTTON_NAMES.get(key, key): value for key, value in button.items() if key not in BUTTON_V2_ONLY}


def button_from_v1(button: Json) -> Json:
    return {_FROM_V1.get(key, key): value for key, value in button.items()}


def _timeline(activities: list[Any]) -> list[Any]:
    """The first version's `team_case_actions` are the timeline of the case, not its buttons."""
    return [
        {_TIMELINE_NAMES.get(key, key): value for key, value in each.items() if key not in TIMELINE_V2_ONLY}
        for each in activities
        if isinstance(each, dict)
    ]


def _numbers(linked: list[Any]) -> list[Any]:
    return [each.get("case_id", each.get("id")) if isinstance(each, dict) else each for each in linked]


def _flat(records: list[Any]) -> list[Any]:
    """Records in one list; the second version groups them by type."""
    groups = [group.get("records", [group]) if isinstance(group, dict) else group for group in records]
    return [record for group in groups for record in (group if isinstance(group, list) else [group])]


RESHAPED: dict[str, tuple[str, Callable[[list[Any]], list[Any]]]] = {
    "activities": ("team_case_actions", _timeline),
    "linked_cases": ("linked_cases", _numbers),
    "records": ("records", _flat),
}
"""Keys of a case that the second version shows under another name or in another shape: the first one's."""


def case_to_v1(case: Json, buttons: Iterable[Json]) -> Json:
    """A case as the first version shows it, from how the second one does."""
    old = {key: value for key, value in case.items() if key not in V2_ONLY}
    for new_name, (old_name, reshape) in RESHAPED.items():
        shown = case.get(new_name)
        if isinstance(shown, dict):
            shown = list(shown.values())
        if shown is not None:
            old[old_name] = reshape(shown) if isinstance(shown, list) else shown
    old["team_case_buttons"] = [button_to_v1(button) for button in buttons]
    return old
