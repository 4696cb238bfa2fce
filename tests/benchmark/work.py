# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work that every rival is given, and whether it was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BUTTONS: list[dict[str, Any]] = [
    {
        "label": "Isolate host",
        "url": "https://acme.tines.com/webhook/isolate-host/0f1e2d3c4b5a",
        "action_type": "webhook",
        "action_text": "Isolate",
    },
    {
        "label": "Reset password",
        "url": "https://acme.tines.com/webhook/reset-password/5a4b3c2d1e0f",
        "action_type": "webhook",
        "action_text": "Reset",
    },
    {
        "label": "Give a reason",
        "url": "https://acme.tines.com/pages/give-a-reason",
        "action_type": "page",
        "action_text": "Open form",
        "query_params": {"severity": "high"},
    },
    {
        "label": "Block sender",
        "url": "https://acme.tines.com/webhook/block-sender/9a8b7c6d5e4f",
        "action_type": "webhook",
        "action_text": "Block",
    },
    {
        "label": "Hand over",
        "url": "https://acme.tines.com/pages/hand-over",
        "action_type": "page",
        "action_text": "Hand over",
    },
]
"""The standard buttons."""

DIFFERING = 2
"""Which of them has another text on the cases that are to be changed."""

KINDS = {"new": "all new", "unchanged": "all unchanged", "changed": "one in ten changed"}

CHANGED_EVERY = 10


@dataclass(frozen=True)
class Limit:
    """A server that answers 429 beyond `requests` in `seconds`, and says how long to wait, or does not."""

    requests: int
    seconds: float
    retry_after: bool

    def least(self, requests: int) -> float:
        """Seconds that so many requests take at the least."""
        return max(0, requests - 1) // self.requests * self.seconds


@dataclass(frozen=True)
class Work:
    """So many cases in such a state, behind a server that takes so long to answer."""

    cases: int
    kind: str
    latency: int
    limit: Limit | None = None

    @property
    def name(self) -> str:
        """Such as `100/new/20`, the last part being the latency or what is special about the limit."""
        if self.limit is None:
            return f"{self.cases}/{self.kind}/{self.latency}"
        return f"{self.cases}/{self.kind}/{'limit' if self.limit.retry_after else 'limit-untold'}"

    @property
    def case_ids(self) -> list[int]:
        return list(range(1, self.cases + 1))

    @property
    def changed_ids(self) -> list[int]:
        """The cases of which one button differs."""
        return self.case_ids[::CHANGED_EVERY] if self.kind == "changed" else []

    @property
    def requests(self) -> int:
        """How many requests this collection needs: a listing for each case, and one more where it has to write."""
        writes = {"new": self.cases, "unchanged": 0, "changed": len(self.changed_ids)}
        return self.cases + writes[self.kind]

    def data(self) -> list[dict[str, Any]]:
        """The cases as the simulator loads them."""
        if self.kind != "changed":
            actions = [] if self.kind == "new" else BUTTONS
            return [{"case_id": case_id, "actions": actions} for case_id in self.case_ids]
        other = [
            {**button, "action_text": "Another text"} if place == DIFFERING else button
            for place, button in enumerate(BUTTONS)
        ]
        differing = set(self.changed_ids)
        return [
            {"case_id": case_id, "actions": other if case_id in differing else BUTTONS} for case_id in self.case_ids
        ]


def undone(cases: list[dict[str, Any]]) -> list[int]:
    """The numbers of the cases that do not have the standard buttons, these alone, and each once."""
    keys = ("label", "url", "action_type", "action_text", "query_params")

    def sorted_buttons(buttons: list[dict[str, Any]]) -> list[list[Any]]:
        return sorted([button.get(key) or None for key in keys] for button in buttons)

    wanted = sorted_buttons(BUTTONS)
    return [case["case_id"] for case in cases if sorted_buttons(case["actions"]) != wanted]
