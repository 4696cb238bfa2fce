# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module of this name in Ansible's own process; see plugin_utils/action.py."""

from __future__ import annotations

from ..modules.case_file_fetch import MODULE
from ..plugin_utils.action import InProcessAction


class ActionModule(InProcessAction):
    MODULE = MODULE
