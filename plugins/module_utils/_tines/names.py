# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The IDs behind names that people know: teams and sub-statuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._core.errors import CaseworkError
from .._core.values import nearest
from .endpoints import parse_item_id

if TYPE_CHECKING:
    from .client import Tines

MOST_NAMES = 10
"""Names that a message lists at most."""

MOST_COMPARED = 500
"""Names that are compared with one that does not exist, to find the nearest."""


def find_team_id(client: Tines, name: str) -> int:
    """The ID of the team with exactly this name. Raises `CaseworkError` if there is none, or more than one."""
    return _only_id("team", name, client.list_teams(), "team_id")


def find_sub_status_id(client: Tines, team_id: int, name: str, status: str) -> int:
    """The ID of the team's sub-status with exactly this name; of several, the one that goes with the status.

    Raises `CaseworkError` if there is none, or more than one.
    """
    shown = client.list_sub_statuses(team_id)
    fitting = [each for each in shown if str(each.get("parent_status")).lower() == status]
    return _only_id("sub-status", name, fitting if _named(fitting, name) else shown, "sub_status_id")


def find_input_id(client: Tines, team_id: int, key: str) -> int:
    """The ID of the team's case input with this key. Raises `CaseworkError` if there is none, or more than one."""
    inputs = ({"id": each["id"], "name": each.get("key")} for each in client.list_case_inputs(team_id))
    return _only_id("case input", key, inputs, "its ID")


def _named(items: Iterable[dict[str, Any]], name: str) -> list[Any]:
    return [item["id"] for item in items if item.get("name") == name]


def _only_id(kind: str, name: str, shown: Iterable[dict[str, Any]], option: str) -> int:
    items = list(shown)
    ids = _named(items, name)
    only_id = parse_item_id(ids[0]) if len(ids) == 1 else None
    if only_id is not None:
        return only_id
    if ids:
        raise CaseworkError(
            f"{len(ids)} of the {kind} names are {name!r} (IDs {', '.join(map(str, ids))}): "
            f"say with {option} which one is meant."
        )
    names = sorted({str(item.get("name")) for item in items})
    known = f"those that this key may see are {', '.join(names[:MOST_NAMES])}" if names else "this key may see none"
    near = nearest(name, names[:MOST_COMPARED])
    meant = f" Did you mean {near!r}?" if near else ""
    raise CaseworkError(f"No {kind} has the name {name!r}: {known}.{meant} Check the name, or give {option}.")
