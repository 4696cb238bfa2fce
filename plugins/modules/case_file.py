#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_file
short_description: Manage a file of a Tines case
version_added: 1.0.0
description:
  - Attaches a file to a Tines case, replaces it if its content differs, or removes it.
  - The name of the file identifies it. Its content is compared by checksum.
  - Tines cannot change a file. The new one is added and checked first. Then the old one is deleted.
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
      - With O(force=true), each run replaces the file.
options:
  case_id:
    description:
      - The ID of the case.
      - Required. In check mode V(0) is a case that will exist.
    type: int
  state:
    description:
      - V(present) ensures that the case has the file, with this content.
      - V(absent) ensures that the case has no file with this name. All files with the name are removed.
      - After a removal, that of a replaced file too, the files of the case are listed once more, and the task fails if
        a removed one is still among them.
    type: str
    choices:
      - present
      - absent
    default: present
  path:
    description:
      - The file that is sent. It is read on the host that the task runs on, so delegate the task to the host that has
        the file.
      - It must be a regular file. If it changes while it is read, the task fails and sends nothing.
      - With O(state=absent) it only gives the name.
    type: path
  content:
    description:
      - The content of the file as text, sent in UTF-8. For anything else use O(path).
      - Neither the result nor a log shows it. Ansible therefore masks the same text wherever a result contains it.
    type: str
  filename:
    description:
      - The name that the file has in the case. By default it is the last part of O(path).
      - It must not contain path separators or control characters.
      - Required if O(path) is not set.
    type: str
  value:
    description:
      - A comment that comes with the file. It is sent with a new or replaced file, and not compared.
    type: str
  author_email:
    description:
      - The email address of the user in whose name the file is added. By default it is the user of the key.
      - If that user is not in the team, Tines may take the user of the key without saying so. A warning then names
        both.
    type: str
  force:
    description:
      - Replaces the file even if the case has it with the same content.
    type: bool
    default: false
  max_bytes:
    description:
      - The largest file that is sent, in bytes. A larger one makes the task fail before anything is sent.
      - Tines documents no limit of its own. The content is in memory while it is sent, and takes about four times its
        size.
    type: int
    default: 26214400
notes:
  - The content is compared by the checksum that the server shows. If the server shows none, the size is compared, then
    the file is downloaded and compared. If that is not possible either, a file with the name counts as the same, and a
    warning says so.
  - Several files of a case can have the same name. One with the content is enough. If none has it, the task fails and
    names the IDs of the files.
  - Tines documents that only the uploader or an admin can remove a file. If the server refuses to delete the old file,
    the task fails and says whose it is. The case then has both files. If O(author_email) is set, a file by somebody
    else is not replaced at all.
seealso:
  - module: casework.cases.case_file_fetch
  - module: casework.cases.case_comment
  - name: Tines API, files
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/files/
"""

EXAMPLES = r"""
- name: Attach a report that the playbook has written
  casework.cases.case_file:
    case_id: 7
    filename: findings.txt
    content: |
      Host: ws-0815
      Verdict: malware
    value: What the playbook found.

- name: Attach a file of the host that the task runs on
  casework.cases.case_file:
    case_id: 7
    path: /etc/hostname
    filename: ws-0815-hostname.txt

- name: Remove a file
  casework.cases.case_file:
    case_id: 7
    filename: findings.txt
    state: absent
"""

RETURN = r"""
file:
  description:
    - The file as the server has it, in check mode as predicted. Empty with O(state=absent). It never has the content.
    - C(checksum) is the checksum that was compared, such as C(sha256) or C(md5) with a colon before it. It is
      V(unknown) if there is none.
    - In check mode the C(id) of a new file is null.
  returned: success
  type: dict
  sample:
    case_id: 7
    id: 7509
    activity_type: FILE_ATTACHED
    filename: findings.txt
    checksum: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    value: null
    created_at: "2026-01-02T03:04:05Z"
    file: {filename: findings.txt, url: "https://acme.tines.com/api/v2/cases/7/files/7509/download"}
    user: {user_id: "68", email: bot@example.com, first_name: Case, last_name: Bot}
    reactions: []
case_id:
  description: The ID of the case.
  returned: success
  type: int
  sample: 7
diff:
  description: The file before and after, by its name and checksum.
  returned: success
  type: dict
  sample:
    before_header: case 7
    after_header: case 7
    before: {case_id: 7, files: []}
    after:
      case_id: 7
      files:
        - filename: findings.txt
          checksum: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
api_requests:
  description: How many HTTP requests the task sent, retries included.
  returned: always
  type: int
  sample: 3
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
  sample: /api/v2/cases/7/files
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
from ..module_utils._tines.argspec import CASE_ID_GIVEN, parse_case_id
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.files import MAX_BYTES, files_like, parse_file, plan_new_file
from ..module_utils._tines.subresource_apply import run_on_case

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "path": {"type": "path"},
    "content": {"type": "str", "no_log": True},
    "filename": {"type": "str"},
    "value": {"type": "str"},
    "author_email": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "max_bytes": {"type": "int", "default": MAX_BYTES},
}
RULES = {"mutually_exclusive": [("path", "content")], "required_if": CASE_ID_GIVEN}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    case_id = parse_case_id(context.params["case_id"], check_mode=context.http.read_only)
    desired = parse_file(context.params)
    kind = files_like(desired.items[0].get("checksum"), context.warn)
    anew = context.params["force"] and desired.state == "present"
    plan = plan_new_file(context, kind, case_id, desired) if anew else None
    return run_on_case(context, kind, case_id, desired, plan)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
