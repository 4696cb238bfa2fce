# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What is asked of any endpoint of the API."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - The path below C(/api/), such as V(v2/cases/7). C(/api/) before it makes no difference.
      - Required.
    type: str
  query:
    description:
      - The parameters of the query. A list gives one parameter for each of its entries; some lists of the API need a
        name that ends in C([]). A null is left out.
    type: dict
    default: {}
  paginate:
    description:
      - Whether every page of a list is read, into C(items) of the result. V(per_page) in O(query) sets the size of
        a page; by default it is 50.
    type: bool
    default: false
  items_key:
    description:
      - The key of the response that holds the items, with O(paginate=true). It can be left out if the response holds
        only one list.
    type: str
  status_codes:
    description:
      - The statuses of a response that are no failure, such as V(404) if something may not exist. By default every
        status from 200 to 299.
      - A rate limit, and statuses that say that the server is busy, are retried first.
    type: list
    elements: int
"""
