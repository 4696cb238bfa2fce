# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What a response means: the decoded JSON, or the error that it is, in the server's own words. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .download import Download
from .errors import NoResponseError, RequestError, ResponseError
from .redaction import MAX_DEPTH
from .retry import Repeat, is_outcome_unknown, parse_retry_after

MAX_RAW_TEXT = 500
"""Characters of an error body, and of a server's message, that are quoted."""

MAX_ERROR_BODY = 20_000
"""Bytes of an error body, or of one that is no JSON, that are looked at."""

MAX_DIGITS = 300
"""Digits of an integer: what is longer takes more than linear time to read, and newer Pythons refuse it anyway."""


REFUSALS = (400, 403, 409, 422)
"""The statuses by which a server may refuse to do something; which one, the vendors do not document."""


@dataclass(frozen=True)
class HttpRequest:
    """A request as the caller describes it. See `Http.send`."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, str] | None = None
    repeat: Repeat = Repeat.SAFE
    download: Download | None = None


@dataclass(frozen=True)
class HttpResponse:
    """A response, complete or cut off."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes
    truncated: bool = False


@dataclass(frozen=True)
class Wording:
    """How an error names the request. host: as in the URL. path: whole. clean: masks secrets. hints: by status."""

    host: str
    path: str
    clean: Callable[[Any], Any]
    hints: Mapping[int, str]


def parse_response(request: HttpRequest, response: HttpResponse, wording: Wording) -> Any:
    """The decoded JSON of a response, None for an empty body or a download. Raises `RequestError`."""
    status, text = response.status, None
    if request.download and is_success(status):
        _check_download(request, response, wording)
        return None
    try:
        if status >= 400 and len(response.content) > MAX_ERROR_BODY:
            raise ValueError("too long to be worth a look into it")
        answer = json.loads(response.content, parse_int=_parse_int) if response.content.strip() else None
    except (ValueError, RecursionError):
        answer, text = None, response.content[:MAX_ERROR_BODY].decode("utf-8", "replace")
    is_html = text is not None and (
        "html" in response.headers.get("Content-Type", "").lower() or text.lstrip()[:1] == "<"
    )
    if 300 <= status < 400:
        location = response.headers.get("Location") or "nowhere"
        raise _error(
            request,
            wording,
            f"was redirected ({status}) to {location}, which is not followed: use the address that answers.",
            status,
        )
    if status >= 400:
        raise _refusal(request, response, wording, answer if text is None else text, is_html)
    if is_html:
        raise _error(
            request,
            wording,
            f"was answered ({status}) with an HTML page instead of JSON: something other than the API answers there, "
            "such as a login page or a proxy.",
            status,
        )
    if response.truncated or (text is not None and text.lstrip()[:1] in ("{", "[")):
        raise NoResponseError(
            _message(request, wording, "was answered with JSON that is incomplete or invalid."),
            method=request.method,
            path=wording.path,
            status=status,
            outcome_unknown=request.repeat is not Repeat.SAFE,
        )
    if text is not None:
        raise _error(request, wording, f"was answered ({status}) with something that is not JSON.", status)
    return answer


def is_success(status: int) -> bool:
    return 200 <= status < 300


def _check_download(request: HttpRequest, response: HttpResponse, wording: Wording) -> None:
    """Raise `RequestError` if a download is not the whole file. A page of HTML that is one comes with a file name."""
    if response.truncated:
        raise NoResponseError(
            _message(request, wording, "was answered with a part of the file only."),
            method=request.method,
            path=wording.path,
            status=response.status,
        )
    is_html = "html" in response.headers.get("Content-Type", "").lower()
    if is_html and "Content-Disposition" not in response.headers:
        raise _error(
            request,
            wording,
            f"was answered ({response.status}) with an HTML page instead of the file: something other than the API "
            "answers there, such as a login page or a proxy.",
            response.status,
        )


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer has {len(digits)} digits")
    return int(digits)


def _refusal(request: HttpRequest, response: HttpResponse, wording: Wording, body: Any, is_html: bool) -> RequestError:
    """The error for a status of 400 or more, in the server's own words if it has any."""
    status, retry_after = response.status, parse_retry_after(response.headers.get("Retry-After"))
    details = wording.clean(body)  # before a cut leaves half a secret
    said = "an HTML page" if is_html else server_message(details)
    cause = ": ".join(filter(None, [f"failed: {status} {response.reason}".rstrip(), said]))
    hint = wording.hints.get(status)
    return ResponseError(
        _message(request, wording, f"{cause.rstrip('.')}.{f' {hint}' if hint else ''}"),
        method=request.method,
        path=wording.path,
        status=status,
        details=details[:MAX_RAW_TEXT] if isinstance(details, str) else details,
        retry_after=retry_after,
        timed_out=status == 504,
        outcome_unknown=is_outcome_unknown(request.repeat, status, retry_after),
    )


def _error(request: HttpRequest, wording: Wording, cause: str, status: int) -> ResponseError:
    return ResponseError(
        _message(request, wording, cause), method=request.method, path=wording.path, status=status, permanent=True
    )


def _message(request: HttpRequest, wording: Wording, cause: str) -> str:
    return str(wording.clean(f"{request.method} {wording.path} on {wording.host} {cause}"))


def server_message(body: Any, depth: int = MAX_DEPTH) -> str:
    """The server's own words in a decoded error body, of whatever shape; empty if there are none.

    Understood are JSON:API `errors`, lists of objects or strings, dictionaries of field to messages, `error`,
    `message` and `detail` as string or object, and plain text. No shape makes this function fail.
    """
    said = _words(body, depth)
    return said if len(said) <= MAX_RAW_TEXT else f"{said[:MAX_RAW_TEXT]}..."


def _words(body: Any, depth: int) -> str:
    if isinstance(body, str):
        return " ".join(body.split())
    if body is None or isinstance(body, bool) or not depth:
        return ""
    if isinstance(body, (list, tuple)):
        return "; ".join(dict.fromkeys(filter(None, (_words(part, depth - 1) for part in body))))
    if not isinstance(body, dict):
        return str(body)
    keys = ("title", "errors", "error", "message", "detail", "details")
    said = ": ".join(dict.fromkeys(filter(None, (_words(body.get(key), depth - 1) for key in keys))))
    if said:
        source = body.get("source")
        field = body.get("field") or (source.get("pointer") if isinstance(source, dict) else None)
        return f"{said} ({field})" if field else said
    # What is left is a dictionary of field to messages, as Rails returns it.
    fields = ((key, _words(value, depth - 1)) for key, value in body.items() if key not in keys)
    return "; ".join(f"{key}: {text}" for key, text in fields if text)
