# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case templates: what cases made from them get, their preview and their export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from . import checks
from .buttons import ACTION_FIELDS, ACTION_NEEDS, V1_FIELDS, V1_NEEDS, Buttons, from_v1, v1_button
from .cases import V2_CREATE
from .messages import ApiError, Endpoint, Request, Response
from .resources import Fields
from .store import SUB_STATUSES, Item, Store
from .tenant import TenantResource

_BUTTONS: Fields = {
    "actions": checks.list_of(checks.objects(ACTION_FIELDS, ACTION_NEEDS)),
    "team_case_buttons": checks.list_of(checks.objects(V1_FIELDS, V1_NEEDS)),
}
_OPTIONS: Fields = {
    name: check for name, check in V2_CREATE.items() if name not in ("team_id", "template_id", "author_email")
}
# Names in an export of options that have other names in a case.
_EXPORTED = {"name": "case_name", "description": "case_description"}


class CaseTemplates(TenantResource):
    """Templates. Reading one does not show its options."""

    name, noun = "case_templates", "Case template"
    create_fields: ClassVar[Fields] = {
        "team_id": checks.number,
        "name": checks.full_text,
        "emoji": checks.text,
        "options": checks.mapping,
    }
    required = ("team_id", "name")
    update_fields: ClassVar[Fields] = {"name": checks.full_text, "emoji": checks.text, "options": checks.mapping}
    most_per_page = 100

    def more_routes(self, path: str) -> Iterable[tuple[str, Mapping[str, Endpoint]]]:
        """What shows the options."""
        yield rf"{path}/(\d+)/preview", {"GET": self.preview}
        yield rf"{path}/(\d+)/export", {"GET": self.export}

    def show(self, item: Item) -> Item:
        """The template without its options."""
        return {name: value for name, value in item.items() if name != "options"}

    def made(self, owner: Store, given: Mapping[str, Any]) -> Item:
        """A template. Its name must be new in the team."""
        team, stamp = self.team(given["team_id"]), self._store.now()
        self._check_name(team["id"], given["name"])
        return {
            "name": given["name"],
            "emoji": given.get("emoji", ":clipboard:"),
            "team": team,
            "created_at": stamp,
            "updated_at": stamp,
            "options": self._known(given.get("options", {})),
        }

    def changed(self, item: Item, given: Mapping[str, Any]) -> Item:
        """Options that are not sent stay; those that are replace the old ones as a whole."""
        if given.get("name", item["name"]) != item["name"]:
            self._check_name(item["team"]["id"], given["name"])
        options = {**item["options"], **self._known(given.get("options", {}))}
        return {**item, **given, "options": options}

    def _check_name(self, team_id: int, name: str) -> None:
        for other in self._store.kept(self.name).values():
            if (other["team"]["id"], other["name"]) == (team_id, name):
                raise ApiError(422, "name is taken", "name")

    def _known(self, options: Mapping[str, Any]) -> Item:
        """The options that this build knows, as they were sent; the others are lost without a word."""
        taken = self._checks().keys() - set(self._settings.ignored_template_options)
        known = {name: value for name, value in options.items() if name in taken}
        self._checked(known)
        return known

    def _checks(self) -> Fields:
        key = self._settings.template_button_key
        return {**_OPTIONS, key: _BUTTONS[key]}

    def _checked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return checks.fields(dict(options), {**_OPTIONS, **_BUTTONS}, prefix="options.")

    def defaults(self, template_id: str) -> dict[str, Any]:
        """The checked fields that a case gets from the template.

        Raises:
            ApiError: 422 if there is no such template.
        """
        if template_id in self._store.templates:
            return self._store.templates[template_id]
        item = self._store.kept(self.name).get(int(template_id)) if template_id.isdecimal() else None
        if item is None:
            raise ApiError(422, "template_id names no template", "template_id")
        fields = self._checked(item["options"])
        buttons = [from_v1(button) for button in fields.pop("team_case_buttons", [])]
        return {**fields, "actions": fields.pop("actions", buttons)}

    def load(self, template_id: str, options: Item) -> None:
        """One more template, with an ID that is a number or the slug of one that the vendor made."""
        checked = self._checked(options)
        if not template_id.isdecimal():
            self._store.templates[template_id] = checked
            return
        number = int(template_id)
        item = self.made(self._store, {"team_id": 1, "name": f"Template {number}"})
        self._store.kept(self.name)[number] = {"id": number, **item, "options": options}
        self._store.skip_to(self.name, number + 1)

    def preview(self, request: Request, template_id: int) -> Response:
        """GET /api/v1/case_templates/{id}/preview: what a case made from it would look like."""
        item = self.item(self._store, template_id)
        options, fields = item["options"], self.defaults(str(template_id))
        buttons = Buttons(self._store, self._settings)
        status = fields.get("status", "OPEN")
        sub_status = fields.get("sub_status_id")
        common_id, common_name = SUB_STATUSES[status]
        shown = {
            "name": options.get("name"),
            "description": options.get("description"),
            "status": status,
            "priority": fields.get("priority"),
            "sub_status": {"id": sub_status} if sub_status else {"id": common_id, "name": common_name},
            "assignees": [{"email": email} for email in options.get("assignee_emails", [])],
            "tags": [{"name": name} for name in options.get("tag_names", [])],
            "fields": fields.get("field_values", []),
            "actions": [
                {name: value for name, value in buttons.shown(buttons.new(given)).items() if name != "id"}
                for given in fields["actions"]
            ],
            "blocks": options.get("blocks", []),
            "tasks": options.get("tasks", []),
            "metadata": options.get("metadata", {}),
            "closure_conditions": options.get("closure_conditions", []),
        }
        hidden = self._settings.hidden_template_options
        return Response(200, {name: value for name, value in shown.items() if name not in hidden})

    def export(self, request: Request, template_id: int) -> Response:
        """GET /api/v1/case_templates/{id}/export: the options under the names of storage."""
        item = self.item(self._store, template_id)
        buttons = Buttons(self._store, self._settings)
        options = {
            _EXPORTED.get(name, name): value
            for name, value in item["options"].items()
            if name not in (*_BUTTONS, "field_values")
        }
        options["team_case_buttons"] = [
            {name: value for name, value in v1_button(buttons.new(given)).items() if name != "id"}
            for given in self.defaults(str(template_id))["actions"]
        ]
        exported = {
            "name": item["name"],
            "emoji": item["emoji"],
            "options": options,
            "input_values": item["options"].get("field_values", {}),
            "field_definitions": [],
        }
        return Response(200, {"schema_version": 1, "exported_at": self._store.now(), "templates": [exported]})
