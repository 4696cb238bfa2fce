# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The notes of a case, found by their title. Pure."""

from __future__ import annotations

from .._core.values import same_text, tidy_text
from .endpoints import Endpoint
from .subresource import Field, Kind

COLORS = ("white", "gold", "magenta", "green", "blue", "red", "mint", "indigo")
"""The colors that the vendor's page names."""


def _same_flag(one: object, other: object) -> bool:
    """A note that does not show the flag does not have it: older servers do not know it."""
    return bool(one) == bool(other)


# https://www.tines.com/docs/api/cases/notes/ (2026-07-10)
NOTES = Kind(
    noun="note",
    plural="notes",
    endpoint=Endpoint("/api/v2/cases/{parent}/notes", items="notes"),
    key="title",
    key_of=tidy_text,
    fields={
        "title": Field("title", same=same_text),
        "content": Field("content", same=same_text),
        "color": Field("color", same=lambda one, other: str(one).lower() == str(other).lower()),
        "sensitive": Field("sensitive", same=_same_flag),
        "hidden": Field("hidden", same=_same_flag),
        # An answer does not show it, so it cannot be compared.
        "position": Field("position", compared=False),
        "author_email": Field("author_email", compared=False),
    },
)
