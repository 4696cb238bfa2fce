# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Trustpair API: a case is read, and actions are performed in it. JSON:API throughout."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from . import checks
from .messages import ApiError, Request, Response, Routes
from .settings import Settings
from .store import now
from .tines import bearer, same_key

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PATHS = re.compile(rf"/api/v1/cases/{UUID}(/.*)?")

ROLES = ("contributor", "reviewer")
TARGETS = ("favorable", "unfavorable")
PENDING = "pending"
DECISIONS = {"accept": "accepted", "refuse": "refused", "cancel": "cancelled"}
ACTION_TYPES = ("comment", "override", *DECISIONS, "close")

POST_INCLUDES = ("user", "comment", "comment.documents", "override", "override.assigned_reviewers")
GET_INCLUDES = (
    *("user", "override", "override.created_by", "override.assigned_reviewers"),
    *("comments", "comments.user", "comments.documents"),
    *("actions", "actions.user", "actions.comment", "actions.override"),
)
GET_INCLUDES_UNASKED = ("override", "override.assigned_reviewers", "comments")


class Resource:
    """Something with an id. Relations are attributes of the same name: a resource, a list of them, or None."""

    TYPE: ClassVar[str]
    ATTRIBUTES: ClassVar[Sequence[str]]
    RELATIONS: ClassVar[Sequence[str]] = ()
    id: str

    def identifier(self) -> dict[str, str]:
        """Type and id alone."""
        return {"id": self.id, "type": self.TYPE}

    def shown(self) -> dict[str, Any]:
        """The resource object of JSON:API."""
        whole: dict[str, Any] = self.identifier()
        whole["attributes"] = {name: getattr(self, name) for name in self.ATTRIBUTES}
        if self.RELATIONS:
            whole["relationships"] = {name: {"data": _linkage(getattr(self, name))} for name in self.RELATIONS}
        return whole


def _linkage(related: Any) -> Any:
    if isinstance(related, list):
        return [item.identifier() for item in related]
    return None if related is None else related.identifier()


@dataclass
class Person(Resource):
    """A user of the workspace."""

    id: str
    first_name: str
    last_name: str
    email: str
    roles: list[str]

    TYPE: ClassVar[str] = "user"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("first_name", "last_name", "email")


@dataclass
class Document(Resource):
    """A file that came with a comment; its content is not kept."""

    id: str
    filename: str
    content_type: str
    byte_size: int

    TYPE: ClassVar[str] = "document"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("filename", "content_type", "byte_size")


@dataclass
class Comment(Resource):
    """A comment in a case."""

    id: str
    content: str
    created_at: str
    user: Person
    documents: list[Document] = field(default_factory=list)

    TYPE: ClassVar[str] = "comment"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("content", "created_at")
    RELATIONS: ClassVar[Sequence[str]] = ("user", "documents")


@dataclass
class Override(Resource):
    """A request to change a case's evaluation. ``state``: the one that is asked for."""

    id: str
    state: str
    status: str
    created_at: str
    updated_at: str
    created_by: Person
    assigned_reviewers: list[Person]

    TYPE: ClassVar[str] = "override"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("state", "status", "created_at", "updated_at")
    RELATIONS: ClassVar[Sequence[str]] = ("created_by", "assigned_reviewers")


@dataclass
class Action(Resource):
    """A line of a case's log."""

    id: str
    action_type: str
    created_at: str
    user: Person
    comment: Comment | None
    override: Override | None

    TYPE: ClassVar[str] = "case_action"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("action_type", "created_at")
    RELATIONS: ClassVar[Sequence[str]] = ("user", "comment", "override")


@dataclass
class Case(Resource):
    """A case. ``state``: how the company account is evaluated."""

    id: str
    status: str
    state: str
    created_at: str
    updated_at: str
    closed_at: str | None
    user: Person
    comments: list[Comment] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    TYPE: ClassVar[str] = "case"
    ATTRIBUTES: ClassVar[Sequence[str]] = ("status", "state", "created_at", "updated_at", "closed_at")
    RELATIONS: ClassVar[Sequence[str]] = ("user", "override", "comments", "actions")

    @property
    def override(self) -> Override | None:
        """The latest override request."""
        return self.overrides[-1] if self.overrides else None

    @property
    def pending(self) -> Override | None:
        """The override request that waits for a decision."""
        return self.override if self.override and self.override.status == PENDING else None


