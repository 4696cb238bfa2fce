#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_actions_info
short_description: Read the buttons of Tines cases
version_added: 1.0.0
description:
  - Reads the buttons ("case actions" in the API's words) of one or many Tines cases, every page of them.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes.info
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - The IDs of the cases. If a case does not exist, the task fails and names it.
    type: list
    elements: int
    required: true
    aliases:
      - case_id
  id:
    description:
      - Read only the button with this ID. It requires exactly one case. If the case has no such button, the
        list is empty.
    type: int
    aliases:
      - action_id
  label:
    description:
      - Only buttons with this label, compared exactly.
    type: str
  action_type:
    description:
      - Only buttons of this type. Besides V(webhook) and V(page), servers may show other types.
    type: str
  concurrency:
    description:
      - How many cases are read at the same time, from 1 to 64.
    type: int
    default: 8
notes:
  - Some servers leave C(query_params) out of a listing. Reading a button by its O(id) may show them.
seealso:
  - module: casework.cases.case_action
  - module: casework.cases.case_actions
  - name: Tines API, case actions
    description: The vendor's reference of the API behind the buttons.
    link: https://www.tines.com/docs/api/cases/actions/
"""

EXAMPLES = r"""
- name: Read the buttons of three cases
  casework.cases.case_actions_info:
    case_ids: [7, 8, 9]
  register: buttons

- name: Show which case has which button
  ansible.builtin.debug:
    msg: "Case {{ item.case_id }}: {{ item.label }} ({{ item.action_type }})"
  loop: "{{ buttons.actions }}"
  loop_control:
    label: "{{ item.id }}"

- name: Look for one button by its label
  casework.cases.case_actions_info:
    case_id: 7
    label: Isolate host
"""

RETURN = r"""
actions:
  description:
    - The buttons of all cases in one list, case after case in the order asked for, within a case in the server's
      order.
    - The keys are those of the API.
  returned: success
  type: list
  elements: dict
  sample:
    - action_text: Isolate
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
from ..module_utils._core.errors import OptionError, RequestError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._core.workers import fail_if_any_failed, run_concurrently
from ..module_utils._tines.argspec import CONCURRENCY, REVEAL_URLS, parse_case_ids
from ..module_utils._tines.cases.fields import PREDICTED_CASE
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "case_ids": {"type": "list", "elements": "int", "required": True, "aliases": ["case_id"]},
    "id": {"type": "int", "aliases": ["action_id"]},
    "label": {"type": "str"},
    "action_type": {"type": "str"},
    "concurrency": CONCURRENCY,
}


def read(client: Tines, case_id: int, action_id: int | None) -> list[dict[str, Any]]:
    """The buttons of a case, or the one asked for. Raises `RequestError` if the case does not exist."""
    if case_id == PREDICTED_CASE:
        return []
    if action_id is None:
        return client.list_actions(case_id)
    try:
        return [client.get_action(case_id, action_id)]
    except RequestError as error:
        if error.status != 404:
            raise
        client.list_actions(case_id)  # what does not exist may be the case
        return []


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_ids = parse_case_ids(params["case_ids"], check_mode=context.http.read_only)
    if params["id"] is not None and len(case_ids) != 1:
        raise OptionError("id requires exactly one case in case_ids, since the ID of a button belongs to one case.")
    done = run_concurrently(
        context.http.limiter,
        case_ids,
        lambda case_id: (read(context.client, case_id, params["id"]), None),
        params["concurrency"],
    )
    wanted = {key: params[key] for key in ("label", "action_type") if params[key] is not None}
    actions = [action for each in done for action in each.value or ()]
    matching = [action for action in actions if all(action.get(key) == value for key, value in wanted.items())]
    return fail_if_any_failed(done, {"changed": False, "actions": matching})


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
