# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases: v2 under ``/api/v2/cases``, v1 under ``/api/v1/cases``, one store behind both."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence, Sized
from typing import Any, Callable

from . import checks, filters
from .buttons import V1_FIELDS, V1_NEEDS, Buttons, from_v1, v1_button
from .case_inputs import CaseFields
from .case_items import LinkedCases, Tasks
from .checks import Check
from .messages import ApiError, Request, Response
from .paging import listing
from .settings import Settings
from .store import Case, Store, User

V2_MOST_PER_PAGE = 500
V1_MOST_PER_PAGE = 50

_EMAILS = checks.list_of(checks.email)
_NAMES = checks.list_of(checks.full_text)
_CONDITION = checks.objects({"name": checks.full_text, "formula": checks.full_text}, ("name", "formula"))


def _number_or_word(name: str, value: Any) -> Any:
    """An id, or a word that stands for one as in the vendor's v1 sample."""
    if isinstance(value, str) and value.strip() and not value.isdecimal():
        return value
    return checks.number(name, value)


def _field_values(name: str, value: Any) -> list[dict[str, Any]]:
    """Values by the case input's ID, as the resource takes them."""
    return [
        {"input_id": checks.number(name, key), "value": checks.plain(f"{name}.{key}", item)}
        for key, item in checks.mapping(name, value).items()
    ]


_IN_ALL: Mapping[str, Check] = {
    "team_id": checks.number,
    "name": checks.full_text,
    "description": checks.text,
    "priority": checks.enum(*filters.PRIORITIES),
    "status": checks.enum(*filters.STATUSES),
    "author_email": checks.email,
    "assignee_emails": _EMAILS,
    "opened_at": checks.timestamp,
    "resolved_at": checks.nullable(checks.timestamp),
    "closure_conditions": checks.list_of(_CONDITION),
}
_ADDED_AND_REMOVED: Mapping[str, Check] = {
    "add_assignee_emails": _EMAILS,
    "remove_assignee_emails": _EMAILS,
    "add_tag_names": _NAMES,
    "remove_tag_names": _NAMES,
}
V2_CREATE: Mapping[str, Check] = {
    **_IN_ALL,
    "template_id": checks.identifier,
    "sub_status_id": checks.nullable(checks.number),
    "tag_names": _NAMES,
    "metadata": checks.mapping,
    "field_values": _field_values,
    "tasks": checks.list_of(checks.objects(Tasks.create_fields, Tasks.required)),
    "blocks": checks.list_of(checks.mapping),
}
V2_UPDATE: Mapping[str, Check] = {
    **_IN_ALL,
    **_ADDED_AND_REMOVED,
    "sub_status_id": checks.nullable(checks.number),
}
_RECORDS = checks.list_of(_number_or_word)
V1_CREATE: Mapping[str, Check] = {
    **_IN_ALL,
    "team_id": _number_or_word,
    "tag_names": _NAMES,
    "record_ids": _RECORDS,
    "metadata": checks.mapping,
    "team_case_buttons": checks.list_of(checks.objects(V1_FIELDS, V1_NEEDS)),
}
V1_UPDATE: Mapping[str, Check] = {
    **V1_CREATE,
    **_ADDED_AND_REMOVED,
    "add_record_ids": _RECORDS,
    "remove_record_ids": _RECORDS,
}
_LIST: Mapping[str, Check] = {
    "team_id": checks.number,
    "filters": checks.mapping,
    "order": checks.one_of(*filters.ORDERS),
    "per_page": checks.number,
    "page": checks.number,
}

# Fields that are stored as they come.
_PLAIN = [
    "name",
    "description",
    "priority",
    "opened_at",
    "resolved_at",
    "tag_names",
    "metadata",
    "closure_conditions",
    "blocks",
]

# The formulas that are understood: one that is never met, and a least number of something.
_NEVER = "=FALSE"
_MORE_THAN = re.compile(r"=\s*SIZE\(\s*team_case\.(\w+)\s*\)\s*>\s*(\d+)")
_COUNTED: Mapping[str, Callable[[Case], Sized]] = {
    "assignees": lambda case: case.assignees,
    "tags": lambda case: case.tag_names,
    "records": lambda case: case.record_ids,
    "linked_cases": lambda case: case.linked_cases,
    "actions": lambda case: case.buttons,
    "comments": lambda case: case.kept("comments"),
    "notes": lambda case: case.kept("notes"),
    "files": lambda case: case.kept("files"),
    "tasks": lambda case: case.kept("tasks"),
}


