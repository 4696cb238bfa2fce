# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """The options of modules that make sure of the same things on each of many cases."""

    DOCUMENTATION = r"""
options:
  case_ids:
    description:
      - The IDs of the cases. Duplicates are ignored. An empty list changes nothing.
      - In check mode V(0) is a case that will exist.
    type: list
    elements: int
    required: true
    aliases:
      - case_id
  concurrency:
    description:
      - How many cases are processed at the same time, from 1 to 64. It is also the maximum number of connections.
    type: int
    default: 8
"""
