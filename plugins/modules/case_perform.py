#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: case_perform
short_description: Perform an action in a Trustpair case
version_added: 1.0.0
description:
  - Comments on a Trustpair case, requests an override of its evaluation, decides on such a request, or closes the
    case. A comment can have documents.
  - The case is read first. An action that was already done is not sent again. An action that can no longer be
    done fails with the state that was found. For example, a cancelled override request can no longer be accepted.
  - Each action leaves a permanent record in the case, so none is sent twice. Whatever O(retries) says of POST, an
    action is repeated only after a rate limit (429), or if nothing was sent. If the response to an action is lost, the
    case is read. Unless it shows that the action was carried out, the task fails and says that the outcome is unknown.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.trustpair
  - casework.cases.connection
  - casework.cases.attributes
  - casework.cases.attributes.trustpair
attributes:
  idempotent:
    support: partial
    description: Does nothing again that the case shows to be done.
    details:
      - Without O(unique=true), a comment is added each time.
      - What the case does not show, or shows in words that this module does not know, is done again.
      - With O(precheck=false), every action is sent each time.
options:
  case_id:
    description:
      - The UUID of the case.
    type: str
    required: true
    aliases:
      - uuid
  action_type:
    description:
      - The action.
      - V(comment) adds O(comment), with O(documents) if there are any. For contributors and reviewers.
      - V(override) requests that the evaluation become O(override_state). Nothing is sent if the same request is
        pending, or was the last one and was accepted. Another pending request is an error.
      - V(accept) and V(refuse) decide on the override request. For reviewers, except whoever requested the override.
      - V(cancel) takes the override request back. For whoever requested it.
      - V(close) closes the case.
    type: str
    choices:
      - comment
      - override
      - accept
      - refuse
      - cancel
      - close
    required: true
  comment:
    description:
      - A text, which must not be empty. Required with O(action_type=comment), optional with every other action.
      - If the action is not needed, the comment that would go with it is not sent either.
    type: str
  documents:
    description:
      - Files that are attached to the comment. Only with O(action_type=comment).
      - They are read and checked before anything is sent. All together may have 10 MiB, which is a limit of this
        module; the vendor names none.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - A file on the host that the task runs on.
          - Either this or O(documents[].content) is required.
        type: path
      content:
        description:
          - The document itself, a text. As with M(ansible.builtin.copy), it is kept out of logs and results.
        type: str
      filename:
        description:
          - The name of the document. Required with O(documents[].content). With O(documents[].path), it defaults to the
            name of the file.
        type: str
      content_type:
        description:
          - The media type, for example V(application/pdf). Guessed by the name if it is not given.
        type: str
  override_state:
    description:
      - What the evaluation is to become. Required with O(action_type=override), and only allowed with it.
    type: str
    choices:
      - favorable
      - unfavorable
  reviewer_ids:
    description:
      - The UUIDs of the users who are to review the override request, at least one. Required with
        O(action_type=override), and only allowed with it.
      - Whoever requests an override cannot review it.
    type: list
    elements: str
  user_id:
    description:
      - The UUID of the user who performs the action. If it is not given, the server decides who that is.
    type: str
  include:
    description:
      - What the server is to add to its answer, see RV(included).
    type: list
    elements: str
    choices:
      - user
      - comment
      - comment.documents
      - override
      - override.assigned_reviewers
  language:
    description:
      - The language of the server's messages. If it is not given, the server's default.
    type: str
    choices:
      - en
      - fr
  attributes:
    description:
      - Put into the C(data.attributes) of the request last, key by key at every depth. A null removes a key.
      - To send what this module does not know, and to correct a name that it only infers. See the notes.
    type: dict
  relationships:
    description:
      - The same for C(data.relationships).
    type: dict
  resource_type:
    description:
      - The C(data.type) of the request. To correct it, should the vendor call it otherwise.
    type: str
    default: case_action
  unique:
    description:
      - Whether a comment is left out if the case already shows one with the same text, whoever wrote it. White space
        at the ends makes no difference.
      - If the case does not show its comments, a warning says so, and the comment is sent.
      - Only with O(action_type=comment). Requires O(precheck=true).
    type: bool
    default: false
  precheck:
    description:
      - Whether the case is read first. A token that may not read it (403) gives a warning, and the action is sent.
      - With V(false) the server decides whether the action is needed and possible, check mode always predicts that it
        is, and a lost answer to a comment always leaves its outcome unknown.
    type: bool
    default: true
notes:
  - "The vendor documents this endpoint, its choices for O(include) and O(language), and the actions V(comment),
    V(accept), V(refuse) and V(cancel), but neither the names in the request's body nor any answer. Inferred are: the
    actions' names V(override) and V(close); the type C(case_action); the attributes C(action_type), C(comment),
    C(state) for O(override_state), and C(documents), each with C(filename), C(content_type) and C(content) in base64;
    the relationships C(user) for O(user_id) and C(assigned_reviewers) for O(reviewer_ids), of resources of the type
    C(user); the parameter C(include); the header C(Accept-Language); that a case is read at C(/api/v1/cases/{id}),
    with C(override), C(override.assigned_reviewers) and C(comments) included; and the names of statuses, except
    C(pending)."
  - "Unknown are whether a closed case can still be commented on, whether a case can be closed while an override request
    is pending, and whether accepting a request closes the case. This module leaves these to the server."
  - "A name in the body can be corrected without a new release of this collection, for example with
    C(attributes: {state: null, target: favorable}); the guide has the table."
  - Documents are sent within the request. The vendor's page does not say how, nor does it name a way to upload them.
  - The vendor allows 100 requests in 10 seconds.
