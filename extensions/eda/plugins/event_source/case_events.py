# Copyright (c) 2026 The casework.cases authors
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
"""Source for ansible-rulebook that tells what happens in the cases of a Tines tenant."""

from __future__ import annotations

import importlib
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

DOCUMENTATION = r"""
short_description: Events for what happens in the cases of a Tines tenant
version_added: 1.0.0
description:
  - Produces an event for everything that happens in a case, such as its creation, a comment or a change of its status,
    and for every click on one of its buttons.
  - It polls the API of the tenant, listens for what Tines posts (case notifications and clicks), or does both. With
    both, a notification only makes it read that case at once. The event then comes from the API, so a forged
    notification gains nothing. What happened while the source was down is caught up.
  - A click produces an event if the case has that button. Clicks are only posted. The API does not list them.
  - In every string and key of an event, a space breaks up C({{), C({%) and C({#). ansible-rulebook passes events to
    playbooks as variables that Ansible trusts, so the name of a case could otherwise run commands.
  - The API is read in a thread of its own, so a slow response does not delay other sources.
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.connection
options:
  tenant:
    description:
      - The tenant, as a URL such as V(https://acme.tines.com), or as a bare host name, which means C(https://).
      - If it is not set, the environment variable E(TINES_TENANT) is used. Without either, the source only listens.
    type: str
  api_key:
    description:
      - An API key of the tenant. The key of a team whose role may read cases is enough.
      - Required with O(tenant). If it is not set, the environment variable E(TINES_API_KEY) is used.
    type: str
  interval:
    description:
      - The seconds between two polls, V(5) or more.
    type: float
    default: 60
  since:
    description:
      - There are events for what happened at this moment or later, an ISO 8601 timestamp. Without a time zone it is
        UTC.
      - Defaults to the start of the source. If there is a state file, it overrides this option.
    type: str
  lookback:
    description:
      - How many seconds before O(since) to begin, unless there is a state file already.
    type: float
    default: 0
  overlap:
    description:
      - How many seconds each poll reads again, for what becomes visible late. No event comes twice because of it.
    type: float
    default: 120
  settle:
    description:
      - A case that was changed less than this number of seconds ago is read again at the next poll, because a further
        change can have the same timestamp. V(1) or more.
    type: float
    default: 2
  team_id:
    description:
      - Only cases of this team, or of one of these.
    type: list
    elements: int
  status:
    description:
      - Only cases with this status, V(open) or V(closed). With V(open), there is no event when a case is closed.
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
  filters:
    description:
      - >-
        Further filters of the API, passed on as they are, such as V({"assignees": ["unassigned"]}). Requires O(tenant).
    type: dict
  activities:
    description:
      - The types of activities that produce events, such as V(created) and V(commented), in the words of the API.
        V(case_updated) is a change without an activity. By default all. Clicks on buttons always produce events.
    type: list
    elements: str
  state_file:
    description:
      - The file that stores how far the source has come, so that a restart continues from there. Only its owner can
        read it. Requires O(tenant).
      - It leaves out what ansible-rulebook may not have processed yet, the last 16 events of the last five minutes. So
        a kill repeats these, or more if the disk is slow, and loses none. With O(feedback), it follows what was
        processed.
      - A file of another tenant or of other filters is refused.
    type: path
  include_case:
    description:
      - Whether an event has the whole case under C(case), without the URLs and the query parameters of its buttons.
    type: bool
    default: false
  feedback:
    description:
      - Whether to wait until the engine has processed an event before the next one is handed over.
      - With it, no polled event is lost even if the process is killed. Requires ansible-rulebook 1.3 or newer, started
        with C(--persistence-id).
    type: bool
    default: false
  feedback_timeout:
    description:
      - How many seconds to wait for the engine before the next event. The event counts as not processed until the
        engine says so.
    type: float
    default: 120
  listen:
    description:
      - Where to listen for what Tines posts. Exactly one of O(listen.path_secret), O(listen.token) and
        O(listen.hmac_secret) is required. Each has 16 characters or more, with letters among them.
    type: dict
    suboptions:
      host:
        description:
          - The address to listen on. An address that is not a loopback address requires O(listen.certfile) or
            O(listen.behind_proxy).
        type: str
        default: 127.0.0.1
      port:
        description:
          - The TCP port to listen on.
        type: int
        required: true
      path_secret:
        description:
          - The sender posts to C(/) followed by this. Case notifications of Tines have neither headers nor a signature,
            so only their URL can be secret.
        type: str
      token:
        description:
          - The sender sends the header C(Authorization) with C(Bearer) and this, and posts to C(/).
        type: str
      hmac_secret:
        description:
          - The sender signs the body with this, and posts to C(/).
        type: str
      hmac_header:
        description:
          - The header with the signature. The name of the algorithm before it, as in C(sha256=), is accepted.
        type: str
        default: X-Hub-Signature-256
      hmac_algorithm:
        description:
          - The algorithm of the signature, as Python's C(hashlib) names it.
        type: str
        default: sha256
      hmac_format:
        description:
          - How the signature is written.
        type: str
        choices: [hex, base64]
        default: hex
      certfile:
        description:
          - The file with the certificate of the source and its intermediate certificates. With it, the source uses TLS
            1.2 or newer.
        type: path
      keyfile:
        description:
          - The file with the key of the certificate, if it is not in O(listen.certfile).
        type: path
      password:
        description:
          - The password of the key.
        type: str
      client_ca:
        description:
          - The file with the CA certificates of senders. With it, a sender needs a certificate.
        type: path
      max_body:
        description:
          - The maximum size of a body in bytes, after decompression.
        type: int
        default: 1048576
      backlog:
        description:
          - How many payloads can wait. Further ones get the status 503.
        type: int
        default: 1000
      behind_proxy:
        description:
          - Whether a proxy in front uses TLS, so that this source need not.
        type: bool
        default: false
requirements:
  - ansible-rulebook >= 1.1
notes:
  - ansible-rulebook prints the rulebook at C(-vv), with the secrets in it. Take them from variables or the environment.
  - The source assumes that everything that happens in a case changes its C(updated_at). The vendor does not say so. For
    what does not change it, there is an event only if Tines posts it.
  - Payloads that still wait are lost if the process ends. With O(tenant), polling finds what happened, except for
    clicks.
seealso:
  - ref: ansible_collections.casework.cases.docsite.guide_react
    description: A rulebook step by step, and where it can run.
  - name: Case notification payloads
    description: The vendor's page about what is posted when something happens in a case.
    link: https://www.tines.com/docs/api/cases/case-notification-payloads/
  - name: Case action payloads
    description: The vendor's page about what is posted when somebody clicks on a button.
    link: https://www.tines.com/docs/api/cases/case-action-payloads/
"""

