# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on demand: which requests they hit, and what they make of the response."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable

from . import checks
from .messages import ApiError, Request, Response

HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"

# What a kind needs besides match, times and after.
KINDS: dict[str, list[str]] = {
    "status": ["status"],
    "rate_limit": [],
    "echo_key": [],
    "html": [],
    "redirect": ["location"],
    "delay": ["seconds"],
    "drop_before": [],
    "drop_after": [],
    "cut_body": [],
    "truncated_json": [],
    "empty_body": [],
    "wrong_shape": [],
    "ignore_field": ["fields"],
    "endless_paging": [],
    "stuck_paging": [],
    "duplicate": [],
    "deliver_twice": [],
    "deliver_late": ["seconds"],
    "deliver_out_of_order": [],
    "deliver_lost": [],
}

# Kinds that hit what the server posts by itself, not what it is asked.
DELIVERING = ("deliver_twice", "deliver_late", "deliver_out_of_order", "deliver_lost")

# Kinds that put a response of their own in the place of the real one.
REPLACING = ("status", "rate_limit", "echo_key", "html", "redirect")


@dataclass
class Fault:
    """One armed fault. ``times`` counts down to 0; -1 stays for ever."""

    kind: str
    method: str = ""
    path: str = ""
    times: int = 1
    after: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    body: str | None = None
    location: str = ""
    seconds: float = 0
    retry_after: str | None = None
    fields: list[str] = field(default_factory=list)

    def hits(self, request: Request) -> bool:
        """Whether the fault is meant for this request and still armed."""
        if self.kind in DELIVERING or self.times == 0 or (self.method and self.method != request.method):
            return False
        return re.search(self.path, request.path) is not None

    def hits_delivery(self, url: str) -> bool:
        """Whether the fault is meant for what is posted to this URL and still armed."""
        return self.kind in DELIVERING and self.times != 0 and re.search(self.path, url) is not None

    def take(self) -> str:
        """Uses the fault once; gives its kind."""
        self.times -= 1 if self.times > 0 else 0
        return self.kind

    def replacement(self, request: Request) -> Response:
        """The response of one of the REPLACING kinds."""
        headers = dict(self.headers)
        if self.kind == "html":
            return Response(self.status or 200, raw=HTML, headers=headers, content_type="text/html; charset=utf-8")
        if self.kind == "redirect":
            headers["Location"] = self.location
            return Response(self.status or 302, headers=headers, raw=b"")
        if self.kind == "echo_key":
            sent = request.headers.get("Authorization") or request.headers.get("X-User-Token") or ""
            message = f"The credentials {sent} were refused"
            return Response(self.status or 401, {"error": {"type": "unauthorized", "message": message}}, headers)
        if self.retry_after is not None:
            headers["Retry-After"] = self.retry_after
        if self.body is not None:
            return Response(
                self.status or 429, headers=headers, raw=self.body.encode("utf-8"), content_type="text/plain"
            )
        default = {"error": {"type": "fault", "message": f"Answered with {self.status or 429} on demand"}}
        return Response(self.status or 429, default if self.json is None else self.json, headers)

    def corrupt(self, response: Response, request: Request) -> Response:
        """The response to work that was done, as this fault leaves it."""
        if self.kind == "truncated_json":
            whole = response.payload()
            return Response(response.status, headers=response.headers, raw=whole[: max(1, len(whole) // 2)])
        if self.kind == "empty_body":
            return Response(response.status, headers=response.headers, raw=b"")
        if self.kind == "wrong_shape":
            return Response(response.status, "unexpected" if self.json is None else self.json, response.headers)
        if self.kind in ("endless_paging", "stuck_paging") and isinstance(response.body, dict):
            asked = _page(request)
            following = asked + 1 if self.kind == "endless_paging" else asked
            meta = dict(response.body.get("meta") or {}, next_page_number=following)
            meta["next_page"] = f"{request.origin}{request.path}?page={following}"
            return Response(response.status, dict(response.body, meta=meta), response.headers)
        return response

    def run(self, work: Callable[[Request], Response], request: Request) -> Response:
        """Does the work in the way that this fault prescribes."""
        if self.kind == "ignore_field":
            request.forget(self.fields)
        if self.kind == "duplicate":
            work(request)
        if self.kind == "endless_paging":
            asked = _page(request)
            request.params["page"] = "1"
            response = work(request)
            request.params["page"] = str(asked)
            return response
        return work(request)

    def shown(self) -> dict[str, Any]:
        """The fault as the control API reports it."""
        return {"kind": self.kind, "match": {"method": self.method, "path": self.path}, "times": self.times}


# What a request meets when no fault is armed for it.
NONE = Fault(kind="")


def _page(request: Request) -> int:
    written = str(request.params.get("page", "1"))
    return int(written) if written.isdecimal() else 1


def _pattern(name: str, value: Any) -> str:
    try:
        re.compile(checks.text(name, value))
    except re.error as error:
        raise ApiError(422, f"{name} is not a regular expression: {error}", name) from None
    return str(value)


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(422, f"{name} must be an integer", name)
    return value


def _plain(name: str, value: Any) -> str:
    if not isinstance(value, (str, int, float)):
        raise ApiError(422, f"{name} must be a string or a number", name)
    return str(value)


def _headers(name: str, value: Any) -> dict[str, str]:
    return {key: str(item) for key, item in checks.flat_mapping(name, value).items()}


_CHECKS = {
    "kind": checks.one_of(*KINDS),
    "match": checks.objects({"method": checks.text, "path": _pattern}, ()),
    "times": _whole,
    "after": checks.flag,
    "status": checks.number,
    "headers": _headers,
    "json": checks.anything,
    "body": checks.text,
    "location": checks.full_text,
    "seconds": checks.duration,
    "retry_after": _plain,
    "fields": checks.one_or_more(checks.full_text),
}


def read(body: Any) -> Fault:
    """A fault as the control API takes it.

    Raises:
        ApiError: 422 for what cannot be armed.
    """
    given = checks.fields(body, _CHECKS, ["kind"])
    match = given.pop("match", {})
    for name in KINDS[given["kind"]]:
        if name not in given:
            raise ApiError(422, "a fault of the kind {} needs {}".format(given["kind"], name), name)
    return Fault(method=match.get("method", "").upper(), path=match.get("path", ""), **given)
