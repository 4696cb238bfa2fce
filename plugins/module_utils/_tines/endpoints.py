# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Where the lists of things are that belong to a case, or to a team, and how they look on the wire. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
"""One of the things, with the keys that the API shows. `id` is always there, and an int."""


def _as_shown(item: Item) -> Item:
    return item


@dataclass(frozen=True)
class Batch:
    """How several things are created with one request. size: how many at most. body: the request's body for them."""

    size: int
    body: Callable[[Sequence[Item]], Item]


@dataclass(frozen=True)
class Bulk:
    """How things of several cases are set with one request, whether they are there or not.

    path: of the request. size: how many cases at most. body: the request's body for some cases and things.
    """

    path: str
    size: int
    body: Callable[[Sequence[int], Sequence[Item]], Item]


@dataclass(frozen=True)
class Endpoint:
    """One list of things.

    path: with `{parent}` in place of the ID of the case that the things belong to. If there is no such place, they
    belong to a team, which the query `team_id` names. items: the key of the list in an answer. item: the key of a
    single thing in an answer, None if the answer is the thing. identity: the key of a thing's ID. shape: brings a thing
    into the form that the rest of the code knows, for APIs that show it in several. batch, bulk: None if there is no
    such request. has_get: whether a single thing can be read.
    """

    path: str
    items: str
    item: str | None = None
    identity: str = "id"
    shape: Callable[[Item], Item] = _as_shown
    batch: Batch | None = None
    bulk: Bulk | None = None
    has_get: bool = True

    @property
    def parent_noun(self) -> str:
        return "case" if "{parent}" in self.path else "team"

    def path_of(self, parent: int, rest: int | str | None = None) -> str:
        return self.path.format(parent=parent) + ("" if rest is None else f"/{rest}")

    def belongs_to(self, parent: int) -> Item:
        """The key of a thing that says to which case or team it belongs; not every answer shows it."""
        key = f"{self.parent_noun}_id"
        return {} if key == self.identity else {key: parent}

    def query_of(self, parent: int) -> list[tuple[str, str]]:
        return [] if "{parent}" in self.path else [("team_id", str(parent))]


def parse_item_id(value: Any) -> int | None:
    """The ID of a thing as an int; the API shows some as text. None for what must not become part of a path."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 30 else None