# What a rule says when it is broken, by code. Shapes of bodies are refused in the words of the check itself.
MESSAGES: Mapping[str, str] = {
    "unauthorized": "The API key is missing or invalid.",
    "case_not_found": "The case was not found.",
    "path_not_found": "There is nothing at this path.",
    "user_unknown": "The user does not exist.",
    "not_contributor": "The user does not have the contributor role.",
    "not_reviewer": "The user does not have the reviewer role.",
    "no_role": "The user is neither a contributor nor a reviewer.",
    "own_override": "The creator of the override request cannot decide on it.",
    "not_creator": "Only the creator of the override request can cancel it.",
    "case_closed": "The case is closed.",
    "override_pending": "An override request is pending.",
    "no_pending_override": "There is no pending override request.",
    "comment_missing": "The comment can't be blank.",
    "documents_misplaced": "Documents can only be attached to a comment.",
    "override_only": "This is only allowed in an override request.",
    "state_missing": "The target state is missing.",
    "reviewers_missing": "At least one reviewer must be assigned.",
    "creator_reviews": "The creator cannot be a reviewer.",
    "reviewer_role": "Every assigned reviewer needs the reviewer role.",
    "rate_limit": "Too many requests.",
}
# A few of them in the other language of this API: enough to see that a client passes it on.
_FRENCH: Mapping[str, str] = {
    "case_not_found": "Le dossier est introuvable.",
    "case_closed": "Le dossier est clôturé.",
}
_TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    422: "Invalid request",
    429: "Too many requests",
}
# The codes of errors that do not come from a rule of this API.
_CODES = {404: "path_not_found", 429: "rate_limit"}

USER = "data.relationships.user"
REVIEWERS = "data.relationships.assigned_reviewers"
ATTRIBUTES = "data.attributes"


def uuid_text(name: str, value: Any) -> str:
    """A UUID in its usual form, given back in lower case."""
    if not isinstance(value, str) or re.fullmatch(UUID, value) is None:
        raise ApiError(422, f"{name} must be a UUID", name)
    return value.lower()


def _base64(name: str, value: Any) -> int:
    """Encoded content; what is kept of it is its size in bytes."""
    try:
        size = len(base64.b64decode(checks.full_text(name, value), validate=True))
    except binascii.Error:
        raise ApiError(422, f"{name} must be base64", name) from None
    return size


_IDENTIFIER = checks.objects({"type": checks.one_of("user"), "id": uuid_text}, ("type", "id"))
_DOCUMENT = checks.objects(
    {"filename": checks.full_text, "content_type": checks.full_text, "content": _base64},
    ("filename", "content_type", "content"),
)
_ATTRIBUTE_CHECKS = {
    "action_type": checks.one_of(*ACTION_TYPES),
    "comment": checks.text,
    "state": checks.one_of(*TARGETS),
    "documents": checks.list_of(_DOCUMENT),
}
_RELATIONSHIPS = checks.objects(
    {
        "user": checks.objects({"data": _IDENTIFIER}, ("data",)),
        "assigned_reviewers": checks.objects({"data": checks.list_of(_IDENTIFIER)}, ("data",)),
    },
    (),
)


