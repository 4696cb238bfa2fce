#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: api_info
short_description: Read from the Tines API
version_added: 1.0.0
description:
  - Sends a GET request to the API of a Tines tenant, for what no other module of this collection reads.
  - The connection, retries and errors are those of the other modules.
  - Responses that are not JSON, such as downloads, are an error.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.api_request
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes.info
  - casework.cases.attributes.tines
seealso:
  - module: casework.cases.api
  - name: Tines API
    description: The vendor's reference of the API.
    link: https://www.tines.com/docs/api/
"""

EXAMPLES = r"""
- name: Read all teams
  casework.cases.api_info:
    path: v1/teams
    paginate: true
  register: teams

- name: Read a template that may not exist
  casework.cases.api_info:
    path: v1/case_templates/3
    status_codes: [200, 404]
  register: template
"""

RETURN = r"""
json:
  description:
    - The body of the response, null if it is empty.
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
from ..module_utils._tines.api_request import NEEDED, REQUEST, parse_request, read
from ..module_utils._tines.argspec import REVEAL_URLS
from ..module_utils._tines.client import TINES, Tines

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    **REQUEST,
}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    request = parse_request(context.params)
    return {"changed": False, **read(context.client, request, context.params).result()}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, NEEDED)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
