# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The connection options of a vendor's modules, as an argument spec."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback

from .._core.connection import Vendor


def connection_options(vendor: Vendor[Any]) -> dict[str, Any]:
    """The connection options of a vendor's modules."""
    return {
        vendor.url_option: {"type": "str", "fallback": (env_fallback, [vendor.url_env])},
        "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, [vendor.key_env])},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30.0},
        "retries": {"type": "int", "default": 5},
    }
