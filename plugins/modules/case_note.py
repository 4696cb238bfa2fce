#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_note
short_description: Manage a note of a Tines case
version_added: 1.0.0
description:
  - Creates a note in a Tines case, changes it, or removes it.
  - Only the options that are set are compared and sent.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.tines
options:
  case_id:
    description:
      - The ID of the case.
      - Required. In check mode V(0) is a case that will exist.
    type: int
  state:
    description:
      - V(present) ensures that the note is there, and is as the other options say.
      - V(absent) ensures that it is not there. After a removal the notes of the case are listed once more, and the
        task fails if it is still among them.
    type: str
    choices:
      - present
      - absent
    default: present
  id:
    description:
      - The ID of the note. If it is set, the note is found by it, and O(title) can give it another title.
      - With O(state=present) the note must exist.
    type: int
  title:
    description:
      - The title of the note, which identifies it within its case. Outer white space makes no
        difference.
      - Two notes of the case with this title are an error that names their IDs. O(id) then says which one is meant.
      - Required, unless O(id) is set.
    type: str
  content:
    description:
      - The text of the note, in Markdown. An empty text clears it. Line endings, and white space at its beginning and
        end, make no difference.
    type: str
  color:
    description:
      - The color of the note.
    type: str
    choices:
      - white
      - gold
      - magenta
      - green
      - blue
      - red
      - mint
      - indigo
  sensitive:
    description:
      - Whether the note is left out of exports. It does not hide the note from readers.
      - A server that does not know this option makes the task fail.
    type: bool
  hidden:
    description:
      - Whether the note is hidden.
      - A server that does not know this option makes the task fail.
    type: bool
  position:
    description:
      - The position of a new note, counted from 0. The API does not show it, so it is not compared.
    type: int
  author_email:
    description:
      - The email address of the user in whose name a new note is written. By default it is the user of the
        key.
      - If that user is not in the team, Tines takes the user of the key without saying so. A warning then names both.
    type: str
seealso:
  - module: casework.cases.case_comment
  - name: Tines API, notes
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/notes/
"""

EXAMPLES = r"""
- name: Keep the findings in a note
  casework.cases.case_note:
    case_id: 7
    title: Findings
    content: |
      - ws-0815 contacted 192.0.2.7
      - the user opened no attachment
    color: gold
  register: findings

- name: Give the note another title
  casework.cases.case_note:
    case_id: 7
    id: "{{ findings.note.id }}"
    title: Final findings

- name: Remove a note
  casework.cases.case_note:
    case_id: 7
    title: Final findings
    state: absent
"""

RETURN = r"""
note:
  description:
    - The note as the server has it, in check mode as predicted. Empty with O(state=absent).
    - In check mode the C(id) of a new note is null.
  returned: success
  type: dict
  sample:
    case_id: 7
    id: 31
    title: Findings
    content: ws-0815 contacted 192.0.2.7
    color: gold
    sensitive: false
    hidden: false
    author: {user_id: 68, email: bot@example.com, first_name: Case, last_name: Bot}
    created_at: "2026-01-02T03:04:05Z"
    updated_at: "2026-01-02T03:04:05Z"
case_id:
  description: The ID of the case.
  returned: success
  type: int
  sample: 7
diff:
  description: The note before and after, with the keys that can be set.
  returned: success
  type: dict
  sample:
    before_header: case 7
    after_header: case 7
    before: {case_id: 7, notes: [{title: Findings, color: white}]}
    after: {case_id: 7, notes: [{title: Findings, color: gold}]}
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
  sample: /api/v2/cases/7/notes
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
from ..module_utils._tines.notes import COLORS, NOTES
from ..module_utils._tines.subresource import DesiredItems
from ..module_utils._tines.subresource_apply import run_on_case

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int"},
    "title": {"type": "str"},
    "content": {"type": "str"},
    "color": {"type": "str", "choices": list(COLORS)},
    "sensitive": {"type": "bool"},
    "hidden": {"type": "bool"},
    "position": {"type": "int"},
    "author_email": {"type": "str"},
}
RULES = {"required_one_of": [("id", "title")], "required_if": CASE_ID_GIVEN}


def parse_options(params: dict[str, Any]) -> DesiredItems:
    """What the note should be. Raises `OptionError`."""
    note = {name: params[name] for name in ("id", *NOTES.fields) if params[name] is not None}
    if not note.get("title", "-").strip():
        raise OptionError("title is empty.")
    return DesiredItems((note,), params["state"], unique=True)


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    desired = parse_options(context.params)
    case_id = parse_case_id(context.params["case_id"], check_mode=context.http.read_only)
    return run_on_case(context, NOTES, case_id, desired)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
