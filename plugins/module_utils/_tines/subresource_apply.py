# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""Apply a plan for things of a case: read, plan, apply, verify, and reconcile after an ambiguous failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.diff import Change, merge_alike
from .._core.errors import CaseworkError, NotDoneError, RequestError
from .._core.execution import ModuleContext
from .._core.plan import Plan, PlannedRequest
from .._core.redaction import redact, shorten
from .._core.responses import REFUSALS
from .._core.workers import ItemResult, fail_if_any_failed, run_concurrently
from .client import Tines
from .endpoints import Bulk, Item
from .people import author_of, same_email
from .reconcile import send_reconciled
from .requests import AlreadySent, CreateItems, DeleteItem, SetItems, UpdateItem
from .subresource import DesiredItems, ItemsPlan, Kind, duplicates_of_retry, ids_to_read, plan_items, shown_sides

Context = ModuleContext[Tines]

REFUSED_ITEM = (*REFUSALS, 404)
"""The statuses by which a server may say that one thing cannot be as asked, such as an address that nobody has."""

REFUSED_BULK = (*REFUSED_ITEM, 405, 413)
"""The same for a request for several cases, which a server need not have. How many cases it takes is not documented."""


MAX_LABEL = 80
"""Characters of a label that a message quotes."""


@dataclass(frozen=True)
class ItemsResult:
    """What becomes of the things of one case.

    plan: what was intended; after a failure, the part of it that is known to be done. items: the things as they are now
    known to be: as predicted until something was sent, then as the server has them. error: why it failed. unknown: what
    the things are called of which nobody knows whether the server changed them.
    """

    kind: Kind
    parent: int
    plan: ItemsPlan
    items: Sequence[Item]
    error: CaseworkError | None = None
    unknown: tuple[Any, ...] = ()

    def item(self, desired: Item) -> Item:
        """The thing that `desired` is about; empty if there is none."""
        new = [item for item in self.items if item["id"] not in {each["id"] for each in self.plan.before}]
        found = [item for item in self.items if self.kind.matches(item, desired)]
        found.sort(key=lambda item: bool(self.kind.differences(item, desired)))
        return next(iter(found if self.kind.key or "id" in desired else new), {})

    def change(self, whole: bool = True) -> Change:
        """What the diff of the case is made of. whole: with the things that stay as they are."""
        before, after = self.plan.before, self.plan.after
        if not whole:
            stay = {id(item) for item in before} & {id(item) for item in after}
            before, after = ([item for item in side if id(item) not in stay] for side in (before, after))
        noun = self.kind.endpoint.parent_noun
        sides = [
            {f"{noun}_id": self.parent, self.kind.plural.replace(" ", "_"): side}
            for side in shown_sides(self.kind, before, after)
        ]
        return Change(sides[0], sides[1], f"{noun} {self.parent}" if self.parent else f"new {noun}")


def read_and_plan(context: Context, kind: Kind, parent: int, desired: DesiredItems) -> ItemsPlan:
    """Read the things of a case and plan. A case with the ID 0 will exist: in check mode it has nothing yet.

    Raises `CaseworkError`.
    """
    current = list_items(context, kind, parent, desired.state)
    return plan_items(kind, parent, with_details(context.client, kind, parent, current, desired), desired)


def with_details(
    client: Tines, kind: Kind, parent: int, current: Sequence[Item], desired: DesiredItems
) -> Sequence[Item]:
    """The things, those read one by one that do not show what is asked about."""
    asked = frozenset(ids_to_read(kind, current, desired))

    def read(item: Item) -> Item:
        if kind.read:
            return kind.read(client, parent, item)
        return client.get_item(kind.endpoint, parent, item["id"])

    return [{**item, **read(item)} if item["id"] in asked else item for item in current] if asked else current


def list_items(context: Context, kind: Kind, parent: int, state: str = "present") -> list[Item]:
    """The things of a case. A case that does not exist has nothing that would have to be removed."""
    if not parent:
        return []
    items = _listed(context.client, kind, parent, state)
    if items is None:
        noun = kind.endpoint.parent_noun.capitalize()
        context.warn(f"{noun} {parent} does not exist, or this key may not see it, so it has no {kind.noun} to remove.")
    return items or []


def _listed(client: Tines, kind: Kind, parent: int, state: str) -> list[Item] | None:
    """The things of a case; None if it does not exist and nothing has to be on it."""
    try:
        return client.list_items(kind.endpoint, parent)
    except RequestError as error:
        if error.status != 404 or state != "absent":
            raise
        return None


