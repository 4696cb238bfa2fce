# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What can go wrong, as one small hierarchy, and how a server's own words are found in an error body.

Every foreseeable failure is a `CaseworkError`; `_run.main` turns it into the module's one `fail_json`.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.casework.cases.plugins.module_utils._plan import mask

MAX_RAW_TEXT = 500
"""Characters of an error body that is quoted when nothing better is found in it."""

MAX_DEPTH = 20
"""Levels of an error body that are looked at; a person wrote none of what lies deeper."""


class CaseworkError(Exception):
    """A failure that a person can act on.

    `msg` is one sentence or two, secrets of webhooks masked; `facts` are further keys of the failed task's result.
    `partial` is what is known of the thing that it is about, and what was done before the failure.
    """

    def __init__(self, msg: str, **facts: Any) -> None:
        self.msg = mask(msg)
        super().__init__(self.msg)
        self.facts = facts
        self.partial: Any = None

    def result(self) -> dict[str, Any]:
        """The arguments of `fail_json`."""
        return {"msg": self.msg, **self.facts}


class OptionError(CaseworkError):
    """An option's value cannot be used; nothing was sent."""


class NotDoneError(CaseworkError):
    """The server took a request and did not do what it asked for."""


class RequestError(CaseworkError):
    """One request failed for good, or once.

    phase: `connect` (nothing was sent), `lost` (it was sent, no whole answer came) or `answered`.
    status: the HTTP status, where a server answered. retry_after: seconds that the server asks to wait.
    outcome_unknown: it was sent, must not simply be sent again, and whether it was carried out is unknown.
    timed_out: no answer in time, so that the server may still be at work on it.
    permanent: no further try can go better.
    """

    def __init__(
        self,
        msg: str,
        *,
        method: str,
        path: str,
        phase: str,
        status: int | None = None,
        details: Any = None,
        retry_after: float | None = None,
        outcome_unknown: bool = False,
        timed_out: bool = False,
        permanent: bool = False,
    ) -> None:
        facts = {} if status is None else {"status": status, "method": method, "path": path, "details": details}
        super().__init__(msg, **facts)
        self.phase = phase
        self.status = status
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown
        self.timed_out = timed_out
        self.permanent = permanent


def server_message(body: Any, depth: int = MAX_DEPTH) -> str:
    """The server's own words in a decoded error body, of whatever shape; empty where there are none.

    Understood are JSON:API `errors`, lists of objects or strings, dictionaries of field to messages, `error`,
    `message` and `detail` as string or object, and plain text. No shape makes this function fail.
    """
    if isinstance(body, str):
        return " ".join(body.split())[:MAX_RAW_TEXT]
    if body is None or isinstance(body, bool) or not depth:
        return ""

    def inner(part: Any) -> str:
        return server_message(part, depth - 1)

    if isinstance(body, (list, tuple)):
        return "; ".join(dict.fromkeys(filter(None, map(inner, body))))
    if not isinstance(body, dict):
        return str(body)
    for envelope in ("errors", "error"):
        if body.get(envelope) and isinstance(body[envelope], (list, dict)):
            return inner(body[envelope])
    words = [inner(body.get(key)) for key in ("title", "errors", "error", "message", "detail", "details")]
    said = ": ".join(dict.fromkeys(filter(None, words)))
    if said:
        source = body.get("source")
        field = body.get("field") or (source.get("pointer") if isinstance(source, dict) else None)
        return f"{said} ({field})" if field else said
    # What is left is a dictionary of field to messages, as Rails gives it.
    return "; ".join(f"{key}: {text}" for key, text in ((k, inner(v)) for k, v in body.items()) if text)
