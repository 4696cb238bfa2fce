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
  - Creates, changes, closes, reopens or deletes a case of a Tines tenant, and manages its buttons, in one
    task with one diff.
  - Only what is given is compared and sent.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.fields
  - casework.cases.fields.one
  - casework.cases.buttons
  - casework.cases.tines
  - casework.cases.urls
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
      - V(present) ensures that the case exists, and is as the other options say.
      - V(absent) deletes it. A case that does not exist is no error, but a warning.
    type: str
    choices:
      - present
      - absent
    default: present
  case_id:
    description:
      - The ID of the case. If it is given, the case must exist, and the other options say how it should be.
      - V(0) is accepted in check mode only, and means a case that an earlier task would create.
    type: int
  team_id:
    description:
      - The ID of the team, or group, that the case belongs to. This or O(team) is required if O(case_id) is not given.
      - With O(case_id), the case is moved there.
    type: int
  team:
    description:
      - The name of the team, instead of O(team_id). It is looked up with one more request, and must be unique among
        the teams that the key may see.
      - Whether a group of teams is found by its name is not documented by the vendor. Its ID in O(team_id) always
        works.
    type: str
  name:
    description:
      - The name of the case. Required to create a case, and to find one by its name.
    type: str
  match_by:
    description:
      - What identifies the case among the B(open) cases of its team, if O(case_id) is not given. If there is none, one
        is created. See O(on_multiple) for more than one, and O(if_closed) for cases that are closed.
      - V(name) is the name, compared exactly, or without the outer white space that O(name) has.
      - V(metadata) is the value of the metadata key that O(match_key) names, taken from O(metadata).
      - V(none) identifies nothing, so each run creates a case.
    type: str
    choices:
      - name
      - metadata
      - none
    default: name
  on_multiple:
    description:
      - Which case is meant if several open ones match.
      - V(fail) is an error that names them. V(oldest) and V(newest) go by when they were opened.
      - O(state=absent) takes V(fail) only. With another value, every run would delete one more case.
    type: str
    choices:
      - fail
      - oldest
      - newest
    default: fail
  if_closed:
    description:
      - What to do if no open case matches, and a closed one does.
      - V(create) creates another case. V(reopen) reopens the closed one. V(leave) returns it and changes nothing on it,
        so that an alert that fires again does not open a second case.
      - If several closed cases match, it is one that already is as the options say. Otherwise it is the one that was
        opened last.
    type: str
    choices:
      - create
      - reopen
      - leave
    default: create
  sub_status_id:
    description:
      - The ID of the sub-status.
    type: int
  sub_status:
    description:
      - The name of the sub-status, instead of O(sub_status_id). It is looked up in the case's team, unless the case has
        it already. If the name goes with both statuses, the one of O(status), or of the case, is meant.
    type: str
  add_assignee_emails:
    description:
      - The email addresses of users that the case must be assigned to. Others stay. Not with O(assignee_emails).
    type: list
    elements: str
  remove_assignee_emails:
    description:
      - The email addresses of users that the case must not be assigned to. Others stay. Not with O(assignee_emails).
    type: list
    elements: str
  add_tag_names:
    description:
      - Tags that the case must have. Others stay. Not with O(tag_names).
    type: list
    elements: str
  remove_tag_names:
    description:
      - Tags that the case must not have. Others stay. Not with O(tag_names).
    type: list
    elements: str
  template_id:
    description:
      - The template to create the case from, a number or the name of one of the vendor's own.
        M(casework.cases.case_template) makes one.
      - It counts when the case is created, and is never compared.
    type: str
  field_values:
    description:
      - Values of the case's fields ("case inputs" in the API's words), by the ID of the input or by its key, which is
        looked up in the case's team. Other fields are left alone. A field that is given as null or as an empty text is
        cleared.
      - Values are sent and compared as text, V(true) as V("true"). A list holds the values of a field that takes
        several, in any order.
      - A key without the permission for a sensitive field may not see its value. Then it counts as not there.
      - If there is a key of an input here, the diff hides the values of sensitive fields. The RV(case) shows what the
        server shows.
    type: dict
  linked_case_ids:
    description:
      - IDs of cases that the case must be linked with. Others are left alone, and its own ID is ignored.
    type: list
    elements: int
  subscriber_emails:
    description:
      - Email addresses of users who must be subscribed to the case. Others are left alone.
    type: list
    elements: str
  tasks:
    description:
      - Tasks that the case must have. They are processed after the case itself. Others are left alone. See
        M(casework.cases.case_tasks).
    type: list
    elements: dict
    suboptions:
      description:
        description:
          - What is to be done. It identifies the task within its case. Outer white space makes no difference.
        type: str
        required: true
      completed:
        description:
          - Whether the task is done. If it is not set, it is left alone.
        type: bool
      assignee_emails:
        description:
          - The email addresses of all users that the task is assigned to. If it is not set, they are left alone.
        type: list
        elements: str
  actions:
    description:
      - Buttons that the case must have. They are processed after the case itself. See M(casework.cases.case_actions).
  actions_exclusive:
    description:
      - Whether the case is to have the buttons in O(actions) and no others.
    type: bool
    default: false
