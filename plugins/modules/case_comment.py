#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_comment
short_description: Manage a comment on a Tines case
version_added: 1.0.0
description:
  - Adds a comment to a Tines case, changes it, or removes it.
  - A comment that is there already is not added again. O(match_by) says what counts as the same comment.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
attributes:
  idempotent:
    support: partial
    details:
      - With O(match_by=none) and no O(id), each run adds a comment.
options:
  case_id:
    description:
      - The ID of the case.
      - Required. In check mode V(0) is a case that will exist.
    type: int
  state:
    description:
      - V(present) ensures that the comment is there.
      - V(absent) ensures that it is not there. Tines keeps the text of a removed comment in the timeline of the case,
        so this does not erase a secret. After a removal the comments of the case are listed once more, and the task
        fails if it is still among them.
    type: str
    choices:
      - present
      - absent
    default: present
  id:
    description:
      - The ID of the comment. With O(state=present) the comment must exist, and gets the text in O(value).
    type: int
  value:
    description:
      - The text of the comment, in Markdown. Line endings, and white space at its beginning and end, make no
        difference.
      - Required, unless O(state=absent) and O(id) are set.
    type: str
  match_by:
    description:
      - What identifies the comment if O(id) is not set.
      - V(value) is the whole text. The same text counts as there, whoever wrote it.
      - V(first_line) is the first line of the text. The rest is updated, so that one comment can report the progress
        of a job. Two comments with this first line are an error that names their IDs.
      - V(none) means that nothing does, so each run adds a comment. If the response gets lost, the task fails and says
        that the outcome is unknown. It does not send the comment again.
    type: str
    choices:
      - value
      - first_line
      - none
    default: value
  author_email:
    description:
      - The email address of the user in whose name the comment is written. By default it is the user of the
        key.
      - If that user is not in the team, Tines takes the user of the key without saying so. A warning then names both.
    type: str
notes:
  - A comment by somebody else is never changed or removed if O(author_email) is set. The task fails and names the
    author. If it is not set, the module does not know which user the key belongs to, and the server decides. Tines
    documents that only the author or an admin can remove a comment. It does not document who can change one.
seealso:
  - module: casework.cases.case_note
  - name: Tines API, comments
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/comments/
"""

EXAMPLES = r"""
- name: Say in the case what was done
  casework.cases.case_comment:
    case_id: 7
    value: The host ws-0815 was isolated.

- name: Report the progress of a job in one comment
  casework.cases.case_comment:
    case_id: 7
    match_by: first_line
    value: |
      Patch job 8123
      2 of 3 hosts are done.

- name: Remove a comment
  casework.cases.case_comment:
    case_id: 7
    value: The host ws-0815 was isolated.
    state: absent
"""

RETURN = r"""
comment:
  description:
    - The comment as the server has it, in check mode as predicted. Empty with O(state=absent).
    - In check mode the C(id) of a new comment is null.
  returned: success
  type: dict
  sample:
    case_id: 7
    id: 7508
    activity_type: COMMENTED
    value: The host ws-0815 was isolated.
    created_at: "2026-01-02T03:04:05Z"
    user: {user_id: "68", email: bot@example.com, first_name: Case, last_name: Bot}
    reactions: []
case_id:
  description: The ID of the case.
  returned: success
  type: int
  sample: 7
diff:
  description: The comment before and after, with the keys that can be set.
  returned: success
  type: dict
  sample:
    before_header: case 7
    after_header: case 7
    before: {case_id: 7, comments: []}
    after: {case_id: 7, comments: [{value: The host ws-0815 was isolated.}]}
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
  sample: /api/v2/cases/7/comments
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
from ..module_utils._tines.argspec import CASE_ID_GIVEN, parse_case_id
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.comments import COMMENTS
from ..module_utils._tines.subresource import DesiredItems
from ..module_utils._tines.subresource_apply import run_on_case

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int"},
    "value": {"type": "str"},
    "match_by": {"type": "str", "choices": list(COMMENTS), "default": "value"},
    "author_email": {"type": "str"},
}
RULES = {"required_one_of": [("id", "value")], "required_if": [*CASE_ID_GIVEN, ("state", "present", ("value",))]}


def parse_options(params: dict[str, Any]) -> DesiredItems:
    """What the comment should be. Raises `OptionError`."""
    if not (params["value"] or "").strip() and (params["state"] == "present" or params["id"] is None):
        raise OptionError("value is required but empty.")
    if params["state"] == "absent" and params["match_by"] == "none" and params["id"] is None:
        raise OptionError("match_by: none identifies no comment, so state: absent requires id.")
    comment = {name: params[name] for name in ("id", "value", "author_email") if params[name] is not None}
    return DesiredItems((comment,), params["state"], author=params["author_email"])


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params, desired = context.params, parse_options(context.params)
    case_id = parse_case_id(params["case_id"], check_mode=context.http.read_only)
    kind = COMMENTS["value" if params["id"] is not None else params["match_by"]]
    return run_on_case(context, kind, case_id, desired)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
