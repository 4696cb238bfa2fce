# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The subscribers of a case, found by their email address. Pure."""

from __future__ import annotations

from .endpoints import Batch, Endpoint, Item
from .people import same_email
from .subresource import Field, Kind


def _flat(shown: Item) -> Item:
    """A subscriber as listings show it: what a creation shows under `user` stands beside the ID."""
    user = shown.get("user")
    return (
        {**user, **{key: value for key, value in shown.items() if key != "user"}} if isinstance(user, dict) else shown
    )


# https://www.tines.com/docs/api/cases/subscribers/ (2024-04-22)
SUBSCRIBERS = Kind(
    noun="subscriber",
    plural="subscribers",
    endpoint=Endpoint(
        "/api/v2/cases/{parent}/subscribers",
        items="subscribers",
        shape=_flat,
        batch=Batch(50, lambda bodies: {"user_emails": [body["user_email"] for body in bodies]}),
        has_get=False,
    ),
    key="email",
    key_of=str.lower,
    fields={"email": Field("user_email", shown="email", same=same_email)},
)