def apply_items(
    context: Context, kind: Kind, parent: int, desired: DesiredItems, plan: ItemsPlan | None = None
) -> ItemsResult:
    """Make the things of a case as desired. plan: given if it is made already.

    A failure after the things were read is in the result, with what was done until then. Before, it is raised.
    """
    plan = plan or read_and_plan(context, kind, parent, desired)
    run = _Run(context, kind, parent, desired, plan)
    try:
        context.apply(plan, run.send_all)
    except CaseworkError as error:
        return run.failed(error)
    return ItemsResult(kind, parent, plan, run.items)


class _Run:
    """The requests of one plan as they are sent. items: the things of the case as far as they are known."""

    def __init__(self, context: Context, kind: Kind, parent: int, desired: DesiredItems, plan: ItemsPlan) -> None:
        self.items: Sequence[Item] = plan.after
        self._client = context.client
        self._kind = kind
        self._parent = parent
        self._desired = desired
        self._plan = plan
        self._refusals: list[tuple[Any, CaseworkError]] = []
        self._given_up: list[Item] = []
        self._refused_ids: set[int] = set()
        self._deleted: set[int] = set()
        self._sent_again = False
        self._in_doubt: tuple[Any, ...] = ()

    def send_all(self) -> None:
        """Send what is planned, verify it, and tell what was refused. Raises `CaseworkError`.

        An answer to a deletion shows nothing, so after the last one the things are listed.
        """
        if send_reconciled(self._client.http, self._plan, self._send_plan, self._replan):
            self._look()
        elif self._deleted:
            listed = _listed(self._client, self._kind, self._parent, self._desired.state)
            self.items = [*self.items, *self._still_there(listed or [])]
        still_there = self._still_there(self.items)
        if still_there:
            noun = f"{self._kind.noun} {_called(self._kind.label(still_there[0]))}"
            raise NotDoneError(f"{self._where()}: the server answered that the {noun} is gone, and still lists it.")
        if self._refusals:
            raise self._refusal()

    def _still_there(self, items: Iterable[Item]) -> list[Item]:
        """Those of the things that are gone, by what the server answered."""
        return [item for item in items if item["id"] in self._deleted and not self._kind.is_blank(item)]

    def failed(self, error: CaseworkError) -> ItemsResult:
        """The result after a failure: what is known to be done."""
        before = {item["id"]: item for item in self._plan.before}
        now = {item["id"]: item for item in self.items}
        new = {self._kind.key_in(item) for number, item in now.items() if number not in before}
        keys = {self._kind.label_of_desired(item): self._kind.key_in_desired(item) for item in self._desired.items}
        created = tuple(label for label in self._plan.created if keys[label] in new)
        updated = tuple(
            self._kind.label(before[number])
            for number, item in now.items()
            if number in before and self._kind.compared(before[number]) != self._kind.compared(item)
        )
        gone = [self._kind.label(item) for number, item in before.items() if number not in now]
        deleted = tuple(label for label in self._plan.deleted if label in gone)
        done = bool(created or updated or deleted)
        part = ItemsPlan(
            self._plan.before, tuple(self.items), self._plan.requests if done else (), created, updated, deleted
        )
        unknown = tuple(label for label in self._in_doubt if label not in (*created, *updated, *deleted))
        return ItemsResult(self._kind, self._parent, part, self.items, error, unknown)

    def _send_plan(self, plan: ItemsPlan) -> None:
        self.items = plan.before
        for request in plan.requests:
            if isinstance(request, DeleteItem) and request.item_id in plan.replaced and not self._is_replaced():
                self._refused_ids.add(request.item_id)
            else:
                self._send(request)
        self._finish(plan)

    def _is_replaced(self) -> bool:
        """Whether what takes the place of an old thing is there as desired. The old one is not deleted before."""
        self.items = with_details(self._client, self._kind, self._parent, self.items, self._wanted())
        if not self._all_there():
            self._look()
        return self._all_there()

    def _all_there(self) -> bool:
        # With force, an old thing can be as desired itself. It takes nobody's place.
        new = [item for item in self.items if item["id"] not in self._plan.replaced]
        return all(
            any(self._kind.matches(item, wanted) and not self._kind.differences(item, wanted) for item in new)
            for wanted in self._desired.items
        )

    def _finish(self, plan: ItemsPlan) -> None:
        """Verify that everything is as desired, by planning once more: nothing may be left to do.

        What a creation cannot set is set now, and what a request for several cases did not do in this one. If the
        answers do not show enough, the things are listed.
        """
        if self._kind.key is None:
            self._check_additions()
            return
        set_later, looked = False, False
        together = any(isinstance(request, AlreadySent) for request in plan.requests)
        while True:
            self.items = with_details(self._client, self._kind, self._parent, self.items, self._wanted())
            requests = self._left_to_do()
            if not requests:
                return
            if not set_later and (all(map(self._is_second_step, requests)) or (together and looked)):
                set_later, looked = True, False
                for request in requests:
                    self._send(request)
            elif not looked:
                looked = True
                self._look()
            else:
                raise NotDoneError(f"{self._where()}: {self._what_differs()}")

    def _check_additions(self) -> None:
        """The same for things that nothing identifies: there must be as many more of them as were asked for."""
        before = {item["id"] for item in self._plan.before}
        for look in (False, True):
            if look:
                self._look()
            new = [item for item in self.items if item["id"] not in before]
            if all(any(not self._kind.differences(item, wanted) for item in new) for wanted in self._wanted().items):
                return
        noun = self._kind.noun
        raise NotDoneError(f"{self._where()}: the server took the request for a {noun} but does not list it.")

    def _left_to_do(self) -> list[PlannedRequest[Any]]:
        rest = plan_items(self._kind, self._parent, self.items, self._wanted(), self._plan.replaced)
        return [request for request in rest.requests if getattr(request, "item_id", None) not in self._refused_ids]

    def _is_second_step(self, request: PlannedRequest[Any]) -> bool:
        fields = {each.wire for each in self._kind.fields.values() if not each.on_create}
        return isinstance(request, UpdateItem) and fields.issuperset(request.body)

    def _wanted(self) -> DesiredItems:
        """What is still to be reached: without what the server refused."""
        items = tuple(wanted for wanted in self._desired.items if wanted not in self._given_up)
        return replace(self._desired, items=items, unique=False, author=None)

    def _what_differs(self) -> str:
        for wanted in self._wanted().items:
            item = next((item for item in self.items if self._kind.matches(item, wanted)), None)
            noun = f"{self._kind.noun} {_called(self._kind.label_of_desired(wanted))}"
            if item is None:
                return f"the server took the request for the {noun} but does not list it. {self._kind.unseen}".rstrip()
            wrong = self._kind.differences(item, wanted)
            if wrong:
                before, after = self._kind.shown(item), self._kind.shown(self._kind.predicted(item, wrong), item)
                there, asked = redact(before), redact(after, before)
                values = ((name, there.get(name), asked.get(name)) for name in wrong)
                said = ", ".join(f"{name} is {shown!r} instead of {value!r}" for name, shown, value in values)
                return f"the server took the request for the {noun} but did not do it: {redact(said)}."
        return f"the server took the requests but there are other {self._kind.plural} than asked for."

    def _replan(self) -> ItemsPlan:
        """The plan for what is left, on what the server has now."""
        self._sent_again = True
        self._look()
        plan = plan_items(self._kind, self._parent, self.items, self._wanted(), self._plan.replaced)
        self._in_doubt = ()
        return plan

    def _look(self) -> None:
        """List the things. After a retry those that came twice are removed: a lost request may be carried out late."""
        current: Sequence[Item] = self._client.list_items(self._kind.endpoint, self._parent)
        current = with_details(self._client, self._kind, self._parent, current, self._wanted())
        duplicates = duplicates_of_retry(self._kind, self._plan, self._desired, current) if self._sent_again else []
        for item_id in duplicates:
            self._delete_duplicate(item_id)
        self.items = [item for item in current if item["id"] not in duplicates]

    def _delete_duplicate(self, item_id: int) -> None:
        try:
            self._client.delete_item(self._kind.endpoint, self._parent, item_id)
        except RequestError as error:
            noun = self._kind.noun
            raise error.explained(f"{self._where()}: a {noun} was created twice; delete {noun} {item_id}.") from error

    def _send(self, request: PlannedRequest[Tines]) -> None:
        """Send one request and note its effect. What the server refuses for one thing does not stop the others."""
        try:
            answer = request.send(self._client)
        except RequestError as error:
            if isinstance(request, CreateItems):
                self._creation_failed(request, error)
            elif isinstance(request, (UpdateItem, DeleteItem)):
                self._change_failed(request, error)
            else:
                if error.outcome_unknown:
                    self._in_doubt = (*self._plan.created, *self._plan.updated)
                raise
            return
        if not isinstance(request, DeleteItem):
            self._note(answer)
            return
        self.items = [item for item in self.items if item["id"] != request.item_id]
        self._deleted.add(request.item_id)

    def _note(self, shown: Sequence[Item]) -> None:
        by_id = {item["id"]: item for item in shown}
        known = {item["id"] for item in self.items}
        self.items = [
            *(self._noted(item, by_id[item["id"]]) if item["id"] in by_id else item for item in self.items),
            *(item for item in shown if item["id"] not in known),
        ]

    def _noted(self, item: Item, shown: Item) -> Item:
        # What was read one by one before the change no longer holds.
        return shown if self._kind.read else {**item, **shown}

    def _creation_failed(self, request: CreateItems, error: RequestError) -> None:
        """Find out which of several things a server refuses; raise whatever is no refusal of a thing."""
        wanted = [each for each in self._desired.items if self._kind.body(each, create=True) in request.bodies]
        # A 403 for several says that the key may not do this at all; for one, it may be this one alone.
        if error.status not in REFUSED_ITEM or (error.status == 403 and len(request.bodies) > 1):
            if error.outcome_unknown:
                self._in_doubt = tuple(self._kind.label_of_desired(each) for each in wanted)
                if self._kind.key is None:
                    raise self._outcome_unknown(error) from error
            raise error
        if len(request.bodies) > 1:
            for body in request.bodies:
                self._send(CreateItems(request.endpoint, request.parent, [body]))
        else:
            self._given_up += wanted
            self._refusals += [(self._kind.label_of_desired(each), error) for each in wanted]

    def _change_failed(self, request: UpdateItem | DeleteItem, error: RequestError) -> None:
        item = next(each for each in self.items if each["id"] == request.item_id)
        if error.status not in REFUSED_ITEM:
            self._in_doubt = (self._kind.label(item),)
            raise error
        owner = self._kind.owner(item) if self._kind.owner else None
        if owner:
            verb = "delete" if isinstance(request, DeleteItem) else "change"
            noun = f"{self._kind.noun} {request.item_id}"
            error = error.explained(f"The {noun} is by {owner}, and the server refused to {verb} it:")
        self._refused_ids.add(request.item_id)
        self._refusals.append((self._kind.label(item), error))

    def _outcome_unknown(self, error: RequestError) -> CaseworkError:
        # Not a RequestError, which would be planned anew.
        return CaseworkError(
            f"{error.msg} Whether the {self._kind.noun} was added is unknown, and nothing identifies it. "
            "Look before running the task again.",
            **error.facts,
        )

    def _refusal(self) -> CaseworkError:
        """One error for everything that was refused."""
        label, error = self._refusals[0]
        others = len(self._refusals) - 1
        more = f"{others} more {self._kind.noun if others == 1 else self._kind.plural} failed too." if others else ""
        return error.explained(f"{self._where()}, {self._kind.noun} {_called(label)}:", more)

    def _where(self) -> str:
        return f"{self._kind.endpoint.parent_noun.capitalize()} {self._parent}"


