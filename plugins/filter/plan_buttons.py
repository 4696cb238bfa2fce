# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_buttons
short_description: Work out which buttons each Tines case should have, by rules
version_added: 1.0.0
author:
  - The casework.cases authors (@casework)
description:
  - Gives every case the standard buttons, and further ones if a rule matches the case. The result is what the option
    O(casework.cases.case_actions#module:cases) takes.
  - The role P(casework.cases.case_buttons#role) uses this filter. It sends no request.
positional: actions, rules
options:
  _input:
    description:
      - The cases, as M(casework.cases.cases_info) returns them. The rules look at their C(name), C(priority), C(tags)
        and C(team).
      - An entry can also be the ID of a case. No condition of a rule holds for it, and it stays in the result even if
        it gets no button.
    type: list
    elements: raw
    required: true
  actions:
    description:
      - The standard buttons, as O(casework.cases.case_actions#module:actions) takes them.
    type: list
    elements: dict
    default: []
  rules:
    description:
      - Further buttons for some cases. Every rule that matches a case adds its buttons.
      - A button with the label of a standard button, or of a button of an earlier rule, replaces that button.
    type: list
    elements: dict
    default: []
    suboptions:
      when:
        description:
          - Which cases the rule matches. All conditions must hold. A condition that is left out or empty always holds.
        type: dict
        suboptions:
          tags:
            description: The case has at least one of these tags.
            type: list
            elements: str
          priority:
            description:
              - The case has this priority, or one of these. Possible are V(critical), V(high), V(medium), V(low) and
                V(info).
            type: list
            elements: str
          name_regex:
            description: This Python regular expression matches somewhere in the name of the case.
            type: str
          team_id:
            description: The case belongs to this team, or to one of these.
            type: list
            elements: int
      actions:
        description: The buttons that the rule adds.
        type: list
        elements: dict
        required: true
  keep_empty:
    description:
      - Whether a case that gets no button stays in the result. Use it with
        O(casework.cases.case_actions#module:exclusive), which then removes every button of such a case.
    type: bool
    default: false
  explain:
    description:
      - Return one line for each rule instead, which names the rule, its buttons and the cases that it matches. A line
        names ten cases at most.
    type: bool
    default: false
seealso:
  - module: casework.cases.case_actions
  - module: casework.cases.cases_info
"""

EXAMPLES = r"""
- name: Find the open cases
  casework.cases.cases_info:
    status: open
  register: open

- name: Give every case its standard buttons, and phishing cases one more
  casework.cases.case_actions:
    cases: "{{ open.cases | casework.cases.plan_buttons(standard_buttons, rules) }}"
  vars:
    standard_buttons:
      - label: Runbook
        url: https://wiki.example.com/runbook
        action_type: page
    rules: &rules
      - when:
          tags: [phishing]
        actions:
          - label: Block sender
            url: https://acme.tines.com/webhook/block-sender/5f4e3d2c1b0a
            action_type: webhook

- name: Show which rule matches which cases
  ansible.builtin.debug:
    msg: "{{ open.cases | casework.cases.plan_buttons([], rules, explain=true) }}"
  vars:
    rules: *rules
"""

RETURN = r"""
_value:
  description:
    - For each case its ID, its name if it is known, and its buttons. A button of a rule has the conditions of the rule
      in C(rule). Cases that get no button are left out, unless O(keep_empty=true).
    - With O(explain=true), a list of text.
  type: list
  elements: raw
  sample:
    - case_id: 7
      name: Suspicious login
      actions:
        - {action_type: page, label: Runbook, url: https://wiki.example.com/runbook}
        - action_type: webhook
          label: Block sender
          rule: "tags: phishing"
          url: https://acme.tines.com/webhook/block-sender/5f4e3d2c1b0a
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.errors import OptionError
from ..plugin_utils.button_rules import explain_rules, parse_buttons, parse_rules
from ..plugin_utils.button_rules import plan_buttons as plan
from ..plugin_utils.options import parse_value


def plan_buttons(
    cases: Any, actions: Any = (), rules: Any = (), keep_empty: Any = False, explain: Any = False
) -> list[Any]:
    """The filter. Raises `AnsibleFilterError` that names the argument, the entry and the value."""
    try:
        if not isinstance(cases, (list, tuple)):
            raise OptionError(f"cases must be a list, not {cases!r}.")
        known_rules = parse_rules(rules)
        if parse_value(explain, {"type": "bool"}, "explain"):
            return explain_rules(cases, known_rules)
        standard = parse_buttons(actions, "actions")
        return plan(cases, standard, known_rules, keep_empty=parse_value(keep_empty, {"type": "bool"}, "keep_empty"))
    except OptionError as error:
        raise AnsibleFilterError(error.msg) from None


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plan_buttons": plan_buttons}
