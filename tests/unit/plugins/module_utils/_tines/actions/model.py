# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The buttons of one case as a server keeps them, in memory, behind the methods of the client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils._core.errors import ResponseError
from ansible_collections.casework.cases.plugins.module_utils._core.plan import PlannedRequest

Button = dict[str, Any]

CASE = 7
DEFAULTS: Button = {"action_text": "Run", "query_params": {}}


class Case:
    """A case that knows no more than the vendor's pages say. Numbers of buttons are never used again."""

    def __init__(self, buttons: Iterable[Button] = ()) -> None:
        self.buttons = [dict(button) for button in buttons]
        self._ids = count(max((button["id"] for button in self.buttons), default=0) + 1000)

    def apply(self, requests: Iterable[PlannedRequest[Any]]) -> None:
        """Do what a plan says."""
        for request in requests:
            request.send(self)

    def create_action(self, case_id: int, body: Button) -> Button:
        self._check(case_id, body)
        assert {"label", "url", "action_type"} <= body.keys()
        button = {"id": next(self._ids), "case_id": CASE, "story_name": None, **DEFAULTS, **body}
        self.buttons.append(button)
        return dict(button)

    def update_action(self, case_id: int, action_id: int, body: Button) -> Button:
        self._check(case_id, body)
        button = self._button(action_id)
        button.update(body)
        return dict(button)

    def delete_action(self, case_id: int, action_id: int) -> bool:
        self._check(case_id, {})
        self.buttons.remove(self._button(action_id))
        return True

    def replace_actions(self, case_id: int, bodies: Sequence[Button]) -> list[Button]:
        assert bodies, "whether servers take an empty list is not known"
        self.buttons = []
        return [self.create_action(case_id, body) for body in bodies]

    def _check(self, case_id: int, body: Button) -> None:
        assert case_id == CASE
        assert body.keys() <= {"label", "url", "action_type", "action_text", "query_params"}
        assert None not in body.values()

    def _button(self, action_id: int) -> Button:
        for button in self.buttons:
            if button["id"] == action_id:
                return button
        raise ResponseError("Not found.", method="GET", path="/", status=404)
