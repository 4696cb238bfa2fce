#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_links
short_description: Manage the links between Tines cases
version_added: 1.0.0
description:
  - Ensures that each of the given Tines cases is linked with the given other cases, or with none of them, or with these
    and no others.
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
  linked_case_ids:
    description:
      - The IDs of the other cases. Duplicates are ignored. A case in its own list is ignored, so that
        O(case_ids) and O(linked_case_ids) can be the same list.
    type: list
    elements: int
    required: true
  state:
    description:
      - V(present) ensures that the links are there.
      - V(absent) ensures that none of them is there.
        A case that does not exist is not an error. A warning names it.
    type: str
    choices:
      - present
      - absent
    default: present
  exclusive:
    description:
      - Whether all other links of the cases are removed. It requires O(state=present).
      - A case of O(case_ids) that is also one of O(linked_case_ids) keeps its links to the others of O(case_ids), which
        are linked with it.
    type: bool
    default: false
notes:
  - Requests are one that lists the links of a case (one for 50 links), then one for each 150 new links, and one for
    each link that is removed. If links are removed, the case is listed once more, and the task fails if one of them is
    still there.
  - Tines does not document whether a link also shows on the other case. The module is right either way. All cases are
    read before the first one is changed.
  - A case that cannot be linked fails that link. The other links of the case are made.
seealso:
  - module: casework.cases.case
  - name: Tines API, linked cases
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/linked_cases/
"""

EXAMPLES = r"""
- name: Link a case with two others
  casework.cases.case_links:
    case_id: 7
    linked_case_ids: [8, 9]

- name: Link all cases of one incident with each other
  casework.cases.case_links:
    case_ids: [7, 8, 9]
    linked_case_ids: [7, 8, 9]

- name: Remove a link
  casework.cases.case_links:
    case_id: 7
    linked_case_ids: [9]
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
    linked_cases:
      description:
        - The links of the case as the server has them after the task, in check mode as predicted.
      type: list
      elements: dict
    created:
      description: The case IDs of new links.
      type: list
      elements: int
    updated:
      description: The case IDs of changed links.
      type: list
      elements: int
    deleted:
      description: The case IDs of removed links.
      type: list
      elements: int
    failed:
      description: Whether the case failed. The other keys tell what was done before the failure.
      type: bool
    unknown:
      description: The case IDs of links of which it is not known whether they were created or changed.
      type: list
      elements: int
      returned: when the case failed and something is unknown
    msg:
      description: What went wrong; C(not tried) if the task ended before this case's turn.
      type: str
      returned: when the case failed
  sample:
    - case_id: 7
      changed: true
      linked_cases: [{case_id: 8, id: 8, name: Suspicious mail}]
      created: [8]
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
      before: {case_id: 7, linked_cases: []}
      after: {case_id: 7, linked_cases: [{case_id: 8}]}
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
  sample: /api/v2/cases/7/linked_cases
details:
  description: The body of the server's response, without secrets.
  returned: when a response of the server made the task fail
  type: raw
  sample: {error: {message: Forbidden}}
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.argspec import LIST_ON_CASES, parse_case_ids
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.endpoints import Item
from ..module_utils._tines.links import LINKS
from ..module_utils._tines.subresource import desired_items
from ..module_utils._tines.subresource_apply import run_on_cases

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **LIST_ON_CASES,
    "linked_case_ids": {"type": "list", "elements": "int", "required": True},
}


def link_to(case_ids: Iterable[int], but: int) -> tuple[Item, ...]:
    """Links to these cases, as a plan takes them. but: the case that is not linked with itself."""
    return tuple({"case_id": case_id} for case_id in case_ids if case_id != but)


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params, check_mode = context.params, context.http.read_only
    case_ids = parse_case_ids(params["case_ids"], check_mode=check_mode)
    linked = parse_case_ids(params["linked_case_ids"], "linked_case_ids", check_mode=check_mode)
    desired = {case_id: desired_items(link_to(linked, but=case_id), params) for case_id in case_ids}
    # The other cases get a link to this one, which may show here too.
    desired.update(
        {each: replace(desired[each], spared=link_to(case_ids, but=each)) for each in case_ids if each in linked}
    )
    return run_on_cases(context, LINKS, desired, "linked_cases")


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
