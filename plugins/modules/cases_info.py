#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cases_info
short_description: Find Tines cases, or read them by ID
version_added: 1.0.0
description:
  - Finds the cases of a Tines tenant that meet every condition given, and reads every page of them; or reads cases by
    their IDs.
  - What the server finds is checked again against every condition that a case shows itself, so that a server which
    ignores a filter never widens the set.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.search
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes.info
  - casework.cases.attributes.tines
options:
  case_ids:
    description:
      - Read the cases with these IDs, instead of searching. Those that do not exist are in RV(missing).
      - The other conditions hold for these cases too. It cannot be combined with O(search) and O(filters), which only
        the server can apply. An empty list finds nothing.
      - In check mode, 0 is a case that a task before would create. It has no key but C(case_id), and empty lists for
        O(include).
    type: list
    elements: int
  include:
    description:
      - What to return with each case, every page of it, under the same keys.
      - Each costs at least one request for each case, several of them at a time.
      - The items are as the server shows them. What it shows of C(records) and C(fields) is not fully documented.
    type: list
    elements: str
    choices:
      - actions
      - activities
      - comments
      - fields
      - files
      - linked_cases
      - notes
      - records
      - subscribers
      - tasks
    default: []
  activity_types:
    description:
      - Of the timeline, only entries of these types, such as V(COMMENTED). Upper and lower case make no difference.
      - Requires V(activities) in O(include).
    type: list
    elements: str
  activities_since:
    description:
      - Of the timeline, only entries made at this moment or later, an ISO 8601 timestamp. Without a time zone it is
        UTC.
      - The API has no such filter, so the whole timeline is read. Requires V(activities) in O(include).
    type: str
  fields:
    description:
      - The keys of a case to return, such as V(name) and V(tags). C(case_id) is always returned. A key that
        the server does not show is left out.
      - Empty means all keys. A few keys keep the result of a large search small.
    type: list
    elements: str
  limit:
    description:
      - The maximum number of cases to return. V(0) means all.
    type: int
    default: 0
notes:
  - The vendor documents which filters there are, and not how they are written into a query string. They are sent as the
    framework behind the API writes nested values (C(filters[status]=OPEN)), and only if no way of reading them could
    lose a case. Several priorities, teams, tags or assignees, O(name) and O(opened_before) are checked by the module
    only.
seealso:
  - module: casework.cases.case
  - module: casework.cases.case_actions
  - name: Tines API, cases
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/
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

- name: Find what nobody works on since yesterday, with no more than its name and team
  casework.cases.cases_info:
    team: Team 1
    status: open
    priority: [critical, high]
    assignees: [unassigned]
    opened_within: 24h
    fields: [name, team]

- name: Find what was opened since the beginning of the year, newest first, ten at most
  casework.cases.cases_info:
    opened_after: "2026-01-01T00:00:00Z"
    order: OPENED_DESC
    limit: 10

- name: Read two cases by ID, with their comments and what has happened in them since a moment
  casework.cases.cases_info:
    case_ids: [7, 8]
    include: [comments, activities]
    activities_since: "2026-01-31T08:00:00Z"
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
  description: The IDs in O(case_ids) of cases that do not exist, or that the key may not see.
  returned: success
  type: list
  elements: int
  sample: []
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

from collections.abc import Iterable
from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError, RequestError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._core.timestamps import require_timestamp
from ..module_utils._core.workers import fail_if_any_failed, run_concurrently
from ..module_utils._tines.argspec import REVEAL_URLS, SEARCH, parse_case_ids
from ..module_utils._tines.cases.fields import PREDICTED_CASE
from ..module_utils._tines.cases.parts import PARTS, Included, include_parts
from ..module_utils._tines.cases.search import Search, find_cases, parse_search, resolve_team, take
from ..module_utils._tines.client import TINES, Tines

CONNECTIONS = 8

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "case_ids": {"type": "list", "elements": "int"},
    **SEARCH,
    "include": {"type": "list", "elements": "str", "choices": list(PARTS), "default": []},
    "activity_types": {"type": "list", "elements": "str"},
    "activities_since": {"type": "str"},
    "fields": {"type": "list", "elements": "str"},
    "limit": {"type": "int", "default": 0},
}


def parse_included(params: dict[str, Any]) -> Included:
    """What is read of each case. Raises `OptionError`."""
    parts, types, since = params["include"] or (), params["activity_types"] or (), params["activities_since"]
    if (types or since) and "activities" not in parts:
        raise OptionError("activity_types and activities_since require activities in include.")
    return Included(
        tuple(dict.fromkeys(parts)),
        tuple(kind.upper() for kind in types),
        require_timestamp("activities_since", since) if since else None,
    )


def get_or_none(client: Tines, case_id: int) -> list[dict[str, Any]]:
    """The case, or nothing if it does not exist. Of one that will exist nothing is known but its ID."""
    if case_id == PREDICTED_CASE:
        return [{"case_id": case_id}]
    try:
        return [client.get_case(case_id)]
    except RequestError as error:
        if error.status != 404:
            raise
        return []


def read_cases(
    context: ModuleContext[Tines], case_ids: Iterable[int], search: Search
) -> tuple[list[dict[str, Any]], list[int]]:
    """The cases with these IDs that meet the other conditions, and the IDs of those that do not exist."""
    asked = parse_case_ids(case_ids, check_mode=context.http.read_only)
    search = resolve_team(context.client, search)
    done = run_concurrently(
        context.http.limiter,
        asked,
        lambda case_id: (get_or_none(context.client, case_id), None),
        CONNECTIONS,
    )
    fail_if_any_failed(done, {})
    cases = [case for each in done for case in each.value or () if search.matches(case)]
    return cases, [each.item for each in done if not each.value]


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params, search, included = context.params, parse_search(context.params), parse_included(context.params)
    case_ids, limit, fields = params["case_ids"], params["limit"], params["fields"]
    if limit < 0:
        raise OptionError("limit must be 0 or more.")
    if case_ids is not None and (search.text or search.filters):
        raise OptionError("search and filters cannot be combined with case_ids: cases are read by ID or searched for.")
    missing: list[int] = []
    if case_ids is None:
        cases, truncated = take(find_cases(context.client, search), limit)
    else:
        found, missing = read_cases(context, case_ids, search)
        cases, truncated = take(found, limit)
    if fields:
        shown = {"case_id", *fields}
        cases = [{key: value for key, value in case.items() if key in shown} for case in cases]
    cases = include_parts(context.client, cases, included, CONNECTIONS)
    return {"changed": False, "cases": cases, "count": len(cases), "truncated": truncated, "missing": missing}


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, connections=CONNECTIONS)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
