#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_legacy
short_description: Manage a Tines case with the options of the first version of the API
version_added: 1.0.0
description:
  - Ensures that there is an open case with the given fields, buttons and records. The options have the names of the
    fields in the first version of the Tines cases API (v1), buttons included. So a playbook that posted to that API
    keeps its field names, and the result keeps the shape of a case.
  - Tines announced the removal of v1 for 2026-12-01. This module uses v1 as long as a tenant has it, and
    does the same job through the second version (v2) once v1 is gone. The result keeps the v1 shape either way.
  - Use M(casework.cases.case) in new playbooks. It uses v2 only.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.fields
  - casework.cases.fields.one
  - casework.cases.tines
  - casework.cases.urls
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
attributes:
  idempotent:
    support: partial
    details:
      - With O(match_by=none) every run creates a case.
options:
  api_version:
    description:
      - V(auto) uses v1, and v2 if the tenant answers that v1 is gone (404 or 410 on the collection of cases
        itself).
      - V(v1) never falls back, V(v2) never tries v1.
    type: str
    choices:
      - auto
      - v1
      - v2
    default: auto
  team_id:
    description:
      - The ID of the team that the case belongs to.
    type: int
    required: true
  name:
    description:
      - The name of the case.
    type: str
    required: true
  match_by:
    description:
      - What identifies the case among the B(open) cases of its team. More than one such case is an error that names
        them; if there is none, one is created.
      - V(name) is the name, compared exactly.
      - V(metadata) is the value of the metadata key that O(match_key) names, taken from O(metadata).
      - V(none) identifies nothing, so each run creates a case.
    type: str
    choices:
      - name
      - metadata
      - none
    default: name
  team_case_buttons:
    description:
      - Buttons that the case must have. Others are left alone.
      - v1 knows no query parameters. To set them, use M(casework.cases.case_actions).
    type: list
    elements: dict
    suboptions:
      button_type:
        description:
          - The kind of URL, V(webhook) or V(page).
        type: str
        choices:
          - webhook
          - page
        required: true
      url:
        description:
          - The URL of the webhook or page that the button leads to. A webhook's secret is masked in diffs, warnings
            and errors.
        type: str
        required: true
      label:
        description:
          - What identifies the button within its case, compared exactly.
        type: str
        required: true
      button_text:
        description:
          - The text on the button. If it is not set, it is left alone.
        type: str
notes:
  - With v2 a case and its buttons take more than one request. If a later one fails, the error names the case,
    and running the task again finishes it, unless O(match_by=none).
  - What only v1 has cannot be migrated. With v2 the C(team_case_actions) of the result (the timeline) have the
    vendor's v2 words in C(action), and C(linked_cases) has IDs as far as the tenant shows them.
seealso:
  - ref: ansible_collections.casework.cases.docsite.guide_legacy
    description: From the first version of the API to the second, step by step and field by field.
  - module: casework.cases.case
  - name: Tines API, cases (v1)
    description: The vendor's reference of the first version of the API.
    link: https://www.tines.com/docs/api/cases/create-1-0/
"""

EXAMPLES = r"""
- name: Ensure the case exists with its buttons, through v1 or v2
  casework.cases.case_legacy:
    team_id: 1
    name: Suspicious login detected
    priority: high
    description: This is a high priority case
    assignee_emails: [jane@example.com]
    tag_names: [login, security]
    metadata:
      alert: A-1093
    team_case_buttons:
      - button_type: page
        url: https://acme.tines.com/pages/isolate-host
        label: Isolate host and give reason
        button_text: Open form
      - button_type: webhook
        url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
        label: Isolate host
        button_text: Isolate
    closure_conditions:
      - name: has at least 1 assignee
        formula: "=SIZE(team_case.assignees) > 0"

- name: Speak v2 only, as a first step of the migration
  casework.cases.case_legacy:
    api_version: v2
    team_id: 1
    name: Suspicious login detected
    priority: critical
"""

RETURN = r"""
case:
  description:
    - The case as the server has it, in check mode as predicted, in the shape of v1.
    - C(team_case_buttons) are all buttons of the case if the option O(team_case_buttons) is given, and else what
      the server shows.
  returned: success, and if the task failed after it made or changed the case
  type: dict
  sample:
    case_id: 7
    name: Suspicious login detected
    priority: HIGH
    status: OPEN
    team: {id: 1, name: Team 1}
    team_case_buttons:
      - id: 8
        button_text: Isolate
        button_type: webhook
        label: Isolate host
        url: https://acme.tines.com/webhook/isolate-host/0a1b2c3d4e5f
