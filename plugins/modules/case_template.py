#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_template
short_description: Manage a case template of a Tines team
version_added: 1.0.0
description:
  - Creates a template from which cases are made, changes it, or removes it. Every new case made from it gets what it
    has, such as its buttons. A case that exists keeps what it has.
  - A template shows nothing of its options, so they are compared with its preview, which is a case made from it. After
    a change the preview is read again, and the task fails if it does not show what was asked for.
  - Only the options that are set are compared and sent.
  - Under which key a template takes its buttons is not documented. They are sent as C(actions) first, and as
    C(team_case_buttons) if the preview does not show them then or the server refuses that key.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  team_id:
    description:
      - The ID of the team that the template belongs to.
      - Required.
    type: int
  name:
    description:
      - The name of the template, which identifies it within its team. It is compared exactly.
      - The name of the cases made from it is C(name) in O(options).
      - Required.
    type: str
  state:
    description:
      - V(present) ensures that the template is there, and is as the other options say.
      - V(absent) ensures that it is not there. After a removal the templates of the team are listed once more, and the
        task fails if it is still among them.
    type: str
    choices:
      - present
      - absent
    default: present
  emoji:
    description:
      - The emoji of the template, such as V(:fire:). By default the server chooses one.
      - Colons around it make no difference.
    type: str
  options:
    description:
      - What a case made from the template has, as the API names it, such as C(name), C(description), C(status),
        C(priority), C(sub_status_id), C(tag_names) and C(assignee_emails). Values are sent as they are.
      - An option that is set replaces the old value as a whole. Options that are not set, and those that are null, are
        left alone.
      - An option that the preview does not show is sent to a new template, and along with another option that differs.
        It is not compared, and a warning says so.
      - Of entries of a list, such as C(tasks), the keys are compared that the preview shows too.
      - The vendor's list of options is known only in part. The server ignores an option that it does not know. A
        warning names the nearest known one.
    type: dict
  actions:
    description:
      - The buttons of a case made from the template, all of them, in any order. An empty list removes every button.
      - If it is not set, the buttons are left alone.
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
          - A trailing slash makes no difference.
          - The URL of a webhook ends in a secret, which no output shows. See O(reveal_urls).
          - Required.
        type: str
      action_type:
        description:
          - What the URL is, V(webhook) or V(page).
          - Required.
        type: str
      action_text:
        description:
          - The text on the button. An empty text clears it. If it is not set, it is left alone.
        type: str
      query_params:
        description:
          - The query parameters that Tines appends to the URL, all of them. V({}) clears them. If it is not set, they
            are left alone.
          - Values are sent and compared as strings, V(true) as V("true").
          - The vendor reserves the names C(case_id), C(user), C(button), C(case) and C(message). A warning says so.
          - Whether templates support them is not documented. If the preview does not show them, the task fails.
        type: dict
seealso:
  - module: casework.cases.case
  - module: casework.cases.case_actions
  - name: Tines API, case templates
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/case_templates/
"""

EXAMPLES = r"""
- name: Give every new phishing case its buttons
  casework.cases.case_template:
    team_id: 1
    name: Phishing
    emoji: ":fish:"
    options:
      name: Phishing mail
      priority: high
      tag_names: [mail]
      tasks:
        - description: Call the user
    actions:
      - label: Block the sender
        url: https://acme.tines.com/webhook/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef
        action_type: webhook
        action_text: Block
  register: phishing

- name: Open a case from it
  casework.cases.case:
    team_id: 1
    name: Invoice from a stranger
    template_id: "{{ phishing.template.id }}"
  when: phishing.template.id is not none

- name: Remove the template
  casework.cases.case_template:
    team_id: 1
    name: Phishing
    state: absent
"""

RETURN = r"""
template:
  description:
    - The template as the server has it, in check mode as predicted. Empty with O(state=absent).
    - In check mode the C(id) of a new template is null. Secrets of URLs are hidden, unless O(reveal_urls=true).
  returned: success
  type: dict
  contains:
    id:
      description: The ID of the template, for O(casework.cases.case#module:template_id).
      returned: success
      type: int
    team_id:
      description: The ID of the team.
      returned: success
      type: int
    name:
      description: The name of the template.
      returned: success
      type: str
    emoji:
      description: The emoji of the template.
      returned: success
      type: str
    options:
      description: Of the options that were set, those that the preview shows.
      returned: if O(options) or O(actions) is set
      type: dict
    actions:
      description: The buttons that the preview shows.
      returned: if O(options) or O(actions) is set
      type: list
      elements: dict
  sample:
    team_id: 1
    id: 3
    name: Phishing
    emoji: ":fish:"
    team: {id: 1, name: Security}
    options: {name: Phishing mail, priority: high}
    actions:
      - {label: Block the sender, url: https://acme.tines.com/webhook/********, action_type: webhook}
team_id:
  description: The ID of the team.
  returned: success
  type: int
  sample: 1
diff:
  description: The template before and after, with what can be set.
  returned: success
  type: dict
  sample:
    before_header: team 1
    after_header: team 1
    before: {team_id: 1, templates: [{name: Phishing, emoji: ":fish:", options: {priority: low}}]}
    after: {team_id: 1, templates: [{name: Phishing, emoji: ":fish:", options: {priority: high}}]}
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
  sample: /api/v1/case_templates
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
from ..module_utils._tines.argspec import REVEAL_URLS, parse_team_id
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.templates import parse_template, run_on_team

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "team_id": {"type": "int"},
    "name": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "emoji": {"type": "str"},
    "options": {"type": "dict"},
    "actions": {
        "type": "list",
        "elements": "dict",
        "options": {
            "label": {"type": "str", "required": True},
            # What these must be is checked later: the error that Ansible makes of it does not say which entry is wrong.
            "url": {"type": "str"},
            "action_type": {"type": "str"},
            "action_text": {"type": "str"},
            "query_params": {"type": "dict"},
        },
    },
}
# Rules by which an option must be given, but may be null: there is a better message for that than that of Ansible.
RULES = {"required_if": [("state", "present", ("team_id", "name")), ("state", "absent", ("team_id", "name"))]}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    kind, desired = parse_template(context.params)
    return run_on_team(context, kind, parse_team_id(context.params["team_id"]), desired)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
