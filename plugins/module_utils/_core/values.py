# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Single values, the same for every vendor: how they compare as text, and what is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import OptionError
from .redaction import MASK


def as_text(value: Any) -> str:
    """A single value as text: `true` for what is true, nothing for null."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def without_reserved_keys(value: Any) -> Any:
    """The value without the keys that Ansible's own JSON takes for a type, such as `__ansible_vault`.

    What a server shows could else ask for a template that is trusted, when it is read from a cache of facts; a module
    with such a key in its result fails.
    """
    if isinstance(value, dict):
        items = value.items()
        return {key: without_reserved_keys(item) for key, item in items if not str(key).startswith("__ansible_")}
    return [without_reserved_keys(item) for item in value] if isinstance(value, list) else value


def tidy_text(value: Any) -> str:
    """A text without differences that servers make: in line ends and outer white space."""
    return "\n".join(str(value or "").split("\r\n")).strip()


def same_text(one: Any, other: Any) -> bool:
    """Whether two texts differ only in line ends and outer white space, which servers tidy up."""
    return tidy_text(one) == tidy_text(other)


def size_text(size: int) -> str:
    """A number of bytes for a message: in MiB if it is a whole number of them."""
    mebibytes, rest = divmod(size, 1024 * 1024)
    return f"{size} bytes" if rest or not mebibytes else f"{mebibytes} MiB"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that is most like this one, None if none is much like it.

    cutoff: how much alike they must be, from 0 (not at all) to 1 (equal).
    """
    from difflib import get_close_matches  # not needed by a run without a wrong name

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def refuse_masked(value: str, source: str) -> None:
    """Raise `OptionError` if a value was copied from an output that hides a secret.

    source: where it stands, as the beginning of a sentence.
    """
    if MASK in value:
        raise OptionError(
            f"{source} contains {MASK}: it was copied from output that hides its secret. Use the original value, or "
            "read it with reveal_urls."
        )
