#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_subscribers
short_description: Manage the subscribers of Tines cases
version_added: 1.0.0
description:
  - Ensures that the given users are subscribed to each of the given Tines cases, or that none of them is, or that these
    and no others are.
  - Tines sends mails to the subscribers of a case.
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
  emails:
    description:
      - The email addresses of the users. Upper and lower case make no difference. An address that is given twice is an
        error.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(present) ensures that the subscribers are there.
      - V(absent) ensures that none of them is there.
        A case that does not exist is not an error. A warning names it.
    type: str
    choices:
      - present
      - absent
    default: present
  exclusive:
    description:
      - Whether all other subscribers of the cases are removed. It requires O(state=present).
    type: bool
    default: false
notes:
  - Requests are one that lists the subscribers of a case (one for 50 subscribers), then one for each 50 new
    subscribers, and one for each that is removed. If subscribers are removed, the case is listed once more, and the
    task fails if one of them is still there.
  - An address that the server does not know fails that subscriber. The other subscribers of the case are added.
seealso:
  - module: casework.cases.case
  - name: Tines API, subscribers
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/subscribers/
"""

EXAMPLES = r"""
- name: Keep the shift informed about two cases
  casework.cases.case_subscribers:
    case_ids: [7, 8]
    emails: [jane@example.com, joe@example.com]

- name: Leave one subscriber and no other
  casework.cases.case_subscribers:
    case_id: 7
    emails: [jane@example.com]
    exclusive: true

- name: Remove a subscriber
  casework.cases.case_subscribers:
    case_id: 8
    emails: [joe@example.com]
    state: absent
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
    subscribers:
      description:
        - The subscribers of the case as the server has them after the task, in check mode as predicted.
      type: list
      elements: dict
    created:
      description: The email addresses of new subscribers.
      type: list
      elements: str
    updated:
      description: The email addresses of changed subscribers.
      type: list
      elements: str
    deleted:
      description: The email addresses of removed subscribers.
      type: list
      elements: str
    failed:
      description: Whether the case failed. The other keys tell what was done before the failure.
      type: bool
    unknown:
      description: The email addresses of subscribers of which it is not known whether they were created or changed.
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
      subscribers: [{id: 12, user_id: "68", email: jane@example.com, first_name: Jane, last_name: Doe}]
      created: [jane@example.com]
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
      before: {case_id: 7, subscribers: []}
      after: {case_id: 7, subscribers: [{email: jane@example.com}]}
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
  sample: /api/v2/cases/7/subscribers
details:
  description: The body of the server's response, without secrets.
  returned: when a response of the server made the task fail
  type: raw
  sample: {error: {message: Forbidden}}
"""

from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.argspec import LIST_ON_CASES, parse_case_ids
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.subresource import desired_items, parse_items
from ..module_utils._tines.subresource_apply import run_on_cases
from ..module_utils._tines.subscribers import SUBSCRIBERS

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **LIST_ON_CASES,
    "emails": {"type": "list", "elements": "str", "required": True},
}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_ids = parse_case_ids(params["case_ids"], check_mode=context.http.read_only)
    if not all(email.strip() for email in params["emails"]):
        raise OptionError("emails: an address is empty.")
    subscribers = parse_items(SUBSCRIBERS, [{"email": email.strip()} for email in params["emails"]], "emails")
    return run_on_cases(
        context, SUBSCRIBERS, dict.fromkeys(case_ids, desired_items(subscribers, params)), "subscribers"
    )


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