def _called(label: Any) -> str:
    """A label in a message. That of a comment is its whole text."""
    return repr(shorten(label, MAX_LABEL) if isinstance(label, str) else label)


# Whole modules


def run_on_case(
    context: Context, kind: Kind, parent: int, desired: DesiredItems, plan: ItemsPlan | None = None
) -> dict[str, Any]:
    """Make one thing as desired. Returns the result of the module. Raises `CaseworkError`. plan: see `apply_items`."""
    return item_result(context, apply_items(context, kind, parent, desired, plan), desired)


def item_result(context: Context, done: ItemsResult, desired: DesiredItems) -> dict[str, Any]:
    """The result of a module that makes one thing as desired. Raises `CaseworkError` if that failed."""
    if done.error:
        raise done.error
    kind, parent, (wanted,) = done.kind, done.parent, desired.items
    item = {} if desired.state == "absent" else done.item(wanted)
    asked, author = wanted.get("author_email"), author_of(item)
    if done.plan.created and item.get("id") and asked and not same_email(asked, author):
        context.warn(f"The {kind.noun} was to be written by {asked}, and the server has it as by {author}.")
    return {
        "changed": done.plan.changed,
        kind.noun: kind.result(item),
        f"{kind.endpoint.parent_noun}_id": parent,
        "diff": done.change(whole=False).diff(),
    }