notes:
  - If the response to a creation is lost, the module looks for the case before it creates it again. With
    O(match_by=none) nothing identifies the case. The task then fails, says so, and names the open cases that it may be.
  - Several runs at the same time make one case. After a creation the module looks again, and of several cases the one
    with the lowest ID stays. A run that made another deletes its own, unless somebody has changed it since, and goes on
    with the one that stays. A run that finds several cases which were made within the last minute gives the others some
    seconds for that.
  - What it cannot see, it cannot delete. So two cases may be left if the server lists a case only some time after it
    was created, if the answer to a creation was lost, or if the key may not delete cases. The next run then fails and
    names both, or takes one of them as O(on_multiple) says.
seealso:
  - module: casework.cases.cases_info
  - module: casework.cases.case_actions
  - module: casework.cases.case_legacy
  - name: Tines API, cases
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/
"""

EXAMPLES = r"""
- name: Ensure that an open case exists for this alert, with its button
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
    name: Malware on ws-0815
    status: closed

- name: Open one case for an alert, even if it fires again after the case was closed
  casework.cases.case:
    team: Team 1
    name: Suspicious login detected
    match_by: metadata
    match_key: alert
    metadata:
      alert: A-1093
    if_closed: leave

- name: Hand a case over, and leave the tags that analysts have given it
  casework.cases.case:
    case_id: "{{ alert.case_id }}"
    sub_status: Waiting for customer
    add_tag_names: [handed-over]
    remove_tag_names: [triage]
    add_assignee_emails: [jo@example.com]
    metadata:
      runbook: null

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
    - In check mode, the C(url) of a case that would be new is that of the tenant.
    - The keys are those of the API. With O(actions), C(actions) are all buttons of the case.
  returned: success, and if the task failed after it made or changed the case
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
  description:
    - The ID of the case. In check mode a case that would be new has V(0), which the modules of this collection accept
      there, so that a whole playbook can be checked before its first run.
  returned: success, and if the task failed after it made or changed the case
  type: int
  sample: 7
diff:
  description: The case before and after, with its buttons if O(actions) is given. Secrets are masked.
  returned: success
  type: dict
  sample:
    before_header: case 7 (Suspicious login detected)
    after_header: case 7 (Suspicious login detected)
    before: {case_id: 7, name: Suspicious login detected, priority: high}
    after: {case_id: 7, name: Suspicious login detected, priority: critical}
api_requests:
  description: How many HTTP requests the task sent, retries included.
  returned: always
  type: int
  sample: 2
status:
  description: The status of the server's response.
  returned: when a response of the server made the task fail
  type: int
  sample: 403
method:
  description: The method of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: GET
path:
  description: The path of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: /api/v2/cases/7/actions
details:
  description: The body of the server's response, without secrets.
  returned: when a response of the server made the task fail
  type: raw
  sample: {error: {message: Forbidden}}
