# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hangs on a case: comments, notes, files, tasks, subscribers, linked cases, records, the time line."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from . import checks
from .messages import ApiError, Endpoint, Request, Response
from .resources import Batch, Fields, Resource
from .store import Case, Item, shown_user

COLORS = ("white", "gold", "magenta", "green", "blue", "red", "mint", "indigo")
REACTIONS = ("+1", "-1", "eyes", "heart", "white_check_mark")

_EMAILS = checks.list_of(checks.email)
_ACTIVITY_TYPES = checks.one_or_more(checks.full_text)


class CaseResource(Resource[Case]):
    """A list below a case. What happens to it goes into the time line."""

    path = r"/api/v2/cases/(\d+)"
    author_key: ClassVar[str] = ""  # the key of the item's author, who alone may change and delete it
    lines: ClassVar[Mapping[str, str]] = {}  # the activity types of a creation, an update and a deletion
    told: ClassVar[str] = ""  # the key whose value the time line tells

    def owner(self, ids: Sequence[int]) -> Case:
        """The case whose ID comes first in the path."""
        return self._store.case(ids[0])

    def head(self, owner: Case) -> Item:
        """The case's ID."""
        return {"case_id": owner.case_id}

    def check_writable(self, owner: Case) -> None:
        """Some servers may refuse to write in a closed case."""
        if self._settings.closed_cases_read_only and owner.status == "CLOSED":
            raise ApiError(422, "The case is closed", "case_id")

    def check_author(self, item: Item) -> None:
        """Only the author or an admin may delete; that it holds for updates too is assumed."""
        rule = self._settings.author_rule
        if rule and self.author_key and item[self.author_key]["email"] != self._store.key_user.email:
            raise ApiError(rule, f"Only its author or an admin can change or delete the {self.noun.lower()}")

    def added(self, owner: Case, item: Item) -> None:
        """Tells of it."""
        self.tell(owner, item, "created")

    def updated(self, owner: Case, before: Item, after: Item) -> None:
        """Tells of it."""
        self.tell(owner, after, "updated")

    def removed(self, owner: Case, item: Item) -> None:
        """Tells of it."""
        self.tell(owner, item, "deleted")

    def tell(self, case: Case, item: Item, event: str) -> None:
        """Notes in the case what happened to the item."""
        if event in self.lines:
            value = item.get(self.told)
            self._store.log_activity(case, self.lines[event], None if value is None else str(value))
        if self._settings.children_touch_case:
            self._store.touch(case)


class Activities(CaseResource):
    """The time line."""

    name, noun = "activities", "Activity"
    query: ClassVar[Fields] = {"activity_type": _ACTIVITY_TYPES, "resolve_mentions": checks.flag}
    most_per_page = 50

    def items(self, owner: Case) -> Mapping[int, Item]:
        """The whole time line, comments and files included."""
        return {entry["id"]: entry for entry in owner.activities}

    def selected(self, items: Sequence[Item], request: Request) -> Sequence[Item]:
        """Those of the types that were asked for."""
        if "activity_type" not in request.params:
            return items
        wanted = _ACTIVITY_TYPES("activity_type", request.params["activity_type"])
        return [item for item in items if item["activity_type"] in wanted]


class TimeLineResource(CaseResource):
    """A list of items that are themselves entries of the time line."""

    sequence = "activity"
    author_key = "user"

    def added(self, owner: Case, item: Item) -> None:
        """Tells of the entry."""
        self._store.happened.append((owner.case_id, item))
        super().added(owner, item)