def run_on_cases(
    context: Context, kind: Kind, desired_by_case: Mapping[int, DesiredItems], shown: str
) -> dict[str, Any]:
    """Make the things of many cases as desired, several cases at a time. Returns the result of the module.

    shown: under which key a case's result has its things. Raises `CaseworkError` with the result if a case failed.
    """
    cases, concurrency, limiter = list(desired_by_case), context.params["concurrency"], context.http.limiter
    plans: dict[int, ItemsPlan] = {}

    def plan_one(case_id: int) -> tuple[bool, None]:
        plans[case_id] = read_and_plan(context, kind, case_id, desired_by_case[case_id])
        return True, None

    def work(case_id: int) -> tuple[ItemsResult | None, CaseworkError | None]:
        result = apply_items(context, kind, case_id, desired_by_case[case_id], plans.get(case_id))
        return result, result.error

    # If a change on one case shows on another, plans are made before anything is changed, as check mode does.
    plan_first = kind.mutual or (kind.endpoint.bulk and len(cases) > 1)
    first = run_concurrently(limiter, cases, plan_one, concurrency) if plan_first else ()
    failed = {each.item: each for each in first if each.failed}
    if kind.endpoint.bulk:
        plans.update(send_together(context, kind, kind.endpoint.bulk, plans))
    later = run_concurrently(limiter, [case for case in cases if case not in failed], work, concurrency)
    by_case: dict[int, ItemResult[int, ItemsResult]] = {each.item: each for each in later}
    by_case.update({case: ItemResult(case, None, each.error) for case, each in failed.items()})
    done = [by_case[case] for case in cases]
    results = [_case_result(each, shown) for each in done]
    result = {
        "changed": any(each["changed"] for each in results),
        "cases": results,
        "diff": merge_alike(each.value.change() for each in done if each.value and each.value.plan.changed),
    }
    return fail_if_any_failed(done, result)


