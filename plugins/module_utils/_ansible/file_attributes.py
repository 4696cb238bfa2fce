# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The options `mode`, `owner` and `group` of a file, as Ansible's own modules take them."""

from __future__ import annotations

import grp
import pwd
import stat
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import OptionError
from .._core.saving import FileAttributes

FILE_ATTRIBUTES: dict[str, Any] = {"mode": {"type": "raw"}, "owner": {"type": "str"}, "group": {"type": "str"}}
"""The options as a part of an argument spec."""


def parse_file_attributes(params: Mapping[str, Any]) -> FileAttributes:
    """The attributes that the options ask for. Raises `OptionError`."""
    return FileAttributes(
        None if params["mode"] is None else _mode(params["mode"]),
        _number("owner", params["owner"], lambda name: pwd.getpwnam(name).pw_uid),
        _number("group", params["group"], lambda name: grp.getgrnam(name).gr_gid),
    )


def _mode(given: Any) -> Callable[[int], int]:
    """A number, octal digits, or letters that change the mode that is there."""
    try:
        if isinstance(given, int) and not isinstance(given, bool):
            return _fixed(given)
        text = str(given)
        if text.isdecimal():
            return _fixed(int(text, 8))
        _changed(0, text)
    except ValueError as error:
        raise OptionError(f"mode: {given!r} is no mode such as '0644' or 'u=rw,g=r,o='.") from error
    return lambda current: _changed(current, text)


def _fixed(mode: int) -> Callable[[int], int]:
    if not 0 <= mode <= 0o7777:
        raise ValueError(mode)
    return lambda _current: mode


def _changed(current: int, text: str) -> int:
    # All that ansible-core looks at is st_mode.
    return int(AnsibleModule._symbolic_mode_to_octal(SimpleNamespace(st_mode=stat.S_IFREG | current), text))


def _number(option: str, given: str | None, find: Callable[[str], int]) -> int | None:
    """The ID of a user or group that is given by its name or ID."""
    if given is None:
        return None
    try:
        return find(given)
    except KeyError as error:
        if given.isdecimal():
            return int(given)
        raise OptionError(f"{option}: {given!r} does not exist on the host that the task runs on.") from error
