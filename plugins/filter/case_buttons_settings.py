# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: case_buttons_settings
short_description: Check the variables of the role case_buttons
version_added: 1.0.0
author:
  - The casework.cases authors (@casework)
description:
  - Checks all variables of the role P(casework.cases.case_buttons#role) and returns them in one form. It sends no
    request.
  - The role uses this filter. What it returns can change in any release.
options:
  _input:
    description: The variables that are set, under their full names.
    type: dict
    required: true
  similar:
    description: Names of other variables. A name that looks like a mistyped variable of the role is a problem.
    type: list
    elements: str
    default: []
  check_mode:
    description: Whether the role runs in check mode. Only then the case ID V(0) is accepted.
    type: bool
    default: false
seealso:
  - plugin: casework.cases.plan_buttons
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check the variables of the role without running it
  ansible.builtin.debug:
    msg: "{{ settings.problems }}"
  vars:
    settings: "{{ {'case_buttons_concurrency': 100} | casework.cases.case_buttons_settings }}"
"""

RETURN = r"""
_value:
  description: What is wrong, as a list of sentences in C(problems). If it is empty, the settings are there as well.
  type: dict
  sample:
    problems:
      - case_buttons_concurrency must be from 1 to 64, not 100.
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils.role_settings import parse_settings


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"case_buttons_settings": parse_settings}
