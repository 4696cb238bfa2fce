# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """Which cases are looked for: the options that all who find cases share."""

    DOCUMENTATION = r"""
options:
  team_id:
    description:
      - Only cases of this team, or of one of these.
    type: list
    elements: int
  team:
    description:
      - Only cases of the team with exactly this name. It is added to the teams in O(team_id).
      - The name is looked up with one more request. Whether a group of teams is found by its name is not documented by
        the vendor; its ID in O(team_id) always works.
    type: str
  name:
    description:
      - Only cases with exactly this name, or with this name without its outer white space.
    type: str
  status:
    description:
      - Only cases with this status. Upper and lower case make no difference.
    type: str
    choices:
      - open
      - closed
  priority:
    description:
      - Only cases with this priority, or one of these. Upper and lower case make no difference.
    type: list
    elements: str
    choices:
      - critical
      - high
      - medium
      - low
      - info
  tags:
    description:
      - Only cases with at least one of these tags.
    type: list
    elements: str
  assignees:
    description:
      - Only cases that are assigned to at least one of these users, by email address or by ID.
      - V(unassigned) means cases that are assigned to nobody.
    type: list
    elements: str
  search:
    description:
      - Only cases in which the server finds this text, in name, description or ID.
    type: str
  metadata:
    description:
      - Only cases whose metadata has these keys with these values.
    type: dict
  opened_after:
    description:
      - Only cases that were opened at this moment or later, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  opened_before:
    description:
      - Only cases that were opened at this moment or earlier, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  opened_within:
    description:
      - Only cases that were opened within this time until now, a number followed by V(s), V(m), V(h), V(d) or V(w),
        such as V(30m), V(24h) or V(7d). The clock is that of the machine that runs the task.
    type: str
  filters:
    description:
      - >-
        Further filters of the API, passed on as they are, such as V({"sub_status_names": ["Waiting"]}).
    type: dict
  order:
    description:
      - The order that the server gives the cases.
    type: str
    choices:
      - RECENTLY_EDITED
      - LEAST_RECENTLY_EDITED
      - PRIORITY_ASC
      - PRIORITY_DESC
      - OPENED_ASC
      - OPENED_DESC
      - CREATED_ASC
      - CREATED_DESC
"""