case_id:
  description:
    - The ID of the case. In check mode a case that would be new has V(0), which the modules of this collection accept
      there, so that a whole playbook can be checked before its first run.
  returned: success, and if the task failed after it made or changed the case
  type: int
  sample: 7
api_version:
  description: The version of the API that served, V(v1) or V(v2).
  returned: success
  type: str
  sample: v2
diff:
  description: The case before and after, with its buttons if O(team_case_buttons) is given. Secrets are masked.
  returned: success
  type: dict
  sample:
    before_header: case 7 (Suspicious login detected)
    after_header: case 7 (Suspicious login detected)
    before: {case_id: 7, name: Suspicious login detected, priority: high}
    after: {case_id: 7, name: Suspicious login detected, priority: critical}
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
from ..module_utils._core.errors import CaseworkError, RequestError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.actions.fields import NEEDED, parse_actions, writable
from ..module_utils._tines.actions.plan import DesiredActions
from ..module_utils._tines.argspec import CASE, MATCH, REVEAL_URLS
from ..module_utils._tines.cases.apply import CaseResult, apply_case
from ..module_utils._tines.cases.fields import parse_case
from ..module_utils._tines.cases.find import DesiredCase, parse_identity
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.client_v1 import TinesV1
from ..module_utils._tines.v1_format import button_from_v1, button_to_v1, case_to_v1

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    **REVEAL_URLS,
    "api_version": {"type": "str", "choices": ["auto", "v1", "v2"], "default": "auto"},
    "team_id": {"type": "int", "required": True},
    "name": {"type": "str", "required": True},
    **MATCH,
    **CASE,
    "record_ids": {"type": "list", "elements": "int"},
    "team_case_buttons": {
        "type": "list",
        "elements": "dict",
        "options": {
            "button_type": {"type": "str", "choices": ["webhook", "page"], "required": True},
            "url": {"type": "str", "required": True},
            "label": {"type": "str", "required": True},
            "button_text": {"type": "str"},
        },
    },
}

DEPRECATION = (
    "This tenant answered through the first version of the Tines cases API, whose removal Tines announced for "
    "2026-12-01. Once v1 is removed, this task switches to v2. To switch now, set api_version: v2 or use "
    "casework.cases.case."
)
REMOVED_IN = "2.0.0"

GONE = "The first version of the API is gone from this tenant: leave api_version out, or use casework.cases.case."


def parse_options(params: dict[str, Any]) -> DesiredCase:
    """What the case should be. Raises `OptionError`."""
    actions = None
    if params["team_case_buttons"] is not None:
        given = [button_from_v1(button) for button in params["team_case_buttons"]]
        actions = DesiredActions(parse_actions(given, "team_case_buttons", NEEDED))
    return DesiredCase(parse_case(params), identity=parse_identity(params), actions=actions)


def without_batch(desired: DesiredCase) -> DesiredCase:
    """The same, without the batch update that v1 does not have."""
    return replace(desired, actions=desired.actions and replace(desired.actions, batch=False))


def run_with_fallback(context: ModuleContext[Tines], desired: DesiredCase) -> tuple[str, CaseResult]:
    """Do the job through the version that `api_version` asks for, or that the tenant has."""
    version = context.params["api_version"]
    if version != "v2":
        v1 = TinesV1(context.http)
        try:
            if desired.identity is None:
                v1.probe()  # without a search, the first request would be one that writes
            return "v1", apply_case(context, v1, without_batch(desired))
        except RequestError as error:
            if not v1.is_gone(error):
                raise
            if version == "v1":
                raise error.explained(after=GONE) from error
    try:
        return "v2", apply_case(context, context.client, desired)
    except CaseworkError as error:
        if "case" not in error.facts:
            raise
        raise error.explained(case=to_v1(error.facts["case"])) from error


def to_v1(case: dict[str, Any]) -> dict[str, Any]:
    """A case of v2 as v1 shows it, with the buttons that it shows itself."""
    return case_to_v1(case, case.get("actions") or [])


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    version, result = run_with_fallback(context, parse_options(context.params))
    if version == "v1":
        context.deprecate(DEPRECATION, REMOVED_IN)
    case = to_v1(result.case) if version == "v2" else {"team_case_buttons": [], **result.case}
    if result.actions_plan:
        case["team_case_buttons"] = [button_to_v1(button) for button in result.actions]
    return {
        "changed": result.changed,
        "case": case,
        "case_id": case.get("case_id"),
        "api_version": version,
        "diff": result.diff("team_case_buttons", lambda button: button_to_v1(writable(button))),
    }


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