def send_together(context: Context, kind: Kind, bulk: Bulk, plans: Mapping[int, ItemsPlan]) -> dict[int, ItemsPlan]:
    """Send what is the same for several cases with one request for them all. Returns the plans for what is left of it.

    If the server refuses such a request, the plans stay as they are: what it does not take for one case is then
    refused for that case alone.
    """
    cases_by_change: dict[str, list[int]] = {}
    changes = {case_id: _changes(kind, plan) for case_id, plan in plans.items()}
    for case_id, change in changes.items():
        cases_by_change.setdefault(repr(change), []).append(case_id)
    requests = [
        SetItems(bulk, kind.endpoint, case_ids[at : at + bulk.size], changes[case_ids[0]])
        for case_ids in cases_by_change.values()
        for at in range(0, len(case_ids), bulk.size)
        if len(case_ids) > 1 and changes[case_ids[0]]
    ]
    left: dict[int, ItemsPlan] = {}

    def send_all() -> None:
        for request in requests:
            left.update(_send_for_all(context.client, request, plans))

    context.apply(Plan((), (), tuple(requests)), send_all)
    return left


def _changes(kind: Kind, plan: ItemsPlan) -> list[Item]:
    """The things that a plan creates or changes, whole."""
    before = {item["id"]: item for item in plan.before}
    created = [body for request in plan.requests if isinstance(request, CreateItems) for body in request.bodies]
    updates = [request for request in plan.requests if isinstance(request, UpdateItem)]
    key = str(kind.key)
    updated = [{key: before[request.item_id][key], **request.body} for request in updates]
    return sorted([*created, *updated], key=lambda change: str(change[key]))


def _send_for_all(client: Tines, request: SetItems, plans: Mapping[int, ItemsPlan]) -> dict[int, ItemsPlan]:
    try:
        shown = request.send(client)
        sent = {case_id: AlreadySent(shown[case_id]) for case_id in request.parents}
    except RequestError as error:
        if error.status in REFUSED_BULK:
            return {}
        sent = {case_id: AlreadySent(error=error) for case_id in request.parents}
    return {case_id: _left_of(plans[case_id], each) for case_id, each in sent.items()}


def _left_of(plan: ItemsPlan, sent: AlreadySent) -> ItemsPlan:
    """The plan whose creations and changes were sent already."""
    return replace(plan, requests=(sent, *(request for request in plan.requests if isinstance(request, DeleteItem))))


def _case_result(done: ItemResult[int, ItemsResult], shown: str) -> dict[str, Any]:
    """What became of one case, as the result shows it."""
    plan = done.value.plan if done.value else None
    result = {
        "case_id": done.item,
        "changed": bool(plan and plan.changed),
        shown: [done.value.kind.result(item) for item in done.value.items] if done.value else [],
        "created": list(plan.created) if plan else [],
        "updated": list(plan.updated) if plan else [],
        "deleted": list(plan.deleted) if plan else [],
        "failed": done.failed,
    }
    unknown = {"unknown": list(done.value.unknown)} if done.value and done.value.unknown else {}
    return {**result, **unknown, "msg": done.msg} if done.failed else result
