# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The buttons of a case: ``actions`` in v2, ``buttons`` in v1, one store behind both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import checks
from .checks import Check
from .messages import ApiError, Request, Response
from .paging import listing
from .settings import Settings
from .store import Button, Case, Store

ACTION_FIELDS: Mapping[str, Check] = {
    "url": checks.url,
    "label": checks.full_text,
    "action_type": checks.one_of("webhook", "page"),
    "action_text": checks.text,
    "query_params": checks.flat_mapping,
}
ACTION_NEEDS = ("url", "label", "action_type")

V1_TO_V2 = {"button_type": "action_type", "button_text": "action_text", "url": "url", "label": "label"}
V1_FIELDS: Mapping[str, Check] = {old: ACTION_FIELDS[new] for old, new in V1_TO_V2.items()}
V1_NEEDS = ("url", "label", "button_type")

DEFAULT_TEXT = "Run"
MOST_PER_PAGE = 500


def from_v1(given: Mapping[str, Any]) -> dict[str, Any]:
    """A v1 button's fields under their v2 names."""
    return {V1_TO_V2[name]: value for name, value in given.items()}


def v1_button(button: Button, text: bool = True) -> dict[str, Any]:
    """A button as v1 shows it; its own listing leaves the text out."""
    shown = {"id": button.id, "button_type": button.action_type, "url": button.url, "label": button.label}
    if text:
        shown["button_text"] = button.action_text
    return shown


class Buttons:
    """Endpoints under ``/api/v2/cases/{case_id}/actions`` and ``/api/v1/cases/{case_id}/buttons``."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def add(self, case: Case, given: Mapping[str, Any]) -> Button:
        """Puts one more button on the case; no other is touched."""
        button = self.new(given, self._store.next_id("button"))
        case.buttons[button.id] = button
        self._store.touch(case)
        return button

    def new(self, given: Mapping[str, Any], button_id: int = 0) -> Button:
        """A button that is on no case yet."""
        stamp = self._store.now()
        return Button(
            id=button_id,
            url=given["url"],
            label=given["label"],
            action_type=given["action_type"],
            action_text=given.get("action_text", DEFAULT_TEXT),
            query_params=None if self._settings.omit_query_params else given.get("query_params", {}),
            created_at=stamp,
            updated_at=stamp,
        )

    def shown(self, button: Button, query_params: bool = True) -> dict[str, Any]:
        """A button as v2 shows it inside a list or a case."""
        item = {
            "id": button.id,
            "url": button.url,
            "label": button.label,
            "story_name": None,
            "story_emoji": None,
            "page_emoji": None,
            "action_type": button.action_type,
            "action_text": button.action_text,
            "created_at": button.created_at,
            "updated_at": button.updated_at,
        }
        if query_params and not self._settings.omit_query_params:
            item["query_params"] = button.query_params or {}
        return item

    def _single(self, case: Case, button: Button) -> dict[str, Any]:
        return {"case_id": case.case_id, **self.shown(button)}

    def _button(self, case: Case, button_id: int) -> Button:
        button = case.buttons.get(button_id)
        if button is None:
            raise ApiError(404, "Case action not found", "id")
        return button

    def _change(self, case: Case, button: Button, given: Mapping[str, Any]) -> Button:
        changes = dict(given)
        if self._settings.omit_query_params:
            changes.pop("query_params", None)
        changed = replace(button, updated_at=self._store.now(), **changes)
        case.buttons[button.id] = changed
        self._store.touch(case)
        return changed

    def find(self, request: Request, case_id: int) -> Response:
        """GET /api/v2/cases/{case_id}/actions"""
        case = self._store.case(case_id)
        _known_params(request, "page", "per_page")
        complete = not self._settings.omit_query_params_in_list
        return listing(
            "actions",
            list(case.buttons.values()),
            lambda button: self.shown(button, complete),
            request,
            self._settings,
            MOST_PER_PAGE,
            head={"case_id": case_id},
        )

    def get(self, request: Request, case_id: int, button_id: int) -> Response:
        """GET /api/v2/cases/{case_id}/actions/{id}"""
        case = self._store.case(case_id)
        return Response(200, self._single(case, self._button(case, button_id)))

    def create(self, request: Request, case_id: int) -> Response:
        """POST /api/v2/cases/{case_id}/actions"""
        case = self._store.case(case_id)
        button = self.add(case, checks.fields(request.json, ACTION_FIELDS, ACTION_NEEDS))
        return Response(201, self._single(case, button))

    def update(self, request: Request, case_id: int, button_id: int) -> Response:
        """PUT /api/v2/cases/{case_id}/actions/{id}: what the body leaves out stays."""
        case = self._store.case(case_id)
        button = self._button(case, button_id)
        changed = self._change(case, button, checks.fields(request.json, ACTION_FIELDS))
        return Response(200, self._single(case, changed))

    def delete(self, request: Request, case_id: int, button_id: int) -> Response:
        """DELETE of one button, in both versions"""
        case = self._store.case(case_id)
        del case.buttons[self._button(case, button_id).id]
        self._store.touch(case)
        return Response(204)

    def replace_all(self, request: Request, case_id: int) -> Response:
        """PUT /api/v2/cases/{case_id}/actions/batch: all or nothing, every button with a new id."""
        case = self._store.case(case_id)
        item = checks.objects(ACTION_FIELDS, ACTION_NEEDS)
        wanted = checks.fields(request.json, {"actions": checks.list_of(item)}, ["actions"])["actions"]
        if not wanted:
            raise ApiError(422, "actions can't be empty", "actions")
        case.buttons = {}
        complete = not self._settings.batch_answer_without_query_params
        added = [self.add(case, given) for given in wanted]
        return Response(200, {"case_id": case_id, "actions": [self.shown(button, complete) for button in added]})

    def v1_list(self, request: Request, case_id: int) -> Response:
        """GET /api/v1/cases/{case_id}/buttons, which knows no pages"""
        case = self._store.case(case_id)
        shown = [v1_button(button, text=False) for button in case.buttons.values()]
        return Response(200, {"case_id": case_id, "team_case_buttons": shown})

    def v1_get(self, request: Request, case_id: int, button_id: int) -> Response:
        """GET /api/v1/cases/{case_id}/buttons/{id}"""
        case = self._store.case(case_id)
        return Response(200, {"case_id": case_id, **v1_button(self._button(case, button_id))})

    def v1_create(self, request: Request, case_id: int) -> Response:
        """POST /api/v1/cases/{case_id}/buttons"""
        case = self._store.case(case_id)
        button = self.add(case, from_v1(checks.fields(request.json, V1_FIELDS, V1_NEEDS)))
        return Response(201, {"case_id": case_id, **v1_button(button)})

    def v1_update(self, request: Request, case_id: int, button_id: int) -> Response:
        """PUT /api/v1/cases/{case_id}/buttons/{id}"""
        case = self._store.case(case_id)
        button = self._button(case, button_id)
        changed = self._change(case, button, from_v1(checks.fields(request.json, V1_FIELDS)))
        return Response(200, {"case_id": case_id, **v1_button(changed)})


def _known_params(request: Request, *known: str) -> None:
    for name in request.params:
        if name not in known:
            raise ApiError(422, f"{name} is not a known parameter", name)
