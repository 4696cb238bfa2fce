# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The first version of the Tines cases API, announced for removal on 2026-12-01, behind the second one's methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core.errors import RequestError
from .client import Tines
from .v1_format import button_from_v1, button_to_v1

Json = dict[str, Any]

GONE = (404, 410)
"""What the collection itself answers where this version was removed; which of the two is not documented."""


class TinesV1(Tines):
    """A tenant, through the first version. Buttons come and go under the second version's names."""

    cases_path = "/api/v1/cases"
    cases_per_page = 50
    buttons_name = "buttons"

    def probe(self) -> None:
        """Ask for the collection itself. Raises `RequestError` where it is gone."""
        self.http.send("GET", self.cases_path, query=[("per_page", "1")])

    @classmethod
    def is_gone(cls, error: RequestError) -> bool:
        """Whether an error says that this version was removed from the tenant."""
        return error.status in GONE and error.method == "GET" and error.path.endswith(cls.cases_path)

    def list_actions(self, case_id: int) -> list[Json]:
        """The buttons of a case, which shows them whole; their own listing has no pages and leaves texts out."""
        known = self.known_actions(self.get_case(case_id))
        if known is not None:
            return known
        path = self._actions_path(case_id)
        answer = self.http.send("GET", path)
        return self._buttons(self._listed(answer, "team_case_buttons", "id", "GET", path), case_id)

    def known_actions(self, case: Json) -> list[Json] | None:
        shown = case.get("team_case_buttons")
        if not isinstance(shown, list) or not all(isinstance(item, dict) and item.get("id") for item in shown):
            return None
        return self._buttons(shown, case["case_id"])

    def create_case(self, wanted: Json, buttons: Sequence[Json] = ()) -> Json:
        body = {**wanted, "team_case_buttons": [button_to_v1(button) for button in buttons]} if buttons else wanted
        return self._case("POST", f"{self.cases_path}/", body)

    def set_metadata(self, case_id: int, metadata: Json, first: bool) -> None:
        self.update_case(case_id, {"metadata": metadata})

    def remove_metadata(self, case_id: int, keys: Sequence[str], rest: Json) -> None:
        """Send the whole metadata with null for what is to go: right whether the server merges or replaces."""
        self.update_case(case_id, {"metadata": {**rest, **dict.fromkeys(keys)}})

    def add_record(self, case_id: int, record_id: int) -> None:
        self.update_case(case_id, {"add_record_ids": [record_id]})

    def _one_button(self, method: str, path: str, case_id: int, body: Json | None = None) -> Json:
        sent = None if body is None else button_to_v1(body)
        return button_from_v1(super()._one_button(method, path, case_id, sent))

    def _buttons(self, items: Sequence[Json], case_id: int) -> list[Json]:
        return [{"case_id": case_id, **button_from_v1(item)} for item in items]
