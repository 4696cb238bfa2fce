# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages: requests, responses, errors, and the table that leads a path to its function."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Callable
from urllib.parse import parse_qsl


class ApiError(Exception):
    """A request that is answered with an error. Each API has its own form for it.

    Args:
        status: HTTP status code.
        message: one sentence for the caller.
        field: the parameter at fault, if one is.
    """

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


@dataclass
class Response:
    """What is sent back. ``raw`` beats ``body``, which is sent as JSON; neither means no content."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"

    def payload(self) -> bytes:
        """The bytes after the headers."""
        if self.raw is not None:
            return self.raw
        if self.body is None:
            return b""
        try:
            return self._json(ensure_ascii=False)
        except UnicodeEncodeError:
            return self._json(ensure_ascii=True)  # half a surrogate pair can only be escaped

    def _json(self, ensure_ascii: bool) -> bytes:
        written = json.dumps(self.body, separators=(",", ":"), ensure_ascii=ensure_ascii, default=vars)
        return written.encode("utf-8")


class Request:
    """One request as received.

    Args:
        method: upper-case verb.
        target: path and query as sent.
        headers: as the standard library parsed them.
        content: body bytes.
        origin: scheme and host under which the caller reached the server.
    """

    def __init__(self, method: str, target: str, headers: Message, content: bytes, origin: str) -> None:
        self.method = method
        self.path, _sep, self.query = target.partition("?")
        self.headers = headers
        self.content = content
        self.origin = origin
        self._json: Any = None
        self._json_read = False
        self._params: dict[str, Any] | None = None

    def move(self, prefix: str) -> None:
        """Takes the prefix, under which the APIs are reached, from the path and puts it to the origin.

        A path outside it becomes empty, which is no path of any API.
        """
        self.path = self.path[len(prefix) :] if self.path.startswith(prefix) else ""
        self.origin += prefix

    @property
    def json(self) -> Any:
        """The body, decoded; None when there is none.

        Raises:
            ApiError: 415 for a body that is not declared as JSON, 400 for one that is not JSON.
        """
        if not self._json_read:
            if self.content:
                declared = (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
                if declared != "application/json" and not declared.endswith("+json"):
                    raise ApiError(415, "the body must be sent as application/json")
                try:
                    self._json = json.loads(self.content)
                except ValueError:
                    raise ApiError(400, "the body is not valid JSON") from None
            self._json_read = True
        return self._json

    @property
    def params(self) -> dict[str, Any]:
        """Query parameters, nested as Rails nests them; a JSON object in the body of a GET counts as well."""
        if self._params is None:
            self._params = parse_query(self.query)
            if self.method == "GET" and self.content:
                if not isinstance(self.json, dict):
                    raise ApiError(422, "the body must be a JSON object")
                self._params.update(self.json)
        return self._params

    def forget(self, names: Sequence[str]) -> None:
        """Removes every field of these names from query and body, at any depth."""
        self._params = without(self.params, names)
        self._json = without(self.json, names)

    def trim(self) -> None:
        """Cuts white space from the ends of every text in the body."""
        self._json = _trimmed(self.json)


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _trimmed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_trimmed(item) for item in value]
    return value.strip() if isinstance(value, str) else value


def without(value: Any, names: Sequence[str]) -> Any:
    """The value, without the fields of these names at any depth."""
    if isinstance(value, dict):
        return {key: without(item, names) for key, item in value.items() if key not in names}
    if isinstance(value, list):
        return [without(item, names) for item in value]
    return value


def parse_query(query: str) -> dict[str, Any]:
    """Reads ``a=1&f[b]=2&f[c][]=3`` as ``{"a": "1", "f": {"b": "2", "c": ["3"]}}``.

    Raises:
        ApiError: 400 when one name is used both as a value and as a container.
    """
    params: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parts = name.replace("]", "").split("[")
        is_list = len(parts) > 1 and not parts[-1]
        if is_list:
            parts.pop()
        node: Any = params
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ApiError(400, f"the parameter {name} is used in two ways", name)
        if not is_list:
            node[parts[-1]] = value
            continue
        values = node.setdefault(parts[-1], [])
        if not isinstance(values, list):
            raise ApiError(400, f"the parameter {name} is used in two ways", name)
        values.append(value)
    return params


Endpoint = Callable[..., Response]


class Routes:
    """Paths and methods of one API. Groups of a pattern are the endpoint's arguments, numbers as int."""

    def __init__(self, table: Sequence[tuple[str, Mapping[str, Endpoint]]]) -> None:
        self._table: list[tuple[re.Pattern[str], Mapping[str, Endpoint]]] = [
            (re.compile(pattern), methods) for pattern, methods in table
        ]

    def find(self, method: str, path: str) -> tuple[Endpoint, list[Any]]:
        """The endpoint and the values in its path.

        Raises:
            ApiError: 404 for a path that is not in the table, 405 for a method that the path does not take.
        """
        for pattern, methods in self._table:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method not in methods:
                raise ApiError(405, "{} takes {} only".format(path, ", ".join(sorted(methods))))
            return methods[method], [int(value) if value.isdecimal() else value for value in match.groups()]
        raise ApiError(404, f"There is nothing at {path}")