class Comments(TimeLineResource):
    """Comments and their reactions."""

    name, noun = "comments", "Comment"
    create_fields: ClassVar[Fields] = {"value": checks.full_text, "author_email": checks.email}
    required = ("value",)
    update_fields: ClassVar[Fields] = {"value": checks.full_text}
    told = "value"
    lines: ClassVar[Mapping[str, str]] = {"deleted": "DELETED_COMMENT"}

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """Reactions."""
        yield rf"{path}/(\d+)/reactions", {"POST": self.react}
        yield rf"{path}/(\d+)/remove_reaction", {"POST": self.remove_reaction}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A comment, which is an entry of the time line."""
        return {
            "activity_type": "COMMENTED",
            "value": given["value"],
            "created_at": self._store.now(),
            "user": shown_user(self._store.author(given)),
            "reactions": [],
        }

    def react(self, request: Request, case_id: int, comment_id: int) -> Response:
        """POST .../comments/{id}/reactions"""
        return self._reactions(request, case_id, comment_id, 201)

    def remove_reaction(self, request: Request, case_id: int, comment_id: int) -> Response:
        """POST .../comments/{id}/remove_reaction"""
        return self._reactions(request, case_id, comment_id, 200)

    def _reactions(self, request: Request, case_id: int, comment_id: int, status: int) -> Response:
        case = self.owner([case_id])
        comment = self.item(case, comment_id)
        given = checks.fields(request.json, {"value": checks.one_of(*REACTIONS)}, ["value"])["value"]
        me, emoji = self._store.key_user, f":{given}:"
        reactions = [reaction for reaction in comment["reactions"] if reaction["emoji"] != emoji]
        if status == 201:
            name = f"{me.first_name} {me.last_name}".strip()
            reactant = {"user_id": me.id, "user_name": name, "reacted_at": self._store.now()}
            reactions.append({"emoji": emoji, "reactants": [reactant]})
        return self.respond(status, case, self.replace(case, comment, {**comment, "reactions": reactions}))


class Notes(CaseResource):
    """Notes. A position is taken and never shown."""

    name, noun = "notes", "Note"
    create_fields: ClassVar[Fields] = {
        "title": checks.full_text,
        "content": checks.text,
        "color": checks.one_of(*COLORS),
        "position": checks.whole_number,
        "sensitive": checks.flag,
        "hidden": checks.flag,
        "author_email": checks.email,
    }
    required = ("title",)
    update_fields = create_fields
    query: ClassVar[Fields] = {"resolve_mentions": checks.flag}
    told = "title"
    lines: ClassVar[Mapping[str, str]] = {"created": "NOTE_ADDED", "updated": "NOTE_UPDATED", "deleted": "NOTE_DELETED"}

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """Text that is added to a note."""
        yield rf"{path}/(\d+)/content", {"POST": self.append}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A note."""
        stamp = self._store.now()
        return {
            "title": given["title"],
            "content": given.get("content", ""),
            "color": given.get("color", "white"),
            "sensitive": given.get("sensitive", False),
            "hidden": given.get("hidden", False),
            "author": shown_user(self._store.author(given)),
            "created_at": stamp,
            "updated_at": stamp,
        }

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """The note with what was given."""
        after = {**item, **{name: value for name, value in given.items() if name in item}}
        if "author_email" in given:
            after["author"] = shown_user(self._store.author(given))
        return after

    def append(self, request: Request, case_id: int, note_id: int) -> Response:
        """POST .../notes/{id}/content: the text is added to what is there."""
        case = self.owner([case_id])
        note = self.item(case, note_id)
        given = checks.fields(request.json, {"content": checks.text, "author_email": checks.email}, ["content"])
        after = {**note, "content": note["content"] + given["content"]}
        return self.respond(201, case, self.replace(case, note, after))


class Tasks(CaseResource):
    """Tasks."""

    name, noun, wrapper = "tasks", "Task", "task"
    create_fields: ClassVar[Fields] = {"description": checks.full_text, "assignee_emails": _EMAILS}
    required = ("description",)
    update_fields: ClassVar[Fields] = {**create_fields, "completed": checks.flag}
    most_per_page = 50
    batch = Batch("tasks", 25)
    told = "description"
    lines: ClassVar[Mapping[str, str]] = {"created": "TASK_CREATED", "deleted": "TASK_DELETED"}

    def head(self, owner: Case) -> Item:
        """Nothing: the task alone is shown."""
        return {}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """An open task."""
        stamp = self._store.now()
        return {
            "description": given["description"],
            "completed": False,
            "assignees": self._assignees(given.get("assignee_emails", [])),
            "created_at": stamp,
            "updated_at": stamp,
        }

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """The task with what was given."""
        after = {**item, **given}
        if "assignee_emails" in given:
            after["assignees"] = self._assignees(after.pop("assignee_emails"))
        return after

    def updated(self, owner: Case, before: Item, after: Item) -> None:
        """Tells of each thing that changed."""
        happened = {
            "TASK_UPDATED": before["description"] != after["description"],
            "TASK_COMPLETED": after["completed"] and not before["completed"],
            "TASK_INCOMPLETE": before["completed"] and not after["completed"],
            "TASK_ASSIGNED": any(user not in before["assignees"] for user in after["assignees"]),
            "TASK_UNASSIGNED": any(user not in after["assignees"] for user in before["assignees"]),
        }
        for line, holds in happened.items():
            if holds:
                self._store.log_activity(owner, line, after["description"])
        self.tell(owner, after, "updated")

    def _assignees(self, emails: Iterable[str]) -> list[Item]:
        users = [self._store.known_user(email, "assignee_emails") for email in dict.fromkeys(emails)]
        return [
            {"id": str(user.id), "email": user.email, "first_name": user.first_name, "last_name": user.last_name}
            for user in users
        ]


