# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """The buttons that a case should have, as a list of dictionaries."""

    DOCUMENTATION = r"""
options:
  actions:
    type: list
    elements: dict
    suboptions:
      label: &label
        description:
          - What identifies the button within its case, compared exactly. Tines shows it as the tooltip.
          - Two entries with the same label are an error.
        type: str
        required: true
      url: &url
        description:
          - The URL of the webhook or page that the button leads to, beginning with C(http://) or C(https://).
          - A trailing slash makes no difference.
          - The URL of a webhook ends in a secret, which no output shows. See O(reveal_urls).
          - Required for a button that the case does not have yet.
        type: str
      action_type: &action_type
        description:
          - What the URL is, V(webhook) or V(page).
          - Required for a button that the case does not have yet.
        type: str
      action_text: &action_text
        description:
          - The text on the button. An empty text clears it. If it is not set, it is left alone.
        type: str
      query_params: &query_params
        description:
          - The query parameters that Tines appends to the URL, all of them. V({}) clears them. If it is not set, they
            are left alone.
          - Values are sent and compared as strings, V(true) as V("true").
          - The vendor reserves the names C(case_id), C(user), C(button), C(case) and C(message); a warning says so.
        type: dict
      state:
        description:
          - V(absent) removes this button while the others stay, also if it has one of its
            O(actions[].previous_labels).
        type: str
        choices:
          - present
          - absent
        default: present
      previous_labels:
        description:
          - Labels that the button had before. A button with one of them is renamed to
            O(actions[].label), rather than joined by a second one. Two buttons of the case
            with one of all these labels are an error that names their IDs.
        type: list
        elements: str
"""

    # For modules that also take cases with buttons of their own. It is annotated, since ansible-test's yamllint takes
    # what is assigned without an annotation for a literal.
    CASES: str = (
        DOCUMENTATION
        + r"""
  cases:
    description:
      - The form for cases that do not all get the same buttons, instead of O(case_ids) and O(actions).
    type: list
    elements: dict
    suboptions:
      case_id:
        description:
          - The ID of the case. A case that is given twice is an error.
        type: int
        required: true
      name:
        description:
          - The name of the case, for the header of its diff. It is neither sent nor compared.
          - No request of this module shows the name of a case, so without it the header has only the ID.
        type: str
      actions:
        description:
          - The buttons of this case.
        type: list
        elements: dict
        required: true
        suboptions:
          label: *label
          url: *url
          action_type: *action_type
          action_text: *action_text
          query_params: *query_params
          state:
            description:
              - V(absent) removes this button while the others stay, also if it has one of its
                O(cases[].actions[].previous_labels).
            type: str
            choices:
              - present
              - absent
            default: present
          previous_labels:
            description:
              - Labels that the button had before. A button with one of them is renamed to
                O(cases[].actions[].label), rather than joined by a second one. Two buttons of the case
                with one of all these labels are an error that names their IDs.
            type: list
            elements: str
          rule:
            description:
              - Why the case gets the button, as a line of the diff. It is neither sent nor compared.
              - The filter P(casework.cases.plan_buttons#filter) sets it.
            type: str
"""
    )
