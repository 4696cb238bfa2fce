#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_webhook
short_description: Manage a case notification webhook of a Tines team
version_added: 1.0.0
description:
  - Creates a webhook to which Tines posts what happens in the cases of a team, changes it, or removes it.
  - Only the options that are set are compared and sent.
  - Tines documents that a team can have five webhooks. If the server refuses one more, the error names those that the
    team has.
  - Tines signs nothing that it posts, so whoever knows the URL can post to it, and the URL is a secret. Whether Tines
    posts again if the receiver does not answer is not documented.
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
      - The ID of the team whose cases notify the webhook. A webhook stays with its team.
      - Required, unless O(id) is set. With both, the webhook must be one of this team.
    type: int
  state:
    description:
      - V(present) ensures that the webhook is there, and is as the other options say.
      - V(absent) ensures that it is not there. After a removal the webhooks of the team are listed once more, and the
        task fails if it is still among them.
    type: str
    choices:
      - present
      - absent
    default: present
  id:
    description:
      - The ID of the webhook. If it is set, the webhook is found by it, and O(name) and O(url) can give it others.
      - Without O(team_id), only this webhook is read, whatever its team is.
      - With O(state=present) the webhook must exist.
    type: int
  name:
    description:
      - The name of the webhook, which identifies it within its team. Outer white space makes no
        difference.
      - Two webhooks of the team with this name are an error that names their IDs. O(id) then says which one is meant.
      - With O(id), an empty name clears it.
    type: str
  url:
    description:
      - Where Tines posts to. Without O(name) it identifies the webhook within its team. One trailing slash makes no
        difference.
      - Required with O(state=present), unless O(id) is set.
      - Which addresses outside of Tines it accepts is not documented. Results and diffs hide what follows the host.
    type: str
  notifications:
    description:
      - The types of activity that Tines posts to the webhook, such as V(COMMENTED), in any order. V(ALL) means every
        type.
      - By default a new webhook gets V(ALL), and one that exists is left as it is.
    type: list
    elements: str
seealso:
  - module: casework.cases.api_info
  - name: Tines API, case webhooks
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/webhooks/
"""

EXAMPLES = r"""
- name: Tell a listener of comments and closed cases
  casework.cases.case_webhook:
    team_id: 1
    name: Responder
    url: https://events.example.com/0123456789abcdef0123456789abcdef
    notifications: [COMMENTED, STATUS_UPDATED]
  register: listener

- name: Post only comments to it
  casework.cases.case_webhook:
    id: "{{ listener.webhook.id }}"
    notifications: [COMMENTED]
  when: listener.webhook.id is not none

- name: Remove a webhook
  casework.cases.case_webhook:
    team_id: 1
    name: Responder
    state: absent
"""

RETURN = r"""
webhook:
  description:
    - The webhook as the server has it, in check mode as predicted. Empty with O(state=absent).
    - In check mode the C(id) of a new webhook is null. The secret of its URL is hidden, unless O(reveal_urls=true).
  returned: success
  type: dict
  sample:
    team_id: 1
    id: 3
    name: Responder
    url: https://events.example.com/********
    version_number: 2.0
    notifications: [COMMENTED, STATUS_UPDATED]
    team: {id: 1, name: Security}
team_id:
  description: The ID of the team. It is null if O(state=absent) and there is no webhook with the O(id).
  returned: success
  type: int
  sample: 1
diff:
  description: The webhook before and after, with the keys that can be set.
  returned: success
  type: dict
  sample:
    before_header: team 1
    after_header: team 1
    before:
      team_id: 1
      webhooks: [{name: Responder, url: "https://events.example.com/********", notifications: [ALL]}]
    after:
      team_id: 1
      webhooks: [{name: Responder, url: "https://events.example.com/********", notifications: [COMMENTED]}]
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
  sample: /api/v1/case_webhooks
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
from ..module_utils._tines.webhooks import parse_webhook, run_on_id, run_on_team

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "team_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int"},
    "name": {"type": "str"},
    "url": {"type": "str"},
    "notifications": {"type": "list", "elements": "str"},
}
RULES = {"required_one_of": [("id", "name", "url")]}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    kind, desired = parse_webhook(context.params)
    team_id = context.params["team_id"]
    if team_id is None:
        return run_on_id(context, kind, desired)
    return run_on_team(context, kind, parse_team_id(team_id), desired)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
