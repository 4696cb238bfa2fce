# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Any request to the API of a tenant, for what no other module covers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .._core.errors import OptionError, RequestError, ResponseError
from .._core.retry import Repeat
from .._core.values import as_text, refuse_masked
from .client import Tines

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

REQUEST: dict[str, Any] = {
    "path": {"type": "str"},
    "query": {"type": "dict", "default": {}},
    "paginate": {"type": "bool", "default": False},
    "items_key": {"type": "str", "no_log": False},
    "status_codes": {"type": "list", "elements": "int"},
}
"""The options of every request."""

NEEDED = {"required_if": [("paginate", True, ("path",)), ("paginate", False, ("path",))]}
"""That `path` is needed, in a way in which a null gets a message of its own."""


@dataclass(frozen=True)
class ApiAnswer:
    """status: None if nothing was sent. json: the body. items: of all pages, None unless they were asked for."""

    status: int | None = None
    json: Any = None
    items: list[dict[str, Any]] | None = None

    def result(self) -> dict[str, Any]:
        """The keys of the module's result."""
        return {"status": self.status, "json": self.json, **({} if self.items is None else {"items": self.items})}


@dataclass(frozen=True)
class ApiRequest:
    """One request. accepted: the statuses that are no failure; empty: every one that is a success."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    accepted: tuple[int, ...] = ()

    def send(self, client: Tines) -> ApiAnswer:
        """Send it. Raises `RequestError`."""
        statuses: list[int] = []
        try:
            answer = client.http.send(
                self.method,
                self.path,
                query=self.query,
                body=self.body,
                repeat=Repeat.RECONCILE if self.method in ("POST", "PATCH") else Repeat.SAFE,
                on_status=statuses.append,
            )
        except RequestError as error:
            return self._refused(error)
        if self.accepted and statuses[0] not in self.accepted:
            path = client.http.prefix + self.path
            raise ResponseError(
                f"{self.method} {path} on {client.http.host} was answered with the status {statuses[0]}, which is not "
                "in status_codes.",
                method=self.method,
                path=path,
                status=statuses[0],
                details=answer,
                permanent=True,
            )
        return ApiAnswer(statuses[0], answer)

    def read_pages(self, client: Tines, key: str | None) -> ApiAnswer:
        """Read every page of a list. key: where its items are, None for the only list of an answer."""
        try:
            return ApiAnswer(200, None, client.list_path(self.path, key, self.query))
        except RequestError as error:
            refused = self._refused(error)
            return ApiAnswer(refused.status, refused.json, [])

    def _refused(self, error: RequestError) -> ApiAnswer:
        """The answer if its status is accepted. Raises the error if not."""
        if error.status is not None and error.status >= 400 and error.status in self.accepted:
            return ApiAnswer(error.status, error.facts["details"])
        if error.outcome_unknown:
            after = "Whether the request was carried out is unknown. Look before running the task again."
            raise error.explained(after=after) from error
        raise error


def parse_request(params: Mapping[str, Any]) -> ApiRequest:
    """The request that the options ask for. Raises `OptionError`."""
    method, body = params.get("method", "GET"), params.get("body")
    if body is not None and method == "GET":
        raise OptionError("body cannot be combined with method: GET.")
    if params["paginate"] and method != "GET":
        raise OptionError("paginate requires method: GET.")
    if params["items_key"] is not None and not params["paginate"]:
        raise OptionError("items_key requires paginate.")
    if params["paginate"] and "page" in params["query"]:
        raise OptionError("query cannot have page with paginate, which reads every page.")
    _refuse_masked_texts(body)
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise OptionError(f"body cannot be written as JSON: {error}.") from error
    return ApiRequest(method, _parse_path(params["path"]), _parse_query(params["query"]), body, _parse_statuses(params))


def read(client: Tines, request: ApiRequest, params: Mapping[str, Any]) -> ApiAnswer:
    """Send a request that reads, once or for every page. Raises `RequestError`."""
    return request.read_pages(client, params["items_key"]) if params["paginate"] else request.send(client)


def _parse_path(given: str) -> str:
    """The path with `/api/` before it. It must not lead out of there, nor say what other options say."""
    path = given.strip().lstrip("/")
    path = path[len("api/") :] if path.startswith("api/") else path
    odd = any(segment in (".", "..") for segment in re.split(r"[/\\]", unquote(path)))
    if not path or odd or not path.isprintable() or any(character in path for character in "\\ ?#") or "://" in path:
        raise OptionError(
            f"path: {given!r} is not a path below /api/, such as v2/cases/7. What follows a ? belongs into query."
        )
    refuse_masked(path, "path")
    return f"/api/{path}"


def _parse_query(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The pairs of the query; a list gives one pair for each of its entries."""
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, (dict, list)):
                raise OptionError(f"query: the value of {name!r} must be a single value or a list.")
            if each is not None:
                pairs.append((str(name), as_text(each)))
    return tuple(pairs)


def _parse_statuses(params: Mapping[str, Any]) -> tuple[int, ...]:
    for status in params["status_codes"] or ():
        if not (200 <= status < 300 or 400 <= status < 600):
            raise OptionError(f"status_codes: {status} cannot be accepted, only 200 to 299 and 400 to 599.")
    return tuple(params["status_codes"] or ())


def _refuse_masked_texts(value: Any) -> None:
    if isinstance(value, str):
        refuse_masked(value, "body")
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_masked_texts(each)
