# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""Users as the API shows them with things of a case. People compare by their email address. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def emails(shown: Any) -> list[str]:
    """The email addresses of a list of users; those without one do not count."""
    users = shown if isinstance(shown, list) else []
    found = [user.get("email") for user in users if isinstance(user, dict)]
    return [email for email in found if isinstance(email, str)]


def people(addresses: Iterable[str]) -> list[dict[str, str]]:
    """A list of users with these addresses, as far as can be told beforehand."""
    return [{"email": address} for address in addresses]


def same_email(one: Any, other: Any) -> bool:
    return str(one or "").lower() == str(other or "").lower()


def same_people(one: Any, other: Any) -> bool:
    return {email.lower() for email in one or ()} == {email.lower() for email in other or ()}


def author_of(item: dict[str, Any]) -> str | None:
    """The email address of who wrote a thing. The API calls the author `author` or `user`."""
    for key in ("author", "user"):
        user = item.get(key)
        if isinstance(user, dict) and isinstance(user.get("email"), str):
            return str(user["email"])
    return None
