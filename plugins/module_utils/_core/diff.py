# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The diff of a plan, as Ansible shows it. Pure."""

from __future__ import annotations

from typing import Any

from .redaction import MASK, redact


def diff(before: Any, after: Any, header: str | None = None) -> dict[str, Any]:
    """A diff as Ansible shows it, secrets masked.

    If only a secret differs, the masked sides would be equal: then the side after says `******** (changed)`.
    """
    shown = {"before": redact(before), "after": _redact_after(before, after)}
    return shown if header is None else {"before_header": header, "after_header": header, **shown}


def _redact_after(before: Any, after: Any) -> Any:
    if isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        return {redact(key): _redact_after(known.get(key), item) for key, item in after.items()}
    if isinstance(after, (list, tuple)):
        known_items = before if isinstance(before, (list, tuple)) else ()
        return [_redact_after(_counterpart(place, after, known_items), item) for place, item in enumerate(after)]
    masked = redact(after)
    only_the_secret = isinstance(after, str) and isinstance(before, str) and masked == redact(before)
    if only_the_secret and not same_but_for_slash(before, after):
        return masked.replace(MASK, f"{MASK} (changed)")
    return masked


def _counterpart(place: int, after: Any, before: Any) -> Any:
    """What an entry after is compared with: the one with its label, or the one whose label it replaces."""
    item = after[place]
    same_label = [other for other in before if _label(item) is not None and _label(other) == _label(item)]
    if same_label:
        return next((other for other in same_label if other.get("url") == item.get("url")), same_label[0])
    there = before[place] if place < len(before) else None
    return None if _label(there) in map(_label, after) else there


def _label(item: Any) -> Any:
    return item.get("label") if isinstance(item, dict) else None


def same_but_for_slash(one: str, other: str) -> bool:
    """Whether two URLs differ by one trailing slash at most."""
    return one in (other, f"{other}/") or other == f"{one}/"
