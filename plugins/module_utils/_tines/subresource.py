# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Lists of things that belong to a case, such as tasks, and the plan that leads to the ones that should be there. Pure.

A `Kind` says all there is to say about one such list. The plan, and how it is carried out, are the same for all.
Buttons have a plan of their own: only they have a request that replaces the whole list, which must restate every
button that is to stay.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.errors import CaseworkError, OptionError
from .._core.plan import Plan, PlannedRequest
from .client import Tines
from .endpoints import Endpoint, Item
from .requests import CreateItems, DeleteItem, UpdateItem


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """One field of a thing, under the name that a playbook uses.

    wire: its key in a request. shown: its key in a thing; the same by default. show: from what stands there to what is
    compared; show_as: the way back, for a thing that is predicted. send: from what is desired to what a request has.
    same: compares what is shown with what is desired.
    on_create: whether creation can set it. compared: whether what is shown counts at all; if not, no update sets it.
    """

    wire: str
    shown: str = ""
    show: Callable[[Any], Any] = _as_it_is
    show_as: Callable[[Any], Any] = _as_it_is
    send: Callable[[Any], Any] = _as_it_is
    same: Callable[[Any, Any], bool] = operator.eq
    on_create: bool = True
    compared: bool = True

    @property
    def source(self) -> str:
        return self.shown or self.wire


@dataclass(frozen=True)
class Kind:
    """What a list of things is like.

    noun, plural: for messages; plural is also the key of a diff. key: the field by which a thing is found, None if
    nothing identifies it, so that each run creates one. key_of: of two values of that field, what must be equal for
    them to be the same. updates: whether a thing can be changed; if not, a new one takes the place of the old one.
    twins: whether several things with one key are as good as one. owner: who wrote a thing, if only that person may
    change it. mutual: whether a change on one case can show on another one, so that all of a task's cases are read
    first. read: reads what a listing leaves out of a thing; by default the thing by its ID. unseen: why a thing may be
    there and not be listed, a sentence for messages.
    """

    noun: str
    plural: str
    endpoint: Endpoint
    key: str | None
    fields: Mapping[str, Field]
    key_of: Callable[[Any], Hashable] = _as_it_is
    updates: bool = True
    twins: bool = False
    owner: Callable[[Item], str | None] | None = None
    mutual: bool = False
    read: Callable[[Tines, int, Item], Item] | None = None
    unseen: str = ""

    def value(self, item: Item, name: str) -> Any:
        """A field of a thing as it is compared; None if it is not shown."""
        shown = item.get(self.fields[name].source)
        return None if shown is None else self.fields[name].show(shown)

    def label(self, item: Item) -> Any:
        """What a result calls a thing."""
        value = self.value(item, self.key) if self.key else None
        return item.get("id") if value is None else value

    def label_of_desired(self, desired: Item) -> Any:
        return desired[self.key] if self.key in desired else desired.get("id", f"new {self.noun}")

    def key_in(self, item: Item) -> Hashable:
        """What identifies a thing; None if it shows nothing that does."""
        value = self.value(item, self.key) if self.key else None
        return None if value is None else self.key_of(value)

    def key_in_desired(self, desired: Item) -> Hashable:
        return self.key_of(desired[self.key]) if self.key in desired else None

    def matches(self, item: Item, desired: Item) -> bool:
        """Whether this is the thing that `desired` is about."""
        if "id" in desired:
            return bool(item["id"] == desired["id"])
        key = self.key_in_desired(desired)
        return key is not None and self.key_in(item) == key

    def differences(self, item: Item, desired: Item) -> Item:
        """The desired fields that a thing does not have like that."""
        names = [name for name, each in self.fields.items() if name in desired and each.compared]
        return {
            name: desired[name] for name in names if not self.fields[name].same(self.value(item, name), desired[name])
        }

    def body(self, desired: Item, create: bool) -> Item:
        """The body of a request."""
        fields = {name: self.fields[name] for name in desired if name in self.fields}
        return {each.wire: each.send(desired[name]) for name, each in fields.items() if each.on_create or not create}

    def is_blank(self, item: Item) -> bool:
        """Whether a thing is listed and yet not there, so that nothing has to be removed."""
        return False

    def result(self, item: Item) -> Item:
        """A thing as the result of a task has it."""
        return item

    def shown(self, item: Item, before: Item | None = None) -> Item:
        """The part of a thing that a diff shows. before: what it was, if that is shown too."""
        return self.compared(item)

    def compared(self, item: Item) -> Item:
        """The part of a thing that counts, its secrets included."""
        values = {name: self.value(item, name) for name, each in self.fields.items() if each.compared}
        return {name: value for name, value in values.items() if value is not None}

    def predicted(self, item: Item, desired: Item) -> Item:
        """The thing as it will be shown."""
        fields = {name: self.fields[name] for name in desired if name in self.fields}
        changes = {each.source: each.show_as(desired[name]) for name, each in fields.items() if each.compared}
        return {**item, **changes} if changes else item


