# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What no output may show: secrets of webhook URLs and the API key. Pure.

Every pattern here runs over text of a server, so none may take more than linear time: repetitions of what can also
follow are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

MASK = "********"

MAX_MESSAGE = 4000
"""Characters of a message at most, whatever a server sends."""

MAX_DEPTH = 20
"""Levels of nested data that are looked at. No person writes more, and a server that sends more gets no more stack."""

# A Tines webhook URL is <anything>/webhook/<path>/<secret>: who has the secret can start the story. The slash may be
# escaped, as it is in JSON, in another URL or in HTML. What is masked already is left alone.
_SLASH = r"(?:\\{0,16}/|\\{1,16}u002f|%(?:25){0,8}2f|&#(?:x2f|47);)"
_SECRET = re.compile(rf"({_SLASH}webhook{_SLASH}[^\s\"<>?#]+?{_SLASH})(?!{re.escape(MASK)})[^\s\"<>]+", re.IGNORECASE)


def redact(value: Any, depth: int = MAX_DEPTH) -> Any:
    """`value` with the secret of every webhook URL in it masked, keys of dictionaries included."""
    if isinstance(value, str):
        return _SECRET.sub(rf"\g<1>{MASK}", value)
    if not isinstance(value, (dict, list, tuple)):
        return value
    if not depth:
        return "..."
    if isinstance(value, dict):
        return {redact(key): redact(item, depth - 1) for key, item in value.items()}
    return [redact(item, depth - 1) for item in value]


_HTML_NAMES = {"&": "|amp", "<": "|lt", ">": "|gt", '"': "|quot", "'": "|apos"}


def _any_form(char: str) -> str:
    """A pattern for a character of a key: plain, and as servers write it in JSON, in a URL and in HTML."""
    if char.isalnum():
        return char
    code, plain = f"{ord(char):02x}", re.escape(char)
    forms = [
        r"\\{1,4}" if char == "\\" else rf"\\{{0,3}}{plain}",
        rf"\\{{1,4}}u00{code}",
        rf"%(?:25){{0,4}}{code}",
        rf"&(?:#x0{{0,4}}{code}|#0{{0,4}}{ord(char)}{_HTML_NAMES.get(char, '')});",
    ]
    return f"(?:{'|'.join(forms)})"


def redactor(key: str) -> Callable[[Any], Any]:
    """A function that masks an API key in every form of `_any_form`, and what `redact` masks.

    A server may echo the headers of a request in the body of an error.
    """
    pattern = re.compile("".join(map(_any_form, key)), re.IGNORECASE)

    def clean(value: Any, depth: int = MAX_DEPTH) -> Any:
        if isinstance(value, str):
            return redact(pattern.sub(MASK, value))
        if not isinstance(value, (dict, list)):
            return value
        if not depth:
            return "..."
        if isinstance(value, list):
            return [clean(item, depth - 1) for item in value]
        return {clean(name): clean(item, depth - 1) for name, item in value.items()}

    return clean


def shorten(text: str, length: int = MAX_MESSAGE) -> str:
    """`text`, cut if it is longer than that many characters."""
    return text if len(text) <= length else f"{text[:length]}..."
