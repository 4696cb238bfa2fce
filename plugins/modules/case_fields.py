#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_fields
short_description: Set or clear the fields of Tines cases
version_added: 1.0.0
description:
  - Ensures that each of the given Tines cases has the given values in its fields ("case inputs" in the API's words), or
    that these fields are empty. Other fields are left alone.
  - A value that several cases lack is sent with one request for all of them. If the server refuses that request, each
    case gets requests of its own, so that only the cases that it does not accept fail.
  - Cases are processed in parallel. A case that fails does not stop the others. The task fails after the last one, and
    RV(cases) tells the result of each.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - The IDs of the cases. Duplicates are ignored. An empty list changes nothing.
      - In check mode V(0) is a case that will exist.
    type: list
    elements: int
    required: true
    aliases:
      - case_id
  field_values:
    description:
      - The values, by the ID of the input or by its key. A name that consists of digits is an ID. Keys require
        O(team_id).
      - A field that is given as null, as an empty text or as an empty list is cleared.
      - Values are sent and compared as text, V(true) as V("true"). Outer white space makes no difference.
      - A list holds the values of a field that takes several, in any order. The API separates them with V(|), so a text
        with V(|) in it means several values too.
    type: dict
    required: true
  team_id:
    description:
      - The ID of the team that defines the inputs. The inputs are read once for all cases.
      - Required if O(field_values) has keys. With IDs only, it is optional, and hides the values of sensitive
        inputs.
      - Cases of several teams need a task for each team, unless O(field_values) has IDs that all of them accept.
    type: int
  concurrency:
    description:
      - How many cases are processed at the same time, from 1 to 64. It is also the maximum number of connections.
    type: int
    default: 8
notes:
  - Requests are one that lists the fields of a case, then one for each 100 cases that lack the same values, or for a
    single case one for each value, and one for each field that is cleared. If fields are cleared, the case is listed
    once more, and the task fails if one of them still has a value. How many cases Tines accepts in one request is not
    documented.
  - The values of inputs that are marked as sensitive in Tines are hidden in results, diffs and messages if the inputs
    are read, so set O(team_id). The invocation that Ansible adds to a result still shows O(field_values), so set
    C(no_log) for a task with secrets.
  - A key without the permission for a sensitive input may not see its value. Then the value counts as not there, and
    the task fails after it was sent, because the module cannot see it. Whether Tines hides or refuses such a value is
    not documented.
  - Whether Tines lists fields that are empty is not documented. They count as cleared either way.
  - If Tines writes a value in another form, such as V(1) instead of V(1.0), the task fails and shows both. Use the form
    that Tines shows.
seealso:
  - module: casework.cases.case
  - module: casework.cases.cases
  - name: Tines API, case fields
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/fields/
"""

EXAMPLES = r"""
- name: Set the verdict of two cases, and clear a field
  casework.cases.case_fields:
    case_ids: [7, 8]
    field_values:
      12: false positive
      13: null

- name: Set a field that takes several values
  casework.cases.case_fields:
    case_id: 7
    field_values:
      14: [server, laptop]
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
    field_values:
      description:
        - The field values of the case as the server has them after the task, in check mode as predicted.
        - The C(id) is that of the value, and null for a predicted one. The C(input_id) is that of the input.
      type: list
      elements: dict
    created:
      description: The fields that had no value before, by the names that O(field_values) uses.
      type: list
      elements: str
    updated:
      description: The fields whose value was changed.
      type: list
      elements: str
    deleted:
      description: The fields that were cleared.
      type: list
      elements: str
    failed:
      description: Whether the case failed. The other keys tell what was done before the failure.
      type: bool
    unknown:
      description: The fields of which it is not known whether they were changed.
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
      field_values:
        - case_id: 7
          id: 3
          input_id: 12
          value: false positive
          case_input: {id: 12, key: verdict, name: Verdict, validation_type: null, validation_options: {}}
      created: ["12"]
      updated: []
      deleted: []
      failed: false
diff:
  description:
    - One diff for each case that changed. Cases that changed alike share one.
    - C(field) is the key of the input, if O(field_values) uses it.
  returned: always, unless an option was wrong
  type: list
  elements: dict
  sample:
    - before_header: case 7
      after_header: case 7
      before: {case_id: 7, field_values: []}
      after: {case_id: 7, field_values: [{field: verdict, input_id: 12, value: false positive}]}
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
  sample: /api/v2/cases/7/fields
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
from ..module_utils._tines.argspec import CONCURRENCY, parse_case_ids, parse_team_id
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.field_values import FIELD_VALUES, desired_values, find_inputs, parse_field_values
from ..module_utils._tines.subresource_apply import run_on_cases

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_ids": {"type": "list", "elements": "int", "required": True, "aliases": ["case_id"]},
    "field_values": {"type": "dict", "required": True},
    "team_id": {"type": "int"},
    "concurrency": CONCURRENCY,
}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_ids = parse_case_ids(params["case_ids"], check_mode=context.http.read_only)
    values, team_id = parse_field_values(params["field_values"]), params["team_id"]
    if team_id is not None:
        parse_team_id(team_id)
    kind, desired = FIELD_VALUES, desired_values({})
    if case_ids and values:
        kind, desired = find_inputs(context.client, team_id, values, always=True)
    return run_on_cases(context, kind, dict.fromkeys(case_ids, desired), "field_values")


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
