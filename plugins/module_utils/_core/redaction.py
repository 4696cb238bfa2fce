# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What no output may show: secrets in URLs, in query parameters and in metadata, and the API key. Pure.

    /webhook/<path>/********    in any text: the secret of a Tines webhook; /webhook/******** if there is no path
    https://host/********       the URL of a button of type webhook, or of a notification, that leads elsewhere
    https://********@host       in any text: user name and password
    ?name=********              in any text: the values of a URL's query
    token: ********             in `query_params` and `metadata`: the values under names of secrets

Every pattern here runs over text of a server, so none may take more than linear time: repetitions of what can also
follow are bounded. To mask twice is to mask once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

MASK = "********"

MAX_MESSAGE = 1000
"""Characters of a message at most, whatever a server sends."""

MAX_SECRET = 500
"""Characters of a secret that are looked for."""

MAX_DEPTH = 20
"""Levels of nested data that are looked at. No person writes more, and a server that sends more gets no more stack."""

# The slash may be escaped, as it is in JSON, in another URL or in HTML.
_SLASH = r"(?:\\{0,16}/|\\{1,16}u002f|%(?:25){0,8}2f|&#(?:x2f|47);)"
WEBHOOK = re.compile(rf"({_SLASH}webhook{_SLASH})([^\s\"<>]+)", re.IGNORECASE)
WEBHOOK_PATH = re.compile(rf"([^?#]+?{_SLASH})[^\s]", re.IGNORECASE)
URL = re.compile(r"(:(?:\\{0,16}/){2})([^\s\"<>]*[^\s\"<>'.,;])")
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|pwd|credential|signature|authoriz|bearer|apikey"
    r"|(?<![a-z])(?:auth|keys?|pass|sig)(?![a-z])",
    re.IGNORECASE,
)
"""The name of a query parameter or a metadata key whose value is a secret; words are told apart before."""

_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


class _Hide(Enum):
    """What is hidden of a value."""

    SECRETS_IN_TEXT = auto()
    UNDER_SECRET_NAMES = auto()
    AFTER_THE_HOST = auto()
    ALL = auto()


def redact(value: Any, before: Any = None) -> Any:
    """`value`, of any depth, with every secret masked, keys of dictionaries included.

    before: what was there. If a text differs from it only in the secret, `(changed)` follows the mask.
    """
    return _redact(value, before, _Hide.SECRETS_IN_TEXT, MAX_DEPTH)


def _redact(value: Any, before: Any, hide: _Hide, depth: int) -> Any:
    if not isinstance(value, (dict, list, tuple)):
        masked = _mask(value, hide)
        if before is None or masked == value or masked != _mask(before, hide) or same_but_for_slash(before, value):
            return masked
        return f"{masked} (changed)"
    if not depth:
        return "..."
    if isinstance(value, dict):
        known = before if isinstance(before, dict) else {}
        return {
            _mask(name, _Hide.SECRETS_IN_TEXT): _redact(item, known.get(name), _hidden(value, name, hide), depth - 1)
            for name, item in value.items()
        }
    items = before if isinstance(before, (list, tuple)) else ()
    return [_redact(item, _counterpart(place, value, items), hide, depth - 1) for place, item in enumerate(value)]


def _hidden(mapping: Mapping[Any, Any], name: Any, hide: _Hide) -> _Hide:
    """What is hidden of the value that a mapping has under a name."""
    if hide is _Hide.ALL:
        return hide
    if hide is _Hide.UNDER_SECRET_NAMES:
        return _Hide.ALL if SECRET_NAME.search(CAMEL_CASE.sub("_", str(name))) else hide
    if name in ("query_params", "metadata"):
        return _Hide.UNDER_SECRET_NAMES
    if name == "url" and _is_webhook(mapping):
        return _Hide.AFTER_THE_HOST
    return _Hide.SECRETS_IN_TEXT


def _is_webhook(mapping: Mapping[Any, Any]) -> bool:
    """Whether a `url` in it is that of a webhook: of a notification, or of a button that is not said to be a page."""
    if "notifications" in mapping:
        return True
    types = [mapping[name] for name in ("action_type", "button_type") if mapping.get(name) is not None]
    return "page" not in types if types else "label" in mapping


def _mask(value: Any, hide: _Hide) -> Any:
    if hide is _Hide.ALL:
        return value if value in (None, "") or str(value).startswith(MASK) else MASK
    if not isinstance(value, str):
        return value
    masked = _mask_secrets(value)
    return _mask_after_host(masked) if hide is _Hide.AFTER_THE_HOST and not WEBHOOK.search(value) else masked


def _mask_secrets(text: str) -> str:
    if "webhook" in text.lower():
        text = WEBHOOK.sub(_mask_webhook, text)
    return URL.sub(_mask_url, text) if "://" in text or ":\\" in text else text


def _mask_webhook(match: re.Match[str]) -> str:
    start, rest = match.groups()
    path = WEBHOOK_PATH.match(rest)
    shown = path.group(1) if path else ""
    return f"{start}{rest}" if rest[len(shown) :].startswith(MASK) else f"{start}{shown}{MASK}"


def _mask_after_host(url: str) -> str:
    scheme, colon, rest = url.partition("://")
    host, _slash, secret = rest.partition("/")
    if not colon:
        return MASK if url and not url.startswith(MASK) else url
    return f"{scheme}://{host}/{MASK}" if secret and not secret.startswith(MASK) else url


def _mask_url(match: re.Match[str]) -> str:
    """User name and password, the values of the query, and those of a fragment that looks like one."""
    start, rest = match.groups()
    rest, hash_sign, fragment = rest.partition("#")
    rest, question_mark, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    user, at_sign, host = authority.rpartition("@")
    if at_sign and user != MASK:
        authority = f"{MASK}@{host}"
    if "=" in fragment:
        fragment = _mask_query(fragment)
    return "".join((start, authority, slash, path, question_mark, _mask_query(query), hash_sign, fragment))


def _mask_query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        f"{name}={_mask(value, _Hide.ALL)}" if sign else _mask(name, _Hide.ALL) for name, sign, value in pairs
    )


def _counterpart(place: int, after: Sequence[Any], before: Sequence[Any]) -> Any:
    """What an entry after is compared with: the one with its label, or the one whose label it replaces."""
    item = after[place]
    same_label = [other for other in before if _label(item) is not None and _label(other) == _label(item)]
    if same_label:
        return next((other for other in same_label if other.get("url") == item.get("url")), same_label[0])
    there = before[place] if place < len(before) else None
    taken = _label(there) is not None and _label(there) in map(_label, after)
    return None if taken else there


def _label(item: Any) -> Any:
    return item.get("label") if isinstance(item, dict) else None


def same_but_for_slash(one: Any, other: Any) -> bool:
    """Whether two values are equal, or two URLs that differ by one trailing slash."""
    if not isinstance(one, str) or not isinstance(other, str):
        return bool(one == other)
    return one in (other, f"{other}/") or other == f"{one}/"


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


def _any_form_of(secret: str) -> str:
    """A pattern for a secret. What follows the beginning of a very long one is masked with it."""
    return "".join(map(_any_form, secret[:MAX_SECRET])) + (r"[\s\S]*" if len(secret) > MAX_SECRET else "")


def redactor(*secrets: str) -> Callable[[Any], Any]:
    """A function that masks an API key and other secrets in every form of `_any_form`, and what `redact` masks.

    A server may echo the headers or the body of a request in the body of an error.
    """
    pattern = re.compile("|".join(map(_any_form_of, sorted(secrets, key=len, reverse=True))), re.IGNORECASE)

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


def escape_controls(value: Any) -> Any:
    """`value`, of any depth, with control characters of its texts as `\\x1b`: a terminal must not obey a server."""
    if isinstance(value, str):
        return value.translate(_VISIBLE)
    if isinstance(value, dict):
        return {escape_controls(name): escape_controls(item) for name, item in value.items()}
    return [escape_controls(item) for item in value] if isinstance(value, (list, tuple)) else value


def shorten(text: str, length: int = MAX_MESSAGE) -> str:
    """`text`, cut if it is longer than that many characters."""
    return text if len(text) <= length else f"{text[:length]}..."
