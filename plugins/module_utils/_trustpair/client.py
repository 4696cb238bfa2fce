# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The Trustpair REST API: one method an endpoint. No decision is made here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core.connection import Vendor
from .._core.errors import RequestError, ResponseError
from .._core.http_client import Http
from .._core.retry import Repeat
from .fields import REQUEST_NAMES

Json = dict[str, Any]

HINTS = {
    400: "The message above is the server's; names that this module only infers can be corrected with attributes "
    "and relationships.",
    401: "The token was refused: check api_key (TRUSTPAIR_API_KEY), and that it belongs to this environment.",
    403: "Three things can be missing: the token's permission cases_write, the account's cases feature, or the role of "
    "the user who acts (user_id). A comment needs a contributor or reviewer; accept and refuse need a reviewer other "
    "than whoever requested the override; cancel needs whoever requested it.",
    404: "There is no such case in this environment, or this token may not see it: check case_id and api_url.",
    422: "The case may be in a state that does not allow this. Names that this module only infers can be corrected "
    "with attributes and relationships.",
    429: "The rate limit (documented: 100 requests in 10 seconds) was not lifted in time: run again later.",
}
"""What to do about a status."""


class Trustpair:
    """An environment. Methods raise `RequestError`. language: of the server's answers, None for its default."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def get_case(self, case_id: str, language: str | None = None) -> Json:
        """The document of a case, with what the server takes to be related to it where it does."""
        path = REQUEST_NAMES["read_path"].text.format(case_id=case_id)
        try:
            answer = self._read(path, [(REQUEST_NAMES["include"].text, REQUEST_NAMES["read_include"].text)], language)
        except RequestError as error:
            if error.status not in (400, 422):
                raise
            answer = self._read(path, [], language)  # it knows the parameter or its values by other names
        return answer

    def perform(
        self, case_id: str, body: Json, include: Sequence[str] = (), language: str | None = None
    ) -> tuple[Json, bool]:
        """Perform an action, once. The answer's document, empty where it has none, and whether all of it is done."""
        path = REQUEST_NAMES["path"].text.format(case_id=case_id)
        query = [(REQUEST_NAMES["include"].text, ",".join(include))] if include else []
        statuses: list[int] = []
        answer = self.http.send(
            "POST",
            path,
            query=query,
            body=body,
            headers=_headers(language),
            repeat=Repeat.NEVER,
            on_status=statuses.append,
        )
        done = statuses != [202]
        return (self._object(answer, "POST", path) if answer is not None else {}), done

    def _read(self, path: str, query: Sequence[tuple[str, str]], language: str | None) -> Json:
        return self._object(self.http.send("GET", path, query=query, headers=_headers(language)), "GET", path)

    def _object(self, answer: Any, method: str, path: str) -> Json:
        if isinstance(answer, dict):
            return answer
        raise ResponseError(
            f"{method} {path} on {self.http.host} was answered with JSON of another shape than an object.",
            method=method,
            path=path,
            status=200,
            permanent=True,
        )


def _headers(language: str | None) -> dict[str, str]:
    return {REQUEST_NAMES["language"].text: language} if language else {}


TRUSTPAIR = Vendor(
    url_option="api_url", url_env="TRUSTPAIR_API_URL", key_env="TRUSTPAIR_API_KEY", hints=HINTS, client=Trustpair
)
