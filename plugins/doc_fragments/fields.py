# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """How a case should be: the options that modules which change cases share."""

    DOCUMENTATION = r"""
options:
  priority:
    description:
      - The priority. Upper and lower case make no difference.
    type: str
    choices:
      - critical
      - high
      - medium
      - low
      - info
  metadata:
    description:
      - Keys that the metadata must have, with their values. Other keys are left alone.
      - A key that is given as null is removed.
    type: dict
"""

    # For modules that change one case, and so can look for it too.
    ONE = r"""
options:
  match_key:
    description:
      - The metadata key whose value identifies the case, with O(match_by=metadata).
    type: str
  description:
    description:
      - The description, in Markdown. An empty text clears it. White space at its ends and the kind of line ends
        make no difference.
    type: str
  status:
    description:
      - Whether the case is open or closed. Upper and lower case make no difference.
      - If no open case is found, V(closed) means a closed one, and the other options apply to it. It is one that
        already is as the options say, so that a second run finds the case that the first one closed. Otherwise it is
        the one that was opened last. If there is none at all, the task fails and does not create a closed case.
    type: str
    choices:
      - open
      - closed
  author_email:
    description:
      - The email address of the user who counts as the author.
    type: str
  assignee_emails:
    description:
      - The email addresses of all users that the case is assigned to. Others are removed. V([]) removes all of them.
      - If it is not given, a new case is assigned to the user whom the key belongs to.
    type: list
    elements: str
  tag_names:
    description:
      - All tags of the case. Others are removed. V([]) removes all of them.
    type: list
    elements: str
  opened_at:
    description:
      - When the case was opened, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  resolved_at:
    description:
      - When the case was resolved, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  closure_conditions:
    description:
      - All conditions that must hold before the case can be closed.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - What the condition is called.
        type: str
        required: true
      formula:
        description:
          - A formula that must be true, such as V("=SIZE(team_case.assignees\) > 0").
        type: str
        required: true
  record_ids:
    description:
      - IDs of records that the case must have. Others are left alone.
      - A record that the server refuses makes the task fail. The other records are added. What would follow them is not
        sent, such as other fields, buttons and closing the case.
      - If the records of an existing case cannot be read in a known shape, they count at creation only.
    type: list
    elements: int
"""