@dataclass(frozen=True)
class DesiredItems:
    """What the things of one case should be.

    items: each with the fields that were given, by the names of `Kind.fields`, and with `id` if it is found by that.
    gone: things that must not be there, whatever the state. spared: things that may be there though the list is
    exclusive.
    exclusive: what is not listed is removed. unique: two things with one key are an error even if they are to be
    removed. author: the email address under which the task writes, None if the key's own.
    """

    items: tuple[Item, ...]
    state: str = "present"
    exclusive: bool = False
    unique: bool = False
    author: str | None = None
    gone: tuple[Item, ...] = ()
    spared: tuple[Item, ...] = ()


def parse_items(kind: Kind, given: Iterable[Mapping[str, Any]], option: str) -> tuple[Item, ...]:
    """The entries of a list option, each with the fields that were given. Raises `OptionError` if one comes twice."""
    items = tuple({name: entry[name] for name in kind.fields if entry.get(name) is not None} for entry in given)
    seen: set[Hashable] = set()
    for number, item in enumerate(items, start=1):
        key = kind.key_in_desired(item)
        if key in seen:
            raise OptionError(
                f"{option}: entry {number}: the {kind.key} {item[str(kind.key)]!r} is given more than once."
            )
        seen.add(key)
    return items


def desired_items(items: tuple[Item, ...], params: Mapping[str, Any]) -> DesiredItems:
    """What the options `state` and `exclusive` make of some items. Raises `OptionError`."""
    if params["exclusive"] and params["state"] == "absent":
        raise OptionError("exclusive requires state: present. With state: absent, leave it out.")
    return DesiredItems(items, params["state"], params["exclusive"])


@dataclass(frozen=True)
class ItemsPlan(Plan[Sequence[Item]]):
    """A plan for one case. created, updated, deleted: what the things are called. replaced: IDs of things that are
    deleted because a new one took their place.
    """

    created: tuple[Any, ...] = ()
    updated: tuple[Any, ...] = ()
    deleted: tuple[Any, ...] = ()
    replaced: frozenset[int] = field(default_factory=frozenset)


def plan_items(
    kind: Kind, parent: int, current: Sequence[Item], desired: DesiredItems, replaced: Collection[int] = ()
) -> ItemsPlan:
    """What leads from the current things to the desired ones. Raises `CaseworkError` if that cannot be told.

    replaced: IDs of things that an earlier plan of the same task replaces. They are not looked at, and deleted.
    """
    old = [item for item in current if item["id"] in replaced]
    found = _Index(kind, [item for item in current if item["id"] not in replaced])
    pairs: list[tuple[Item, Item | None]] = []
    unwanted = desired.gone
    if desired.state == "absent":
        unwanted = (*unwanted, *desired.items)
    else:
        pairs = [(wanted, _counterpart(kind, parent, found, wanted, desired.exclusive)) for wanted in desired.items]
    kept = [item for _wanted, item in pairs if item] + [item for each in desired.spared for item in found.of(each)]
    surplus = _surplus(kind, found, unwanted, kept, desired.exclusive)
    if desired.unique and desired.state == "absent":
        _check_unique(kind, parent, surplus)
    changes = [(wanted, item, kind.differences(item, wanted)) for wanted, item in pairs if item]
    changes = [change for change in changes if change[2]]
    if kind.updates:
        old_ones, created = old, [wanted for wanted, item in pairs if item is None]
    else:
        old_ones = [*old, *(item for _wanted, item, _differing in changes)]
        created = [wanted for wanted, item in pairs if item is None or kind.differences(item, wanted)]
    _check_owner(kind, parent, [*surplus, *(item for _wanted, item, _differing in changes)], desired.author)
    updates = changes if kind.updates else []
    gone = {item["id"] for item in (*old_ones, *surplus)}
    new_values = {item["id"]: differing for _wanted, item, differing in updates}
    after = [kind.predicted(item, new_values.get(item["id"], {})) for item in current if item["id"] not in gone]
    new = {**kind.endpoint.belongs_to(parent), "id": None}
    return ItemsPlan(
        before=tuple(current),
        after=(*after, *(kind.predicted(new, wanted) for wanted in created)),
        requests=(
            *_creates(kind, parent, created),
            *(UpdateItem(kind.endpoint, parent, i["id"], kind.body(d, create=False)) for _w, i, d in updates),
            *(DeleteItem(kind.endpoint, parent, item["id"]) for item in (*old_ones, *surplus)),
        ),
        created=tuple(kind.label_of_desired(wanted) for wanted, item in pairs if item is None),
        updated=tuple(kind.label(item) for _wanted, item, _differing in changes),
        deleted=tuple(kind.label(item) for item in surplus),
        replaced=frozenset(item["id"] for item in old_ones),
    )


def _surplus(
    kind: Kind, found: _Index, unwanted: Iterable[Item], kept: Iterable[Item], exclusive: bool
) -> Sequence[Item]:
    """The things to be removed: those that must not be there, and if the list is exclusive all that are not kept."""
    kept_ids = {item["id"] for item in kept}
    removed = [item for wanted in unwanted for item in found.of(wanted) if not kind.is_blank(item)]
    return found.in_order([*removed, *(item for item in found.items if exclusive and item["id"] not in kept_ids)])


