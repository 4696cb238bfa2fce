# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Tines API: who may call, which path leads where, and how an error looks."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from .buttons import Buttons
from .case_inputs import CaseFields, CaseInputs
from .case_items import Activities, Comments, Files, LinkedCases, Notes, Records, Subscribers, Tasks
from .cases import Cases
from .deliveries import Deliveries
from .messages import ApiError, Request, Response, Routes, without
from .notifications import CaseWebhooks, Notifier
from .resources import Resource
from .settings import Settings
from .store import Store
from .templates import CaseTemplates
from .tenant import CaseStatuses, Teams

OF_CASE: Sequence[type[Resource[Any]]] = (
    *(Activities, CaseFields, Comments, Files, LinkedCases, Notes, Records, Subscribers, Tasks),
)
OF_TENANT: Sequence[type[Resource[Any]]] = (CaseInputs, CaseStatuses, CaseTemplates, CaseWebhooks, Teams)

_TYPES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    410: "gone",
    415: "unsupported_media_type",
    422: "unprocessable_entity",
    429: "rate_limit",
}


def bearer(request: Request) -> str:
    """The key in the Authorization header; empty if there is none."""
    scheme, _blank, key = (request.headers.get("Authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _with_string_ids(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_string_ids(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_string_ids(item, name) for item in value]
    return str(value) if isinstance(value, int) and (name == "id" or name.endswith("_id")) else value


def same_key(given: str, key: str) -> bool:
    """Whether the key is the right one."""
    return hmac.compare_digest(given.encode("utf-8"), key.encode("utf-8"))


class Tines:
    """Cases and their buttons, v1 and v2."""

    def __init__(self, store: Store, settings: Settings, api_key: str, deliveries: Deliveries) -> None:
        self.notifier = Notifier(store, deliveries)
        self._settings = settings
        self._api_key = api_key
        buttons = Buttons(store, settings)
        self.cases = cases = Cases(store, settings, buttons)
        self.buttons = buttons
        self.of_case = [resource(store, settings) for resource in OF_CASE]
        self.of_tenant = [resource(store, settings) for resource in OF_TENANT]
        self.templates = CaseTemplates(store, settings)
        cases.template_defaults = self.templates.defaults
        number = r"(\d+)"
        v2, v1 = "/api/v2/cases", "/api/v1/cases"
        v2_case, v1_case = f"{v2}/{number}", f"{v1}/{number}"
        self._routes = Routes(
            [
                (v2_case + "/actions", {"GET": buttons.find, "POST": buttons.create}),
                (v2_case + "/actions/batch", {"PUT": buttons.replace_all}),
                (
                    v2_case + "/actions/" + number,
                    {"GET": buttons.get, "PUT": buttons.update, "DELETE": buttons.delete},
                ),
                (v2 + "/?", {"GET": cases.find, "POST": cases.create}),
                (v2_case, {"GET": cases.get, "PUT": cases.update, "DELETE": cases.delete}),
                (
                    v2_case + "/metadata",
                    {
                        "GET": cases.metadata,
                        "POST": cases.create_metadata,
                        "PUT": cases.update_metadata,
                        "DELETE": cases.delete_metadata,
                    },
                ),
                (v1 + "/?", {"GET": cases.v1_list, "POST": cases.v1_create}),
                (v1_case, {"GET": cases.v1_get, "PUT": cases.v1_update, "DELETE": cases.delete}),
                (v1_case + "/buttons", {"GET": buttons.v1_list, "POST": buttons.v1_create}),
                (
                    v1_case + "/buttons/" + number,
                    {"GET": buttons.v1_get, "PUT": buttons.v1_update, "DELETE": buttons.delete},
                ),
                *(route for resource in (*self.of_case, *self.of_tenant) for route in resource.routes()),
            ]
        )

    def handle(self, request: Request) -> Response:
        """The response to a request.

        Raises:
            ApiError: for whatever is not answered as asked.
        """
        gone = self._settings.without_v1
        if gone is not None and request.path.startswith("/api/v1/cases"):
            raise ApiError(gone, "This endpoint has been removed" if gone == 410 else "Not found")
        endpoint, arguments = self._routes.find(request.method, request.path)
        key = bearer(request) or request.headers.get("X-User-Token") or ""
        if not same_key(key, self._api_key):
            raise ApiError(401, "The API key is missing or not valid")
        response = self._as_built(endpoint(self._as_read(request), *arguments))
        self.notifier.notify(request.origin)
        return response

    def _as_read(self, request: Request) -> Request:
        """The request as this build reads it."""
        if self._settings.ignored_fields:
            request.forget(self._settings.ignored_fields)
        if self._settings.trim_text:
            request.trim()
        return request

    def _as_built(self, response: Response) -> Response:
        """The response as this build writes it."""
        settings = self._settings
        if response.status == 201:
            response.status = settings.created_status
        if settings.ignored_fields:
            response.body = without(response.body, settings.ignored_fields)
        if settings.string_ids:
            response.body = _with_string_ids(response.body)
        return response

    def error_response(self, error: ApiError, request: Request) -> Response:
        """An error as newer Tines endpoints write it."""
        body = {"type": _TYPES.get(error.status, "error"), "message": error.message}
        if error.field:
            body["field"] = error.field
        return Response(error.status, {"error": body})
