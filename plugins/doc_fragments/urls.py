# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """The option of modules that return buttons or webhooks."""

    DOCUMENTATION = r"""
options:
  reveal_urls:
    description:
      - Whether the result holds URLs, query parameters and metadata with their secrets.
      - Without it, C(********) stands for the secret of a webhook, for everything after the host of a webhook
        elsewhere, for user name and password and the values of the query of any URL, and for values in
        C(query_params) and C(metadata) under names such as C(token), C(secret), C(key) or C(password).
      - Diffs, warnings and error messages hide secrets in any case.
      - A URL that contains C(********) is refused as a value of an option.
    type: bool
    default: false
"""
