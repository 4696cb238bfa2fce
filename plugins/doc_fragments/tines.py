# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """Where a Tines tenant is, and the key to it."""

    DOCUMENTATION = r"""
options:
  tenant:
    description:
      - The tenant, as a URL such as V(https://acme.tines.com), with any port or path prefix, or as a bare host
        name, which means C(https://).
      - C(http://) is accepted for loopback hosts only.
      - Required, unless the environment variable E(TINES_TENANT) is set.
    type: str
  api_key:
    description:
      - An API key of the tenant. The key of a team whose role may write cases is enough.
      - Required, unless the environment variable E(TINES_API_KEY) is set.
    type: str
"""
