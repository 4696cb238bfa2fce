# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The diff of a plan, as Ansible shows it. Pure."""

from __future__ import annotations

from typing import Any

from .redaction import escape_controls, redact


def diff(before: Any, after: Any, header: str | None = None) -> dict[str, Any]:
    """A diff as Ansible shows it, secrets masked.

    If only a secret differs, the masked sides would be equal: then the side after says `******** (changed)`.
    """
    shown = {"before": redact(before), "after": redact(after, before)}
    headers = {} if header is None else {"before_header": header, "after_header": header}
    return dict(escape_controls({**headers, **shown}))