class _Index:
    """Things, to be found by what identifies them."""

    def __init__(self, kind: Kind, items: Sequence[Item]) -> None:
        self.items = items
        self._kind = kind
        self._by_id = {item["id"]: item for item in items}
        self._by_key: dict[Hashable, list[Item]] = {}
        for item in items:
            self._by_key.setdefault(kind.key_in(item), []).append(item)

    def of(self, desired: Item) -> Sequence[Item]:
        """The things that `desired` is about."""
        if "id" in desired:
            return [self._by_id[desired["id"]]] if desired["id"] in self._by_id else []
        key = self._kind.key_in_desired(desired)
        return () if key is None else self._by_key.get(key, ())

    def in_order(self, some: Iterable[Item]) -> list[Item]:
        """Some of the things, each once, in the order of all."""
        ids = {item["id"] for item in some}
        return [item for item in self.items if item["id"] in ids]


def _creates(kind: Kind, parent: int, created: Sequence[Item]) -> Iterable[PlannedRequest[Tines]]:
    size = kind.endpoint.batch.size if kind.endpoint.batch else 1
    bodies = [kind.body(wanted, create=True) for wanted in created]
    return [CreateItems(kind.endpoint, parent, bodies[at : at + size]) for at in range(0, len(bodies), size)]


def _counterpart(kind: Kind, parent: int, found: _Index, wanted: Item, exclusive: bool) -> Item | None:
    """The thing that `wanted` is about, None if there is none."""
    matching = found.of(wanted)
    if "id" in wanted and not matching:
        raise CaseworkError(f"{_name(kind, parent)} has no {kind.noun} with the ID {wanted['id']}.")
    exact = [item for item in matching if not kind.differences(item, wanted)]
    # If things cannot be changed, one that is as desired is enough: the others may be what is left of a replacement.
    if "id" not in wanted and not exclusive and (kind.updates or not exact):
        _check_unique(kind, parent, matching)
    return next(iter((*exact, *matching)), None)


def _check_unique(kind: Kind, parent: int, matching: Sequence[Item]) -> None:
    by_key: dict[Hashable, list[Item]] = {}
    for item in matching:
        by_key.setdefault(kind.key_in(item), []).append(item)
    for same in by_key.values():
        if len(same) > 1 and not kind.twins:
            raise CaseworkError(
                f"{_name(kind, parent)} has {len(same)} {kind.plural} with the {kind.key} {kind.label(same[0])!r} "
                f"(IDs {', '.join(str(item['id']) for item in same)}). Remove all but one of them."
            )


def _check_owner(kind: Kind, parent: int, touched: Iterable[Item], author: str | None) -> None:
    """Raise `CaseworkError` if a thing is somebody else's, as far as that is known."""
    for item in touched:
        owner = kind.owner(item) if kind.owner else None
        if owner and author and owner.lower() != author.lower():
            raise CaseworkError(
                f"The {kind.noun} {item['id']} of {_name(kind, parent).lower()} is by {owner}, and author_email is "
                f"{author}: a {kind.noun} of somebody else's is not changed."
            )


def _name(kind: Kind, parent: int) -> str:
    return f"{kind.endpoint.parent_noun.capitalize()} {parent}"


def shown_sides(kind: Kind, before: Iterable[Item], after: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """What a diff shows of things before and after."""
    known = {item["id"]: item for item in before}
    return [kind.shown(item) for item in known.values()], [kind.shown(item, known.get(item["id"])) for item in after]


def ids_to_read(kind: Kind, current: Sequence[Item], desired: DesiredItems) -> list[int]:
    """The IDs of things to be read one by one, because the listing leaves out a field that is asked about."""
    if desired.state == "absent" or not (kind.endpoint.has_get or kind.read):
        return []
    found = _Index(kind, current)
    return [
        item["id"]
        for wanted in desired.items
        for item in found.of(wanted)
        if any(name in wanted and each.compared and each.source not in item for name, each in kind.fields.items())
    ]


def duplicates_of_retry(kind: Kind, intended: ItemsPlan, desired: DesiredItems, current: Sequence[Item]) -> list[int]:
    """The IDs of surplus things that came twice out of one task: new, as it was asked for, and there already.

    A thing that differs from what was asked for is not the task's, so it is left alone.
    """
    before = [item for item in intended.before if item["id"] not in intended.replaced]
    known = {item["id"] for item in intended.before}
    new = [item for item in current if item["id"] not in known]
    surplus: list[int] = []
    for wanted in desired.items:
        if "id" in wanted or any(kind.matches(item, wanted) for item in before):
            continue
        at_first = {name: value for name, value in wanted.items() if kind.fields[name].on_create}
        owners: set[str | None] = set()
        # The one that stays is the one on which everything is done already, if there is one.
        for item in sorted(new, key=lambda item: bool(kind.differences(item, wanted))):
            if kind.matches(item, wanted) and not kind.differences(item, at_first):
                owner = kind.owner(item) if kind.owner else None
                surplus += [item["id"]] if owner in owners else []
                owners.add(owner)
    return surplus
