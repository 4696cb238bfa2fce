# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Every name that goes over the wire to Trustpair or is looked for in its answers, in one table.

The vendor documents the endpoint, what it can do and four of the six actions, but hardly a name of the request's body
and nothing of the answers' attributes. What is inferred is marked so, here and in the documentation; a test holds the
two against each other.
"""

from __future__ import annotations

from typing import NamedTuple

DOCUMENTED = "documented"
INFERRED = "inferred"


class Name(NamedTuple):
    """A name as it is sent, and whether the vendor's pages say so."""

    text: str
    source: str


REQUEST_NAMES = {
    "path": Name("/api/v1/cases/{case_id}/actions", DOCUMENTED),
    "read_path": Name("/api/v1/cases/{case_id}", INFERRED),  # documented without its prefix
    "include": Name("include", INFERRED),
    "read_include": Name("override,override.assigned_reviewers,comments", INFERRED),
    "language": Name("Accept-Language", INFERRED),
    "type": Name("case_action", INFERRED),
    # Attributes
    "action_type": Name("action_type", INFERRED),
    "comment": Name("comment", INFERRED),
    "override_state": Name("state", INFERRED),
    "documents": Name("documents", INFERRED),
    "filename": Name("filename", INFERRED),
    "content_type": Name("content_type", INFERRED),
    "content": Name("content", INFERRED),
    # Relationships, and the type of the resources that they name
    "user_id": Name("user", INFERRED),
    "reviewer_ids": Name("assigned_reviewers", INFERRED),
    "user_type": Name("user", INFERRED),
}
"""What a request is made of, by what it stands for: an option's name where it has one."""

ACTIONS = {
    "comment": Name("comment", DOCUMENTED),
    "override": Name("override", INFERRED),
    "accept": Name("accept", DOCUMENTED),
    "refuse": Name("refuse", DOCUMENTED),
    "cancel": Name("cancel", DOCUMENTED),
    "close": Name("close", INFERRED),
}
"""The actions, by the choices of the option `action_type`."""

INCLUDES = ("user", "comment", "comment.documents", "override", "override.assigned_reviewers")
"""What may be asked for with the answer to an action; documented."""

LANGUAGES = ("en", "fr")
"""Documented."""

OVERRIDE_STATES = ("favorable", "unfavorable")
"""What an override request may ask for; documented."""

EVALUATIONS = (*OVERRIDE_STATES, "unconfirmed", "anomaly", "pending", "unevaluated")
"""What an evaluation may be; documented for checks."""

RESPONSE_NAMES = {
    "status": ("status", "state"),
    "closed_at": ("closed_at",),
    "evaluation": ("state", "evaluation"),
    "comment": ("comment",),
    "override": ("override", "overrides"),
    "target": ("state", "target_state", "target_status", "new_state", "new_status", "status"),
    "reviewers": ("assigned_reviewers", "reviewers"),
    "creator": ("created_by", "creator", "user"),
    "comments": ("comments",),
    "text": ("content", "comment", "body", "text", "message"),
    "date": ("created_at",),
}
"""Where something is looked for in an answer, the likeliest name first; all inferred."""

STATUS_ALIASES = {
    "closed": "closed",
    "pending": "pending",
    "accepted": "accepted",
    "approved": "accepted",
    "refused": "refused",
    "rejected": "refused",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
"""What a status means, in lower case. `pending` is documented. One that is not here counts as not done."""
