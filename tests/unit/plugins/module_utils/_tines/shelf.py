# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A list of things of one case on a server in memory, behind a connection that loses what a test tells it to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Union, cast

from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    NoResponseError,
    RequestError,
    ResponseError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleContext
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines
from ansible_collections.casework.cases.plugins.module_utils._tines.subresource import Kind
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import VirtualClock

Item = dict[str, Any]
CASE = 7

Fault = Union[str, int]
"""What befalls a POST or PUT: "" nothing, "refused", "unavailable", lost "before" or "after" it was carried out, or
a number: it is lost and carried out late, before the request that comes so many after it."""


def refused(status: int = 422, method: str = "POST") -> RequestError:
    return ResponseError("Refused.", method=method, path="/", status=status)


def lost(method: str, **kwargs: Any) -> RequestError:
    return NoResponseError("Lost.", method=method, path="/", outcome_unknown=True, **kwargs)


def kept(body: Item) -> Item:
    """A thing as the server keeps it, from the body of a request."""
    item: Item = {}
    for key, value in body.items():
        if key == "assignee_emails":
            item["assignees"] = [{"id": "9", "email": email} for email in value]
        elif key == "user_email":
            item["user"] = {"user_id": "9", "email": value}
        elif key == "id":
            item["case_id"] = int(value)
        elif key == "author_email":
            item["user"] = {"email": value}
        elif key != "position":
            item[key] = value
    return item


class Shelf:
    """The things of case 7, and what of a connection the code under test uses.

    deaf: keys that are taken and forgotten. silent: answers to writing requests show nothing. text_ids: IDs are text.
    refuses: whether the server refuses a creation with this body. owned: IDs that the server lets nobody change.
    unseen: whether something was carried out late and the things were not listed since.
    """

    host = "acme.example"

    def __init__(self, kind: Kind, items: Iterable[Item] = (), faults: Iterable[Fault] = (), **settings: Any) -> None:
        self.kind = kind
        self.items = [copy.deepcopy(item) for item in items]
        self.faults = list(faults)
        self.requests: list[tuple[str, str, Any]] = []
        self.late: list[tuple[int, Callable[[], object]]] = []
        self.clock = VirtualClock()
        self.limiter = RateLimiter(self.clock)
        self.retries = 2
        self.timeout = 30.0
        self.read_only = False
        self.warnings: list[str] = []
        self.deaf: Sequence[str] = ()
        self.silent = self.text_ids = self.unseen = False
        self.refuses: Callable[[Item], bool] = lambda body: False
        self.owned: Sequence[int] = ()
        self._next = 1000
        vars(self).update(settings)

    def context(self, check: bool = False, **params: Any) -> ModuleContext[Tines]:
        self.read_only = check
        http = cast(Http, self)
        return ModuleContext({"concurrency": 1, **params}, Tines(http), http, self.warnings.append, lambda *_: None)

    def send(self, method: str, path: str, *, query: Iterable[tuple[str, str]] = (), body: Any = None) -> Any:
        due = [work for moment, work in self.late if moment <= len(self.requests)]
        self.late = [(moment, work) for moment, work in self.late if moment > len(self.requests)]
        for work in due:
            work()
        self.unseen = bool(due) or self.unseen
        base = self.kind.endpoint.path_of(CASE)
        assert path.startswith(base), path
        rest = path[len(base) :].strip("/")
        self.requests.append((method, rest, body))
        if method == "GET":
            return self._read(rest, dict(query))
        assert not self.read_only
        return copy.deepcopy(self._faulty(method, self._work(method, rest, copy.deepcopy(body))))

    @property
    def written(self) -> list[tuple[str, str]]:
        return [(method, rest) for method, rest, _body in self.requests if method != "GET"]

    def _faulty(self, method: str, work: Callable[[], Any]) -> Any:
        fault = self.faults.pop(0) if self.faults and method != "DELETE" else ""
        if fault in ("refused", "unavailable"):
            raise refused(422 if fault == "refused" else 503, method)
        if method != "POST":
            return work()  # sent until it is answered
        if fault == "after":
            work()
        if isinstance(fault, int):
            self.late.append((len(self.requests) + fault - 1, work))
            raise lost(method, timed_out=True)
        if fault:
            raise lost(method)
        return work()

    def _read(self, rest: str, query: dict[str, str]) -> Any:
        if rest:
            return self._enveloped(self._shown(self._find(int(rest), "GET")))
        size, page = int(query["per_page"]), int(query["page"])
        assert size == 50
        self.unseen = False
        shown = [self._shown(item) for item in self.items[(page - 1) * size : page * size]]
        more = page + 1 if len(self.items) > page * size else None
        return {"case_id": CASE, self.kind.endpoint.items: shown, "meta": {"next_page_number": more}}

    def _work(self, method: str, rest: str, body: Any) -> Callable[[], Any]:
        if method == "POST" and rest == "batch":
            return lambda: self._create_many(self._bodies(body))
        if method == "POST":
            return lambda: self._create_one(body)
        if method == "PUT":
            return lambda: self._update(int(rest), body)
        return lambda: self._delete(int(rest))

    def _bodies(self, body: Item) -> list[Item]:
        ((key, values),) = body.items()
        made = {"ids": "id", "user_emails": "user_email"}
        return [{made[key]: value} for value in values] if key in made else values

    def _create_many(self, bodies: Sequence[Item]) -> Item:
        batch = self.kind.endpoint.batch
        assert 1 <= len(bodies) <= (batch.size if batch else 1)
        if any(self.refuses(body) for body in bodies):
            raise refused()
        new = [self._shown(self._add(body)) for body in bodies]
        return {"case_id": CASE, self.kind.endpoint.items: [] if self.silent else new}

    def _create_one(self, body: Item) -> Item:
        answer = self._create_many([body])
        if self.silent or self.kind.endpoint.identity == "case_id":
            return answer
        return self._enveloped(answer[self.kind.endpoint.items][0])

    def _add(self, body: Item) -> Item:
        self._next += 1
        item = {key: value for key, value in kept(body).items() if key not in self.deaf}
        if "case_id" not in item:
            item["id"] = self._next
        self.items.append(item)
        return item

    def _enveloped(self, shown: Item) -> Item:
        return shown if self.kind.endpoint.item is None else {self.kind.endpoint.item: shown}

    def _update(self, item_id: int, body: Item) -> Any:
        if item_id in self.owned:
            raise refused(403, "PUT")
        item = self._find(item_id, "PUT")
        item.update({key: value for key, value in kept(body).items() if key not in self.deaf})
        return {} if self.silent else self._enveloped(self._shown(item))

    def _delete(self, item_id: int) -> None:
        if item_id in self.owned:
            raise refused(403, "DELETE")
        self.items.remove(self._find(item_id, "DELETE"))

    def _find(self, item_id: int, method: str) -> Item:
        for item in self.items:
            if item[self.kind.endpoint.identity] == item_id:
                return item
        raise refused(404, method)

    def _shown(self, item: Item) -> Item:
        identity = self.kind.endpoint.identity
        return {**item, identity: str(item[identity])} if self.text_ids else dict(item)
