# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """How a server is spoken to: the options that the modules of all vendors share."""

    DOCUMENTATION = r"""
options:
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid.
      - V(false) overrides all environment variables.
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory with the CA certificates to trust.
      - If it is not set, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) count, in this
        order, and then what the Python library C(requests) trusts.
    type: path
  timeout:
    description:
      - Connect and read timeout, in seconds. A response as a whole may take ten times as long.
    type: float
    default: 30
  retries:
    description:
      - How often a request that is safe to repeat is retried. V(0) switches retries off.
      - GET, PUT and DELETE are retried after connection errors, timeouts and the statuses 502, 503 and 504. POST is
        retried only after a 503 with C(Retry-After), and if nothing was sent. A PUT that replaces all buttons of a
        case is treated like a POST.
      - After a rate limit (429), the task waits for up to five minutes, whatever this number is, unless it is V(0).
      - The task waits as long as the server asks, up to a minute at a time.
    type: int
    default: 5
requirements:
  - requests >= 2.27
  - urllib3 >= 1.26, which requests brings
notes:
  - The server is reached through the proxy that the usual environment variables (E(HTTPS_PROXY), E(NO_PROXY)) name;
    a loopback host never is.
  - A C(.netrc) file is not read, and a redirect is an error, so that nobody else gets the key.
"""
