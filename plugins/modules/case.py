#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case
short_description: Manage a Tines case
version_added: 1.0.0
description:
  - Creates, changes, closes, reopens or deletes a case of a Tines tenant, and makes sure of its buttons, in one
    task with one diff.
  - Only what is given is compared and sent.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
attributes:
  idempotent:
    support: partial
    details:
      - With O(match_by=none) and no O(case_id), every run creates a case.
options:
  state:
    description:
      - V(present) makes sure that the case exists, and is as the other options say.
      - V(absent) deletes it. A case that does not exist is no error.
    type: str
    choices:
      - present
      - absent
    default: present
  case_id:
    description:
      - The number of the case. Where it is given, the case must exist, and the other options say how it should be.
      - Reopening a closed case needs it.
    type: int
  team_id:
    description:
      - The number of the team, or group, that the case belongs to. Needed where O(case_id) is not given.
      - With O(case_id), the case is moved there.
    type: int
  name:
    description:
      - The name of the case. Needed for a new one, and to find a case by its name.
    type: str
  match_by:
    description:
      - What identifies the case among the B(open) cases of its team, where O(case_id) is not given. More than one
        such case is an error that names them; where there is none, one is created.
      - V(name) is the name, compared exactly.
      - V(metadata) is the value of the metadata key that O(match_key) names, taken from O(metadata).
      - V(none) identifies nothing, so each run creates a case.
    type: str
    choices:
      - name
      - metadata
      - none
    default: name
  match_key:
    description:
      - The metadata key whose value identifies the case, with O(match_by=metadata).
    type: str
  description:
    description:
      - The description, in Markdown. An empty text clears it. White space at its ends and the kind of line ends
        make no difference.
    type: str
  priority:
    description:
      - The priority, out of V(critical), V(high), V(medium), V(low) and V(info). Upper and lower case make no
        difference.
    type: str
  status:
    description:
      - V(open) or V(closed). Upper and lower case make no difference.
      - Where no open case is found, V(closed) means the closed one that was opened last, and what else is given is
        made sure of on that. Where there is none at all, the task fails rather than create a closed case.
    type: str
  sub_status_id:
    description:
      - The number of the sub-status.
    type: int
  author_email:
    description:
      - The email address of the user who counts as the author.
    type: str
  assignee_emails:
    description:
      - The email addresses of all users that the case is assigned to. Others are removed, V([]) removes all of them.
      - Where it is not given, a new case is assigned to the user whom the key belongs to, as the API has it.
    type: list
    elements: str
  tag_names:
    description:
      - All tags of the case. Others are removed, V([]) removes all of them.
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
  metadata:
    description:
      - Keys that the metadata must have, with their values. Other keys are left alone.
    type: dict
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
  template_id:
    description:
      - The template to create the case from, a number or the name of one of the vendor's own.
      - It counts when the case is created, and is never compared.
    type: str
  field_values:
    description:
      - Values of the case's input fields, by the number of the field.
      - They count when the case is created, and are never compared.
    type: dict
  actions:
    description:
      - Buttons that the case should have, made sure of after the case itself. See M(casework.cases.case_actions).
    type: list
    elements: dict
    suboptions:
      label:
        description:
          - What identifies the button within its case, compared exactly. Tines shows it as the tooltip.
          - Two entries with the same label are an error.
        type: str
        required: true
      url:
        description:
          - The URL of the webhook or page that the button leads to, beginning with C(http://) or C(https://).
          - A URL that differs by one trailing slash alone is the same URL.
          - The URL of a webhook ends in a secret. Diffs, warnings and errors mask it.
          - Needed.
        type: str
      action_type:
        description:
          - What the URL is, V(webhook) or V(page).
          - Needed.
        type: str
      action_text:
        description:
          - The text on the button. An empty text clears it; left out, it is left alone.
        type: str
      query_params:
        description:
          - The query parameters that Tines appends to the URL, all of them. V({}) clears them; left out, they are
            left alone.
          - Values are sent and compared as strings, V(true) as V("true").
          - The vendor reserves the names C(case_id), C(user), C(button), C(case) and C(message); a warning says so.
        type: dict
  actions_exclusive:
    description:
      - Whether the case is to have the buttons in O(actions) and no others.
    type: bool
    default: false
notes:
  - After a creation whose answer was lost the case is looked for before it is created again. Where the lost request is
    carried out late, the second case is removed again; later than that there may be two, and the next run fails and
    names both. With O(match_by=none) nothing identifies the case, so the task fails, says so, and names the open cases
    that it may be.
seealso:
  - module: casework.cases.cases_info
  - module: casework.cases.case_actions
  - module: casework.cases.case_legacy
  - name: Tines API, cases
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/
"""

EXAMPLES = r"""
- name: Make sure that there is an open case for this alert, with its button
  casework.cases.case:
    team_id: 1
    name: Suspicious login detected
    match_by: metadata
    match_key: alert
    metadata:
      alert: A-1093
    priority: high
    tag_names: [login, security]
    assignee_emails: [jane@example.com]
    actions:
      - label: Lock account
        url: https://acme.tines.com/webhook/lock-account/9a8b7c6d5e4f
        action_type: webhook
        action_text: Lock
  register: alert

- name: Raise the priority
  casework.cases.case:
    case_id: "{{ alert.case_id }}"
    priority: critical

- name: Close the case that has this name, if it is open
  casework.cases.case:
    team_id: 1
    name: Suspicious login detected
    status: closed

- name: Reopen a case
  casework.cases.case:
    case_id: "{{ alert.case_id }}"
    status: open

- name: Delete a case
  casework.cases.case:
    case_id: "{{ alert.case_id }}"
    state: absent
"""

RETURN = r"""
case:
  description:
    - The case as the server has it, in check mode as predicted. Empty with O(state=absent).
    - The keys are those of the API. With O(actions), C(actions) are all buttons of the case.
  returned: success, and where the task failed after it made or changed the case
  type: dict
  sample:
    case_id: 7
    name: Suspicious login detected
    priority: HIGH
    status: OPEN
    assignees: [{email: jane@example.com, first_name: Jane, id: 1, last_name: Doe}]
    metadata: {alert: A-1093}
    opened_at: "2026-01-02T03:04:05Z"
    tags: [{id: 4, name: login}]
    team: {id: 1, name: Team 1}
case_id:
  description: The number of the case. In check mode a new case has none yet.
  returned: success, and where the task failed after it made or changed the case
  type: int
  sample: 7
diff:
  description: The case before and after, with its buttons where O(actions) is given. Secrets are masked.
  returned: success
  type: dict
  sample:
    before_header: case 7
    after_header: case 7
    before: {case_id: 7, name: Suspicious login detected, priority: high}
    after: {case_id: 7, name: Suspicious login detected, priority: critical}
api_requests:
  description: How many HTTP requests the task sent, further tries included.
  returned: always
  type: int
  sample: 2
status:
  description: The status of the server's answer.
  returned: when a server's answer made the task fail
  type: int
  sample: 403
method:
  description: The method of the request that failed.
  returned: when a server's answer made the task fail
  type: str
  sample: GET
path:
  description: The path of the request that failed.
  returned: when a server's answer made the task fail
  type: str
  sample: /api/v2/cases/7/actions
details:
  description: The body of the server's answer, without secrets.
  returned: when a server's answer made the task fail
  type: raw
  sample: {error: {message: Forbidden}}
"""

from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.actions.apply import warn_of_reserved_params
from ..module_utils._tines.actions.fields import parse_actions
from ..module_utils._tines.actions.plan import DesiredActions
from ..module_utils._tines.argspec import BUTTONS, CASE, MATCH, parse_case_ids
from ..module_utils._tines.cases.apply import DesiredCase, apply_case
from ..module_utils._tines.cases.fields import parse_case
from ..module_utils._tines.cases.search import parse_identity
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "case_id": {"type": "int"},
    "team_id": {"type": "int"},
    "name": {"type": "str"},
    **MATCH,
    **CASE,
    "sub_status_id": {"type": "int"},
    "template_id": {"type": "str"},
    "field_values": {"type": "dict"},
    "actions": BUTTONS,
    "actions_exclusive": {"type": "bool", "default": False},
}


def parse_options(params: dict[str, Any]) -> DesiredCase:
    """What the case should be. Raises `OptionError`."""
    case_id, fields, identity = params["case_id"], parse_case(params), None
    if case_id is not None:
        parse_case_ids([case_id], "case_id")
    else:
        identity = parse_identity(params)
        if identity is None and params["state"] == "absent":
            raise OptionError("state: absent requires case_id, or a match_by that identifies the case.")
    actions = None
    if params["actions"] is not None:
        actions = DesiredActions(parse_actions(params["actions"], "actions"), exclusive=params["actions_exclusive"])
    elif params["actions_exclusive"]:
        raise OptionError("actions_exclusive requires actions, the buttons that are to stay.")
    return DesiredCase(fields, params["state"], case_id, identity, actions)


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    desired = parse_options(context.params)
    if desired.actions:
        warn_of_reserved_params(context, desired.actions.buttons)
    result = apply_case(context, context.client, desired)
    case = {**result.case, "actions": list(result.actions)} if result.actions_plan else result.case
    case_id = result.case.get("case_id", result.plan.before.get("case_id", desired.case_id))
    return {"changed": result.changed, "case": case, "case_id": case_id, "diff": result.diff()}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
