#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cases
short_description: Change many Tines cases in one task
version_added: 1.0.0
description:
  - Ensures that each of the given Tines cases has the given status, priority, tags, assignees and so on. For example,
    it closes two hundred false alarms.
  - Cases are processed in parallel over connections that are kept open, and a case on which nothing differs costs one
    request. A loop over M(casework.cases.case) takes many times as long.
  - A case that fails, such as one that its closure conditions keep open, does not stop the others. The task fails after
    the last one, and RV(cases) has the result of each.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.fields
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - The IDs of the cases, which must exist. Duplicates are ignored. An empty list changes nothing.
      - V(0) is accepted in check mode only, and means a case that an earlier task would create.
    type: list
    elements: int
    required: true
    aliases:
      - case_id
  status:
    description:
      - Whether the cases are open or closed. Upper and lower case make no difference.
    type: str
    choices:
      - open
      - closed
  sub_status:
    description:
      - The name of the sub-status. It is looked up once for each team whose cases do not have it yet. If the name goes
        with both statuses, the one of O(status), or of the case, is meant.
    type: str
  team:
    description:
      - The name of the team that the cases are moved to. It must be unique among the teams that the key may see.
    type: str
  add_tag_names:
    description:
      - Tags that the cases must have. Others stay.
    type: list
    elements: str
  remove_tag_names:
    description:
      - Tags that the cases must not have. Others stay.
    type: list
    elements: str
  add_assignee_emails:
    description:
      - The email addresses of users that the cases must be assigned to. Others stay.
    type: list
    elements: str
  remove_assignee_emails:
    description:
      - The email addresses of users that the cases must not be assigned to. Others stay.
    type: list
    elements: str
  field_values:
    description:
      - Values of the cases' fields ("case inputs" in the API's words), by the ID of the input or by its key, which is
        looked up once for each team. Other fields are left alone. A field that is given as null or as an empty text is
        cleared.
      - Values are sent and compared as text. A list holds the values of a field that takes several, in any order.
    type: dict
  concurrency:
    description:
      - How many cases are processed at the same time, from 1 to 64. It is also the maximum number of connections.
    type: int
    default: 8
notes:
  - If metadata and other fields of a case differ, metadata is sent first, because a closure condition may require it.
seealso:
  - module: casework.cases.case
  - module: casework.cases.cases_info
  - module: casework.cases.case_actions
  - name: Tines API, cases
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/
"""

EXAMPLES = r"""
- name: Find the alerts of a scanner that ran by mistake
  casework.cases.cases_info:
    status: open
    tags: [scanner]
    opened_within: 24h
    fields: [name]
  register: alarms

- name: Close all of them in one task
  casework.cases.cases:
    case_ids: "{{ alarms.cases | map(attribute='case_id') }}"
    status: closed
    add_tag_names: [false-alarm]
    metadata:
      closed_by: scanner-cleanup

- name: Hand two cases over
  casework.cases.cases:
    case_ids: [7, 8]
    priority: high
    add_assignee_emails: [jo@example.com]
    remove_assignee_emails: [jane@example.com]
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
    case:
      description:
        - The fields of the case that can be set, under the names of options of M(casework.cases.case), as the server
          has them after the task and in check mode as predicted. Empty if the case could not be read.
      type: dict
    failed:
      description: Whether the case failed. RV(cases[].changed) says whether something was done before.
      type: bool
    msg:
      description: What went wrong; C(not tried) if the task ended before this case's turn.
      type: str
      returned: when the case failed
  sample:
    - case_id: 7
      changed: true
      case: {case_id: 7, name: Port scan, priority: low, status: closed, tag_names: [scanner, false-alarm], team_id: 1}
      failed: false
diff:
  description: One diff for each case that changed, with the keys that can be set and with secrets masked.
  returned: always, unless an option was wrong
  type: list
  elements: dict
  sample:
    - before_header: case 7 (Port scan)
      after_header: case 7 (Port scan)
      before: {case_id: 7, name: Port scan, status: open}
      after: {case_id: 7, name: Port scan, status: closed}
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

from dataclasses import replace
from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import CaseworkError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._core.redaction import redact
from ..module_utils._core.workers import ItemResult, fail_if_any_failed, run_concurrently
from ..module_utils._tines.argspec import CASE, CONCURRENCY, MEMBERS, REVEAL_URLS, parse_case_ids
from ..module_utils._tines.cases.apply import CaseResult, apply_case
from ..module_utils._tines.cases.fields import parse_case, writable
from ..module_utils._tines.cases.find import DesiredCase, resolve_team
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.field_values import parse_field_values

CHANGES: dict[str, Any] = {
    **{name: CASE[name] for name in ("status", "priority", "metadata")},
    **MEMBERS,
    "sub_status": {"type": "str"},
    "team": {"type": "str"},
    "field_values": {"type": "dict"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "case_ids": {"type": "list", "elements": "int", "required": True, "aliases": ["case_id"]},
    **CHANGES,
    "concurrency": CONCURRENCY,
}
RULES = {"required_one_of": [tuple(CHANGES)]}


def case_result(done: ItemResult[int, CaseResult]) -> dict[str, Any]:
    """What became of one case, as the result shows it."""
    facts = done.error.facts if done.error else {}
    shown = done.value.case if done.value else facts.get("case", {})
    changed = done.value.changed if done.value else bool(facts.get("changed"))
    result = {"case_id": done.item, "changed": changed, "case": redact(writable(shown)), "failed": done.failed}
    return {**result, "msg": done.msg} if done.failed else result


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_ids = parse_case_ids(params["case_ids"], check_mode=context.http.read_only)
    values = parse_field_values(params["field_values"])
    desired = DesiredCase(parse_case(params), team=params["team"], sub_status=params["sub_status"], field_values=values)
    if case_ids:
        desired = resolve_team(context.client, desired)

    def work(case_id: int) -> tuple[CaseResult, CaseworkError | None]:
        return apply_case(context, context.client, replace(desired, case_id=case_id)), None

    done = run_concurrently(context.http.limiter, case_ids, work, params["concurrency"])
    cases = [case_result(each) for each in done]
    result = {
        "changed": any(case["changed"] for case in cases),
        "cases": cases,
        "diff": [each.value.diff() for each in done if each.value and each.value.changed],
    }
    return fail_if_any_failed(done, result)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
