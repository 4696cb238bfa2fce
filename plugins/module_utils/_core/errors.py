# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The errors of this collection, as one tree that a caller can catch.

    CaseworkError                 a failure that a person can act on
      OptionError                 an option cannot be used; nothing was sent
      NotDoneError                the server accepted a request and did not do it
      RequestError                one request failed
        NotSentError              nothing was sent: name, connection, proxy or TLS
        NoResponseError           it was sent, and no complete response came
        ResponseError             the server responded, and not with success
          TooLargeError           its body is larger than what is read

An error is complete when it is made: secrets are masked, and nothing assigns to it later. `explained` makes a new error
with more context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .redaction import escape_controls, redact, shorten

ErrorT = TypeVar("ErrorT", bound="CaseworkError")


class CaseworkError(Exception):
    """A failure that a person can act on.

    msg: one sentence or two. facts: more keys of the failed task's result.
    """

    def __init__(self, msg: str, **facts: Any) -> None:
        super().__init__(shorten(escape_controls(redact(msg))))
        self._facts = facts

    @property
    def msg(self) -> str:
        return str(self.args[0])

    @property
    def facts(self) -> Mapping[str, Any]:
        return self._facts

    @property
    def hopeless(self) -> bool:
        """Whether the next case is likely to fail for the same reason: the server or the key, not the case."""
        return False

    def explained(self: ErrorT, before: str = "", after: str = "", **facts: Any) -> ErrorT:
        """The same error with words before and after its message, and with more facts.

        Raise it `from` this one: `raise error.explained(...) from error`.
        """
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        CaseworkError.__init__(other, " ".join(filter(None, (before, self.msg, after))), **{**self._facts, **facts})
        return other

    def result(self) -> dict[str, Any]:
        """The keys of the failed task's result."""
        return {"msg": self.msg, **self._facts}


class OptionError(CaseworkError):
    """The value of an option cannot be used. Nothing was sent."""


class NotDoneError(CaseworkError):
    """The server accepted a request and did not do what it asked for."""


class RequestError(CaseworkError):
    """One request failed, at the last try or at this one.

    method, path: what was sent. status: the HTTP status, if the server responded. retry_after: seconds that the server
    asks to wait. details: the body of the response, without secrets.
    outcome_unknown: the request was sent, must not simply be sent again, and may have been carried out.
    timed_out: no response in time, so the server may still be working on it. permanent: a retry cannot succeed.
    """

    def __init__(
        self,
        msg: str,
        *,
        method: str,
        path: str,
        status: int | None = None,
        details: Any = None,
        retry_after: float | None = None,
        outcome_unknown: bool = False,
        timed_out: bool = False,
        permanent: bool = False,
    ) -> None:
        facts = (
            {}
            if status is None
            else {"status": status, "method": method, "path": path, "details": escape_controls(details)}
        )
        super().__init__(msg, **facts)
        self.method = method
        self.path = path
        self.status = status
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown
        self.timed_out = timed_out
        self.permanent = permanent

    @property
    def hopeless(self) -> bool:
        return self.status in (None, 401, 403)


class NotSentError(RequestError):
    """Nothing was sent: the name, the connection, the proxy or TLS failed first."""


class NoResponseError(RequestError):
    """The request was sent, and no complete response came. `status` is there if the response broke off."""


class ResponseError(RequestError):
    """The server responded, and not with success or not with what the API returns."""


class TooLargeError(ResponseError):
    """The body of the response is larger than what is read."""
