# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What a module supports of the things that all modules may be asked for."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Predicts in check mode exactly the C(changed) and C(diff) of a real run, and sends no request but GET.
  diff_mode:
    support: full
    description: Shows what is changed, with the secrets of webhook URLs masked.
  idempotent:
    support: full
    description: Changes nothing when it is run again with the same options, unless something else changed the case.
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Reads in check mode as well.
  diff_mode:
    support: N/A
    description: Changes nothing, so there is nothing to show.
  idempotent:
    support: full
    description: Changes nothing.
"""

    TINES = r"""
options: {}
attributes:
  action_group:
    support: full
    description:
      - Use C(group/casework.cases.tines) or C(group/casework.cases.all) in C(module_defaults) to set options for
        all modules.
    membership:
      - casework.cases.tines
      - casework.cases.all
"""

    TRUSTPAIR = r"""
options: {}
attributes:
  action_group:
    support: full
    description:
      - Use C(group/casework.cases.trustpair) or C(group/casework.cases.all) in C(module_defaults) to set options for
        all modules.
    membership:
      - casework.cases.trustpair
      - casework.cases.all
"""