class Subscribers(CaseResource):
    """Subscribers. Whoever is one already stays the same subscriber."""

    name, noun = "subscribers", "Subscriber"
    create_fields: ClassVar[Fields] = {"user_email": checks.email}
    required = ("user_email",)
    readable = False
    batch = Batch("user_emails", 50, "user_email")

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A subscription."""
        return {"user": shown_user(self._store.known_user(given["user_email"], "user_email"))}

    def add(self, owner: Case, item: Item) -> Item:
        """The subscriber, who may be one already."""
        for known in self.items(owner).values():
            if known["user"]["email"] == item["user"]["email"]:
                return known
        return super().add(owner, item)

    def listed(self, item: Item) -> Item:
        """Flat, unlike a single one."""
        return {**item["user"], "id": item["id"]}


class Files(TimeLineResource):
    """Files. Their contents are kept apart from what a list shows."""

    name, noun = "files", "File"
    lines: ClassVar[Mapping[str, str]] = {"deleted": "FILE_DELETED"}

    @property
    def create_fields(self) -> Fields:  # type: ignore[override]  # the size that is allowed is a setting
        """What creation takes."""
        return {
            "filename": checks.full_text,
            "file_contents": self._contents,
            "value": checks.text,
            "author_email": checks.email,
            "team_case_block_id": checks.number,
        }

    required = ("filename", "file_contents")

    def _contents(self, name: str, value: Any) -> bytes:
        try:
            content = base64.b64decode(checks.text(name, value), validate=True)
        except (binascii.Error, ValueError):
            raise ApiError(422, f"{name} must be base64", name) from None
        most = self._settings.max_file_bytes
        if most is not None and len(content) > most:
            raise ApiError(422, f"{name} must not exceed {most} bytes", name)
        return content

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """The content, and what describes it."""
        yield rf"{path}/(\d+)/download", {"GET": self.download}
        yield rf"{path}/(\d+)/info", {"GET": self.info}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A file, which is an entry of the time line."""
        return {
            "activity_type": "FILE_ATTACHED_AND_COMMENTED" if given.get("value") else "FILE_ATTACHED",
            "value": given.get("value"),
            "created_at": self._store.now(),
            "file": {"filename": given["filename"]},
            "user": shown_user(self._store.author(given)),
            "reactions": [],
            "block_id": given.get("team_case_block_id"),
            "content": given["file_contents"],
        }

    def put(self, owner: Case, item: Item) -> Item:
        """Stores the content apart."""
        content = item.pop("content")
        stored = super().put(owner, item)
        # A client cannot use this address, as little as those of the vendor's samples: it builds the path itself.
        stored["file"]["url"] = f"http://tenant.invalid/api/v2/cases/{owner.case_id}/files/{stored['id']}/download"
        self._store.contents[stored["id"]] = content
        return stored

    def drop(self, owner: Case, item_id: int) -> None:
        """Forgets the content, too."""
        super().drop(owner, item_id)
        del self._store.contents[item_id]

    def download(self, request: Request, case_id: int, file_id: int) -> Response:
        """GET .../files/{id}/download: the bytes as they are."""
        filename = self.item(self.owner([case_id]), file_id)["file"]["filename"]
        quoted = filename.encode("ascii", "replace").decode("ascii").replace('"', "_").replace("\n", "_")
        headers = {
            "Content-Disposition": f'attachment; filename="{quoted}"',
            "Content-Security-Policy": "default-src 'none'",
        }
        return Response(200, raw=self._store.contents[file_id], headers=headers, content_type=_mime_type(filename))

    def info(self, request: Request, case_id: int, file_id: int) -> Response:
        """GET .../files/{id}/info: a description without the content."""
        filename = self.item(self.owner([case_id]), file_id)["file"]["filename"]
        if not self._settings.file_info:
            raise ApiError(404, "Not found")
        content = self._store.contents[file_id]
        hashes = {"md5": hashlib.md5(content, usedforsecurity=False), "sha256": hashlib.sha256(content)}
        shown = {"filename": filename, "content_type": _mime_type(filename), "guid": f"file-{file_id}"}
        shown.update({name: hashes[name].hexdigest() for name in self._settings.file_info_hashes})
        return Response(200, {**shown, "sizeinbytes": len(content)})