seealso:
  - ref: ansible_collections.casework.cases.docsite.guide_trustpair
    description: One play requests an override, another one accepts it; and every name that is only inferred.
  - name: Trustpair API, perform an action within case context
    description: The vendor's reference of the API behind this module.
    link: https://docs.trustpair.com/reference/post_api-v1-cases-id-actions
"""

EXAMPLES = r"""
- name: Say what was found out, once
  casework.cases.case_perform:
    case_id: 00000001-0000-4000-8000-000000000001
    action_type: comment
    comment: Called the vendor on the number on file; the new bank account is theirs.
    unique: true

- name: Add a comment with a document
  casework.cases.case_perform:
    case_id: 00000001-0000-4000-8000-000000000001
    action_type: comment
    comment: The minutes of the call are attached.
    documents:
      - content: "{{ minutes }}"
        filename: minutes.txt
    include:
      - comment.documents
  vars:
    minutes: |
      10:05 The vendor's accountant confirmed the last four digits.

- name: Request an override as a contributor
  casework.cases.case_perform:
    case_id: 00000001-0000-4000-8000-000000000001
    action_type: override
    override_state: favorable
    comment: The bank's letter is here.
    user_id: 00000000-0000-4000-8000-000000000001
    reviewer_ids:
      - 00000000-0000-4000-8000-000000000002

- name: Accept an override as a reviewer
  casework.cases.case_perform:
    case_id: 00000001-0000-4000-8000-000000000002
    action_type: accept
    user_id: 00000000-0000-4000-8000-000000000002

- name: Close a case, with messages in French
  casework.cases.case_perform:
    case_id: 00000001-0000-4000-8000-000000000003
    action_type: close
    language: fr
"""

RETURN = r"""
data:
  description:
    - The action as the server sent it. Empty if nothing was sent, and if the server's answer was empty or lost.
  returned: success
  type: raw
  sample:
    id: 7c0e0f0e-0d3b-4f0e-9a4b-6f1d2b9c1a11
    type: case_action
    attributes:
      action_type: close
      created_at: "2026-05-12T09:30:00Z"
included:
  description:
    - What was asked for with O(include), as the server sent it.
  returned: success
  type: list
  elements: dict
  sample: []
case:
  description:
    - The case as it was read, after the action if it was carried out, else before. Empty if it was not read.
  returned: success
  type: dict
  sample:
    id: 00000001-0000-4000-8000-000000000001
    type: case
    attributes:
      status: closed
diff:
  description:
    - The state of the case before and after, as far as the case shows it, with the comment and the names of the
      documents that are new.
  returned: success
  type: dict
  sample:
    before_header: case 00000001-0000-4000-8000-000000000001
    after_header: case 00000001-0000-4000-8000-000000000001
    before: {status: open}
    after: {status: closed}
api_requests:
  description: How many HTTP requests the task sent, retries included.
  returned: always
  type: int
  sample: 3
status:
  description: The status of the server's response.
  returned: when a response of the server made the task fail
  type: int
  sample: 422
method:
  description: The method of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: POST
path:
  description: The path of the request that failed.
  returned: when a response of the server made the task fail
  type: str
  sample: /api/v1/cases/00000001-0000-4000-8000-000000000001/actions
details:
  description: The body of the server's response, without secrets.
  returned: when a response of the server made the task fail
  type: raw
  sample: {errors: [{detail: The case is closed.}]}
"""

from typing import Any

from ..module_utils._ansible.argspec import connection_options
from ..module_utils._ansible.module import run_module
from ..module_utils._core.execution import ModuleContext, ModuleSpec
from ..module_utils._trustpair.apply import ActionRunner
from ..module_utils._trustpair.client import TRUSTPAIR, Trustpair
from ..module_utils._trustpair.documents import read_documents
from ..module_utils._trustpair.fields import ACTIONS, INCLUDES, LANGUAGES, OVERRIDE_STATES, REQUEST_NAMES
from ..module_utils._trustpair.plan import parse_action

ARGUMENT_SPEC: dict[str, Any] = {
    **connection_options(TRUSTPAIR),
    "case_id": {"type": "str", "required": True, "aliases": ["uuid"]},
    "action_type": {"type": "str", "required": True, "choices": list(ACTIONS)},
    "comment": {"type": "str"},
    "documents": {
        "type": "list",
        "elements": "dict",
        "options": {
            "path": {"type": "path"},
            "content": {"type": "str", "no_log": True},
            "filename": {"type": "str"},
            "content_type": {"type": "str"},
        },
        "mutually_exclusive": [("path", "content")],
        "required_one_of": [("path", "content")],
    },
    "override_state": {"type": "str", "choices": list(OVERRIDE_STATES)},
    "reviewer_ids": {"type": "list", "elements": "str"},
    "user_id": {"type": "str"},
    "include": {"type": "list", "elements": "str", "choices": list(INCLUDES)},
    "language": {"type": "str", "choices": list(LANGUAGES)},
    "attributes": {"type": "dict"},
    "relationships": {"type": "dict"},
    "resource_type": {"type": "str", "default": REQUEST_NAMES["type"].text},
    "unique": {"type": "bool", "default": False},
    "precheck": {"type": "bool", "default": True},
}


def run(context: ModuleContext[Trustpair]) -> dict[str, Any]:
    documents = read_documents(context.params["documents"] or ())
    runner = ActionRunner(context, parse_action(context.params, documents))
    runner.perform(context.params["precheck"])
    return runner.result()


MODULE = ModuleSpec(TRUSTPAIR, ARGUMENT_SPEC, run)


def main() -> None:
    run_module(MODULE)


if __name__ == "__main__":
    main()