"""

from collections.abc import Iterator
from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.actions.apply import warn_of_odd_params
from ..module_utils._tines.actions.fields import parse_actions
from ..module_utils._tines.actions.plan import DesiredActions
from ..module_utils._tines.argspec import BUTTONS, CASE, MATCH, MEMBERS, REVEAL_URLS, parse_case_ids
from ..module_utils._tines.argspec import TASKS as TASKS_OPTION
from ..module_utils._tines.cases.apply import apply_case
from ..module_utils._tines.cases.fields import parse_case
from ..module_utils._tines.cases.find import DesiredCase, parse_identity
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.field_values import parse_field_values
from ..module_utils._tines.links import LINKS
from ..module_utils._tines.subresource import DesiredItems, Kind
from ..module_utils._tines.subscribers import SUBSCRIBERS
from ..module_utils._tines.tasks import TASKS, parse_tasks

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "case_id": {"type": "int"},
    "team_id": {"type": "int"},
    "team": {"type": "str"},
    "name": {"type": "str"},
    **MATCH,
    "on_multiple": {"type": "str", "choices": ["fail", "oldest", "newest"], "default": "fail"},
    "if_closed": {"type": "str", "choices": ["create", "reopen", "leave"], "default": "create"},
    **CASE,
    **MEMBERS,
    "sub_status_id": {"type": "int"},
    "sub_status": {"type": "str"},
    "template_id": {"type": "str"},
    "field_values": {"type": "dict"},
    "record_ids": {"type": "list", "elements": "int"},
    "linked_case_ids": {"type": "list", "elements": "int"},
    "subscriber_emails": {"type": "list", "elements": "str"},
    "tasks": TASKS_OPTION,
    "actions": BUTTONS,
    "actions_exclusive": {"type": "bool", "default": False},
}
RULES = {"mutually_exclusive": [("team_id", "team"), ("sub_status_id", "sub_status")]}


def parse_options(params: dict[str, Any], check_mode: bool) -> DesiredCase:
    """What the case should be. Raises `OptionError`."""
    case_id, fields, identity = params["case_id"], parse_case(params), None
    if case_id is not None:
        parse_case_ids([case_id], "case_id", check_mode=check_mode)
    else:
        identity = parse_identity(params)
        if identity is None and params["state"] == "absent":
            raise OptionError("state: absent requires case_id, or a match_by that identifies the case.")
    if params["state"] == "absent" and params["on_multiple"] != "fail":
        raise OptionError("on_multiple must be fail with state: absent, or every run would delete one more case.")
    actions = None
    if params["actions"] is not None:
        actions = DesiredActions(parse_actions(params["actions"], "actions"), exclusive=params["actions_exclusive"])
    elif params["actions_exclusive"]:
        raise OptionError("actions_exclusive requires actions, the buttons that are to stay.")
    names = {key: params[key] for key in ("on_multiple", "if_closed", "team", "sub_status")}
    return DesiredCase(
        fields,
        params["state"],
        case_id,
        identity,
        actions,
        field_values=parse_field_values(params["field_values"]),
        items=tuple(parse_lists(params, check_mode)),
        **names,
    )


def parse_lists(params: dict[str, Any], check_mode: bool) -> Iterator[tuple[Kind, DesiredItems]]:
    """Yields what the lists of things that belong to the case should have. Raises `OptionError`."""
    if params["tasks"]:
        yield TASKS, DesiredItems(parse_tasks(params["tasks"], "tasks"))
    linked = parse_case_ids(params["linked_case_ids"] or (), "linked_case_ids", check_mode=check_mode)
    others = [case_id for case_id in linked if case_id != params["case_id"]]
    if others:
        yield LINKS, DesiredItems(tuple({"case_id": case_id} for case_id in others))
    if params["subscriber_emails"]:
        emails = {email.lower(): email for email in params["subscriber_emails"]}.values()
        yield SUBSCRIBERS, DesiredItems(tuple({"email": email} for email in emails))


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    desired = parse_options(context.params, context.http.read_only)
    if desired.actions:
        warn_of_odd_params(context, desired.actions.buttons)
    result = apply_case(context, context.client, desired)
    case = {**result.case, "actions": list(result.actions)} if result.actions_plan else result.case
    case_id = result.case.get("case_id", result.plan.before.get("case_id", desired.case_id))
    return {"changed": result.changed, "case": case, "case_id": case_id, "diff": result.diff()}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
