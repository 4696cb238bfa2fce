# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's own endpoints, under ``/_simulator/``: state, log, faults, switches. They ask for no key."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import checks, faults
from .messages import ApiError, Request, Response, Routes
from .store import Case

if TYPE_CHECKING:
    from .server import Simulator


class Control:
    """Endpoints for tests and the demo; they never show in the log and no fault hits them."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._routes = Routes(
            [
                ("/_simulator/health", {"GET": self.health}),
                ("/_simulator/reset", {"POST": self.reset}),
                ("/_simulator/load", {"POST": self.load}),
                ("/_simulator/state", {"GET": self.state}),
                ("/_simulator/requests", {"GET": self.log, "DELETE": self.forget_requests}),
                ("/_simulator/faults", {"GET": self.armed, "POST": self.arm, "DELETE": self.disarm}),
                ("/_simulator/click", {"POST": self.click}),
                ("/_simulator/deliveries", {"GET": self.deliveries, "DELETE": self.forget_deliveries}),
                ("/_simulator/settings", {"GET": self.settings, "POST": self.change}),
            ]
        )

    def handle(self, request: Request) -> Response:
        """The response; raises ApiError."""
        endpoint, arguments = self._routes.find(request.method, request.path)
        return endpoint(request, *arguments)

    def error_response(self, error: ApiError, request: Request) -> Response:
        """An error in this API's form."""
        return Response(error.status, {"error": error.message})

    def health(self, request: Request) -> Response:
        """GET /_simulator/health"""
        return Response(200, {"status": "ok"})

    def reset(self, request: Request) -> Response:
        """POST /_simulator/reset"""
        self._simulator.reset()
        return Response(204)

    def load(self, request: Request) -> Response:
        """POST /_simulator/load"""
        return Response(201, self._simulator.load(request.json))

    def state(self, request: Request) -> Response:
        """GET /_simulator/state"""
        trustpair = self._simulator.trustpair
        return Response(
            200,
            {
                "cases": [_case(case) for case in self._simulator.store.cases.values()],
                "hidden_teams": self._simulator.store.hidden_teams,
                "trustpair": {
                    "default_user": trustpair.default_user,
                    "users": [asdict(user) for user in trustpair.users.values()],
                    "cases": [asdict(case) for case in trustpair.cases.values()],
                },
            },
        )

    def log(self, request: Request) -> Response:
        """GET /_simulator/requests"""
        seen = [dict(entry) for entry in self._simulator.requests]
        return Response(
            200,
            {
                "requests": seen,
                "count": len(seen),
                "methods": dict(Counter(entry["method"] for entry in seen)),
                "connections": self._simulator.connections,
            },
        )

    def forget_requests(self, request: Request) -> Response:
        """DELETE /_simulator/requests"""
        self._simulator.forget_requests()
        return Response(204)

    def armed(self, request: Request) -> Response:
        """GET /_simulator/faults"""
        return Response(200, {"faults": [fault.shown() for fault in self._simulator.faults]})

    def arm(self, request: Request) -> Response:
        """POST /_simulator/faults: one or a list, all or none."""
        given = request.json if isinstance(request.json, list) else [request.json]
        self._simulator.faults.extend([faults.read(fault) for fault in given])
        return Response(201, {"faults": [fault.shown() for fault in self._simulator.faults]})

    def disarm(self, request: Request) -> Response:
        """DELETE /_simulator/faults"""
        self._simulator.faults.clear()
        return Response(204)

    def click(self, request: Request) -> Response:
        """POST /_simulator/click: somebody clicks a case's button, by its ID or label."""
        known = {"case_id": checks.number, "action_id": checks.number, "label": checks.text, "user_email": checks.email}
        given = checks.fields(request.json, known, ["case_id"])
        store = self._simulator.store
        case = store.case(given["case_id"])
        button = next(
            (
                button
                for button in case.buttons.values()
                if given.get("action_id") == button.id or given.get("label") == button.label
            ),
            None,
        )
        if button is None or button.action_type != "webhook":
            raise ApiError(422, "the case has no such button of the type webhook", "action_id")
        user = store.user(given["user_email"]) if "user_email" in given else store.key_user
        return Response(202, self._simulator.tines.notifier.click(case, button, user, request.origin))

    def deliveries(self, request: Request) -> Response:
        """GET /_simulator/deliveries"""
        return Response(200, {"deliveries": [dict(entry) for entry in self._simulator.deliveries.log]})

    def forget_deliveries(self, request: Request) -> Response:
        """DELETE /_simulator/deliveries"""
        self._simulator.deliveries.log.clear()
        return Response(204)

    def settings(self, request: Request) -> Response:
        """GET /_simulator/settings"""
        return Response(200, self._simulator.settings.shown())

    def change(self, request: Request) -> Response:
        """POST /_simulator/settings"""
        self._simulator.settings.change(request.json)
        return self.settings(request)


def _case(case: Case) -> dict[str, Any]:
    shown = dict(vars(case))
    shown["actions"] = list(shown.pop("buttons").values())
    shown.update({name: list(items.values()) for name, items in shown.pop("items").items()})
    shown["activities"] = case.activities
    shown["field_values"] = {item["case_input"]["id"]: item["value"] for item in case.kept("fields").values()}
    return shown
