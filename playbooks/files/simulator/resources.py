# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of things with IDs: what their endpoints have in common. A resource is a subclass that says how it differs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, Union

from . import checks
from .checks import Check
from .messages import ApiError, Endpoint, Request, Response
from .paging import listing
from .settings import NEWEST_FIRST, Settings
from .store import Case, Item, Store

Fields = Mapping[str, Check]
OwnerT = TypeVar("OwnerT", bound=Union[Case, Store])

_PAGES: Fields = {"page": checks.number, "per_page": checks.number}


@dataclass(frozen=True)
class Batch:
    """Several made at once: the list's name in the body, its limit, and the field that its entries stand for.

    Without a field the entries are objects, as a single creation takes them.
    """

    name: str
    most: int
    field: str = ""


class Resource(ABC, Generic[OwnerT]):
    """A list that belongs to a case or to the tenant.

    What is stored is replaced, never altered, so that a response can be sent without the lock.
    """

    path: ClassVar[str]  # a regular expression for where the list stands
    name: ClassVar[str]  # the last part of the path
    key: ClassVar[str] = ""  # the list's key in responses, if not the name
    noun: ClassVar[str]
    create_fields: ClassVar[Fields] = {}  # what creation takes; empty: nothing can be created or deleted
    required: ClassVar[Sequence[str]] = ()
    update_fields: ClassVar[Fields] = {}  # what an update takes; empty: there is none
    readable: ClassVar[bool] = True  # whether there is an endpoint for a single one
    query: ClassVar[Fields] = {}  # what reading takes beside the page
    wrapper: ClassVar[str] = ""  # the key under which a single one stands
    most_per_page: ClassVar[int] = 500
    batch: ClassVar[Batch | None] = None
    sequence: ClassVar[str] = ""  # the sequence of the IDs, if not the name

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def routes(self) -> list[tuple[str, Mapping[str, Endpoint]]]:
        """Paths and methods."""
        several: dict[str, Endpoint] = {"GET": self.list}
        single: dict[str, Endpoint] = {"GET": self.get} if self.readable else {}
        if self.create_fields:
            several["POST"] = self.create
            single["DELETE"] = self.delete
        if self.update_fields:
            single["PUT"] = self.update
        table = [(f"{self.path}/{self.name}", several), (rf"{self.path}/{self.name}/(\d+)", single)]
        if self.batch:
            table.append((f"{self.path}/{self.name}/batch", {"POST": self.create_batch}))
        return [*table, *self.more_routes(f"{self.path}/{self.name}")]

    # What a subclass says

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """Endpoints that no other resource has."""
        return ()

    @abstractmethod
    def owner(self, ids: Sequence[int]) -> OwnerT:
        """To whom the list belongs that the IDs in the path name."""

    def head(self, owner: OwnerT) -> Item:
        """What stands beside the items in a response."""
        return {}

    def items(self, owner: OwnerT) -> Mapping[int, Item]:
        """What the owner has, by ID and oldest first."""
        return owner.kept(self.name)

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """Those that the query asks for."""
        return items

    def arranged(self, shown: list[Item]) -> list[Item]:
        """The items of a page as the list holds them."""
        return shown

    def show(self, item: Item) -> Item:
        """An item alone, as an object of its own."""
        return item

    def listed(self, item: Item) -> Item:
        """An item as the list shows it."""
        return self.show(item)

    def made(self, owner: OwnerT, given: Mapping[str, Any]) -> Item:
        """A new item without its ID, from checked fields."""
        return dict(given)

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """The item after an update."""
        return {**item, **given}

    def check_writable(self, owner: OwnerT) -> None:
        """Raises ApiError if nothing can be written."""

    def check_author(self, item: Item) -> None:
        """Raises ApiError if the key must not change or delete the item."""

    def added(self, owner: OwnerT, item: Item) -> None:
        """Is called after a creation."""

    def updated(self, owner: OwnerT, before: Item, after: Item) -> None:
        """Is called after an update."""

    def removed(self, owner: OwnerT, item: Item) -> None:
        """Is called after a deletion."""

    # What all have in common

    def put(self, owner: OwnerT, item: Item) -> Item:
        """Stores a new item, of which nobody is told."""
        stored = {"id": self._store.next_id(self.sequence or self.name), **item}
        owner.kept(self.name)[stored["id"]] = stored
        return stored

    def add(self, owner: OwnerT, item: Item) -> Item:
        """Stores a new item."""
        stored = self.put(owner, item)
        self.added(owner, stored)
        return stored

    def drop(self, owner: OwnerT, item_id: int) -> None:
        """Forgets an item."""
        del owner.kept(self.name)[item_id]

    def item(self, owner: OwnerT, item_id: int) -> Item:
        """The item with this ID; ApiError 404 if there is none."""
        found = self.items(owner).get(item_id)
        if found is None:
            raise ApiError(404, f"{self.noun} not found", "id")
        return found

    def respond(self, status: int, owner: OwnerT, item: Item) -> Response:
        """A response with one item."""
        shown = self.show(item)
        return Response(status, {**self.head(owner), **({self.wrapper: shown} if self.wrapper else shown)})

    def list(self, request: Request, *ids: int) -> Response:
        """GET of the list"""
        owner = self.owner(ids)
        checks.fields(request.params, {**_PAGES, **self.query})
        items = list(self.selected(list(self.items(owner).values()), request))
        if self._settings.list_order == NEWEST_FIRST:
            items.reverse()
        return listing(
            self.key or self.name,
            items,
            self.listed,
            request,
            self._settings,
            self.most_per_page,
            head=self.head(owner),
            arrange=self.arranged,
        )

    def get(self, request: Request, *ids: int) -> Response:
        """GET of one"""
        owner = self.owner(ids)
        return self.respond(200, owner, self.item(owner, ids[-1]))

    def create(self, request: Request, *ids: int) -> Response:
        """POST"""
        owner = self._writable(ids)
        given = checks.fields(request.json, self.create_fields, self.required)
        return self.respond(201, owner, self.add(owner, self.made(owner, given)))

    def create_batch(self, request: Request, *ids: int) -> Response:
        """POST of several: all or none"""
        owner = self._writable(ids)
        made = [self.made(owner, given) for given in self._read_batch(request)]
        return self.respond_batch(owner, [self.add(owner, item) for item in made])

    def respond_batch(self, owner: OwnerT, items: Sequence[Item]) -> Response:
        """The response to a creation of several."""
        return Response(201, {**self.head(owner), self.name: [self.show(item) for item in items]})

    def _read_batch(self, request: Request) -> Sequence[dict[str, Any]]:
        batch = self.batch
        if batch is None:
            raise ApiError(404, "There is no batch")
        entry = self.create_fields[batch.field] if batch.field else checks.objects(self.create_fields, self.required)
        given = checks.fields(request.json, {batch.name: checks.list_of(entry)}, [batch.name])[batch.name]
        if not given or len(given) > batch.most:
            raise ApiError(422, f"{batch.name} must hold 1 to {batch.most} entries", batch.name)
        return [{batch.field: value} for value in given] if batch.field else list(given)

    def update(self, request: Request, *ids: int) -> Response:
        """PUT: what the body leaves out stays."""
        owner = self._writable(ids)
        before = self.item(owner, ids[-1])
        given = checks.fields(request.json, self.update_fields)
        self.check_author(before)
        return self.respond(200, owner, self.replace(owner, before, self.changed(before, given)))

    def replace(self, owner: OwnerT, before: Item, after: Item) -> Item:
        """Puts a changed item in the place of the old one."""
        if "updated_at" in after:
            after["updated_at"] = self._store.now()
        owner.kept(self.name)[before["id"]] = after
        self.updated(owner, before, after)
        return after

    def delete(self, request: Request, *ids: int) -> Response:
        """DELETE of one"""
        owner = self._writable(ids)
        item = self.item(owner, ids[-1])
        self.check_author(item)
        self.drop(owner, ids[-1])
        self.removed(owner, item)
        return Response(204)

    def _writable(self, ids: Sequence[int]) -> OwnerT:
        owner = self.owner(ids)
        self.check_writable(owner)
        return owner
