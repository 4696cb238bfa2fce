# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The state file of an event source on disk."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from .._core.errors import OptionError


def read_state(path: str) -> Any:
    """The content of the file, None if there is none yet. Raises `OptionError`."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise OptionError(
            f"state_file {path} cannot be read ({error}). Remove it to begin anew, with since or lookback if need be."
        ) from error


def write_state(path: str, content: Any) -> None:
    """Replace the file, readable for its owner alone; at no moment is it half written. Raises `OptionError`."""
    unfinished = None
    try:
        number, unfinished = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path) or ".")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(content, file, separators=(",", ":"))
        os.replace(unfinished, path)
    except OSError as error:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
        raise OptionError(f"state_file {path} cannot be written: {error.strerror}.") from error
