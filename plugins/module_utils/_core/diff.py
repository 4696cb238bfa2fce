# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The diff of a plan, as Ansible shows it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .redaction import escape_controls, redact


def diff(before: Any, after: Any, header: str | None = None) -> dict[str, Any]:
    """A diff as Ansible shows it, secrets masked.

    If only a secret differs, the masked sides would be equal: then the side after says `******** (changed)`.
    """
    shown = {"before": redact(before), "after": redact(after, before)}
    headers = {} if header is None else {"before_header": header, "after_header": header}
    return dict(escape_controls({**headers, **shown}))


@dataclass(frozen=True)
class Change:
    """What a diff is made of. before, after: with their secrets, and with the `case_id` if merged with others."""

    before: Any
    after: Any
    header: str

    def diff(self) -> dict[str, Any]:
        return diff(self.before, self.after, self.header)


MAX_NAMED = 5
"""Cases whose names stand in the header of a diff that holds for several. For more, their IDs alone do."""


def merge_alike(
    changes: Iterable[Change], shown: Callable[[Change], dict[str, Any]] = Change.diff
) -> list[dict[str, Any]]:
    """The diffs of many cases, those that differ in nothing but the case as one, whose header lists the cases.

    changes: with a header `case ID` or `case ID (name)`. shown: makes the diff of one. It is made once for changes that
    are equal, as most are: to mask each would cost more than all the rest of a task.
    """
    equal: dict[str, list[Change]] = {}
    for change in changes:
        equal.setdefault(_key(change.before, change.after), []).append(change)
    alike: dict[str, tuple[dict[str, Any], list[Change]]] = {}
    for same in equal.values():
        made = shown(same[0])
        alike.setdefault(_key(made["before"], made["after"]), (made, []))[1].extend(same)
    return [made if len(same) == 1 else _merged(made, same) for made, same in alike.values()]


def _key(before: Any, after: Any) -> str:
    return json.dumps((_without_case(before), _without_case(after)), default=str)


def _without_case(side: dict[str, Any]) -> dict[str, Any]:
    """What a side shows of any case. One with the ID 0 is yet to be, and is not like those that are."""
    return {key: value for key, value in side.items() if key != "case_id" or not value}


def _merged(made: dict[str, Any], same: Sequence[Change]) -> dict[str, Any]:
    cases = [change.header.replace("case ", "", 1) for change in same]
    if len(cases) > MAX_NAMED:
        cases = [case.partition(" ")[0] for case in cases]
    return {
        "before_header": f"{len(same)} cases",
        "after_header": escape_controls(f"cases {', '.join(cases)}"),
        "before": _without_case(made["before"]),
        "after": _without_case(made["after"]),
    }
