#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: api
short_description: Send a request to the Tines API
version_added: 1.0.0
description:
  - Sends any request to the API of a Tines tenant, for what no other module of this collection covers.
  - The connection, retries and errors are those of the other modules. A POST or PATCH whose response got lost is not
    sent again, since it may have been carried out.
  - The module does not know what a request does. So every request but GET counts as a change, and runs again with the
    next run of the task. Use another module of this collection if there is one.
  - Responses that are not JSON, such as downloads, are an error.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.api_request
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
attributes:
  check_mode:
    support: partial
    description: Sends nothing but GET in check mode.
    details: Every other request counts as a change, and has no response then.
  diff_mode:
    support: none
    description: What a request changes is not known.
  idempotent:
    support: none
    description: Sends the request each time.
options:
  method:
    description:
      - The method of the request.
    type: str
    choices:
      - GET
      - POST
      - PUT
      - PATCH
      - DELETE
    default: GET
  body:
    description:
      - The body of the request, which is sent as JSON. Not with O(method=GET).
      - Set C(no_log) for the task if it holds secrets.
    type: raw
seealso:
  - module: casework.cases.api_info
  - name: Tines API
    description: The vendor's reference of the API.
    link: https://www.tines.com/docs/api/
"""

EXAMPLES = r"""
- name: Move a case to the front of the queue
  casework.cases.api:
    path: v2/cases/7
    method: PUT
    body:
      priority: critical

- name: Remove a sub-status that may be gone
  casework.cases.api:
    path: v1/case_sub_statuses/12
    method: DELETE
    status_codes: [204, 404]
"""

RETURN = r"""
json:
  description:
    - The body of the response, null if it is empty, or nothing was sent in check mode.
    - With O(paginate=true) it is null, and C(items) of the result is a list of the items of all pages. Write
      C(result['items']) in a template, because C(result.items) is a method of every dictionary.
    - With a status of 400 or more, long texts are cut.
  returned: success
  type: raw
  sample: {teams: [{id: 1, name: Security}]}
api_requests:
  description: How many HTTP requests the task sent, retries included.
  returned: always
  type: int
  sample: 1
status:
  description: The status of the server's response.
  returned: when the server responded
  type: int
  sample: 200
method:
  description: The method of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: GET
path:
  description: The path of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: /api/v1/teams
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
from ..module_utils._core.plan import Plan
from ..module_utils._tines.api_request import METHODS, NEEDED, REQUEST, ApiAnswer, parse_request, read
from ..module_utils._tines.argspec import REVEAL_URLS
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    **REQUEST,
    "method": {"type": "str", "choices": list(METHODS), "default": "GET"},
    "body": {"type": "raw"},
}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    request = parse_request(context.params)
    if request.method == "GET":
        return {"changed": False, **read(context.client, request, context.params).result()}
    answers: list[ApiAnswer] = []
    plan: Plan[None] = Plan(None, None, (request,))
    context.apply(plan, lambda: answers.append(request.send(context.client)))
    answer = answers[0] if answers else ApiAnswer()
    return {"changed": plan.changed, **answer.result()}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, NEEDED)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
