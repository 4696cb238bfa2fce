#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cases_info
short_description: Find Tines cases, or read them by number
version_added: 1.0.0
description:
  - Finds the cases of a Tines tenant that meet every condition given, and reads every page of them; or reads cases by
    their numbers.
  - What the server finds is checked again against every condition that a case shows itself, so that a server which
    ignores a filter never widens the set.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes.info
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - Read the cases with these numbers, instead of searching. Those that do not exist stand in RV(missing).
      - The other conditions hold for these cases too; O(search) and O(filters), which only the server knows how to
        apply, do not go with it. An empty list finds nothing.
    type: list
    elements: int
  team_id:
    description:
      - Only cases of this team, or of one of these.
    type: list
    elements: int
  status:
    description:
      - Only cases with this status, V(open) or V(closed).
    type: str
  priority:
    description:
      - Only cases with this priority, or one of these, out of V(critical), V(high), V(medium), V(low) and V(info).
    type: list
    elements: str
  tags:
    description:
      - Only cases with at least one of these tags.
    type: list
    elements: str
  search:
    description:
      - Only cases that the server finds by this text in name, description or number.
    type: str
  metadata:
    description:
      - Only cases whose metadata has these keys with these values.
    type: dict
  opened_after:
    description:
      - Only cases that were opened at this moment or later, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  opened_before:
    description:
      - Only cases that were opened at this moment or earlier, an ISO 8601 timestamp. Without a time zone it is UTC.
    type: str
  filters:
    description:
      - >-
        Further filters of the API, passed on as they are, such as V({"assignees": ["unassigned"]}).
    type: dict
  order:
    description:
      - The order that the server gives the cases.
    type: str
    choices:
      - RECENTLY_EDITED
      - LEAST_RECENTLY_EDITED
      - PRIORITY_ASC
      - PRIORITY_DESC
      - OPENED_ASC
      - OPENED_DESC
      - CREATED_ASC
      - CREATED_DESC
  limit:
    description:
      - How many cases to return at the most. V(0) means all.
    type: int
    default: 0
notes:
  - The vendor documents which filters there are, and not how they are written into a query string. They are sent as the
    framework behind the API writes nested values (C(filters[status]=OPEN)), and only where no way of reading them could
    lose a case. Several priorities, teams or tags, and O(opened_before), are checked by the module alone.
seealso:
  - module: casework.cases.case
  - module: casework.cases.case_actions
"""

EXAMPLES = r"""
- name: Find the open phishing cases of a team
  casework.cases.cases_info:
    team_id: 1
    status: open
    tags: [phishing]
  register: phishing

- name: Give all of them the phishing buttons in one task
  casework.cases.case_actions:
    case_ids: "{{ phishing.cases | map(attribute='case_id') }}"
    actions:
      - label: Block sender
        url: https://acme.tines.com/webhook/block-sender/5f4e3d2c1b0a
        action_type: webhook

- name: Find what was opened since the beginning of the year, newest first, ten at the most
  casework.cases.cases_info:
    opened_after: "2026-01-01T00:00:00Z"
    order: OPENED_DESC
    limit: 10

- name: Read two cases by number
  casework.cases.cases_info:
    case_ids: [7, 8]
"""

RETURN = r"""
cases:
  description:
    - The cases as the server has them, in the server's order; with O(case_ids) in the order asked for.
    - The keys are those of the API. Priority and status come in upper case.
  returned: success
  type: list
  elements: dict
  sample:
    - case_id: 7
      name: Suspicious login detected
      opened_at: "2026-01-02T03:04:05Z"
      priority: HIGH
      status: OPEN
      tags: [{id: 4, name: login}]
      team: {id: 1, name: Team 1}
count:
  description: How many cases are returned.
  returned: success
  type: int
  sample: 1
truncated:
  description: Whether there are more cases than O(limit) let through.
  returned: success
  type: bool
  sample: false
missing:
  description: The numbers in O(case_ids) of cases that do not exist, or that the key may not see.
  returned: success
  type: list
  elements: int
  sample: []
