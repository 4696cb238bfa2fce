# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What every plan has in common, the diff that is made of it, and the masking of secrets. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MASK = "********"

# A Tines webhook URL is <anything>/webhook/<path>/<secret>: who has the secret can start the story. The slash may be
# escaped where the URL stands in JSON, in another URL or in HTML. What is masked already is left alone.
_SLASH = r"(?:\\*/|\\+u002f|%(?:25)*2f|&#(?:x2f|47);)"
_SECRET = re.compile(rf"({_SLASH}webhook{_SLASH}[^\s\"<>?#]+?{_SLASH})(?!{re.escape(MASK)})[^\s\"<>]+", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One writing request: `endpoint` is the name of a client's method, `args` what it is called with."""

    endpoint: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What there is, what there should be, and the writing requests that lead from one to the other."""

    before: Any
    after: Any
    calls: tuple[Call, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.calls)


def mask(value: Any) -> Any:
    """`value` with the secret of every webhook URL in it replaced by asterisks, keys of dictionaries included."""
    if isinstance(value, str):
        return _SECRET.sub(rf"\g<1>{MASK}", value)
    if isinstance(value, dict):
        return {mask(key): mask(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(item) for item in value]
    return value


def diff(before: Any, after: Any, header: str | None = None) -> dict[str, Any]:
    """A diff as Ansible shows it, secrets masked.

    Where only a secret differs the masked sides would be equal, so the side after says `******** (changed)`.
    """
    shown = {"before": mask(before), "after": _mask_after(before, after)}
    return shown if header is None else {"before_header": header, "after_header": header, **shown}


def _mask_after(before: Any, after: Any) -> Any:
    if isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        return {mask(key): _mask_after(known.get(key), item) for key, item in after.items()}
    if isinstance(after, (list, tuple)):
        known_items = before if isinstance(before, (list, tuple)) else ()
        return [_mask_after(_counterpart(place, after, known_items), item) for place, item in enumerate(after)]
    masked = mask(after)
    only_the_secret = isinstance(after, str) and isinstance(before, str) and masked == mask(before)
    if only_the_secret and not _same_but_for_slash(before, after):
        return masked.replace(MASK, f"{MASK} (changed)")
    return masked


def _counterpart(place: int, after: Any, before: Any) -> Any:
    """What an entry after is to be compared with: the one with its label, or the one whose label it replaces."""
    item = after[place]
    twins = [other for other in before if _label(item) is not None and _label(other) == _label(item)]
    if twins:
        return next((twin for twin in twins if twin.get("url") == item.get("url")), twins[0])
    there = before[place] if place < len(before) else None
    return None if _label(there) in map(_label, after) else there


def _label(item: Any) -> Any:
    return item.get("label") if isinstance(item, dict) else None


def _same_but_for_slash(one: str, other: str) -> bool:
    return one in (other, f"{other}/") or other == f"{one}/"
