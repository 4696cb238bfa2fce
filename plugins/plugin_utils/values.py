# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Values on the controller: what Ansible's own types hold, and what it must not take for a template."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.release import __version__ as ansible_version

TEMPLATES_TRUSTED_ALONE = tuple(map(int, ansible_version.split(".")[:2])) >= (2, 19)
"""Whether this ansible-core templates only what it has marked as trusted; older ones template what isn't unsafe."""


class NotPlainError(Exception):
    """A value of a type that only Ansible knows how to hand to a module."""


def untrusted(value: dict[str, Any]) -> dict[str, Any]:
    """The value with every text marked as not to be templated, on an ansible-core that templates what isn't."""
    if TEMPLATES_TRUSTED_ALONE:
        return value
    from ansible.utils.unsafe_proxy import wrap_var  # gone from newer ones

    return dict(wrap_var(value))


def plain(value: Any) -> Any:
    """The value as plain data, as it would arrive in a module: without Ansible's types, tags and vaults.

    Raises `NotPlainError`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__") or type(value).__name__ == "EncryptedString":
        return str.__str__(str(value))  # a subclass of str gives itself, this gives plain text
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(item) for item in value]
    raise NotPlainError(type(value).__name__)