class Trustpair:
    """Cases, their users, and the two endpoints."""

    def __init__(self, settings: Settings, api_key: str) -> None:
        self._settings = settings
        self._api_key = api_key
        self._last: dict[str, int] = {}
        self.cases: dict[str, Case] = {}
        self.users: dict[str, Person] = {}
        for first, last, role in (
            ("Camille", "Contributor", "contributor"),
            ("Robin", "Reviewer", "reviewer"),
            ("Rene", "Reviewer", "reviewer"),
        ):
            self.add_user(first, last, [role])
        self.default_user = next(iter(self.users))
        path = f"/api/v1/cases/({UUID})"
        self._routes = Routes([(path, {"GET": self.get}), (path + "/actions", {"POST": self.perform})])

    def add_user(self, first_name: str, last_name: str, roles: Sequence[str], user_id: str | None = None) -> Person:
        """One more user of the workspace."""
        person = Person(
            user_id or self._next_id("user"),
            first_name,
            last_name,
            f"{first_name}.{last_name}@example.com".lower(),
            list(roles),
        )
        self.users[person.id] = person
        return person

    def add_case(self, given: Mapping[str, Any]) -> Case:
        """One more case, from the checked fields that the control API takes."""
        stamp = now()
        opener = self._user(given.get("user"), "user")
        status = given.get("status", "open")
        closed_at = stamp if status == "closed" else None
        case = Case(
            given.get("id") or self._next_id("case"),
            status,
            given.get("state", "unfavorable"),
            given.get("created_at", stamp),
            stamp,
            closed_at,
            opener,
        )
        for content in given.get("comments", []):
            case.comments.append(Comment(self._next_id("comment"), content, stamp, opener))
        if "override" in given:
            wanted = given["override"]
            creator = self._user(wanted.get("created_by"), "override.created_by")
            reviewers = [self._user(person, "override.assigned_reviewers") for person in wanted["assigned_reviewers"]]
            override = self._new_override(wanted["state"], creator, reviewers)
            override.status = wanted.get("status", PENDING)
            case.overrides.append(override)
        self.cases[case.id] = case
        return case

    def handle(self, request: Request) -> Response:
        """The response to a request; raises ApiError."""
        endpoint, arguments = self._routes.find(request.method, request.path)
        if not same_key(bearer(request), self._api_key):
            raise ApiError(401, "unauthorized")
        case = self.cases.get(arguments[0].lower())
        if case is None:
            raise ApiError(404, "case_not_found")
        return endpoint(request, case)

    def error_response(self, error: ApiError, request: Request) -> Response:
        """An error as JSON:API has it, in the language that was asked for."""
        code = error.message if error.message in MESSAGES else _CODES.get(error.status, "invalid")
        detail = MESSAGES.get(code, error.message)
        if _wants_french(request):
            detail = _FRENCH.get(code, detail)
        body: dict[str, Any] = {
            "status": str(error.status),
            "code": code,
            "title": _TITLES.get(error.status, str(error.status)),
            "detail": detail,
        }
        if error.field:
            body["source"] = {"pointer": "/" + error.field.replace(".", "/")}
        return Response(error.status, {"errors": [body]})

    def get(self, request: Request, case: Case) -> Response:
        """GET /api/v1/cases/{id}"""
        asked = _includes(request, GET_INCLUDES)
        body = {"data": case.shown(), "included": _included(case, asked or GET_INCLUDES_UNASKED)}
        return Response(200, body)

    def perform(self, request: Request, case: Case) -> Response:
        """POST /api/v1/cases/{id}/actions"""
        asked = _includes(request, POST_INCLUDES)
        attributes, relationships = self._read(request.json)
        user = self._user((relationships.get("user") or {"data": {}})["data"].get("id"), USER)
        reviewers = [item["id"] for item in (relationships.get("assigned_reviewers") or {"data": []})["data"]]
        action_type = attributes["action_type"]
        _check_parts(action_type, attributes, "assigned_reviewers" in relationships)
        if case.status == "closed":
            raise ApiError(422, "case_closed")
        self._check_role(action_type, user, case)
        override: Override | None = None
        if action_type == "override":
            override = self._requested(attributes, user, reviewers, case)
            case.overrides.append(override)
        elif action_type in DECISIONS:
            override = self._decided(action_type, case)
        elif action_type == "close":
            if case.pending:
                raise ApiError(422, "override_pending")
            case.status, case.closed_at = "closed", now()
        case.updated_at = now()
        action = Action(
            self._next_id("action"), action_type, now(), user, self._comment(attributes, user, case), override
        )
        case.actions.append(action)
        body: dict[str, Any] = {"data": action.shown()}
        if asked:
            body["included"] = _included(action, asked)
        return Response(200, body)

    def _read(self, body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        allowed = dict(_ATTRIBUTE_CHECKS)
        allowed.update(dict.fromkeys(self._settings.extra_attributes, checks.anything))
        data = checks.objects(
            {
                "type": checks.one_of("case_action"),
                "attributes": checks.objects(allowed, ("action_type",)),
                "relationships": _RELATIONSHIPS,
            },
            ("type", "attributes"),
        )
        given = checks.fields(body, {"data": data}, ["data"])["data"]
        return given["attributes"], given.get("relationships", {})

    def _user(self, user_id: str | None, where: str) -> Person:
        user = self.users.get(user_id or self.default_user)
        if user is None:
            raise ApiError(422, "user_unknown", where)
        return user

    def _check_role(self, action_type: str, user: Person, case: Case) -> None:
        if action_type in ("comment", "close") and not user.roles:
            raise ApiError(403, "no_role")
        if action_type == "override" and "contributor" not in user.roles:
            raise ApiError(403, "not_contributor")
        if action_type not in DECISIONS:
            return
        if case.pending is None:
            raise ApiError(422, "no_pending_override")
        is_creator = case.pending.created_by is user
        if action_type == "cancel":
            if not is_creator:
                raise ApiError(403, "not_creator")
            return
        if is_creator:
            raise ApiError(403, "own_override")
        if "reviewer" not in user.roles:
            raise ApiError(403, "not_reviewer")

    def _requested(self, attributes: Mapping[str, Any], user: Person, reviewers: list[str], case: Case) -> Override:
        if case.pending:
            raise ApiError(422, "override_pending")
        if "state" not in attributes:
            raise ApiError(422, "state_missing", ATTRIBUTES + ".state")
        if not reviewers:
            raise ApiError(422, "reviewers_missing", REVIEWERS)
        people = [self._user(user_id, REVIEWERS) for user_id in dict.fromkeys(reviewers)]
        if user in people:
            raise ApiError(422, "creator_reviews", REVIEWERS)
        if any("reviewer" not in person.roles for person in people):
            raise ApiError(422, "reviewer_role", REVIEWERS)
        return self._new_override(attributes["state"], user, people)

    def _new_override(self, state: str, creator: Person, reviewers: list[Person]) -> Override:
        return Override(self._next_id("override"), state, PENDING, now(), now(), creator, reviewers)

    def _decided(self, action_type: str, case: Case) -> Override | None:
        override = case.pending
        if override:
            override.status, override.updated_at = DECISIONS[action_type], now()
            if action_type == "accept":
                case.state = override.state
        return override

    def _comment(self, attributes: Mapping[str, Any], user: Person, case: Case) -> Comment | None:
        if not attributes.get("comment"):
            return None
        documents = [
            Document(self._next_id("document"), item["filename"], item["content_type"], item["content"])
            for item in attributes.get("documents", [])
        ]
        comment = Comment(self._next_id("comment"), attributes["comment"], now(), user, documents)
        case.comments.append(comment)
        return comment

    def _next_id(self, kind: str) -> str:
        """The next UUID of a kind: the last block counts, the first tells the kinds apart."""
        self._last[kind] = self._last.get(kind, 0) + 1
        kinds = ("user", "case", "comment", "override", "action", "document")
        return f"{kinds.index(kind):08x}-0000-4000-8000-{self._last[kind]:012d}"


def _check_parts(action_type: str, attributes: Mapping[str, Any], has_reviewers: bool) -> None:
    """What goes with which action."""
    if action_type == "comment" and not attributes.get("comment", "").strip():
        raise ApiError(422, "comment_missing", ATTRIBUTES + ".comment")
    if action_type != "comment" and "documents" in attributes:
        raise ApiError(422, "documents_misplaced", ATTRIBUTES + ".documents")
    if action_type != "override" and "state" in attributes:
        raise ApiError(422, "override_only", ATTRIBUTES + ".state")
    if action_type != "override" and has_reviewers:
        raise ApiError(422, "override_only", REVIEWERS)


def _wants_french(request: Request) -> bool:
    return (request.headers.get("Accept-Language") or "").strip().lower().startswith("fr")


def _includes(request: Request, allowed: Sequence[str]) -> list[str]:
    given = checks.fields(request.params, {"include": checks.text}).get("include", "")
    asked = [name for name in given.split(",") if name]
    for name in asked:
        if name not in allowed:
            raise ApiError(422, f"{name} cannot be included", "include")
    return asked


def _included(resource: Resource, paths: Iterable[str]) -> list[dict[str, Any]]:
    """The resources at the ends of the paths and on the way there, each once."""
    found: dict[tuple[str, str], Resource] = {}
    for path in paths:
        level = [resource]
        for name in path.split("."):
            following: list[Resource] = []
            for item in level:
                related = getattr(item, name)
                following.extend(related if isinstance(related, list) else [related] if related else [])
            found.update({(item.TYPE, item.id): item for item in following})
            level = following
    return [item.shown() for item in found.values()]
