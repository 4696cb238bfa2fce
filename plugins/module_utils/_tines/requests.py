# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The requests that write, as values that a plan holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._core.errors import RequestError
from .client import ItemsByCase, Json, Tines
from .endpoints import Bulk, Endpoint, Item


@dataclass(frozen=True)
class CreateAction:
    case_id: int
    body: Json

    def send(self, client: Tines) -> Json:
        return client.create_action(self.case_id, self.body)


@dataclass(frozen=True)
class UpdateAction:
    """Changes the keys in `body` and no others."""

    case_id: int
    action_id: int
    body: Json

    def send(self, client: Tines) -> Json:
        return client.update_action(self.case_id, self.action_id, self.body)


@dataclass(frozen=True)
class DeleteAction:
    """Deletes a button. `send` returns False if the server said that it does not exist."""

    case_id: int
    action_id: int

    def send(self, client: Tines) -> bool:
        return client.delete_action(self.case_id, self.action_id)


@dataclass(frozen=True)
class ReplaceActions:
    """Replaces all buttons of a case."""

    case_id: int
    bodies: Sequence[Json]

    def send(self, client: Tines) -> list[Json]:
        return client.replace_actions(self.case_id, self.bodies)


@dataclass(frozen=True)
class CreateCase:
    body: Json
    actions: Sequence[Json] = ()

    def send(self, client: Tines) -> Json:
        return client.create_case(self.body, self.actions)


@dataclass(frozen=True)
class UpdateCase:
    case_id: int
    body: Json

    def send(self, client: Tines) -> Json:
        return client.update_case(self.case_id, self.body)


@dataclass(frozen=True)
class DeleteCase:
    case_id: int

    def send(self, client: Tines) -> None:
        client.delete_case(self.case_id)


@dataclass(frozen=True)
class SetMetadata:
    """Sets the whole metadata of a case. first: the case has none yet."""

    case_id: int
    metadata: Json
    first: bool

    def send(self, client: Tines) -> None:
        client.set_metadata(self.case_id, self.metadata, self.first)


@dataclass(frozen=True)
class RemoveMetadata:
    """Removes keys of a case's metadata. rest: the whole metadata without them."""

    case_id: int
    keys: Sequence[str]
    rest: Json

    def send(self, client: Tines) -> None:
        client.remove_metadata(self.case_id, self.keys, self.rest)


@dataclass(frozen=True)
class AddRecord:
    case_id: int
    record_id: int

    def send(self, client: Tines) -> None:
        client.add_record(self.case_id, self.record_id)


@dataclass(frozen=True)
class CreateItems:
    """Creates one thing in a list, or several with one request."""

    endpoint: Endpoint
    parent: int
    bodies: Sequence[Item]

    def send(self, client: Tines) -> list[Item]:
        return client.create_items(self.endpoint, self.parent, self.bodies)


@dataclass(frozen=True)
class UpdateItem:
    """Changes the keys in `body` and no others."""

    endpoint: Endpoint
    parent: int
    item_id: int
    body: Item

    def send(self, client: Tines) -> list[Item]:
        return client.update_item(self.endpoint, self.parent, self.item_id, self.body)


@dataclass(frozen=True)
class DeleteItem:
    """Deletes a thing."""

    endpoint: Endpoint
    parent: int
    item_id: int

    def send(self, client: Tines) -> None:
        client.delete_item(self.endpoint, self.parent, self.item_id)


@dataclass(frozen=True)
class SetItems:
    """Sets the same things of several cases, whether they are there or not."""

    bulk: Bulk
    endpoint: Endpoint
    parents: Sequence[int]
    bodies: Sequence[Item]

    def send(self, client: Tines) -> ItemsByCase:
        return client.set_items(self.bulk, self.endpoint, self.parents, self.bodies)


@dataclass(frozen=True)
class AlreadySent:
    """What became of the part that one case has in a request for several: what the answer shows of it, or the error."""

    shown: Sequence[Item] = ()
    error: RequestError | None = None

    def send(self, _client: Tines) -> Sequence[Item]:
        if self.error:
            raise self.error
        return self.shown
