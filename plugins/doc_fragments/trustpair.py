# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """Where Trustpair is, and the key to it."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The address of the API, for example V(https://app-sandbox.trustpair.com). It never defaults to production.
      - C(http://) is accepted for loopback hosts only.
      - Required, unless the environment variable E(TRUSTPAIR_API_URL) is set.
    type: str
  api_key:
    description:
      - An API token of the workspace, with the permission C(cases_write).
      - Required, unless the environment variable E(TRUSTPAIR_API_KEY) is set.
    type: str
"""
