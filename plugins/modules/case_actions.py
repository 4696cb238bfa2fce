#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_actions
short_description: Manage a set of buttons on one or many Tines cases
version_added: 1.0.0
description:
  - Ensures that each of the given Tines cases has the given buttons ("case actions" in the API's words), or that
    it has none of them, or that it has these and no others.
  - This module is made for one task for many cases. It processes cases in parallel over connections that are
    kept open, and a case on which nothing differs costs one request. A loop over this module, or over
    M(casework.cases.case_action), takes many times as long.
  - A case that fails does not stop the others. The task fails after the last one, and RV(cases) has the result
    of each.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.buttons.cases
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - The IDs of the cases. Duplicates are ignored. An empty list changes nothing.
      - In check mode V(0) is a case that will exist.
      - Required, unless O(cases) is given.
    type: list
    elements: int
    aliases:
      - case_id
  actions:
    description:
      - The buttons that each of O(case_ids) should have, or not have.
      - An empty list with O(exclusive=true) removes every button.
      - Required together with O(case_ids).
  state:
    description:
      - V(present) ensures that the buttons exist and are as described. Two buttons on a case with one of the
        labels are an error for that case, which names their IDs.
      - V(absent) ensures that no button has one of the labels. A case that does not exist is no error,
        but a warning.
    type: str
    choices:
      - present
      - absent
    default: present
  exclusive:
    description:
      - With O(state=present), whether a case is to have these buttons and no others.
      - The order of the buttons does not matter. Of several buttons with one label, one remains.
    type: bool
    default: false
  batch:
    description:
      - Whether a case that has no button yet gets its buttons in one request, which replaces whatever the case has.
      - With V(false) it gets them one by one. It is slower, and a button that somebody else adds in that moment is
        not lost.
      - A case that has buttons already always gets new ones one by one, unless O(exclusive=true).
    type: bool
    default: true
  concurrency:
    description:
      - How many cases are processed at the same time, from 1 to 64. It is also the maximum number of connections.
    type: int
    default: 8
notes:
  - For each case, one request lists the buttons (one for each hundred buttons). If nothing differs, that is all. If the
    case has no buttons, or if O(exclusive=true) has anything to change, one batch update follows. Otherwise one request
    follows for each button that differs.
  - The vendor does not document whether a batch update keeps the IDs of the buttons that stay. They are likely to
    change.
seealso:
  - module: casework.cases.case_action
  - module: casework.cases.case_actions_info
  - name: Tines API, case actions
    description: The vendor's reference of the API behind the buttons.
    link: https://www.tines.com/docs/api/cases/actions/
"""

EXAMPLES = r"""
- name: Put the standard buttons on three cases
  casework.cases.case_actions:
    case_ids: [7, 8, 9]
    actions:
      - label: Isolate host
        url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
        action_type: webhook
        action_text: Isolate
      - label: Give a reason
        url: https://acme.tines.com/pages/give-a-reason
        action_type: page
        action_text: Open form
        query_params:
          severity: high

- name: Leave a case with this button and no other
  casework.cases.case_actions:
    case_id: 7
    exclusive: true
    actions:
      - label: Reopen the investigation
        url: https://acme.tines.com/pages/reopen
        action_type: page

- name: Retire one standard button and rename another, whatever else the cases have
  casework.cases.case_actions:
    case_ids: [8, 9]
    actions:
      - label: Give a reason
        state: absent
      - label: Isolate this host
        previous_labels: [Isolate host]
        url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
        action_type: webhook

- name: Remove a button from many cases, whatever else they have
  casework.cases.case_actions:
    case_ids: "{{ range(7, 10) | list }}"
    state: absent
    actions:
      - label: Isolate this host

- name: Give each case its own buttons in one task
  casework.cases.case_actions:
    cases:
      - case_id: 8
        actions:
          - label: Block sender
            url: https://acme.tines.com/webhook/block-sender/5f4e3d2c1b0a
            action_type: webhook
      - case_id: 9
        actions:
          - label: Reset password
            url: https://acme.tines.com/pages/reset-password
            action_type: page
"""

RETURN = r"""
cases:
  description:
    - The result of each case, in the order asked for. It is there if the task failed as well.
  returned: always, unless an option was wrong
  type: list
  elements: dict
  contains:
    case_id:
      description: The ID of the case.
      type: int
    changed:
      description: Whether the case was changed, in check mode whether it would be.
      type: bool
    actions:
      description:
        - The buttons of the case as the server has them after the task, in check mode as predicted. A button that
          would be new has no C(id) yet.
      type: list
      elements: dict
    created:
      description: The labels of new buttons.
      type: list
      elements: str
    updated:
      description: The labels of changed buttons.
      type: list
      elements: str
    deleted:
      description: The labels of removed buttons.
      type: list
      elements: str
    failed:
      description: Whether the case failed. The other keys tell what was done before the failure.
      type: bool
    unknown:
      description:
        - The labels of buttons of which it is not known whether the server did what it was asked for.
      type: list
      elements: str
      returned: when the case failed and something is unknown
    msg:
      description: What went wrong; C(not tried) if the task ended before this case's turn.
      type: str
      returned: when the case failed
  sample:
    - case_id: 7
      changed: true
      actions:
        - action_text: Open form
          action_type: page
          case_id: 7
          id: 902
          label: Give a reason
          query_params: {severity: high}
          url: https://acme.tines.com/pages/give-a-reason
      created: [Give a reason]
      updated: []
      deleted: []
      failed: false
diff:
  description:
    - The diffs of the cases that changed, with the keys that can be set and with secrets masked.
    - A diff that is the same for several cases is there once. Its header after lists the cases, by name too if they
      are five at the most.
  returned: always, unless an option was wrong
  type: list
  elements: dict
  sample:
    - before_header: case 7
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
from ..module_utils._core.diff import merge_alike
from ..module_utils._core.errors import OptionError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._core.workers import ItemResult, fail_if_any_failed, run_concurrently
from ..module_utils._tines.actions.apply import ActionsResult, apply_actions, shown, warn_of_odd_params
from ..module_utils._tines.actions.fields import parse_actions
from ..module_utils._tines.actions.plan import DesiredActions
from ..module_utils._tines.argspec import BUTTONS, CONCURRENCY, REVEAL_URLS, parse_case_ids
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "case_ids": {"type": "list", "elements": "int", "aliases": ["case_id"]},
    "actions": BUTTONS,
    "cases": {
        "type": "list",
        "elements": "dict",
        "options": {
            "case_id": {"type": "int", "required": True},
            "name": {"type": "str"},
            "actions": {**BUTTONS, "required": True, "options": {**BUTTONS["options"], "rule": {"type": "str"}}},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "exclusive": {"type": "bool", "default": False},
    "batch": {"type": "bool", "default": True},
    "concurrency": CONCURRENCY,
}
RULES = {
    "required_one_of": [("case_ids", "cases")],
    "required_together": [("case_ids", "actions")],
    "mutually_exclusive": [("case_ids", "cases")],
}


def desired_by_case(params: dict[str, Any], check_mode: bool) -> dict[int, DesiredActions]:
    """What the buttons of each case should be, in the order asked for. Raises `OptionError`."""
    state, exclusive = params["state"], params["exclusive"]
    if exclusive and state == "absent":
        raise OptionError("exclusive requires state: present. With state: absent, leave it out.")

    def desired(actions: list[dict[str, Any]], option: str) -> DesiredActions:
        return DesiredActions(parse_actions(actions, option), state, exclusive, params["batch"])

    if params["cases"] is None:
        same_for_all = desired(params["actions"], "actions")
        return dict.fromkeys(parse_case_ids(params["case_ids"], check_mode=check_mode), same_for_all)
    case_ids = [entry["case_id"] for entry in params["cases"]]
    if len(parse_case_ids(case_ids, "cases", check_mode=check_mode)) < len(case_ids):
        raise OptionError("cases: a case is given more than once.")
    return {entry["case_id"]: desired(entry["actions"], f"cases: case {entry['case_id']}") for entry in params["cases"]}


def case_result(done: ItemResult[int, ActionsResult]) -> dict[str, Any]:
    """What became of one case, as the result shows it."""
    actions = done.value.actions if done.value else ()
    plan = done.value.plan if done.value else None
    result = {
        "case_id": done.item,
        "changed": bool(plan and plan.changed),
        "actions": list(actions),
        "created": list(plan.created) if plan else [],
        "updated": list(plan.updated) if plan else [],
        "deleted": list(plan.deleted) if plan else [],
        "failed": done.failed,
    }
    unknown = {"unknown": list(done.value.unknown)} if done.value and done.value.unknown else {}
    return {**result, **unknown, "msg": done.msg} if done.failed else result


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    by_case = desired_by_case(context.params, context.http.read_only)
    warn_of_odd_params(context, (action for desired in by_case.values() for action in desired.buttons))

    def work(case_id: int) -> tuple[ActionsResult, Any]:
        result = apply_actions(context, context.client, case_id, by_case[case_id])
        return result, result.error

    done = run_concurrently(context.http.limiter, list(by_case), work, context.params["concurrency"])
    cases = [case_result(each) for each in done]
    names = {entry["case_id"]: entry["name"] for entry in context.params["cases"] or ()}
    changed = (each.value for each in done if each.value and each.value.plan.changed)
    result = {
        "changed": any(case["changed"] for case in cases),
        "cases": cases,
        "diff": merge_alike((each.change(names.get(each.case_id), by_case[each.case_id]) for each in changed), shown),
    }
    return fail_if_any_failed(done, result)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
