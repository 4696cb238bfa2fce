# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The cases that a case is linked with, found by their ID. Pure."""

from __future__ import annotations

from .endpoints import Batch, Endpoint
from .subresource import Field, Kind

# https://www.tines.com/docs/api/cases/linked_cases/ (2026-05-26). Whether a link shows on the other case too is not
# documented, so the cases of a task are all read before one of them is changed.
LINKS = Kind(
    noun="linked case",
    plural="linked cases",
    endpoint=Endpoint(
        "/api/v2/cases/{parent}/linked_cases",
        items="linked_cases",
        identity="case_id",
        batch=Batch(150, lambda bodies: {"ids": [body["id"] for body in bodies]}),
        has_get=False,
    ),
    key="case_id",
    fields={"case_id": Field("id")},
    mutual=True,
)