def _is_met(formula: str, case: Case) -> bool:
    """Whether a closure condition is met; a formula that is not understood is."""
    match = _MORE_THAN.fullmatch(formula.strip())
    if match and match[1] in _COUNTED:
        return len(_COUNTED[match[1]](case)) > int(match[2])
    return formula.strip() != _NEVER


# What the time line tells of a change: the new value, or what came to a list and what went.
_LINES: Mapping[str, Callable[[Case], str]] = {
    "TITLE_UPDATED": lambda case: case.name,
    "DESCRIPTION_UPDATED": lambda case: case.description,
    "SEVERITY_UPDATED": lambda case: case.priority,
    "STATUS_UPDATED": lambda case: case.status,
    "SUB_STATUS_UPDATED": lambda case: str(case.sub_status["name"]) if case.sub_status_id else "",
    "TEAM_UPDATED": lambda case: str(case.team_id),
}
_LISTS: Sequence[tuple[str, str, Callable[[Case], list[str]]]] = (
    ("ASSIGNED", "UNASSIGNED", lambda case: [str(user.id) for user in case.assignees]),
    ("TAGS_ADDED", "TAGS_REMOVED", lambda case: case.tag_names),
    ("RECORD_RESULT_SET_ADDED", "RECORD_RESULT_SET_REMOVED", lambda case: [str(number) for number in case.record_ids]),
)


def _joined(now_there: list[Any], add: list[Any], remove: list[Any]) -> list[Any]:
    added = now_there + [item for item in dict.fromkeys(add) if item not in now_there]
    return [item for item in added if item not in remove]


def _user(user: User | None) -> dict[str, Any] | None:
    if user is None:
        return None
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_service_account": False,
    }


def _record(record_id: int) -> dict[str, Any]:
    return {
        "id": record_id,
        "results": [{"id": record_id * 10 + 1, "name": "Story name", "value": f"Record {record_id}"}],
    }