api_requests:
  description: How many HTTP requests the task sent, further tries included.
  returned: always
  type: int
  sample: 2
status:
  description: The status of the server's answer.
  returned: when a server's answer made the task fail
  type: int
  sample: 403
method:
  description: The method of the request that failed.
  returned: when a server's answer made the task fail
  type: str
  sample: GET
path:
  description: The path of the request that failed.
  returned: when a server's answer made the task fail
  type: str
  sample: /api/v2/cases/7/actions
details:
  description: The body of the server's answer, without secrets.
  returned: when a server's answer made the task fail
  type: raw
  sample: {error: {message: Forbidden}}
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError, RequestError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._core.timestamps import require_timestamp
from ..module_utils._core.workers import fail_if_any_failed, run_concurrently
from ..module_utils._tines.argspec import parse_case_ids
from ..module_utils._tines.cases.fields import PRIORITIES, STATUSES, parse_choice
from ..module_utils._tines.cases.search import Search
from ..module_utils._tines.client import TINES, Tines

CONNECTIONS = 8

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_ids": {"type": "list", "elements": "int"},
    "team_id": {"type": "list", "elements": "int"},
    "status": {"type": "str"},
    "priority": {"type": "list", "elements": "str"},
    "tags": {"type": "list", "elements": "str"},
    "search": {"type": "str"},
    "metadata": {"type": "dict"},
    "opened_after": {"type": "str"},
    "opened_before": {"type": "str"},
    "filters": {"type": "dict"},
    "order": {
        "type": "str",
        "choices": [
            "RECENTLY_EDITED",
            "LEAST_RECENTLY_EDITED",
            "PRIORITY_ASC",
            "PRIORITY_DESC",
            "OPENED_ASC",
            "OPENED_DESC",
            "CREATED_ASC",
            "CREATED_DESC",
        ],
    },
    "limit": {"type": "int", "default": 0},
}


def parse_search(params: dict[str, Any]) -> Search:
    """What is searched for. Raises `OptionError`."""
    moments = {key: params[key] and require_timestamp(key, params[key]) for key in ("opened_after", "opened_before")}
    return Search(
        team_ids=tuple(params["team_id"] or ()),
        status=params["status"] and parse_choice("status", params["status"], STATUSES),
        priorities=tuple(parse_choice("priority", each, PRIORITIES) for each in params["priority"] or ()),
        tags=tuple(params["tags"] or ()),
        text=params["search"],
        metadata=params["metadata"],
        filters=params["filters"],
        order=params["order"],
        **moments,
    )


def get_or_none(client: Tines, case_id: int) -> list[dict[str, Any]]:
    """The case, or nothing if it does not exist."""
    try:
        return [client.get_case(case_id)]
    except RequestError as error:
        if error.status != 404:
            raise
        return []


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params, search = context.params, parse_search(context.params)
    if params["limit"] < 0:
        raise OptionError("limit must be 0 or more.")
    if params["case_ids"] is not None and (params["search"] or params["filters"]):
        raise OptionError("search and filters cannot be combined with case_ids: cases are read by ID or searched for.")
    missing: list[int] = []
    found: Iterator[dict[str, Any]]
    if params["case_ids"] is None:
        found = context.client.list_cases(search.query())
    else:
        case_ids = parse_case_ids(params["case_ids"])
        done = run_concurrently(
            context.http.limiter, case_ids, lambda case_id: (get_or_none(context.client, case_id), None), CONNECTIONS
        )
        fail_if_any_failed(done, {})
        missing = [each.item for each in done if not each.value]
        found = (case for each in done for case in each.value or ())
    matching = (case for case in found if search.matches(case))
    # One more than asked for tells whether there are more, without reading all of them.
    cases = list(islice(matching, params["limit"] + 1 if params["limit"] else None))
    truncated = bool(params["limit"]) and len(cases) > params["limit"]
    cases = cases[: params["limit"] or None]
    return {"changed": False, "cases": cases, "count": len(cases), "truncated": truncated, "missing": missing}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, connections=CONNECTIONS)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