def _mime_type(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


class LinkedCases(CaseResource):
    """Cases that are linked to a case; what is shown is always the whole list."""

    name, noun = "linked_cases", "Linked case"
    create_fields: ClassVar[Fields] = {"id": checks.number}
    required = ("id",)
    readable = False
    batch = Batch("ids", 150, "id")
    told = "case_id"
    lines: ClassVar[Mapping[str, str]] = {"created": "LINKED_CASE_ADDED", "deleted": "LINKED_CASE_REMOVED"}

    def head(self, owner: Case) -> Item:
        """Which case it is."""
        return {"case_id": owner.case_id, "name": owner.name}

    def items(self, owner: Case) -> Mapping[int, Item]:
        """The linked cases that are still there."""
        cases = self._store.cases
        return {number: self._link(number) for number in owner.linked_cases if number in cases}

    def _link(self, number: int) -> Item:
        return {"case_id": number, "name": self._store.cases[number].name}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A link to another case."""
        number = given["id"]
        if number not in self._store.cases or number == owner.case_id:
            raise ApiError(422, f"The case {number} cannot be linked", "id")
        return self._link(number)

    def add(self, owner: Case, item: Item) -> Item:
        """Links, unless they are linked already."""
        for case, other in self._pairs(owner, item["case_id"]):
            if other.case_id not in case.linked_cases:
                case.linked_cases = [*case.linked_cases, other.case_id]
                self.added(case, self._link(other.case_id))
        return item

    def drop(self, owner: Case, item_id: int) -> None:
        """Unlinks."""
        for case, other in self._pairs(owner, item_id):
            case.linked_cases = [number for number in case.linked_cases if number != other.case_id]
            if case is not owner:
                self.removed(case, self._link(other.case_id))

    def _pairs(self, case: Case, other_id: int) -> list[tuple[Case, Case]]:
        other = self._store.cases[other_id]
        return [(case, other), (other, case)] if self._settings.links_on_both_sides else [(case, other)]

    def respond(self, status: int, owner: Case, item: Item) -> Response:
        """The whole list."""
        return Response(status, {**self.head(owner), self.name: list(self.items(owner).values())})

    def respond_batch(self, owner: Case, items: Sequence[Item]) -> Response:
        """The whole list."""
        return self.respond(201, owner, {})


class Records(CaseResource):
    """Records of a case, by the record's own ID. The list groups them by type."""

    name, noun, wrapper = "records", "Record", "record"
    create_fields: ClassVar[Fields] = {"record_id": checks.number}
    required = ("record_id",)
    told = "id"
    lines: ClassVar[Mapping[str, str]] = {"created": "RECORD_RESULT_SET_ADDED", "deleted": "RECORD_RESULT_SET_REMOVED"}

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """The same from the record's side."""
        yield r"/api/v2/records/(\d+)/cases", {"POST": self.link_case}

    def items(self, owner: Case) -> Mapping[int, Item]:
        """The records by ID."""
        return {number: _record(number) for number in owner.record_ids}

    def made(self, owner: Case, given: Mapping[str, Any]) -> Item:
        """A record that can be added."""
        number = given["record_id"]
        if number in self._settings.unknown_ids:
            raise ApiError(404, "Record not found", "record_id")
        if number in owner.record_ids:
            raise ApiError(422, "The record is on the case already", "record_id")
        return _record(number)

    def add(self, owner: Case, item: Item) -> Item:
        """Puts the record on the case."""
        owner.record_ids = [*owner.record_ids, item["id"]]
        self.added(owner, item)
        return item

    def drop(self, owner: Case, item_id: int) -> None:
        """Takes the record from the case."""
        owner.record_ids = [number for number in owner.record_ids if number != item_id]

    def arranged(self, shown: list[Item]) -> list[Item]:
        """Grouped by type, of which there is one."""
        if not shown:
            return []
        return [{"record_type_id": 1, "record_type_name": "Record type 1", "record_type_record_results": shown}]

    def link_case(self, request: Request, record_id: int) -> Response:
        """POST /api/v2/records/{record_id}/cases, which can be repeated."""
        case = self._store.case(checks.fields(request.json, {"case_id": checks.number}, ["case_id"])["case_id"])
        self.check_writable(case)
        if record_id not in case.record_ids:
            self.add(case, self.made(case, {"record_id": record_id}))
        return Response(204)


def _record(number: int) -> Item:
    return {
        "id": number,
        "record_type": {"id": 1, "name": "Record type 1"},
        "records": [{"id": number * 10 + 1, "name": "Story name", "value": f"Record {number}"}],
        "created_at": "2026-01-01T00:00:00Z",
    }
