# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What belongs to a case and has a listing of its own, read whole and for many cases at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..._core.timestamps import EARLIEST, parse_timestamp
from ..._core.workers import fail_if_any_failed, run_concurrently
from ..client import Tines
from .fields import PREDICTED_CASE, Case

PARTS = (
    "actions",
    "activities",
    "comments",
    "fields",
    "files",
    "linked_cases",
    "notes",
    "records",
    "subscribers",
    "tasks",
)
"""The names of the listings, which are also the keys under which a case carries them."""


@dataclass(frozen=True)
class Included:
    """What is read of each case. activity_types: in upper case, empty for all. activities_since: None for all."""

    parts: tuple[str, ...]
    activity_types: tuple[str, ...] = ()
    activities_since: datetime | None = None

    def keeps(self, activity: dict[str, Any]) -> bool:
        """Whether an entry of the timeline is one that is asked for, by what it shows itself."""
        kind = str(activity.get("activity_type", activity.get("action"))).upper()
        at = parse_timestamp(activity.get("created_at"))
        since = self.activities_since or EARLIEST
        return (not self.activity_types or kind in self.activity_types) and (at is None or at >= since)


@dataclass(frozen=True)
class _Listing:
    """One listing of one case; an error names it."""

    case_id: int
    part: str

    def __str__(self) -> str:
        return f"{self.case_id} ({self.part})"


def include_parts(client: Tines, cases: Sequence[Case], included: Included, connections: int) -> list[Case]:
    """The cases, each with every part that is asked for, all pages. Raises `CaseworkError` if one cannot be read."""
    wanted = [_Listing(case["case_id"], part) for case in cases for part in included.parts]
    done = run_concurrently(
        client.http.limiter, wanted, lambda listing: (_read(client, listing, included), None), connections
    )
    fail_if_any_failed(done, {})
    parts: dict[int, Case] = {case["case_id"]: {} for case in cases}
    for each in done:
        parts[each.item.case_id][each.item.part] = each.value
    return [{**case, **parts[case["case_id"]]} for case in cases]


def _read(client: Tines, listing: _Listing, included: Included) -> list[Case]:
    if listing.case_id == PREDICTED_CASE:
        return []
    if listing.part == "actions":
        return client.list_actions(listing.case_id)
    if listing.part != "activities":
        return client.list_part(listing.case_id, listing.part)
    # The vendor's page prints the filter garbled, so what comes back is checked again.
    query = [("activity_type[]", kind) for kind in included.activity_types]
    return [entry for entry in client.list_part(listing.case_id, listing.part, query) if included.keeps(entry)]
