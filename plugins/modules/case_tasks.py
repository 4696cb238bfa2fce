#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_tasks
short_description: Manage the tasks of one or many Tines cases
version_added: 1.0.0
description:
  - Ensures that each of the given Tines cases has the given tasks, or has none of them, or has these and no others.
  - Cases are processed in parallel. A case that fails does not stop the others. The task fails after the last one, and
    RV(cases) tells the result of each.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.many_cases
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  tasks:
    description:
      - The tasks.
    type: list
    elements: dict
    required: true
    suboptions:
      description:
        description:
          - What is to be done. It identifies the task within its case. Outer white space makes no difference.
          - Two entries with the same description are an error.
        type: str
        required: true
      completed:
        description:
          - Whether the task is done. If it is not set, the task is left as it is.
        type: bool
      assignee_emails:
        description:
          - The email addresses of all users that the task is assigned to. Others are removed, V([]) removes all of
            them. If it is not set, the assignees are left alone.
        type: list
        elements: str
  state:
    description:
      - V(present) ensures that the tasks are there.
      - V(absent) ensures that none of them is there. Only the description counts.
        A case that does not exist is not an error. A warning names it.
    type: str
    choices:
      - present
      - absent
    default: present
  exclusive:
    description:
      - Whether all other tasks of the cases are removed. It requires O(state=present).
    type: bool
    default: false
notes:
  - Requests are one that lists the tasks of a case (one for 50 tasks), then one for each 25 new tasks, one for each
    task that is changed or removed, and one more for each new task with O(tasks[].completed=true). If tasks are
    removed, the case is listed once more, and the task fails if one of them is still there.
  - Two tasks of a case with one description are an error for that case that names their IDs. O(state=absent) removes
    all of them, and with O(exclusive=true) one is left.
  - An assignee that the server does not know fails that task. The other tasks of the case are done.
seealso:
  - module: casework.cases.case
  - name: Tines API, tasks
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/tasks/
"""

EXAMPLES = r"""
- name: Give two cases a checklist
  casework.cases.case_tasks:
    case_ids: [7, 8]
    tasks:
      - description: Isolate the host
        assignee_emails: [jane@example.com]
      - description: Reset the password

- name: Tick off a task
  casework.cases.case_tasks:
    case_id: 7
    tasks:
      - description: Isolate the host
        completed: true

- name: Remove a task from a case
  casework.cases.case_tasks:
    case_id: 8
    state: absent
    tasks:
      - description: Reset the password
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
    tasks:
      description:
        - The tasks of the case as the server has them after the task, in check mode as predicted.
      type: list
      elements: dict
    created:
      description: The descriptions of new tasks.
      type: list
      elements: str
    updated:
      description: The descriptions of changed tasks.
      type: list
      elements: str
    deleted:
      description: The descriptions of removed tasks.
      type: list
      elements: str
    failed:
      description: Whether the case failed. The other keys tell what was done before the failure.
      type: bool
    unknown:
      description: The descriptions of tasks of which it is not known whether they were created or changed.
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
      tasks:
        - id: 51
          description: Isolate the host
          completed: false
          assignees: [{id: "68", email: jane@example.com, first_name: Jane, last_name: Doe}]
      created: [Isolate the host]
      updated: []
      deleted: []
      failed: false
diff:
  description: One diff for each case that changed, with the keys that can be set.
  returned: always, unless an option was wrong
  type: list
  elements: dict
  sample:
    - before_header: case 7
      after_header: case 7
      before: {case_id: 7, tasks: []}
      after: {case_id: 7, tasks: [{description: Isolate the host, assignee_emails: [jane@example.com]}]}
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
  sample: /api/v2/cases/7/tasks
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
from ..module_utils._tines.argspec import LIST_ON_CASES, parse_case_ids
from ..module_utils._tines.argspec import TASKS as TASKS_OPTION
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.subresource import desired_items
from ..module_utils._tines.subresource_apply import run_on_cases
from ..module_utils._tines.tasks import TASKS, parse_tasks

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **LIST_ON_CASES,
    "tasks": {**TASKS_OPTION, "required": True},
}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_ids = parse_case_ids(params["case_ids"], check_mode=context.http.read_only)
    desired = desired_items(parse_tasks(params["tasks"], "tasks"), params)
    return run_on_cases(context, TASKS, dict.fromkeys(case_ids, desired), "tasks")


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
