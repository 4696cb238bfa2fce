#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_action
short_description: Manage one button of a Tines case
version_added: 1.0.0
description:
  - Adds a button (a "case action" in the API's words) to a Tines case, changes it, or removes it.
  - Only what is given is compared and sent. If the button already is as it should be, nothing is sent but the
    request that lists the buttons.
  - For a set of buttons, or for many cases, M(casework.cases.case_actions) does the same in one task.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  case_id:
    description:
      - The ID of the case, the number in the address of the case.
      - Required. In check mode V(0) is a case that will exist.
    type: int
  state:
    description:
      - V(present) ensures that the button exists, and is as the other options say.
      - V(absent) ensures that it does not exist. A button or a case that does not exist is no error. For a case
        there is a warning.
    type: str
    choices:
      - present
      - absent
    default: present
  id:
    description:
      - The ID of the button. If set, the module finds the button by ID, and O(label) renames it.
      - With O(state=present) the button must exist.
    type: int
    aliases:
      - action_id
  label:
    description:
      - What identifies the button within its case, compared exactly. Tines shows it as the tooltip.
      - Two buttons of the case with this label are an error that names their IDs. Use O(id) then.
      - Required if O(id) is not given.
    type: str
  url:
    description:
      - The URL of the webhook or page that the button leads to, beginning with C(http://) or C(https://).
      - A new button needs it. A trailing slash makes no difference.
      - The URL of a webhook ends in a secret, which no output shows. See O(reveal_urls).
    type: str
  action_type:
    description:
      - What the URL is. A new button needs it.
    type: str
    choices:
      - webhook
      - page
  action_text:
    description:
      - The text on the button. An empty text clears it.
    type: str
  query_params:
    description:
      - The query parameters that Tines appends to the URL, all of them. V({}) clears them.
      - Values are sent and compared as strings, V(true) as V("true").
      - The vendor reserves the names C(case_id), C(user), C(button), C(case) and C(message); a warning says so.
      - A tenant whose version does not know query parameters makes the task fail, if that can be seen before it
        writes.
    type: dict
  previous_labels:
    description:
      - Labels that the button had before. A button with one of them is renamed to O(label), rather than joined by a
        second one. Two buttons of the case with one of all these labels are an error that names their IDs.
    type: list
    elements: str
seealso:
  - module: casework.cases.case_actions
  - module: casework.cases.case_actions_info
  - name: Tines API, case actions
    description: The vendor's reference of the API behind the buttons.
    link: https://www.tines.com/docs/api/cases/actions/
"""

EXAMPLES = r"""
- name: Let an analyst isolate the host from case 7
  casework.cases.case_action:
    case_id: 7
    label: Isolate host
    url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
    action_type: webhook
    action_text: Isolate

- name: Open a form with the case's severity filled in
  casework.cases.case_action:
    case_id: 7
    label: Give a reason
    url: https://acme.tines.com/pages/give-a-reason
    action_type: page
    action_text: Open form
    query_params:
      severity: high

- name: Change only the text on a button
  casework.cases.case_action:
    case_id: 7
    label: Isolate host
    action_text: Isolate now

- name: Remove a button
  casework.cases.case_action:
    case_id: 7
    label: Give a reason
    state: absent
"""

RETURN = r"""
action:
  description:
    - The button as the server has it, in check mode as predicted. Empty with O(state=absent).
    - The keys are those of the API. In check mode a new button has no C(id) yet.
  returned: success
  type: dict
  sample:
    action_text: Isolate
    action_type: webhook
    case_id: 7
    created_at: "2026-01-02T03:04:05Z"
    id: 901
    label: Isolate host
    page_emoji: null
    query_params: {}
    story_emoji: ":fire:"
    story_name: EDR
    updated_at: "2026-01-02T03:04:05Z"
    url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
case_id:
  description: The number of the case.
  returned: success
  type: int
  sample: 7
diff:
  description: The case's buttons before and after, with the keys that can be set and with secrets masked.
  returned: success
  type: dict
  sample:
    before_header: case 7
    after_header: case 7
    before: {actions: [], case_id: 7}
    after:
      actions: [{action_type: page, label: Give a reason, url: https://acme.tines.com/pages/give-a-reason}]
      case_id: 7
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

from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.actions.apply import apply_actions, warn_of_odd_params
from ..module_utils._tines.actions.fields import parse_action
from ..module_utils._tines.actions.plan import DesiredActions
from ..module_utils._tines.argspec import BUTTON, CASE_ID_GIVEN, REVEAL_URLS, parse_case_id
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "case_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int", "aliases": ["action_id"]},
    **BUTTON,
}
RULES = {"required_one_of": [("id", "label")], "required_if": CASE_ID_GIVEN}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_id = parse_case_id(params["case_id"], check_mode=context.http.read_only)
    action = parse_action({**params, "state": None}, "The button", needed=())
    warn_of_odd_params(context, [action])
    desired = DesiredActions((action,), params["state"], batch=False, unique=True)
    result = apply_actions(context, context.client, case_id, desired)
    if result.error:
        raise result.error
    return {
        "changed": result.plan.changed,
        "case_id": result.case_id,
        "action": result.action(action),
        "diff": result.diff(),
    }


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
