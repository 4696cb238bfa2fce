#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_file_fetch
short_description: Save a file of a Tines case
version_added: 1.0.0
description:
  - Downloads a file of a Tines case to the host that the task runs on.
  - A file that is there already with the same checksum is not downloaded again.
  - The file is written under another name beside O(dest), and takes its place when it is complete. So there is never a
    part of a file at O(dest).
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
      - In check mode V(0) is a case that will exist. The file is then taken for a new one.
    type: int
    required: true
  filename:
    description:
      - The name of the file in the case. If several files have it, the task fails and names their IDs.
      - Exactly one of O(filename) and O(id) is required.
    type: str
  id:
    description:
      - The ID of the file.
    type: int
  dest:
    description:
      - The path of the saved file, on the host that the task runs on. Its directory must exist.
      - In a directory, the file gets the name that it has in the case. A name with path separators is refused.
      - If it is a symbolic link, the file that it leads to is written.
    type: path
    required: true
  mode:
    description:
      - The permissions of the file, such as V('0600') or V(u=rw,g=r,o=). Quote octal numbers.
      - By default an existing file keeps its permissions, and a new one gets those that the system gives.
    type: raw
  owner:
    description:
      - The name or ID of the user who is to own the file.
    type: str
  group:
    description:
      - The name or ID of the group that is to own the file.
    type: str
  force:
    description:
      - Downloads the file each time, whatever checksum the server shows. It is only replaced if its content differs.
    type: bool
    default: false
  max_bytes:
    description:
      - The largest file that is saved, in bytes. A larger one makes the task fail.
      - The file goes to disk while it arrives, so its size makes no difference to memory.
    type: int
    default: 1073741824
notes:
  - The checksum is the one that the server shows. If it shows none, the file is downloaded each time and compared, in
    check mode as well. Nothing is written then if it is the same.
  - Of the options for files that Ansible's own modules have, O(mode), O(owner) and O(group) are here. For attributes
    and SELinux contexts, use M(ansible.builtin.file) after this module.
  - If what was downloaded does not have the checksum that the server shows, the task fails and O(dest) stays as it was.
seealso:
  - module: casework.cases.case_file
  - module: ansible.builtin.file
  - module: ansible.builtin.get_url
  - name: Tines API, files
    description: The vendor's reference of the API behind this module.
    link: https://www.tines.com/docs/api/cases/files/
"""

EXAMPLES = r"""
- name: Save a file of a case beside the playbook
  casework.cases.case_file_fetch:
    case_id: 7
    filename: sample.txt
    dest: "{{ playbook_dir }}/sample.txt"
    mode: "0600"
"""

RETURN = r"""
file:
  description:
    - The file as the server has it. It never has the content.
    - C(checksum) is the checksum of the content, such as C(sha256) or C(md5) with a colon before it, and C(dest) the
      path of the saved file.
    - For a case that will exist, only C(dest) is known.
  returned: success
  type: dict
  sample:
    case_id: 7
    id: 7509
    activity_type: FILE_ATTACHED
    filename: sample.txt
    checksum: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    value: null
    created_at: "2026-01-02T03:04:05Z"
    file: {filename: sample.txt, url: "https://acme.tines.com/api/v2/cases/7/files/7509/download"}
    user: {user_id: "68", email: bot@example.com, first_name: Case, last_name: Bot}
    reactions: []
    dest: /tmp/sample.txt
case_id:
  description: The ID of the case.
  returned: success
  type: int
  sample: 7
diff:
  description: The saved file before and after, by its checksum and the attributes that were asked for.
  returned: success
  type: dict
  sample:
    before_header: /tmp/sample.txt
    after_header: /tmp/sample.txt
    before: {path: /tmp/sample.txt, state: absent}
    after:
      path: /tmp/sample.txt
      state: file
      checksum: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
      mode: "0600"
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
from ..module_utils._ansible.file_attributes import FILE_ATTRIBUTES, parse_file_attributes
from ..module_utils._ansible.module import run_module
from ..module_utils._core.errors import OptionError
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._tines.argspec import parse_case_id
from ..module_utils._tines.client import TINES, Tines
from ..module_utils._tines.file_fetch import MAX_FETCHED_BYTES, fetch_file, predict_fetch

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TINES),
    "case_id": {"type": "int", "required": True},
    "filename": {"type": "str"},
    "id": {"type": "int"},
    "dest": {"type": "path", "required": True},
    **FILE_ATTRIBUTES,
    "force": {"type": "bool", "default": False},
    "max_bytes": {"type": "int", "default": MAX_FETCHED_BYTES},
}
RULES = {"mutually_exclusive": [("filename", "id")], "required_one_of": [("filename", "id")]}


def run(context: ModuleContext[Tines]) -> dict[str, Any]:
    params = context.params
    case_id = parse_case_id(params["case_id"], check_mode=context.http.read_only)
    if not params["dest"]:
        raise OptionError("dest is required but empty.")
    if params["max_bytes"] < 1:
        raise OptionError("max_bytes must be 1 or more.")
    attributes = parse_file_attributes(params)
    if not case_id:
        return predict_fetch(case_id, params["dest"])
    return fetch_file(context, case_id, attributes)


MODULE = ModuleSpec(TINES, ARGUMENT_SPEC, run, RULES)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
