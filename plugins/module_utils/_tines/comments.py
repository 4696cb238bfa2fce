# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The comments of a case. The API has nothing that identifies one but its ID, so its text does. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._core.values import same_text, tidy_text
from .endpoints import Endpoint
from .people import author_of
from .subresource import Field, Kind


def first_line(text: Any) -> str:
    return tidy_text(text).split("\n", 1)[0].rstrip()


# https://www.tines.com/docs/api/cases/comments/ (2025-09-09)
BY_VALUE = Kind(
    noun="comment",
    plural="comments",
    endpoint=Endpoint("/api/v2/cases/{parent}/comments", items="comments"),
    key="value",
    key_of=tidy_text,
    fields={
        "value": Field("value", same=same_text),
        "author_email": Field("author_email", compared=False),
    },
    twins=True,
    owner=author_of,
)
"""The same text, by anybody, is the same comment."""

BY_FIRST_LINE = replace(BY_VALUE, key_of=first_line, twins=False)
"""The same first line is the same comment; the rest of the text is what may change."""

BY_NOTHING = replace(BY_VALUE, key=None)
"""Nothing is the same comment: each run adds one."""

COMMENTS = {"value": BY_VALUE, "first_line": BY_FIRST_LINE, "none": BY_NOTHING}
"""By the values of the option match_by."""