EXAMPLES = r"""
- name: Poll every minute, with tenant and key from the environment
  hosts: localhost
  sources:
    - casework.cases.case_events:
        team_id: 1
        state_file: /var/lib/rulebook/cases.json
  rules:
    - name: A case was created
      condition: event.tines.event == "case_created"
      action:
        run_playbook:
          name: casework.cases.seed
          extra_vars:
            case_buttons_case_ids: ["{{ event.tines.case_id }}"]

- name: Listen for clicks and notifications, and poll what was missed
  hosts: localhost
  sources:
    - casework.cases.case_events:
        tenant: "{{ tenant }}"
        api_key: "{{ api_key }}"
        listen:
          host: 0.0.0.0
          port: 5000
          path_secret: "{{ path_secret }}"
          certfile: /etc/rulebook/tls.crt
          keyfile: /etc/rulebook/tls.key
  rules:
    - name: Isolate the host
      condition: event.tines.event == "button" and event.tines.button.label == "Isolate host"
      action:
        run_playbook:
          name: acme.response.isolate

- name: Only listen, behind a proxy that uses TLS
  hosts: localhost
  sources:
    - casework.cases.case_events:
        listen:
          host: 0.0.0.0
          port: 5000
          token: "{{ token }}"
          behind_proxy: true
  rules:
    - name: A case was closed
      condition: event.tines.event == "status_updated" and event.tines.status == "closed"
      action:
        debug:
          msg: "{{ event.tines.name }}"
"""

RETURN = r"""
tines:
  description: What happened.
  type: dict
  returned: always
  contains:
    event:
      description:
        - C(case_created), the type of any other activity in lower case, C(case_updated) for a change without an
          activity, or C(button) for a click.
      type: str
      sample: status_updated
    case_id:
      description: The ID of the case.
      type: int
      sample: 42
    name:
      description: The name of the case.
      type: str
      sample: Suspicious login
    team_id:
      description: The ID of the team.
      type: int
      sample: 1
    status:
      description: The status in lower case.
      type: str
      sample: closed
    sub_status:
      description: The name of the sub-status.
      type: str
      sample: Done
    priority:
      description: The priority in lower case.
      type: str
      sample: high
    tags:
      description: The names of the tags.
      type: list
      elements: str
      sample: [phishing]
    url:
      description: The address of the case for a person.
      type: str
      sample: https://acme.tines.com/cases/42
    updated_at:
      description: When the case was changed last, in UTC.
      type: str
      sample: "2026-03-07T11:42:58Z"
    activity:
      description:
        - The activity. C(at) is in UTC, C(type) in lower case; the meaning of C(value) depends on the type.
      type: dict
      returned: for an activity
      sample: {id: 812, type: status_updated, at: "2026-03-07T11:42:58Z", value: closed,
        user: {id: 27, email: jane@example.com, name: Jane Doe}}
    button:
      description: The button that was clicked, its query parameters, and who clicked.
      type: dict
      returned: for a click
      sample: {id: 3, label: Isolate host, params: {severity: high},
        user: {id: 27, email: jane@example.com, name: Jane Doe}}
    via:
      description: C(poll) or C(webhook).
      type: str
      sample: poll
    case:
      description: The whole case, as the API or the payload has it, without the URLs of its buttons.
      type: dict
      returned: with O(include_case)
      sample: {case_id: 42, name: Suspicious login}
meta:
  description: C(uuid) is the same for the same activity, whichever way it came. That of a click is random.
  type: dict
  returned: always
  sample: {uuid: 2f1b8a52-6f0a-5a8a-9a55-0d3e4d2f6a11}
"""


def _load(name: str) -> ModuleType:
    # The engine runs this file outside of any package, and what `ansible_collections` means there
    # depends on what else is installed. So modules are found by path, under a name of our own.
    root = Path(__file__).absolute().parents[4] / "plugins" / "module_utils"
    package = f"_casework_cases_{zlib.crc32(bytes(root)):08x}"
    if package not in sys.modules:
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = [str(root)]
    return importlib.import_module(f"{package}.{name}")


_events_options = _load("_tines.events_options")
_events_source = _load("_tines.events_source")


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Hand events to the engine until cancelled.

    Parameters
    ----------
    queue : asyncio.Queue
        Takes the events.
    args : dict
        The options, and `eda_feedback_queue` if the engine gives feedback.

    """
    given = dict(args)
    feedback = given.pop("eda_feedback_queue", None)
    options = _events_options.parse_source_options(given, has_feedback_queue=feedback is not None)
    await _events_source.Source(queue, options, feedback).run()
