# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The diff of a plan, as Ansible shows it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .redaction import escape_controls, redact


def diff(before: Any, after: Any, header: str | None = None) -> dict[str, Any]:
    """A diff as Ansible shows it, secrets masked.

    If only a secret differs, the masked sides would be equal: then the side after says `******** (changed)`.
    """
    shown = {"before": redact(before), "after": redact(after, before)}
    headers = {} if header is None else {"before_header": header, "after_header": header}
    return dict(escape_controls({**headers, **shown}))


MAX_NAMED = 5
"""Cases whose names stand in the header of a diff that holds for several. For more, their IDs alone do."""


def merge_alike(diffs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The diffs of many cases, those that differ in nothing but the case as one, whose header lists the cases.

    diffs: with a header `case ID` or `case ID (name)`, and with the `case_id` on each side.
    """
    alike: dict[str, list[dict[str, Any]]] = {}
    for each in diffs:
        alike.setdefault(json.dumps(_without_case(each), default=str), []).append(each)
    return [same[0] if len(same) == 1 else _merged(same) for same in alike.values()]


def _without_case(one: dict[str, Any]) -> dict[str, Any]:
    """What a diff shows of any case. One with the ID 0 is yet to be, and is not like those that are."""
    return {
        name: {key: value for key, value in one[name].items() if key != "case_id" or not value}
        for name in ("before", "after")
    }


def _merged(same: list[dict[str, Any]]) -> dict[str, Any]:
    cases = [each["before_header"].replace("case ", "", 1) for each in same]
    if len(cases) > MAX_NAMED:
        cases = [case.partition(" ")[0] for case in cases]
    headers = {"before_header": f"{len(same)} cases", "after_header": f"cases {', '.join(cases)}"}
    return {**headers, **_without_case(same[0])}
