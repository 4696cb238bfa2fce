# Copyright (c) 2026 The casework.cases authors
# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter for ansible-rulebook that makes one event of whatever Tines posts."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTATION = r"""
short_description: Turn what Tines posts about a case into an event
version_added: 1.0.0
description:
  - Turns a payload that Tines posts, a case notification or a click on a button, into the event that the source
    C(casework.cases.case_events) produces.
  - It works behind any source. The payload can be the event itself, or be under C(payload) or C(body). The sources
    C(eda.builtin.webhook) and C(ansible.eda.webhook) and the Event Streams of Ansible Automation Platform put it under
    C(payload).
  - In every string and key of the event, C({{), C({%) and C({#) are broken up by a space. ansible-rulebook passes
    events to playbooks as variables that Ansible trusts, so the name of a case could otherwise run commands.
  - Headers, paths, and the URLs of buttons are left out. Of C(meta), only C(source) and C(received_at) are kept.
author:
  - The casework.cases authors (@casework)
options:
  strict:
    description:
      - Whether an event that is no such payload is dropped. By default it passes unchanged, text that could run as a
        template included.
      - ansible-rulebook 1.1 cannot drop an event. There, an empty one that no rule matches stands for it.
    type: bool
    default: false
requirements:
  - ansible-rulebook >= 1.1
notes:
  - The filter has no secret and sends no request. The source in front of it must make sure that the payload comes from
    Tines.
  - The vendor documents version 2.0 of the case notification. Version 1.0 is read if it uses the same words.
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
- name: React to cases behind a webhook of another source
  hosts: localhost
  sources:
    - eda.builtin.webhook:
        port: 5000
        token: "{{ webhook_token }}"
      filters:
        - casework.cases.case_event:
            strict: true
  rules:
    - name: Isolate the host
      condition: event.tines.event == "button" and event.tines.button.label == "Isolate host"
      action:
        run_playbook:
          name: acme.response.isolate
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


def _can_drop() -> bool:
    # Before 1.2, ansible-rulebook takes a filter's result for an event, and ends if it is a list.
    try:
        first, second = importlib.metadata.version("ansible-rulebook").split(".")[:2]
    except importlib.metadata.PackageNotFoundError:
        return True
    return (int(first), int(second)) >= (1, 2)


_events = _load("_tines.events")
_CAN_DROP = _can_drop()


def main(event: dict[str, Any], *, strict: bool = False) -> dict[str, Any] | list[Any]:
    """Turn a payload of Tines into an event.

    Parameters
    ----------
    event : dict
        What the source made.
    strict : bool
        Whether to drop what is no payload of Tines.

    Returns
    -------
    dict | list
        The event; an empty list drops it.

    """
    result: dict[str, Any] | list[Any] = _events.filtered(event, strict=strict)
    return {} if result == [] and not _CAN_DROP else result
