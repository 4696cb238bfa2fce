# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What a connection can have at most. Who only checks options need not import the HTTP library for it."""

from __future__ import annotations

MAX_TIMEOUT = 86400.0
"""Seconds, a day. Nobody waits longer, and a socket takes no more than some weeks."""

MAX_CONNECTIONS = 64