class Cases:
    """Endpoints of cases, their metadata and their records."""

    def __init__(self, store: Store, settings: Settings, buttons: Buttons) -> None:
        self._store = store
        self._settings = settings
        self._buttons = buttons
        # How a template's ID becomes the checked fields of a case; templates come after cases.
        self.template_defaults: Callable[[str], dict[str, Any]] = lambda template_id: {}
        self._tasks = Tasks(store, settings)
        self._fields = CaseFields(store, settings)
        self._links = LinkedCases(store, settings)

    # What both versions do

    def create_case(self, given: Mapping[str, Any]) -> Case:
        """A new case from checked fields.

        Raises:
            ApiError: 403 for a team that the key may not see, 422 for an unknown template or unmet closure conditions.
        """
        template = self.template_defaults(given["template_id"]) if "template_id" in given else {}
        wanted = {**template, **given}
        store, stamp = self._store, self._store.now()
        user = store.user(wanted["author_email"]) if "author_email" in wanted else store.key_user
        case = Case(0, self._team(wanted["team_id"]), wanted["name"], user, user, stamp, stamp, stamp, 0)
        unnamed = "assignee_emails" not in wanted or (
            self._settings.assign_when_empty and not wanted["assignee_emails"]
        )
        if unnamed:
            case.assignees = [store.key_user]
            wanted.pop("assignee_emails", None)
        self._apply(case, wanted)
        tasks = [self._tasks.made(case, task) for task in wanted.get("tasks", [])]
        fields = [self._fields.made(case, value) for value in wanted.get("field_values", [])]
        case.case_id = store.next_id("case")
        store.cases[case.case_id] = case
        self._store.log_activity(case, "CREATED", str(case.case_id))
        for task in tasks:
            self._tasks.put(case, task)
        for value in fields:
            self._fields.put(case, value)
        for button in template.get("actions", []):
            self._buttons.add(case, button)
        for button in wanted.get("team_case_buttons", []):
            self._buttons.add(case, from_v1(button))
        store.touch(case)
        return case

    def _team(self, team: Any) -> int:
        if isinstance(team, str):
            team = self._store.team_id(team)
        if team in self._store.hidden_teams:
            raise ApiError(403, "You do not have access to this team", "team_id")
        return int(team)

    def _records(self, given: list[Any]) -> list[int]:
        named = (self._store.record_id(record) if isinstance(record, str) else record for record in given)
        return list(dict.fromkeys(named))

    def _apply(self, case: Case, given: Mapping[str, Any]) -> None:
        """Writes the fields into the case, which nobody else sees yet."""
        status = given.get("status", case.status)
        changed = status != case.status
        if changed:
            case.status = status
            self._store.set_sub_status(case, None)
            closing = status == "CLOSED"
            case.resolved_at = self._store.now() if closing else None
            case.resolved_by = self._store.key_user if closing else None
        if "sub_status_id" in given:
            self._store.set_sub_status(case, given["sub_status_id"])
        for name in _PLAIN:
            if name in given:
                setattr(case, name, given[name])
        case.tag_names = _joined(
            list(dict.fromkeys(case.tag_names)), given.get("add_tag_names", []), given.get("remove_tag_names", [])
        )
        if "author_email" in given:
            case.author = self._store.user(given["author_email"])
        people = {
            name: [self._store.known_user(email, name) for email in given.get(name, [])]
            for name in ("assignee_emails", "add_assignee_emails", "remove_assignee_emails")
        }
        if "assignee_emails" in given:
            case.assignees = _joined([], people["assignee_emails"], [])
        case.assignees = _joined(case.assignees, people["add_assignee_emails"], people["remove_assignee_emails"])
        if "record_ids" in given:
            case.record_ids = self._records(given["record_ids"])
        case.record_ids = _joined(
            case.record_ids,
            self._records(given.get("add_record_ids", [])),
            self._records(given.get("remove_record_ids", [])),
        )
        if changed and status == "CLOSED":
            self._may_close(case)

    def _may_close(self, case: Case) -> None:
        for condition in case.closure_conditions:
            if not _is_met(condition["formula"], case):
                message = "The case cannot be closed: the closure condition '{}' is not met".format(condition["name"])
                raise ApiError(422, message, "status")

    def _updated(self, case_id: int, given: Mapping[str, Any]) -> Case:
        before = self._store.case(case_id)
        case = copy.copy(before)
        if "team_id" in given:
            case.team_id = self._team(given["team_id"])
        self._apply(case, given)
        self._log_changes(before, case)
        if "team_case_buttons" in given:
            case.buttons = {}
            for button in given["team_case_buttons"]:
                self._buttons.add(case, from_v1(button))
        if given:
            self._store.touch(case)
        self._store.cases[case_id] = case
        return case

    def _log_changes(self, before: Case, case: Case) -> None:
        for line, shown in _LINES.items():
            if shown(before) != shown(case):
                self._store.log_activity(case, line, shown(case))
        for added, removed, listed in _LISTS:
            now_there, was_there = listed(case), listed(before)
            for line, words in (
                (added, [word for word in now_there if word not in was_there]),
                (removed, [word for word in was_there if word not in now_there]),
            ):
                if words:
                    self._store.log_activity(case, line, ",".join(words))

    def _enum(self, value: str) -> str:
        return value.lower() if self._settings.lowercase_enums else value

    def _shown_in_both(self, case: Case, request: Request) -> dict[str, Any]:
        return {
            "case_id": case.case_id,
            "name": case.name,
            "description": case.description,
            "status": self._enum(case.status),
            "url": f"{request.origin}/team/{case.team_id}/cases/{case.case_id}",
            "metadata": case.metadata,
            "author": _user(case.author),
            "opened_by": _user(case.opened_by),
            "resolved_by": _user(case.resolved_by),
            "assignees": [_user(user) for user in case.assignees],
            "tags": [{"id": self._store.tag_id(name), "name": name} for name in case.tag_names],
            "team": {"id": case.team_id, "name": self._store.team_name(case.team_id)},
            "closure_conditions": case.closure_conditions,
            "opened_at": case.opened_at,
            "resolved_at": case.resolved_at,
            "created_at": case.created_at,
            "updated_at": case.updated_at,
            "priority": self._enum(case.priority),
        }

    def _listed(self, request: Request) -> list[Case]:
        given = checks.fields(request.params, _LIST)
        tests = filters.predicates(given.get("filters", {}))
        team = given.get("team_id")
        found = [
            case
            for case in self._store.visible()
            if (team is None or case.team_id == team) and all(test(case) for test in tests)
        ]
        return filters.ordered(found, given.get("order", filters.DEFAULT_ORDER))

    def delete(self, request: Request, case_id: int) -> Response:
        """DELETE of a case, in both versions"""
        del self._store.cases[self._store.case(case_id).case_id]
        return Response(204)

    # v2

    def _v2(self, case: Case, request: Request) -> dict[str, Any]:
        shown = self._shown_in_both(case, request)
        shown.update(
            sub_status=case.sub_status,
            activities=case.activities,
            activities_meta={"count": len(case.activities), "next_page_number": None},
            actions=[self._buttons.shown(button) for button in case.buttons.values()],
            linked_cases=list(self._links.items(case).values()),
            records=self._grouped(case),
            records_meta={"count": len(case.record_ids), "next_page_number": None},
            fields=list(case.kept("fields").values()),
            tasks=list(case.kept("tasks").values()),
            blocks=case.blocks,
        )
        return shown

    def _grouped(self, case: Case) -> list[dict[str, Any]]:
        if not case.record_ids:
            return []
        return [{"id": 1, "name": "Record type 1", "records": [_record(number) for number in case.record_ids]}]

    def find(self, request: Request) -> Response:
        """GET /api/v2/cases"""
        found = self._listed(request)
        return listing("cases", found, lambda case: self._v2(case, request), request, self._settings, V2_MOST_PER_PAGE)

    def get(self, request: Request, case_id: int) -> Response:
        """GET /api/v2/cases/{case_id}"""
        checks.fields(request.params, {"resolve_mentions": checks.flag})
        return Response(200, self._v2(self._store.case(case_id), request))

    def create(self, request: Request) -> Response:
        """POST /api/v2/cases"""
        case = self.create_case(checks.fields(request.json, V2_CREATE, ("team_id", "name")))
        return Response(201, self._v2(case, request))

    def update(self, request: Request, case_id: int) -> Response:
        """PUT /api/v2/cases/{case_id}: what the body leaves out stays."""
        self._store.case(case_id)
        return Response(200, self._v2(self._updated(case_id, checks.fields(request.json, V2_UPDATE)), request))

    def metadata(self, request: Request, case_id: int) -> Response:
        """GET /api/v2/cases/{case_id}/metadata"""
        return Response(200, {"case_id": case_id, "metadata": self._store.case(case_id).metadata})

    def _merge_metadata(self, request: Request, case_id: int, status: int) -> Response:
        case = self._store.case(case_id)
        given = checks.fields(request.json, {"metadata": checks.mapping}, ["metadata"])["metadata"]
        self._set_metadata(case, {**case.metadata, **given})
        return Response(status, {"case_id": case_id, "metadata": case.metadata})

    def create_metadata(self, request: Request, case_id: int) -> Response:
        """POST /api/v2/cases/{case_id}/metadata"""
        return self._merge_metadata(request, case_id, 201)

    def update_metadata(self, request: Request, case_id: int) -> Response:
        """PUT /api/v2/cases/{case_id}/metadata"""
        return self._merge_metadata(request, case_id, 200)

    def delete_metadata(self, request: Request, case_id: int) -> Response:
        """DELETE /api/v2/cases/{case_id}/metadata: the keys named, whether they are there or not."""
        case = self._store.case(case_id)
        keys = checks.fields(request.json, {"metadata": _NAMES}, ["metadata"])["metadata"]
        self._set_metadata(case, {key: value for key, value in case.metadata.items() if key not in keys})
        return Response(204)

    def _set_metadata(self, case: Case, metadata: dict[str, Any]) -> None:
        changed = [key for key, value in {**case.metadata, **metadata}.items() if case.metadata.get(key) != value]
        changed += [key for key in case.metadata if key not in metadata]
        case.metadata = metadata
        if changed:
            self._store.log_activity(case, "METADATA_UPDATED", ",".join(changed))
        self._store.touch(case)

    # v1

    def _v1(self, case: Case, request: Request) -> dict[str, Any]:
        shown = self._shown_in_both(case, request)
        shown.update(
            team_case_actions=[
                {"id": line["id"], "action": line["activity_type"], "value": line["value"], "user": line["user"]}
                for line in case.activities
            ],
            team_case_buttons=[v1_button(button) for button in case.buttons.values()],
            linked_cases=case.linked_cases,
            records=[_record(number) for number in case.record_ids],
        )
        return shown

    def v1_list(self, request: Request) -> Response:
        """GET /api/v1/cases"""
        found = self._listed(request)
        return listing("cases", found, lambda case: self._v1(case, request), request, self._settings, V1_MOST_PER_PAGE)

    def v1_get(self, request: Request, case_id: int) -> Response:
        """GET /api/v1/cases/{case_id}"""
        return Response(200, self._v1(self._store.case(case_id), request))

    def v1_create(self, request: Request) -> Response:
        """POST /api/v1/cases"""
        case = self.create_case(checks.fields(request.json, V1_CREATE, ("team_id", "name")))
        return Response(201, self._v1(case, request))

    def v1_update(self, request: Request, case_id: int) -> Response:
        """PUT /api/v1/cases/{case_id}"""
        self._store.case(case_id)
        return Response(200, self._v1(self._updated(case_id, checks.fields(request.json, V1_UPDATE)), request))
